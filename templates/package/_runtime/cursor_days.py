"""Days of a cursor field made comparable."""

from __future__ import annotations

from datetime import date

from .days import day


def day_of(value: object) -> int | None:
    """The number of a day."""
    if not isinstance(value, (date, str)):
        return None
    try:
        found = day(value)
    except ValueError:
        return None
    return found.toordinal() if found else None
