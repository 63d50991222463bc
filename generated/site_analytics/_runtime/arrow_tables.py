"""Rows as Arrow tables: those that dlt's own normalizer would load, with ids and child tables."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from importlib import import_module
from itertools import chain, count, repeat
from typing import Any, NamedTuple
from uuid import UUID

from dlt.common.json import json
from dlt.common.destination import DestinationCapabilitiesContext

from .layout import Column, Layout, Part, UnfitError, Values

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

LOAD_ID: Column = {
    "name": "_dlt_load_id",
    "data_type": "text",
    "nullable": False,
}
ROW_ID: Column = {
    "name": "_dlt_id",
    "data_type": "text",
    "nullable": False,
    "unique": True,
    "row_key": True,
}
ROOT_ID: Column = {
    "name": "_dlt_root_id",
    "data_type": "text",
    "nullable": False,
    "root_key": True,
}
PARENT_ID: Column = {
    "name": "_dlt_parent_id",
    "data_type": "text",
    "nullable": False,
    "parent_key": True,
}
LIST_INDEX: Column = {
    "name": "_dlt_list_idx",
    "data_type": "bigint",
    "nullable": False,
}


class Made(NamedTuple):
    """A table to be loaded."""

    name: str
    parent: str | None
    columns: dict[str, Column]
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
        ids = self._new_ids(len(rows))
        own = {
            "_dlt_load_id": (LOAD_ID, self._arrow.repeat(load_id, len(rows))),
            "_dlt_id": (ROW_ID, ids),
        }
        try:
            made = [self._table(part, None, own)]
            roots = ids if self._with_root_id else None
            made.extend(self._below(part, ids, roots))
        except (self._arrow.ArrowException, OverflowError, TypeError, ValueError):
            raise UnfitError from None
        return made

    def _below(self, part: Part, ids: Any, roots: Any | None) -> Iterator[Made]:
        """`ids` are those of the rows, `roots` those of the rows at the top."""
        for path, lists in part.lists:
            elements = list(chain.from_iterable(filter(None, lists)))
            if not elements:
                continue
            child = self._layout.elements(path, elements, part.table)
            sizes = [len(each) if each else 0 for each in lists]
            above = list(chain.from_iterable(map(repeat, count(), sizes)))
            parents = self._arrow.array(above, self._arrow.int64())
            child_ids = self._new_ids(len(elements))
            own: dict[str, tuple[Column, Any]] = {}
            child_roots = None
            if roots is not None:
                child_roots = roots.take(parents)
                own["_dlt_root_id"] = (ROOT_ID, child_roots)
            own["_dlt_parent_id"] = (PARENT_ID, ids.take(parents))
            indexes = list(chain.from_iterable(map(range, sizes)))
            own["_dlt_list_idx"] = (LIST_INDEX, self._arrow.array(indexes))
            own["_dlt_id"] = (ROW_ID, child_ids)
            yield self._table(child, part.table, own)
            yield from self._below(child, child_ids, child_roots)

    def _table(
        self,
        part: Part,
        parent: str | None,
        own: dict[str, tuple[Column, Any]],
    ) -> Made:
        columns: dict[str, Column] = {}
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
            arrays.append(content.cast(field.type))
        schema = self._arrow.schema(fields)
        content = self._arrow.Table.from_arrays(arrays, schema=schema)
        return Made(part.table, parent, columns, content)

    def _new_ids(self, amount: int) -> Any:
        """Ids as dlt makes them for rows: 14 random characters of base64."""
        text = b64encode(os.urandom(21 * (amount // 2 + 1)))
        starts = self._arrow.array(range(0, 14 * amount + 1, 14), self._arrow.int32())
        buffers = starts.buffers()[1], self._arrow.py_buffer(text)
        return self._arrow.StringArray.from_buffers(amount, *buffers)

    def _field(self, table: str, column: Column) -> Any:
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
        if kind == "timestamp" and values.column.get("precision") is not None:
            raise UnfitError  # Arrow would cut what dlt keeps
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
        made = self._arrow.array(content, field.type)
        if kind == "double" and not self._finite(made):
            raise UnfitError  # dlt makes null of what is no number
        return made

    def _finite(self, numbers: Any) -> bool:
        compute = import_module("pyarrow.compute")
        all_finite: bool | None = compute.all(compute.is_finite(numbers)).as_py()
        return all_finite is not False


def moment(text: str) -> datetime:
    """A moment with its offset, in the one form that every reader reads alike."""
    if len(text) < 20 or text[4] != "-" or text[10] != "T" or text[16] != ":":
        raise UnfitError
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise UnfitError
    return found


def release() -> None:
    """Gives back what Arrow keeps for later tables: loading needs memory of its own."""
    if "pyarrow" in sys.modules:
        arrow: Any = import_module("pyarrow")
        arrow.default_memory_pool().release_unused()
