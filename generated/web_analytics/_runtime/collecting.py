"""Garbage is looked for less often while many records are made that are no garbage."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

_SELDOM = (200_000, 20, 100)
"""Python's own is (700, 10, 10): it walks through all rows of a batch again and again."""


class _Threshold:
    """The process's threshold: the first one in raises it, the last one out restores it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._before = gc.get_threshold()

    def raise_(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = gc.get_threshold()
                gc.set_threshold(*_SELDOM)
            self._inside += 1

    def restore(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                gc.set_threshold(*self._before)


_threshold = _Threshold()


@contextmanager
def collecting_seldom() -> Generator[None]:
    """Around the making of many records; several threads at once are safe."""
    _threshold.raise_()
    try:
        yield
    finally:
        _threshold.restore()
