"""The truth: the rows of an API, which come and go while a connector reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

GAP = 100
"""Between the ids of the first rows, so that rows fit in."""

Where = Literal["front", "middle", "back"]


@dataclass(frozen=True)
class Change:
    """One row that is inserted or deleted just before the data request number `at` is answered."""

    at: int
    kind: Literal["insert", "delete"]
    where: Where


class World:
    """Rows by their ids, in order; knows which were there throughout, and which ever."""

    def __init__(self, rows: int, changes: Sequence[Change]) -> None:
        self.ids = [GAP * number for number in range(1, rows + 1)]
        self.throughout = set(self.ids)
        self.ever = set(self.ids)
        self._changes = changes

    def advance(self, request: int) -> None:
        """Makes the changes that happen before this request is answered."""
        for change in self._changes:
            if change.at != request:
                continue
            if change.kind == "insert":
                self._insert(change.where)
            elif self.ids:
                gone = self.ids.pop(self._place(change.where))
                self.throughout.discard(gone)

    def _place(self, where: Where) -> int:
        return {"front": 0, "middle": len(self.ids) // 2, "back": -1}[where]

    def _insert(self, where: Where) -> None:
        new = self.ids[self._place(where)] if self.ids else GAP
        step = 1 if where == "back" else -1
        while new in self.ever:
            new += step
        self.ids = sorted([*self.ids, new])
        self.ever.add(new)
