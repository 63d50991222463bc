"""Compares what a load left in DuckDB with what the server has; prints what differs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from tests.benchmarks.runtime.records import expected


class Loaded(NamedTuple):
    """A database, and what has to be in it."""

    database: str
    records: int
    tags: bool
    """Whether lists became a child table."""
    undeclared: bool
    """Whether fields that the schema does not name were kept."""


def faults(loaded: Loaded) -> Iterator[str]:
    wanted = expected(loaded.records)
    queries = {
        "select count(*) from data.tickets": wanted.records,
        "select count(distinct id) from data.tickets": wanted.records,
    }
    if loaded.tags:
        queries["select count(*) from data.tickets__tags"] = wanted.tags
    if loaded.undeclared:
        queries["select count(region) from data.tickets"] = wanted.undeclared
        queries["select count(sla_minutes) from data.tickets"] = wanted.undeclared
    if not Path(loaded.database).exists():
        yield "there is no database"
        return
    with duckdb.connect(loaded.database, read_only=True) as connection:
        for query, number in queries.items():
            row = connection.execute(query).fetchone()
            if row != (number,):
                yield f"{query}: {row and row[0]}, not {number}"


if __name__ == "__main__":
    for given in json.load(sys.stdin):
        for fault in faults(Loaded(*given)):
            print(f"{given[0]}: {fault}")
