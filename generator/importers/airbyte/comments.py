"""The comments of a spec that was imported: where each decision comes from, and what is open."""

from __future__ import annotations

from generator.document import Document
from generator.importers.airbyte.connector import Connector
from generator.importers.airbyte.notes import Note
from generator.importers.draft import Section
from generator.plain import is_list

_LONG = 160


def comment(connector: Connector, spec: Section, document: Document) -> None:
    """Writes the notes into the spec, with their lines in the manifest."""
    spec.note(
        "", "Imported from an Airbyte manifest; the lines in comments are its lines."
    )
    client = spec["client"]
    assert isinstance(client, Section)
    for text in _settings(connector):
        client.note("", text)
    for note in connector.notes.found:
        _put(client, note, document)
    listed = spec.get("resources")
    sections = {
        str(each["name"]): each
        for each in (listed if is_list(listed) else [])
        if isinstance(each, Section)
    }
    for stream in connector.streams:
        section = sections.get(stream.name)
        for note in stream.notes.found if section is not None else ():
            assert section is not None
            _put(section, note, document)
    for stream, error in connector.failed:
        line = document.locate(stream.part.pointer).line
        spec.todo("resources", f"the stream {stream.name} (line {line}): {error.text}")


def _put(section: Section, note: Note, document: Document) -> None:
    text = note.text
    if note.pointer:
        text += f" (line {document.locate(note.pointer).line})"
    if note.level == "changed":
        section.note("", text)
    else:
        section.todo("", text)


def _settings(connector: Connector) -> list[str]:
    """What the connection specification says of the settings that are used."""
    lines: list[str] = []
    used = connector.settings.used.values()
    for each in sorted(used, key=lambda each: (not each.secret, each.name)):
        where = "secrets" if each.secret else "config"
        said = " ".join(each.text.split())
        said = said if len(said) <= _LONG else said[: _LONG - 3] + "..."
        if said:
            lines.append(f"{where}.{each.name}: {said}")
    return lines
