"""Every kind of paging against a server: all rows, the end, and servers that do not keep it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call, Route

ROWS = [{"id": number} for number in range(1, 8)]

SPEC = """
connector: paging
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data } }
resources:
  - { name: offset, endpoint: { paginator: { type: offset, limit: 3 } } }
  - { name: offset_one, endpoint: { paginator: { type: offset, offset: 1, limit: 3, total_path: total } } }
  - { name: offset_total, endpoint: { paginator: { type: offset, limit: 3, total_path: total } } }
  - { name: offset_exact, endpoint: { paginator: { type: offset, limit: 3, total_path: total, total: exact } } }
  - { name: offset_ignore, endpoint: { paginator: { type: offset, limit: 3, total_path: total, total: ignore } } }
  - { name: offset_maximum, endpoint: { paginator: { type: offset, limit: 3, maximum_offset: 6 } } }
  - name: offset_body
    endpoint:
      method: POST
      json: { query: all }
      paginator: { type: offset, limit: 3, offset_body_path: page.from, limit_body_path: page.size }
  - { name: number, endpoint: { paginator: { type: page_number, base_page: 1, limit: 3, limit_param: size } } }
  - { name: number_total, endpoint: { paginator: { type: page_number, base_page: 0, total_path: pages } } }
  - { name: number_flag, endpoint: { paginator: { type: page_number, base_page: 1, has_more_path: more, stop_after_empty_page: false } } }
  - { name: number_maximum, endpoint: { paginator: { type: page_number, base_page: 1, maximum_page: 3 } } }
  - { name: number_limited, endpoint: { paginator: { type: page_number, base_page: 1, max_pages: 2 } } }
  - { name: cursor, endpoint: { paginator: { type: cursor, cursor_path: meta.next, cursor_param: cursor } } }
  - { name: cursor_flag, endpoint: { paginator: { type: cursor, cursor_path: meta.next, cursor_param: cursor, has_more_path: more } } }
  - { name: cursor_unnamed, endpoint: { paginator: { type: cursor, cursor_param: cursor, limit: 3, limit_param: size } } }
  - name: cursor_body
    endpoint:
      method: POST
      paginator: { type: cursor, cursor_path: meta.next, cursor_body_path: page.after, stop_condition: "{{ 'next' not in response['meta'] }}" }
  - { name: cursor_header, endpoint: { paginator: { type: header_cursor, cursor_key: X-Next, cursor_param: cursor } } }
  - { name: last_record, endpoint: { paginator: { type: cursor, cursor_path: last_record.id, cursor_param: since_id, stop_condition: last_page_size < 3 } } }
  - { name: json_link, endpoint: { paginator: { type: json_link, next_url_path: links.next } } }
  - { name: cursor_link, endpoint: { paginator: { type: cursor, cursor_path: links.next, stop_condition: "not response.get('links', {}).get('next')" } } }
  - { name: header_link, endpoint: { paginator: { type: header_link } } }
  - { name: single, endpoint: { paginator: single_page } }
  - { name: undeclared }
  - { name: optional, endpoint: { missing_data: empty, paginator: single_page } }
"""


def page(start: int, size: int) -> list[dict[str, int]]:
    return ROWS[start : start + size]


def by_offset(first: int = 0, cap: int = 3, **more: Any) -> Route:
    def route(call: Call) -> Any:
        start = int(call.query["offset"]) - first
        return {"data": page(start, min(cap, int(call.query["limit"]))), **more}

    return route


def by_number(first: int = 1, **more: Any) -> Route:
    def route(call: Call) -> Any:
        number = int(call.query["page"]) - first
        return {"data": page(number * 3, 3), "more": number < 2, **more}

    return route


def by_cursor(call: Call) -> Any:
    start = int(call.query.get("cursor", "0"))
    meta = {"next": start + 3} if start + 3 < len(ROWS) else {}
    return {"data": page(start, 3), "meta": meta, "more": bool(meta)}


def by_body_cursor(call: Call) -> Any:
    start = call.json["page"]["after"] if call.body else 0
    return {"data": page(start, 3), "meta": {"next": start + 3} if start < 6 else {}}


def by_body_offset(call: Call) -> Any:
    assert call.json["query"] == "all"
    return {"data": page(call.json["page"]["from"], call.json["page"]["size"])}


def by_header(call: Call) -> Any:
    start = int(call.query.get("cursor", "0"))
    following = {"X-Next": str(start + 3)} if start < 6 else {}
    return Answer({"data": page(start, 3)}, headers=following)


def by_last_record(call: Call) -> Any:
    return {"data": page(int(call.query.get("since_id", "0")), 3)}


def by_json_link(call: Call) -> Any:
    start = int(call.query.get("start", "0"))
    link = f"{call.path}?start={start + 3}" if start < 6 else None
    return {"data": page(start, 3), "links": {"next": link}}


def by_header_link(call: Call) -> Any:
    start = int(call.query.get("start", "0"))
    rel = "next" if start < 6 else "prev"
    link = f'<http://{call.headers["host"]}{call.path}?start={start + 3}>; rel="{rel}"'
    return Answer({"data": page(start, 3)}, headers={"Link": link})


def everything(call: Call) -> Any:
    return {"data": ROWS}


ROUTES: dict[str, Route] = {
    "offset": by_offset(),
    "offset_one": by_offset(first=1, total=7),
    "offset_total": by_offset(total=7),
    "offset_exact": by_offset(total=7),
    "offset_ignore": by_offset(total=7),
    "offset_body": by_body_offset,
    "number": by_number(),
    "number_total": by_number(first=0, pages=3),
    "number_flag": by_number(),
    "cursor": by_cursor,
    "cursor_flag": by_cursor,
    "cursor_body": by_body_cursor,
    "cursor_header": by_header,
    "last_record": by_last_record,
    "json_link": by_json_link,
    "cursor_link": by_json_link,
    "header_link": by_header_link,
    "single": everything,
    "undeclared": everything,
}


def read(client: Client, api: Api, name: str, route: Route) -> list[int]:
    """The ids that the client reads of a resource."""
    api.routes[f"/{name}"] = route
    return [record.id for record in getattr(client(SPEC), name)()]


def fails(client: Client, api: Api, name: str, route: Route) -> str:
    """The message with which reading a resource ends."""
    with pytest.raises(
        Exception
    ) as caught:  # noqa: PT011 - the class is of the package
        read(client, api, name, route)
    assert type(caught.value).__name__ == "PaginationError"
    assert str(caught.value).startswith(f"{name}, page ")
    return str(caught.value)


@pytest.mark.parametrize("name", ROUTES)
def test_all_rows_are_read(client: Client, api: Api, name: str) -> None:
    assert read(client, api, name, ROUTES[name]) == [row["id"] for row in ROWS]


EMPTY = {"data": [], "total": 0, "pages": 0, "more": False, "meta": {}, "links": {}}


@pytest.mark.parametrize("name", [*ROUTES, "offset_maximum", "number_maximum"])
def test_an_empty_first_page_is_the_end(client: Client, api: Api, name: str) -> None:
    assert read(client, api, name, lambda call: EMPTY) == []
    assert len(api.calls) == 1


@pytest.mark.parametrize("name", ["offset", "offset_total", "offset_ignore"])
def test_a_server_that_caps_the_page_loses_nothing(
    client: Client, api: Api, name: str
) -> None:
    rows = read(client, api, name, by_offset(cap=2, total=7))
    assert rows == [row["id"] for row in ROWS]
    assert [call.query["offset"] for call in api.calls[:3]] == ["0", "2", "4"]


def test_parameters_are_sent_with_every_page(client: Client, api: Api) -> None:
    read(client, api, "number", by_number())
    assert [dict(call.query) for call in api.calls] == [
        {"page": number, "size": "3"} for number in "1234"
    ]


@pytest.mark.parametrize(
    ("name", "total", "message"),
    [
        ("offset_total", 9, "7 records, but the total is 9"),
        ("offset_exact", 9, "7 records, but the total is 9"),
        ("offset_exact", 2, "3 records, but the total is 2"),
        ("offset_one", 9, "7 records, but the total is 9"),
        ("offset_total", "many", "the total total should be a whole number"),
    ],
)
def test_a_total_that_is_not_met(
    client: Client, api: Api, name: str, total: object, message: str
) -> None:
    first = 1 if name == "offset_one" else 0
    assert message in fails(client, api, name, by_offset(first=first, total=total))


def test_a_total_that_is_ignored(client: Client, api: Api) -> None:
    rows = read(client, api, "offset_ignore", by_offset(total=90))
    assert rows == [row["id"] for row in ROWS]


def test_a_number_of_pages_that_is_not_met(client: Client, api: Api) -> None:
    message = fails(client, api, "number_total", by_number(first=0, pages=9))
    assert "an empty page, but the last one is 8" in message


@pytest.mark.parametrize(
    ("name", "said"),
    [("offset_maximum", "maximum_offset=6"), ("number_maximum", "maximum_page=3")],
)
def test_a_maximum_cuts_the_data_and_says_so(
    client: Client, api: Api, caplog: pytest.LogCaptureFixture, name: str, said: str
) -> None:
    route = by_offset() if name == "offset_maximum" else by_number()
    with caplog.at_level(logging.WARNING):
        assert read(client, api, name, route) == [1, 2, 3, 4, 5, 6]
    assert f"truncated: {said}" in caplog.text


def test_more_pages_than_allowed(client: Client, api: Api) -> None:
    assert "more pages than max_pages=2" in fails(
        client, api, "number_limited", by_number()
    )


def test_a_flag_that_promises_more_without_a_cursor(client: Client, api: Api) -> None:
    message = fails(
        client, api, "cursor_flag", lambda call: {"data": ROWS, "more": True}
    )
    assert "there should be more, but the answer has no meta.next" in message


def test_a_flag_that_is_none(client: Client, api: Api) -> None:
    message = fails(
        client, api, "number_flag", lambda call: {"data": ROWS, "more": "?"}
    )
    assert "more should be true or false" in message


def test_a_repeated_cursor(client: Client, api: Api) -> None:
    rows = iter(ROWS)
    message = fails(
        client, api, "cursor", lambda call: {"data": [next(rows)], "meta": {"next": 1}}
    )
    assert "the server leads back to this request" in message


def test_a_repeated_link(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        return {"data": [{"id": len(api.calls)}], "links": {"next": "/json_link?x=1"}}

    assert "leads back" in fails(client, api, "json_link", route)


def test_a_page_that_is_served_twice(client: Client, api: Api) -> None:
    message = fails(client, api, "number", lambda call: {"data": page(0, 3)})
    assert "the same 3 records as on the page before" in message
    assert "start_from_page" in message


@pytest.mark.parametrize(
    ("name", "meta", "message"),
    [
        ("cursor", {"next": {"a": 1}}, "the cursor meta.next is a dict"),
        ("cursor", {"next": "https://x/y"}, "is a URL: leave cursor_param out"),
    ],
)
def test_a_cursor_that_is_none(
    client: Client, api: Api, name: str, meta: object, message: str
) -> None:
    assert message in fails(
        client, api, name, lambda call: {"data": ROWS, "meta": meta}
    )


def test_a_link_that_is_none(client: Client, api: Api) -> None:
    answer = {"data": ROWS, "links": {"next": "abc"}}
    message = fails(client, api, "cursor_link", lambda call: answer)
    assert "links.next is no URL or path" in message
    assert "cursor_param" in message


def test_a_link_to_another_host(client: Client, api: Api) -> None:
    link = '<http://evil.example.com/x>; rel="next"'
    api.routes["/header_link"] = lambda call: Answer(
        {"data": ROWS}, headers={"Link": link}
    )
    with pytest.raises(Exception, match="allowed_hosts"):
        list(client(SPEC).header_link())


def test_a_full_first_page_without_the_cursor(client: Client, api: Api) -> None:
    message = fails(client, api, "cursor_unnamed", lambda call: {"data": page(0, 3)})
    assert "a full page without `cursor`: name the cursor (cursor_path)" in message


def test_a_short_first_page_without_the_cursor(client: Client, api: Api) -> None:
    assert read(client, api, "cursor_unnamed", lambda call: {"data": page(0, 2)}) == [
        1,
        2,
    ]


def test_a_full_last_page_without_the_cursor(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("cursor", "0"))
        return {"data": page(start, 3), "cursor": "3" if start == 0 else None}

    assert read(client, api, "cursor_unnamed", route) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "more",
    [
        {"has_more": True},
        {"next": "x"},
        {"next_page": 2},
        {"next_cursor": "x"},
        {"links": {"next": "x"}},
    ],
    ids=str,
)
def test_a_single_page_that_announces_more(
    client: Client, api: Api, more: dict[str, object]
) -> None:
    answer = {"data": ROWS, **more}
    message = fails(client, api, "undeclared", lambda call: answer)
    assert "the answer announces more pages" in message
    assert read(client, api, "single", lambda call: answer) == [
        row["id"] for row in ROWS
    ]


def test_a_missing_data_path(client: Client, api: Api) -> None:
    """D11."""
    api.routes["/single"] = lambda call: {"items": ROWS, "count": 7}
    with pytest.raises(
        Exception, match="no data at data: the answer has the keys items, count"
    ):
        list(client(SPEC).single())


def test_a_data_path_that_may_be_missing(client: Client, api: Api) -> None:
    assert read(client, api, "optional", lambda call: {}) == []
