"""Numbers of a cursor field."""

from __future__ import annotations


def number_of(value: object) -> int | None:
    """A whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
