"""The same records give the same tables in DuckDB, in PostgreSQL and in parquet files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow.dataset
import pytest

from tests.equality import postgres
from tests.equality.hostile_records import SPEC, entries
from tests.equality.loading import ALWAYS, NEVER, smallest
from tests.equality.test_accounting import route
from tests.scripted import serving
from tests.support import imported, part

COUNT = 20_000 if os.environ.get("GEN_CONNECTOR_WHOLE") else 300
TABLES = ("entries", "entries__tags", "rejected_records")

Rows = list[dict[str, Any]]
Read = Callable[[str], Rows]
"""The rows of a table."""


@contextmanager
def in_duckdb(folder: Path) -> Generator[tuple[Any, Read], None, None]:
    connection = duckdb.connect(":memory:")

    def read(table: str) -> Rows:
        found = connection.execute(f'select * from data."{table}"')
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    yield dlt.destinations.duckdb(connection), read
    connection.close()


class Statements(dlt.destinations.duckdb):
    """DuckDB as one that takes INSERT statements only, as Redshift without a staging area."""

    def _raw_capabilities(self) -> Any:
        capabilities = super()._raw_capabilities()
        capabilities.supported_loader_file_formats = ["insert_values"]
        return capabilities


@contextmanager
def in_statements(folder: Path) -> Generator[tuple[Any, Read], None, None]:
    with in_duckdb(folder) as (destination, read):
        connection = destination.config_params["credentials"]
        yield Statements(connection), read


@contextmanager
def in_postgres(folder: Path) -> Generator[tuple[Any, Read], None, None]:
    if not postgres.installed() or find_spec("psycopg2") is None:
        pytest.skip("needs PostgreSQL's server and psycopg2")
    import psycopg2

    with postgres.running() as url:

        def read(table: str) -> Rows:
            connection = psycopg2.connect(url)
            cursor = connection.cursor()
            cursor.execute(f'select * from data."{table}"')
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            connection.close()
            return rows

        yield dlt.destinations.postgres(url), read


@contextmanager
def in_files(folder: Path) -> Generator[tuple[Any, Read], None, None]:
    place = folder / "files"

    def read(table: str) -> Rows:
        found = (place / "data" / table).glob("*.parquet")
        rows: Rows = (
            pyarrow.dataset.dataset(list(map(str, found))).to_table().to_pylist()
        )
        return rows

    place.mkdir()
    yield dlt.destinations.filesystem(
        place.as_uri(), layout="{table_name}/{load_id}.{file_id}.{ext}"
    ), read


DESTINATIONS: dict[str, Callable[[Path], AbstractContextManager[tuple[Any, Read]]]] = {
    "duckdb": in_duckdb,
    "statements": in_statements,
    "postgres": in_postgres,
    "files": in_files,
}


def _tables(read: Read) -> dict[str, Counter[str]]:
    """The rows by their values, each child with the key of its parent."""
    keys = {row["_dlt_id"]: row["id"] for row in read("entries")}
    found: dict[str, Counter[str]] = {}
    for table in TABLES:
        rows = []
        for row in read(table):
            shown = {
                name: _shown(value)
                for name, value in row.items()
                if (not name.startswith("_dlt") and value is not None)
                or name == "_dlt_list_idx"
            }
            shown.pop("request", None)  # the port of the server
            if "_dlt_parent_id" in row:
                shown["parent"] = keys[row["_dlt_parent_id"]]
            rows.append(str(sorted(shown.items())))
        found[table] = Counter(rows)
    return found


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".")
    return repr(value)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    return _loaded("duckdb", NEVER, tmp_path_factory.mktemp("expected"))


def _loaded(name: str, rows: int, folder: Path) -> dict[str, Counter[str]]:
    path = folder / "ledger.yaml"
    path.write_text(SPEC)
    module = imported(path, folder)
    with serving() as api, DESTINATIONS[name](folder) as (destination, read):
        api.routes["/entries"] = route(entries(COUNT, seed=7))
        pipeline = dlt.pipeline(
            f"into_{folder.name}",
            destination=destination,
            dataset_name="data",
            pipelines_dir=str(folder / "pipelines"),
        )
        with smallest(module, rows):
            file_format: Any = "parquet" if name == "files" else None
            pipeline.run(
                part(module, "_source")(base_url=api.url),
                loader_file_format=file_format,
            )
        return _tables(read)


CASES: Sequence[tuple[str, int]] = [
    ("duckdb", ALWAYS),
    ("statements", ALWAYS),
    ("postgres", NEVER),
    ("postgres", ALWAYS),
    ("files", NEVER),
    ("files", ALWAYS),
]


@pytest.mark.parametrize(
    ("name", "rows"), CASES, ids=[f"{n}-{'dicts' if r else 'arrow'}" for n, r in CASES]
)
def test_same_rows(
    name: str,
    rows: int,
    expected: dict[str, Counter[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO"):
        found = _loaded(name, rows, tmp_path)
    reason = "entries is loaded as dicts: the destination does not load parquet"
    assert caplog.messages.count(reason) == (name == "statements")
    for table in TABLES:
        less, more = expected[table] - found[table], found[table] - expected[table]
        assert (
            not less and not more
        ), f"{table}: {list(less)[:2]} became {list(more)[:2]}"
        assert found[table]


FAMILY = """
connector: family
silence: [no-auth, no-schema, no-primary-key]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { data_selector: data, paginator: single_page } }
resources:
  - name: things
  - { name: parts, endpoint: { path: "things/{resources.things.id}/parts" } }
"""


def test_many_rows_that_stay_dicts_go_into_postgres(tmp_path: Path) -> None:
    """Without a driver for parquet, which dlt finds out about after the rows were read."""
    rows = [{"id": number, "tags": ["a"]} for number in range(9)]
    path = tmp_path / "family.yaml"
    path.write_text(FAMILY)
    module = imported(path, tmp_path)
    with serving() as api, in_postgres(tmp_path) as (destination, read):
        api.routes["/things"] = lambda call: {"data": rows}
        for row in rows:
            api.routes[f"/things/{row['id']}/parts"] = lambda call: {"data": []}
        pipeline = dlt.pipeline(
            f"family_{tmp_path.name}",
            destination=destination,
            dataset_name="data",
            pipelines_dir=str(tmp_path / "pipelines"),
        )
        with smallest(module, 5):
            pipeline.run(part(module, "_source")(base_url=api.url))
        assert {row["id"] for row in read("things")} == set(range(9))
        assert len(read("things__tags")) == 9
