"""Every record is accounted for: in a table, in the log, and between the API and dlt."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.extract.items_transform import FilterItem

from tests.functional.conftest import Client, Make
from tests.functional.test_loading import BAD, CHILDREN, answer
from tests.scripted import Api
from tests.support import run, source_of, table

THINGS = """
connector: records
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, write_disposition: merge, endpoint: { data_selector: data, paginator: { type: page_number, base_page: 0, total_path: pages } } }
resources:
  - name: things
    filter: "record.get('name') != 'no'"
    schema: &thing { type: object, required: [id, name], properties: { id: { type: integer }, name: { type: string } } }
    model: Thing
  - { name: none, schema: *thing, model: None1 }
"""
PAGES: list[list[dict[str, Any]]] = [
    [{"id": 1, "name": "one", "color": "red"}, {"id": 2, "name": "no"}],
    [{"id": 1, "name": "one", "color": "red"}, BAD, {"id": 3, "name": "three"}],
]
AMOUNTS = "received yielded rejected filtered deduplicated extracted pages".split()


@pytest.fixture
def things(api: Api) -> Api:
    """Five records on two pages: one filtered, one repeated, one that does not fit."""
    api.routes["/things"] = lambda call: {
        "data": PAGES[int(call.query["page"])],
        "pages": 2,
    }
    api.routes["/none"] = lambda call: {"data": [], "pages": 0}
    return api


def counts(pipeline: dlt.Pipeline) -> dict[str, list[int]]:
    """By resource, of all runs."""
    return {
        row["resource"]: [row[name] for name in AMOUNTS]
        for row in table(pipeline, "record_counts", "_dlt_load_id")
    }


def pipeline_in(folder: Path) -> dlt.Pipeline:
    return dlt.pipeline(
        f"accounts_{abs(hash(str(folder)))}",
        destination=dlt.destinations.duckdb(str(folder / "accounts.duckdb")),
        dataset_name="data",
        pipelines_dir=str(folder / "pipelines"),
    )


def test_counts_are_loaded_with_each_run(
    package: Make, things: Api, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also those of a resource without records, and anew where a source runs again."""
    caplog.set_level(logging.INFO)
    source = source_of(package(THINGS), things.url)
    for number in (1, 2):
        loaded = run(source, folder)
        assert counts(loaded) == {
            "things": [5, 2, 1, 1, 1, 2, 2],
            "none": [0] * 6 + [1],
        }
        rows = table(loaded, "record_counts")
        assert len(rows) == 2 * number
    (row,) = [each for each in rows if each["resource"] == "things"][:1]
    assert json.loads(row["unknown_fields"]) == ["color"]
    assert row["started_at"] <= row["ended_at"]
    line = "things: 5 received = 2 yielded + 1 rejected + 1 filtered + 1 deduplicated"
    assert line in caplog.text
    with loaded.sql_client() as client:
        loads = client.execute_sql(
            "select count(*) from data.record_counts join data._dlt_loads"
            " on load_id = _dlt_load_id"
        )
    assert loads == [(4,)]
    trace = loaded.last_trace.last_extract_info.metrics
    (metrics,) = (each for some in trace.values() for each in some if each["hints"])
    custom = metrics["resource_metrics"]["things"].custom_metrics
    assert [custom[name] for name in AMOUNTS] == [5, 2, 1, 1, 1, 2, 2]


def test_the_counts_can_be_left_out(
    package: Make, things: Api, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    source = source_of(package(THINGS), things.url)
    loaded = run(source.with_resources("things", "rejected_records"), folder)
    assert len(table(loaded, "things")) == 2
    assert len(table(loaded, "rejected_records")) == 1
    assert table(loaded, "record_counts") == []
    assert "things: 5 received = " in caplog.text


def test_children_are_counted_once_all_parents_were_read(
    package: Make, api: Api, folder: Path
) -> None:
    """A parent that is not loaded is counted too: nothing of it was given to dlt."""
    posts: list[dict[str, Any]] = [{"id": 10, "key": "a"}, {"id": 11, "key": None}]
    api.routes["/blogs"] = answer([{"id": 1, "lang": "en"}, {"id": 2}])
    api.routes["/blogs/1/posts"] = answer(posts)
    api.routes["/blogs/2/posts"] = answer([])
    loaded = run(source_of(package(CHILDREN), api.url, resources=["posts"]), folder)
    assert counts(loaded) == {
        "posts": [2, 2, 0, 0, 0, 2, 1],
        "blogs": [2, 2, 0, 0, 0, 0, 1],
    }
    rows = table(loaded, "record_counts")
    (row,) = [each for each in rows if each["resource"] == "posts"]
    assert json.loads(row["events"]) == {"parents skipped": 1}


def test_rows_that_the_user_leaves_out_are_told(
    package: Make, things: Api, folder: Path
) -> None:
    source = source_of(package(THINGS), things.url, resources=["things"])
    source.resources["things"].add_filter(lambda row: row["id"] != 3)
    assert counts(run(source, folder)) == {"things": [5, 2, 1, 1, 1, 1, 2]}


def test_load_runs_the_source(package: Make, things: Api, folder: Path) -> None:
    pipeline = pipeline_in(folder)
    module = package(THINGS)
    (info,) = module.load(pipeline, base_url=things.url, resources=["things"])
    assert info.loads_ids
    assert [row["id"] for row in table(pipeline, "things", "id")] == [1, 3]


class Dropping(FilterItem):
    """Loses a record behind the last count."""

    placement_affinity = 2

    def __init__(self) -> None:
        super().__init__(lambda row: row["id"] != 3)


def test_a_record_that_dlt_does_not_load_is_an_error(
    package: Make, things: Api, folder: Path
) -> None:
    module = package(THINGS)

    def losing() -> Any:
        source = source_of(module, things.url, resources=["things"])
        source.resources["things"].add_step(Dropping())
        return source

    with pytest.raises(
        module._runtime.errors.AccountingError,
        match="things: 2 records were read, 2 given to dlt; dlt loaded 1 into things",
    ):
        module._runtime.running.loader(losing)(pipeline_in(folder))


def test_a_record_that_we_lose_is_an_error(
    package: Make, things: Api, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = package(THINGS)
    source = source_of(module, things.url, resources=["things"])
    books: Any = module._runtime.books
    lossless = books.rows
    monkeypatch.setattr(books, "rows", lambda pages: list(lossless(pages))[:-1])
    with pytest.raises(
        Exception, match="things: 2 records were read, but dlt was given"
    ):
        run(source, folder)


def test_a_page_that_does_not_add_up_is_an_error(
    client: Client, things: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = client(THINGS, on_rejected=lambda rejected: None)
    list(made.things_pages())
    made.counts["things"].yielded -= 1
    with pytest.raises(
        Exception, match="5 received = 1 yielded .*bug of the connector"
    ):
        made.counts["things"].finish("things")


LIMITS = """
connector: limits
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { max_rejected: 2, primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - name: number
    schema: &thing { type: object, required: [id], properties: { id: { type: integer } } }
    model: Number
  - { name: share, max_rejected: 50%, schema: *thing, model: Share }
  - { name: all, max_rejected: 100%, schema: *thing, model: All }
  - { name: default, max_rejected: null, schema: *thing, model: Default }
"""


@pytest.mark.parametrize(
    ("resource", "good", "bad", "stops"),
    [
        ("number", 0, 2, False),
        ("number", 100, 3, True),
        ("share", 200, 150, False),
        ("share", 140, 150, True),
        ("share", 1, 99, False),
        ("share", 0, 1, True),
        ("all", 0, 150, False),
        ("default", 1000, 100, False),
        ("default", 899, 100, True),
    ],
)
def test_max_rejected(
    client: Client, api: Api, resource: str, good: int, bad: int, stops: bool
) -> None:
    rows: list[dict[str, Any]] = [{"id": number} for number in range(good)]
    api.routes[f"/{resource}"] = answer([*rows, *[{"id": "x"}] * bad])
    rejected: list[Any] = []
    made = client(LIMITS, on_rejected=rejected.append)
    if not stops:
        assert len(list(getattr(made, resource)())) == good
        assert len(rejected) == bad
        return
    with pytest.raises(Exception) as caught:
        list(getattr(made, resource)())
    lines = str(caught.value).splitlines()
    total = good + bad
    assert lines[0] == (
        f"{resource}: {bad} of {total} records do not fit their model, more than"
        " max_rejected allows, such as"
    )
    assert len(lines) == 1 + min(bad, 3)
    assert lines[1].startswith(f"  page 1, record {good}: id: Input should be a valid")
