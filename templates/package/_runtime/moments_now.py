"""The current time as an upper bound."""

from __future__ import annotations

from datetime import UTC, datetime

from .moments import bound


def now_text(format: str) -> str:
    """The current time to the second, in the formats of `bound`."""
    return str(bound(datetime.now(UTC).replace(microsecond=0), format))
