"""What an import cannot carry over, what it changes, and what a person has to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from generator.document import Pointer

Level = Literal["loss", "hook", "changed"]
"""`loss`: something of the manifest is missing; `hook`: Python that a person writes again;
`changed`: it means something else here, on purpose."""


class Note(NamedTuple):
    """One of them, with its place in the manifest."""

    level: Level
    kind: str
    """A short name, the same for the same reason: `unknown-name`, `two-parents`."""
    text: str
    pointer: Pointer


class Untranslatable(Exception):
    """A part of the manifest has no translation; `kind` as in a note.

    `pointer`: its place, where that is known better than by who catches it.
    """

    def __init__(self, kind: str, text: str, pointer: Pointer | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.pointer = pointer


@dataclass(slots=True)
class Notes:
    """Collects the notes of one stream, or of the client."""

    found: list[Note] = field(default_factory=list[Note])

    def loss(self, kind: str, text: str, pointer: Pointer) -> None:
        self._add(Note("loss", kind, text, pointer))

    def hook(self, kind: str, text: str, pointer: Pointer) -> None:
        self._add(Note("hook", kind, text, pointer))

    def changed(self, kind: str, text: str, pointer: Pointer) -> None:
        self._add(Note("changed", kind, text, pointer))

    def failed(self, error: Untranslatable, pointer: Pointer) -> None:
        """The loss that an exception tells of."""
        self.loss(error.kind, error.text, error.pointer or pointer)

    def _add(self, note: Note) -> None:
        if note not in self.found:
            self.found.append(note)
