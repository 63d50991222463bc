"""One stream on its way to a resource: what its templates may read, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from generator.importers.airbyte.manifest import Part
from generator.importers.airbyte.notes import Notes
from generator.importers.airbyte.names import Names, Place
from generator.importers.airbyte.settings import Settings
from generator.importers.airbyte.templates import Texts
from generator.importers.draft import Section
from generator.naming import snake


@dataclass(slots=True)
class Partitions:
    """What a stream is read for each of."""

    expressions: dict[str, str] = field(default_factory=dict[str, str])
    """Partition field to its expression in the spec."""
    lists: dict[str, object] = field(default_factory=dict[str, object])
    """`for_each` of the resource."""
    options: list[tuple[Part, str]] = field(default_factory=list[tuple[Part, str]])
    """Where a value is sent, and its expression."""
    parents: dict[str, tuple[str, Partitions]] = field(
        default_factory=dict[str, tuple[str, "Partitions"]]
    )
    """Partition field to the parent's resource and what that is read for each of."""
    fields: dict[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """Partition field to the path of its value in the parent's record."""


@dataclass(slots=True)
class Stream:
    """One stream, and the resource that is made of it."""

    part: Part
    name: str
    settings: Settings
    notes: Notes = field(default_factory=Notes)
    partitions: Partitions = field(default_factory=Partitions)
    lookup: Callable[[list[str]], str | None] | None = None
    bounds: Mapping[str, str] = field(default_factory=dict[str, str])
    resource: Section = field(default_factory=Section)
    endpoint: Section = field(default_factory=Section)
    base: str = ""
    """Base URL as a text of the spec."""
    path: str = ""
    follows: bool = False
    """The path of further pages is the token of the page before."""
    auth: dict[str, object] | None = None
    """Auth of the requests; None for none."""
    hooks: dict[str, str] = field(default_factory=dict[str, str])

    def hook(self, verb: str) -> str:
        """The name of a function in hooks.py that is this stream's."""
        return f"{verb}_{snake(self.name) or 'records'}"

    def texts(self, place: Place, part: Part | None = None) -> Texts:
        """Translates texts that stand in a part of the stream."""
        parameters = (part or self.part).parameters
        names = Names(
            settings=self.settings,
            place=place,
            parameters=parameters,
            partitions=self.partitions.expressions,
            parents=self.lookup,
            bounds=self.bounds,
        )
        return Texts(names)
