"""Bounds of incremental loading: from text to dates, and to what the API wants to read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import overload


@overload
def instant(value: None) -> None: ...
@overload
def instant(value: datetime | str) -> datetime: ...
def instant(value: datetime | str | None) -> datetime | None:
    """A moment with a time zone; ISO text is parsed, without an offset it is UTC."""
    if not value:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def bound(value: datetime | date | str | None, format: str) -> str | int | None:
    """A bound as a request carries it; None stays None and is not sent.

    `format`: iso, date, epoch (seconds), epoch_ms, or a strftime pattern; times are UTC.
    """
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        format = "date" if format == "iso" else format
    moment = instant(value).astimezone(UTC)
    match format:
        case "iso":
            return moment.isoformat().replace("+00:00", "Z")
        case "date":
            return moment.date().isoformat()
        case "epoch":
            return int(moment.timestamp())
        case "epoch_ms":
            return int(moment.timestamp() * 1000)
        case _:
            return moment.strftime(format)
