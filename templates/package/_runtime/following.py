"""Paths and URLs that a record names."""

from __future__ import annotations

from .errors import SettingError
from .values import JSON


def followed(value: JSON, name: str) -> str:
    """The path or URL itself; requests go to the hosts of the API only, whatever it says."""
    if not isinstance(value, str) or not value.strip():
        raise SettingError(f"{{{name}}} is no path and no URL")
    return value
