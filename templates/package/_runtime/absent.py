"""Leaves out of bodies what has no value, such as a bound on the first run."""

from __future__ import annotations

from collections.abc import Mapping

from .values import JSON


def present(values: Mapping[str, JSON]) -> JSON:
    """The names that have a value."""
    return {name: value for name, value in values.items() if value is not None}
