"""How much of the corpus the importers read: one table of numbers, no content of the corpus.

    python -m tests.importers.coverage [--no-behaviour]

Printed, and written to docs/coverage.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.importers import behaviour_airbyte, coverage_airbyte, coverage_openapi

PAGE = Path(__file__).parent.parent.parent / "docs" / "coverage.md"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of Markdown, its columns aligned."""
    every = [list(head), *([*row] for row in rows)]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    for number, row in enumerate(every):
        cells = [
            each.ljust(width) if i == 0 else each.rjust(width)
            for i, (each, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"| {' | '.join(cells)} |"
        if not number:
            yield f"| {' | '.join('-' * width for width in widths)} |"


def openapi() -> Iterator[str]:
    """OpenAPI documents: what compiles, and which decisions are right."""
    found, judged = coverage_openapi.measured(
        coverage_openapi.corpus(), "endpoints.txt"
    )
    yield from table(
        ("OpenAPI", "number"),
        [
            ("documents", f"{len(found)}"),
            ("  whose spec compiles", f"{sum(not each.errors for each in found)}"),
            ("list endpoints", f"{sum(each.lists for each in found)}"),
            ("  of high confidence", f"{sum(each.high for each in found)}"),
            ("  of medium confidence", f"{sum(each.medium for each in found)}"),
            ("  of low confidence", f"{sum(each.low for each in found)}"),
            ("TODOs", f"{sum(each.todos for each in found)}"),
            ("CPU seconds, slowest", f"{max(each.seconds for each in found):.1f}"),
        ],
    )
    yield ""
    yield "Judged by answers that were written before the importer:"
    yield ""
    yield from table(
        ("decision", "answers", "made", "right", "precision", "recall"),
        [
            (
                kind,
                f"{score.wanted}",
                f"{score.made}",
                f"{score.right}",
                f"{score.precision:.0%}",
                f"{score.recall:.0%}",
            )
            for kind, score in judged.items()
            if score.wanted
        ],
    )


def airbyte() -> Iterator[str]:
    """Airbyte manifests: what is imported, and what is lost by which reason."""
    results, wrong = coverage_airbyte.measured_all(coverage_airbyte.manifests())
    yield from table(("Airbyte", "number"), coverage_airbyte.rows(results, wrong))
    yield ""
    yield "Streams without Python components that lose something, by reason:"
    yield ""
    counted = [(kind, f"{n}") for kind, n in coverage_airbyte.losses(results)]
    yield from table(("reason", "streams"), counted)


def behaviour() -> Iterator[str]:
    """The same manifests through Airbyte's runtime."""
    from tests.peers.applications import python_with

    python = python_with(behaviour_airbyte.REFERENCE)
    outcomes = behaviour_airbyte.measured(coverage_airbyte.manifests(), python)
    yield "The same records as Airbyte's runtime reads, from a server that answers both:"
    yield ""
    head = (behaviour_airbyte.REFERENCE, "streams")
    yield from table(head, behaviour_airbyte.table(outcomes))


def main() -> None:
    if not coverage_openapi.corpus():
        sys.exit("no corpus: set GEN_CONNECTOR_CORPUS")
    lines = ["# What the importers read", "", "`make coverage` writes this page.", ""]
    sections = [openapi, airbyte]
    if "--no-behaviour" not in sys.argv:
        sections.append(behaviour)
    for section in sections:
        for line in [*section(), ""]:
            print(line, flush=True)
            lines.append(line)
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
