"""Threads of a read that end with it: what they wait for is given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SLICE = 0.05


class Stopped(Exception):
    """Nobody wants what this thread works for."""


class Stop:
    """Stops the work of threads; those that they started are stopped as well."""

    def __init__(self) -> None:
        self._above = _STOP.get()
        self._asked = False

    def __call__(self) -> None:
        self._asked = True

    @property
    def asked(self) -> bool:
        return self._asked or (self._above is not None and self._above.asked)


_STOP = ContextVar[Stop | None]("stop", default=None)


def check_stop() -> None:
    """Raises where the work of this thread was stopped."""
    stop = _STOP.get()
    if stop is not None and stop.asked:
        raise Stopped


def pause(seconds: float) -> None:
    """Sleeps; raises as soon as the work of this thread is stopped."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check_stop()
        time.sleep(min(left, _SLICE))


class Threads:
    """At most so many threads, which start when they are needed."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, "gen-connector")

    def run(
        self, stop: Stop, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Runs the work in a thread until `stop` is asked for."""

        def stoppable() -> T:
            _STOP.set(stop)
            check_stop()
            return work(*args, **kwargs)

        return self._pool.submit(stoppable)

    def close(self) -> None:
        """Waits for the requests that are under way; nothing else is done any more."""
        self._pool.shutdown(cancel_futures=True)
