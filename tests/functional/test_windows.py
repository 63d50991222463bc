"""Windows: one dlt run each, resumed where a load ended, without loss and without doubles."""

from __future__ import annotations

import importlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.extract.items_transform import FilterItem
from dlt.pipeline.exceptions import PipelineStepFailed

from tests.functional.conftest import Make
from tests.functional.windows_api import BEGIN, Filtered, asked, events, iso
from tests.scripted import Api, Call
from tests.support import run, source_of, table

DAY = timedelta(days=1)


def spec(disposition: str, extra: str = "window: P10D") -> str:
    return f"""
connector: events
silence: [no-auth]
client:
  base_url: https://api.example.com
  error_handler: {{ max_retries: 0 }}
resource_defaults:
  primary_key: id
  write_disposition: {disposition}
  endpoint: {{ data_selector: data, paginator: single_page }}
resources:
  - name: events
    schema: &record
      type: object
      required: [id, at]
      properties: {{ id: {{ type: integer }}, at: {{ type: string, format: date-time }} }}
    endpoint:
      incremental:
        cursor_path: at
        initial_value: "2024-01-01"
        start_param: from
        end_param: to
        {extra}
  - name: plain
    schema: *record
"""


def pipeline_in(folder: Path, name: str = "test") -> dlt.Pipeline:
    return dlt.pipeline(
        f"{name}_{abs(hash(str(folder)))}",
        destination=dlt.destinations.duckdb(str(folder / f"{name}.duckdb")),
        dataset_name="data",
        pipelines_dir=str(folder / f"{name}_pipelines"),
    )


def ids(pipeline: dlt.Pipeline, name: str = "events") -> list[int]:
    return [row["id"] for row in table(pipeline, name, "id")]


@pytest.mark.parametrize("disposition", ["merge", "append"])
@pytest.mark.parametrize("inclusive", [False, True])
def test_a_load_that_failed_goes_on_with_the_window_it_was_in(
    package: Make, api: Api, folder: Path, disposition: str, inclusive: bool
) -> None:
    """D47, A15."""
    route = Filtered(events(50, DAY), inclusive=inclusive)
    api.routes["/events"] = route
    api.routes["/plain"] = lambda call: {"data": events(3, DAY)}
    load = package(spec(disposition)).load
    pipeline = pipeline_in(folder)
    end = BEGIN + 50 * DAY
    route.fails_from = iso(BEGIN + 20 * DAY)
    with pytest.raises(PipelineStepFailed):
        load(pipeline, base_url=api.url, end=end)
    assert ids(pipeline) == list(range(20))
    route.fails_from = ""
    api.calls.clear()
    load(pipeline, base_url=api.url, end=end, resources=["events"])
    assert asked(api, "/events") == [
        (iso(BEGIN + n * DAY), iso(BEGIN + (n + 10) * DAY)) for n in (20, 30, 40)
    ]
    assert ids(pipeline) == list(range(50))
    assert ids(pipeline, "plain") == [0, 1, 2]


def test_a_range_that_is_loaded_is_not_read_again(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/events"] = Filtered(events(50, DAY))
    load = package(spec("append")).load
    pipeline = pipeline_in(folder)

    def loaded(first: int, last: int) -> list[tuple[str, str]]:
        api.calls.clear()
        load(
            pipeline,
            base_url=api.url,
            resources=["events"],
            start=BEGIN + first * DAY,
            end=BEGIN + last * DAY,
        )
        return asked(api, "/events")

    def days(*pairs: tuple[int, int]) -> list[tuple[str, str]]:
        return [(iso(BEGIN + a * DAY), iso(BEGIN + b * DAY)) for a, b in pairs]

    assert loaded(20, 35) == days((20, 30), (30, 35))
    assert loaded(20, 35) == []
    assert loaded(5, 40) == days((5, 15), (15, 20), (35, 40))
    assert loaded(0, 50) == days((0, 5), (40, 50))
    assert ids(pipeline) == list(range(50))


def test_an_empty_window_is_loaded_too(package: Make, api: Api, folder: Path) -> None:
    api.routes["/events"] = Filtered(events(3, DAY))
    load = package(spec("append")).load
    pipeline = pipeline_in(folder)
    for end in (20, 30):
        api.calls.clear()
        load(
            pipeline_in(folder),
            base_url=api.url,
            resources=["events"],
            end=BEGIN + end * DAY,
        )
    assert asked(api, "/events") == [(iso(BEGIN + 20 * DAY), iso(BEGIN + 30 * DAY))]
    assert ids(pipeline) == [0, 1, 2]


def test_what_is_loaded_is_known_on_another_machine(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/events"] = Filtered(events(30, DAY))
    load = package(spec("append")).load
    load(pipeline_in(folder), base_url=api.url, resources=["events"], end="2024-01-21")
    pipeline_in(folder).drop()
    api.calls.clear()
    pipeline = pipeline_in(folder)
    load(pipeline, base_url=api.url, resources=["events"], end="2024-01-31")
    assert asked(api, "/events") == [("2024-01-21T00:00:00Z", "2024-01-31T00:00:00Z")]
    assert ids(pipeline) == list(range(30))


def test_a_package_that_waits_is_loaded_first(
    package: Make, api: Api, folder: Path
) -> None:
    """A process that died between reading and loading left its window in the pipeline."""
    api.routes["/events"] = Filtered(events(30, DAY))
    module = package(spec("append"))
    pipeline = pipeline_in(folder)
    window = ("2024-01-01", "2024-01-11")
    pipeline.extract(source_of(module, api.url, resources=["events"], window=window))
    infos = module.load(
        pipeline, base_url=api.url, resources=["events"], end="2024-01-31"
    )
    assert len(infos) == 3
    assert ids(pipeline) == list(range(30))


def test_a_plain_run_reads_the_whole_range(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/events"] = Filtered(events(30, DAY))
    loaded = run(
        source_of(package(spec("merge")), api.url, resources=["events"]), folder
    )
    assert len(api.calls) == 1
    assert api.calls[0].query["from"] == "2024-01-01T00:00:00Z"
    assert ids(loaded) == list(range(30))


@pytest.mark.parametrize("first", ["plain", "windows"])
def test_a_table_that_is_appended_to_is_loaded_one_way(
    package: Make, api: Api, folder: Path, first: str
) -> None:
    api.routes["/events"] = Filtered(events(30, DAY))
    module = package(spec("append"))
    pipeline = pipeline_in(folder)

    def load(way: str) -> None:
        if way == "plain":
            pipeline.run(source_of(module, api.url, resources=["events"]))
        else:
            module.load(
                pipeline, base_url=api.url, resources=["events"], end="2024-02-01"
            )

    load(first)
    with pytest.raises(PipelineStepFailed, match="so far: go on that way"):
        load("windows" if first == "plain" else "plain")
    assert ids(pipeline) == list(range(30))


def test_looking_back_reads_the_end_of_what_is_loaded_again(
    package: Make, api: Api, folder: Path
) -> None:
    route = Filtered(events(20, DAY))
    api.routes["/events"] = route
    load = package(spec("merge", "window: P10D\n        lookback: P3D")).load
    pipeline = pipeline_in(folder)
    load(pipeline, base_url=api.url, resources=["events"], end="2024-01-21")
    route.records.append({"id": 100, "at": "2024-01-19T12:00:00Z"})
    api.calls.clear()
    load(pipeline, base_url=api.url, resources=["events"], end="2024-01-25")
    assert asked(api, "/events") == [("2024-01-18T00:00:00Z", "2024-01-25T00:00:00Z")]
    assert ids(pipeline) == [*range(20), 100]


@pytest.mark.parametrize(
    ("form", "first", "second"),
    [
        ("date", ("2024-01-01", "2024-01-02"), ("2024-01-01", "2024-01-02")),
        ("epoch", ("1704067200", "1704110400"), ("1704110400", "1704153600")),
        (
            '"%Y-%m-%dT%H"',
            ("2024-01-01T00", "2024-01-01T12"),
            ("2024-01-01T12", "2024-01-02T00"),
        ),
    ],
)
def test_a_format_that_cuts_a_bound_off_loses_nothing(
    package: Make, api: Api, folder: Path, form: str, first: Any, second: Any
) -> None:
    """Half a day is not a date: the upper bound is rounded up, and the rest filtered."""
    records = events(24, timedelta(hours=1))

    def route(call: Call) -> Any:
        low, high = call.query["from"], call.query["to"]
        if form == "epoch":
            low, high = (
                iso(BEGIN + timedelta(seconds=int(each) - BEGIN.timestamp()))
                for each in (low, high)
            )
        return {"data": [each for each in records if low <= str(each["at"]) < high]}

    api.routes["/events"] = route
    text = spec("append", f"window: 12 hours\n        format: {form}")
    pipeline = pipeline_in(folder)
    package(text).load(
        pipeline, base_url=api.url, resources=["events"], end="2024-01-02"
    )
    assert asked(api, "/events") == [first, second]
    assert ids(pipeline) == list(range(24))


def test_months_and_now(package: Make, api: Api, folder: Path) -> None:
    api.routes["/events"] = Filtered(events(100, DAY))
    pipeline = pipeline_in(folder)
    load = package(spec("merge", "window: P1Y")).load
    infos = load(pipeline, base_url=api.url, resources=["events"], end="2199-01-01")
    bounds = asked(api, "/events")
    assert bounds[0] == ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
    assert len(infos) == len(bounds)
    assert all(high < "2199" for _, high in bounds)
    assert len(ids(pipeline)) == 100


class Dropping(FilterItem):
    """Loses a record on its way to the destination."""

    placement_affinity = 2

    def __init__(self) -> None:
        super().__init__(lambda row: row["id"] != 3)


def test_records_that_dlt_does_not_load_are_an_error(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/events"] = Filtered(events(5, DAY))
    module = package(spec("append"))
    windows = importlib.import_module(f"{module.__name__}._runtime.windows")

    def source(names: list[str], window: Any) -> Any:
        made = source_of(module, api.url, resources=names, window=window)
        made.resources["events"].add_step(Dropping())
        return made

    each = windows.Windowed("events", {"days": 10}, BEGIN)
    with pytest.raises(
        module._runtime.errors.AccountingError,
        match="events: 5 records were read, 5 given to dlt; dlt loaded 4 into events",
    ):
        windows.load_windows(
            pipeline_in(folder),
            source,
            "events",
            ["events"],
            [each],
            None,
            "2024-01-11",
        )
