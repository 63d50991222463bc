"""Compiles the connectors that are measured.

It is a process of its own, for a process's peak of memory is at least that of the one that
started it: the one that measures must not grow by the compiler.
"""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

from generator.output import write
from generator.pipeline import compile_spec

SPEC = Path(__file__).parent / "helpdesk.yaml"


def main(folder: Path, names: list[str]) -> None:
    """Into a folder for each name, which is `PAGE-IN_FLIGHT`."""
    for name in names:
        page, in_flight = name.split("-")
        text = SPEC.read_text().replace("LIMIT", page)
        if in_flight != "1":
            budget = f"rate_limit: {{ concurrent: {in_flight} }}"
            text = text.replace("client:\n", f"client:\n  {budget}\n")
        spec = folder / name / "helpdesk.yaml"
        spec.parent.mkdir()
        spec.write_text(text)
        write(spec.parent, compile_spec(spec))
    # As packages are wherever they have been imported before.
    compileall.compile_dir(folder, quiet=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
