"""Bounds of the spec on what is read."""

from __future__ import annotations

from .errors import DataEnd


class Truncated(DataEnd):
    """A bound of the spec ends the data before the API does."""

    event = "reads truncated"

    def __init__(self, bound: str) -> None:
        super().__init__(f"truncated: {bound} was reached, the API may have more")
