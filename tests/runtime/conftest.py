"""A scripted loopback API, and `_runtime` on the import path."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

PACKAGE = Path(__file__).parents[2] / "templates" / "package"
sys.path.insert(0, str(PACKAGE))


@dataclass(frozen=True)
class Call:
    """One request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Answer:
    """`body`: bytes are sent as they are, everything else as JSON.

    `declared`: a Content-Length that is not the body's; `reset`: close without an answer.
    """

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    declared: int | None = None
    reset: bool = False


Script = Callable[[Call, int], Answer]


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client under test that hangs up is no news."""


class Api:
    """A server that answers by script; `script` gets the call and its ordinal from 0."""

    def __init__(self, script: Script | None = None) -> None:
        self.script: Script = script or (lambda call, n: Answer({"data": []}))
        self.calls: list[Call] = []
        self.server = QuietServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _handler(api: Api) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, self.path, headers, self.rfile.read(size))
                with api._lock:
                    ordinal = len(api.calls)
                    api.calls.append(call)
                answer = api.script(call, ordinal)
                if answer.reset:
                    self.close_connection = True
                    return
                body = answer.body
                kind = (
                    {}
                    if isinstance(body, bytes)
                    else {"Content-Type": "application/json"}
                )
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(answer.status)
                for name, value in {**kind, **answer.headers}.items():
                    self.send_header(name, value)
                declared = len(content) if answer.declared is None else answer.declared
                self.send_header("Content-Length", str(declared))
                self.end_headers()
                self.wfile.write(content)
                if answer.declared is not None:
                    self.close_connection = True

            do_GET = do_POST = answer

            def log_message(self, format: str, *args: object) -> None:
                """Keeps the test output clean."""

        return Handler


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Api]]:
    """Starts servers and stops them after the test."""
    started: list[Api] = []

    def start(script: Script) -> Api:
        api = Api(script)
        api.thread.start()
        started.append(api)
        return api

    yield start
    for api in started:
        api.server.shutdown()
        api.thread.join()
        api.server.server_close()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies and CA bundles of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client under test asked to sleep (give it `waits.append`)."""
    return []
