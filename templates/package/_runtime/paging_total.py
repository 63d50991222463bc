"""Totals that an answer declares."""

from __future__ import annotations

import re

from .errors import PaginationError
from .values import JSON


def whole_number(value: JSON, name: str, before: int = 0) -> int:
    """The total at `name`; `before` is that of the page before, if it is checked."""
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
