"""What was seen of a value in all records of a sample: kinds, nulls, formats, fields, counted.

Time and memory are bounded: what is too deep or too much is not looked into, and is open then.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from urllib.parse import urlsplit

from generator.plain import is_list, is_mapping

MAX_DEPTH = 8
_MAX_SHAPES = 20_000
_MAX_FIELDS = 1_000
_MAX_VALUES = 40
"""Different texts of a field that are kept; with more it is no enumeration."""
_LONGEST_VALUE = 40
_LONGEST_EXAMPLE = 2_000
_INT64 = 2**63

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?(?P<zone>[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: no text that a file could hold has it."""
_URI = re.compile(r"https?://[\x21-\x7e]{1,2000}", re.IGNORECASE)


@dataclass(slots=True)
class Budget:
    """How many shapes may still be made for one sample."""

    left: int = _MAX_SHAPES
    items: int = sys.maxsize
    """How many items of each list are looked at."""


@dataclass(slots=True)
class Shape:
    """The values that were seen in one place."""

    count: int = 0
    """Values, null among them."""
    nulls: int = 0
    kinds: Counter[str] = field(default_factory=Counter[str])
    """JSON types of the values that are not null."""
    formats: frozenset[str] | None = None
    """Formats that every text has; None before the first."""
    values: Counter[str] | None = field(default_factory=Counter[str])
    """The texts; None once there are too many of them."""
    example: str | None = field(default=None, repr=False)
    """The first text."""
    fields: dict[str, Shape] = field(default_factory=lambda: dict[str, Shape]())
    items: Shape | None = None
    is_large: bool = False
    """An integer does not fit into 64 bits."""
    is_open: bool = False
    """Something was not looked into: it may be anything."""

    def add(self, value: object, budget: Budget, depth: int = 0) -> None:
        """Counts a value."""
        self.count += 1
        if value is None:
            self.nulls += 1
        elif isinstance(value, bool):
            self.kinds["boolean"] += 1
        elif isinstance(value, int):
            self.kinds["integer"] += 1
            self.is_large = self.is_large or not -_INT64 <= value < _INT64
        elif isinstance(value, float):
            self.kinds["number"] += 1
        elif isinstance(value, str):
            self.kinds["string"] += 1
            self._text(value)
        elif is_list(value):
            self.kinds["array"] += 1
            self._list(value, budget, depth)
        elif is_mapping(value):
            self.kinds["object"] += 1
            self._object(value, budget, depth)

    def _text(self, value: str) -> None:
        if self.example is None:
            self.example = value[:_LONGEST_EXAMPLE]
        if self.formats is None or self.formats:
            found = formats_of(value)
            self.formats = found if self.formats is None else self.formats & found
        if self.values is not None:
            if len(value) > _LONGEST_VALUE:
                self.values = None
                return
            self.values[value] += 1
            if len(self.values) > _MAX_VALUES:
                self.values = None

    def _list(self, value: list[object], budget: Budget, depth: int) -> None:
        if value and self.items is None:
            self.items = self._inner(budget, depth)
        if self.items is not None:
            for each in islice(value, budget.items):
                self.items.add(each, budget, depth + 1)

    def _object(self, value: dict[str, object], budget: Budget, depth: int) -> None:
        for name, each in value.items():
            shape = self.fields.get(name)
            if shape is None:
                odd = len(self.fields) >= _MAX_FIELDS or _SURROGATE.search(name)
                shape = None if odd else self._inner(budget, depth)
                if shape is None:
                    self.is_open = True
                    continue
                self.fields[name] = shape
            shape.add(each, budget, depth + 1)

    def _inner(self, budget: Budget, depth: int) -> Shape | None:
        if depth >= MAX_DEPTH or budget.left <= 0:
            self.is_open = True
            return None
        budget.left -= 1
        return Shape()

    def take(self, other: Shape) -> None:
        """Counts what another place saw as well."""
        self.count += other.count
        self.nulls += other.nulls
        self.kinds.update(other.kinds)
        if other.formats is not None:
            mine = other.formats if self.formats is None else self.formats
            self.formats = mine & other.formats
        if self.values is None or other.values is None:
            self.values = None
        else:
            self.values.update(other.values)
            if len(self.values) > _MAX_VALUES:
                self.values = None
        for name, shape in other.fields.items():
            self.fields.setdefault(name, Shape()).take(shape)
        if other.items is not None:
            self.items = self.items or Shape()
            self.items.take(other.items)
        self.is_large = self.is_large or other.is_large
        self.is_open = self.is_open or other.is_open


def shape_of(values: Iterable[object], budget: Budget | None = None) -> Shape:
    """What was seen in all of the values."""
    made, budget = Shape(), budget or Budget()
    for value in values:
        made.add(value, budget)
    return made


def formats_of(text: str) -> frozenset[str]:
    """The formats that a text has; a moment with and without a time zone are two."""
    if not 6 <= len(text) <= 2_000:
        return frozenset()
    found: set[str] = set()
    moment = _MOMENT.fullmatch(text)
    try:
        if moment:
            datetime.fromisoformat(text.upper())
            found.add("date-time" if moment["zone"] else "local-date-time")
        elif _DAY.fullmatch(text):
            date.fromisoformat(text)
            found.add("date")
        elif _URI.fullmatch(text) and urlsplit(text).hostname:
            found.add("uri")
    except ValueError:
        return frozenset()
    if _UUID.fullmatch(text):
        found.add("uuid")
    elif _EMAIL.fullmatch(text):
        found.add("email")
    return frozenset(found)
