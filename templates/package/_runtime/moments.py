"""Bounds of incremental loading: from text to dates, and to what the API wants to read."""

from __future__ import annotations

from calendar import timegm
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


@overload
def day(value: None) -> None: ...
@overload
def day(value: date | str) -> date: ...
def day(value: date | str | None) -> date | None:
    """A date; ISO text is parsed, of a moment its day counts."""
    if not value:
        return None
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value


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


def microseconds(moment: datetime) -> int:
    """Since 1970. Not by a difference: dlt's moments are pendulum's, and theirs are others."""
    return timegm(moment.utctimetuple()) * 1_000_000 + moment.microsecond


def iso_text(value: datetime | date | str | None) -> str | None:
    """A bound as ISO text; text stays as it is."""
    if value is None or isinstance(value, str):
        return value
    return str(bound(value, "iso"))


def now_text(format: str) -> str:
    """The current time to the second, in the formats of `bound`."""
    return str(bound(datetime.now(UTC).replace(microsecond=0), format))
