"""Flags that say whether pages follow."""

from __future__ import annotations

from .errors import PaginationError
from .values import JSON


def flag(value: JSON, name: str) -> bool:
    """What says whether pages follow, or whether this is the last one."""
    if isinstance(value, bool):
        return value
    if value in (0, 1, "true", "false", "True", "False"):
        return value in (1, "true", "True")
    raise PaginationError(f"{name} should be true or false")
