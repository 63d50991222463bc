"""What a request must carry, where records stand in the answer, parents and bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from .api import Start, resource, spec

SELECTORS: list[tuple[Any, Callable[[Any], Any]]] = [
    ("data", lambda body: body["data"]),
    ("a.b", lambda body: body["a"]["b"]),
    (["a", "b"], lambda body: body["a"]["b"]),
    ("$.a['b c']", lambda body: body["a"]["b c"]),
    ("data.*", lambda body: body["data"]),
    ("data[*].record", lambda body: [each["record"] for each in body["data"]]),
    ("list.*.record", lambda body: [each["record"] for each in body["list"]]),
    (
        "pages.*.rows.*.row",
        lambda body: [each["row"] for each in body["pages"][0]["rows"]],
    ),
    (["data", 1], lambda body: body["data"][1]),
    ("", lambda body: body),
    ([], lambda body: body),
    (None, lambda body: body),
]


@pytest.mark.parametrize(("selector", "find"), SELECTORS)
def test_records_are_where_the_selector_says(
    start: Start, selector: Any, find: Any
) -> None:
    keys = {} if selector is None else {"data_selector": selector}
    api = start(spec(resource(**keys)), records=5)
    assert find(api.ask("/items").body) == api.server.records["items"]


def test_an_answer_without_records(start: Start) -> None:
    plain = resource("plain", data_selector="a.b")
    bare = resource("bare", data_selector="a.b", missing_data="empty")
    api = start(spec(plain, bare), records=0)
    assert api.ask("/plain").body == {"a": {"b": []}}
    assert api.ask("/bare").body == {}


@pytest.mark.parametrize("path", ["a<b>", "//a/", "a b/%C3%BC", "", "a|b;c", "/"])
def test_unusual_paths(start: Start, path: str) -> None:
    api = start(spec(resource(path=path)), records=1)
    assert api.ask(f"/{quote(unquote(path).lstrip('/'))}" if path else "").status == 200


def test_unknown_paths_and_methods(start: Start) -> None:
    api = start(spec(resource()))
    assert api.ask("/other").status == 404
    assert api.ask("/items/").status == 404
    assert "no such path" in api.ask("/items/7").body["error"]
    assert api.ask("/items", method="POST").status == 405


def test_a_body_of_plain_text(start: Start) -> None:
    plain = resource("plain", method="POST", data="fields id;")
    api = start(spec(plain), records=1)
    asked = {"method": "POST", "headers": {"Content-Type": "text/plain"}}
    assert api.ask("/plain", body="fields id;", **asked).status == 200
    assert "the body must be" in api.ask("/plain", body="no", **asked).body["error"]


def test_constants_must_be_sent(start: Start) -> None:
    endpoint: dict[str, Any] = {
        "params": {"expand": "agent", "deep": True, "since": "dlt.config['day']"},
        "headers": {"X-Version": "3"},
    }
    api = start(spec(resource(**endpoint)))
    headers = {"X-Version": "3"}
    query = {"expand": "agent", "deep": "true"}
    assert api.ask("/items", query, headers=headers).status == 200
    missing = api.ask("/items", {"deep": "true"}, headers=headers)
    assert missing.status == 400
    assert missing.body["error"] == "query parameter 'expand' is missing"
    assert api.ask("/items", {**query, "expand": "x"}, headers=headers).status == 400
    assert "X-Version" in api.ask("/items", query).body["error"]


def test_body_constants_must_be_sent(start: Start) -> None:
    body = {"filter": {"state": "open", "by": "{who}"}, "sort": ["id"]}
    api = start(spec(resource(method="POST", json=body)))
    right = {"filter": {"state": "open", "by": "me"}, "sort": ["id"], "more": 1}
    assert api.ask("/items", method="POST", json=right).status == 200
    wrong = api.ask("/items", method="POST", json={**right, "filter": {}})
    assert wrong.status == 400
    assert "'filter.state'" in wrong.body["error"]
    assert api.ask("/items", method="POST").status == 400


def test_defaults_are_joined(start: Start) -> None:
    raw = spec(resource(params={"b": 2}))
    raw["resource_defaults"] = {
        "endpoint": {"params": {"a": 1}, "data_selector": "rows"}
    }
    api = start(raw)
    reply = api.ask("/items", {"a": 1, "b": 2})
    assert reply.body == {"rows": api.server.records["items"]}
    assert "'a'" in api.ask("/items", {"b": 2}).body["error"]


def test_resources_that_share_a_path(start: Start) -> None:
    first = resource("first", path="all", params={"kind": "a"}, data_selector="data")
    second = resource("second", path="all", params={"kind": "b"}, data_selector="data")
    plain = resource("plain", path="all", data_selector="rows")
    api = start(spec(first, second, plain), records=3)
    records = api.server.records
    assert api.ask("/all", {"kind": "a"}).body == {"data": records["first"]}
    assert api.ask("/all", {"kind": "b"}).body == {"data": records["second"]}
    assert api.ask("/all").body == {"rows": records["plain"]}


def test_placeholders_take_any_value(start: Start) -> None:
    item = resource("pages", path="blogs/{blog_id}/{{ config['kind'] }}.json")
    client = {"base_url": "https://{tenant}.example.com/c/{company}"}
    api = start(spec(item, **client), records=2)
    assert api.server.url.endswith("/c/practice")
    assert api.ask("/blogs/12/new.json").body == api.server.records["pages"]
    assert api.ask("/blogs/12/new").status == 404
    assert api.server.requests[-2].path == "/c/practice/blogs/12/new.json"


CHILD: dict[str, dict[str, Any]] = {
    "path": {"path": "posts/{resources.posts.id}/notes"},
    "resolve": {
        "path": "posts/{post}/notes",
        "params": {"post": {"type": "resolve", "resource": "posts", "field": "id"}},
    },
    "router": {
        "path": "posts/{{ stream_partition['post'] }}/notes",
        "partition_router": {
            "type": "substream",
            "parent_stream": "posts",
            "parent_key": "id",
            "partition_field": "post",
        },
    },
}


@pytest.mark.parametrize("kind", CHILD)
def test_children_belong_to_parents(start: Start, kind: str) -> None:
    raw = spec(resource("posts"), resource("notes", **CHILD[kind]))
    api = start(raw, records=20)
    found: list[Any] = []
    sizes: list[int] = []
    for post in api.server.records["posts"]:
        reply = api.ask(f"/posts/{post['id']}/notes")
        assert reply.body == api.server.records_of("notes", post["id"])
        found += reply.body
        sizes.append(len(reply.body))
    assert found == api.server.records["notes"]
    assert len({each["id"] for each in found}) == 20
    assert sizes[0] == 10
    assert sizes[-1] == 0
    assert api.ask("/posts/999/notes").status == 404


def test_parent_in_query_and_body(start: Start) -> None:
    by_query = resource("notes", params={"post": "{resources.posts.id}"})
    by_body = resource("tags", method="POST", json={"post": "{resources.posts.id}"})
    api = start(spec(resource("posts"), by_query, by_body), records=10)
    post = api.server.records["posts"][0]["id"]
    assert api.ask("/notes", {"post": post}).body == api.server.records_of(
        "notes", post
    )
    assert api.ask("/notes", {"post": 999}).status == 404
    assert api.ask("/notes").status == 404
    tags = api.ask("/tags", method="POST", json={"post": post})
    assert tags.body == api.server.records_of("tags", post)


def test_grandchildren(start: Start) -> None:
    raw = spec(
        resource("a"),
        resource("b", path="a/{resources.a.id}/b"),
        resource("c", path="b/{resources.b.id}/c"),
    )
    api = start(raw, records=8)
    found = [api.ask(f"/b/{each['id']}/c").body for each in api.server.records["b"]]
    assert [each for some in found for each in some] == api.server.records["c"]


def test_list_partitions(start: Start) -> None:
    router = {"type": "list", "values": ["deals", "tasks"], "cursor_field": "module"}
    raw = spec(resource("rows", path="{module}/rows", partition_router=router))
    api = start(raw, records=6)
    deals, tasks = api.ask("/deals/rows").body, api.ask("/tasks/rows").body
    assert deals + tasks == api.server.records["rows"]
    assert api.ask("/other/rows").status == 404


def test_single_objects(start: Start) -> None:
    detail = resource("post", path="posts/{resources.posts.id}", data_selector="data")
    settings = resource("settings", data_selector="data")
    raw = spec(resource("posts"), detail, settings)
    api = start(raw, records=4, single=frozenset({"settings"}))
    post = api.server.records["posts"][1]["id"]
    assert [api.ask(f"/posts/{post}").body["data"]] == api.server.records_of(
        "post", post
    )
    assert [api.ask("/settings").body["data"]] == api.server.records["settings"]


def test_single_names_must_exist(start: Start) -> None:
    with pytest.raises(ValueError, match="no such resource: setings"):
        start(spec(resource("settings")), single=frozenset({"setings"}))


def incremental(field: dict[str, Any], **keys: Any) -> dict[str, Any]:
    item = resource(incremental={"cursor_path": "seen", "start_param": "from", **keys})
    item["schema"] = {"type": "object", "properties": {"seen": field}}
    return item


@pytest.mark.parametrize(
    ("field", "keys", "start_at", "end_at"),
    [
        ({"type": "string", "format": "date-time"}, {}, "{7}", "{11}"),
        ({"type": "string", "format": "date"}, {"format": "date"}, "2026-01-03", None),
        ({"type": "integer"}, {"format": "epoch"}, "{7}", "{11}"),
        ({"type": "integer"}, {"format": "epoch_ms"}, "{7}", "{11}"),
        ({"type": "integer"}, {}, "{7}", "{11}"),
        ({"type": "string"}, {"format": "%d.%m.%Y"}, "03.01.2026", "05.01.2026"),
    ],
)
def test_bounds_filter(
    start: Start,
    field: dict[str, Any],
    keys: dict[str, Any],
    start_at: str,
    end_at: str | None,
) -> None:
    api = start(spec(incremental(field, end_param="to", **keys)), records=30)
    records = api.server.records["items"]
    seen = [record["seen"] for record in records]
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    query = {"from": start_at.format(*seen)}
    if end_at:
        query["to"] = end_at.format(*seen)
    if end_at == "{11}":
        expected = records[7:11]
    else:
        last = "2026-01-05" if end_at else "9999"
        expected = [each for each in records if "2026-01-03" <= each["seen"] < last]
    assert api.ask("/items", query).body == expected
    assert len(api.ask("/items").body) == 30
    assert api.ask("/items", {"from": "soon"}).status == 400


def test_bounds_in_every_notation(start: Start) -> None:
    declared = {"type": "incremental", "cursor_path": "created_at"}
    option = {"field_name": "X-Since", "inject_into": "header"}
    sync = {"cursor_field": "created_at", "start_time_option": option}
    templated: dict[str, Any] = {
        "params": {"since": "{incremental.start_value}"},
        "incremental": {"cursor_path": "created_at", "initial_value": "2020-01-01"},
    }
    raw = spec(
        resource("a", params={"since": declared}),
        {**resource("b"), "incremental_sync": sync},
        resource("c", **templated),
    )
    api = start(raw, records=20)
    for name in "abc":
        records = api.server.records[name]
        since = records[12]["created_at"]
        headers = {"X-Since": since} if name == "b" else None
        query = None if name == "b" else {"since": since}
        assert api.ask(f"/{name}", query, headers=headers).body == records[12:]


def test_records_start_at_a_late_initial_value(start: Start) -> None:
    item = incremental(
        {"type": "string", "format": "date-time"}, initial_value="2026-06-01"
    )
    api = start(spec(item), records=3)
    assert api.server.records["items"][0]["seen"] == "2026-06-01T00:00:00Z"


def test_requests_are_recorded(start: Start) -> None:
    api = start(spec(resource(method="POST")))
    api.ask(
        "/items", {"a": "1"}, method="POST", headers={"X-Trace": "t"}, json={"b": 2}
    )
    (seen,) = api.server.requests
    assert (seen.method, seen.path, seen.query) == ("POST", "/v1/items", {"a": "1"})
    assert seen.headers["x-trace"] == "t"
    assert seen.body == '{"b":2}'
    api.server.clear_requests()
    assert api.server.requests == []
