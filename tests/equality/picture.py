"""What a pipeline left in DuckDB and in its schema, so that two pipelines can be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import dlt
import duckdb
from dlt.common.normalizers.json.helpers import get_root_row_id_type

Row = dict[str, Any]

_TIMES = {"_dlt_valid_from", "_dlt_valid_to", "started_at", "ended_at"}
"""Columns of versions of rows, and of `record_counts`."""


@dataclass(frozen=True)
class Table:
    """A table as the destination has it, and as dlt's schema describes it."""

    columns: tuple[tuple[str, str, str], ...]
    """Name, type and nullability, in order."""
    rows: Counter[str]
    """Each root row with the rows below it; ids are followed, not shown."""
    ids: tuple[str, ...]
    """What is wrong or particular about the ids."""
    described: Mapping[str, Any]
    hints: Mapping[str, Mapping[str, Any]]
    """Of each column."""


@dataclass(frozen=True)
class Picture:
    """All tables of a dataset, without those of dlt."""

    tables: Mapping[str, Table]
    counted: Mapping[str, int]
    """Rows that the last run had in each table, as dlt counted them."""
    columnar: frozenset[str]
    """Tables that the last run had Arrow tables for; dicts are extracted as lines of JSON."""


def picture(pipeline: dlt.Pipeline, connection: duckdb.DuckDBPyConnection) -> Picture:
    """The state of the dataset `data` after a run."""
    schema = pipeline.default_schema
    described = {
        name: table
        for name, table in schema.tables.items()
        if not name.startswith("_dlt")
    }
    columns = _columns(connection)
    rows = {name: _rows(connection, name, columns[name]) for name in columns}
    loads = connection.execute(
        'select load_id from data."_dlt_loads" order by inserted_at, load_id'
    ).fetchall()
    family = _Family(described, rows, {str(each[0]): n for n, each in enumerate(loads)})
    tables: dict[str, Table] = {}
    for name in sorted({*columns, *described}):
        own = dict(described.get(name, {}))
        hints = own.pop("columns", {})
        own.pop("file_format", None)  # how rows travel, not what they are
        is_root = "parent" not in own
        exact = is_root and get_root_row_id_type(schema, name) != "random"
        ids = [*family.problems(name)]
        if exact:
            ids += sorted(str(row.get("_dlt_id")) for row in rows.get(name, []))
        tables[name] = Table(
            tuple(columns.get(name, ())),
            family.trees(name) if is_root else Counter(),
            tuple(ids),
            own,
            hints,
        )
    info = pipeline.last_trace.last_normalize_info
    extracted = pipeline.last_trace.last_extract_info
    jobs = [
        job.job_file_info
        for package in (extracted.load_packages if extracted else ())
        for job in package.jobs["new_jobs"]
    ]
    columnar = {job.table_name for job in jobs if job.file_format == "parquet"}
    counted = dict(info.row_counts) if info else {}
    return Picture(tables, counted, frozenset(columnar))


def _columns(
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, list[tuple[str, str, str]]]:
    found = connection.execute(
        "select table_name, column_name, data_type, is_nullable"
        " from information_schema.columns"
        " where table_schema = 'data' order by table_name, ordinal_position"
    ).fetchall()
    columns: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for table, *column in found:
        if not table.startswith("_dlt"):
            columns[table].append((column[0], column[1], column[2]))
    return columns


def _rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[tuple[str, str, str]],
) -> list[Row]:
    names = [name for name, _, _ in columns]
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    found = connection.execute(f'select {quoted} from data."{table}"').fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


class _Family:
    """Tables of rows, and which rows are below which."""

    def __init__(
        self,
        described: Mapping[str, Any],
        rows: Mapping[str, list[Row]],
        loads: Mapping[str, int],
    ) -> None:
        self._rows = rows
        self._loads = loads
        self._parents: dict[str, str] = {}
        self._children: dict[str, list[str]] = defaultdict(list)
        for name, table in described.items():
            if "parent" in table:
                self._parents[name] = table["parent"]
                self._children[table["parent"]].append(name)
        self._below: dict[tuple[str, Any], list[Row]] = defaultdict(list)
        for name in self._parents:
            for row in rows.get(name, []):
                self._below[name, row.get("_dlt_parent_id")].append(row)

    def trees(self, table: str) -> Counter[str]:
        return Counter(str(self._tree(table, row)) for row in self._rows.get(table, []))

    def _tree(self, table: str, row: Row) -> dict[str, Any]:
        tree = {
            name: _shown(value)
            for name, value in row.items()
            if name not in ("_dlt_id", "_dlt_parent_id", "_dlt_root_id")
            and value is not None
        }
        for name in tree.keys() & _TIMES:
            tree[name] = "a time of the run"
        if "_dlt_load_id" in row:
            load = row["_dlt_load_id"]
            tree["_dlt_load_id"] = str(self._loads.get(load, f"no load {load}"))
        found: dict[str, Any] = dict(sorted(tree.items()))
        for child in sorted(self._children[table]):
            below = self._below[child, row.get("_dlt_id")]
            below.sort(key=lambda each: each.get("_dlt_list_idx") or 0)
            if below:
                found[f"{child} below"] = [self._tree(child, each) for each in below]
        return found

    def problems(self, table: str) -> Iterator[str]:
        """Ids that are missing, twice there, or lead nowhere or to the wrong row."""
        rows = self._rows.get(table, [])
        ids = Counter(row.get("_dlt_id") for row in rows)
        if rows and "_dlt_id" in rows[0]:
            yield f"ids of {sorted({len(str(each)) for each in ids})} characters"
        if None in ids:
            yield f"{ids[None]} rows without an id"
        if twice := [each for each, count in ids.items() if count > 1]:
            yield f"{len(twice)} ids more than once"
        if table in self._parents:
            yield from self._child_problems(table, rows)

    def _child_problems(self, table: str, rows: list[Row]) -> Iterator[str]:
        parents = {row["_dlt_id"]: row for row in self._rows[self._parents[table]]}
        orphans = [row for row in rows if row.get("_dlt_parent_id") not in parents]
        if orphans:
            yield f"{len(orphans)} rows without a parent"
        places: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            places[str(row.get("_dlt_parent_id"))].append(row.get("_dlt_list_idx", -1))
            root = parents.get(row.get("_dlt_parent_id"), {})
            is_root = self._parents[table] not in self._parents
            expected = root.get("_dlt_id" if is_root else "_dlt_root_id")
            if "_dlt_root_id" in row and row["_dlt_root_id"] != expected:
                yield "a row with the id of another root"
        if any(sorted(each) != list(range(len(each))) for each in places.values()):
            yield "places in a list that are not 0, 1, 2, ..."


def _shown(value: Any) -> str:
    """A value with its type; dlt's INSERT statements take the sign of a zero away."""
    return repr(value + 0.0 if isinstance(value, float) else value)


def _meant(hints: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Hints without what says nothing: a column that is not said to be NOT NULL is nullable."""
    if hints is None:
        return None
    return {
        key: each for key, each in hints.items() if (key, each) != ("nullable", True)
    }


def unlike(plain: Picture, arrow: Picture) -> Iterator[tuple[str, str]]:
    """Root table and what tells the two apart there, in words."""
    for name in sorted({*plain.tables, *arrow.tables}):
        one, other = plain.tables.get(name), arrow.tables.get(name)
        if one is None or other is None:
            yield name, f"only {'arrow' if one is None else 'plain'} has the table"
        else:
            for line in _unlike(one, other):
                yield name, line
    names = {*plain.counted, *arrow.counted}
    for name in sorted(each for each in names if not each.startswith("_dlt")):
        counts = plain.counted.get(name), arrow.counted.get(name)
        if counts[0] != counts[1]:
            yield name, f"rows of the run as dlt counts them: {counts[0]}, {counts[1]}"


def _unlike(one: Table, other: Table) -> Iterator[str]:
    if sorted(one.columns) != sorted(other.columns):
        mine, theirs = set(one.columns), set(other.columns)
        yield f"columns: plain {sorted(mine - theirs)}, arrow {sorted(theirs - mine)}"
    elif (early := _early(one)) != [name for name in _names(other) if name in early]:
        yield f"order of columns: plain {_names(one)}, arrow {_names(other)}"
    if one.rows != other.rows:
        less, more = one.rows - other.rows, other.rows - one.rows
        yield (
            f"{one.rows.total()} and {other.rows.total()} rows;"
            f" {less.total()} only plain: {_few(less)};"
            f" {more.total()} only arrow: {_few(more)}"
        )
    if one.ids != other.ids:
        yield f"ids: plain {one.ids[:5]}, arrow {other.ids[:5]}"
    for what, mine, theirs in (
        ("the table", one.described, other.described),
        *(
            (
                f"column {name}",
                _meant(one.hints.get(name)),
                _meant(other.hints.get(name)),
            )
            for name in sorted({*one.hints, *other.hints})
        ),
    ):
        if mine != theirs:
            yield f"schema of {what}: plain {mine}, arrow {theirs}"


def _names(table: Table) -> list[str]:
    return [name for name, _, _ in table.columns]


def _early(table: Table) -> list[str]:
    """The columns of the first row, in order; dlt appends those that come up later, as they
    come up row by row, and Arrow has them in the order of a whole batch."""
    return list(takewhile(lambda name: not name.startswith("_dlt_"), _names(table)))


def _few(rows: Counter[str]) -> str:
    return " ".join(sorted(each[:400] for each in rows)[:2])
