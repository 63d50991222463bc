"""`gen-connector import`: a foreign description in, a spec out, and what is left to decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from generator.diagnostics import Collector, SpecError, render, shown
from generator.document import parse
from generator.importers import IMPORTERS, ImportOptions, importer
from generator.importers.check import checked
from generator.importers.consent import ask
from generator.importers.draft import Draft, Found
from generator.importers.samples.compare import compared
from generator.importers.update import (
    CONFLICT,
    Patterns,
    base_of,
    merged,
    with_patterns,
    without_patterns,
)
from generator.importers.yamlout import WIDTH, to_yaml
from generator.plain import is_list

_MOST_TODOS = 20
"""TODOs that are printed; all of them are counted and stand in the spec."""
_LONGEST = 106
_KEPT = "both changed: yours is kept"
_MOST_PROBLEMS = 30
_FETCHED = (
    "SOURCE is a URL, and nothing is fetched: save it to a file, such as with"
    " `curl -o api.json URL`",
    "SOURCE is a URL: `gen-connector probe URL` asks a live API",
)


@click.command("import")
@click.argument("kind", type=click.Choice(sorted(IMPORTERS)), metavar="KIND")
@click.argument(
    "sources",
    metavar="SOURCE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The spec to write (default: specs/NAME.yaml).",
)
@click.option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    help="Only resources with this tag, path or name; `*` fits anything.",
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="All resources but these."
)
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="sample: where answers come from that were recorded without a URL.",
)
@click.option(
    "--sample",
    "samples",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Recorded answers: they settle what the source leaves open.",
)
@click.option(
    "--list", "listing", is_flag=True, help="Write nothing; print what was found."
)
@click.option(
    "--update", is_flag=True, help="Merge into a spec that was imported before."
)
@click.option("--run", is_flag=True, help="dlt: run the module without asking.")
@click.option(
    "--python", default="", metavar="FILE", help="dlt: the Python that runs the module."
)
def command(
    kind: str,
    sources: tuple[Path, ...],
    output: Path | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    url: str,
    samples: tuple[Path, ...],
    listing: bool,
    update: bool,
    run: bool,
    python: str,
) -> int:
    """Write a spec from a description or samples of an API.

    \b
    openapi  a document of OpenAPI 3.0 or 3.1, or of Swagger 2.0
    airbyte  a declarative manifest of Airbyte
    dlt      a Python module with a `rest_api` configuration; it is run
    sample   what an API answered: JSON, JSON lines, HAR files, folders of them

    The spec is yours to edit. Comments say where a decision comes from; what the source leaves
    open is marked with TODO.
    """
    source, *more = sources
    if re.match(r"https?:/", str(source)):
        raise click.UsageError(_FETCHED[kind == "sample"])
    if kind != "sample" and more:
        raise click.UsageError(f"{kind} takes one source, not {len(sources)}")
    if kind != "sample" and url and not samples:
        raise click.UsageError("--url goes with samples")
    name = connector_name(output) if output else ""
    if kind == "dlt":
        ask(source, run)
    options = ImportOptions(
        name, include, exclude, tuple(more), url, listing=listing, python=python
    )
    patterns = (include, exclude)
    try:
        draft = importer(kind)(source, options)
        if update and not any(patterns):
            patterns = _last_patterns(_target(draft, output))
            include, exclude = patterns
            if any(patterns):
                again = replace(options, include=include, exclude=exclude)
                draft = importer(kind)(source, again)
        if samples:
            draft = compared(draft, samples, url)
        draft = checked(draft)
    except SpecError as error:
        click.echo(render(error.diagnostics, error.sources), err=True, nl=False)
        return 1
    tell(draft)
    if listing:
        click.echo(table(draft.found), nl=False)
        return 0
    return write(draft, output, update, patterns)


def tell(draft: Draft) -> None:
    """Prints the problems of a draft."""
    problems = draft.diagnostics[:_MOST_PROBLEMS]
    click.echo(render(problems, draft.sources), err=True, nl=False)
    if len(draft.diagnostics) > _MOST_PROBLEMS:
        more = len(draft.diagnostics) - _MOST_PROBLEMS
        click.echo(f"... and {_count(more, 'problem')} more", err=True)


def _target(draft: Draft, output: Path | None) -> Path:
    return output or Path("specs", f"{draft.spec['connector']}.yaml")


def _last_patterns(target: Path) -> Patterns:
    """What the last import of a spec was told to include and to exclude."""
    try:
        return without_patterns(base_of(target).read_text(encoding="utf-8"))[1]
    except (OSError, ValueError):
        return (), ()  # without a base nothing is merged, which is told later


def write(
    draft: Draft, output: Path | None, update: bool, patterns: Patterns = ((), ())
) -> int:
    """Writes the spec of a draft, or merges it into one; the exit code."""
    target = _target(draft, output)
    if not draft.spec.get("resources"):
        click.echo("nothing was written: no resource was found", err=True)
        return 1
    text = to_yaml(draft.spec)
    try:
        if target.exists():
            if update:
                return _update(draft, text, target, patterns)
            message = f"{shown(str(target))} exists already: --update merges into it"
            click.echo(message, err=True)
            return 3
        _keep(text, with_patterns(text, patterns), target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        click.echo(f"{shown(str(target))}: {reason}", err=True)
        return 1
    click.echo(summary(draft, text, target), nl=False)
    return 0


def _keep(text: str, imported: str, target: Path) -> None:
    """Writes a spec, and what was imported as the base of the next update."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    base_of(target).write_text(imported, encoding="utf-8")


def _update(draft: Draft, text: str, target: Path, patterns: Patterns) -> int:
    """Merges what the source changed into a spec that a person may have changed."""
    base = base_of(target)
    if not base.exists():
        message = f"{shown(str(base))} is missing, which says what was imported last"
        click.echo(message, err=True)
        return 1
    mine = target.read_text(encoding="utf-8")
    before, _ = without_patterns(base.read_text(encoding="utf-8"))
    result = merged(before, mine, text)
    collector = Collector()
    if parse(result.text, str(target), collector) is None:
        click.echo("the merged spec is no YAML; nothing was written", err=True)
        sources = {str(target): result.text}
        click.echo(render(collector.sorted(), sources), err=True, nl=False)
        return 1
    _keep(result.text, with_patterns(text, patterns), target)
    changed = "nothing changed" if result.text == mine else ""
    taken = f"{_count(result.taken, 'change')} of the source taken"
    left = list(_written_todos(result.text))
    counts = f"{_count(result.conflicts, 'conflict')}, {_count(len(left), 'TODO')}"
    click.echo(f"{target}: {changed or taken}, {counts}")
    # Where both changed something is told even if there are many others.
    left.sort(key=lambda each: CONFLICT not in each[1])
    told = [(n, _KEPT if CONFLICT in todo else todo) for n, todo in left]
    click.echo("".join(f"{line}\n" for line in _shown(target, told)), nl=False)
    return 3 if result.conflicts else 0


def _written_todos(text: str) -> Iterator[tuple[int, str]]:
    """The TODOs of a written spec, with the numbers of their lines."""
    lines = [*text.split("\n"), ""]
    for number, line in enumerate(lines, 1):
        before, mark, told = line.partition("# ")
        if before.strip() or not told.startswith("TODO: "):
            continue
        last = line
        for more in lines[number:]:
            start, _, words = more.partition(f"{before}{mark}")
            first = words.partition(" ")[0]
            # A comment goes on in the next line only where a word had no room.
            if start or not first or len(last) + 1 + len(first) <= WIDTH:
                break
            told, last = f"{told} {words}", more
        yield number, told


def connector_name(output: Path) -> str:
    """The connector that a spec file is called after."""
    return re.sub(r"[^a-z0-9]+", "_", output.stem.lower()).strip("_")


def summary(draft: Draft, text: str, target: Path) -> str:
    """What was written and every place that a person has to look at."""
    resources = draft.spec.get("resources")
    count = len(resources) if is_list(resources) else 0
    open_ = list(_written_todos(text))
    parts = [_count(count, "resource"), _count(len(open_), "TODO")]
    if draft.is_partial:
        parts.append("PARTIAL: see the errors above")
    return "\n".join([f"{target}: {', '.join(parts)}", *_shown(target, open_)]) + "\n"


def _shown(target: Path, left: Sequence[tuple[int, str]]) -> Iterator[str]:
    for number, told in left[:_MOST_TODOS]:
        short = told if len(told) <= _LONGEST else f"{told[: _LONGEST - 3]}..."
        yield f"  {target}:{number}: {short}"
    if len(left) > _MOST_TODOS:
        yield f"  ... and {len(left) - _MOST_TODOS} more"


def table(found: Sequence[Found]) -> str:
    """What was found, one resource a line, with what was decided and how sure that is."""
    columns = list(dict.fromkeys(key for each in found for key in each.decisions))
    rows = [["name", "request", *columns, "sure", "why not more"]]
    for each in found:
        decided = [each.decisions.get(column, "") for column in columns]
        sure = each.confidence if each.written else "left out"
        rows.append([each.name, each.request, *decided, sure, each.reason])
    widths = [min(60, max(len(row[i]) for row in rows)) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    written = sum(each.written for each in found)
    lines.append(f"{_count(written, 'resource')}, {len(found) - written} left out")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
