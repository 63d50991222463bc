"""What the dlt source does besides reading: one shared client, rows, and ends of resources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

from .errors import SettingError
from .records import Record

P = ParamSpec("P")
T = TypeVar("T")


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


def rows(page: Sequence[Record], columns: Collection[str] = ()) -> list[dict[str, Any]]:
    """A page as dlt loads it: the API's field names, only what the API sent.

    `columns` have a type from the start; elsewhere a null says no more than an absent
    field and is left out.
    """
    dumped = (record.model_dump(by_alias=True, exclude_unset=True) for record in page)
    return [
        {
            name: value
            for name, value in row.items()
            if value is not None or name in columns
        }
        for row in dumped
    ]


def pick(found: Mapping[str, T], names: Sequence[str]) -> list[T]:
    """The resources that the caller asked for; an error names the ones that are none."""
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise SettingError(
            f"no resource {', '.join(unknown)}; there are {', '.join(sorted(found))}"
        )
    return [found[name] for name in names]
