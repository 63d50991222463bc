"""Times in expressions of the spec: now, parsed, written. All are in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from .errors import ExpressionError
from .moments import bound
from .values import JSON


def now_utc() -> datetime:
    """The current time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def today_utc() -> datetime:
    """The start of the current day."""
    return now_utc().replace(hour=0, minute=0, second=0)


def moment_of(value: JSON, pattern: str = "") -> datetime:
    """ISO text, text of a strptime pattern, or the epoch in seconds or milliseconds."""
    try:
        if isinstance(value, str):
            found = (
                datetime.strptime(value, pattern)
                if pattern
                else datetime.fromisoformat(value)
            )
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(
                UTC
            )
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    kind = "null" if value is None else f"a {type(value).__name__}"
    raise ExpressionError(f"{kind} that is no date")


def epoch(moment: datetime) -> int:
    """Seconds since 1970."""
    return int(moment.timestamp())


def written(moment: datetime, format: str) -> str:
    """The time in one of the formats of `bound`."""
    return str(bound(moment, format))
