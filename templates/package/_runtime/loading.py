"""What the dlt source does besides reading: one shared client, rows, and ends of resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

from .errors import SettingError
from .validating import Pages, Row

P = ParamSpec("P")
T = TypeVar("T")

_LARGEST = 4_000
"""Rows that are joined: fewer cost time for each, more cost memory and save nothing."""


class Once(Generic[P, T]):
    """A function that runs at its first call only, however many threads call it."""

    def __init__(self, make: Callable[P, T]) -> None:
        self.made: list[T] = []
        self._make = make
        self._lock = Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._lock:
            if not self.made:
                self.made.append(self._make(*args, **kwargs))
            return self.made[0]


def rows(pages: Pages[Any]) -> Iterator[list[Row]]:
    """Pages as plain rows, joined into fewer and larger ones as the read goes on.

    The first page comes alone, so that a short run is as short as its first page.
    """
    joined: list[Row] = []
    wanted = 1
    for page in pages.rows():
        joined += page
        if len(joined) >= wanted:
            yield joined
            wanted = min(2 * len(joined), _LARGEST)
            joined = []
    if joined:
        yield joined


def pick(found: Mapping[str, T], names: Sequence[str]) -> list[T]:
    """The resources that the caller asked for; an error names the ones that are none."""
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise SettingError(
            f"no resource {', '.join(unknown)}; there are {', '.join(sorted(found))}"
        )
    return [found[name] for name in names]
