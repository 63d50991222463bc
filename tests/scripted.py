"""A loopback API whose answers a test writes down, path by path."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it arrived; header names are lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Answer:
    """A body that is sent as JSON, or bytes as they are, with a status and headers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Route = Callable[[Call], Any]
"""Gives an `Answer`, or the body of one."""


class Api:
    """Answers by the route of the path; keeps every call."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.calls: list[Call] = []
        self.url = ""

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        route = self.routes.get(call.path)
        if route is None:
            return Answer({"error": f"no route {call.path}"}, 404)
        answer = route(call)
        return answer if isinstance(answer, Answer) else Answer(answer)

    def called(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]


@contextmanager
def serving() -> Generator[Api, None, None]:
    """The API on a loopback port while the block lasts."""
    api = Api()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body go out together, else the kernel waits 40 ms

        def answer(self) -> None:
            target = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            call = Call(
                target.path,
                dict(parse_qsl(target.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(size),
            )
            answer = api.answer(call)
            raw = isinstance(answer.body, bytes)
            content = answer.body if raw else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Content-Type" not in answer.headers:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: object) -> None:
            """Keeps the test output clean."""

    return Handler
