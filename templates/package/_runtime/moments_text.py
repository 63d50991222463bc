"""Bounds of incremental loading as ISO text."""

from __future__ import annotations

from datetime import date, datetime

from .moments import bound


def iso_text(value: datetime | date | str | None) -> str | None:
    """A bound as ISO text; text stays as it is."""
    if value is None or isinstance(value, str):
        return value
    return str(bound(value, "iso"))
