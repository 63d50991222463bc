"""Bounds of a cursor that is text and no ISO date, as the API wants to read them."""

from __future__ import annotations

from .cursor_times import time_of
from .moments import bound, instant


def text_bound(value: str | None, format: str, *formats: str) -> str | int | None:
    """The text's moment in `format`; `formats` are those of the cursor field."""
    if value is None:
        return None
    for each in formats:
        try:
            return bound(instant(time_of(value, each)), format)
        except ValueError:
            continue
    return bound(value, format)
