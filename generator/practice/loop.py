"""Runs a WSGI application on a loopback port, with waitress, in a thread."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
_THREADS = 8
_HEADER_NAME = re.compile(rb"(?<=\n)[^:\r\n]+(?=:)")


_STOPS = 20
_STOP_SECONDS = 0.25


class Loop:
    """A started server. Raises OSError where the port is taken."""

    def __init__(self, application: WSGIApplication, port: int) -> None:
        # By name, because waitress brings no types: what is used of it is Any.
        waitress: Any = importlib.import_module("waitress.server")
        self._sockets: dict[int, Any] = {}
        self._server = waitress.create_server(
            application, self._sockets, host=HOST, port=port, threads=_THREADS
        )
        self._server.channel_class = _channel
        self.port = int(self._server.effective_port)
        self._thread = Thread(target=self._server.run, name="practice", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the workers, then closes every socket, and so ends the thread."""
        self._server.task_dispatcher.shutdown()
        for _ in range(_STOPS):
            # In the loop's own thread: waitress sockets are not safe to close from another.
            # A connection may come in between, so it is asked again.
            with suppress(OSError):
                self._server.trigger.pull_trigger(self._close)
            self._thread.join(_STOP_SECONDS)
            if not self._thread.is_alive():
                return
            self._close()

    def _close(self) -> None:
        for each in list(self._sockets.values()):
            each.close()


def _channel(*args: Any, **options: Any) -> Any:
    """A connection that reads headers such as `api_key`, which waitress would drop.

    It drops them because a proxy before it may trust `api-key`; here is no proxy.
    """
    made = importlib.import_module("waitress.channel").HTTPChannel(*args, **options)
    made.parser_class = _parser
    return made


def _parser(adjustments: object) -> Any:
    made = importlib.import_module("waitress.parser").HTTPRequestParser(adjustments)
    parse_header: Callable[[bytes], None] = made.parse_header

    def hyphened(head: bytes) -> None:
        # WSGI does not tell the two apart, so nothing is lost.
        parse_header(_HEADER_NAME.sub(lambda name: name[0].replace(b"_", b"-"), head))

    made.parse_header = hyphened
    return made
