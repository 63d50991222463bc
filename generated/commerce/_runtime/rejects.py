"""Rejected records on the way from the resources that find them to the one that loads them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Lock

from .errors import AccountingError, RecordError
from .sending import Rejected
from .values import JSON

RESOURCE = "rejected_records"
COUNTS = "record_counts"
OWN = {RESOURCE, COUNTS}
"""The resources that report about the others."""
_BATCH = 1000
_IDLE_ROUNDS = 10


class RejectedQueue:
    """Rejected records of one run; the resource `rejected_records` takes them out.

    `selected` names the resources of the run. Without `rejected_records` among them, a
    record that does not fit is an error: it would be lost.
    """

    def __init__(self, selected: Callable[[], Collection[str]]) -> None:
        self._selected = selected
        self._waiting: deque[Rejected] = deque()
        self._lock = Lock()
        self._running = 0
        self._loaded = False
        self._ended = False
        self.times: dict[str, tuple[datetime, datetime]] = {}
        """When the first read of a resource began, and when the last one ended."""

    def begin(self, resource: str) -> None:
        """Begins a run of the resource."""
        self._ended = False
        self.times.pop(resource, None)

    @contextmanager
    def reading(self, resource: str) -> Generator[None]:
        """Around a resource while it is read, so that its rejected records are awaited."""
        with self._lock:
            if self._ended:  # nobody would miss its records
                raise AccountingError(
                    f"{resource}: read after the run had been accounted for; run it again"
                )
            self._loaded = RESOURCE in self._selected()
            now = datetime.now(UTC)
            started, _ = self.times.setdefault(resource, (now, now))
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self.times[resource] = started, datetime.now(UTC)
                self._running -= 1

    def put(self, rejected: Rejected) -> None:
        if not self._loaded:
            raise RecordError(
                f"{rejected.resource}, {rejected.request}, page {rejected.page}:"
                f" {rejected.errors}; select {RESOURCE} as well to load the others"
            )
        self._waiting.append(rejected)

    def rows(self) -> Iterator[list[dict[str, JSON]] | None]:
        """Rows as they come, and None while others are being read."""
        for _ in self.rounds():
            yield self._batch() or None
        self._ended = True
        while left := self._batch():
            yield left

    def rounds(self) -> Iterator[None]:
        """Rounds in which dlt goes on with the other resources, until these were read.

        Resources start one by one, and again for each page of parents, so the end is a
        number of rounds in which nothing is read.
        """
        idle = 0
        expected = set(self._selected()) - OWN
        while idle < _IDLE_ROUNDS or expected - set(self.times):
            if expected - set(self.times) and idle > 100 * _IDLE_ROUNDS:
                break  # a resource that dlt never starts, such as one cut by add_limit(0)
            idle = idle + 1 if self._running == 0 else 0
            yield

    def _batch(self) -> list[dict[str, JSON]]:
        size = min(_BATCH, len(self._waiting))
        taken = [self._waiting.popleft() for _ in range(size)]
        return [{**asdict(each), "record": json.dumps(each.record)} for each in taken]
