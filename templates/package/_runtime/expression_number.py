"""Numbers in conditions of the spec."""

from __future__ import annotations

from .values import JSON


def number(value: JSON) -> float:
    """A number, or text that is one, whole ones whole; whatever else counts as 0."""
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        for convert in (int, float):
            try:
                return convert(value)
            except ValueError:
                continue
    return 0
