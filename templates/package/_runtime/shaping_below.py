"""Fields below others chosen and renamed; lists are entered, the record itself stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from .shaping import renamed
from .values import JSON

Tree: TypeAlias = Mapping[str, "Tree"]
"""Names, each with those below it; none below means all of it."""


def selected_below(record: dict[str, JSON], tree: Tree) -> dict[str, JSON]:
    """Only the fields of the tree."""

    def chosen(value: JSON, inner: Tree) -> JSON:
        return _entered(value, lambda each: selected_below(each, inner))

    return {
        name: chosen(value, tree[name]) if tree[name] else value
        for name, value in record.items()
        if name in tree
    }


def renamed_below(
    record: dict[str, JSON], path: tuple[str, ...], names: Mapping[str, str]
) -> dict[str, JSON]:
    """The record with new names in the object, or list of objects, at a path."""
    name, *rest = path
    if name not in record:
        return record

    def change(value: dict[str, JSON]) -> dict[str, JSON]:
        return (
            renamed_below(value, tuple(rest), names) if rest else renamed(value, names)
        )

    return {**record, name: _entered(record[name], change)}


def _entered(value: JSON, change: Callable[[dict[str, JSON]], dict[str, JSON]]) -> JSON:
    if isinstance(value, dict):
        return change(value)
    if isinstance(value, list):
        return [_entered(each, change) for each in value]
    return value
