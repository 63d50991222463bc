"""One loopback server that plays any API, each case below a path of its own."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .behaviours import CURSORS, LINKS, Behaviour
from .world import World

JSON_TYPE = "application/json"
ERROR = {"error": {"message": "the index is being rebuilt"}}


@dataclass(frozen=True)
class Asked:
    """A data request; the parameters of query and body together."""

    url: str
    parameters: Mapping[str, Any]
    token: str

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.parameters[name])
        except (KeyError, TypeError, ValueError):
            return default


@dataclass(frozen=True)
class Answer:
    """What is sent; `fault` breaks the connection while it is."""

    status: int
    body: bytes
    kind: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    fault: str = ""


@dataclass(frozen=True)
class Last:
    """The last answer that was sent whole with status 200 or 204."""

    size: int = 0
    more: bool | None = None
    """The flag, if there is one."""
    total: int | None = None
    named: bool = False
    """There is a cursor or a link."""
    nothing: bool = False
    """A fault that looks like an answer without rows."""
    early: bool = False
    """Rows follow, whatever the answer says."""


@dataclass(frozen=True)
class Page:
    """Rows, and the position after them; None: the data ends here."""

    ids: list[int]
    after: int | None


class Api:
    """Answers one case; remembers the rows that were sent in whole answers."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.world = World(behaviour.rows, behaviour.changes)
        self.served: Counter[int] = Counter()
        self.requests = 0
        self.tokens = 0
        self.last = Last()

    def token(self) -> Answer:
        self.tokens += 1
        return _json({"access_token": f"t{self.tokens}", "expires_in": 3600})

    def answer(self, asked: Asked) -> Answer:
        behaviour = self.behaviour
        self.requests += 1
        self.world.advance(self.requests)
        if self.requests == behaviour.expires_at:
            self.tokens += 1
        if asked.token != f"Bearer t{self.tokens}":
            return _json({"error": "expired"}, 401)
        fault_ends = behaviour.fault_at + behaviour.fault_times
        if behaviour.fault != "none":
            if behaviour.fault_at <= self.requests < fault_ends:
                self.last = Last(nothing=True)
                return _fault(behaviour.fault)
        page = self._page(asked)
        if page is None:
            return _json({"error": "no such page"}, 404)
        if behaviour.lie == "empty" and self.requests == behaviour.lie_at:
            page = Page([], self._start(asked) if page.ids else page.after)
        self.served.update(page.ids)
        return self._said(page, asked)

    def _size(self, asked: Asked) -> int:
        return max(
            1, min(asked.number("limit", self.behaviour.cap), self.behaviour.cap)
        )

    def _start(self, asked: Asked) -> int:
        """The position of the first row that is asked for."""
        behaviour = self.behaviour
        ids = self.world.ids
        if behaviour.paging == "offset":
            return max(0, asked.number("offset", behaviour.base) - behaviour.base)
        if behaviour.paging == "page":
            size = asked.number("limit", behaviour.cap) if behaviour.by_asked else 0
            index = asked.number("page", behaviour.base) - behaviour.base
            return max(0, index) * (size or self._size(asked))
        if behaviour.paging == "last_id":
            since = asked.number("since_id", 0)
            return sum(1 for each in ids if each <= since)
        if behaviour.paging in (*CURSORS, *LINKS):
            return self._position(str(asked.parameters.get("cursor", "")))
        return 0

    def _position(self, cursor: str) -> int:
        kind, number = cursor[:1], cursor[1:]
        if kind == "k":
            return sum(1 for each in self.world.ids if each <= int(number))
        return int(number) if kind == "p" else 0

    def _cursor(self, position: int) -> str:
        ids = self.world.ids
        if not self.behaviour.by_key or not ids:
            return f"p{position}"
        return f"k{ids[min(position, len(ids)) - 1] if position > 0 else 0}"

    def _page(self, asked: Asked) -> Page | None:
        behaviour = self.behaviour
        ids = self.world.ids
        start = self._start(asked)
        if behaviour.paging == "single":
            return Page(list(ids), None)
        counted = behaviour.paging in ("offset", "page")
        if counted and start and start >= len(ids):
            if behaviour.past_the_end == "404":
                return None
            if behaviour.past_the_end == "last" and behaviour.paging == "page":
                start = (len(ids) - 1) // self._size(asked) * self._size(asked)
                start = max(0, start)
        end = start + self._size(asked)
        return Page(ids[start:end], end if end < len(ids) else None)

    def _said(self, page: Page, asked: Asked) -> Answer:
        """The page with everything that is said around it."""
        behaviour = self.behaviour
        after = self._following(page, asked)
        body: dict[str, Any] = {
            "data": [{"id": each, "name": f"row {each}"} for each in page.ids]
        }
        headers: dict[str, str] = {}
        self._count(body, asked)
        if behaviour.flag != "absent":
            more = page.after is not None
            body["more"] = {"always": True, "never": False}.get(behaviour.flag, more)
        if behaviour.paging in ("cursor", "body_cursor"):
            body["meta"] = {} if after is None else {"next": after}
        if behaviour.paging == "header_cursor" and after is not None:
            headers["X-Next"] = after
        if behaviour.paging in LINKS:
            self._link(after, asked, body, headers)
        self.last = Last(
            len(page.ids),
            body.get("more"),
            None if body.get("total") is None else int(body["total"]),
            after is not None,
            early=page.after is not None,
        )
        return _json(body, headers=headers)

    def _count(self, body: dict[str, Any], asked: Asked) -> None:
        """The numbers of rows and of pages, as right as the behaviour has them."""
        kind = self.behaviour.total
        if kind == "absent" or (kind == "first" and self.requests > 1):
            return
        off = {"low": -2, "high": 2, "changing": self.requests % 3 - 1}.get(kind, 0)
        total = max(0, len(self.world.ids) + off)
        pages = -(-total // self._size(asked))
        values: dict[str, Any] = {"total": total, "pages": pages}
        for name, value in values.items():
            body[name] = {"text": str(value), "null": None}.get(kind, value)

    def _following(self, page: Page, asked: Asked) -> str | None:
        """The cursor of the next page, or what the lie makes of it."""
        lie, at = self.behaviour.lie, self.behaviour.lie_at
        after = page.after
        current = str(asked.parameters.get("cursor", "")) or "p0"
        if lie == "drop" and self.requests == at:
            return None
        if lie == "always" and after is None:
            after = len(self.world.ids)
        if after is None:
            return None
        if lie == "repeat" and self.requests >= at:
            return current
        if lie == "alternate" and self.requests >= at:
            return ("k-1", "k-2")[self.requests % 2]
        if lie == "skip" and self.requests == at:
            after += self._size(asked)
        return self._cursor(after)

    def _link(
        self,
        after: str | None,
        asked: Asked,
        body: dict[str, Any],
        headers: dict[str, str],
    ) -> None:
        if after is None:
            body["links"] = {"next": None}
            return
        query = {"limit": asked.parameters.get("limit", self.behaviour.cap)}
        query["cursor"] = after
        path = f"?{urlencode(query)}"
        if self.behaviour.paging == "link_header":
            headers["Link"] = f'<{asked.url}{path}>; rel="next"'
        elif self.behaviour.paging == "relative_link":
            body["links"] = {"next": path}
        else:
            body["links"] = {"next": asked.url + path}


def _json(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    return Answer(status, json.dumps(body).encode(), headers=headers or {})


def _fault(kind: str) -> Answer:
    if kind in ("reset", "truncated"):
        return Answer(200, b'{"data": [{"id": 100', fault=kind)
    if kind == "cut":
        return Answer(200, b'{"data": [{"id": 100')
    if kind == "html":
        return Answer(200, b"<html>Please log in</html>", "text/html")
    if kind == "204":
        return Answer(204, b"")
    if kind == "error":
        return _json(ERROR)
    if kind == "error_null":
        return _json({**ERROR, "data": None})
    if kind == "error_empty":
        return _json({**ERROR, "data": []})
    headers = {"Retry-After": "0"} if kind == "429" else {}
    return _json(ERROR, int(kind), headers)


class Stage:
    """The running server; `play` gives a case its URL."""

    def __init__(self, url: str, apis: dict[str, Api]) -> None:
        self._url = url
        self._apis = apis
        self._cases = 0

    def play(self, behaviour: Behaviour) -> tuple[str, Api]:
        self._cases += 1
        api = Api(behaviour)
        return self.put(api), api

    def put(self, api: Api) -> str:
        """Answers the case by another API from now on."""
        self._apis.clear()
        self._apis[f"c{self._cases}"] = api
        return f"{self._url}/c{self._cases}"


@contextmanager
def stage() -> Generator[Stage, None, None]:
    apis: dict[str, Api] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(apis))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Stage(f"http://127.0.0.1:{server.server_address[1]}", apis)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(apis: Mapping[str, Api]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave as one packet each; waiting for more would take 40 ms.
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the connector closed the connection after a fault
                self.close_connection = True

        def reply(self) -> None:
            target = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(size)
            api = apis.get(target.path.split("/")[1])
            if api is None:
                self.send_error(404)
            elif target.path.endswith("/token"):
                self.write(api.token())
            else:
                parameters: dict[str, Any] = dict(parse_qsl(target.query))
                if sent:
                    parameters.update(json.loads(sent))
                url = f"http://{self.headers['Host']}{target.path}"
                token = self.headers.get("Authorization", "")
                self.write(api.answer(Asked(url, parameters, token)))

        do_GET = do_POST = reply

        def write(self, answer: Answer) -> None:
            if answer.fault == "reset":
                self.reset()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.kind)
            missing = 50 if answer.fault == "truncated" else 0
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body) + missing))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()
            if missing:
                self.close_connection = True

        def reset(self) -> None:
            """Closes so that the other side gets a reset instead of an end."""
            option = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            self.connection.close()
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Keeps the test output clean."""

    return Handler
