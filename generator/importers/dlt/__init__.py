"""dlt's `rest_api` configurations to specs: the module is run, and what it passes to dlt is read."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.diagnostics import Collector, Location, SpecError, shown
from generator.importers import ImportOptions
from generator.importers.dlt import choice
from generator.importers.dlt.build import Builder, config_name
from generator.importers.dlt.launch import record
from generator.importers.dlt.recording import Config, Recording, Unreadable
from generator.importers.dlt.sources import Sources
from generator.importers.draft import Draft
from generator.naming import snake

__all__ = ["read"]


def read(source: Path, options: ImportOptions) -> Draft:
    """The draft of a spec for the configuration that a module passes to dlt.

    Runs the module in a process of its own; the caller has asked whether it may. Raises SpecError
    where no configuration is found, or more than one.
    """
    collector = Collector()
    if not source.is_file():
        collector.error(Location(str(source)), "unreadable", "there is no such file")
        raise SpecError(collector.sorted())
    recording = _recorded(source, options.python or sys.executable, collector)
    sources = Sources(source)
    shown_sources = {source.name: sources.text}
    _problems(recording, sources, collector)
    configs = choice.different(recording.configs, sources, collector)
    chosen = [(each, choice.wanted(each, options)) for each in configs]
    chosen = [(each, names) for each, names in chosen if names]
    if not chosen:
        _nothing(recording, source, configs, collector)
        raise SpecError(collector.sorted(), shown_sources)
    if len(chosen) > 1 and not options.listing:
        named = _named([each for each, _ in chosen], source)
        collector.error(
            Location(source.name),
            "several-configs",
            f"the module has {len(chosen)} configurations: {choice.told(named, sources)}",
            f"a spec holds one: --include {next(iter(named))} takes its resources",
        )
        raise SpecError(collector.sorted(), shown_sources)
    drafts = [
        Builder(recording, each, sources, collector).spec(
            options.name or _connector(each, source), names
        )
        for each, names in chosen
    ]
    found = tuple(each for _, table in drafts for each in table)
    return Draft(drafts[0][0], found, tuple(collector.sorted()), shown_sources)


def _recorded(source: Path, python: str, collector: Collector) -> Recording:
    place = Location(str(source))
    try:
        recording = record(source, python)
    except OSError as error:
        collector.error(
            place, "python", f"{shown(python)} cannot be started: {error.strerror}"
        )
        raise SpecError(collector.sorted()) from None
    except Unreadable as error:
        message = f"what the module's process wrote cannot be read: {error}"
        collector.error(place, "unreadable", message)
        raise SpecError(collector.sorted()) from None
    if recording.output.strip():
        click.echo("what the module printed:", err=True)
        lines = recording.output.splitlines()
        click.echo("\n".join(f"  | {line}" for line in lines), err=True)
    if recording.no_dlt:
        collector.error(
            place,
            "no-dlt",
            f"{shown(python)} cannot import dlt: {recording.no_dlt}",
            "--python names the Python that has it, such as .venv/bin/python",
        )
        raise SpecError(collector.sorted())
    return recording


def _problems(recording: Recording, sources: Sources, collector: Collector) -> None:
    """What went wrong in the module; a warning where there is a configuration all the same."""
    tell = collector.warning if recording.configs else collector.error
    for problem in recording.problems:
        where = f" while {problem.source} was called" if problem.source else ""
        said = f": {problem.text}" if problem.text else ""
        hint = ""
        if "gcStub" in problem.text:
            hint = (
                "a stub stands for this secret or setting while the module is imported"
            )
        elif problem.type == "Refused":
            hint = "build the configuration without asking the API"
        elif problem.type == "EOFError":
            hint = "nobody is there to answer `input()`"
        tell(
            Location(sources.file(problem.place), problem.place.line, 1),
            "module-failed",
            f"the module failed{where}: {problem.type}{said}",
            hint,
        )
    if not recording.done:
        tell(
            Location(sources.module.name),
            "module-ended",
            f"the module did not come to its end: {recording.ended}",
            "what it passes to dlt has to be reached without waiting and without ending the process",
        )


def _nothing(
    recording: Recording, source: Path, configs: list[Config], collector: Collector
) -> None:
    if configs:
        collector.error(Location(source.name), "no-resources", "no resource fits")
    elif recording.done and not recording.problems:
        collector.error(
            Location(source.name),
            "no-config",
            "the module calls neither rest_api_source nor rest_api_resources",
            "call what builds the configuration, or decorate it with @dlt.source",
        )


def _named(configs: list[Config], source: Path) -> dict[str, Config]:
    named: dict[str, Config] = {}
    for config in configs:
        name = config_name(config) or source.stem
        named[name if name not in named else f"{name}_{len(named) + 1}"] = config
    return named


def _connector(config: Config, source: Path) -> str:
    given = config_name(config)
    known = None if "gcstub" in given.lower() else snake(given)
    return known or snake(source.stem) or "api"
