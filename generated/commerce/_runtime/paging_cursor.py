"""Cursors that an answer names."""

from __future__ import annotations

from .errors import PaginationError
from .values import JSON


def cursor_value(value: JSON, name: str) -> str | int | float:
    """The cursor to send back; `name` is where the spec says that it is."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        kind = type(value).__name__
        raise PaginationError(f"the cursor {name} is a {kind}, not text or a number")
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        raise PaginationError(
            f"the cursor {name} is a URL: leave cursor_param out to follow it"
        )
    return value
