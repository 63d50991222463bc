"""Incremental loading: the bound as it is sent, and the stored one in the next run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import SpecError
from generator.pipeline import compile_spec
from tests.functional.conftest import Client, Make
from tests.scripted import Api, Call
from tests.support import run, source_of, table

RECORD = """
    schema:
      type: object
      required: [id, at, day, number]
      properties: { id: { type: integer }, at: { type: string, format: date-time }, day: { type: string, format: date }, number: { type: integer } }
"""

SPEC = f"""
connector: events
silence: [no-auth]
client: {{ base_url: https://api.example.com }}
resource_defaults: {{ primary_key: id, write_disposition: merge, endpoint: {{ data_selector: data, paginator: single_page }} }}
resources:
  - name: iso
    model: A{RECORD}
    endpoint: {{ incremental: {{ cursor_path: at, initial_value: "2024-01-01", start_param: from, end_param: to }} }}
  - name: dated
    model: B{RECORD}
    endpoint: {{ incremental: {{ cursor_path: at, start_param: from, format: date }} }}
  - name: epoch
    model: C{RECORD}
    endpoint: {{ incremental: {{ cursor_path: at, start_param: from, format: epoch }} }}
  - name: epoch_ms
    model: D{RECORD}
    endpoint: {{ incremental: {{ cursor_path: at, start_param: from, format: epoch_ms }} }}
  - name: pattern
    model: E{RECORD}
    endpoint: {{ params: {{ q: "at>{{incremental.start_value}}" }}, incremental: {{ cursor_path: at, format: "%d.%m.%Y" }} }}
  - name: days
    model: F{RECORD}
    endpoint: {{ incremental: {{ cursor_path: day, initial_value: "2024-01-01", start_param: from }} }}
  - name: numbers
    model: G{RECORD}
    endpoint: {{ params: {{ after: {{ type: incremental, cursor_path: number, initial_value: 1 }} }} }}
  - name: bounded
    model: H{RECORD}
    endpoint: {{ incremental: {{ cursor_path: at, initial_value: "2024-01-01", end_value: "2024-02-01", start_param: from, end_param: to, format: date }} }}
"""

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("resource", "since", "name", "sent"),
    [
        ("iso", NOON, "from", "2024-05-06T12:00:00Z"),
        ("iso", "2024-05-06T14:00:00+02:00", "from", "2024-05-06T12:00:00Z"),
        ("iso", "2024-05-06", "from", "2024-05-06T00:00:00Z"),
        ("dated", NOON, "from", "2024-05-06"),
        ("epoch", NOON, "from", "1714996800"),
        ("epoch_ms", NOON, "from", "1714996800000"),
        ("pattern", NOON, "q", "at>06.05.2024"),
        ("days", date(2024, 5, 6), "from", "2024-05-06"),
        ("days", "2024-05-06", "from", "2024-05-06"),
        ("numbers", 17, "after", "17"),
    ],
)
def test_the_bound_as_it_is_sent(
    client: Client, api: Api, resource: str, since: Any, name: str, sent: str
) -> None:
    api.routes[f"/{resource}"] = lambda call: {"data": []}
    list(getattr(client(SPEC), resource)(since=since))
    assert api.calls[0].query[name] == sent


@pytest.mark.parametrize("resource", ["iso", "pattern", "numbers"])
def test_no_bound_is_not_sent(client: Client, api: Api, resource: str) -> None:
    """D37."""
    api.routes[f"/{resource}"] = lambda call: {"data": []}
    list(getattr(client(SPEC), resource)())
    assert not {"from", "q", "after"} & set(api.calls[0].query)


def test_the_time_of_the_run_is_sent(client: Client, api: Api) -> None:
    api.routes["/iso"] = lambda call: {"data": []}
    list(client(SPEC).iso())
    sent = datetime.fromisoformat(api.calls[0].query["to"])
    assert abs((datetime.now(UTC) - sent).total_seconds()) < 60


def record(number: int) -> dict[str, object]:
    day = f"2024-03-{number:02}"
    return {"id": number, "at": f"{day}T10:00:00Z", "day": day, "number": number}


def test_the_next_run_sends_what_was_stored(
    package: Make, api: Api, folder: Path
) -> None:
    resources = ["iso", "days", "numbers", "bounded"]
    last = 3

    def route(call: Call) -> Any:
        return {"data": [record(number) for number in range(1, last + 1)]}

    api.routes.update({f"/{name}": route for name in resources})
    for last in (3, 5):
        loaded = run(source_of(package(SPEC), api.url, resources=resources), folder)

    def sent(name: str, parameter: str) -> list[str]:
        return [call.query[parameter] for call in api.called(f"/{name}")]

    assert sent("iso", "from") == ["2024-01-01T00:00:00Z", "2024-03-03T10:00:00Z"]
    assert sent("days", "from") == ["2024-01-01", "2024-03-03"]
    assert sent("numbers", "after") == ["1", "3"]
    assert sent("bounded", "from") == ["2024-01-01", "2024-01-01"]
    assert sent("bounded", "to") == ["2024-02-01", "2024-02-01"]
    for name in ("iso", "days", "numbers"):
        assert [row["id"] for row in table(loaded, name, "id")] == [1, 2, 3, 4, 5]
    assert table(loaded, "bounded") == []


def test_the_caller_gives_the_first_bound(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/iso"] = lambda call: {"data": []}
    run(
        source_of(package(SPEC), api.url, resources=["iso"], since="2024-02-03"), folder
    )
    assert api.calls[0].query["from"] == "2024-02-03T00:00:00Z"


# ---- where the seeds' kind of document says that bounds are sent

OPTIONS = """
connector: options
silence: [no-auth, no-schema, no-primary-key]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { data_selector: data } }
resources:
  - name: open
    endpoint:
      paginator:
        type: offset
        start_time_option: { field_name: "filter[from]", inject_into: request_parameter }
        end_time_option: { field_name: X-Until, inject_into: header }
  - name: bound
    endpoint:
      method: POST
      incremental: { cursor_path: at, initial_value: "2026-01-01" }
      paginator:
        type: page_number
        start_from_page: 1
        start_time_option: { field_name: from, inject_into: body_json }
        end_time_option: { field_name: to }
  - name: form
    incremental_sync:
      cursor_field: at
      start_datetime: "2026-01-01"
      start_time_option: { field_name: from, inject_into: body_data }
    endpoint: { method: POST, paginator: single_page }
"""


def test_time_options_of_a_paginator(client: Client, api: Api) -> None:
    rows = [{"id": 1, "at": "2026-02-01"}]
    for name in ("open", "bound", "form"):
        api.routes[f"/{name}"] = lambda call: {
            "data": [] if len(api.calls) % 2 else rows
        }
    made = client(OPTIONS, start_time="2026-01-05", end_time="2026-01-06")
    for name in ("open", "bound", "form"):
        api.calls.clear()
        list(getattr(made, name)(**({} if name == "open" else {"since": "2026-01-02"})))
        call = api.calls[0]
        match name:
            case "open":
                assert call.query == {"filter[from]": "2026-01-05", "offset": "0"}
                assert call.headers["x-until"] == "2026-01-06"
            case "bound":
                assert call.json == {"from": "2026-01-02"}
                assert call.query.keys() == {"to", "page"}
            case _:
                assert call.form == {"from": "2026-01-02"}


def test_time_options_without_a_cursor_are_asked_for(client: Client, api: Api) -> None:
    with pytest.raises(Exception, match="needs the argument start_time="):
        list(client(OPTIONS).open())
    assert not api.calls


def test_time_options_without_a_value_are_left_out(client: Client, api: Api) -> None:
    api.routes["/bound"] = lambda call: {"data": []}
    list(client(OPTIONS).bound())
    assert api.calls[0].body == b"{}"


def test_two_places_of_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "options.yaml"
    path.write_text(
        OPTIONS.replace("cursor_path: at,", "cursor_path: at, start_param: since,")
    )
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    (error,) = [each for each in caught.value.diagnostics if each.severity == "error"]
    assert error.code == "conflict" and "`start_time_option`" in error.message
    line = path.read_text().splitlines()[error.location.line - 1]
    assert line.lstrip().startswith("start_time_option: { field_name: from")
