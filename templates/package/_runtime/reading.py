"""The page loop: send, select, validate, count, and stop for a reason."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from typing import TypeVar

from pydantic import ValidationError

from .checking import of_text, reasons, shaped_by
from .collecting import collecting_seldom
from .counting import Accounts, Counts
from .errors import DataEnd, PaginationError, RecordError
from .http import Http, Request
from .records import Record
from .request import encoded
from .sending import (
    OnRejected,
    Paginator,
    Read,
    Rejected,
    Sender,
    Shape,
    Step,
    named,
)
from .validating import Pages, Validation
from .values import JSON

__all__ = [
    "Counts",
    "OnRejected",
    "Pages",
    "Paginator",
    "Read",
    "Reader",
    "Rejected",
    "Sender",
    "Step",
]

M = TypeVar("M", bound=Record)
T = TypeVar("T")

_IDLE = 100
"""Pages without a new record that may follow each other: a read has to end."""
_DOUBTFUL = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
"""Half of a surrogate pair, if alone, and U+0000 are no text that destinations take."""
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
        self.accounts = Accounts()
        self.counts: Mapping[str, Counts] = self.accounts.counts
        self._http = http
        self._on_rejected = on_rejected

    def finish(self, resource: str) -> None:
        """Ends a resource that was read in parts: checks and logs its counts."""
        self.accounts.finish(resource)

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
        resource = read.resource
        seen: set[bytes] = set()
        previous: list[JSON] = []
        page = idle = 0
        place: object = resource
        following: Request | None = read.paginator.first(read.request)
        try:
            while following is not None:
                request, page = self._http.absolute(following), page + 1
                place = self._http.place(request, resource, page)
                if read.max_pages is not None and page > read.max_pages:
                    raise PaginationError(
                        f"{place}: more pages than max_pages={read.max_pages}"
                    )
                if (mark := _fingerprint(request)) in seen:
                    raise PaginationError(f"{place}: {_BACK}")
                seen.add(mark)
                response, records = sender.fetch(request, page)
                if records and records == previous:
                    raise PaginationError(f"{place}: {_SAME % len(records)}")
                previous = records
                kept, left_out = self._kept(read.steps, records, resource)
                doubtful = request.decode or _DOUBTFUL.search(response.body)
                shape = of_text(read.shape) if doubtful else read.shape
                counted = {"received": len(records), **left_out}
                valid = self._validated(
                    check, kept, read, request, page, shape, counted
                )
                if valid:
                    yield valid
                idle = 0 if kept else idle + 1
                if idle > _IDLE and read.max_pages is None:
                    raise PaginationError(f"{place}: {_NOTHING_NEW % idle}")
                if any(step.ended for step in read.steps):
                    break
                with named(self._http, place):
                    following = sender.following(request, response, records)
        except DataEnd as end:
            if end.skips_page and page > 1:
                raise PaginationError(f"{place}: {end}, {_SKIPPED}") from None
            if end.event:
                self.accounts.event(resource, end.event, f"{place}: {end}")
        if not read.part:
            self.finish(resource)

    def _kept(
        self, steps: Sequence[Step], records: list[JSON], resource: str
    ) -> tuple[list[JSON], Counter[str]]:
        """The records that no step leaves out, and how many were, by what they count as."""
        left_out: Counter[str] = Counter()
        for step in steps:
            kept = step.keep(records)
            left_out[step.counted] += len(records) - len(kept)
            if step.event:
                self.accounts.event(resource, step.event)
            records = kept
        return records, left_out

    def _validated(
        self,
        check: Validation[T],
        records: list[JSON],
        read: Read,
        request: Request,
        page: int,
        shape: Shape | None,
        counted: dict[str, int],
    ) -> list[T]:
        """The records that fit; the others are rejected. Adds the page to the counts."""
        problems: list[str] = []

        def reject(index: int, error: Exception) -> None:
            line = self._http.line(request)
            errors = self._http.redact(reasons(error))
            problems.append(f"page {page}, record {index}: {errors}")
            if self._on_rejected is None or read.on_invalid == "fail":
                raise RecordError(f"{read.resource}, {line}, {problems[0]}") from None
            record = records[index]
            self._on_rejected(Rejected(read.resource, record, errors, line, page))

        shaped = list(enumerate(records))
        if shape is not None:
            shaped = list(shaped_by(shape, shaped, reject))
        by_shape = len(records) - len(shaped) - len(problems)
        valid: list[T] = []
        try:
            valid = check.many([record for _, record in shaped])
        except ValidationError:
            for index, record in shaped:
                try:
                    valid.append(check.one(record))
                except ValidationError as error:
                    reject(index, error)
        counted["filtered"] = counted.get("filtered", 0) + by_shape
        counted["yielded"] = len(valid)
        self.accounts.page(
            read.resource, counted, problems, check.unknown(valid), read.max_rejected
        )
        return valid


def _fingerprint(request: Request) -> bytes:
    parts = [request.method, request.target, ascii(sorted(request.headers.items()))]
    if (request.json, request.form, request.content) != (None, None, ""):
        form = encoded(request.form or {})
        body = [request.json, form, request.content]
        parts.append(json.dumps(body, sort_keys=True))
    return sha256("\n".join(parts).encode()).digest()
