"""Kinds of values, asked in a way that leaves them what the module made of them: anything."""

from __future__ import annotations

from typing import Any


def is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def is_sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def is_set(value: Any) -> bool:
    return isinstance(value, (set, frozenset))


def class_of(value: Any) -> Any:
    return getattr(value, "__class__")
