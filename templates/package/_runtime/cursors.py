"""Follows the cursor field over the pages of one read: filters, checks the order, ends early."""

from __future__ import annotations

import logging
from typing import Literal

from .cursor_keys import Key, Read
from .sending import Step
from .values import JSON, Selector, get

logger = logging.getLogger(__name__)


class Cursor(Step):
    """The cursor field of one read; `order` is that of the API's records.

    A record without a readable value is kept. Reading ends early after a whole page beyond
    the bound that follows a page with such records: one page more than it seems to need,
    because pages that are not in order show then.
    """

    def __init__(
        self,
        path: Selector,
        read: Read,
        start: object,
        end: object,
        *,
        order: Literal["", "asc", "desc"] = "",
        after_start: bool = False,
        with_end: bool = False,
        falling: bool = False,
    ) -> None:
        """Records at `start` are kept unless `after_start`, at `end` only `with_end`.
        `falling`: from greater to smaller values.
        """
        self._path = path
        self._read = read
        self._start = None if start is None else read(start)
        self._end = None if end is None else read(end)
        self._order = order
        self._after_start = after_start
        self._with_end = with_end
        self._falling = falling
        self._previous: Key | None = None
        self._passed = False
        self._disordered = False

    def keep(self, records: list[JSON]) -> list[JSON]:
        """The records of a page within the bounds."""
        kept: list[JSON] = []
        beyond = 0
        for record in records:
            value = self._read(get(record, *self._path))
            if value is None:
                kept.append(record)
                continue
            self._check(value)
            if self._is_before(value):
                beyond += self._order == "desc"
            elif self._is_after(value):
                beyond += self._order == "asc"
            else:
                kept.append(record)
        whole = bool(records) and beyond == len(records)
        if whole and self._passed and not self._disordered:
            self.ended, self.event = True, "reads ended early"
        self._passed = self._passed or beyond > 0
        return kept

    def _check(self, value: Key) -> None:
        previous, self._previous = self._previous, value
        if not self._order or self._disordered or previous is None:
            return
        first, second = (previous, value) if self._order == "asc" else (value, previous)
        if self._older(second, first):
            self._disordered, self.event = True, "pages out of order"
            logger.warning(
                "the records are not in the order %s (%.60r comes before %.60r):"
                " all pages are read",
                self._order,
                previous,
                value,
            )

    def _is_before(self, value: Key) -> bool:
        start = self._start
        return start is not None and (
            self._older(value, start) or (self._after_start and value == start)
        )

    def _is_after(self, value: Key) -> bool:
        end = self._end
        return end is not None and (
            self._older(end, value) or (not self._with_end and value == end)
        )

    def _older(self, one: Key, other: Key) -> bool:
        """Values of two kinds are not compared."""
        if self._falling:
            one, other = other, one
        if isinstance(one, int) and isinstance(other, int):
            return one < other
        return isinstance(one, str) and isinstance(other, str) and one < other
