"""Points in time as APIs write them: ISO 8601 text, dates, epochs, strftime patterns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_EPOCHS = {"%s": "epoch", "timestamp": "epoch", "%ms": "epoch_ms"}


def moment(value: Any, form: str | None) -> datetime | None:
    """The instant that a text or number stands for, None where it is none; UTC if naive.

    `form` is `iso` (also None), `date`, `epoch`, `epoch_ms` or a strftime pattern.
    """
    form = _EPOCHS.get(form, form) if form else form
    try:
        if form == "epoch":
            return datetime.fromtimestamp(float(str(value)), UTC)
        if form == "epoch_ms":
            return datetime.fromtimestamp(float(str(value)) / 1000, UTC)
        if form == "date":
            found = datetime.strptime(str(value), "%Y-%m-%d")
        elif form and "%" in form:
            found = datetime.strptime(str(value), form)
        else:
            found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
