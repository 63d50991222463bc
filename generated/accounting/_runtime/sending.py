"""One read of a resource: what it is, and how its pages are sent for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from .errors import (
    ExpressionError,
    MissingDataError,
    PaginationError,
    ResponseError,
)
from .http import Http, Place, Request, Response, RetryPolicy
from .values import JSON, Selector, get, select


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
Shape = Callable[[dict[str, JSON]], JSON]
"""Makes what is loaded of the API's record: one, a list of them, or None for nothing."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a resource, or of a part of it."""

    request: Request
    resource: str
    paginator: Paginator
    selector: Selector
    retry: RetryPolicy | None = None
    """None: the client's."""
    find: Find = select
    """Gets the records at `selector`."""
    missing: Literal["error", "empty"] = "error"
    max_pages: int | None = None
    on_invalid: Literal["quarantine", "fail"] = "quarantine"
    max_rejected: int | float = 0.1
    """More records that do not fit are an error: a number, or a share."""
    steps: Sequence[Step] = ()
    part: bool = False
    """Of several reads of the resource, which the caller ends with `finish`."""
    prepare: Callable[[Request], Request] | None = None
    """Changes what is sent."""
    shape: Shape | None = None


class Sender:
    """Sends the requests of one read, each when its turn comes."""

    def __init__(self, http: Http, read: Read) -> None:
        self._http = http
        self._read = read

    def fetch(self, request: Request, page: int) -> tuple[Response, list[JSON]]:
        """The answer and the records in it."""
        response = self._send(self._prepared(request), page)
        return response, self._found(request, response, page)

    def following(
        self, request: Request, response: Response, records: list[JSON]
    ) -> Request | None:
        """The next request, by the paginator."""
        return self._read.paginator.following(request, response, records)

    def close(self) -> None:
        """Ends what is still being sent."""

    def _prepared(self, request: Request) -> Request:
        prepare = self._read.prepare
        return replace(prepare(request), decode=request.decode) if prepare else request

    def _send(self, sent: Request, page: int) -> Response:
        return self._http.send(sent, self._read.retry, self._read.resource, page)

    def _found(self, request: Request, response: Response, page: int) -> list[JSON]:
        place = Place(self._http, request, self._read.resource, page)
        with named(place):
            return self._records(request, response, page == 1)

    def _records(self, request: Request, response: Response, first: bool) -> list[JSON]:
        """Null or status 204 is an empty page only as the first one, an error never is."""
        read, decode = self._read, request.decode
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


@contextmanager
def named(place: Place) -> Generator[None]:
    """Says where an error happened that was raised without knowing it."""
    try:
        yield
    except (MissingDataError, PaginationError, ResponseError) as error:
        message = f"{place}: {place.http.redact(str(error))}"
        raise type(error)(message) from None
    except ArithmeticError as error:  # of numbers that only a calculation makes
        raise ExpressionError(f"{place}: {error}") from None
