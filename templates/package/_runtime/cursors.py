"""Follows the cursor field over the pages of one read: filters, checks the order, ends early."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal, TypeAlias

from .moments import day, instant, microseconds
from .reading import Step
from .values import JSON, Selector, get

logger = logging.getLogger(__name__)

Key: TypeAlias = int | str
"""What values of a cursor are compared by."""
Read: TypeAlias = Callable[[object], Key | None]
"""Gives the key of a value; None for what is no such value."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?", re.ASCII)


def instant_of(value: object) -> int | None:
    """Microseconds of a moment, or of its ISO text."""
    if not isinstance(value, (datetime, str)):
        return None
    try:
        moment = instant(value)
    except ValueError:
        return None
    return microseconds(moment) if moment else None


def day_of(value: object) -> int | None:
    """The number of a day."""
    if not isinstance(value, (date, str)):
        return None
    try:
        found = day(value)
    except ValueError:
        return None
    return found.toordinal() if found else None


def number_of(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text_of(value: object) -> Key | None:
    """The instant of ISO text, whatever its offset; other text as it is."""
    if not isinstance(value, str):
        return None
    moment = instant_of(value) if _ISO.fullmatch(value) else None
    return value if moment is None else moment


def instants(*formats: str) -> Read:
    """Reads text by strptime patterns, the first that fits, or as ISO."""

    def read(value: object) -> Key | None:
        for each in formats if isinstance(value, str) else ():
            try:
                return instant_of(datetime.strptime(str(value), each))
            except ValueError:
                continue
        return instant_of(value)

    return read


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
        self.ended = whole and self._passed and not self.disordered
        self._passed = self._passed or beyond > 0
        return kept

    def _check(self, value: Key) -> None:
        previous, self._previous = self._previous, value
        if not self._order or self.disordered or previous is None:
            return
        first, second = (previous, value) if self._order == "asc" else (value, previous)
        if self._older(second, first):
            self.disordered = True
            logger.warning(
                "the records are not in the order %s (%s comes before %s):"
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
