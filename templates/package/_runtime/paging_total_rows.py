"""The end of the data by a declared total of rows, and the check that all of them came."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import PaginationError
from .paging_total import whole_number
from .values import JSON


class RowTotal:
    """The total of rows of one read; to end with fewer is an error, `exact`: with more too.

    `told`: the answer itself says where the data ends; else the total does as well.
    """

    def __init__(self, name: str, *, exact: bool = False, told: bool = False) -> None:
        self._name = name
        self._total = 0
        self._exact = exact
        self._told = told
        self._last: JSON = None
        self._moved = False

    def reached(
        self, value: JSON, received: int, records: Sequence[JSON], *, ended: object
    ) -> bool:
        """Whether the data ends; `ended`: for another reason than the total."""
        total = self._total = whole_number(value, self._name, self._total)
        end = bool(ended)
        short = end and received < total
        if short or (self._exact and received > total and (end or not self._told)):
            raise PaginationError(f"{received} records, but the total is {total}")
        if end or self._told:
            return end
        # Rows that came twice are no proof that all of them came.
        self._moved = self._moved or self._last in records
        self._last = records[-1] if records else None
        return received == total and not self._moved
