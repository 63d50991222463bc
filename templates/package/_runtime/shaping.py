"""Fields of a record chosen, dropped, lifted and renamed; the record itself stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .errors import ExpressionError
from .values import JSON


def selected(record: dict[str, JSON], names: Collection[str]) -> dict[str, JSON]:
    """Only the fields of these names."""
    return {name: value for name, value in record.items() if name in names}


def dropped(record: dict[str, JSON], *path: str) -> dict[str, JSON]:
    """The record without the field at a path; lists are entered."""
    name, *rest = path
    if name not in record:
        return record
    copy = dict(record)
    value = copy.pop(name)
    if rest:
        copy[name] = _dropped_below(value, rest)
    return copy


def _dropped_below(value: JSON, path: list[str]) -> JSON:
    if isinstance(value, dict):
        return dropped(value, *path)
    if isinstance(value, list):
        return [_dropped_below(each, path) for each in value]
    return value


def flattened(record: dict[str, JSON], name: str, prefix: str) -> dict[str, JSON]:
    """The fields of the object `name` beside the others, with a prefix; null has none."""
    if name not in record:
        return record
    copy = dict(record)
    inner = copy.pop(name)
    if inner is not None and not isinstance(inner, dict):
        raise ExpressionError(f"flatten: {name} is a {type(inner).__name__}, no object")
    for key, value in (inner or {}).items():
        if prefix + key in copy:
            raise ExpressionError(f"flatten: {prefix + key} is there already")
        copy[prefix + key] = value
    return copy


def renamed(record: dict[str, JSON], names: Mapping[str, str]) -> dict[str, JSON]:
    """The record with new names, in the same order."""
    made = {names.get(name, name): value for name, value in record.items()}
    if len(made) < len(record):
        raise ExpressionError("rename: the record has a field of the new name already")
    return made
