"""Names and types of the tables that rows make: those of dlt's own normalizer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from operator import itemgetter, methodcaller
from typing import Any, NamedTuple, TypeAlias

from dlt.common.schema import Schema
from dlt.common.schema.utils import autodetect_sc_type

VALUE = "value"
"""The column of a list's plain values, and the key of a list in a list."""
LIST = "list"

Column: TypeAlias = dict[str, Any]
"""A column of dlt's schema."""

_NONE = type(None)
_TYPES: dict[type, str] = {
    str: "text",
    int: "bigint",
    float: "double",
    bool: "bool",
    datetime: "timestamp",
    date: "date",
    time: "time",
    Decimal: "decimal",
    bytes: "binary",
}
_EMPTY: dict[str, Any] = {}


class UnfitError(Exception):
    """Rows that only dlt's normalizer can make into tables."""


class Values(NamedTuple):
    """A column of some rows; `kinds` are the types of the values but for None."""

    column: Column
    values: list[Any]
    kinds: set[type]


class Part(NamedTuple):
    """Rows of one table, column by column, and the lists that are tables below it."""

    table: str
    path: tuple[str, ...]
    """What the table's name is made of."""
    size: int
    columns: dict[str, Values]
    lists: list[tuple[tuple[str, ...], list[Any]]]
    """Path of a table below, and for each row the list or None."""


class Layout:
    """The columns of a resource's tables, as they become known.

    A column has the type that the schema has for it, else that of its first value, in the
    order of the rows: every page has to pass through here.
    """

    def __init__(self, schema: Schema, table: str) -> None:
        self.new: dict[str, dict[str, Column]] = {}
        """Columns by table that the schema does not know yet."""
        self.parents: dict[str, str | None] = {}
        """The tables that came up, each after the one above it."""
        self._schema = schema
        self._naming = schema.naming
        self._detections = schema.settings.get("detections") or []
        self._columns: dict[str, dict[str, Column]] = {}
        self._names: dict[tuple[str, ...], str] = {}
        self._settled: dict[tuple[str, ...], dict[str, None]] = {}
        """Keys that had values, by path: no column comes up for them anymore."""
        self._root = (table,)

    def root(self, rows: Sequence[dict[str, Any]]) -> Part:
        return self._part(self._root, rows, None)

    def _part(
        self, path: tuple[str, ...], rows: Sequence[dict[str, Any]], above: str | None
    ) -> Part:
        """The rows of the table at `path`, with its new columns noted."""
        part = self._started(path, len(rows), above)
        self._fill(part, (), rows)
        return part

    def _started(self, path: tuple[str, ...], size: int, above: str | None) -> Part:
        table = self._naming.shorten_fragments(*path)
        if self.parents.setdefault(table, above) != above:
            raise UnfitError  # two lists that dlt gives the same name
        if table not in self._columns:
            known: Any = self._schema.tables.get(table)
            self._columns[table] = dict(known["columns"]) if known else {}
        return Part(table, path, size, {}, [])

    def elements(self, path: tuple[str, ...], elements: list[Any], above: str) -> Part:
        """The rows of a table below: one for each element of the lists."""
        kinds = set(map(type, elements))
        if dict in kinds or list in kinds:
            return self._part(path, _as_rows(elements), above)
        part = self._started(path, len(elements), above)
        kinds.discard(_NONE)
        if kinds:
            self._add(part, self._name((), VALUE), elements, kinds)
        return part

    def observe(self, rows: Sequence[dict[str, Any]]) -> None:
        """Notes the columns of rows that dlt's normalizer is to have, lists and all."""
        parts = [self.root(rows)]
        while parts:
            part = parts.pop()
            for path, lists in part.lists:
                if found := list(chain.from_iterable(filter(None, lists))):
                    parts.append(self.elements(path, found, part.table))

    def _fill(
        self, part: Part, path: tuple[str, ...], rows: Sequence[dict[str, Any]]
    ) -> None:
        below: list[tuple[tuple[str, ...], list[dict[str, Any]]]] = []
        known = self._columns[part.table]
        settled = self._settled.setdefault((*part.path, *path), {})
        for key in _keys(rows, settled):
            values = _column(rows, key)
            kinds = set(map(type, values))
            kinds.discard(_NONE)
            if not kinds:
                continue
            settled[key] = None
            name = self._name(path, key)
            is_json = name in known and known[name].get("data_type") == "json"
            if (dict in kinds or list in kinds) and not is_json:
                # The usual columns without a look at each value.
                if kinds == {list}:
                    self._add_lists(part, (*path, self._table_identifier(key)), values)
                    continue
                if kinds == {dict}:
                    inner = [value or _EMPTY for value in values]
                    below.append(((*path, self._identifier(key)), inner))
                    continue
                pairs = list(zip(values, map(type, values), strict=True))
                if dict in kinds:
                    inner = [value if kind is dict else _EMPTY for value, kind in pairs]
                    below.append(((*path, self._identifier(key)), inner))
                if list in kinds:
                    lists = [value if kind is list else None for value, kind in pairs]
                    self._add_lists(part, (*path, self._table_identifier(key)), lists)
                if kinds <= {dict, list}:
                    continue
                kinds -= {dict, list}
                values = [value if kind in kinds else None for value, kind in pairs]
            self._add(part, name, values, kinds)
        # dlt goes down into objects once it is through with a row, the last one first.
        for inner_path, inner_rows in reversed(below):
            self._fill(part, inner_path, inner_rows)

    def _add(self, part: Part, name: str, values: list[Any], kinds: set[type]) -> None:
        if name in part.columns:
            raise UnfitError  # two keys that dlt gives the same name
        column = self._column(part.table, name, values)
        part.columns[name] = Values(column, values, kinds)

    def _add_lists(self, part: Part, path: tuple[str, ...], lists: list[Any]) -> None:
        if any(each == (*part.path, *path) for each, _ in part.lists):
            raise UnfitError
        part.lists.append(((*part.path, *path), lists))

    def _column(self, table: str, name: str, values: list[Any]) -> Column:
        known = self._columns[table]
        column = known.get(name)
        if column is None or not column.get("data_type"):
            first = next(each for each in values if each is not None)
            made: Column = {
                "name": name,
                "data_type": self._type(first),
                "nullable": True,
            }
            # What the spec says of the column without a type stays.
            column = made if column is None else {**made, **column}
            known[name] = column
            self.new.setdefault(table, {})[name] = column
        return column

    def _type(self, value: object) -> str:
        kind: type = type(value)
        # dlt's own annotation does not say that it may find nothing.
        detected: Any = autodetect_sc_type(self._detections, kind, value)
        found: str | None = detected or _TYPES.get(kind)
        if found is None:
            raise UnfitError
        return found

    def _name(self, path: tuple[str, ...], key: str) -> str:
        parts = (*path, key)
        name = self._names.get(parts)
        if name is None:
            *above, last = [self._identifier(each) for each in parts]
            name = self._naming.shorten_fragments(*above, last) if above else last
            if name.startswith("_dlt_"):
                raise UnfitError
            self._names[parts] = name
        return name

    def _identifier(self, key: str) -> str:
        if not key or key.isspace():
            raise UnfitError
        name = self._naming.normalize_path(key)
        if name != self._naming.normalize_identifier(key):
            raise UnfitError  # which of them dlt takes depends on its settings
        return name

    def _table_identifier(self, key: str) -> str:
        name = self._naming.normalize_tables_path(key)
        if name != self._naming.normalize_table_identifier(key):
            raise UnfitError
        return name


def _keys(rows: Sequence[dict[str, Any]], settled: dict[str, None]) -> Iterable[str]:
    """The keys of rows; in the order in which they come up, unless all are settled."""
    if settled.keys() >= set[str]().union(*rows):
        return list(settled)
    # Most rows have the same keys.
    return dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, rows))))


def _column(rows: Sequence[dict[str, Any]], key: str) -> list[Any]:
    try:
        return list(map(itemgetter(key), rows))
    except KeyError:
        return list(map(methodcaller("get", key), rows))


def _as_rows(elements: list[Any]) -> list[dict[str, Any]]:
    """Each element of a list as the row that dlt makes of it."""
    return [
        value if kind is dict else {LIST if kind is list else VALUE: value}
        for value, kind in zip(elements, map(type, elements), strict=True)
    ]
