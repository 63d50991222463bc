"""A field of every item of a list, as expressions of the spec read it."""

from __future__ import annotations

from .errors import ExpressionError
from .values import JSON


def field_of_each(items: JSON, name: str) -> list[JSON]:
    """An item without the field gives null; no list at all is an error."""
    if not isinstance(items, list):
        raise ExpressionError(
            f"`map` reads the items of a list, not {type(items).__name__}"
        )
    return [each.get(name) if isinstance(each, dict) else None for each in items]
