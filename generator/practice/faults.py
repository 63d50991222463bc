"""Answers that fail on purpose: rate limits, server errors, slowness."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock

from generator.practice.options import Options

_STATUSES = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer instead of the right one."""

    status: int
    message: str
    headers: dict[str, str]


class Faults:
    """Counts requests, so that the same run meets the same faults."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = Lock()
        self._count = 0

    def next(self) -> Fault | None:
        """Waits for the latency; the fault of this request, None for a right answer."""
        time.sleep(self._options.latency)
        with self._lock:
            self._count += 1
            count = self._count
        every = self._options.rate_limit_every
        if every and count % every == 0:
            after = {"Retry-After": str(self._options.retry_after)}
            return Fault(429, "too many requests", after)
        failed = int(count * self._options.fail_rate)
        if failed > int((count - 1) * self._options.fail_rate):
            return Fault(_STATUSES[failed % len(_STATUSES)], "made to fail", {})
        return None
