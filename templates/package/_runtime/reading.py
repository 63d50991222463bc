"""The page loop: send, select, validate, count, and stop for a reason."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Literal, Never, Protocol, TypeVar

from pydantic import ValidationError

from .errors import (
    MissingDataError,
    PaginationError,
    RecordError,
    ResponseError,
    Truncated,
)
from .http import Http, Request, Response, RetryPolicy
from .records import Record
from .request import encoded
from .values import JSON, Selector, select, text

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Record)

_MOST_EMPTY = 1000
"""Pages without a record, one after another, before the server is taken to lead nowhere."""


class Paginator(Protocol):
    """Makes the requests of one read; a new object for each read."""

    def first(self, request: Request) -> Request: ...

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        """The request after `request` gave `records`; None ends the data.

        Truncated ends it too, at a bound of the spec.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that does not fit its model; `request` is redacted."""

    resource: str
    record: JSON
    errors: str
    request: str
    page: int


OnRejected = Callable[[Rejected], None]


@dataclass(slots=True)
class Counts:
    """What became of the records of one resource: received = yielded + rejected."""

    received: int = 0
    yielded: int = 0
    rejected: int = 0
    pages: int = 0
    skipped: int = 0
    """Parents that were not read because a value is null."""
    truncated: int = 0
    """Reads that a bound of the spec cut; the API may have more."""
    examples: list[str] = field(default_factory=list[str])


class Reader:
    """Reads the resources of one connector; several at once are safe."""

    def __init__(self, http: Http, on_rejected: OnRejected | None = None) -> None:
        """Without `on_rejected` the first record that does not fit is an error."""
        self.counts: dict[str, Counts] = {}
        self._http = http
        self._on_rejected = on_rejected
        self._lock = Lock()

    def pages(
        self,
        model: type[M],
        request: Request,
        *,
        resource: str,
        paginator: Paginator,
        selector: Selector,
        retry: RetryPolicy,
        missing: Literal["error", "empty"] = "error",
        max_pages: int | None = None,
        on_invalid: Literal["quarantine", "fail"] = "quarantine",
        part: bool = False,
    ) -> Iterator[list[M]]:
        """Validated records, one list per page that has any; reads as it is iterated.

        `part`: one of several reads of the resource; the caller ends with `finish`.
        """
        on_rejected = None if on_invalid == "fail" else self._on_rejected
        seen: set[bytes] = set()
        previous: list[JSON] = []
        page = empty = 0
        following: Request | None = paginator.first(request)
        while following is not None:
            request, page = self._http.absolute(following), page + 1
            place = self._http.place(request, resource, page)
            if max_pages is not None and page > max_pages:
                raise PaginationError(f"{place}: more pages than max_pages={max_pages}")
            if (mark := _fingerprint(request)) in seen:
                sent = self._http.redact(_beside_url(request))[:200]
                repeated = f"{place}: the server leads back to this request {sent}"
                raise PaginationError(repeated.rstrip())
            seen.add(mark)
            response = self._http.send(request, retry, resource, page)
            with self._named(place):
                records = _records(response, selector, missing)
            if records and records == previous:
                raise PaginationError(
                    f"{place}: the same {len(records)} records as on the page before;"
                    " the server ignores the paging parameters or counts pages from"
                    " another number (start_from_page)"
                )
            previous = records
            empty = 0 if records else empty + 1
            if empty == _MOST_EMPTY:
                raise PaginationError(f"{place}: {empty} empty pages in a row")
            valid = self._validated(
                model, records, resource, request, page, on_rejected
            )
            if valid:
                yield valid
            with self._named(place):
                try:
                    following = paginator.following(request, response, records)
                except Truncated as bound:
                    self._truncated(resource, place, bound)
                    following = None
        if not part:
            self.finish(resource)

    def skipped(self, resource: str, field: str) -> Iterator[Never]:
        """Counts a parent without the value that the request for its records needs."""
        with self._lock:
            self.counts.setdefault(resource, Counts()).skipped += 1
        logger.warning("%s: skipped for a parent whose %s is null", resource, field)
        return iter(())

    def _truncated(self, resource: str, place: str, bound: Truncated) -> None:
        """Counts that a bound of the spec cut the data."""
        with self._lock:
            self.counts.setdefault(resource, Counts()).truncated += 1
        message = "%s: truncated: %s was reached, the API may have more"
        logger.warning(message, place, bound)

    def finish(self, resource: str) -> None:
        """Logs the counts of a resource; an error if all its records were rejected."""
        counts = self.counts.get(resource, Counts())
        logger.info(
            "%s: %d received = %d yielded + %d rejected, %d pages",
            resource,
            counts.received,
            counts.yielded,
            counts.rejected,
            counts.pages,
        )
        if counts.skipped:
            logger.warning("%s: %d parents were skipped", resource, counts.skipped)
        if counts.rejected and not counts.yielded:
            raise _too_many(resource, counts)

    def _validated(
        self,
        model: type[M],
        records: list[JSON],
        resource: str,
        request: Request,
        page: int,
        on_rejected: OnRejected | None,
    ) -> list[M]:
        valid: list[M] = []
        problems: list[str] = []
        for index, record in enumerate(records):
            try:
                valid.append(model.model_validate(record, by_alias=True, by_name=False))
            except ValidationError as error:
                line = self._http.line(request)
                errors = self._http.redact(_short(error))
                problems.append(f"page {page}, record {index}: {errors}")
                if on_rejected is None:
                    raise RecordError(f"{resource}, {line}, {problems[0]}") from None
                on_rejected(Rejected(resource, record, errors, line, page))
        with self._lock:
            counts = self.counts.setdefault(resource, Counts())
            counts.received += len(records)
            counts.yielded += len(valid)
            counts.rejected += len(problems)
            counts.pages += 1
            counts.examples = [*counts.examples, *problems][:3]
        if counts.rejected >= 100 and counts.rejected * 10 > counts.received:
            raise _too_many(resource, counts)
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
    response: Response, selector: Selector, missing: Literal["error", "empty"]
) -> list[JSON]:
    if response.status == 204:
        return []
    body = response.json
    records = select(body, selector) if response.body else None
    if records is not None:
        return records
    if missing == "empty":
        return []
    path = ".".join(map(str, selector)) or "the top"
    found = "is empty" if body is None else f"is a {type(body).__name__}"
    if isinstance(body, dict):
        found = f"has the keys {', '.join(key[:50] for key in list(body)[:20])}"
    raise MissingDataError(f"no data at {path}: the answer {found}")


def _beside_url(request: Request) -> str:
    """What a request carries beside its URL, for messages."""
    headers = [f"{name}: {value}" for name, value in request.headers.items()]
    body = encoded(request.form or {}) or text(request.json or "")
    sent = [*headers, *([body] if body else [])]
    return f"with {', '.join(sent)}" if sent else ""


def _fingerprint(request: Request) -> bytes:
    headers = sorted(request.headers.items())
    form = encoded(request.form or {})
    parts = [request.method, request.target, headers, request.json, form]
    return sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _short(error: ValidationError) -> str:
    """Field and reason of up to five problems, without the values."""
    problems = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    shown = [
        f"{'.'.join(map(str, problem['loc'])) or 'record'}: {problem['msg']}"
        for problem in problems[:5]
    ]
    if len(problems) > 5:
        shown.append(f"{len(problems) - 5} more")
    return "; ".join(shown)


def _too_many(resource: str, counts: Counts) -> RecordError:
    return RecordError(
        f"{resource}: {counts.rejected} of {counts.received} records do not fit their"
        f" model, such as {' | '.join(counts.examples)}"
    )
