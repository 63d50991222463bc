"""Upper bounds of incremental loading in formats that do not tell every moment apart."""

from __future__ import annotations

from datetime import datetime, timedelta

from .microseconds import microseconds
from .moments import instant


def rounded_up(value: datetime | str | None, milliseconds: int) -> datetime | None:
    """The bound or the next moment that the format can write: the API then gives too much
    rather than too little.
    """
    moment = instant(value)
    if moment is None:
        return None
    lacking = -microseconds(moment) % (1000 * milliseconds)
    return moment + timedelta(microseconds=lacking)
