"""Every paginator kind hands out all records once and says where the data ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from tests.support import imported, part

from .api import Api, Reply, Start, paged, resource, spec

COUNT = 25
SIZE = 10


def ids(reply: Reply) -> list[int]:
    return [record["id"] for record in reply.body["data"]]


def everything(api: Api) -> list[int]:
    return [record["id"] for record in api.server.records["items"]]


def walk(
    api: Api, following: Callable[[Reply], dict[str, Any] | str | None]
) -> list[Reply]:
    """All pages; `following` gives the query or the URL of the next one from an answer."""
    replies = [api.ask("/items")]
    while (step := following(replies[-1])) is not None:
        assert len(replies) < 10, "the data has no end"
        url = step if isinstance(step, str) else "/items"
        replies.append(api.ask(url, step if isinstance(step, dict) else None))
        assert replies[-1].status == 200, replies[-1].body
    assert [id for reply in replies for id in ids(reply)] == everything(api)
    return replies


def relation(reply: Reply, name: str = "next") -> str | None:
    found = re.search(rf'<([^<>]*)>; rel="{name}"', reply.headers.get("Link", ""))
    return found[1] if found else None


@pytest.mark.parametrize("first", [0, 1])
def test_offset(start: Start, first: int) -> None:
    paginator = {
        "type": "offset",
        "limit": SIZE,
        "offset": first,
        "total_path": "n.all",
    }
    api = start(spec(paged(**paginator)), records=COUNT)
    reply = api.ask("/items", {"offset": first + 20, "limit": 100})
    assert ids(reply) == everything(api)[20:]
    assert reply.body["n"]["all"] == COUNT
    assert ids(api.ask("/items", {"offset": first, "limit": 3})) == everything(api)[:3]
    assert len(ids(api.ask("/items"))) == SIZE
    assert ids(api.ask("/items", {"offset": first + COUNT})) == []
    assert api.ask("/items", {"offset": "ten"}).status == 400
    assert api.ask("/items", {"limit": 0}).status == 400


def test_offset_in_the_body(start: Start) -> None:
    paginator = {
        "type": "offset",
        "limit": SIZE,
        "offset_body_path": "page.from",
        "limit_body_path": "page.size",
    }
    endpoint: dict[str, Any] = {
        "method": "POST",
        "json": {"kind": "all", "page": {"size": 4}},
    }
    item = resource(data_selector="data", paginator=paginator, **endpoint)
    api = start(spec(item), records=COUNT)
    body = {"kind": "all", "page": {"from": 7, "size": 5}}
    reply = api.ask("/items", method="POST", json=body)
    assert ids(reply) == everything(api)[7:12]


@pytest.mark.parametrize(("keys", "first"), [({}, 0), ({"start_from_page": 1}, 1)])
def test_page_number(start: Start, keys: dict[str, int], first: int) -> None:
    paginator = {
        "type": "page_number",
        "limit": SIZE,
        "page_param": "p",
        "limit_param": "size",
        "total_path": "pages",
        "has_more_path": "meta.more",
        **keys,
    }
    api = start(spec(paged(**paginator)), records=COUNT)
    replies = [api.ask("/items", {"p": first + at, "size": SIZE}) for at in range(4)]
    assert [len(ids(reply)) for reply in replies] == [10, 10, 5, 0]
    assert [id for reply in replies for id in ids(reply)] == everything(api)
    assert [reply.body["meta"]["more"] for reply in replies] == [
        True,
        True,
        False,
        False,
    ]
    assert all(reply.body["pages"] == 3 for reply in replies)
    assert api.ask("/items", {"p": first - 1}).status == 400


def cursor_walk(start: Start, paginator: dict[str, Any], path: str, param: str) -> Api:
    api = start(spec(paged(type="cursor", limit=SIZE, **paginator)), records=COUNT)

    def following(reply: Reply) -> dict[str, Any] | None:
        value: Any = reply.body
        for step in path.split("."):
            value = value.get(step)
        return None if value is None else {param: value}

    assert len(walk(api, following)) == 3
    return api


def test_cursor_by_param(start: Start) -> None:
    paginator = {"cursor_path": "meta.next", "cursor_param": "after"}
    api = cursor_walk(start, paginator, "meta.next", "after")
    assert api.ask("/items", {"after": "zzz"}).status == 400
    assert api.ask("/items", {"after": "a-0123456789ab"}).status == 400


def test_cursor_param_alone_names_the_key(start: Start) -> None:
    cursor_walk(start, {"cursor_param": "cursor"}, "cursor", "cursor")
    cursor_walk(start, {"cursor_param": "page[after]"}, "page[after]", "page[after]")


def test_cursor_value_expression(start: Start) -> None:
    value = "{{ response.get('a', {}).get('b') or response.get('c') }}"
    cursor_walk(start, {"cursor_value": value, "cursor_param": "q"}, "a.b", "q")


def test_last_page_leaves_the_cursor_out(start: Start) -> None:
    paginator = paged(type="cursor", cursor_param="cursor", limit=SIZE)
    api = start(spec(paginator), records=SIZE)
    assert "cursor" not in api.ask("/items").body


def test_cursor_in_the_body(start: Start) -> None:
    paginator = {
        "type": "cursor",
        "limit": SIZE,
        "cursor_path": "cursor",
        "cursor_body_path": "query.cursor",
        "limit_body_path": "query.limit",
    }
    item = resource(method="POST", data_selector="data", paginator=paginator)
    api = start(spec(item), records=COUNT)
    first = api.ask("/items", method="POST", json={"query": {"limit": 4}})
    assert ids(first) == everything(api)[:4]
    query = {"limit": 4, "cursor": first.body["cursor"]}
    second = api.ask("/items", method="POST", json={"query": query})
    assert ids(second) == everything(api)[4:8]


def test_cursor_of_the_last_record(start: Start) -> None:
    paginator = {"cursor_path": "last_record.id", "cursor_param": "starting_after"}
    item = paged(type="cursor", limit=SIZE, has_more_path="has_more", **paginator)
    api = start(spec(item), records=COUNT)

    def following(reply: Reply) -> dict[str, Any] | None:
        return {"starting_after": ids(reply)[-1]} if reply.body["has_more"] else None

    assert len(walk(api, following)) == 3
    assert api.ask("/items", {"starting_after": 999}).status == 400


@pytest.mark.parametrize(
    ("paginator", "path"),
    [
        ({"type": "cursor", "cursor_path": "links.next"}, ("links", "next")),
        ({"type": "json_link", "next_url_path": "links.next"}, ("links", "next")),
        ({"type": "json_link"}, ("next",)),
        ({"type": "cursor", "cursor_value": "{{ response.next }}"}, ("next",)),
        ({"type": "cursor", "cursor_path": "@odata.nextLink"}, ("@odata.nextLink",)),
    ],
)
def test_next_url(
    start: Start, paginator: dict[str, Any], path: tuple[str, ...]
) -> None:
    auth = {"type": "api_key", "name": "key", "location": "query"}
    api = start(spec(paged(limit=SIZE, **paginator), auth=auth), records=COUNT)
    url: str | None = "/items"
    seen: list[int] = []
    while url:
        reply = api.ask(url, {"key": "practice-api-key"} if url == "/items" else None)
        assert reply.status == 200
        seen += ids(reply)
        value: Any = reply.body
        for step in path:
            value = value.get(step)
        assert value is None or value.startswith(api.server.url)
        assert value is None or "key=" not in value
        url = value and f"{value}&key=practice-api-key"
    assert seen == everything(api)


@pytest.mark.parametrize(
    "paginator",
    [
        {"type": "header_link"},
        {"type": "cursor", "cursor_path": "headers.link.next.url"},
        {"type": "cursor", "cursor_value": "{{ headers['link']['next']['url'] }}"},
    ],
)
def test_link_header(start: Start, paginator: dict[str, Any]) -> None:
    api = start(spec(paged(limit=SIZE, **paginator)), records=COUNT)
    assert len(walk(api, relation)) == 3
    assert relation(api.ask("/items"), "first") == f"{api.server.url}/items"


def test_link_relation_by_name(start: Start) -> None:
    item = paged(type="header_link", links_next_key="after", limit=SIZE)
    walk(start(spec(item), records=COUNT), lambda reply: relation(reply, "after"))


def test_link_url_as_cursor(start: Start) -> None:
    paginator = {"cursor_path": "headers.link.next.url", "cursor_param": "cursor"}
    api = start(spec(paged(type="cursor", limit=SIZE, **paginator)), records=COUNT)
    walk(api, lambda reply: (url := relation(reply)) and {"cursor": url})


def test_link_attributes(start: Start) -> None:
    paginator = {
        "cursor_path": "headers.link.next.cursor",
        "cursor_param": "cursor",
        "stop_condition": "headers.link.next.results == 'false'",
    }
    api = start(spec(paged(type="cursor", limit=SIZE, **paginator)), records=COUNT)

    def following(reply: Reply) -> dict[str, Any] | None:
        found = dict(re.findall(r'(\w+)="([^"]*)"', reply.headers["Link"]))
        return None if found["results"] == "false" else {"cursor": found["cursor"]}

    assert len(walk(api, following)) == 3


@pytest.mark.parametrize(
    ("paginator", "header"),
    [
        (
            {"type": "header_cursor", "cursor_key": "X-Next", "cursor_param": "c"},
            "X-Next",
        ),
        (
            {"type": "cursor", "cursor_path": "headers.x-after", "cursor_param": "c"},
            "X-After",
        ),
    ],
)
def test_header_cursor(start: Start, paginator: dict[str, Any], header: str) -> None:
    api = start(spec(paged(limit=SIZE, **paginator)), records=COUNT)
    walk(
        api,
        lambda reply: {"c": reply.headers[header]} if header in reply.headers else None,
    )


@pytest.mark.parametrize("paginator", [None, {"type": "single_page"}])
def test_one_page(start: Start, paginator: dict[str, str] | None) -> None:
    item = resource(
        data_selector="data", **({"paginator": paginator} if paginator else {})
    )
    api = start(spec(item), records=COUNT)
    reply = api.ask("/items", {"limit": 3, "offset": 4})
    assert ids(reply) == everything(api)
    assert list(reply.body) == ["data"]
    assert "Link" not in reply.headers


def test_the_clients_paginator_is_the_default(start: Start) -> None:
    item = resource(data_selector="data")
    api = start(spec(item, paginator={"type": "offset", "limit": 7}), records=COUNT)
    assert len(ids(api.ask("/items"))) == 7


PARAM = {"cursor_param": "cursor"}
CONDITIONS: list[tuple[str, dict[str, Any]]] = [
    ("{{ 'cursor' not in response }}", PARAM),
    ("not response.get('links', {}).get('next')", {"cursor_path": "links.next"}),
    ("not response.get('next', {})", {"cursor_param": "next"}),
    ("{{ response.has_more is false }}", {"cursor_value": "{{ response.next }}"}),
    ("response.get('data')|length == 0", PARAM),
    ("response.get('next_page_url') is none", {"cursor_path": "next_page_url"}),
    ("not pagination.nextPageUrl", {"cursor_path": "pagination.nextPageUrl"}),
    ("response['paging']['next'] == None", {"cursor_param": "next"}),
    ("not response.get('info', {}).get('more_records', False)", PARAM),
    ("{{ 'next_token' not in response['meta'] }}", {"cursor_path": "meta.next_token"}),
    ("{{ response.get('hasNext', {}) == False }}", PARAM),
    ("has_more == false", PARAM),
    ("response.is_last", PARAM),
    ("response.page >= response.pages", PARAM),
    ("not response.get('next_cursor', {})", {"cursor_param": "page_token"}),
    ("response.get('@odata.nextLink') is none", {"cursor_path": "@odata.nextLink"}),
    ("not response.get('data')", PARAM),
    (
        "{{ not response.get('a', {}).get('b') and not response.get('c') }}",
        {"cursor_value": "{{ response.get('a', {}).get('b') or response.get('c') }}"},
    ),
    ("'next' not in headers['link']", {"cursor_path": "headers.link.next.url"}),
    ("not 'next' in headers.get('Link')", PARAM),
    (
        "not headers.get('Link') or 'rel=\"next\"' not in headers.get('Link')",
        {"cursor_path": "headers.link.next.url"},
    ),
]


@pytest.mark.parametrize(("condition", "keys"), CONDITIONS)
@pytest.mark.parametrize("count", [COUNT, 2 * SIZE, 0])
def test_stop_condition_holds_on_the_last_page_only(
    start: Start, condition: str, keys: dict[str, Any], count: int
) -> None:
    item = paged(type="cursor", limit=SIZE, stop_condition=condition, **keys)
    api = start(spec(item), records=count)
    text = condition.removeprefix("{{").removesuffix("}}").strip()
    stops = jinja2.Environment().compile_expression(text)
    cursor = keys.get("cursor_param", "cursor")
    reply = api.ask("/items")
    found = ids(reply)
    while True:
        links = reply.headers.get("Link", "")
        headers = {"link": links, "Link": links}
        if stops(**{**reply.body, "response": reply.body, "headers": headers}):
            break
        token = re.search(r"[0-9a-f]+-[0-9a-f]{12}", f"{reply.body}{links}")
        assert token, "the answer is not the last one, and names no cursor"
        reply = api.ask("/items", {cursor: token[0]})
        assert reply.status == 200
        assert len(found) < COUNT or not ids(reply)
        found += ids(reply)
    assert found == everything(api)


NEXT = {"type": "cursor", "cursor_path": "next", "limit": SIZE}
FORM = {"method": "POST", "data": {"kind": "all", "tags": ["a", "b"]}}


@pytest.mark.parametrize(
    ("paginator", "endpoint"),
    [
        ({**NEXT, "cursor_body_path": "page[at]", "limit_body_path": "size"}, FORM),
        ({"type": "offset", "limit": 10, "offset_body_path": "from"}, FORM),
        ({"type": "page_number", "base_page": 1, "page_body_path": "page"}, FORM),
        ({**NEXT, "cursor_header": "X-Cursor", "limit_header": "X-Size"}, {}),
        ({**NEXT, "cursor_param": "c", "is_last_path": "meta.last"}, {}),
        ({**NEXT, "cursor_param": "c", "has_more_path": "headers.X-More"}, {}),
        ({"type": "offset", "limit": 10, "total_path": "headers.X-Total-Count"}, {}),
        (
            {
                "type": "page_number",
                "base_page": 1,
                "limit": 10,
                "limit_param": "size",
                "total_path": "total",
                "total_is": "rows",
                "first_page_sent": False,
            },
            {},
        ),
        (
            {
                "type": "page_number",
                "base_page": 0,
                "limit": 10,
                "limit_param": "size",
                "stop_after_short_page": True,
            },
            {},
        ),
        ({"type": "json_link", "relative_to": "base_url", "limit": 10}, {}),
        ({"type": "cursor", "cursor_path": "headers.Next-Page"}, {}),
        (
            {
                "type": "cursor",
                "cursor_param": "after",
                "stop_condition": "not response.paging.after_token",
            },
            {},
        ),
    ],
)
def test_a_generated_client_reads_everything(
    start: Start, tmp_path: Path, paginator: dict[str, Any], endpoint: dict[str, Any]
) -> None:
    item = resource(data_selector="data", paginator=paginator, **endpoint)
    plain = spec(item)
    api = start(plain, records=COUNT)
    path = tmp_path / "shop.yaml"
    path.write_text(json.dumps(plain))
    client = part(imported(path, tmp_path), "Client")(base_url=api.server.url)
    assert [record.id for record in client.items()] == everything(api)
