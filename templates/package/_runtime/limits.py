"""A budget of requests: so many in a time, so many at once, for all threads of a client."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from threading import Condition

_CHECKED = 0.05
"""Seconds between two checks of whether a request is still wanted."""


class Limit:
    """Lets a request start when the budget has room for it.

    A request counts from its start until `per` seconds after its end, since nobody
    knows when in between the server counts it.
    """

    def __init__(
        self,
        requests: int | None = None,
        per: float = 1.0,
        concurrent: int | None = None,
    ) -> None:
        """`requests` in `per` seconds, and `concurrent` of them at once; None: any."""
        self._requests = requests
        self._per = per
        self._concurrent = concurrent
        self._running = 0
        self._ended: deque[float] = deque()
        self._changed = Condition()

    @contextmanager
    def turn(self, check: Callable[[], None] | None = None) -> Generator[None]:
        """Around a request: waits until it may start; `check` may raise meanwhile."""
        with self._changed:
            while (wait := self._wait()) != 0:
                if check:
                    check()
                    wait = min(wait or _CHECKED, _CHECKED)
                self._changed.wait(wait)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                if self._requests is not None:
                    self._ended.append(time.monotonic())
                self._changed.notify_all()

    def _wait(self) -> float | None:
        """Seconds until there may be room, 0 if there is; None: until a request ends."""
        now = time.monotonic()
        while self._ended and self._ended[0] <= now - self._per:
            self._ended.popleft()
        if self._concurrent is not None and self._running >= self._concurrent:
            return None
        taken = self._running + len(self._ended)
        if self._requests is None or taken < self._requests:
            return 0
        return self._ended[0] + self._per - now if self._ended else None


class Limits:
    """The budget of the client and those of single resources, in one turn."""

    def __init__(
        self,
        client: Limit | None = None,
        resources: Mapping[str, Limit] | None = None,
        check: Callable[[], None] | None = None,
    ) -> None:
        """`check` is called while a request waits, and may raise."""
        self._client = client or Limit()
        self._resources = resources or {}
        self._check = check

    @contextmanager
    def __call__(self, resource: str) -> Generator[None]:
        own = self._resources.get(resource, _FREE)
        with own.turn(self._check), self._client.turn(self._check):
            yield


_FREE = Limit()
