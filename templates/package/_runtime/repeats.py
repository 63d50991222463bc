"""Drops the records of one read that came before, unchanged: pages overlap where rows move."""

from __future__ import annotations

from collections.abc import Callable

from pydantic_core import to_json

from .values import JSON


def unrepeated() -> Callable[[list[JSON]], list[JSON]]:
    """A function for one read: of the records of a page, those that are new.

    A whole record counts, not its key: of a row that changed both versions are kept.
    64 bits a record are remembered; two records of ten million are mistaken for the
    same once in a million reads.
    """
    seen: set[int] = set()

    def fresh(records: list[JSON]) -> list[JSON]:
        kept: list[JSON] = []
        for record in records:
            mark = hash(to_json(record))
            if mark not in seen:
                seen.add(mark)
                kept.append(record)
        return kept

    return fresh
