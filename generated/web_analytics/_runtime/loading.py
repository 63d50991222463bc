"""What the dlt source does besides reading: one shared client, rows, and ends of resources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from dlt.sources import DltResource

from .errors import SettingError
from .records import Record

T = TypeVar("T")

UNSET: Any = None
"""dlt's mark of a value that it has to find."""


class Once(Generic[T]):
    """A value that is made at its first use, once, however many threads ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: list[T] = []

    def get(self, make: Callable[[], T]) -> T:
        with self._lock:
            if not self._made:
                self._made.append(make())
            return self._made[0]

    def each(self, use: Callable[[T], None]) -> None:
        """Uses the value if it was made."""
        for made in self._made:
            use(made)


def bind(found: Mapping[str, DltResource], credentials: object) -> None:
    """Gives credentials to the resources, which dlt then need not find."""
    for resource in found.values():
        resource.bind(credentials=credentials)


def rows(
    page: Sequence[Record],
    columns: Collection[str] = (),
    included: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """A page as dlt loads it: the API's field names, only what the API sent.

    `columns` have a type from the start; elsewhere a null says no more than an absent
    field and is left out. `included` is what every row gets from its parent.
    """
    found: list[dict[str, Any]] = []
    for record in page:
        dumped = record.model_dump(by_alias=True, exclude_unset=True)
        row = {
            name: value
            for name, value in dumped.items()
            if value is not None or name in columns
        }
        found.append({**row, **included} if included else row)
    return found


def pick(found: Mapping[str, T], names: Sequence[str]) -> list[T]:
    """The resources that the caller asked for; an error names the ones that are none."""
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise SettingError(
            f"no resource {', '.join(unknown)}; there are {', '.join(sorted(found))}"
        )
    return [found[name] for name in names]
