"""Lengths of time that expressions of the spec calculate."""

from __future__ import annotations

from datetime import timedelta

from .errors import ExpressionError


def span(**units: float) -> timedelta:
    """So many `days`, `hours`, …"""
    try:
        return timedelta(**units)
    except (OverflowError, ValueError):
        raise ExpressionError("the length of time is out of range") from None
