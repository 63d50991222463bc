"""Reads and writes untyped JSON without surprises."""

from __future__ import annotations

import json
from typing import TypeAlias

from pydantic import JsonValue

JSON: TypeAlias = JsonValue
Selector: TypeAlias = tuple[str | int, ...]
"""Keys and indexes on the way to a value."""

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


def text(value: JSON) -> str:
    """A value as a request carries it: text as it is, the rest as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def select(body: JSON, selector: Selector) -> list[JSON] | None:
    """The records at `selector`: a list's items, one object, nothing for null.

    None means that the path does not exist in `body`.
    """
    found = get(body, *selector, default=_ABSENT)
    if isinstance(found, list):
        kinds = set(map(type, found))
        return found if kinds == {dict} else [record(item) for item in found]
    return None if found is _ABSENT else [] if found is None else [found]


def record(item: JSON) -> JSON:
    """A plain value as a record with the field `value`."""
    return {"value": item} if isinstance(item, (str, int, float)) else item
