"""Drops records that came on the page before, unchanged: pages overlap where rows move."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
from typing import Any, Literal

from pydantic_core import PydanticSerializationError, to_json

from .errors import PaginationError
from .sending import Step
from .values import JSON

_NEAR = 100
"""Records that are kept to compare with, and up to a page more: each that is kept costs time."""
_ENOUGH = 100
"""Records that do not all come again by chance."""
_ANEW = (
    "all records of page %d and those after it came again: the server begins anew"
    " instead of ending"
)


class Unrepeated(Step):
    """Of the records of a page, those that are new.

    They are compared with those of the page before, of several if pages are small: rows that
    move between two requests come again on the next page. Of a row that changed both versions
    are kept.
    """

    counted: Literal["filtered", "deduplicated"] = "deduplicated"

    def __init__(self, *key: str) -> None:
        """`key`: the fields of the primary key; none where what comes later changes records."""
        self._key = _getter(key) if key else None
        self._newer: dict[Hashable, JSON] = {}
        self._older: dict[Hashable, JSON] = {}
        self._circle = _Circle()

    def keep(self, records: list[JSON]) -> list[JSON]:
        keys, values = self._by_key(records)
        page = dict(zip(keys, values, strict=True))
        kept = records
        if (
            len(page) == len(records)
            and self._newer.keys().isdisjoint(page)
            and self._older.keys().isdisjoint(page)
        ):
            self._newer.update(page)
        else:
            items = zip(keys, values, records, strict=True)
            kept = [each for key, value, each in items if self._is_new(key, value)]
        if len(self._newer) >= _NEAR:
            self._older, self._newer = self._newer, {}
        self._circle.check(page)
        return kept

    def _by_key(self, records: list[JSON]) -> tuple[Sequence[Hashable], list[JSON]]:
        """What records are found by, and what is then compared."""
        if self._key is not None:
            try:
                keys = list(map(self._key, records))
                set(keys)
                return keys, records
            except (LookupError, TypeError):  # a record without a key that can be used
                pass
        return list(map(_mark, records)), [None] * len(records)

    def _is_new(self, key: Hashable, value: JSON) -> bool:
        near = self._newer if key in self._newer else self._older
        is_new = key not in near or _mark(near[key]) != _mark(value)
        self._newer[key] = value
        return is_new


class _Circle:
    """Notices a server that begins anew, however many pages later (Brent's algorithm).

    From pages 1, 2, 4, 8 ... on a hundred records are remembered, until all came again.
    """

    def __init__(self) -> None:
        self._pages = self._first = 0
        self._remembered: dict[Hashable, JSON] = {}
        self._again: set[Hashable] = set()

    def check(self, page: dict[Hashable, JSON]) -> None:
        self._pages += 1
        if self._pages & (self._pages - 1) == 0:
            self._first, self._remembered, self._again = self._pages, {}, set()
        remembered = self._remembered
        if len(remembered) < _ENOUGH:
            remembered.update(page)
            return
        for key in remembered.keys() & page.keys():
            if _mark(remembered[key]) == _mark(page[key]):
                self._again.add(key)
        if len(self._again) == len(remembered):
            raise PaginationError(_ANEW % self._first)


def _getter(key: tuple[str, ...]) -> Callable[[JSON], Hashable]:
    getter: Any = itemgetter
    found: Callable[[JSON], Hashable] = getter(*key)
    return found


def _mark(record: JSON) -> Hashable:
    """Equal for equal JSON only, but for one in a billion of billions."""
    try:
        return hash(to_json(record, inf_nan_mode="constants"))
    except PydanticSerializationError:  # half of a surrogate pair, which is no text
        return hash(json.dumps(record))
