"""Moments of a cursor field in formats of its own made comparable."""

from __future__ import annotations

from .cursor_keys import Key, Read, instant_of
from .cursor_times import time_of


def instants(*formats: str) -> Read:
    """Reads text by epoch, epoch_ms or strptime patterns, the first that fits, or as ISO."""

    def read(value: object) -> Key | None:
        for each in formats if isinstance(value, str) else ():
            try:
                return instant_of(time_of(str(value), each))
            except ValueError:
                continue
        return instant_of(value)

    return read
