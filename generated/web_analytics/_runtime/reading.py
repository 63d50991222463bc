"""The page loop: send, select, validate, count, and stop for a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import TypeVar

from pydantic import ValidationError

from .checking import EDGES, of_text, reasons, shaped_by
from .collecting import collecting_seldom
from .counting import Counts
from .errors import DataEnd, PaginationError, RecordError
from .http import Http, Place, Request
from .records import Record
from .sending import OnRejected, Read, Rejected, Sender, Shape, named
from .validating import Pages, Validation
from .values import JSON

__all__ = ["OnRejected", "Pages", "Read", "Reader"]

M = TypeVar("M", bound=Record)
T = TypeVar("T")

_IDLE = 100
"""Pages without a new record that may follow each other: a read has to end."""
_DOUBTFUL = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
"""Half of a surrogate pair, if alone, and U+0000 are no text that destinations take."""
_EDGES = [day.encode() for day in EDGES]
_BACK = "the server leads back to this request"
_SAME = (
    "the same %d records as on the page before; the server ignores the paging parameters"
    " or counts pages from another number (start_from_page)"
)
_NOTHING_NEW = "%d pages in a row without a record that is new; max_pages allows more"
_SKIPPED = (
    "but a page after the first cannot be skipped: if it means that there is no more,"
    " the rule's action is `end`"
)


class Reader:
    """Reads the resources of one connector; several at once are safe."""

    def __init__(self, http: Http, on_rejected: OnRejected | None = None) -> None:
        """Without `on_rejected` the first record that does not fit is an error."""
        self.counts: dict[str, Counts] = {}
        self._http = http
        self._on_rejected = on_rejected

    def finish(self, resource: str) -> None:
        """Ends a resource that was read in parts: checks and logs its counts."""
        self.count(resource).finish(resource)

    def count(self, resource: str) -> Counts:
        """The counts of a resource, to be added to."""
        return self.counts.setdefault(resource, Counts())

    def pages(self, model: type[M], read: Read) -> Pages[M]:
        """Validated records, one list per page that has any; reads as it is iterated."""
        return Pages(model, lambda check: self._pages(read, check))

    def _sender(self, read: Read) -> Sender:
        return Sender(self._http, read)

    def _pages(self, read: Read, check: Validation[T]) -> Iterator[list[T]]:
        with closing(self._sender(read)) as sender, collecting_seldom():
            yield from self._sent(read, sender, check)

    def _sent(
        self, read: Read, sender: Sender, check: Validation[T]
    ) -> Iterator[list[T]]:
        counts = self.count(read.resource)
        seen: set[int] = set()
        previous: list[JSON] = []
        page = idle = 0
        place = Place(self._http, read.request, read.resource)
        following: Request | None = read.paginator.first(read.request)
        try:
            while following is not None:
                request, page = self._http.absolute(following), page + 1
                place = Place(self._http, request, read.resource, page)
                if read.max_pages is not None and page > read.max_pages:
                    raise PaginationError(
                        f"{place}: more pages than max_pages={read.max_pages}"
                    )
                if (mark := _mark(request)) in seen:
                    raise PaginationError(f"{place}: {_BACK}")
                seen.add(mark)
                response, records = sender.fetch(request, page)
                if records and records == previous:
                    raise PaginationError(f"{place}: {_SAME % len(records)}")
                previous = records
                amounts = Counter(received=len(records))
                for step in read.steps:
                    with named(place):
                        kept = step.keep(records)
                    amounts[step.counted] += len(records) - len(kept)
                    if step.event:
                        counts.event(step.event)
                    records = kept
                doubtful = request.decode or _is_doubtful(response.body)
                shape = of_text(read.shape) if doubtful else read.shape
                valid = self._validated(check, records, read, place, shape, amounts)
                if valid:
                    yield valid
                idle = 0 if records else idle + 1
                if idle > _IDLE and read.max_pages is None:
                    raise PaginationError(f"{place}: {_NOTHING_NEW % idle}")
                if any(step.ended for step in read.steps):
                    break
                with named(place):
                    following = sender.following(request, response, previous)
        except DataEnd as end:
            if end.skips_page and page > 1:
                raise PaginationError(f"{place}: {end}, {_SKIPPED}") from None
            if end.event:
                counts.event(end.event, f"{place}: {end}")
        if not read.part:
            self.finish(read.resource)

    def _validated(
        self,
        check: Validation[T],
        records: list[JSON],
        read: Read,
        place: Place,
        shape: Shape | None,
        amounts: Counter[str],
    ) -> list[T]:
        """The records that fit; the others are rejected. Adds the page to the counts."""
        problems: list[str] = []

        def reject(index: int, error: Exception) -> None:
            line = self._http.line(place.request)
            errors = self._http.redact(reasons(error))
            problems.append(f"page {place.page}, record {index}: {errors}")
            if self._on_rejected is None or read.on_invalid == "fail":
                raise RecordError(f"{read.resource}, {line}, {problems[0]}") from None
            record = records[index]
            self._on_rejected(Rejected(read.resource, record, errors, line, place.page))

        shaped = list(enumerate(records))
        if shape is not None:
            shaped = list(shaped_by(shape, shaped, reject, amounts))
        valid: list[T] = []
        try:
            valid = check.many([record for _, record in shaped])
        except ValidationError:
            for index, record in shaped:
                try:
                    valid.append(check.one(record))
                except ValidationError as error:
                    reject(index, error)
        amounts["yielded"] = len(valid)
        counts = self.count(read.resource)
        counts.max_rejected = read.max_rejected
        counts.page(read.resource, amounts, problems, check.unknown(valid))
        return valid


def _is_doubtful(body: bytes) -> bool:
    return bool(_DOUBTFUL.search(body)) or any(day in body for day in _EDGES)


def _mark(request: Request) -> int:
    headers = tuple(sorted(request.headers.items()))
    return hash((request.method, request.target, headers, request.body))
