"""The end of the data by a declared total of pages, and the check that all of them came."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import PaginationError
from .paging_total import whole_number
from .values import JSON


class PageTotal:
    """The total of pages of one read that starts at page `start`; to end before is an error.

    `base`: the number of the API's first page. `told`: the answer itself says where the
    data ends; else the total does.
    """

    def __init__(
        self, name: str, *, start: int = 1, base: int = 1, told: bool = False
    ) -> None:
        self._name = name
        self._total = 0
        self._start = start
        self._base = base
        self._told = told

    def passed(
        self, value: JSON, following: int, records: Sequence[JSON], *, ended: object
    ) -> bool:
        """Whether the data ends before page `following`; `ended`: the answer says so."""
        self._total = whole_number(value, self._name, self._total)
        last = self._total + self._base - 1
        # A first page without rows may be the only one.
        if not records and self._start < last >= following - 1:
            raise PaginationError(f"an empty page, but the last one is {last}")
        if following > last and (ended or not self._told):
            return True
        if ended:
            raise PaginationError(f"the data ends here, but the last one is {last}")
        return False
