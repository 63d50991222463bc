"""How much of the corpus's Airbyte manifests is imported: one table of numbers, no content.

    python -m tests.importers.coverage_airbyte [--no-types] [NAME...]

A stream counts where nothing of it was lost, its package is generated, and mypy and pyright, both
strict, find nothing in that package. Streams with Python components of their own are counted apart.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Collection, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator import output, pipeline
from generator.diagnostics import SpecError
from generator.importers import ImportOptions
from generator.importers.airbyte import drafted
from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import walked
from generator.importers.yamlout import to_yaml

_REASONS = 40
_TOGETHER = 20
_CHECKERS = (
    ["mypy", "--strict", "--no-error-summary"],
    ["basedpyright", "--pythonpath", sys.executable],
)
_ERROR = re.compile(r":\d+(:\d+ -|:) error:")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one manifest."""

    name: str
    outcome: str
    """`connector`, `reasons`, or `traceback`."""
    package: str = ""
    streams: int = 0
    custom: int = 0
    """Streams with Python components."""
    hooked: int = 0
    """Of them, those with nothing missing but the hooks to write."""
    whole: int = 0
    """Of the others, those with no loss."""
    losses: Counter[str] = field(default_factory=Counter[str])
    """Reason to the number of streams without Python components that lose by it."""
    seconds: float = 0.0


def is_custom(stream: Stream) -> bool:
    """Whether a stream names a Python class."""
    return any(
        each.kind.startswith("Custom") or each.get("class_name")
        for each in walked(stream.part)
    )


def measured(path: Path, folder: Path) -> Result:
    """Imports a manifest and generates its package below `folder`."""
    started = time.process_time()
    try:
        result = _imported(path, folder)
    except SpecError:
        return Result(path.stem, "reasons")
    except Exception:
        traceback.print_exc()
        return Result(path.stem, "traceback")
    return replace(result, seconds=time.process_time() - started)


def _imported(path: Path, folder: Path) -> Result:
    draft, connector = drafted(path, ImportOptions())
    failed = [stream for stream, _ in connector.failed]
    listed = [s for s in connector.streams if s.name not in connector.hidden]
    every = [*listed, *(s for s in failed if s.name not in connector.hidden)]
    losses: Counter[str] = Counter()
    custom = hooked = whole = 0
    for stream in every:
        kinds = {note.kind for note in stream.notes.found if note.level == "loss"}
        if is_custom(stream):
            custom += 1
            hooked += not kinds
        elif kinds:
            losses.update(kinds)
        else:
            whole += 1
    package, outcome = "", "reasons"
    if connector.streams:
        spec = folder / "specs" / f"{draft.spec['connector']}.yaml"
        spec.write_text(to_yaml(draft.spec), encoding="utf-8")
        try:
            made = pipeline.compile_spec(spec)
            output.write(folder, made)
            package, outcome = made.name, "connector"
        except SpecError as error:
            losses.update(
                {
                    each.code: whole
                    for each in error.diagnostics
                    if each.severity == "error"
                }
            )
            whole = 0
    return Result(
        path.stem, outcome, package, len(every), custom, hooked, whole, losses
    )


def typed(folder: Path, packages: Iterable[str]) -> set[str]:
    """The packages in which mypy or pyright, both strict, find something.

    They are checked a few at a time: all at once need more memory than a small machine has.
    """
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    names = sorted(packages)
    lines: list[str] = []
    for first in range(0, len(names), _TOGETHER):
        for command in _CHECKERS:
            done = subprocess.run(
                [sys.executable, "-m", *command, *names[first : first + _TOGETHER]],
                cwd=folder,
                capture_output=True,
                text=True,
            )
            if done.returncode not in {0, 1}:
                raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
            lines += [
                line.strip().removeprefix(f"{folder}/")
                for line in done.stdout.splitlines()
                if _ERROR.search(line)
            ]
    for line in lines[:20]:
        print(line, file=sys.stderr)
    return {line.split("/")[0] for line in lines}


def rows(results: list[Result], wrong: set[str]) -> list[tuple[str, str]]:
    """What was counted, and how many."""
    streams = sum(each.streams for each in results)
    custom = sum(each.custom for each in results)
    free = streams - custom
    kept = sum(each.whole for each in results)
    good = sum(each.whole for each in results if each.package not in wrong)
    outcomes = Counter(each.outcome for each in results)
    return [
        ("manifests", f"{len(results)}"),
        ("  a connector", f"{outcomes['connector']}"),
        ("  reasons only", f"{outcomes['reasons']}"),
        ("  traceback", f"{outcomes['traceback']}"),
        ("streams", f"{streams}"),
        ("  without Python components", f"{free}"),
        ("    imported with no loss", f"{kept} ({_share(kept, free)})"),
        ("    and generated and typed", f"{good} ({_share(good, free)})"),
        ("  with Python components", f"{custom}"),
        (
            "    nothing missing but hooks",
            f"{sum(each.hooked for each in results)}",
        ),
        ("packages with type errors", f"{len(wrong)}"),
        (
            "CPU seconds, slowest manifest",
            f"{max(each.seconds for each in results):.1f}",
        ),
        ("CPU seconds, all", f"{sum(each.seconds for each in results):.0f}"),
    ]


def losses(results: list[Result]) -> list[tuple[str, int]]:
    """Reasons, and the streams without Python components that lose by them."""
    found: Counter[str] = Counter()
    for each in results:
        found.update(each.losses)
    return found.most_common(_REASONS)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def manifests(wanted: Collection[str] = ()) -> list[Path]:
    """The manifests of the corpus; ends the program where there are none."""
    corpus = Path(os.environ.get("GEN_CONNECTOR_CORPUS", "../shared/corpus"))
    paths = sorted((corpus / "airbyte").glob("*.yaml"))
    paths = [each for each in paths if not wanted or each.stem in wanted]
    if not paths:
        sys.exit("no manifests: set GEN_CONNECTOR_CORPUS to the corpus")
    return paths


def measured_all(
    paths: list[Path], types: bool = True
) -> tuple[list[Result], set[str]]:
    """Every manifest, and the packages that a type checker finds something in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "specs").mkdir()
        with ProcessPoolExecutor(1) as pool:
            results = list(pool.map(measured, paths, [folder] * len(paths)))
        packages = [each.package for each in results if each.package]
        return results, typed(folder, packages) if types else set[str]()


def main() -> None:
    wanted = [each for each in sys.argv[1:] if not each.startswith("--")]
    results, wrong = measured_all(manifests(wanted), "--no-types" not in sys.argv)
    for name, value in rows(results, wrong):
        print(f"{name:32} {value}")
    print("\nstreams by reason of loss")
    for kind, count in losses(results):
        print(f"{count:6} {kind}")


if __name__ == "__main__":
    main()
