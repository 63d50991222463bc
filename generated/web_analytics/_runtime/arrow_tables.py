"""Rows as Arrow tables: those that dlt's own normalizer would load, with ids and child tables."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from importlib import import_module
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from dlt.common.json import json
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema.typing import TColumnSchema

from .layout import Layout, Part, UnfitError, Values, elements_as_rows

_FITS: dict[str, set[type]] = {
    "text": {str},
    "bigint": {int},
    "double": {float, int},
    "bool": {bool},
    "timestamp": {datetime},
    "date": {date},
    "time": {time},
    "decimal": {Decimal},
    "binary": {bytes},
}
"""Types of values that need no conversion; with others dlt's normalizer decides."""

LOAD_ID: TColumnSchema = {
    "name": "_dlt_load_id",
    "data_type": "text",
    "nullable": False,
}
ROW_ID: TColumnSchema = {
    "name": "_dlt_id",
    "data_type": "text",
    "nullable": False,
    "unique": True,
    "row_key": True,
}
ROOT_ID: TColumnSchema = {
    "name": "_dlt_root_id",
    "data_type": "text",
    "nullable": False,
    "root_key": True,
}
PARENT_ID: TColumnSchema = {
    "name": "_dlt_parent_id",
    "data_type": "text",
    "nullable": False,
    "parent_key": True,
}
LIST_INDEX: TColumnSchema = {
    "name": "_dlt_list_idx",
    "data_type": "bigint",
    "nullable": False,
}


class Made(NamedTuple):
    """A table to be loaded."""

    name: str
    parent: str | None
    columns: dict[str, TColumnSchema]
    content: Any
    """A `pyarrow.Table`."""


class ArrowTables:
    """Makes the tables of one resource."""

    def __init__(
        self,
        layout: Layout,
        capabilities: DestinationCapabilitiesContext,
        *,
        with_root_id: bool,
    ) -> None:
        self._arrow: Any = import_module("pyarrow")
        self._dlt_arrow: Any = import_module("dlt.common.libs.pyarrow")
        self._layout = layout
        self._capabilities = capabilities
        self._with_root_id = with_root_id
        self._fields: dict[str, Any] = {}

    def of(self, rows: Sequence[dict[str, Any]], load_id: str) -> list[Made]:
        """The root table first; UnfitError where a value is none of its column's type."""
        part = self._layout.root(rows)
        ids = new_ids(len(rows))
        own = {
            "_dlt_load_id": (LOAD_ID, [load_id] * len(rows)),
            "_dlt_id": (ROW_ID, ids),
        }
        try:
            made = [self._table(part, None, own)]
            roots = ids if self._with_root_id else None
            made.extend(self._below(part, ids, roots))
        except (self._arrow.ArrowException, OverflowError, TypeError, ValueError):
            raise UnfitError from None
        return made

    def _below(
        self, part: Part, ids: list[str], roots: list[str] | None
    ) -> Iterator[Made]:
        for path, lists in part.lists:
            pairs = [(index, each) for index, each in enumerate(lists) if each]
            if not pairs:
                continue
            elements = list(chain.from_iterable(each for _, each in pairs))
            child = self._layout.part(path, elements_as_rows(elements), part.table)
            counts = [(index, len(each)) for index, each in pairs]
            parents = [ids[index] for index, size in counts for _ in range(size)]
            child_ids = new_ids(len(elements))
            own: dict[str, tuple[TColumnSchema, list[Any]]] = {}
            child_roots = None
            if roots is not None:
                child_roots = [
                    roots[index] for index, size in counts for _ in range(size)
                ]
                own["_dlt_root_id"] = (ROOT_ID, child_roots)
            own["_dlt_parent_id"] = (PARENT_ID, parents)
            indexes = [at for _, size in counts for at in range(size)]
            own["_dlt_list_idx"] = (LIST_INDEX, indexes)
            own["_dlt_id"] = (ROW_ID, child_ids)
            yield self._table(child, part.table, own)
            yield from self._below(child, child_ids, child_roots)

    def _table(
        self,
        part: Part,
        parent: str | None,
        own: dict[str, tuple[TColumnSchema, list[Any]]],
    ) -> Made:
        columns: dict[str, TColumnSchema] = {}
        fields: list[Any] = []
        arrays: list[Any] = []
        for name, values in part.columns.items():
            field = self._field(part.table, values.column)
            columns[name] = values.column
            fields.append(field)
            arrays.append(self._array(values, field))
        for name, (column, content) in own.items():
            field = self._field(part.table, column)
            columns[name] = column
            fields.append(field)
            arrays.append(self._arrow.array(content, field.type))
        schema = self._arrow.schema(fields)
        content = self._arrow.Table.from_arrays(arrays, schema=schema)
        return Made(part.table, parent, columns, content)

    def _field(self, table: str, column: TColumnSchema) -> Any:
        key = f"{table}.{column['name']}"
        if key not in self._fields:
            columns = {column["name"]: column}
            schema = self._dlt_arrow.columns_to_arrow(
                columns, self._capabilities, "UTC"
            )
            self._fields[key] = schema.field(0)
        return self._fields[key]

    def _array(self, values: Values, field: Any) -> Any:
        content = values.values
        kind = values.column["data_type"] or ""
        if not field.nullable and None in content:
            raise UnfitError
        if not values.kinds <= _FITS.get(kind, set()):
            if kind == "timestamp" and values.kinds == {str}:
                content = [each and moment(each) for each in content]
            elif kind == "text" and values.kinds == {UUID}:
                content = [each and str(each) for each in content]
            elif kind == "json" and values.kinds <= {dict, list}:
                content = [
                    None if each is None else json.dumps(each) for each in content
                ]
            else:
                raise UnfitError
        return self._arrow.array(content, field.type)


def moment(text: str) -> datetime:
    """A moment with its offset, in the one form that every reader reads alike."""
    if len(text) < 20 or text[4] != "-" or text[10] != "T" or text[16] != ":":
        raise UnfitError
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise UnfitError
    return found


def new_ids(count: int) -> list[str]:
    """Ids as dlt makes them for rows: 14 random characters of base64."""
    text = b64encode(os.urandom(21 * (count // 2 + 1))).decode()
    return [text[14 * number : 14 * number + 14] for number in range(count)]
