"""Loads a group of configs in one pipeline, a dataset each, and reads their tables back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb

from tests.differential.server import Shop

_OWN = {"rejected_records", "record_counts"}
"""Tables of a connector that dlt does not have."""


@dataclass(frozen=True)
class Table:
    """Columns with their types, and the rows as sorted texts; without dlt's own columns."""

    columns: tuple[tuple[str, str], ...]
    rows: Counter[str]


Tables = Mapping[str, Table]


def loaded(
    sources: Mapping[str, Any], again: Mapping[str, Any], shop: Shop, folder: Path
) -> dict[str, tuple[Tables, Tables]]:
    """The tables of each source after the first day, and after the second."""
    connection = duckdb.connect(":memory:")
    pipeline = dlt.pipeline(
        f"group_{folder.name}",
        destination=dlt.destinations.duckdb(connection),
        dataset_name="data",
        pipelines_dir=str(folder),
    )
    pipeline.config.use_single_dataset = False
    first: dict[str, Tables] = {}
    second: dict[str, Tables] = {}
    for day, given, into in ((1, sources, first), (2, again, second)):
        shop.day = day
        pipeline.run(list(given.values()))
        for name in given:
            first_of_all = name == pipeline.default_schema_name
            dataset = "data" if first_of_all else f"data_{name}"
            into[name] = _tables(connection, dataset)
    connection.close()
    return {name: (first[name], second[name]) for name in sources}


def _tables(connection: duckdb.DuckDBPyConnection, dataset: str) -> Tables:
    found = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema = ? order by 1, 2",
        [dataset],
    ).fetchall()
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in found:
        if not table.startswith("_dlt") and table not in _OWN:
            columns.setdefault(table, [])
            if not column.startswith("_dlt_"):
                columns[table].append((column, kind))
    return {
        table: Table(tuple(own), _rows(connection, dataset, table, own))
        for table, own in columns.items()
    }


def _rows(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    table: str,
    columns: Sequence[tuple[str, str]],
) -> Counter[str]:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    rows = connection.execute(f'select {names} from {dataset}."{table}"').fetchall()
    return Counter(str(row) for row in rows)


def unlike(theirs: Tables, ours: Tables) -> list[str]:
    """What tells the tables apart, in words."""
    lines: list[str] = []
    for name in sorted({*theirs, *ours}):
        one, other = theirs.get(name), ours.get(name)
        if one is None or other is None:
            lines.append(f"{name}: only {'ours' if one is None else 'dlt'} has it")
        elif one.columns != other.columns:
            only = sorted(set(one.columns) ^ set(other.columns))
            lines.append(f"{name}: columns {only}")
        elif one.rows != other.rows:
            more, less = one.rows - other.rows, other.rows - one.rows
            lines.append(
                f"{name}: dlt {one.rows.total()} rows, ours {other.rows.total()};"
                f" only dlt {list(more)[:2]}; only ours {list(less)[:2]}"
            )
    return lines
