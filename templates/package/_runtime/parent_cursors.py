"""A last value for each parent, so that a new parent's records are not older than another's."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Generic, Literal, TypeVar

from .cursor_keys import Key, Read
from .errors import RecordError
from .values import Selector, get

logger = logging.getLogger(__name__)

T = TypeVar("T")
Rows = list[dict[str, Any]]


class ParentCursors(Generic[T]):
    """The cursors of a child resource, kept in dlt's state of the resource.

    They mean what dlt's `incremental` means, but one parent's do not move another's.
    """

    def __init__(
        self,
        state: dict[str, Any],
        path: Selector,
        read: Read,
        *,
        initial: T | None,
        end: T | None = None,
        missing: Literal["raise", "include", "exclude"] = "raise",
        lag: float = 0,
        range_start: Literal["closed", "open"] = "closed",
        range_end: Literal["closed", "open"] = "open",
        falling: bool = False,
        unique: Sequence[str] = (),
    ) -> None:
        """With `end` nothing is kept: exactly that range is read."""
        self.last: dict[str, dict[str, Any]] = state.setdefault("parents", {})
        self.path = path
        self.read = read
        self.initial = initial
        self.end = end
        self.missing = missing
        self.lag = lag
        self.range_start = range_start
        self.range_end = range_end
        self.falling = falling
        self.unique = unique

    def of(self, *parent: Any) -> ParentCursor[T]:
        """The cursor of the parent with these values."""
        return ParentCursor(self, json.dumps(parent, default=str))


class ParentCursor(Generic[T]):
    """The cursor of one parent's records."""

    def __init__(self, cursors: ParentCursors[T], key: str) -> None:
        self._all: ParentCursors[T] = cursors
        self._key = key
        known: dict[str, Any] = {}
        if cursors.end is None:
            known = cursors.last.get(key, {})
        self._known: frozenset[str] = frozenset(known.get("rows", ()))
        self.end = cursors.end
        self.start: T | None = self._start(known.get("value"))
        self._last: T | None = known.get("value")
        self._rows: set[str] = set(self._known)
        self._dropped = 0

    def new(self, rows: Rows) -> Rows:
        """The rows of a page that are new; remembers the last value among them."""
        kept = [row for row in rows if self._is_new(row)]
        self._dropped += len(rows) - len(kept)
        return kept

    def done(self) -> None:
        """The parent's records were read: its last value counts from the next run on."""
        if self._dropped:
            logger.info("%s: %d records are not new", self._key, self._dropped)
        if self.end is None and self._last is not None:
            self._all.last[self._key] = {
                "value": self._last,
                "rows": sorted(self._rows),
            }

    def _start(self, last: T | None) -> T | None:
        initial = self._all.initial
        if last is None:
            return initial
        lagged: T = _moved(last, self._all.lag if self._all.falling else -self._all.lag)
        if initial is not None and self._older(lagged, initial):
            return initial
        return lagged

    def _is_new(self, row: dict[str, Any]) -> bool:
        value: Any = get(row, *self._all.path)
        if value is None:
            if self._all.missing == "raise":
                path = ".".join(map(str, self._all.path))
                raise RecordError(f"a record of {self._key} has no cursor {path}")
            return self._all.missing == "include"
        mark = self._mark(row)
        if not self._is_inside(value, mark):
            return False
        if self._last is None or self._older(self._last, value):
            self._last, self._rows = value, set()
        if self._all.read(value) == self._all.read(self._last):
            self._rows.add(mark)
        return True

    def _is_inside(self, value: T, mark: str) -> bool:
        start, end = self.start, self.end
        if end is not None and (
            self._older(end, value)
            or (self._all.range_end == "open" and self._same(value, end))
        ):
            return False
        if start is None:
            return True
        if self._same(value, start):
            known = mark in self._known and not self._all.lag
            return self._all.range_start == "closed" and not known
        return self._older(start, value)

    def _same(self, one: T, other: T) -> bool:
        return self._all.read(one) == self._all.read(other)

    def _older(self, one: T, other: T) -> bool:
        keys: list[Key | None] = [self._all.read(one), self._all.read(other)]
        first, second = reversed(keys) if self._all.falling else keys
        if isinstance(first, int) and isinstance(second, int):
            return first < second
        return str(first) < str(second)

    def _mark(self, row: dict[str, Any]) -> str:
        """What tells rows at the last value apart."""
        key = [row.get(name) for name in self._all.unique] or row
        text = json.dumps(key, sort_keys=True, default=str)
        return sha256(text.encode()).hexdigest()[:16]


def _moved(value: Any, lag: float) -> Any:
    """The value `lag` later: seconds of times, days of dates, else a number."""
    if not lag or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value + timedelta(seconds=lag)
    return value + timedelta(days=lag) if isinstance(value, date) else value + lag
