"""The error of paging by a condition whose next page cannot be found."""

from __future__ import annotations

from .errors import PaginationError


def missing_cursor(name: str) -> PaginationError:
    """The answer should name a next page, by the spec's own condition, and does not."""
    return PaginationError(f"there should be more, but the answer has no {name}")
