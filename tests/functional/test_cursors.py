"""Incremental loading beyond one bound: order, filtering here, text cursors, where bounds go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.common.pendulum import pendulum
from dlt.sources.rest_api import rest_api_source

from generator.pipeline import SpecError, compile_spec
from tests.functional.conftest import Client, Make
from tests.functional.windows_api import BEGIN, Filtered, asked, events, iso
from tests.scripted import Api, Call
from tests.support import run, source_of, table

DAY = timedelta(days=1)
TYPED = "schema: { type: object, required: [id], properties: { id: { type: integer }, at: { type: string, format: date-time } } }"
PLAIN = "schema: { type: object, required: [id, at], properties: { id: { type: integer }, at: { type: string } } }"
NUMBER = "schema: { type: object, required: [id, at], properties: { id: { type: integer }, at: { type: integer } } }"


def spec(
    incremental: str, more: str = "", schema: str = TYPED, key: str = "append"
) -> str:
    return f"""
connector: events
silence: [no-auth]
client: {{ base_url: https://api.example.com }}
resource_defaults: {{ primary_key: id, write_disposition: {key} }}
resources:
  - name: events
    {schema}
    endpoint:
      data_selector: data
      paginator: {{ type: json_link, next_url_path: next }}
      incremental: {{ cursor_path: at, {incremental} }}
      {more}
"""


def paged(*pages: list[dict[str, Any]]) -> Any:
    """Pages that name the next one."""

    def route(call: Call) -> Any:
        number = int(call.query.get("page", "0"))
        more = number + 1 < len(pages)
        return {
            "data": pages[number],
            "next": f"/events?page={number + 1}" if more else None,
        }

    return route


def days(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": n, "at": iso(BEGIN + n * DAY)} for n in numbers]


def ids(pipeline: dlt.Pipeline, name: str = "events") -> list[int]:
    return [row["id"] for row in table(pipeline, name, "id")]


def dlt_source(url: str, incremental: dict[str, Any], **endpoint: Any) -> Any:
    return rest_api_source(
        {
            "client": {"base_url": url},
            "resources": [
                {
                    "name": "events",
                    "primary_key": "id",
                    "endpoint": {
                        "path": "events",
                        "data_selector": "data",
                        "paginator": {"type": "json_link", "next_url_path": "next"},
                        "incremental": {"cursor_path": "at", **incremental},
                        **endpoint,
                    },
                }
            ],
        }
    )


# ---- order


def test_unsorted_data_is_read_whole(
    client: Client, package: Make, api: Api, folder: Path
) -> None:
    """D44."""
    api.routes["/events"] = paged(days(3, 2, 1), days(21, 20), days(5, 30))
    since = BEGIN + 10 * DAY
    text = spec("row_order: desc, start_param: from")
    made = client(text)
    assert [each.id for each in made.events(since=since)] == [21, 20, 30]
    counts = made.counts["events"]
    assert (counts.received, counts.yielded, counts.filtered) == (7, 3, 4)
    assert counts.events == {"pages out of order": 2}
    loaded = run(source_of(package(text), api.url, since=since), folder)
    assert ids(loaded) == [20, 21, 30]

    api.calls.clear()
    theirs = dlt_source(api.url, {"initial_value": iso(since), "row_order": "desc"})
    assert ids(run(theirs, folder, "theirs")) == []
    assert len(api.calls) == 1


def test_newest_first_ends_early(client: Client, api: Api) -> None:
    api.routes["/events"] = paged(
        days(9, 8), days(7, 6), days(5, 4), days(3, 2), days(1)
    )
    made = client(spec("row_order: desc, start_param: from"))
    assert [each.id for each in made.events(since=BEGIN + 7 * DAY)] == [9, 8, 7]
    assert len(api.calls) == 3
    assert made.counts["events"].events["reads ended early"] == 1


def test_bounds_may_be_of_pendulum(client: Client, api: Api) -> None:
    """As dlt keeps and gives them: differences of theirs are no `timedelta` of Python."""
    api.routes["/events"] = paged(days(9, 8), days(7, 6), days(5, 4))
    made = client(
        spec(
            "row_order: desc, start_param: from, end_param: to, "
            'format: epoch, initial_value: "2024-01-01", end_value: "2025-01-01"'
        )
    )
    since = pendulum.instance(BEGIN + 7 * DAY)
    until = pendulum.instance(BEGIN + 9 * DAY - DAY / 1000)
    found = list(made.events(since=since, until=until))
    assert [each.id for each in found] == [8, 7]
    # The upper bound is rounded up.
    assert asked(api, "/events")[0] == ("1704672000", "1704844714")


def test_oldest_first_ends_after_the_upper_bound(client: Client, api: Api) -> None:
    api.routes["/events"] = paged(days(1, 2), days(3, 4), days(5, 6), days(7, 8))
    made = client(
        spec(
            'row_order: asc, start_param: from, initial_value: "2024-01-01", end_value: "2024-01-04"'
        )
    )
    found = list(made.events(since=BEGIN, until=BEGIN + 3 * DAY))
    assert [each.id for each in found] == [1, 2]
    assert len(api.calls) == 3


def test_an_order_that_breaks_in_the_middle_is_seen(client: Client, api: Api) -> None:
    api.routes["/events"] = paged(days(9, 8, 4), days(3, 7), days(2), days(6), days(1))
    made = client(spec("row_order: desc, start_param: from"))
    assert [each.id for each in made.events(since=BEGIN + 5 * DAY)] == [9, 8, 7, 6]
    assert len(api.calls) == 5


def test_without_a_bound_order_changes_nothing(client: Client, api: Api) -> None:
    api.routes["/events"] = paged(days(1), days(9), days(5))
    made = client(spec("row_order: desc, start_param: from"))
    assert [each.id for each in made.events()] == [1, 9, 5]


# ---- filtering here


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("", [3, 4]),
        (", range_start: open", [4]),
        (", range_end: closed", [3, 4, 5]),
        (", range_start: open, range_end: closed", [4, 5]),
    ],
)
def test_what_is_out_of_the_range_is_filtered_and_counted(
    client: Client, package: Make, api: Api, folder: Path, options: str, kept: list[int]
) -> None:
    records = [*days(1, 5, 3, 2, 4, 6)]
    api.routes["/events"] = paged(records)
    text = spec(
        f'client_side: true, initial_value: "2024-01-04", end_value: "2024-01-06"{options}'
    )
    made = client(text)
    start, end = BEGIN + 3 * DAY, BEGIN + 5 * DAY
    found = [each.id for each in made.events(since=start, until=end)]
    assert sorted(found) == kept
    counts = made.counts["events"]
    assert counts.received == 6 == counts.yielded + counts.filtered
    loaded = run(source_of(package(text), api.url), folder)
    assert ids(loaded) == kept


def test_a_record_without_a_cursor_is_not_filtered(client: Client, api: Api) -> None:
    api.routes["/events"] = paged([*days(1, 9), {"id": 100}])
    made = client(spec("client_side: true, on_cursor_value_missing: include"))
    assert [each.id for each in made.events(since=BEGIN + 5 * DAY)] == [9, 100]


# ---- text cursors


def test_text_cursors_are_compared_as_instants(
    package: Make, api: Api, folder: Path
) -> None:
    """D46."""
    runs = [
        [{"id": 1, "at": "2026-01-02T05:00:00+09:00"}],
        [{"id": 2, "at": "2026-01-02T01:00:00+00:00"}],
        [{"id": 3, "at": "2026-01-02T09:30:00+09:00"}],  # half an hour earlier
    ]
    api.routes["/events"] = lambda call: {"data": runs[number]}
    for number in range(3):
        ours = run(source_of(package(spec("", schema=PLAIN)), api.url), folder, "ours")
        theirs = run(dlt_source(api.url, {}), folder, "theirs")
    assert ids(ours) == [1, 2]
    assert ids(theirs) == [1, 3]


@pytest.mark.parametrize("schema", [TYPED, PLAIN])
def test_a_later_moment_in_another_offset_is_loaded(
    package: Make, api: Api, folder: Path, schema: str
) -> None:
    runs = [
        [{"id": 1, "at": "2026-01-02T05:00:00+09:00"}],
        [{"id": 2, "at": "2026-01-02T01:00:00+00:00"}],
    ]
    api.routes["/events"] = lambda call: {"data": runs[number]}
    for number in range(2):
        loaded = run(source_of(package(spec("", schema=schema)), api.url), folder)
    assert ids(loaded) == [1, 2]


def test_dates_that_are_not_iso_are_read_as_the_spec_says(
    package: Make, api: Api, folder: Path
) -> None:
    runs = [
        [{"id": 1, "at": "28/02/2024"}, {"id": 2, "at": "05/01/2024"}],
        [{"id": 3, "at": "01/03/2024"}, {"id": 4, "at": "2024-02-27"}],
    ]
    api.routes["/events"] = lambda call: {"data": runs[number]}
    text = spec(
        'cursor_formats: ["%d/%m/%Y"], start_param: from, end_param: to, format: epoch',
        schema=PLAIN,
    )
    for number in range(2):
        loaded = run(source_of(package(text), api.url), folder)
    assert ids(loaded) == [1, 2, 3]
    assert [call.query.get("from") for call in api.calls] == [None, "1709078400"]
    written = spec('cursor_formats: ["%d/%m/%Y"], start_param: from', schema=PLAIN)
    api.calls.clear()
    list(package(written).EventsClient(base_url=api.url).events(since="2024-02-28"))
    assert api.calls[0].query["from"] == "28/02/2024"


def test_texts_of_digits_are_read_as_epochs(
    package: Make, api: Api, folder: Path
) -> None:
    runs = [
        [{"id": 1, "at": "1709078400"}, {"id": 2, "at": "999999999"}],
        [{"id": 3, "at": "1709164800"}, {"id": 4, "at": "1709078399"}],
    ]
    api.routes["/events"] = lambda call: {"data": runs[number]}
    text = spec(
        "cursor_formats: [epoch], start_param: from, format: date", schema=PLAIN
    )
    for number in range(2):
        loaded = run(source_of(package(text), api.url), folder)
    assert ids(loaded) == [1, 2, 3]
    assert [call.query.get("from") for call in api.calls] == [None, "2024-02-28"]
    written = spec("cursor_formats: [epoch_ms], start_param: from", schema=PLAIN)
    api.calls.clear()
    list(package(written).EventsClient(base_url=api.url).events(since="2024-02-28"))
    assert api.calls[0].query["from"] == "1709078400000"


# ---- where bounds are sent


def test_bounds_go_into_headers_body_and_path(client: Client, api: Api) -> None:
    api.routes["/events/2024-02-01"] = lambda call: {"data": []}
    text = spec(
        'initial_value: "2024-01-01", end_value: "2024-03-01", format: date',
        """path: events/{incremental.start_value}
      method: POST
      headers: { X-Since: "{incremental.start_value}", X-Range: "{incremental.start_value}/{incremental.end_value}" }
      json: { filter: { from: "{incremental.start_value}", to: "{incremental.end_value}", all: false } }""",
    )
    list(client(text).events(since="2024-02-01", until="2024-03-01"))
    call = api.calls[0]
    assert call.headers["x-since"] == "2024-02-01"
    assert call.headers["x-range"] == "2024-02-01/2024-03-01"
    assert call.json == {
        "filter": {"from": "2024-02-01", "to": "2024-03-01", "all": False}
    }


def test_without_a_value_a_bound_is_left_out(client: Client, api: Api) -> None:
    api.routes["/events"] = lambda call: {"data": []}
    text = spec(
        "start_param: from",
        """method: POST
      headers: { X-Since: "{incremental.start_value}", X-Other: "yes" }
      json: { filter: { from: "{incremental.start_value}", kind: 1 } }""",
    )
    list(client(text).events())
    call = api.calls[0]
    assert "from" not in call.query
    assert "x-since" not in call.headers
    assert call.headers["x-other"] == "yes"
    assert call.json == {"filter": {"kind": 1}}


def test_the_time_of_the_run_is_the_upper_bound_of_a_placeholder(
    client: Client, api: Api
) -> None:
    api.routes["/events"] = lambda call: {"data": []}
    text = spec("start_param: from", 'params: { to: "<{incremental.end_value}" }')
    list(client(text).events())
    sent = datetime.fromisoformat(api.calls[0].query["to"].removeprefix("<"))
    assert abs((datetime.now(UTC) - sent).total_seconds()) < 60


def test_the_other_spelling_puts_bounds_into_header_and_body(
    client: Client, api: Api
) -> None:
    api.routes["/events"] = lambda call: {"data": []}
    text = f"""
connector: events
silence: [no-auth]
client: {{ base_url: https://api.example.com }}
resources:
  - name: events
    primary_key: id
    {TYPED}
    endpoint:
      http_method: POST
      paginator: single_page
      data_selector: data
      incremental_sync:
        cursor_field: at
        datetime_format: "%Y-%m-%d"
        start_time_option: {{ field_name: since, inject_into: body_json }}
        end_time_option: {{ field_name: X-Until, inject_into: header }}
"""
    list(client(text).events(since="2024-02-01"))
    assert api.calls[0].json == {"since": "2024-02-01"}
    assert api.calls[0].headers["x-until"] == f"{datetime.now(UTC):%Y-%m-%d}"


# ---- what the next run starts from


@pytest.mark.parametrize(
    ("options", "schema", "values", "sent"),
    [
        ("lookback: P2D", TYPED, ["2024-03-10T00:00:00Z"], "2024-03-08T00:00:00Z"),
        ("lookback: 12 hours", TYPED, ["2024-03-10T00:00:00Z"], "2024-03-09T12:00:00Z"),
        ("lag: 3600", TYPED, ["2024-03-10T00:00:00Z"], "2024-03-09T23:00:00Z"),
        ("lag: 2", NUMBER, [10], "8"),
        ("lookback: PT1M, format: epoch", NUMBER, [1000], "940"),
        ("last_value_func: min", NUMBER, [10, 4, 7], "4"),
        ("last_value_func: max", NUMBER, [10, 4, 7], "10"),
    ],
)
def test_the_next_run_starts_where_the_spec_says(
    package: Make,
    api: Api,
    folder: Path,
    options: str,
    schema: str,
    values: list[Any],
    sent: str,
) -> None:
    records = [{"id": n, "at": value} for n, value in enumerate(values)]
    api.routes["/events"] = lambda call: {"data": records}
    text = spec(f"{options}, start_param: from", schema=schema, key="merge")
    for _ in range(2):
        loaded = run(source_of(package(text), api.url), folder)
    assert [call.query.get("from") for call in api.calls] == [None, sent]
    assert ids(loaded) == list(range(len(values)))


@pytest.mark.parametrize("schema", [TYPED, NUMBER])
def test_the_window_of_a_scheduler_is_honoured(
    package: Make,
    api: Api,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    schema: str,
) -> None:
    numbers = schema == NUMBER
    records = [
        {**each, "at": int((BEGIN + n * DAY).timestamp()) if numbers else each["at"]}
        for n, each in enumerate(events(10, DAY))
    ]
    api.routes["/events"] = lambda call: {"data": records}
    monkeypatch.setenv("DLT_INTERVAL_START", "2024-01-03T00:00:00Z")
    monkeypatch.setenv("DLT_INTERVAL_END", "2024-01-06T00:00:00Z")
    text = spec(
        (
            "start_param: from, end_param: to, allow_external_schedulers: true, "
            "initial_value: 0, end_value: 9999999999"
            if numbers
            else "start_param: from, end_param: to, allow_external_schedulers: true, "
            'initial_value: "2020-01-01", end_value: "2030-01-01"'
        ),
        schema=schema,
    )
    loaded = run(source_of(package(text), api.url), folder)
    assert ids(loaded) == [2, 3, 4]
    bounds = asked(api, "/events")
    assert bounds == (
        [("1704240000", "1704499200")]
        if numbers
        else [("2024-01-03T00:00:00Z", "2024-01-06T00:00:00Z")]
    )


# ---- specs that are refused


@pytest.mark.parametrize(
    ("incremental", "schema", "key", "message"),
    [
        (
            "start_param: from, window: P1D",
            TYPED,
            "merge",
            "no request carries the upper bound",
        ),
        ("end_param: to, window: soon", TYPED, "merge", "no width of a window"),
        ("end_param: to, window: PT", TYPED, "merge", "no width of a window"),
        (
            "end_param: to, window: P1D",
            TYPED,
            "replace",
            "would keep the last window only",
        ),
        ("end_param: to, window: P1D", NUMBER, "merge", "windows are times"),
        (
            "end_param: to, window: P1D, last_value_func: min",
            TYPED,
            "merge",
            "from an earlier to a later",
        ),
        (
            "end_param: to, window: P1D, range_end: closed",
            TYPED,
            "merge",
            "belongs to one of them",
        ),
        ("lookback: P1M", TYPED, "merge", "no time to look back"),
        ("lookback: P1D", NUMBER, "merge", "a duration says nothing"),
        ("lookback: P1D, lag: 1", TYPED, "merge", "mean the same"),
        ('cursor_formats: ["%Y"]', TYPED, "merge", "for a cursor that is text"),
        ('cursor_formats: ["yyyy"]', PLAIN, "merge", "no strptime pattern"),
        ("convert: mine, format: epoch", TYPED, "merge", "both say how bounds"),
        ("convert: my-own", TYPED, "merge", "cannot be the name of a function"),
        ("convert: x, end_param: to", NUMBER, "merge", "the cursor is a number"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, incremental: str, schema: str, key: str, message: str
) -> None:
    """A12."""
    path = tmp_path / "events.yaml"
    path.write_text(spec(incremental, schema=schema, key=key))
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    assert any(message in each.message for each in caught.value.diagnostics)


def test_a_window_that_is_filtered_here_needs_no_upper_bound(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/events"] = Filtered(events(10, DAY))
    text = spec('client_side: true, window: P3D, initial_value: "2024-01-01"')
    pipeline = run(source_of(package(text), api.url, resources=[]), folder)
    package(text).load(pipeline, base_url=api.url, end="2024-01-11")
    assert len(api.calls) == 4
    assert ids(pipeline) == list(range(10))
