"""Type guards over untyped JSON, and paths into it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeGuard

Path = tuple[str | int, ...]
"""Steps into a JSON value: keys, list positions, and `*` for every element of a list."""

_STEP = re.compile(
    r"""\[\s*(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<index>\d+|\*))\s*\]"""
    r"""|(?P<key>[^.\[\]]+)"""
)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def as_text(value: object) -> str:
    """A scalar as it stands in a URL: `true`, `1`, `text`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def parse(path: str | Sequence[str | int] | None) -> Path:
    """The steps of a path as specs write it: `a.b`, `a['b']`, `$.a[*].b`, or the steps."""
    if path is None:
        return ()
    if not isinstance(path, str):
        return tuple(path)
    steps: list[str | int] = []
    for match in _STEP.finditer(path.strip()):
        index = match["index"]
        if index is not None:
            steps.append(index if index == "*" else int(index))
        else:
            steps.append(match["single"] or match["double"] or match["key"] or "")
    return tuple(steps[1:] if steps[:1] == ["$"] else steps)


def lookup(value: Any, path: Path) -> Any:
    """The value at a path, or None where it does not lead anywhere."""
    for step in path:
        if is_object(value) and isinstance(step, str):
            value = value.get(step)
        elif is_list(value) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def put(target: Any, path: Path, value: Any) -> None:
    """Sets the value at a path of keys; objects on the way are made.

    Does nothing where the path leads through something that is no object: such a
    spec contradicts itself, and the records go before.
    """
    if path and ensure(target, path[:-1]):
        lookup(target, path[:-1])[path[-1]] = value


def ensure(target: Any, path: Path) -> bool:
    """Makes the objects on the way to a path; whether a key can be set there."""
    for step in path:
        if not is_object(target) or not isinstance(step, str):
            return False
        target = target.setdefault(step, {})
    return is_object(target)


def wrap(records: list[Any], selector: Path) -> Any:
    """The smallest answer in which `selector` finds exactly `records`."""
    if not selector:
        return list(records)
    head, rest = selector[0], selector[1:]
    if head == "*":
        if "*" in rest:
            return [wrap(records, rest)]
        return [wrap_one(record, rest) for record in records]
    return _held(head, wrap(records, rest))


def wrap_one(record: Any, selector: Path) -> Any:
    """The smallest answer in which `selector` finds one record that is not in a list."""
    for step in reversed(selector):
        record = [record] if step == "*" else _held(step, record)
    return record


def _held(step: str | int, value: Any) -> Any:
    """The object or list that holds a value at one step."""
    if isinstance(step, str):
        return {step: value}
    before: list[Any] = [{} for _ in range(step)]
    return [*before, value]
