"""Moments as whole numbers."""

from __future__ import annotations

from calendar import timegm
from datetime import datetime


def microseconds(moment: datetime) -> int:
    """Since 1970. Not by a difference: dlt gives moments of pendulum, and theirs are others."""
    return timegm(moment.utctimetuple()) * 1_000_000 + moment.microsecond
