"""Choices that are checked when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .errors import SettingError

T = TypeVar("T")


def chosen(name: str, value: str, choices: Mapping[str, T]) -> T:
    """What the argument's value stands for; an error that names the choices."""
    if value not in choices:
        raise SettingError(f"no {name} {value}; there are {', '.join(choices)}")
    return choices[value]
