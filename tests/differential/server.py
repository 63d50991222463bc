"""One loopback API with every way of paging and signing: both readers see the same answers."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.differential import data


@dataclass(frozen=True)
class Call:
    """One request as it arrived; header names are lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    shop: Shop

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return dict(self.query).get(name, default)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}

    def sent(self) -> tuple[object, ...]:
        """What makes two requests the same for an API."""
        kind = self.headers.get("content-type", "").partition(";")[0]
        body = self.body.decode()
        if kind == "application/json":
            body = json.dumps(json.loads(body), sort_keys=True)
        elif kind == "application/x-www-form-urlencoded":
            body = urlencode(sorted(parse_qsl(body, keep_blank_values=True)))
        own = sorted(
            (name, value)
            for name, value in self.headers.items()
            if name.startswith("x-") or name in {"authorization", "cookie"}
        )
        return self.method, self.path, tuple(sorted(self.query)), body, tuple(own)


@dataclass(frozen=True)
class Answer:
    """A body that is sent as JSON (text as it is), with a status and headers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Route = Callable[..., Any]
_ROUTES: list[tuple[str, Route]] = []


def route(pattern: str) -> Callable[[Route], Route]:
    """Answers the paths that fit: `*` is one step, and an argument of the function."""

    def add(function: Route) -> Route:
        _ROUTES.append((pattern, function))
        return function

    return add


class Shop:
    """The API's state: its address, the day it is, and every call."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.url = ""
        self.day = 1
        """On the second day records were changed and added."""

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        steps = call.path.strip("/").split("/")
        for pattern, function in _ROUTES:
            wanted = pattern.strip("/").split("/")
            if len(wanted) == len(steps) and all(
                want in {"*", step} for want, step in zip(wanted, steps, strict=True)
            ):
                values = [
                    step
                    for want, step in zip(wanted, steps, strict=True)
                    if want == "*"
                ]
                answer = function(call, *values)
                return answer if isinstance(answer, Answer) else Answer(answer)
        return Answer({"error": f"no route {call.path}"}, 404)


@contextmanager
def serving() -> Generator[Shop, None, None]:
    """The API on a loopback port while the block lasts."""
    shop = Shop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            target = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            query = tuple(parse_qsl(target.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(
                self.command, target.path, query, headers, self.rfile.read(size), shop
            )
            answer = shop.answer(call)
            empty = answer.status == 204
            body = answer.body
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "0" if empty else str(len(content)))
            self.end_headers()
            self.wfile.write(b"" if empty else content)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            """Keeps the test output clean."""

    return Handler


# ---- whole answers


@route("/plain/items")
def plain(call: Call) -> Any:
    return data.items(call.shop.day)


@route("/single/items")
def single(call: Call) -> Any:
    return {"data": data.items(call.shop.day)}


@route("/nested/items")
def nested(call: Call) -> Any:
    return {"response": {"result": {"many-items": data.items(call.shop.day)}}}


@route("/wrapped/items")
def wrapped(call: Call) -> Any:
    return {"rows": [{"node": item} for item in data.items(call.shop.day)]}


@route("/groups/items")
def groups(call: Call) -> Any:
    found = data.items(call.shop.day)
    return {"groups": [{"items": found[:4]}, {"items": []}, {"items": found[4:]}]}


@route("/numbers")
def numbers(call: Call) -> Any:
    return {"data": [1, 2, 3]}


@route("/status")
def status(call: Call) -> Any:
    return {"id": 7, "state": "open", "limits": {"daily": 10, "hourly": 2.5}}


@route("/nothing")
def nothing(call: Call) -> Any:
    return {"data": []}


@route("/null")
def null(call: Call) -> Any:
    return {"data": None}


@route("/missing")
def missing(call: Call) -> Any:
    return {"other": []}


@route("/no-content")
def no_content(call: Call) -> Any:
    return Answer(None, 204)


@route("/odd")
def odd(call: Call) -> Any:
    return {"data": data.odd()}


@route("/versions")
def versions(call: Call) -> Any:
    return {"data": data.versions(call.shop.day)}


@route("/echo")
@route("/echo/*")
@route("/echo/*/*")
@route("/echo/*/*/*")
def echo(call: Call, *steps: str) -> Any:
    """One record: the request itself."""
    method, path, query, body, headers = call.sent()
    seen = {"method": method, "path": path, "body": body}
    seen.update(query=json.dumps(query), headers=json.dumps(headers))
    return {"data": [{"id": 1, **seen}]}


# ---- pages


def _page(call: Call, start: int, size: int) -> tuple[list[Any], bool]:
    found = data.items(call.shop.day)
    return found[start : start + size], start + size < len(found)


@route("/offset/items")
@route("/capped/items")
def offset(call: Call) -> Any:
    size = min(
        int(call.one("limit") or call.one("size") or 5),
        5 if call.path.startswith("/capped") else 100,
    )
    start = int(call.one("offset") or call.one("skip") or 0)
    records, more = _page(call, start, size)
    total = len(data.items(call.shop.day))
    return {
        "data": records,
        "total": total,
        "meta": {"count": total},
        "has_more": more,
        "more_text": str(more).lower(),
    }


@route("/offset-bare/items")
def offset_bare(call: Call) -> Any:
    """No total; a plain list."""
    return _page(call, int(call.one("offset", "0")), int(call.one("limit", "5")))[0]


@route("/offset-breaks/items")
def offset_breaks(call: Call) -> Any:
    """The third page is an error with status 200."""
    start = int(call.one("offset", "0"))
    if start >= 10:
        return {"error": {"message": "the index is being rebuilt"}}
    return {"data": _page(call, start, 5)[0]}


@route("/offset-post/items")
def offset_post(call: Call) -> Any:
    body = call.json
    place = body.get("paging", body)
    size = int(place.get("limit", 5))
    records, more = _page(call, int(place.get("offset", 0)), size)
    total = len(data.items(call.shop.day))
    return {"data": records, "total": total, "has_more": more}


@route("/pages/*/items")
def pages(call: Call, base: str) -> Any:
    """Five a page; `base` is the number of the first."""
    number = int(call.one("page") or call.one("p") or base)
    records, more = _page(call, (number - int(base)) * 5, 5)
    return {
        "data": records,
        "total": data.PAGES,
        "total_pages": data.PAGES,
        "meta": {"pages": data.PAGES},
        "has_more": more,
    }


@route("/pages-post/items")
def pages_post(call: Call) -> Any:
    body = call.json
    number = int(body.get("page", body.get("paging", {}).get("page", 1)))
    records, more = _page(call, (number - 1) * 5, 5)
    return {"data": records, "total": data.PAGES, "has_more": more}


@route("/cursor/items")
def cursor(call: Call) -> Any:
    start = int((call.one("cursor") or call.one("after") or "c0")[1:])
    records, more = _page(call, start, 5)
    token = f"c{start + 5}" if more else None
    return {
        "data": records,
        "cursors": {"next": token},
        "next_token": token,
        "meta": {"page": {"after": token or ""}},
        "has_more": more,
    }


@route("/cursor-null/items")
def cursor_null(call: Call) -> Any:
    """The last page is null where the list was."""
    start = int(call.one("cursor", "c0")[1:])
    records, _ = _page(call, start, 5)
    token = f"c{start + 5}" if records else None
    return {"data": records or None, "cursors": {"next": token}}


@route("/cursor-forever/items")
def cursor_forever(call: Call) -> Any:
    return {"data": [{"id": 1}], "cursors": {"next": "again"}}


@route("/cursor-post/items")
def cursor_post(call: Call) -> Any:
    body = call.json
    token = str(body.get("cursor") or body.get("page", {}).get("after") or "c0")
    start = int(token[1:])
    records, more = _page(call, start, 5)
    return {"data": records, "cursors": {"next": f"c{start + 5}" if more else None}}


def _next_url(call: Call, number: int, more: bool, relative: bool = False) -> str:
    query = {**dict(call.query), "page": number + 1}
    url = f"{call.path}?{urlencode(query)}"
    return (url if relative else call.shop.url + url) if more else ""


@route("/json-link/items")
def json_link(call: Call) -> Any:
    number = int(call.one("page", "1"))
    records, more = _page(call, (number - 1) * 5, 5)
    url = _next_url(call, number, more) or None
    return {
        "data": records,
        "next": url,
        "links": {"next": url},
        "@odata.nextLink": url,
    }


@route("/json-link-relative/items")
def json_link_relative(call: Call) -> Any:
    number = int(call.one("page", "1"))
    records, more = _page(call, (number - 1) * 5, 5)
    return {"data": records, "next": _next_url(call, number, more, True) or None}


@route("/json-link-empty/items")
def json_link_empty(call: Call) -> Any:
    """The last page has an empty text for the next URL."""
    number = int(call.one("page", "1"))
    records, more = _page(call, (number - 1) * 5, 5)
    return {"data": records, "next": _next_url(call, number, more)}


@route("/header-link/items")
@route("/header-link/*/items")
def header_link(call: Call, rel: str = "next") -> Answer:
    number = int(call.one("page", "1"))
    records, more = _page(call, (number - 1) * 5, 5)
    url = _next_url(call, number, more)
    return Answer(records, headers={"Link": f'<{url}>; rel="{rel}"'} if more else {})


@route("/header-cursor/items")
def header_cursor(call: Call) -> Answer:
    start = int((call.one("cursor") or call.one("after") or "c0")[1:])
    records, more = _page(call, start, 5)
    token = f"c{start + 5}"
    return Answer(records, headers={"next": token, "X-After": token} if more else {})


# ---- parents


@route("/shops")
def shops(call: Call) -> Any:
    return data.shops()


@route("/shops/*")
def shop(call: Call, key: str) -> Any:
    found = [each for each in data.shops() if str(each["id"]) == key]
    return found[0] if found else Answer({"error": "no shop"}, 404)


@route("/shops/*/orders")
def orders(call: Call, key: str) -> Any:
    return {"data": data.orders(key, call.one("state"))}


@route("/shops/*/numbered")
@route("/numbered/*")
def numbered(call: Call, key: str) -> Any:
    number = int(call.one("page", "1"))
    found = data.orders(key)
    return {
        "data": found[(number - 1) * 2 : number * 2],
        "total_pages": -(-len(found) // 2),
    }


@route("/shops/*/orders/*/lines")
def lines(call: Call, key: str, order: str) -> Any:
    return data.lines(key, order)


@route("/regions/*/orders")
def region_orders(call: Call, name: str) -> Any:
    return [{"id": 1, "region": name}]


@route("/orders")
def orders_by_value(call: Call) -> Any:
    """The shop is in the query, the body, the form or a header."""
    key = call.one("shop_id") or call.headers.get("x-shop", "")
    if not key and "json" in call.headers.get("content-type", ""):
        key = str(call.json.get("shop_id") or call.json["filter"]["shop"])
    if not key:
        key = dict(parse_qsl(call.body.decode())).get("shop_id", "")
    return {"data": data.orders(key)}


@route("/sparse/*/*")
def sparse(call: Call, kind: str, key: str) -> Any:
    """The first shop has an answer, the others have the status `kind`, or 422 after 404."""
    if key == "1":
        return {"id": 1, "note": "here"}
    if kind == "204":
        return Answer(None, 204)
    status = 422 if kind == "both" and key == "3" else 404
    return Answer({"error": f"no note for {key}"}, status)


@route("/tangled")
def tangled(call: Call) -> Any:
    return [{"id": "a/b"}, {"id": "c d"}]


@route("/holed")
def holed(call: Call) -> Any:
    return [{"id": 1}, {"id": None}]


# ---- incremental


@route("/events")
@route("/events/*")
def events(call: Call, kind: str = "") -> Any:
    since = call.one("since") or call.headers.get("x-since", "")
    if not since and call.body:
        since = str(call.json.get("since", ""))
    found = data.events(call.shop.day)
    if kind == "filtered":
        key = "number" if since.isdigit() else "at"
        low: Any = int(since) if since.isdigit() else since
        found = [each for each in found if not since or each[key] >= low]
        until = call.one("until")
        found = [each for each in found if not until or each["at"] < until]
    if kind == "holes":
        found = [*found, {"id": 99, "number": 99}]
    return {"data": found}


# ---- auth


@route("/secure/*/items")
def secure(call: Call, kind: str) -> Any:
    basic = base64.b64encode(b"ann:s3cret").decode()
    allowed = {
        "bearer": call.headers.get("authorization") == "Bearer t0ken",
        "header": call.headers.get("authorization") == "k3y",
        "named": call.headers.get("x-api-key") == "k3y",
        "query": call.one("api_key") == "k3y",
        "cookie": "session=k3y" in call.headers.get("cookie", ""),
        "basic": call.headers.get("authorization") == f"Basic {basic}",
        "oauth": call.headers.get("authorization") == "Bearer issued",
    }
    if not allowed[kind]:
        return Answer({"error": "who are you"}, 401)
    return {"data": data.items(call.shop.day)}


@route("/oauth/token")
def token(call: Call) -> Any:
    form = dict(parse_qsl(call.body.decode()))
    wanted = {"client_id": "cid", "client_secret": "cs3cret"}
    if form.get("grant_type") != "client_credentials" or not wanted.items() <= (
        form.items()
    ):
        return Answer({"error": "invalid_client"}, 401)
    return {"access_token": "issued", "expires_in": 3600}
