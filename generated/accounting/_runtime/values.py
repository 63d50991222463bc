"""Reads and writes untyped JSON without surprises."""

from __future__ import annotations

import json
from typing import TypeAlias
from urllib.parse import quote

from pydantic import JsonValue

from .errors import SettingError

JSON: TypeAlias = JsonValue
Selector: TypeAlias = tuple[str | int, ...]
"""Keys and indexes to the records; "*" stands for every item or value."""

_ABSENT: JSON = {}


def get(value: JSON, *keys: str | int, default: JSON = None) -> JSON:
    """The value below `keys`; `default` where a step does not exist."""
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str) and key in value:
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int):
            if not -len(value) <= key < len(value):
                return default
            value = value[key]
        else:
            return default
    return value


def contains(container: JSON, item: JSON) -> bool:
    """Python's `in` for text, lists and objects; false for everything else."""
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, dict):
        return isinstance(item, str) and item in container
    return isinstance(container, list) and item in container


def length(value: JSON) -> int:
    """Items of a list, keys of an object, characters of a text; else 0."""
    return len(value) if isinstance(value, (str, list, dict)) else 0


def text(value: JSON) -> str:
    """A value as a request carries it: text as it is, the rest as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def segment(value: JSON, name: str) -> str:
    """`value` for the placeholder `{name}` of a path, percent-encoded (RFC 3986)."""
    if value in (None, "", ".", "..") or isinstance(value, (list, dict)):
        raise SettingError(f"{{{name}}} of a path is null, empty, dots, list or object")
    return quote(text(value), safe="")


def select(body: JSON, selector: Selector) -> list[JSON] | None:
    """The records at `selector`: a list's items, one object, nothing for null.

    Plain values become records with the field `value`. None means that the path does
    not exist in `body`.
    """
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
            records.extend(map(_record, value))
        elif value is not None:
            # One plain value where the records belong is rather an error's text.
            records.append(_record(value) if "*" in selector else value)
    return records


def _record(item: JSON) -> JSON:
    return {"value": item} if isinstance(item, (str, int, float)) else item


def _children(value: JSON, step: str | int) -> list[JSON] | None:
    if step != "*":
        child = get(value, step, default=_ABSENT)
        return None if child is _ABSENT else [child]
    if isinstance(value, dict):
        return list(value.values())
    return [] if value is None else value if isinstance(value, list) else None
