"""Where paging sends its values and where it finds them: bodies, forms, headers, paths."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call, Route

ROWS = [{"id": number} for number in range(7)]
IDS = [row["id"] for row in ROWS]

SPEC = """
connector: places
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data } }
resources:
  - name: cursor_in_form
    endpoint:
      method: POST
      data: { q: x, tags: [a, b], none: null }
      paginator: { type: cursor, cursor_path: next, cursor_body_path: "page[after]", limit: 3, limit_body_path: "page[size]" }
  - name: secret_in_form
    endpoint:
      method: POST
      data: { key: 'dlt.secrets["key"]' }
      paginator: { type: cursor, cursor_path: next, cursor_body_path: after }
  - name: unnamed_in_form
    endpoint:
      method: POST
      data: {}
      paginator: { type: cursor, cursor_body_path: next, limit: 3, limit_body_path: size }
  - name: offset_in_form
    endpoint:
      method: POST
      data: { q: x }
      paginator: { type: offset, offset_body_path: from, limit: 3, limit_body_path: size }
  - name: number_in_form
    endpoint:
      method: POST
      data: { q: x }
      paginator: { type: page_number, base_page: 0, page_body_path: page }
  - name: cursor_in_header
    endpoint: { paginator: { type: cursor, cursor_path: next, cursor_header: X-Cursor, limit: 3, limit_header: X-Size } }
  - name: cursor_in_path
    endpoint: { path: "cursor_in_path/{cursor}/list", paginator: { type: cursor, cursor_path: next } }
  - name: number_in_path
    endpoint: { path: "number_in_path/{page}", paginator: { type: page_number, base_page: 0 } }
  - name: number_in_path_later
    endpoint: { path: "number_in_path/{page}", paginator: { type: page_number, base_page: 0, first_page_sent: false } }
  - name: offset_in_path
    endpoint: { path: "offset_in_path/{offset}.json", paginator: { type: offset, limit: 3 } }
  - name: offset_in_text
    endpoint:
      params: { query: "FROM rows AT {offset} TAKE 3" }
      paginator: { type: offset, offset: 1, offset_param: query, limit: 3, stop_after_short_page: true }
  - name: number_in_text
    endpoint:
      params: { filter: "page={page};size={{ 1 + 2 }}" }
      paginator: { type: page_number, base_page: 0, page_param: filter }
  - name: link_in_header
    endpoint: { paginator: { type: cursor, cursor_path: headers.Next-Page } }
  - name: link_below_base
    endpoint: { paginator: { type: json_link, relative_to: base_url } }
  - name: link_at_cursor_below_base
    endpoint: { paginator: { type: cursor, cursor_path: next, relative_to: base_url } }
  - name: relative_link
    endpoint: { path: v1/list/relative_link, paginator: { type: json_link } }
  - name: next_number
    endpoint: { paginator: { type: cursor, cursor_path: next, cursor_param: _page, limit: 3, limit_param: _per_page } }
  - name: last_record
    endpoint: { paginator: { type: cursor, cursor_path: last_record.id, cursor_param: starting_after, has_more_path: has_more } }
  - name: last_record_alone
    endpoint: { paginator: { type: cursor, cursor_path: last_record.id, cursor_param: starting_after } }
  - name: computed
    endpoint: { paginator: { type: cursor, cursor_value: "response.page + 1 if response.page < response.pages else none", cursor_param: page } }
  - name: number_not_first
    endpoint: { paginator: { type: page_number, start_from_page: 0, inject_on_first_request: false } }
  - name: offset_not_first
    endpoint: { paginator: { type: offset, limit: 3, first_page_sent: false } }
"""


def page(start: int, size: int = 3) -> list[dict[str, int]]:
    return ROWS[start : start + size]


def answer(start: int, **more: Any) -> dict[str, Any]:
    following = start + 3 if start + 3 < len(ROWS) else None
    return {"data": page(start), "next": following, **more}


def made(client: Client) -> Any:
    return client(SPEC, credentials={"key": "s3cr/t &x"})


def read(client: Client, api: Api, name: str, route: Route, path: str = "") -> Any:
    """The ids that the client reads of a resource."""
    api.routes[path or f"/{name}"] = route
    return [record.id for record in getattr(made(client), name)()]


def fails(client: Client, api: Api, name: str, route: Route, path: str = "") -> str:
    with pytest.raises(
        Exception
    ) as caught:  # noqa: PT011 - the class is of the package
        read(client, api, name, route, path)
    assert type(caught.value).__name__ == "PaginationError"
    return str(caught.value)


# ---- sent in a form


def test_a_cursor_in_a_form(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        return answer(int(call.form.get("page[after]", "0")))

    assert read(client, api, "cursor_in_form", route) == IDS
    kind = "application/x-www-form-urlencoded"
    assert {call.headers["content-type"] for call in api.calls} == {kind}
    fixed = b"q=x&tags=a&tags=b"
    size = b"&page%5Bsize%5D=3"
    assert [call.body for call in api.calls] == [
        fixed + size,
        fixed + size + b"&page%5Bafter%5D=3",
        fixed + size + b"&page%5Bafter%5D=6",
    ]


def test_a_form_that_does_not_move_on(client: Client, api: Api) -> None:
    """D6: what is sent in the form counts as part of the request."""
    rows = iter(ROWS)
    route = lambda call: {"data": [next(rows)], "next": "S&x"}  # noqa: E731
    message = fails(client, api, "cursor_in_form", route)
    assert "page%5Bafter%5D=S%26x: the server leads back to this request" in message
    assert len(api.calls) == 2


def test_a_secret_in_a_form_is_in_no_message(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        assert call.form["key"] == "s3cr/t &x"
        return {"data": [{"id": len(api.calls)}], "next": "S"}

    message = fails(client, api, "secret_in_form", route)
    assert "with key=***&after=S: the server leads back to this request" in message
    assert "s3cr" not in message


def test_an_unnamed_cursor_in_a_form(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        return answer(int(call.form.get("next", "0")))

    assert read(client, api, "unnamed_in_form", route) == IDS
    api.calls.clear()
    message = fails(client, api, "unnamed_in_form", lambda call: {"data": page(0)})
    assert "a full page without `next`: name the cursor (cursor_path)" in message


def test_an_offset_in_a_form(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        assert call.form["q"] == "x" and call.form["size"] == "3"
        return {"data": page(int(call.form["from"]))}

    assert read(client, api, "offset_in_form", route) == IDS


def test_a_page_number_in_a_form(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        return {"data": page(int(call.form["page"]) * 3)}

    assert read(client, api, "number_in_form", route) == IDS


# ---- sent within the text of a parameter


def test_an_offset_in_a_text(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        before, number, after = call.query["query"].partition(" AT ")[2].partition(" ")
        assert call.query["query"].startswith("FROM rows AT ") and after == "TAKE 3"
        return {"data": page(int(before) - 1)}

    assert read(client, api, "offset_in_text", route) == IDS
    assert len(api.calls) == 3


def test_a_page_number_in_a_text(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        found = re.fullmatch(r"page=(\d+);size=3", call.query["filter"])
        assert found is not None
        return {"data": page(int(found[1]) * 3)}

    assert read(client, api, "number_in_text", route) == IDS


# ---- sent in a header


def test_a_cursor_in_a_header(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        assert call.headers["x-size"] == "3"
        return answer(int(call.headers.get("x-cursor", "0")))

    assert read(client, api, "cursor_in_header", route) == IDS
    assert all(not call.query for call in api.calls)


def test_a_cursor_in_a_header_that_stays(client: Client, api: Api) -> None:
    rows = iter(ROWS)
    message = fails(
        client, api, "cursor_in_header", lambda call: {"data": [next(rows)], "next": 1}
    )
    assert "with X-Size: 3; X-Cursor: 1: the server leads back to this" in message


# ---- sent in the path


def test_a_cursor_in_the_path(client: Client, api: Api) -> None:
    api.routes["/cursor_in_path/list"] = lambda call: answer(0, next="a/b?c")
    api.routes["/cursor_in_path/a%2Fb%3Fc/list"] = lambda call: answer(3, next="{x}")
    api.routes["/cursor_in_path/%7Bx%7D/list"] = lambda call: answer(6)
    assert [record.id for record in made(client).cursor_in_path()] == IDS


def test_a_page_number_in_the_path(client: Client, api: Api) -> None:
    for number in range(4):
        rows = page(number * 3)
        api.routes[f"/number_in_path/{number}"] = lambda call, rows=rows: {"data": rows}
    api.routes["/number_in_path"] = api.routes["/number_in_path/0"]
    reader = made(client)
    assert [record.id for record in reader.number_in_path()] == IDS
    assert api.calls[0].path == "/number_in_path/0"
    api.calls.clear()
    assert [record.id for record in reader.number_in_path_later()] == IDS
    assert [call.path for call in api.calls[:2]] == [
        "/number_in_path",
        "/number_in_path/1",
    ]


def test_an_offset_in_the_path(client: Client, api: Api) -> None:
    for start in (0, 3, 6, 7):
        rows = page(start)
        api.routes[f"/offset_in_path/{start}.json"] = lambda call, rows=rows: {
            "data": rows
        }
    assert [record.id for record in made(client).offset_in_path()] == IDS


# ---- the first page goes without


@pytest.mark.parametrize(
    ("name", "param", "sent"),
    [
        ("number_not_first", "page", [None, "1", "2", "3"]),
        ("offset_not_first", "offset", [None, "3", "6", "7"]),
    ],
)
def test_the_first_page_is_asked_for_without_a_number(
    client: Client, api: Api, name: str, param: str, sent: list[str | None]
) -> None:
    step = 3 if param == "page" else 1

    def route(call: Call) -> Any:
        return {"data": page(int(call.query.get(param, "0")) * step)}

    assert read(client, api, name, route) == IDS
    assert [call.query.get(param) for call in api.calls] == sent


# ---- next URLs


def test_a_url_in_a_header(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("_token", "0"))
        url = f"{api.url}{call.path}?_token={start + 3}"
        return Answer(
            {"data": page(start)}, headers={"Next-Page": url} if start < 6 else {}
        )

    assert read(client, api, "link_in_header", route) == IDS


@pytest.mark.parametrize("name", ["link_below_base", "link_at_cursor_below_base"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_path_below_the_base_url(
    client: Client, api: Api, name: str, slash: str
) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("from", "0"))
        following = f"{slash}{name}?from={start + 3}" if start < 6 else None
        return {"data": page(start), "next": following}

    api.routes[f"/api/v1/{name}"] = route
    api.url += "/api/v1"
    assert [record.id for record in getattr(made(client), name)()] == IDS


def test_a_whole_url_where_a_path_is_usual(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("from", "0"))
        following = f"{api.url}/link_below_base?from={start + 3}"
        return {"data": page(start), "next": following if start < 6 else ""}

    assert read(client, api, "link_below_base", route) == IDS
    other = lambda call: {
        "data": page(0),
        "next": "http://evil.example/x",
    }  # noqa: E731
    api.routes["/link_below_base"] = other
    with pytest.raises(Exception, match="allowed_hosts"):
        list(made(client).link_below_base())


@pytest.mark.parametrize("value", [7, "two words", {"a": 1}])
def test_a_path_that_is_none(client: Client, api: Api, value: object) -> None:
    message = fails(
        client, api, "link_below_base", lambda call: {"data": page(0), "next": value}
    )
    assert "next is no path or URL" in message


@pytest.mark.parametrize(
    "form",
    ["{path}?from={start}", "?from={start}", "relative_link?from={start}", "{url}"],
)
def test_a_relative_url(client: Client, api: Api, form: str) -> None:
    path = "/v1/list/relative_link"

    def route(call: Call) -> Any:
        start = int(call.query.get("from", "0"))
        url = f"{api.url}{path}?from={start + 3}"
        following = form.format(path=path, start=start + 3, url=url)
        return {"data": page(start), "next": following if start < 6 else None}

    assert read(client, api, "relative_link", route, path) == IDS


# ---- cursors


def test_the_next_page_as_a_number(client: Client, api: Api) -> None:
    """As json-server has it: `next` is the number of a page, null on the last one."""

    def route(call: Call) -> Any:
        number = int(call.query.get("_page", "1"))
        following = number + 1 if number < 3 else None
        return {"data": page((number - 1) * 3), "next": following, "pages": 3}

    assert read(client, api, "next_number", route) == IDS
    assert [call.query.get("_page") for call in api.calls] == [None, "2", "3"]


def after(call: Call) -> int:
    return int(call.query.get("starting_after", "-1")) + 1


@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_last_record_as_cursor(client: Client, api: Api, size: int) -> None:
    def route(call: Call) -> Any:
        rows = page(after(call), size)
        return {"data": rows, "has_more": rows[-1] != ROWS[-1]}

    assert read(client, api, "last_record", route) == IDS
    assert len(api.calls) == -(-7 // size)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_last_record_without_a_flag(client: Client, api: Api, size: int) -> None:
    def route(call: Call) -> Any:
        return {"data": page(after(call), size)}

    assert read(client, api, "last_record_alone", route) == IDS


def test_a_last_record_without_the_cursors_field(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        return {"data": [{"id": None}]}

    message = fails(client, api, "last_record_alone", route)
    assert "there should be more, but the answer has no last_record.id" in message


def test_a_flag_that_promises_more_after_nothing(client: Client, api: Api) -> None:
    message = fails(
        client, api, "last_record", lambda call: {"data": [], "has_more": True}
    )
    assert "there should be more, but the answer has no last_record.id" in message


def test_a_cursor_that_is_calculated(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        number = int(call.query.get("page", "1"))
        return {"data": page((number - 1) * 3), "page": number, "pages": 3}

    assert read(client, api, "computed", route) == IDS
