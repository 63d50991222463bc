"""The spec that an importer writes: ordered mappings with comments, and what was found on the way.

An importer builds `Section`s (mappings that are written as blocks and carry comments) out of
plain data: text, numbers, booleans, None, lists and mappings. A plain `dict` or `list` is written
on one line where it fits, a Section never is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from generator.diagnostics import Diagnostic
from generator.plain import is_list, is_mapping

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Note:
    """A comment of the written spec; `todo` for what a person has to settle."""

    text: str
    todo: bool = False


class Section(dict[str, object]):
    """A mapping of the spec, with comments before it and before its keys."""

    def __init__(self, entries: Mapping[str, object] | None = None) -> None:
        super().__init__(entries or {})
        self.notes: dict[str, list[Note]] = {}
        """Comments before a key; those of the key "" stand before the whole section."""

    def put(self, key: str, value: object, why: str = "", todo: str = "") -> None:
        """Sets a key, with a comment that says where the value comes from."""
        self[key] = value
        if why:
            self.note(key, why)
        if todo:
            self.todo(key, todo)

    def note(self, key: str, text: str) -> None:
        """A comment before a key; before the section itself where `key` is "".

        A key that the section does not have yet gets its comment when it is set, or the
        comment stands at the section's end if it never is.
        """
        self._add(key, Note(text))

    def todo(self, key: str, text: str) -> None:
        """The same for a decision that is left to a person: `# TODO: text`."""
        self._add(key, Note(text, todo=True))

    def _add(self, key: str, note: Note) -> None:
        notes = self.notes.setdefault(key, [])
        if note not in notes:
            notes.append(note)


def section_of(holder: Section, key: str) -> Section | None:
    """A mapping below a key as one that can carry comments; None where there is none."""
    value = holder.get(key)
    if isinstance(value, Section):
        return value
    if is_mapping(value):
        made = Section(value)
        holder[key] = made
        return made
    return None


def has_todo(section: Section, key: str, word: str) -> bool:
    """Whether a person was asked about a key."""
    return any(each.todo and word in each.text for each in section.notes.get(key, ()))


def has_note(section: Section, key: str, word: str) -> bool:
    """Whether a comment on a key says something."""
    return any(word in each.text for each in section.notes.get(key, ()))


def drop_notes(section: Section, key: str) -> None:
    """Takes the comments of a key away, for what they say is settled."""
    section.notes.pop(key, None)


@dataclass(frozen=True, slots=True)
class Found:
    """One resource of the source, as `--list` shows it."""

    name: str
    request: str
    """Such as `GET /tickets`; "" where the source has no such thing."""
    decisions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Column of the table to what was decided: `records`, `paging`, `key`, `parent`, ..."""
    confidence: Confidence = "high"
    reason: str = ""
    """Why the confidence is no higher, or why the resource is left out."""
    written: bool = True
    """Whether it is in the spec."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What came of a source."""

    spec: Section
    found: tuple[Found, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    """Parts of the source that have no place in the spec, with position and reason. An error
    among them makes the result a partial one."""
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """Text of each file that the diagnostics name."""

    @property
    def is_partial(self) -> bool:
        """Whether something that belongs into the spec is missing."""
        return any(each.severity == "error" for each in self.diagnostics)


def todos(value: object) -> Iterator[str]:
    """Every TODO in a spec, in the order in which it is written."""
    if isinstance(value, Section):
        yield from (each.text for each in value.notes.get("", ()) if each.todo)
    if is_mapping(value):
        notes = value.notes if isinstance(value, Section) else {}
        for key, inner in value.items():
            yield from (each.text for each in notes.get(key, ()) if each.todo)
            yield from todos(inner)
        for key, listed in notes.items():
            if key and key not in value:
                yield from (each.text for each in listed if each.todo)
    elif is_list(value):
        for inner in value:
            yield from todos(inner)
