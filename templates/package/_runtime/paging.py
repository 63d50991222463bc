"""What paginators read in an answer: cursors, next URLs, flags and totals, each checked."""

from __future__ import annotations

import re

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


def next_url(value: JSON, name: str) -> str:
    """The next URL, absolute or relative; anything else asks for a cursor parameter."""
    starts = ("http://", "https://", "/", "?", "./", "../")
    if isinstance(value, str) and (value.startswith(starts) or "?" in value):
        return value
    raise PaginationError(
        f"{name} is no URL or path: write in the spec how it is sent back (cursor_param)"
    )


def missing_cursor(name: str) -> PaginationError:
    """The answer should name a next page, by the spec's own condition, and does not."""
    return PaginationError(f"there should be more, but the answer has no {name}")


def flag(value: JSON, name: str) -> bool:
    """What says whether pages follow, or whether this is the last one."""
    if isinstance(value, bool):
        return value
    if value in (0, 1, "true", "false", "True", "False"):
        return value in (1, "true", "True")
    raise PaginationError(f"{name} should be true or false")


def whole_number(value: JSON, name: str, before: int = 0) -> int:
    """A declared total; `before` is that of the page before, if it is checked."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PaginationError(f"the total {name} should be a whole number")
    if value < before:
        raise PaginationError(
            f"the total {name} fell from {before} to {value}: rows were deleted, so"
            " others may have moved to pages that were read before"
        )
    return value
