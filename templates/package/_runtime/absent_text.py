"""Leaves out of headers what has no value."""

from __future__ import annotations

from collections.abc import Mapping

from .values import text


def present_text(values: Mapping[str, str | int | None]) -> dict[str, str]:
    """The headers that have a value, as text."""
    return {name: text(value) for name, value in values.items() if value is not None}
