"""What is wrong with tables of the shop: lost, doubled, orphaned, or of a load that did not end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from tests.endurance.kills import DATABASE
from tests.endurance.shop import LOGS, RECORDS, Row

CHILDREN = {"tags": ("value",), "lines": ("item", "count")}
NESTED = ("tickets", "orders")
Values = tuple[Any, ...]


def problems(database: Path, names: Sequence[str] = tuple(RECORDS)) -> list[str]:
    """Of a load of these resources that came to its end; nothing where all is well."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            *_roots(connection, names),
            *_children(connection, [each for each in NESTED if each in names]),
            *_rejected(connection, names),
            *_loads(connection, names),
        ]


def in_doubt(folder: Path) -> set[str]:
    """Tables whose rows the destination has, though dlt did not note that before it died.

    dlt loads such a file again. Found in what a killed process left.
    """
    database = folder / DATABASE
    started = [
        path
        for path in folder.glob("pipelines/*/load/normalized/*/started_jobs/*")
        if not (path.parent.parent / ".pending_transitions" / path.name).exists()
        and ".sql" not in path.suffixes
    ]
    if not started:
        return set()
    with duckdb.connect(str(database), read_only=True) as connection:
        there = set(
            rows(
                connection,
                "select table_schema, table_name from information_schema.tables",
            )
        )

        def has(path: Path, schema: str) -> bool:
            table, load = path.name.split(".")[0], path.parent.parent.name
            if (schema, table) not in there:
                return False
            query = f"select count(*) from {schema}.{table}"
            if "__" not in table:
                query += f" where _dlt_load_id = '{load}'"
            return bool(rows(connection, query)[0][0])

        return {
            path.name.split(".")[0]
            for path in started
            if not path.name.startswith("_dlt")
            and (
                has(path, "data_staging")
                or ("__" not in path.name and has(path, "data"))
            )
        }


def stuck(folder: Path) -> list[Path]:
    """Files and folders of dlt's own, left by a process that died, with which it refuses to go on.

    Notes that a load has ended which was not put away, packages that were normalized and not
    deleted, and schemas that have no name yet.
    """
    drafts = folder.glob("pipelines/*/schemas/*")
    notes = folder.glob("pipelines/*/load/normalized/*/package_completed.json")
    normalized = folder.glob("pipelines/*/load/normalized/*")
    loads = {path.name for path in normalized}
    read = folder.glob("pipelines/*/normalize/extracted/*")
    return [
        *notes,
        *(path for path in drafts if "." not in path.name),
        *(path for path in read if path.name in loads),
    ]


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Values]:
    return connection.execute(query).fetchall()


def fitting(name: str) -> list[Row]:
    return [each for each in RECORDS[name] if isinstance(each["weight"], int)]


def _roots(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> Iterator[str]:
    for name in names:
        found = rows(
            connection, f"select id, made, weight, _dlt_load_id from data.{name}"
        )
        wanted = [
            (each["id"], datetime.fromisoformat(each["made"]), each["weight"])
            for each in fitting(name)
        ]
        for part in _parts(found, name in LOGS):
            moved = [(key, made.astimezone(UTC), weight) for key, made, weight in part]
            yield from _different(name, wanted, moved)
    # dlt's own names of rows, which child tables refer to
    for name in (*names, "rejected_records"):
        query = f"select _dlt_id from data.{name} group by 1 having count(*) > 1"
        yield from (f"{name}: twice {each}" for each in rows(connection, query)[:3])


def _parts(found: Iterable[Values], by_load: bool) -> list[list[Values]]:
    """The rows without their load; those of each load for themselves where that matters."""
    parts: dict[Any, list[Values]] = {}
    for *values, load in found:
        parts.setdefault(load if by_load else "", []).append(tuple(values))
    return list(parts.values()) or [[]]


def _children(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> Iterator[str]:
    for name in names:
        for child, columns in CHILDREN.items():
            found = rows(
                connection,
                f"""select p.id, c._dlt_list_idx, {", ".join(f"c.{each}" for each in columns)}
                from data.{name}__{child} c
                left join data.{name} p on p._dlt_id = c._dlt_parent_id""",
            )
            wanted = [
                (each["id"], index, *_values(item, columns))
                for each in fitting(name)
                for index, item in enumerate(each[child])
            ]
            yield from _different(f"{name}__{child}", wanted, found)


def _values(item: Any, columns: tuple[str, ...]) -> Values:
    return tuple(item[each] for each in columns) if isinstance(item, dict) else (item,)


def _rejected(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> Iterator[str]:
    found = rows(
        connection,
        "select resource, record, _dlt_load_id from data.rejected_records",
    )
    wanted = {
        (name, each["id"])
        for name in names
        for each in RECORDS[name]
        if not isinstance(each["weight"], int)
    }
    seen: set[tuple[str, int]] = set()
    for part in _parts(found, True):
        keys = [(name, json.loads(record)["id"]) for name, record in part]
        seen.update(keys)
        if len(set(keys)) != len(keys):
            yield f"rejected_records: twice in a load {keys}"
    yield from _different("rejected_records", wanted, seen)
    windowed = [each[:2] for each in found if each[0] in ("orders", "visits")]
    if len(set(windowed)) != len(windowed):
        yield f"rejected_records: twice of a window {windowed}"


def _loads(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> Iterator[str]:
    """Every row is of a load that ended."""
    for name in (*names, "rejected_records"):
        query = f"""select count(*) from data.{name} where _dlt_load_id not in
            (select load_id from data._dlt_loads where status = 0)"""
        if amount := rows(connection, query)[0][0]:
            yield f"{name}: {amount} rows of a load that did not end"


def _different(
    name: str, wanted: Iterable[Values], found: Iterable[Values]
) -> Iterator[str]:
    expected, there = Counter(wanted), Counter(found)
    if lost := expected - there:
        yield f"{name}: lost {lost.total()}, such as {next(iter(lost))}"
    if more := there - expected:
        yield f"{name}: too many {more.total()}, such as {next(iter(more))}"
