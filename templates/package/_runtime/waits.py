"""How long to wait, from a header that says when a rate limit ends."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from .request import Response

_FAULTS = frozenset({408, 425, 500, 502, 504})


@dataclass(frozen=True, slots=True)
class WaitHeader:
    """The seconds that a header asks to wait; None where it has nothing to say.

    Many servers send it with every answer, so faults do not wait for it.
    """

    name: str
    format: Literal["seconds", "epoch", "epoch_ms", "date"] = "seconds"
    regex: str = ""
    """What of the header's text counts: the first group, or the whole match."""
    longest: float = 300.0

    def __call__(self, response: Response) -> float | None:
        text = response.header(self.name)
        if text is None or response.status in _FAULTS:
            return None
        if self.regex:
            found = re.search(self.regex, text)
            if found is None:
                return None
            text = found[1] if found.re.groups else found[0]
        seconds = self._seconds(text.strip())
        if seconds is None or not seconds > 0:
            return None  # a moment that has passed does not say how long to wait
        return min(self.longest, seconds)

    def _seconds(self, text: str) -> float | None:
        try:
            if self.format == "date":
                return _moment(text).timestamp() - time.time()
            number = float(text)
        except (ValueError, OverflowError):
            return None
        if self.format == "seconds":
            return number
        return number / (1000 if self.format == "epoch_ms" else 1) - time.time()


def _moment(text: str) -> datetime:
    """A date as HTTP or ISO 8601 writes it; without a zone it is UTC."""
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
