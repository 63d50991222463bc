"""What the names of a template mean where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from generator.importers.airbyte.pieces import Piece
from generator.importers.airbyte.settings import Settings

Place = Literal["request", "record", "answer", "auth"]
"""Where an expression stands: what may be read there differs."""

PARTITIONS = frozenset({"stream_partition", "stream_slice", "stream_interval"})


@dataclass(slots=True)
class Names:
    """What the names of a template mean where it stands."""

    settings: Settings
    place: Place
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    partitions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Partition field to its expression, such as `resources.parent.id`."""
    parents: Callable[[list[str]], str | None] | None = None
    """The expression of a longer path into a partition."""
    bounds: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name of a bound in the manifest to that of the spec: `start_value`."""
    variables: dict[str, Piece] = field(default_factory=dict[str, Piece])
    """What `{% set %}` gave."""
    added: dict[str, Piece] = field(default_factory=dict[str, Piece])
    """Fields that were added to the record before, by name."""
