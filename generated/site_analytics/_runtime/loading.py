"""Pages as the rows that dlt is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .validating import Pages, Row

_LARGEST = 20_000
"""Rows that are joined: fewer cost time for each, more cost memory and save nothing."""


def rows(pages: Pages[Any]) -> Iterator[list[Row]]:
    """Pages as plain rows, joined into fewer and larger ones as the read goes on.

    The first page comes alone, so that a short run is as short as its first page.
    """
    joined: list[Row] = []
    wanted = 1
    for page in pages.rows():
        joined += page
        if len(joined) >= wanted:
            yield joined
            wanted = min(2 * len(joined), _LARGEST)
            joined = []
    if joined:
        yield joined
