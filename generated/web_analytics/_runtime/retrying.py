"""What is done with an answer, and how long to wait before a request is sent again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .request import Response

TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
_UNDONE = (408, 425, 429, 503)


class Verdict(NamedTuple):
    """What is done with an answer, and what its error says."""

    action: Literal["accept", "retry", "fail", "refresh_auth"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a request is sent again, and what its error says once that did not help."""

    statuses: Collection[int] | None = None
    """None: what passes, for POST only what says that the server did nothing."""
    max_retries: int = 5
    backoff: float = 1.0
    """Seconds of the first wait; each further one is twice as long."""
    constant: bool = False
    """All waits are the first one."""
    max_wait: float = 60.0
    message: str = ""
    rules: Callable[[Response], Verdict | None] | None = None
    """Asked first, about every answer."""
    asked: Callable[[Response], float | None] | None = None
    """Seconds that the server asks to wait, read elsewhere than in `Retry-After`."""

    def verdict(self, method: str, response: Response) -> Verdict:
        found = self.rules(response) if self.rules else None
        if found:
            return found
        status = response.status
        if 200 <= status < 300:
            return Verdict("accept")
        if status == 401:
            return Verdict("refresh_auth", self.message)
        passing = _UNDONE if method == "POST" else TRANSIENT
        statuses = passing if self.statuses is None else self.statuses
        # 403 with Retry-After is how some servers say 429.
        busy = status == 403 and retry_after(response) is not None
        return Verdict("retry" if busy or status in statuses else "fail", self.message)

    def wait(self, response: Response | None, retries: int) -> float:
        """Seconds until the next try: what the server asks for, else the backoff."""
        if response is not None:
            seconds = self.asked(response) if self.asked else None
            seconds = retry_after(response) if seconds is None else seconds
            if seconds is not None:
                return seconds
        growth = 1.0 if self.constant else 2**retries * random.uniform(1.0, 1.25)
        return min(self.max_wait, self.backoff * growth)


def retry_after(response: Response) -> float | None:
    """Seconds that the server asks to wait (RFC 9110), at most 300."""
    value = response.header("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime  # dates are rare, and it is slow

        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(300.0, max(0.0, seconds))
