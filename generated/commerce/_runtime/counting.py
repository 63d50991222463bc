"""What became of the records of each resource: nothing is dropped without a number."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from .errors import RecordError

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
    """Records that came before in the same read, unchanged."""
    events: Counter[str] = field(default_factory=Counter[str])
    """What else happened, such as `reads truncated`."""
    unknown: set[str] = field(default_factory=set[str])
    """Fields that the schema does not name, the first hundred; they are loaded."""
    examples: list[str] = field(default_factory=list[str])
    """Up to three records that did not fit, with the reason."""


class Accounts:
    """Counts of all resources; several threads may add."""

    def __init__(self) -> None:
        self.counts: dict[str, Counts] = {}
        self._lock = Lock()

    def add(self, resource: str, **amounts: int) -> Counts:
        """Adds to the counts of a resource, by their names."""
        with self._lock:
            counts = self.counts.setdefault(resource, Counts())
            for name, amount in amounts.items():
                setattr(counts, name, getattr(counts, name) + amount)
            return counts

    def event(self, resource: str, name: str, message: str = "") -> None:
        """Counts, and logs, what a reader of the data should know."""
        counts = self.add(resource)
        with self._lock:
            counts.events[name] += 1
        if message:
            logger.warning("%s", message)

    def page(
        self,
        resource: str,
        received: int,
        yielded: int,
        problems: list[str],
        unknown: set[str],
    ) -> None:
        """Counts a page, of which some records were filtered and some did not fit.

        Too large a share of records that do not fit is an error.
        """
        rejected = len(problems)
        filtered = received - yielded - rejected
        counts = self.add(
            resource,
            received=received,
            yielded=yielded,
            rejected=rejected,
            filtered=filtered,
            pages=1,
        )
        counts.examples = [*counts.examples, *problems][:3]
        if len(counts.unknown) < 100:
            counts.unknown |= unknown
        if counts.rejected >= 100 and counts.rejected * 10 > counts.received:
            raise _too_many(resource, counts)

    def finish(self, resource: str) -> None:
        """Logs the counts of a resource; an error if all its records were rejected."""
        counts = self.add(resource)
        parts = [f"{counts.yielded} yielded", f"{counts.rejected} rejected"]
        if counts.filtered:
            parts.append(f"{counts.filtered} filtered")
        if counts.deduplicated:
            parts.append(f"{counts.deduplicated} deduplicated")
        read = f"{counts.received} received = {' + '.join(parts)}"
        logger.info("%s: %s, %d pages", resource, read, counts.pages)
        for name, amount in counts.events.items():
            logger.warning("%s: %d %s", resource, amount, name)
        if counts.unknown:
            names = ", ".join(ascii(name[:50]) for name in sorted(counts.unknown))
            logger.warning("%s: the schema does not name %s", resource, names)
        if counts.rejected and not counts.yielded:
            raise _too_many(resource, counts)


def _too_many(resource: str, counts: Counts) -> RecordError:
    return RecordError(
        f"{resource}: {counts.rejected} of {counts.received} records do not fit their"
        f" model, such as {' | '.join(counts.examples)}"
    )
