"""Moments of a cursor field made comparable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from .microseconds import microseconds
from .moments import instant

Key: TypeAlias = int | str
"""What values of a cursor are compared by."""
Read: TypeAlias = Callable[[object], Key | None]
"""Gives the key of a value; None for what is no such value."""


def instant_of(value: object) -> int | None:
    """Microseconds of a moment, or of its ISO text."""
    if not isinstance(value, (datetime, str)):
        return None
    try:
        moment = instant(value)
    except ValueError:
        return None
    return microseconds(moment) if moment else None
