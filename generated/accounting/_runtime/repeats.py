"""Drops the records of one read that came before, unchanged: pages overlap where rows move."""

from __future__ import annotations

import json
from typing import Literal

from pydantic_core import PydanticSerializationError, to_json

from .reading import Step
from .values import JSON


class Unrepeated(Step):
    """Of the records of a page, those that are new in this read.

    A whole record counts, not its key: of a row that changed both versions are kept.
    64 bits a record are remembered; two records of ten million are mistaken for the
    same once in a million reads.
    """

    counted: Literal["filtered", "deduplicated"] = "deduplicated"

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def keep(self, records: list[JSON]) -> list[JSON]:
        marks = _marks(records)
        new = set(marks)
        if len(new) == len(marks) and self._seen.isdisjoint(new):
            self._seen |= new
            return records
        kept: list[JSON] = []
        for record, mark in zip(records, marks, strict=True):
            if mark not in self._seen:
                self._seen.add(mark)
                kept.append(record)
        return kept


def _marks(records: list[JSON]) -> list[int]:
    try:
        return [hash(to_json(each, inf_nan_mode="constants")) for each in records]
    except PydanticSerializationError:
        return [_mark(each) for each in records]


def _mark(record: JSON) -> int:
    try:
        return hash(to_json(record, inf_nan_mode="constants"))
    except PydanticSerializationError:  # half of a surrogate pair, which is no text
        return hash(json.dumps(record))
