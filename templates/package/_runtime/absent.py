"""Leaves out of bodies and headers what has no value, such as a bound on the first run."""

from __future__ import annotations

from collections.abc import Mapping

from .values import JSON, text


def present(values: Mapping[str, JSON]) -> JSON:
    """The names that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def present_text(values: Mapping[str, str | int | None]) -> dict[str, str]:
    """The same for headers, whose values are text."""
    return {name: text(value) for name, value in values.items() if value is not None}
