"""How much of the corpus the importers read: one table of numbers, no content of the corpus.

    python -m tests.importers.coverage [--progress] [openapi] [airbyte] [behaviour]

Printed, and written to docs/coverage.md. With names only those sections are measured; the others
stay as they are on the page. The last one takes the better part of an hour: `--progress` tells
on its way what is not the same.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.importers import behaviour_airbyte, coverage_airbyte, coverage_openapi
from tests.importers import growth
from tests.importers.held_out import held_out

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
    """OpenAPI documents: what compiles and has its types, and which decisions are right."""
    sets = {
        "corpus": (coverage_openapi.corpus(), "endpoints.txt"),
        "of packages": (held_out(), "held_out.txt"),
    }
    made = {
        name: coverage_openapi.measured(documents, sheet)
        for name, (documents, sheet) in sets.items()
        if documents
    }
    columns = [_documents(found) for found, _ in made.values()]
    yield from table(
        ("OpenAPI documents", *made),
        [
            (row[0][0], *(value for _, value in row))
            for row in zip(*columns, strict=True)
        ],
    )
    for name, (_, judged) in made.items():
        yield ""
        yield f"Documents: {name}. Judged by answers that were written before these were imported;"
        yield "what was wrong then became rules:"
        yield ""
        yield from table(
            ("decision", "answers", "made", "right", "precision", "recall"),
            _judged(judged),
        )
    yield ""
    yield "What it costs, by the command line: the largest of all, and made-up ones, each list with"
    yield "a record of its own:"
    yield ""
    every = [each for documents, _ in sets.values() for each in documents]
    yield from table(
        ("lists", "document, MB", "import, CPU s", "compile, CPU s", "memory, MiB"),
        _costs(max(every, key=lambda each: each.stat().st_size)),
    )


def _documents(found: Sequence[coverage_openapi.Row]) -> list[tuple[str, str]]:
    """What became of some documents."""
    return [
        ("number", f"{len(found)}"),
        ("  whose spec compiles", f"{sum(not each.errors for each in found)}"),
        ("  without errors of types", f"{sum(not each.types for each in found)}"),
        ("list endpoints", f"{sum(each.lists for each in found)}"),
        ("  of high confidence", f"{sum(each.high for each in found)}"),
        ("  of medium confidence", f"{sum(each.medium for each in found)}"),
        ("  of low confidence", f"{sum(each.low for each in found)}"),
        ("TODOs", f"{sum(each.todos for each in found)}"),
        ("CPU seconds, slowest", f"{max(each.seconds for each in found):.1f}"),
    ]


def _judged(judged: Mapping[str, coverage_openapi.Score]) -> Iterator[Sequence[str]]:
    for kind, score in judged.items():
        if score.wanted:
            yield (
                kind,
                f"{score.wanted}",
                f"{score.made}",
                f"{score.right}",
                f"{score.precision:.0%}",
                f"{score.recall:.0%}",
            )


def _costs(largest: Path) -> Iterator[Sequence[str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = {"the largest": largest}
        documents |= {f"{n:,}": growth.made_up(n, folder) for n in growth.SIZES}
        for number, (lists, document) in enumerate(documents.items()):
            place = folder / f"{number}"
            place.mkdir()
            cost = growth.cost(document, place)
            yield (
                lists,
                f"{cost.megabytes:.1f}",
                f"{cost.importing:.1f}",
                f"{cost.compiling:.1f}",
                f"{cost.memory:.0f}",
            )


def airbyte() -> Iterator[str]:
    """Airbyte manifests: what is imported, and what is lost by which reason."""
    yield from counted(*coverage_airbyte.measured_all(coverage_airbyte.manifests()))


def counted(results: list[coverage_airbyte.Result], wrong: set[str]) -> Iterator[str]:
    """What was imported, and the reasons of losses, as tables."""
    yield from table(("Airbyte", "number"), coverage_airbyte.rows(results, wrong))
    yield ""
    yield "Streams without Python components that lose something, by reason:"
    yield ""
    lost = [(kind, f"{n}") for kind, n in coverage_airbyte.losses(results)]
    yield from table(("reason", "streams"), lost)


def behaviour() -> Iterator[str]:
    """The same manifests through Airbyte's runtime."""
    from tests.peers.applications import python_with

    python = python_with(behaviour_airbyte.REFERENCE)
    paths = coverage_airbyte.manifests()
    yield from compared(behaviour_airbyte.measured(paths, python))


def compared(outcomes: list[behaviour_airbyte.Outcome]) -> Iterator[str]:
    """What both runtimes read, as a table."""
    yield "The same records as Airbyte's runtime reads, from a server that answers both."
    yield ""
    head = (behaviour_airbyte.REFERENCE, "streams")
    yield from table(head, behaviour_airbyte.table(outcomes))


SECTIONS = {
    "openapi": ("OpenAPI documents", openapi),
    "airbyte": ("Airbyte manifests", airbyte),
    "behaviour": ("Airbyte manifests, what is read", behaviour),
}


def write(made: Mapping[str, Iterable[str]]) -> None:
    """Writes sections of the page; those that were not made stay."""
    known = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = dict(part.split("\n", 1) for part in known.split("\n## ")[1:])
    for name, lines in made.items():
        parts[SECTIONS[name][0]] = "\n" + "\n".join(lines) + "\n"
    titles = [title for title, _ in SECTIONS.values() if title in parts]
    text = "# What the importers read\n\n`make coverage` writes this page.\n"
    for title in titles:
        text += f"\n## {title}\n\n{parts[title].strip()}\n"
    PAGE.write_text(text, encoding="utf-8")


def main() -> None:
    if not coverage_openapi.corpus():
        sys.exit("no corpus: set GEN_CONNECTOR_CORPUS")
    for name in [each for each in sys.argv[1:] if each[:2] != "--"] or SECTIONS:
        if name not in SECTIONS:
            sys.exit(f"no section {name}; there are {', '.join(SECTIONS)}")
        lines = [*SECTIONS[name][1]()]
        print("\n".join(lines), flush=True)
        write({name: lines})


if __name__ == "__main__":
    main()
