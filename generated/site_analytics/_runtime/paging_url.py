"""Next URLs that an answer names."""

from __future__ import annotations

from .errors import PaginationError
from .values import JSON


def next_url(value: JSON, name: str) -> str:
    """The next URL, absolute or relative; anything else asks for a cursor parameter."""
    starts = ("http://", "https://", "/", "?", "./", "../")
    if isinstance(value, str) and (value.startswith(starts) or "?" in value):
        return value
    raise PaginationError(
        f"{name} is no URL or path: write in the spec how it is sent back (cursor_param)"
    )
