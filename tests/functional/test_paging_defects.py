"""Paging faults of dlt's `rest_api` (D) and of Airbyte's runtime (A): ours beside dlt's result.

Where dlt's result is asserted, a fix in dlt shows as a failing test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source

from generator.diagnostics import SpecError
from generator.pipeline import compile_spec
from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call, Route

MANY = 30
"""Pages after which an endless read of dlt is cut."""
ROWS = [{"id": number} for number in range(1000)]

Endpoint = dict[str, Any]
Rows = list[Any]


@pytest.fixture
def ours(client: Client, api: Api) -> Callable[[Endpoint], Rows]:
    """The ids that a generated connector reads of one endpoint."""

    def read(endpoint: Endpoint) -> Rows:
        resource = {
            "name": "items",
            "primary_key": "id",
            "endpoint": {"data_selector": "data", **endpoint},
        }
        spec = {
            "connector": "defects",
            "silence": ["no-auth", "no-schema"],
            "client": {"base_url": "https://api.example.com"},
            "resources": [resource],
        }
        api.calls.clear()
        return [record.id for record in client(json.dumps(spec)).items()]

    return read


@pytest.fixture
def theirs(api: Api) -> Callable[[Endpoint], Rows]:
    """The ids that dlt reads of the same endpoint, of at most `MANY` pages."""

    def read(endpoint: Endpoint) -> Rows:
        whole = {"data_selector": "data", **endpoint}
        resource = {"name": "items", "endpoint": whole}
        config: Any = {"client": {"base_url": api.url}, "resources": [resource]}
        api.calls.clear()
        limited = rest_api_source(config).resources["items"].add_limit(MANY)
        return [row["id"] for row in limited]

    return read


@pytest.fixture
def fails(ours: Callable[[Endpoint], Rows]) -> Callable[[Endpoint], str]:
    """The message with which reading an endpoint ends."""

    def read(endpoint: Endpoint) -> str:
        with pytest.raises(
            Exception
        ) as caught:  # noqa: PT011 - the class is of the package
            ours(endpoint)
        assert type(caught.value).__name__ == "PaginationError"
        return str(caught.value)

    return read


Fails = Callable[[Endpoint], str]
Read = Callable[[Endpoint], Rows]


def serve(api: Api, route: Route) -> None:
    api.routes["/items"] = route


def by_offset(cap: int = 1000, rows: int = 1000, **more: Any) -> Route:
    def route(call: Call) -> Any:
        start, size = int(call.query["offset"]), int(call.query["limit"])
        return {"data": ROWS[:rows][start:][: min(cap, size)], **more}

    return route


# ---- paging that never ends


def test_d1_a_repeated_cursor(api: Api, fails: Fails, theirs: Read) -> None:
    serve(api, lambda call: {"data": [{"id": 1}], "cursors": {"next": "S"}})
    endpoint = {
        "paginator": {
            "type": "cursor",
            "cursor_path": "cursors.next",
            "cursor_param": "cursor",
        }
    }
    assert len(theirs(endpoint)) == MANY
    assert "the same 1 records as on the page before" in fails(endpoint)
    serve(
        api, lambda call: {"data": [{"id": len(api.calls)}], "cursors": {"next": "S"}}
    )
    assert "cursor=S: the server leads back to this request" in fails(endpoint)


def test_d2_a_next_url_that_is_the_pages_own(
    api: Api, fails: Fails, theirs: Read
) -> None:
    def route(call: Call) -> Any:
        return {"data": [{"id": len(api.calls)}], "next": f"{api.url}/items?page=2"}

    serve(api, route)
    assert len(theirs({"paginator": "json_link"})) == MANY
    message = fails({"paginator": "json_link"})
    assert "/items?page=2: the server leads back to this request" in message


def test_d3_a_repeated_header_cursor(api: Api, fails: Fails, theirs: Read) -> None:
    serve(
        api,
        lambda call: Answer({"data": [{"id": len(api.calls)}]}, headers={"next": "A"}),
    )
    assert len(theirs({"paginator": "header_cursor"})) == MANY
    assert "cursor=A: the server leads back" in fails({"paginator": "header_cursor"})


def test_d4_empty_pages_with_one_cursor(api: Api, fails: Fails, theirs: Read) -> None:
    serve(api, lambda call: {"data": [], "cursors": {"next": "S"}})
    endpoint = {
        "paginator": {
            "type": "cursor",
            "cursor_path": "cursors.next",
            "cursor_param": "cursor",
        }
    }
    assert theirs(endpoint) == []
    assert len(api.calls) == MANY
    assert "cursor=S: the server leads back" in fails(endpoint)
    assert len(api.calls) == 2


def test_d5_an_empty_header_cursor(api: Api, ours: Read, theirs: Read) -> None:
    def route(call: Call) -> Any:
        number = int(call.query.get("cursor") or "0")
        following = str(number + 1) if number < 2 else ""
        return Answer({"data": [{"id": number}]}, headers={"next": following})

    serve(api, route)
    assert theirs({"paginator": "header_cursor"}) == [0, 1, 2] * (MANY // 3)
    assert ours({"paginator": "header_cursor"}) == [0, 1, 2]


def test_d6_a_body_cursor_with_form_data(api: Api, ours: Read, theirs: Read) -> None:
    def route(call: Call) -> Any:
        number = int(call.form.get("cursor", "0"))
        return {"data": [{"id": number}], "next": number + 1 if number < 2 else None}

    serve(api, route)
    paginator = {"type": "cursor", "cursor_path": "next", "cursor_body_path": "cursor"}
    endpoint = {"method": "POST", "data": {"q": "x"}, "paginator": paginator}
    assert theirs(endpoint) == [0] * MANY
    assert {call.body for call in api.calls} == {b"q=x"}
    assert ours(endpoint) == [0, 1, 2]


def test_d7_an_offset_that_the_server_ignores(
    api: Api, fails: Fails, theirs: Read
) -> None:
    serve(api, lambda call: {"data": ROWS[:100]})
    endpoint = {"paginator": {"type": "offset", "limit": 100, "total_path": None}}
    assert len(theirs(endpoint)) == MANY * 100
    assert "the same 100 records as on the page before" in fails(endpoint)


def test_d8_a_key_that_starts_with_next(api: Api, ours: Read, theirs: Read) -> None:
    serve(
        api, lambda call: {"data": [{"id": 1}], "next_sync_at": "2026-01-01T00:00:00Z"}
    )
    assert theirs({}) == [1] * MANY
    assert ours({}) == [1]
    assert len(api.calls) == 1


# ---- rows lost


def test_d9_a3_a_server_that_caps_the_page(api: Api, ours: Read, theirs: Read) -> None:
    serve(api, by_offset(cap=100, total=1000))
    endpoint = {"paginator": {"type": "offset", "limit": 300, "total_path": "total"}}
    assert len(theirs(endpoint)) == 400
    assert ours(endpoint) == [row["id"] for row in ROWS]
    serve(api, by_offset(cap=100))
    assert ours({"paginator": {"type": "offset", "limit": 300}}) == [
        row["id"] for row in ROWS
    ]


def test_a3_a_page_size_that_is_never_sent(api: Api, ours: Read) -> None:
    """The page size of the spec is 50, the server's own is 25."""
    serve(api, lambda call: {"data": ROWS[:100][int(call.query["page"]) * 25 :][:25]})
    endpoint = {"paginator": {"type": "page_number", "base_page": 0, "limit": 50}}
    assert ours(endpoint) == list(range(100))


def by_page(size: int, rows: int, first: int = 1, **more: Any) -> Route:
    def route(call: Call) -> Any:
        number = max(first, int(call.query.get("page", first))) - first
        return {"data": ROWS[:rows][number * size :][:size], **more}

    return route


def test_d13_page_numbers_from_one(
    api: Api, ours: Read, fails: Fails, theirs: Read
) -> None:
    serve(api, by_page(100, 300, total_pages=3))
    assert len(set(theirs({}))) == 200
    message = fails({"paginator": {"type": "page_number", "base_page": 0}})
    assert "the same 100 records as on the page before" in message
    assert "start_from_page" in message
    endpoint = {
        "paginator": {
            "type": "page_number",
            "base_page": 1,
            "total_path": "total_pages",
        }
    }
    assert ours(endpoint) == list(range(300))
    assert len(api.calls) == 3


def test_d14_a_path_that_ends_in_a_placeholder(client: Client, api: Api) -> None:
    """The client's paginator holds for the children as well."""

    def children(call: Call) -> Any:
        start = int(call.query.get("offset", "0"))
        return {"data": ROWS[:50][start:][:10]}

    def parents(call: Call) -> Any:
        return {"data": [{"id": 1}] if call.query["offset"] == "0" else []}

    api.routes["/parents"] = parents
    api.routes["/find/1"] = children
    paginator = {"type": "offset", "limit": 10, "total_path": None}
    resources = [
        {"name": "parents", "primary_key": "id", "endpoint": {"data_selector": "data"}},
        {
            "name": "kids",
            "primary_key": "id",
            "endpoint": {
                "path": "find/{resources.parents.id}",
                "data_selector": "data",
            },
        },
    ]
    spec: dict[str, Any] = {
        "connector": "defects",
        "client": {"base_url": "https://api.example.com", "paginator": paginator},
        "resources": resources,
    }
    assert len(list(client(json.dumps(spec)).kids())) == 50
    config: Any = {**spec, "client": {"base_url": api.url, "paginator": paginator}}
    del config["connector"]
    assert len(list(rest_api_source(config).resources["kids"])) == 10


def test_d17_a_key_with_a_dot(api: Api, ours: Read, theirs: Read) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("$skip", "0"))
        following = f"{api.url}/items?$skip={start + 3}" if start < 6 else None
        link = {"@odata.nextLink": following} if following else {}
        return {"data": ROWS[start : start + 3], **link}

    serve(api, route)
    assert theirs({}) == [0, 1, 2]
    for path in ("@odata.nextLink", "['@odata.nextLink']", '$["@odata.nextLink"]'):
        endpoint = {"paginator": {"type": "json_link", "next_url_path": path}}
        assert ours(endpoint) == list(range(9))


# ---- crashes and waste


@pytest.mark.parametrize("last", ["", False, None], ids=repr)
def test_d18_a_next_url_that_is_nothing(
    api: Api, ours: Read, theirs: Read, last: object
) -> None:
    serve(api, lambda call: {"data": [{"id": 1}], "next": last})
    if last is not None:
        with pytest.raises(Exception, match="Invalid URL|False|extract"):
            theirs({"paginator": "json_link"})
    assert ours({"paginator": "json_link"}) == [1]


def test_d20_no_total(api: Api, ours: Read, theirs: Read) -> None:
    for paginator in (
        {"type": "offset", "limit": 100},
        {"type": "page_number", "base_page": 0},
    ):
        serve(
            api,
            (
                by_offset(rows=250)
                if paginator["type"] == "offset"
                else by_page(100, 250, 0)
            ),
        )
        with pytest.raises(Exception, match="total"):
            theirs({"paginator": paginator})
        assert ours({"paginator": paginator}) == list(range(250))


def test_d21_one_request_too_many(api: Api, ours: Read, theirs: Read) -> None:
    serve(api, by_page(100, 250, 0))
    paginator = {"type": "page_number", "base_page": 0, "total_path": None}
    assert theirs({"paginator": paginator}) == list(range(250))
    assert len(api.calls) == 4
    short = {"limit": 100, "limit_param": "size", "stop_after_short_page": True}
    assert ours({"paginator": {**paginator, **short}}) == list(range(250))
    assert len(api.calls) == 3


def test_d21_a_total_of_rows_taken_for_pages(
    api: Api, ours: Read, theirs: Read
) -> None:
    serve(api, by_page(100, 250, 0, total=250))
    paginator = {"type": "page_number", "base_page": 0, "total_path": "total"}
    assert theirs({"paginator": paginator}) == list(range(250))
    assert len(api.calls) == 4
    assert ours({"paginator": {**paginator, "total_is": "rows"}}) == list(range(250))
    assert len(api.calls) == 3


# ---- Airbyte's


def test_a4_a_short_page_in_the_middle(api: Api, ours: Read) -> None:
    def route(call: Call) -> Any:
        start = int(call.query["offset"])
        return {"data": ROWS[:47][start:][: 7 if start == 20 else 10]}

    serve(api, route)
    assert ours({"paginator": {"type": "offset", "limit": 10}}) == list(range(47))


CURSOR = {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"}


@pytest.mark.parametrize(
    "value", ["0", "1e3", "0012", "1,2", "[1]", "None", 10**17 + 1]
)
def test_a7_cursors_are_sent_as_they_are(
    api: Api, ours: Read, value: str | int
) -> None:
    def route(call: Call) -> Any:
        if "cursor" not in call.query:
            return {"data": [{"id": 1}], "next_cursor": value}
        return {"data": [{"id": 2}]}

    serve(api, route)
    assert ours({"paginator": CURSOR}) == [1, 2]
    assert api.calls[1].query["cursor"] == str(value)


@pytest.mark.parametrize("last", [None, "", {}], ids=repr)
def test_a7_only_nothing_ends_the_data(api: Api, ours: Read, last: object) -> None:
    serve(api, lambda call: {"data": [{"id": 1}], "next_cursor": last})
    assert ours({"paginator": CURSOR}) == [1]
    assert len(api.calls) == 1


def test_a8_a_page_that_names_itself(api: Api, fails: Fails) -> None:
    def route(call: Call) -> Any:
        number = int(call.query.get("cursor", "0"))
        return {"data": [{"id": len(api.calls)}], "next_cursor": min(number + 1, 2)}

    serve(api, route)
    assert "cursor=2: the server leads back" in fails({"paginator": CURSOR})
    assert len(api.calls) == 3


def test_a10_a_cursor_that_is_a_container(api: Api, fails: Fails) -> None:
    serve(api, lambda call: {"data": [{"id": 1}], "links": {"next": "/items?page=2"}})
    value = '{{ response.get("links", {}) }}'
    message = fails({"paginator": {"type": "cursor", "cursor_value": value}})
    assert "is no URL or path" in message
    paginator = {"type": "cursor", "cursor_value": value, "cursor_param": "cursor"}
    assert "is a dict, not text or a number" in fails({"paginator": paginator})


@pytest.mark.parametrize(
    "stop",
    [
        "not response.links.next",
        "response.links.next is none",
        "'next' not in response.links",
    ],
)
def test_a10_a_container_that_the_condition_gives_away(
    tmp_path: Path, stop: str
) -> None:
    paginator = {"type": "cursor", "cursor_path": "links", "stop_condition": stop}
    spec = {
        "client": {"base_url": "https://api.example.com"},
        "resources": [{"name": "items", "endpoint": {"paginator": paginator}}],
    }
    path = tmp_path / "items.yaml"
    path.write_text(json.dumps(spec))
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    (error,) = [each for each in caught.value.diagnostics if each.severity == "error"]
    assert error.code == "cursor-around"
    assert "`links` is the object around `links.next`, no cursor" in error.message
    assert error.hint == "write `cursor_path: links.next`"


def test_a11_a_nested_path_that_is_gone(api: Api, ours: Read) -> None:
    def route(call: Call) -> Any:
        number = int(call.query.get("cursor", "0"))
        meta = {"meta": {"page": {"next": number + 1}}} if number < 2 else {}
        return {"data": [{"id": number}], **meta}

    serve(api, route)
    value = "{{ response.meta.page.next }}"
    paginator = {"type": "cursor", "cursor_value": value, "cursor_param": "cursor"}
    assert ours({"paginator": paginator}) == [0, 1, 2]
