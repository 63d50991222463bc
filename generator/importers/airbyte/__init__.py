"""Airbyte's declarative manifests to specs."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from generator.diagnostics import Collector, Diagnostic, Location, SpecError
from generator.document import MAX_BYTES, Document, parse
from generator.importers import ImportOptions
from generator.importers.airbyte.checking import repaired
from generator.importers.airbyte.comments import comment
from generator.importers.airbyte.connector import Connector, connector_name, spec
from generator.importers.airbyte.manifest import CONTROLS, ManifestError, resolved
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.draft import Draft, Found, Section

__all__ = ["Tolerant", "drafted", "read"]


def read(source: Path, options: ImportOptions) -> Draft:
    """The spec of a manifest. Raises SpecError where nothing of it can be read."""
    return drafted(source, options)[0]


def drafted(source: Path, options: ImportOptions) -> tuple[Draft, Connector]:
    """The spec of a manifest, and the streams that it was made of."""
    collector = Collector()
    document = _document(source, collector)
    if document is None:
        raise SpecError(collector.sorted())
    try:
        manifest = resolved(document)
    except ManifestError as error:
        place = document.locate(error.pointer)
        collector.error(place, "manifest", error.message)
        raise SpecError(collector.sorted(), {document.file: document.text}) from None
    connector = Connector(manifest, source.parent)

    def wanted(stream: str) -> bool:
        fits = partial(fnmatchcase, stream)
        chosen = not options.include or any(map(fits, options.include))
        return chosen and not any(map(fits, options.exclude))

    connector.read(wanted)
    name = connector_name(manifest, source, options.name)
    made = spec(connector, name)
    _take_out(connector, made)
    comment(connector, made, document)
    return (
        Draft(
            spec=made,
            found=tuple(_found(connector)),
            diagnostics=(*collector.sorted(), *_diagnostics(connector, document)),
            sources={document.file: document.text},
        ),
        connector,
    )


def _take_out(connector: Connector, made: Section) -> None:
    """Whatever does not compile is no part of the spec, and told of like every loss."""
    streams = {each.name: each for each in connector.streams}
    for each in repaired(made):
        stream = streams.get(each.resource)
        if stream is None:
            connector.notes.loss(each.code, f"{each.part}: {each.reason}", ())
        elif each.part:
            told = f"{each.part} is left out: {each.reason}"
            stream.notes.loss(each.code, told, stream.part.pointer)
        else:
            error = Untranslatable(each.code, each.reason)
            stream.notes.failed(error, stream.part.pointer)
            connector.streams.remove(stream)
            connector.failed.append((stream, error))


def _document(source: Path, collector: Collector) -> Document | None:
    place = Location(str(source))
    try:
        if source.stat().st_size > MAX_BYTES:
            collector.error(
                place,
                "too-large",
                f"the file is larger than {MAX_BYTES // 1_000_000} MB",
            )
            return None
        text = CONTROLS.sub(" ", source.read_text("utf-8"))
    except UnicodeDecodeError:
        collector.error(place, "not-utf8", "not UTF-8 text")
        return None
    except OSError as error:
        collector.error(
            place, "unreadable", f"the file cannot be read: {error.strerror}"
        )
        return None
    tolerant = Tolerant()
    found = parse(text, str(source), tolerant)
    for each in tolerant.sorted() if found is None else ():
        collector.error(each.location, each.code, each.message, each.hint)
    for each in tolerant.duplicates:
        collector.warning(each.location, each.code, each.message, each.hint)
    return found


@dataclass(slots=True)
class Tolerant(Collector):
    """What a manifest has that a spec may not have, and that is read all the same.

    Of a key that is given twice the first counts; control characters become spaces.
    """

    duplicates: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def error(
        self, location: Location, code: str, message: str, hint: str = ""
    ) -> None:
        told = {"duplicate-key": "the first counts", "control-character": "left out"}
        if code in told:
            told_ = f"{message}: {told[code]}"
            self.duplicates.append(Diagnostic(location, code, told_, "warning", hint))
        else:
            Collector.error(self, location, code, message, hint)


def _diagnostics(connector: Connector, document: Document) -> tuple[Diagnostic, ...]:
    collector = Collector()
    for note in connector.notes.found:
        if note.level == "loss":
            collector.error(document.locate(note.pointer), note.kind, note.text)
    for stream in [*connector.streams, *(each for each, _ in connector.failed)]:
        for note in stream.notes.found:
            text = f"{stream.name}: {note.text}"
            if note.level == "loss":
                collector.error(document.locate(note.pointer), note.kind, text)
            elif note.level == "hook":
                collector.warning(document.locate(note.pointer), note.kind, text)
    return collector.sorted()


def _found(connector: Connector) -> list[Found]:
    found: list[Found] = []
    for stream in connector.streams:
        losses = [each for each in stream.notes.found if each.level == "loss"]
        method = stream.endpoint.get("method", "GET")
        found.append(
            Found(
                name=stream.name,
                request=f"{method} {stream.path}",
                confidence="low" if losses else "high",
                reason=losses[0].text if losses else "",
            )
        )
    for stream, error in connector.failed:
        found.append(Found(stream.name, "", reason=error.text, written=False))
    return found
