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
    ExpressionError,
    MissingDataError,
    PaginationError,
    RecordError,
    ResponseError,
)
from .http import Http, Request, Response, RetryPolicy
from .records import Record
from .values import JSON, Selector, select, text

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Record)


class Paginator(Protocol):
    """Makes the requests of one read; a new object for each read."""

    def first(self, request: Request) -> Request: ...

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        """The request after `request` gave `records`; None ends the data."""
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
Shape = Callable[[dict[str, JSON]], dict[str, JSON] | None]
"""Makes the record that is loaded of the API's; None filters it out."""


@dataclass(slots=True)
class Counts:
    """What became of a resource's records: received = yielded + rejected + filtered."""

    received: int = 0
    yielded: int = 0
    rejected: int = 0
    pages: int = 0
    skipped: int = 0
    """Parents that were not read because a value is null."""
    filtered: int = 0
    """Records that the spec or a hook leaves out."""
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
        prepare: Callable[[Request], Request] | None = None,
        decode: Callable[[Response], JSON] | None = None,
        shape: Shape | None = None,
    ) -> Iterator[list[M]]:
        """Validated records, one list per page that has any; reads as it is iterated.

        `part`: one of several reads of the resource; the caller ends with `finish`.
        `prepare` changes what is sent, `decode` reads the body, if it is no JSON.
        """
        on_rejected = None if on_invalid == "fail" else self._on_rejected
        seen: set[bytes] = set()
        previous: list[JSON] = []
        page = 0
        following: Request | None = paginator.first(self._http.absolute(request))
        while following is not None:
            request, page = following, page + 1
            place = self._http.place(request, resource, page)
            if max_pages is not None and page > max_pages:
                raise PaginationError(f"{place}: more pages than max_pages={max_pages}")
            if (mark := _fingerprint(request)) in seen:
                body = f" with {text(request.json)[:200]}" if request.json else ""
                repeated = f"{place}: the server leads back to this request{body}"
                raise PaginationError(self._http.redact(repeated))
            seen.add(mark)
            sent = prepare(request) if prepare else request
            response = self._http.send(sent, retry, resource, page)
            with self._named(place):
                records = _records(response, selector, missing, decode)
            if records and records == previous:
                raise PaginationError(
                    f"{place}: the same {len(records)} records as on the page before;"
                    " the server ignores the paging parameters or counts pages from"
                    " another number (start_from_page)"
                )
            previous = records
            valid = self._validated(
                model, records, resource, request, page, on_rejected, shape
            )
            if valid:
                yield valid
            with self._named(place):
                following = paginator.following(request, response, records)
        if not part:
            self.finish(resource)

    def skipped(self, resource: str, field: str) -> Iterator[Never]:
        """Counts a parent without the value that the request for its records needs."""
        with self._lock:
            self.counts.setdefault(resource, Counts()).skipped += 1
        logger.warning("%s: skipped for a parent whose %s is null", resource, field)
        return iter(())

    def finish(self, resource: str) -> None:
        """Logs the counts of a resource; an error if all its records were rejected."""
        counts = self.counts.get(resource, Counts())
        logger.info(
            "%s: %d received = %d yielded + %d rejected%s, %d pages",
            resource,
            counts.received,
            counts.yielded,
            counts.rejected,
            f" + {counts.filtered} filtered" if counts.filtered else "",
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
        shape: Shape | None,
    ) -> list[M]:
        valid: list[M] = []
        problems: list[str] = []
        for index, record in enumerate(records):
            shaped: JSON = record
            try:
                if shape is not None and isinstance(record, dict):
                    shaped = shape(record)
                    if shaped is None:
                        continue
                valid.append(model.model_validate(shaped, by_alias=True, by_name=False))
            except (ExpressionError, ValidationError) as error:
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
            counts.filtered += len(records) - len(valid) - len(problems)
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
    response: Response,
    selector: Selector,
    missing: Literal["error", "empty"],
    decode: Callable[[Response], JSON] | None,
) -> list[JSON]:
    if response.status == 204:
        return []
    body = decode(response) if decode else response.json
    records = select(body, selector) if response.body or decode else None
    if records is not None:
        return records
    if missing == "empty":
        return []
    path = ".".join(map(str, selector)) or "the top"
    found = "is empty" if body is None else f"is a {type(body).__name__}"
    if isinstance(body, dict):
        found = f"has the keys {', '.join(key[:50] for key in list(body)[:20])}"
    raise MissingDataError(f"no data at {path}: the answer {found}")


def _fingerprint(request: Request) -> bytes:
    headers = sorted(request.headers.items())
    parts = [request.method, request.target, headers, request.json]
    return sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _short(error: ExpressionError | ValidationError) -> str:
    """Field and reason of up to five problems, without the values."""
    if isinstance(error, ExpressionError):
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
    return "; ".join(shown)


def _too_many(resource: str, counts: Counts) -> RecordError:
    return RecordError(
        f"{resource}: {counts.rejected} of {counts.received} records do not fit their"
        f" model, such as {' | '.join(counts.examples)}"
    )
