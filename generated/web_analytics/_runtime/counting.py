"""What became of the records of each resource: nothing is dropped without a number."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import ClassVar

from .errors import AccountingError, RecordError

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """Of one resource; received = yielded + rejected + filtered + deduplicated."""

    received: int = 0
    yielded: int = 0
    rejected: int = 0
    pages: int = 0
    filtered: int = 0
    """Records that the spec leaves out."""
    deduplicated: int = 0
    """Records that came on the page before, unchanged."""
    events: Counter[str] = field(default_factory=Counter[str])
    """What else happened, such as `reads truncated`."""
    unknown: set[str] = field(default_factory=set[str])
    """Fields that the schema does not name, the first hundred; they are loaded."""
    examples: list[str] = field(default_factory=list[str])
    """Up to three records that did not fit, with the reason."""
    max_rejected: int | float = 0.1
    """A number of records, or a share of those received once a hundred are rejected."""
    _lock: ClassVar = Lock()

    def event(self, name: str, message: str = "") -> None:
        """Counts, and logs, what a reader of the data should know."""
        with self._lock:
            self.events[name] += 1
        if message:
            logger.warning("%s", message)

    def page(
        self,
        resource: str,
        amounts: Mapping[str, int],
        problems: list[str],
        unknown: set[str],
    ) -> None:
        """Adds a whole page; an error if too many records did not fit by now."""
        with self._lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)
            self.pages += 1
            self.rejected += len(problems)
            self.examples = [*self.examples, *problems][:3]
            more = sorted(unknown - self.unknown)
            self.unknown.update(more[: 100 - len(self.unknown)])
        self.check_rejected(resource)

    def check(self, resource: str) -> None:
        """An error if a record is not accounted for."""
        found = self.yielded + self.rejected + self.filtered + self.deduplicated
        if found != self.received:
            raise AccountingError(
                f"{resource}: {self.summary()}; that is a bug of the connector"
            )

    def check_rejected(self, resource: str, *, ended: bool = False) -> None:
        """An error if too many records, or at the end all of them, do not fit."""
        share = self.max_rejected
        if isinstance(share, int):
            too_many = self.rejected > share
        else:
            too_many = self.rejected >= 100 and self.rejected > share * self.received
            if ended and self.rejected and not self.yielded and share < 1:
                too_many = True
        if too_many:
            examples = "".join(f"\n  {each}" for each in self.examples)
            raise RecordError(
                f"{resource}: {self.rejected} of {self.received} records do not fit their"
                f" model, more than max_rejected allows, such as{examples}"
            )

    def finish(self, resource: str) -> None:
        """Logs the counts; an error if they do not add up or all records were rejected."""
        self.check(resource)
        logger.info("%s: %s, %d pages", resource, self.summary(), self.pages)
        for name, amount in self.events.items():
            logger.warning("%s: %d %s", resource, amount, name)
        if self.unknown:
            names = ", ".join(ascii(name[:50]) for name in sorted(self.unknown))
            logger.warning("%s: the schema does not name %s", resource, names)
        self.check_rejected(resource, ended=True)

    def summary(self) -> str:
        parts = [f"{self.yielded} yielded", f"{self.rejected} rejected"]
        if self.filtered:
            parts.append(f"{self.filtered} filtered")
        if self.deduplicated:
            parts.append(f"{self.deduplicated} deduplicated")
        return f"{self.received} received = {' + '.join(parts)}"
