"""Lengths in expressions of the spec."""

from __future__ import annotations

from .values import JSON


def length(value: JSON) -> int:
    """Items of a list, keys of an object, characters of a text; else 0."""
    return len(value) if isinstance(value, (str, list, dict)) else 0
