"""Compiles the connectors that are measured; prints the names of those that cannot be yet.

It is a process of its own, for a process's peak of memory is at least that of the one that
started it: the one that measures must not grow by the compiler.
"""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

from generator.diagnostics import SpecError
from generator.output import write
from generator.pipeline import compile_spec

SPEC = Path(__file__).parent / "helpdesk.yaml"
IN_FLIGHT = "in_flight"
"""The paginator's key for pages that are asked for at once."""


def main(folder: Path, names: list[str]) -> None:
    for name in names:
        page, in_flight = name.split("-")
        keys = page if in_flight == "1" else f"{page}, {IN_FLIGHT}: {in_flight}"
        spec = folder / name / "helpdesk.yaml"
        spec.parent.mkdir()
        spec.write_text(SPEC.read_text().replace("LIMIT", keys))
        try:
            write(spec.parent, compile_spec(spec))
        except SpecError as error:
            if [each.code for each in error.diagnostics] != ["unknown-key"]:
                raise
            print(name)
    # As packages are wherever they have been imported before.
    compileall.compile_dir(folder, quiet=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
