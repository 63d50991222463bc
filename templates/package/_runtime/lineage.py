"""Rows that remember where they come from, without loading it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import SettingError
from .records import Record


class Row(dict[str, Any]):
    """A row with its record and its parent's row, for the requests of its children."""

    __slots__ = ("parent", "record")

    def __init__(
        self, row: dict[str, Any], parent: dict[str, Any], record: Record | None
    ) -> None:
        super().__init__(row)
        self.parent = parent
        self.record = record


def linked(
    rows: list[dict[str, Any]],
    parent: dict[str, Any] | None = None,
    page: Sequence[Record] | None = None,
) -> list[dict[str, Any]]:
    """The rows with the row of their parent, and each with its record of `page`."""
    records: Sequence[Record | None] = [None] * len(rows) if page is None else page
    pairs = zip(rows, records, strict=True)
    return [Row(row, parent or {}, record) for row, record in pairs]


def above(row: dict[str, Any], levels: int = 1) -> dict[str, Any]:
    """The row of the parent, or of the parent's parent and so on."""
    for _ in range(levels):
        row = _known(row).parent
    return row


def record_of(row: dict[str, Any]) -> Record:
    """The record that the row was made of."""
    found = _known(row).record
    if found is None:
        raise _lost()
    return found


def _known(row: dict[str, Any]) -> Row:
    if not isinstance(row, Row):
        raise _lost()
    return row


def _lost() -> SettingError:
    return SettingError(
        "a step made new rows of a parent, which do not know where they come from:"
        " change the rows in place, as `row.update(...)` does"
    )
