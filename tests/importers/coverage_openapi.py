"""Numbers of the OpenAPI importer over the corpus: `python -m tests.importers.coverage_openapi`.

Every document is imported and compiled; the decisions are compared with the answer sheets. With
`--types` mypy and pyright, both strict, read the packages. With `--held-out` the documents are
those that packages bring, which no rule was made for.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Diagnostic, SpecError
from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.draft import Draft, todos
from generator.importers.openapi import read
from generator.importers.yamlout import to_yaml
from generator.pipeline import compile_spec
from tests import kept
from tests.importers.held_out import held_out

ANSWERS = Path(__file__).parent / "answers"


def corpus() -> list[Path]:
    """The documents, none where there is no corpus."""
    folder = os.environ.get("GEN_CONNECTOR_CORPUS")
    return sorted(Path(folder, "openapi").glob("*.*")) if folder else []


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a document."""

    source: Path
    draft: Draft
    seconds: float
    """CPU time of the import."""
    compiled: float
    """CPU time of compiling the spec."""
    problems: tuple[Diagnostic, ...]
    spec: str = field(repr=False)

    @property
    def decisions(self) -> dict[str, dict[str, str]]:
        """What was decided, by request."""
        return {
            each.request: {**each.decisions, "others": each.reason}
            for each in self.draft.found
        }


def imported(source: Path, folder: Path | None) -> Imported:
    """Imports one document and compiles its spec; without a folder it is only read."""
    start = time.process_time()
    draft = read(source, ImportOptions(name=source.stem))
    if folder is None:
        return Imported(source, draft, time.process_time() - start, 0.0, (), "")
    draft = checked(draft)
    text = to_yaml(draft.spec)
    middle = time.process_time()
    problems: tuple[Diagnostic, ...] = ()
    target = folder / f"{source.stem}.yaml"
    target.write_text(text, encoding="utf-8")
    if draft.spec["resources"]:
        try:
            kept.keep(compile_spec(target), folder / source.stem)
        except SpecError as error:
            problems = tuple(d for d in error.diagnostics if d.severity == "error")
    end = time.process_time()
    return Imported(source, draft, middle - start, end - middle, problems, text)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: one document, in numbers."""

    document: str
    lists: int
    high: int
    medium: int
    low: int
    todos: int
    seconds: float
    """CPU time of import and compilation."""
    errors: int
    types: int | None
    """Errors of types in the package; None where they were not asked for."""


def row(one: Imported, types: int | None) -> Row:
    """The numbers of one document."""
    sure = [each.confidence for each in one.draft.found]
    counts = [sure.count(level) for level in ("high", "medium", "low")]
    left = len(list(todos(one.draft.spec)))
    seconds = one.seconds + one.compiled
    errors = len(one.problems)
    return Row(one.source.name, len(sure), *counts, left, seconds, errors, types)


def measured(
    sources: Sequence[Path], sheet: str, types: bool = True
) -> tuple[list[Row], dict[str, Score]]:
    """The numbers of every document, and of the decisions that a sheet judges."""
    found: dict[str, Imported] = {}
    lines: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in sources:
            one = found[each.name] = imported(each, folder)
            lines.append(row(one, typed(folder, each.stem) if types else None))
    return lines, scores(found, sheet)


def typed(folder: Path, name: str) -> int:
    """How many errors the type checkers find in the package of a document; prints them.

    One package at a time, for all at once need more memory than a small machine has. The place is
    the same for all of them, so that what they import is read only once.
    """
    packages = [path.parent for path in folder.glob(f"{name}/*/*/py.typed")]
    if not packages:
        return 0
    place = folder / "types" / "gathered"
    shutil.rmtree(place, ignore_errors=True)
    kept.gather(packages, place)
    errors = kept.errors(place)
    for line in errors:
        print(line, file=sys.stderr)
    return len(errors)


@dataclass(slots=True)
class Score:
    """One kind of decision: how many there are in the sheet, were made, and are right."""

    wanted: int = 0
    made: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def add(self, where: str, expected: str, found: str) -> None:
        """Counts one answer; "" where there is nothing to decide, or nothing was decided."""
        self.wanted += expected != ""
        self.made += found != ""
        self.right += expected == found != ""
        if expected != found:
            self.wrong.append(
                f"{where}: {found or 'nothing'}, not {expected or 'nothing'}"
            )

    @property
    def precision(self) -> float:
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0


def rows(name: str) -> Iterator[list[str]]:
    """The lines of an answer sheet."""
    for line in (ANSWERS / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def scores(found: dict[str, Imported], sheet: str) -> dict[str, Score]:
    """The decisions about lists, records, pages, auth, keys and parents, as a sheet judges them."""
    kinds = ("list", "records", "paging", "auth", "all", "key", "parent")
    result = {kind: Score() for kind in kinds}
    auth = dict(rows("auth.txt"))
    for document, request, records, paging, *further in rows(sheet):
        if document not in found:
            continue
        where = f"{document} {request}"
        made = found[document].decisions.get(request)
        is_list = records != "no"
        result["list"].add(where, "yes" if is_list else "", "yes" if made else "")
        got = _records(made) if made else ""
        way = _paging(made, found[document], request) if made else ""
        result["records"].add(where, records if is_list else "", got)
        result["paging"].add(where, paging if is_list else "", way)
        if not is_list:
            continue
        expected = _methods(auth[document])
        key = made["auth"].replace("none declared", "open") if made else ""
        right = bool(made) and expected & _methods(key) == expected
        result["auth"].add(where, "right", "right" if right else key and "wrong")
        whole = made and got == records and way == paging and right
        result["all"].add(where, "right", "right" if whole else "wrong" if made else "")
        for kind, answer in zip(("key", "parent"), further, strict=False):
            if made and answer != "?":
                expected_answer = "" if answer == "none" else answer
                result[kind].add(
                    where, expected_answer, _named(made, kind, found[document])
                )
    return result


def _named(made: dict[str, str], kind: str, document: Imported) -> str:
    """The key, or the path of the parent."""
    if kind == "key" or not made["parent"]:
        return made[kind]
    names = {each.name: each.request for each in document.draft.found}
    return names[made["parent"]].partition(" ")[2]


def _methods(text: str) -> frozenset[str]:
    return frozenset(
        " ".join(sorted(part.split())) for part in text.replace("|", ",").split(",")
    )


def _records(made: dict[str, str]) -> str:
    return "open" if "several lists" in made["others"] else made["records"]


def _paging(made: dict[str, str], document: Imported, request: str) -> str:
    resources = document.draft.spec["resources"]
    assert isinstance(resources, list)
    index = list(document.decisions).index(request)
    params = resources[index]["endpoint"].get("params", {})
    switch = next((name for name in params if name.startswith("use")), "")
    return made["paging"] + (f" with {switch}" if switch else "")


def table(
    found: Sequence[Row], judged: dict[str, Score], details: bool
) -> Iterator[str]:
    """The numbers as text; with what is wrong, where `details` are asked for."""
    width = 30
    yield f"{'document':{width}} lists high med. low TODO seconds errors types"
    for one in found:
        types = "" if one.types is None else f"{one.types:5}"
        yield (
            f"{one.document:{width}} {one.lists:5} {one.high:4} {one.medium:4} "
            f"{one.low:3} {one.todos:4} {one.seconds:6.1f}s {one.errors:6} {types}".rstrip()
        )
    yield ""
    yield f"{'decision':10} sheet made right precision recall"
    for kind, score in judged.items():
        if not score.wanted:
            continue
        yield (
            f"{kind:10} {score.wanted:5} {score.made:4} {score.right:5} "
            f"{score.precision:8.0%} {score.recall:7.0%}"
        )
        if details and kind != "all":
            yield from (f"    {each}" for each in score.wrong)


def main() -> int:
    words = [each for each in sys.argv[1:] if not each.startswith("--")]
    others = "--held-out" in sys.argv
    documents = held_out() if others else corpus()
    chosen = [each for each in documents if not words or each.stem in words]
    sheet = "held_out.txt" if others else "endpoints.txt"
    for line in table(*measured(chosen, sheet, "--types" in sys.argv), details=True):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
