"""What the commands do: compile every spec, then write, compare or print, and report."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from generator import output
from generator.diagnostics import Diagnostic, Location, SpecError, render
from generator.output import Status
from generator.package import HOOKS, Manifest, Package

if TYPE_CHECKING:
    from generator import practice

Mode = Literal["write", "check", "stdout", "lint"]


@dataclass(frozen=True, slots=True)
class Options:
    folder: Path
    mode: Mode
    force: bool
    strict: bool
    """Warnings are errors."""
    form: Literal["text", "json"]


@dataclass(slots=True)
class _Outcome:
    """One spec on its way: its package, or what is known of it on disk."""

    spec: Path
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    made: Package | Manifest | None = None
    status: Status | None = None
    diff: str = ""
    is_out_of_date: bool = False

    @property
    def failed(self) -> bool:
        return any(each.severity == "error" for each in self.diagnostics)

    def fail(self, code: str, message: str, hint: str = "", file: object = "") -> None:
        place = Location(str(file or self.spec))
        problem = Diagnostic(place, code, message, "error", hint)
        self.diagnostics = (*self.diagnostics, problem)


def generate(specs: Sequence[Path], options: Options) -> int:
    """Runs every spec as far as it gets, prints what came of it, returns the exit code."""
    outcomes = list(_compiled(list(dict.fromkeys(specs)), options))
    _refuse_equal_names(outcomes)
    for outcome in outcomes:
        if not outcome.failed:
            _act(outcome, options)
        if options.form == "text":
            _print(outcome, options)
    if options.form == "json":
        click.echo(json.dumps(_data(outcomes, options), indent=2))
    if any(outcome.failed and not outcome.is_out_of_date for outcome in outcomes):
        return 1
    return 3 if any(outcome.is_out_of_date for outcome in outcomes) else 0


def _compiled(specs: list[Path], options: Options) -> Iterator[_Outcome]:
    if len(specs) <= 3 or not sys.stderr.isatty():
        yield from (_compile(spec, options) for spec in specs)
        return
    with click.progressbar(specs, file=sys.stderr) as bar:
        yield from (_compile(spec, options) for spec in bar)


def _compile(spec: Path, options: Options) -> _Outcome:
    outcome = _unchanged(spec, options) or _compile_anew(spec)
    if options.strict:
        outcome.diagnostics = tuple(
            dataclasses.replace(each, severity="error") for each in outcome.diagnostics
        )
    return outcome


def _unchanged(spec: Path, options: Options) -> _Outcome | None:
    """The outcome that a run would have, where it would change nothing."""
    if options.mode != "write" or not os.path.isfile(spec):
        return None
    try:
        name = output.connector_name(spec)
        manifest = output.is_current(options.folder, name, spec)
        if manifest is None:
            return None
        warnings = [_placed(each, spec.parent) for each in manifest.warnings]
        files = {each.location.file for each in warnings}
        sources = {file: Path(file).read_text(encoding="utf-8-sig") for file in files}
    except (OSError, ValueError):
        return None
    return _Outcome(
        spec,
        diagnostics=tuple(warnings),
        sources=sources,
        made=manifest,
        status=Status((), (), (), tuple(manifest.files), (), is_current=True),
    )


def _placed(warning: Diagnostic, folder: Path) -> Diagnostic:
    """A manifest's warning, its file named as this run would name it."""
    file = str(folder / warning.location.file)
    return dataclasses.replace(
        warning, location=dataclasses.replace(warning.location, file=file)
    )


def _compile_anew(spec: Path) -> _Outcome:
    from generator import pipeline

    try:
        package = pipeline.compile_spec(spec)
    except SpecError as error:
        return _Outcome(spec, error.diagnostics, error.sources)
    except Exception as error:
        # A spec must never end in a traceback, nor keep the others from being compiled.
        if sys.flags.dev_mode:
            raise
        outcome = _Outcome(spec)
        outcome.fail(
            "internal",
            f"{type(error).__name__}: {ascii(str(error))[1:-1][:200]}",
            "this is a bug of gen-connector; `python -X dev -m generator` shows where",
        )
        return outcome
    return _Outcome(spec, package.warnings, package.sources, package)


def _refuse_equal_names(outcomes: list[_Outcome]) -> None:
    names = Counter(outcome.made.name for outcome in outcomes if outcome.made)
    for outcome in outcomes:
        if outcome.made and names[outcome.made.name] > 1:
            others = ", ".join(
                str(other.spec)
                for other in outcomes
                if other is not outcome
                and other.made
                and other.made.name == outcome.made.name
            )
            message = f"the connector {outcome.made.name!r} is also that of {others}"
            outcome.fail("duplicate-connector", message, "give one another `connector`")


def _act(outcome: _Outcome, options: Options) -> None:
    package = outcome.made
    if not isinstance(package, Package) or options.mode in ("lint", "stdout"):
        return
    try:
        if options.mode == "check":
            outcome.status = output.status(options.folder, package)
            outcome.is_out_of_date = not outcome.status.is_current
            _report_hooks(outcome, outcome.status, options)
            if outcome.is_out_of_date:
                outcome.diff = output.diff(options.folder, package)
        else:
            outcome.status = output.write(options.folder, package, options.force)
            _report_hooks(outcome, outcome.status, options)
    except output.HandEdited as error:
        outcome.is_out_of_date = True
        for path in error.paths:
            message = "changed by hand since it was generated; nothing was written"
            outcome.fail("hand-edited", message, "--force overwrites it", path)
    except output.OutputError as error:
        outcome.fail("output", str(error))


def _report_hooks(outcome: _Outcome, status: Status, options: Options) -> None:
    """hooks.py is the user's: what it lacks is told, and that the package cannot work."""
    if status.lacking and outcome.made is not None:
        names = ", ".join(status.lacking)
        place = options.folder / outcome.made.name / HOOKS
        hint = "write them; `--stdout` prints all of them as they are written at first"
        outcome.fail(
            "hook-missing",
            f"the spec names hooks that are not there: {names}",
            hint,
            place,
        )


# ---- reports


def _print(outcome: _Outcome, options: Options) -> None:
    click.echo(render(outcome.diagnostics, outcome.sources), err=True, nl=False)
    if outcome.made is None or outcome.failed:
        return
    if options.mode == "stdout" and isinstance(outcome.made, Package):
        files = {**outcome.made.files}
        if outcome.made.hooks:
            files[HOOKS] = outcome.made.hooks_module
        for path, text in sorted(files.items()):
            click.echo(f"# ---- {outcome.made.name}/{path}\n{text}", nl=False)
    click.echo(outcome.diff, nl=False)
    is_product = options.mode in ("stdout", "check")
    click.echo(_summary(outcome, outcome.made, options), err=is_product)


def _summary(outcome: _Outcome, made: Package | Manifest, options: Options) -> str:
    parts = [_count(len(made.resources), "resource")]
    if outcome.status is not None:
        parts.append(_files(outcome.status))
    else:
        parts.append(_count(len(made.files), "file"))
    if outcome.diagnostics:
        parts.append(_count(len(outcome.diagnostics), "warning"))
    if outcome.is_out_of_date:
        parts.append("out of date")
    place = f" -> {options.folder / made.name}" if outcome.status else ""
    return f"{made.name}: {', '.join(parts)}{place}"


def _files(status: Status) -> str:
    groups = {
        "new": status.new,
        "changed": status.changed,
        "removed": status.removed,
        "unchanged": status.unchanged,
    }
    listed = ", ".join(
        f"{len(paths)} {word}" for word, paths in groups.items() if paths
    )
    count = len(status.new) + len(status.changed) + len(status.unchanged)
    return f"{_count(count, 'file')} ({listed})"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _data(outcomes: list[_Outcome], options: Options) -> dict[str, Any]:
    return {
        "diagnostics": [
            {
                "file": each.location.file,
                "line": each.location.line,
                "column": each.location.column,
                "width": each.location.width,
                "severity": each.severity,
                "code": each.code,
                "message": each.message,
                "hint": each.hint,
            }
            for outcome in outcomes
            for each in outcome.diagnostics
        ],
        "packages": [
            _package_data(outcome, outcome.made, options)
            for outcome in outcomes
            if outcome.made is not None and not outcome.failed
        ],
    }


def _package_data(
    outcome: _Outcome, made: Package | Manifest, options: Options
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "spec": str(outcome.spec),
        "connector": made.name,
        "resources": list(made.resources),
    }
    if outcome.status is not None:
        data["folder"] = str(options.folder / made.name)
        for word in ("new", "changed", "removed", "unchanged"):
            data[word] = list(getattr(outcome.status, word))
    if options.mode == "check":
        data["out_of_date"] = outcome.is_out_of_date
        data["diff"] = outcome.diff
    return data


# ---- the practice server


def serve(spec: Path, options: practice.Options, port: int) -> int:
    """Serves the practice API of a spec until Ctrl-C; returns the exit code."""
    from generator import document, practice, validation
    from generator.diagnostics import Collector

    collector = Collector()
    bundle = document.load(spec, collector)
    valid = validation.validate(bundle.spec, collector) if bundle else None
    if bundle is None or valid is None or collector.failed:
        sources: Mapping[str, str] = bundle.sources if bundle else {}
        click.echo(render(collector.sorted(), sources), err=True, nl=False)
        return 1
    files = {name: each.data for name, each in bundle.files.items()}
    try:
        practice.serve_forever(
            valid, bundle.spec.data, options, port, click.echo, files=files
        )
    except OSError as error:
        click.echo(f"no server on port {port}: {error.strerror}", err=True)
        return 1
    return 0
