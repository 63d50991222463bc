"""Arguments that are checked when they are needed."""

from __future__ import annotations

from typing import TypeVar

from .errors import SettingError

T = TypeVar("T")


def required(name: str, value: T | None) -> T:
    """The argument's value; an error that names it where it was not given."""
    if value is None:
        raise SettingError(f"this resource needs the argument {name}=")
    return value
