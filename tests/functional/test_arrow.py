"""Faults of dlt with Arrow tables: what our source makes of the same records beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import dlt
import pyarrow
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.sources.rest_api import rest_api_source
from pydantic import BaseModel, Field

from tests.equality.loading import ALWAYS, NEVER, smallest
from tests.functional.conftest import Make
from tests.scripted import Api, Call
from tests.support import run, source_of, table

SPEC = """
connector: shops
silence: [no-auth, no-primary-key]
client: { base_url: https://api.example.com }
resources:
  - name: things
    schema:
      type: object
      required: [id]
      properties: { id: { type: integer, minimum: 10 }, name: { type: string, pattern: ^a } }
    endpoint: { data_selector: data, paginator: { type: json_link, next_url_path: next } }
"""


class Thing(BaseModel):
    """The model of the same records for dlt."""

    id: Annotated[int, Field(ge=10)]
    name: Annotated[str, Field(pattern="^a")]


def load(
    package: Make, api: Api, folder: Path, *pages: Any, size: int = ALWAYS
) -> dlt.Pipeline:
    """Loads the pages by our source, batches of `size` rows and more as Arrow tables."""

    def route(call: Call) -> Any:
        number = int(call.query.get("page", "0"))
        following = f"/things?page={number + 1}" if number + 1 < len(pages) else None
        return {"data": pages[number], "next": following}

    api.routes["/things"] = route
    module = package(SPEC)
    with smallest(module, size):
        return run(source_of(module, api.url), folder)


def theirs(folder: Path, items: Any, **hints: Any) -> dlt.Pipeline:
    """Loads the items by a resource of dlt."""

    def things() -> Iterator[Any]:
        yield from items

    return run(dlt.resource(things, name="things", **hints), folder, "theirs")


def formats(pipeline: dlt.Pipeline) -> set[str]:
    """What kinds of files dlt was given: Arrow tables are `parquet`."""
    trace = pipeline.last_trace
    assert trace.last_extract_info is not None
    jobs = trace.last_extract_info.load_packages[0].jobs["new_jobs"]
    found = [each.job_file_info for each in jobs]
    return {each.file_format for each in found if each.table_name == "things"}


BAD: list[Any] = [{"id": 1, "name": "b", "more": 2}, {"id": 10, "name": "a"}]


def test_d57_arrow_tables_are_made_of_validated_records(
    package: Make, api: Api, folder: Path
) -> None:
    """dlt: what the model refuses is loaded, with a column that it does not name."""
    loaded = load(package, api, folder, BAD)
    assert formats(loaded) == {"parquet"}
    assert table(loaded, "things") == [{"id": 10, "name": "a"}]
    (rejected,) = table(loaded, "rejected_records")
    assert "id: Input should be greater than or equal to 10" in rejected["errors"]
    arrow = pyarrow.Table.from_pylist(BAD)
    found = table(theirs(folder, [arrow], columns=Thing), "things")
    assert [(each["id"], each["more"]) for each in found] == [(1, 2), (10, None)]


def test_d58_arrow_tables_and_rows_in_one_resource(
    package: Make, api: Api, folder: Path
) -> None:
    """dlt: the load fails, since the rows have an id of their load and the table has none."""
    first = [{"id": 10, "name": "a"}]
    many = [{"id": number, "name": f"a{number}"} for number in range(11, 20)]
    loaded = load(package, api, folder, first, many, size=5)
    assert formats(loaded) > {"parquet"}
    assert table(loaded, "things", "id") == [*first, *many]
    with pytest.raises(PipelineStepFailed, match="_dlt_load_id"):
        theirs(folder, [pyarrow.Table.from_pylist(first), many])


def test_d59_a_field_that_becomes_text(package: Make, api: Api, folder: Path) -> None:
    """dlt: the run ends where two tables of a resource have two types for a column."""
    numbers = [{"id": 10 + number, "name": "a", "size": number} for number in range(5)]
    texts = [{"id": 15, "name": "a", "size": "5 kg"}]
    loaded = load(package, api, folder, numbers, texts)
    found = table(loaded, "things", "id")
    assert [(each["size"], each["size__v_text"]) for each in found] == [
        *((number, None) for number in range(5)),
        (None, "5 kg"),
    ]
    assert formats(loaded) > {"parquet"}
    with pytest.raises(PipelineStepFailed, match="incompatible schemas"):
        theirs(folder, map(pyarrow.Table.from_pylist, (numbers, texts)))


def test_d61_dlt_asks_for_one_page_after_the_other(api: Api) -> None:
    """Though the first answer tells how many there are; for ours see test_ahead."""
    running: list[int] = []
    under_way = 0

    def route(call: Call) -> Any:
        nonlocal under_way
        under_way += 1
        running.append(under_way)
        start = int(call.query["offset"])
        time.sleep(0.02)
        under_way -= 1
        return {"data": [{"id": start}], "total": 20}

    api.routes["/things"] = route
    pages = {"type": "offset", "limit": 1, "total_path": "total"}
    endpoint: Any = {"data_selector": "data", "paginator": pages}
    config: Any = {
        "client": {"base_url": api.url},
        "resources": [{"name": "things", "endpoint": endpoint}],
    }
    assert len(list(rest_api_source(config).resources["things"])) == 20
    assert max(running) == 1


FAMILY = SPEC.replace("shops", "family") + """
  - name: parts
    endpoint: { path: "things/{resources.things.id}/parts", data_selector: data, paginator: single_page }
"""


def test_many_rows_that_stay_dicts_are_no_statements(
    package: Make, api: Api, folder: Path
) -> None:
    """A parent's rows are dicts; dlt would write INSERT statements of them for DuckDB."""
    rows = [{"id": 10 + number, "name": "a", "half": number / 2} for number in range(9)]
    api.routes["/things"] = lambda call: {"data": rows}
    api.routes.update(
        {f"/things/{row['id']}/parts": lambda call: {"data": []} for row in rows}
    )
    module = package(FAMILY)
    kinds: list[set[str]] = []
    for size in (NEVER, 5):
        with smallest(module, size):
            loaded = run(source_of(module, api.url), folder)
        assert formats(loaded) == {"typed-jsonl"}
        trace = loaded.last_trace
        assert trace.last_load_info is not None
        jobs = trace.last_load_info.load_packages[0].jobs["completed_jobs"]
        files = [each.job_file_info for each in jobs]
        kinds.append(
            {each.file_format for each in files if each.table_name == "things"}
        )
    assert kinds == [{"insert_values"}, {"parquet"}]
    assert table(loaded, "things", "id") == [row for row in rows for _ in range(2)]
