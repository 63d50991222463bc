"""Upper bounds of incremental loading in formats that do not tell every moment apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .moments import instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rounded_up(value: datetime | str | None, milliseconds: int) -> datetime | None:
    """The bound or the next moment that the format can write: the API then gives too much
    rather than too little.
    """
    moment = instant(value)
    if moment is None:
        return None
    step = timedelta(milliseconds=milliseconds)
    return moment + (_EPOCH - moment) % step
