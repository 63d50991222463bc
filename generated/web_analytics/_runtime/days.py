"""Bounds of incremental loading that are days."""

from __future__ import annotations

from datetime import date, datetime
from typing import overload


@overload
def day(value: None) -> None: ...
@overload
def day(value: date | str) -> date: ...
def day(value: date | str | None) -> date | None:
    """A date; ISO text is parsed, of a moment its day counts."""
    if not value:
        return None
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value
