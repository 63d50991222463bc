"""A loopback server that answers with bytes as they are, and hangs up after each answer."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[int], bytes]
"""The whole answer to a request by its number from 0; b"" hangs up without one."""


def raw(
    body: str | bytes = b"",
    status: int = 200,
    kind: str = "application/json",
    declared: int | None = None,
    **headers: str,
) -> bytes:
    """An answer; `declared` is a Content-Length that is not the body's."""
    content = body.encode() if isinstance(body, str) else body
    length = len(content) if declared is None else declared
    lines = [f"HTTP/1.1 {status} Some", f"Content-Length: {length}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + content


@dataclass
class Faulty:
    """The server's URL and the request lines that it got."""

    url: str = ""
    targets: list[str] = field(default_factory=list[str])


@contextmanager
def answering(script: Script) -> Generator[Faulty, None, None]:
    """The server while the block lasts."""
    faulty = Faulty()
    lock = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode()
            while self.rfile.readline().strip():
                pass
            with lock:
                number = len(faulty.targets)
                faulty.targets.append(line.split(" ")[1] if " " in line else line)
            try:
                self.wfile.write(script(number))
            except OSError:
                pass  # a client under test that hangs up is no news

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        faulty.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield faulty
        finally:
            server.shutdown()
            thread.join()
