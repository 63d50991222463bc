"""Numbers in conditions of the spec."""

from __future__ import annotations

from .values import JSON

_MOST = 10**300


def number(value: JSON) -> float:
    """A number, or text that is one, whole ones whole; whatever else counts as 0."""
    if isinstance(value, str):
        for convert in (int, float):
            try:
                value = convert(value)
                break
            except ValueError:
                continue
    if isinstance(value, (int, float)):
        # Greater ones are no floats, and so cannot be calculated with.
        return value if -_MOST < value < _MOST else 0
    return 0
