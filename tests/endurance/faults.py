"""A loopback API that fails as servers do: one request in ten, by a seed, in every way below."""

from __future__ import annotations

import json
import os
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.endurance.shop import Tokens
from tests.scripted import Answer, Call

SHARE = 0.1
IN_A_ROW = 4
"""Faults of one request, at most: connectors try five times more."""
LIFE = 40
"""Requests after which a token may expire at any moment."""

STATUSES = {"500": 500, "502": 502, "503": 503, "504": 504}
KINDS = (
    *("429", *STATUSES),
    *("reset before the head", "reset after the head", "reset in the body"),
    *(
        "chunks break off",
        "JSON breaks off",
        "closed after the answer",
        "token expires",
    ),
)
_BURST = 3
"""Answers with 429 in a row, at most."""


@dataclass
class Faulty:
    """Decides by seed, request and attempt, so that threads do not change what happens."""

    seed: int
    route: Callable[[Call], Any]
    tokens: Tokens = field(default_factory=Tokens)
    url: str = ""
    requests: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    """How often each fault was served."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._attempts: Counter[str] = Counter()
        self._row: Counter[str] = Counter()
        self._bursts: Counter[str] = Counter()
        self._used = self._revoked = 0

    def answer(self, call: Call, target: str) -> tuple[str, Answer]:
        """The fault, if there is one, and the answer that it spoils."""
        with self._lock:
            self.requests += 1
            fault = self._fault(target)
            if fault == "token expires":
                fault = self._expire(target)
            if fault:
                self.counts[fault] += 1
                self._row[target] += 1
            else:
                self._row[target] = 0
            if target == "/token":
                # The server may have replaced the token though the answer gets lost.
                refused = fault == "429" or fault in STATUSES
                return fault, Answer({} if refused else self.tokens(call))
            good = f"Bearer access {self.tokens.issued}"
            known = call.headers.get("authorization") == good
            if not known or self.tokens.issued <= self._revoked:
                return "", Answer({"error": "invalid_token"}, 401)
            self._used += 1
        found = self.route(call)
        return fault, found if isinstance(found, Answer) else Answer(found)

    def _fault(self, target: str) -> str:
        self._attempts[target] += 1
        if self._row[target] >= IN_A_ROW:
            self._bursts[target] = 0
            return ""
        if self._bursts[target]:
            self._bursts[target] -= 1
            return "429"
        chance = random.Random(f"{self.seed} {target} {self._attempts[target]}")
        if chance.random() >= SHARE:
            return ""
        fault = chance.choice(KINDS)
        if fault == "429":
            self._bursts[target] = chance.randrange(_BURST)
        return fault

    def _expire(self, target: str) -> str:
        """A token lasts for some requests, so that none meets the end of two in a row."""
        if self._used < LIFE or target == "/token":
            return ""
        self._used = 0
        self._revoked = self.tokens.issued
        return "token expires"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that is cut is no news."""


@contextmanager
def failing(seed: int, route: Callable[[Call], Any]) -> Generator[Faulty, None, None]:
    """The API on a loopback port while the block lasts."""
    faulty = Faulty(seed, route)
    server = _Server(("127.0.0.1", 0), _handler(faulty))
    faulty.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield faulty
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(faulty: Faulty) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def answer(self) -> None:
            target = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            call = Call(
                target.path,
                dict(parse_qsl(target.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(size),
            )
            fault, answer = faulty.answer(call, self.path)
            content = json.dumps(answer.body).encode()
            if fault == "429":
                chance = random.Random(f"{faulty.seed} {self.path} wait").random()
                after = {"Retry-After": "1" if chance < 0.1 else "0"}
                return self.write(429, b'{"error": "slow down"}', after)
            if fault in STATUSES:
                return self.write(STATUSES[fault], b"<html>no</html>", {})
            if fault == "reset before the head":
                return self.reset()
            if fault == "JSON breaks off":
                return self.write(
                    answer.status, content[: len(content) // 2], answer.headers
                )
            if fault == "chunks break off":
                return self.break_off(content)
            sent = {"reset after the head": 0, "reset in the body": len(content) // 2}
            self.write(answer.status, content, answer.headers, sent.get(fault))
            if fault in sent:
                self.reset()
            if fault == "closed after the answer":
                self.close_connection = True

        do_GET = do_POST = answer

        def write(
            self,
            status: int,
            content: bytes,
            headers: Any,
            sent: int | None = None,
        ) -> None:
            """An answer, or its head and the first `sent` bytes of its body."""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])
            self.wfile.flush()

        def break_off(self, content: bytes) -> None:
            half = content[: len(content) // 2]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
            self.wfile.write(f"{len(content):x}\r\n".encode() + half[:5])
            self.wfile.flush()
            self.close_connection = True

        def reset(self) -> None:
            """Ends the connection as a process that crashes does, not with its end."""
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            os.close(self.connection.detach())

        def log_message(self, format: str, *args: object) -> None:
            """Keeps the test output clean."""

    return Handler
