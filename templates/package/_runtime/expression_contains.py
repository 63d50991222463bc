"""Membership in expressions of the spec."""

from __future__ import annotations

from .values import JSON


def contains(container: JSON, item: JSON) -> bool:
    """Python's `in` for text, lists and objects; false for everything else."""
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, dict):
        return isinstance(item, str) and item in container
    return isinstance(container, list) and item in container
