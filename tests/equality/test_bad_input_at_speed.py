"""Answers that are too large, too wide or change their mind, at the speed of Arrow."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from tests.equality.loading import ALWAYS, NEVER, differences, smallest, told
from tests.equality.shape import INTEGER, TEXT, Shape, spec_of, things
from tests.scripted import Api, serving
from tests.support import imported, part

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
WAYS = pytest.mark.parametrize("rows", [NEVER, ALWAYS], ids=["dicts", "arrow"])
SHAPE = Shape("items", (), things(name=TEXT, count=INTEGER), only="append")

Load = Callable[..., duckdb.DuckDBPyConnection]
"""Loads a body; `limit` is the number of bytes that an answer may have."""


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def load(api: Api, tmp_path: Path) -> Iterator[Load]:
    """Loads what `/items` answers with, again and again into one database."""
    path = tmp_path / "shapes.yaml"
    path.write_text(spec_of([SHAPE], "append"))
    module = imported(path, tmp_path)
    connection = duckdb.connect(":memory:")
    pipeline = dlt.pipeline(
        f"bad_{tmp_path.name}",
        destination=dlt.destinations.duckdb(connection),
        dataset_name="data",
        pipelines_dir=str(tmp_path / "pipelines"),
    )

    transport = importlib.import_module(f"{module.__name__}._runtime.transport")

    def run(
        body: str, rows: int, limit: int = 256 * 2**20
    ) -> duckdb.DuckDBPyConnection:
        api.routes["/items"] = lambda call: body.encode()
        limited = transport.Transport(max_response_bytes=limit)
        with smallest(module, rows):
            pipeline.run(part(module, "_source")(base_url=api.url, transport=limited))
        return connection

    yield run
    connection.close()


def body(records: Sequence[Any]) -> str:
    return json.dumps({"data": records, "next": None})


def one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    found = connection.execute(query).fetchone()
    assert found is not None
    return found[0] if len(found) == 1 else found


@WAYS
def test_an_answer_above_the_limit_is_an_error(load: Load, rows: int) -> None:
    size, limit = (300 * 2**20, 256 * 2**20) if WHOLE else (300, 200)
    with pytest.raises(Exception, match=f"the answer exceeds {limit} bytes"):
        load(body([{"id": 1, "name": "x" * size}]), rows, limit)


@WAYS
def test_a_large_answer_below_the_limit(load: Load, rows: int) -> None:
    """200 MB in `make equality`."""
    count = 100_000 if WHOLE else 2_000
    text = "x" * (2_000 if WHOLE else 20)
    sent = body([{"id": n, "name": f"{n} {text}"} for n in range(count)])
    connection = load(sent, rows)
    found = one(connection, "select count(*), max(length(name)) from data.items")
    assert found == (count, len(str(count - 1)) + 1 + len(text))


@WAYS
def test_a_large_record(load: Load, rows: int) -> None:
    """20 MB in `make equality`."""
    size = 20 * 2**20 if WHOLE else 2**18
    connection = load(body([{"id": 1, "name": "y" * size}, {"id": 2}]), rows)
    assert one(connection, "select sum(length(name)) from data.items") == size


@WAYS
def test_many_columns(load: Load, rows: int) -> None:
    """Ten thousand in `make equality`; a hundred of them are named in the log."""
    count = 10_000 if WHOLE else 150
    record = {f"c{n}": n for n in range(count)}
    connection = load(body([{"id": n, **record} for n in range(3)]), rows)
    last = f"c{count - 1}"
    assert one(connection, f"select sum({last}) from data.items") == 3 * (count - 1)
    named = "select json_array_length(unknown_fields) from data.record_counts"
    assert one(connection, named) == 100


@WAYS
def test_an_empty_resource(load: Load, rows: int) -> None:
    """Its table is there with the columns that the schema fixes, and its rows fit into it."""
    query = (
        "select column_name, data_type from information_schema.columns"
        " where table_name = 'items' and column_name not like '!_dlt%' escape '!'"
        " order by ordinal_position"
    )
    columns = [("id", "BIGINT"), ("name", "VARCHAR"), ("count", "BIGINT")]
    connection = load(body([]), rows)
    assert connection.execute(query).fetchall() == columns
    assert one(connection, "select count(*) from data.items") == 0
    load(body([{"id": 1, "name": "a"}]), rows)
    load(body([]), rows)
    assert connection.execute(query).fetchall() == columns
    assert one(connection, "select count(*) from data.items") == 1


def test_a_field_that_changes_its_type_in_the_middle() -> None:
    """Batches before and after go as Arrow tables, or do not: the tables are the same."""
    size = 2_000 if WHOLE else 60
    numbers = [{"id": n, "size": n} for n in range(size)]
    texts = [{"id": size + n, "size": f"{n} kg"} for n in range(size)]
    again = [{"id": 2 * size + n, "size": n} for n in range(size)]
    mixed = [numbers[0], texts[0], numbers[1]]
    runs = ([numbers, texts, again, mixed], [texts, numbers])
    shape = Shape("weights", runs, things(name=TEXT))
    found = differences([shape], "append", {"arrow": [ALWAYS], "partly": [size]})
    assert not found, told(found)
