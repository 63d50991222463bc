"""Numbers of the OpenAPI importer over the corpus: `python -m tests.importers.coverage_openapi`.

Every document is imported and compiled; the decisions are compared with the answer sheets.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Diagnostic, SpecError
from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.draft import Draft, todos
from generator.importers.openapi import read
from generator.importers.yamlout import to_yaml
from generator.pipeline import compile_spec

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


def imported(source: Path, folder: Path) -> Imported:
    """Imports and compiles one document."""
    start = time.process_time()
    draft = checked(read(source, ImportOptions(name=source.stem)))
    text = to_yaml(draft.spec)
    middle = time.process_time()
    problems: tuple[Diagnostic, ...] = ()
    target = folder / f"{source.stem}.yaml"
    target.write_text(text, encoding="utf-8")
    if draft.spec["resources"]:
        try:
            compile_spec(target)
        except SpecError as error:
            problems = tuple(d for d in error.diagnostics if d.severity == "error")
    end = time.process_time()
    return Imported(source, draft, middle - start, end - middle, problems, text)


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


def scores(found: dict[str, Imported]) -> dict[str, Score]:
    """The decisions about lists, records, pages and auth, as the sheets judge them."""
    result = {kind: Score() for kind in ("list", "records", "paging", "auth", "all")}
    auth = dict(rows("auth.txt"))
    for document, request, records, paging in rows("endpoints.txt"):
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
        expected = _methods(auth[document])
        if is_list:
            key = made["auth"].replace("none declared", "open") if made else ""
            right = bool(made) and expected & _methods(key) == expected
            result["auth"].add(where, "right", "right" if right else key and "wrong")
            whole = made and got == records and way == paging and right
            result["all"].add(
                where, "right", "right" if whole else "wrong" if made else ""
            )
    return result


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


def main() -> int:
    found: dict[str, Imported] = {}
    width = 30
    print(f"{'document':{width}} lists high med. low TODO import compile errors")
    with tempfile.TemporaryDirectory() as folder:
        for source in [p for p in corpus() if not sys.argv[1:] or p.stem in sys.argv]:
            one = found[source.name] = imported(source, Path(folder))
            sure = [each.confidence for each in one.draft.found]
            print(
                f"{source.name:{width}} {len(sure):5} {sure.count('high'):4} "
                f"{sure.count('medium'):4} {sure.count('low'):3} "
                f"{len(list(todos(one.draft.spec))):4} {one.seconds:5.1f}s "
                f"{one.compiled:6.1f}s {len(one.problems)}"
            )
            for each in one.problems[:3]:
                print(f"    {each.location.line}: [{each.code}] {each.message}")
    print(f"\n{'decision':10} sheet made right precision recall")
    for kind, score in scores(found).items():
        print(
            f"{kind:10} {score.wanted:5} {score.made:4} {score.right:5} "
            f"{score.precision:8.0%} {score.recall:7.0%}"
        )
        for each in score.wrong if kind != "all" else []:
            print(f"    {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
