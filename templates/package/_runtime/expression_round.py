"""Rounding in expressions of the spec."""

from __future__ import annotations

from .errors import ExpressionError


def rounded(value: float, digits: int | None = None) -> float:
    """The number with so many digits after the point; a whole number without `digits`."""
    try:
        return round(value, digits)
    except (OverflowError, ValueError):
        raise ExpressionError("an infinite number cannot be rounded") from None
