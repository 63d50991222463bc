"""The page loop: send, select, validate, count, and stop for a reason."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from .counting import Accounts, Counts
from .errors import DataEnd, ExpressionError, MissingDataError, PaginationError
from .errors import RecordError, ResponseError
from .http import Http, Request, Response, RetryPolicy
from .records import Record
from .request import encoded
from .validating import Pages, Validation
from .values import JSON, Selector, get, select

__all__ = [
    "Counts",
    "OnRejected",
    "Pages",
    "Paginator",
    "Reader",
    "Rejected",
    "Step",
]

M = TypeVar("M", bound=Record)
T = TypeVar("T")

_IDLE = 100
"""Pages without a new record that may follow each other: a read has to end."""
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""The start of a surrogate: alone it is no text, and no destination takes it."""
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


class Paginator(Protocol):
    """Makes the requests of one read; a new object for each read."""

    def first(self, request: Request) -> Request: ...

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        """The request after `request` gave `records`; None or DataEnd ends the data."""
        ...


class Step(ABC):
    """Leaves records out before they are validated; a new object for each read."""

    counted: Literal["filtered", "deduplicated"] = "filtered"
    """What records that are left out are counted as."""
    event = ""
    """What is counted besides, after each page."""
    ended = False
    """No later page can have records that are wanted."""

    @abstractmethod
    def keep(self, records: list[JSON]) -> list[JSON]:
        """What is left of a page."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that does not fit its model; `request` is redacted."""

    resource: str
    record: JSON
    errors: str
    request: str
    page: int


OnRejected = Callable[[Rejected], None]
Find = Callable[[JSON, Selector], list[JSON] | None]
Shape = Callable[[dict[str, JSON]], dict[str, JSON] | None]
"""Makes the record that is loaded of the API's; None filters it out."""


@dataclass(frozen=True, slots=True)
class Read:
    """What `Reader.pages` is called with: one read of a resource or of a part of it."""

    request: Request
    resource: str
    paginator: Paginator
    selector: Selector
    retry: RetryPolicy
    find: Find
    missing: Literal["error", "empty"]
    max_pages: int | None
    on_invalid: Literal["quarantine", "fail"]
    steps: Sequence[Step]
    part: bool
    prepare: Callable[[Request], Request] | None
    shape: Shape | None


class Reader:
    """Reads the resources of one connector; several at once are safe."""

    def __init__(self, http: Http, on_rejected: OnRejected | None = None) -> None:
        """Without `on_rejected` the first record that does not fit is an error."""
        self.accounts = Accounts()
        self.counts: Mapping[str, Counts] = self.accounts.counts
        self._http = http
        self._on_rejected = on_rejected

    def finish(self, resource: str) -> None:
        """Logs the counts of a resource; an error if all its records were rejected."""
        self.accounts.finish(resource)

    def pages(
        self,
        model: type[M],
        request: Request,
        *,
        resource: str,
        paginator: Paginator,
        selector: Selector,
        retry: RetryPolicy = RetryPolicy(),
        find: Find = select,
        missing: Literal["error", "empty"] = "error",
        max_pages: int | None = None,
        on_invalid: Literal["quarantine", "fail"] = "quarantine",
        steps: Sequence[Step] = (),
        part: bool = False,
        prepare: Callable[[Request], Request] | None = None,
        shape: Shape | None = None,
    ) -> Pages[M]:
        """Validated records, one list per page that has any; reads as it is iterated.

        `find` gets the records at `selector`, `prepare` changes what is sent. `part`:
        one of several reads of the resource; the caller ends with `finish`.
        """
        read = Read(
            request,
            resource,
            paginator,
            selector,
            retry,
            find,
            missing,
            max_pages,
            on_invalid,
            steps,
            part,
            prepare,
            shape,
        )
        return Pages(model, lambda check: self._pages(read, check))

    def _pages(self, read: Read, check: Validation[T]) -> Iterator[list[T]]:
        resource = read.resource
        seen: set[bytes] = set()
        previous: list[JSON] = []
        page = idle = 0
        place = resource
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
                sent = read.prepare(request) if read.prepare else request
                sent = replace(sent, decode=request.decode)
                response = self._http.send(sent, read.retry, resource, page)
                with self._named(place):
                    records = _records(response, request.decode, read, page == 1)
                if records and records == previous:
                    raise PaginationError(f"{place}: {_SAME % len(records)}")
                previous = records
                kept = self._kept(read.steps, records, resource)
                doubtful = request.decode or _HALF.search(response.body)
                shape = _of_text(read.shape) if doubtful else read.shape
                valid = self._validated(check, kept, read, request, page, shape)
                if valid:
                    yield valid
                idle = 0 if kept else idle + 1
                if idle > _IDLE and read.max_pages is None:
                    raise PaginationError(f"{place}: {_NOTHING_NEW % idle}")
                if any(step.ended for step in read.steps):
                    break
                with self._named(place):
                    following = read.paginator.following(request, response, records)
        except DataEnd as end:
            if end.skips_page and page > 1:
                raise PaginationError(f"{place}: {end}, {_SKIPPED}") from None
            if end.event:
                self.accounts.event(resource, end.event, f"{place}: {end}")
        if not read.part:
            self.finish(resource)

    def _kept(
        self, steps: Sequence[Step], records: list[JSON], resource: str
    ) -> list[JSON]:
        for step in steps:
            kept = step.keep(records)
            if left_out := len(records) - len(kept):
                amounts = {"received": left_out, step.counted: left_out}
                self.accounts.add(resource, **amounts)
            if step.event:
                self.accounts.event(resource, step.event)
            records = kept
        return records

    def _validated(
        self,
        check: Validation[T],
        records: list[JSON],
        read: Read,
        request: Request,
        page: int,
        shape: Shape | None,
    ) -> list[T]:
        """The records that fit; the others are rejected and counted."""
        problems: list[str] = []

        def reject(index: int, error: Exception) -> None:
            line = self._http.line(request)
            errors = self._http.redact(_short(error))
            problems.append(f"page {page}, record {index}: {errors}")
            if self._on_rejected is None or read.on_invalid == "fail":
                raise RecordError(f"{read.resource}, {line}, {problems[0]}") from None
            record = records[index]
            self._on_rejected(Rejected(read.resource, record, errors, line, page))

        shaped = list(enumerate(records))
        if shape is not None:
            shaped = list(_shaped(shaped, shape, reject))
        try:
            valid = check.many([record for _, record in shaped])
        except ValidationError:
            valid = []
            for index, record in shaped:
                try:
                    valid.append(check.one(record))
                except ValidationError as error:
                    reject(index, error)
        self.accounts.page(
            read.resource, len(records), len(valid), problems, check.unknown(valid)
        )
        return valid

    @contextmanager
    def _named(self, place: str) -> Generator[None, None, None]:
        """Says where an error happened that was raised without knowing it."""
        try:
            yield
        except (MissingDataError, PaginationError, ResponseError) as error:
            message = f"{place}: {self._http.redact(str(error))}"
            raise type(error)(message) from None


def _records(
    response: Response,
    decode: Callable[[Response], JSON] | None,
    read: Read,
    first: bool,
) -> list[JSON]:
    """Null or status 204 is an empty page only as the first one, an error never is."""
    if response.status == 204 and (first or read.missing == "empty"):
        return []
    body = decode(response) if decode else response.json
    selector = read.selector
    records = read.find(body, selector) if response.body or decode else None
    is_null = "*" not in selector and get(body, *selector) is None
    failed = not records and (get(body, "error") or (is_null and not first))
    if records is not None and not failed:
        return records
    if read.missing == "empty":
        return []
    path = ".".join(map(str, selector)) or "the top"
    found = "is empty" if body is None else f"is a {type(body).__name__}"
    if isinstance(body, dict):
        found = f"has the keys {', '.join(key[:50] for key in list(body)[:20])}"
    raise MissingDataError(
        f"no data at {path}: the answer {found}"
        " (if that means that there is nothing: `missing_data: empty`)"
    )


def _shaped(
    records: list[tuple[int, JSON]],
    shape: Shape,
    reject: Callable[[int, Exception], None],
) -> Iterator[tuple[int, JSON]]:
    for index, record in records:
        try:
            made = shape(record) if isinstance(record, dict) else record
        except (ExpressionError, PydanticSerializationError) as error:
            reject(index, error)
        else:
            if made is not None or record is None:
                yield index, made


def _fingerprint(request: Request) -> bytes:
    headers = sorted(request.headers.items())
    form = encoded(request.form or {})
    body = [request.json, form, request.content]
    parts = [request.method, request.target, headers, *body]
    return sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _of_text(shape: Shape | None) -> Shape:
    """`shape` for records whose text is checked first."""

    def checked(record: dict[str, JSON]) -> dict[str, JSON] | None:
        to_json(record)
        return shape(record) if shape else record

    return checked


def _short(error: Exception) -> str:
    """Field and reason of up to five problems, without the values."""
    if not isinstance(error, ValidationError):
        return str(error)
    problems = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    shown = [
        f"{'.'.join(map(str, problem['loc'])) or 'record'}: {problem['msg']}"
        for problem in problems[:5]
    ]
    if len(problems) > 5:
        shown.append(f"{len(problems) - 5} more")
    return "; ".join(shown)[:1000]
