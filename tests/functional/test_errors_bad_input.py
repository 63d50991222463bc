"""Answers that no API should give: each ends in a typed error, or in what is written here."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from dlt.extract.exceptions import ResourceExtractionError

from tests.faulty import answering, raw
from tests.functional.conftest import Client, Make
from tests.rest_api import dlt_rows
from tests.scripted import Answer, Api, Call
from tests.support import part

SPEC = """
connector: bad_input
silence: [no-request-window]
client:
  base_url: https://api.example.com
  auth: { type: api_key, name: apiToken, location: query }
  error_handler: { backoff_factor: 0, max_retries: 2 }
resource_defaults: { primary_key: id, endpoint: { path: things, data_selector: data } }
resources:
  - name: things
    schema: &thing { type: object, required: [id], properties: { id: { type: integer }, size: { type: number } } }
    model: Thing
    endpoint: { paginator: { type: cursor, cursor_path: next, cursor_param: after } }
  - name: linked
    schema: *thing
    model: Linked
    endpoint: { paginator: { type: json_link, next_url_path: next } }
  - name: ruled
    schema: *thing
    model: Ruled
    endpoint:
      paginator: single_page
      error_handler: { rules: [{ message: maintenance, action: fail, error_message: Closed }] }
  - name: searches
    schema: *thing
    model: Search
    endpoint: { method: POST, json: { query: all }, paginator: { type: cursor, cursor_path: next, cursor_body_path: page.after } }
  - name: nested
    schema: *thing
    model: Nested
    endpoint: { data_selector: data.items, paginator: single_page }
"""
SECRET = "s3cr3t/k3y+="
PAGE = json.dumps({"data": [{"id": 1}], "next": "c2"})


def reader(package: Make, url: str, **arguments: Any) -> Any:
    module = package(SPEC)
    credentials = part(module, "Credentials")(api_key=SECRET)
    return part(module, "Client")(credentials, base_url=url, **arguments)


def failure(records: Any) -> Exception:
    """The error that reading ends in; it never shows the key."""
    with pytest.raises(Exception) as caught:
        list(records)
    for form in (SECRET, "s3cr3t%2Fk3y%2B%3D", "s3cr3t/k3y%2B%3D", "s3cr3t"):
        assert form not in str(caught.value)
    return caught.value


HTML = "<html>\n<h1>maintenance</h1> for s3cr3t/k3y+= </html>"
FAULTS: dict[str, tuple[bytes, str, str]] = {
    "HTML": (
        raw(HTML, kind="text/html"),
        "ResponseError",
        "not valid JSON (text/html, 52 bytes) that begins '<html> <h1>maintenance</h1>",
    ),
    "HTML as JSON": (raw(HTML), "ResponseError", "that begins '<html>"),
    "no type": (raw("oops", kind=""), "ResponseError", "(no content type, 4 bytes)"),
    "cut JSON": (
        raw('{"data":[{"id":1},'),
        "ResponseError",
        "not valid JSON (application/json, 18 bytes)",
    ),
    "cut text": (raw('{"data":[{"id":1},', kind="text/plain"), "ResponseError", "18"),
    "cut body": (raw(PAGE, declared=999), "TransportError", "IncompleteRead"),
    "reset": (b"", "TransportError", "Connection aborted"),
    "no HTTP": (b"hello\r\n\r\n", "TransportError", "BadStatusLine"),
    "cut chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
        "TransportError",
        "IncompleteRead",
    ),
    "bad chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
        "TransportError",
        "InvalidChunkLength",
    ),
    "bad gzip": (raw(b"no", Content_Encoding="gzip"), "TransportError", "gzip"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("resource", ["things", "searches"])
def test_a_fault_that_passes(package: Make, fault: str, resource: str) -> None:
    """D41, A1."""
    answers = [raw(PAGE), FAULTS[fault][0], raw('{"data": [{"id": 2}]}')]
    with answering(lambda number: answers[number]) as server:
        records = getattr(reader(package, server.url), resource)()
        assert [record.id for record in records] == [1, 2]
        assert len(server.targets) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays(package: Make, fault: str) -> None:
    """A1: one error with resource, page, cursor and redacted URL."""
    answer, kind, said = FAULTS[fault]
    with answering(lambda number: answer if number else raw(PAGE)) as server:
        error = failure(reader(package, server.url).things())
        assert len(server.targets) == 4
    assert str(error).startswith(f"things, page 2, GET {server.url}/things?after=c2: ")
    assert said in str(error)
    assert str(error).endswith(" after 2 retries")
    assert type(error).__name__ == kind


def test_the_cursor_in_a_body_is_named(package: Make) -> None:
    with answering(lambda number: b"" if number else raw(PAGE)) as server:
        error = failure(reader(package, server.url).searches())
    assert f'POST {server.url}/things with {{"query": "all", "page": ' in str(error)
    assert '{"after": "c2"}}: ' in str(error)


def test_dlt_fails_at_the_first_cut_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """D41."""
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
    answers = [raw('{"data": [1, 2'), raw('{"data": []}')]
    with answering(lambda number: answers[number]) as server:
        with pytest.raises(ResourceExtractionError):
            dlt_rows(server.url, {"data_selector": "data"})
        assert len(server.targets) == 1


def test_a_rule_comes_before_the_body_is_read(package: Make) -> None:
    with answering(lambda number: raw(HTML, kind="text/html")) as server:
        error = failure(reader(package, server.url).ruled())
        assert len(server.targets) == 1
    assert "status 200: Closed: <html> <h1>maintenance" in str(error)


# Time and memory


def test_a_server_that_never_answers(package: Make) -> None:
    """A9."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        made = reader(package, f"http://127.0.0.1:{port}")
        made._reader._http.timeout = 0.1
        started = time.monotonic()
        error = failure(made.things())
    assert time.monotonic() - started < 5
    assert type(error).__name__ == "TransportError"
    assert "things, page 1, GET" in str(error)
    assert "timed out" in str(error)


def test_a_server_that_is_not_there(package: Make) -> None:
    """D27."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    error = failure(reader(package, url).things())
    assert type(error).__name__ == "TransportError"
    assert "Connection refused" in str(error)
    auth = {"type": "api_key", "name": "apiToken", "api_key": "s3cr3t"}
    with pytest.raises(ResourceExtractionError, match="s3cr3t"):
        dlt_rows(url, {}, {"auth": {**auth, "location": "query"}})


def test_an_answer_that_is_too_large(package: Make, api: Api) -> None:
    api.routes["/things"] = lambda call: {"data": [{"id": 1, "text": "x" * 50_000}]}
    transport = _transport(package)(max_response_bytes=10_000)
    error = failure(reader(package, api.url, transport=transport).things())
    assert type(error).__name__ == "ResponseError"
    assert "things, page 1, GET" in str(error)
    assert "the answer exceeds 10000 bytes" in str(error)
    assert len(api.calls) == 1, "it would be as large the next time"


def _transport(package: Make) -> Callable[..., Any]:
    import importlib

    name = f"{package(SPEC).__name__}._runtime.transport"
    made: Callable[..., Any] = importlib.import_module(name).Transport
    return made


@pytest.mark.parametrize("empty", [False, True])
def test_an_endless_cursor(package: Make, api: Api, empty: bool) -> None:
    """D1, D4."""
    rows = [] if empty else [{"id": 1}]
    api.routes["/things"] = lambda call: {"data": rows, "next": "same"}
    error = failure(reader(package, api.url).things())
    assert type(error).__name__ == "PaginationError"
    assert "things, page " in str(error)
    assert len(api.calls) <= 3


# Where credentials may go


def test_a_next_link_to_another_host(package: Make, api: Api) -> None:
    """D22, A16."""
    api.routes["/things"] = lambda call: {
        "data": [{"id": 1}],
        "next": f"http://elsewhere.example/things?apiToken={SECRET}",
    }
    error = failure(reader(package, api.url).linked())
    assert type(error).__name__ == "HostError"
    assert "linked, page 2, GET http://elsewhere.example/" in str(error)
    assert "name it in allowed_hosts" in str(error)
    assert len(api.calls) == 1


@pytest.mark.parametrize("actions", [True, False])
def test_keys_in_the_query_are_not_shown(
    package: Make, api: Api, actions: bool
) -> None:
    """D25, D26, A18."""
    api.routes["/things"] = lambda call: Answer({"you sent": call.query}, 404)
    error = failure(reader(package, api.url).things())
    assert '"apiToken": "***"' in str(error)
    auth = {"type": "api_key", "name": "apiToken", "api_key": "s3cr3t"}
    endpoint = {"response_actions": [{"status_code": 1, "action": "ignore"}]}
    with pytest.raises(ResourceExtractionError, match="s3cr3t"):
        client = {"auth": {**auth, "location": "query"}}
        dlt_rows(api.url, endpoint if actions else {}, client)


# Data of another shape

SHAPES: dict[str, tuple[str, Any, str, str]] = {
    "empty body": ("things", b"", "MissingDataError", "the answer is empty"),
    "null": ("things", None, "MissingDataError", "the answer is empty"),
    "a list for an object": (
        "things",
        [{"id": 1}],
        "MissingDataError",
        "no data at data: the answer is a list",
    ),
    "text": ("things", "no", "MissingDataError", "the answer is a str"),
    "no data": (
        "things",
        {"error": {"code": 17}, "s3cr3t/k3y+=": 1},
        "MissingDataError",
        "has the keys error, ***",
    ),
    "a list below": ("nested", {"data": [1]}, "MissingDataError", "data.items"),
    "lists for records": ("things", {"data": [[1]]}, "RecordError", "record 0"),
    "text for a record": ("things", {"data": "no"}, "RecordError", "record 0"),
    "text for a number": ("things", {"data": [{"id": "x"}]}, "RecordError", "id: "),
    "null for a number": ("things", {"data": [{"id": None}]}, "RecordError", "id: "),
    "an object for a cursor": (
        "things",
        {"data": [], "next": {"a": 1}},
        "PaginationError",
        "the cursor next is a dict",
    ),
    "a number for a link": (
        "linked",
        {"data": [{"id": 1}], "next": 5},
        "PaginationError",
        "next is no URL or path",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_another_shape(package: Make, shape: str) -> None:
    resource, body, kind, said = SHAPES[shape]
    content = body if isinstance(body, bytes) else json.dumps(body)
    with answering(lambda number: raw(content)) as server:
        error = failure(getattr(reader(package, server.url), resource)())
    assert type(error).__name__ == kind
    assert f"{resource}, " in str(error)
    assert f"GET {server.url}/things" in str(error)
    assert "page 1" in str(error)
    assert said in str(error)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"data": None}, []),
        ({"data": []}, []),
        ({"data": {"id": 1}}, [(1, None)]),
        ({"data": [{"id": 1, "size": 2}]}, [(1, 2)]),
        ({"data": [None, {"id": 1}]}, None),
        ({"data": [{"id": "12", "size": "1.5"}]}, [(12, 1.5)]),
    ],
)
def test_what_is_read_all_the_same(
    package: Make, api: Api, body: Any, found: list[tuple[int, float]] | None
) -> None:
    """Null is no records, an object is one record, text that is a number is that number."""
    api.routes["/things"] = lambda call: body
    records = reader(package, api.url).things()
    if found is None:
        assert type(failure(records)).__name__ == "RecordError"
    else:
        assert [(each.id, each.size) for each in records] == found


def test_no_content(package: Make) -> None:
    """D19."""
    with answering(lambda number: raw(status=204, kind="")) as server:
        assert list(reader(package, server.url).things()) == []
        with pytest.raises(ResourceExtractionError):
            dlt_rows(server.url, {"paginator": "single_page"})


HALVES = """
connector: halves
silence: [no-auth]
client: { base_url: https://api.example.com }
resources:
  - name: things
    primary_key: id
    schema: { type: object, properties: { id: { type: integer }, name: { type: string } }, required: [id] }
    endpoint:
      path: things
      data_selector: data
      paginator: { type: cursor, cursor_path: next, cursor_param: after }
"""


def test_text_that_is_no_text(client: Client, api: Api) -> None:
    """Half of a surrogate pair: the record is rejected, the cursor sent back, the rest read."""

    def page(call: Call) -> Any:
        if "after" in call.query:
            return {"data": [{"id": 3}]}
        data = [{"id": 1}, {"id": 2, "name": "\ud800"}, {"id": 2, "name": "\ud800"}]
        return {"data": data, "next": "\udc00x"}

    api.routes["/things"] = page
    rejected: list[Any] = []
    made = client(HALVES, on_rejected=rejected.append)
    assert [each.id for each in made.things()] == [1, 3]
    assert [each.record for each in rejected] == [{"id": 2, "name": "\ud800"}]
    assert made.counts["things"].deduplicated == 1
    assert len(api.calls) == 2
