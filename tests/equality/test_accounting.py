"""Of many records, some broken in known ways, each is loaded as it was sent or is rejected."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import dlt
import duckdb
import pytest

from tests.equality.hostile_records import SPEC, Entry, entries
from tests.equality.loading import ALWAYS, NEVER, smallest
from tests.scripted import Api, Call, serving
from tests.support import imported, part

COUNT = 100_000 if os.environ.get("GEN_CONNECTOR_WHOLE") else 3_000
PAGE = 1_000


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("ledger")
    path = folder / "ledger.yaml"
    path.write_text(SPEC)
    return imported(path, folder)


@pytest.fixture(scope="module")
def sent() -> list[Entry]:
    return entries(COUNT, seed=20)


@pytest.fixture
def api(sent: list[Entry]) -> Iterator[Api]:
    with serving() as api:
        api.routes["/entries"] = route(sent)
        yield api


def route(sent: Sequence[Entry]) -> Any:
    def route(call: Call) -> bytes:
        start = int(call.query.get("from", "0"))
        records = ",".join(each.text for each in sent[start : start + PAGE])
        end = start + PAGE
        following = f'"/entries?from={end}"' if end < len(sent) else "null"
        return f'{{"data":[{records}],"next":{following}}}'.encode()

    return route


def _as_record(text: str) -> str:
    """A record in one spelling; a plain value is the record `{"value": ...}`."""
    value = json.loads(text)
    return json.dumps(
        {"value": value} if isinstance(value, (str, int, float)) else value
    )


@pytest.mark.parametrize("rows", [NEVER, ALWAYS], ids=["dicts", "arrow"])
def test_loaded_and_rejected_are_all(
    rows: int, module: ModuleType, sent: list[Entry], api: Api, tmp_path: Path
) -> None:
    connection = duckdb.connect(":memory:")
    pipeline = dlt.pipeline(
        f"ledger_{tmp_path.name}",
        destination=dlt.destinations.duckdb(connection),
        dataset_name="data",
        pipelines_dir=str(tmp_path),
    )
    with smallest(module, rows):
        pipeline.run(part(module, "_source")(base_url=api.url))
    good = [each.row for each in sent if each.row is not None]
    loaded = list(_loaded(connection))
    assert [each["id"] for each in loaded] == [each["id"] for each in good]
    wrong = [
        (mine["id"], name, mine[name], row.get(name))
        for mine, row in zip(loaded, good, strict=True)
        for name in mine
        if not _same(mine[name], row.get(name))
    ]
    assert not wrong, f"{len(wrong)} values, such as {wrong[:5]}"
    rejected = connection.execute('select record from data."rejected_records"')
    assert Counter(row[0] for row in rejected.fetchall()) == Counter(
        _as_record(each.text) for each in sent if each.row is None
    )
    counts = "select received, yielded, rejected from data.record_counts"
    amounts = len(sent), len(good), len(sent) - len(good)
    assert connection.execute(counts).fetchall() == [amounts]
    connection.close()


def _loaded(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """The rows in order, the values of lists with them."""
    found = connection.execute("""
        select e.* exclude (_dlt_load_id, _dlt_id), (
            select list(t.value order by t._dlt_list_idx)
            from data.entries__tags t where t._dlt_parent_id = e._dlt_id
        ) as tags from data.entries e order by id
        """)
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        yield dict(zip(names, row, strict=True))


def _same(loaded: Any, sent: Any) -> bool:
    """No digit is lost, no instant shifted; an empty list leaves no trace."""
    if isinstance(loaded, datetime):
        loaded = loaded.astimezone(UTC)
    return loaded == (sent or None if isinstance(sent, list) else sent)


@pytest.mark.parametrize("rows", [NEVER, ALWAYS], ids=["dicts", "arrow"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", "9223372036854775808"),
        ("count", "-9223372036854775809"),
        ("count", "1e400"),
        ("id", "18446744073709551616"),
        ("rate", "NaN"),
        ("rate", "1e400"),
        ("rate", "9007199254740993"),
        ("rate", "1" + "0" * 400),
        ("amount", '"1.12345678901"'),
        ("amount", '"10000000000000000000000000000"'),
        ("amount", '"1e400"'),
        ("at", '"9999-12-31T23:59:59-05:00"'),
        ("at", '"0001-01-01T00:00:00+01:00"'),
        ("place", '{"city": "9999-12-31T23:59:59-05:00"}'),
        ("note", '"a\\u0000b"'),
        ("unknown", "18446744073709551616"),
        ("unknown", "1e400"),
        ("unknown", "-Infinity"),
        ("unknown", '{"deep": [1, {"x": 18446744073709551616}]}'),
        ("unknown", '["9999-12-31T23:59:59-05:00"]'),
    ],
)
def test_a_value_that_no_column_holds_is_rejected(
    rows: int, field: str, value: str, module: ModuleType, tmp_path: Path
) -> None:
    """One record of three; the others are loaded, and nothing of it is."""
    good = '{"id": 1, "name": "a", "state": "open"}'
    odd = f'{{"id": 2, "name": "b", "state": "open", "{field}": {value}}}'
    texts = [good, odd, good.replace("1", "3")]
    connection = duckdb.connect(":memory:")
    pipeline = dlt.pipeline(
        f"odd_{tmp_path.name}",
        destination=dlt.destinations.duckdb(connection),
        dataset_name="data",
        pipelines_dir=str(tmp_path),
    )
    with serving() as api, smallest(module, rows):
        api.routes["/entries"] = route([Entry(text, None, "") for text in texts])
        pipeline.run(part(module, "_source")(base_url=api.url))
    found = connection.execute("select id, name from data.entries order by id")
    assert found.fetchall() == [(1, "a"), (3, "a")]
    rejected = connection.execute("select record from data.rejected_records")
    assert rejected.fetchall() == [(_as_record(odd),)]
    counts = "select received, yielded, rejected from data.record_counts"
    assert connection.execute(counts).fetchall() == [(3, 2, 1)]
    connection.close()


def test_models_and_rows_agree(module: ModuleType, sent: list[Entry], api: Api) -> None:
    """Record by record: the same accepted with the same values, the same rejected."""
    found: list[list[Any]] = []
    rejected: list[list[Any]] = []
    for as_rows in (False, True):
        refused: list[Any] = []
        client = part(module, "Client")(base_url=api.url, on_rejected=refused.append)
        pages = client.entries_pages()
        read = pages.rows() if as_rows else pages
        found.append([record for page in read for record in page])
        rejected.append([(each.errors, _text(each.record)) for each in refused])
        counts = client.counts["entries"]
        good = sum(each.row is not None for each in sent)
        assert (counts.received, counts.yielded) == (len(sent), good)
        assert counts.rejected == len(sent) - good
    models, rows = found
    assert len(models) == len(rows)
    for model, row in zip(models, rows, strict=True):
        assert model.model_dump(by_alias=True, exclude_unset=True) == row
    assert rejected[0] == rejected[1]


def _text(record: Any) -> str:
    return json.dumps(record)
