"""Records below every item of a list, or every value of an object."""

from __future__ import annotations

from .values import JSON, Selector, get, record

_ABSENT: JSON = {}


def select_all(body: JSON, selector: Selector) -> list[JSON] | None:
    """As `select`, where "*" in `selector` stands for every item or value."""
    found: list[JSON] = [body]
    for step in selector:
        branches = [
            branch for value in found if (branch := _children(value, step)) is not None
        ]
        if found and not branches:
            return None
        found = [child for branch in branches for child in branch]
    records: list[JSON] = []
    for value in found:
        if isinstance(value, list):
            records.extend(map(record, value))
        elif value is not None:
            records.append(record(value))
    return records


def _children(value: JSON, step: str | int) -> list[JSON] | None:
    if step != "*":
        child = get(value, step, default=_ABSENT)
        return None if child is _ABSENT else [child]
    if isinstance(value, dict):
        return list(value.values())
    return [] if value is None else value if isinstance(value, list) else None
