"""Text of a cursor field read by a format of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def time_of(text: str, format: str) -> datetime:
    """The moment; `format` is epoch, epoch_ms or a strptime pattern.

    Raises ValueError where the text is none of it.
    """
    if format not in {"epoch", "epoch_ms"}:
        return datetime.strptime(text, format)
    number = int(text)
    try:
        since = timedelta(
            milliseconds=number if format == "epoch_ms" else number * 1000
        )
        return datetime(1970, 1, 1, tzinfo=UTC) + since
    except OverflowError:
        raise ValueError(f"{text!r} is no {format}") from None
