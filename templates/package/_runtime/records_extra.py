"""Fields of records that their schema does not name."""

from __future__ import annotations

from .records import Record
from .values import JSON


def extra(record: Record, name: str) -> JSON:
    """A field that the schema does not name; None where the record has none."""
    value: JSON = (record.model_extra or {}).get(name)
    return value
