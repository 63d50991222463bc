"""Requests that are sent before their turn, so that answers wait for the reader."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import dataclass
from threading import Semaphore

from .errors import ConnectorError, PaginationError
from .http import Http, Request, Response
from .reading import Reader
from .sending import OnRejected, Read, Sender
from .stopping import Stop, Threads
from .values import JSON

__all__ = ["Counted", "ParallelReader"]

_FEW = 100
"""Pages that are counted beforehand; among more of them a slow start costs little."""


class Counted(ABC):
    """A paginator that counts, so that requests are known before their turn."""

    @abstractmethod
    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None: ...

    def later(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Iterator[Request]:
        """What comes after `request` if all answers are like this one."""
        guess = deepcopy(self)
        last = records[-1] if records else None
        for number in itertools.count():
            if isinstance(last, dict):  # the same row again would be one that moved
                records = [*records[:-1], {**last, "": number}]
            try:
                following = guess.following(request, response, records)
            except ConnectorError:
                return
            if following is None:
                return
            yield (request := following)


class ParallelReader(Reader):
    """Asks for pages before their turn; records, counts and errors stay the same."""

    def __init__(
        self,
        http: Http,
        on_rejected: OnRejected | None,
        most: int,
        resources: Mapping[str, int] | None = None,
    ) -> None:
        """`most` pages are held or under way, `resources` names those with another number."""
        super().__init__(http, on_rejected)
        self._most = most
        self._resources = resources or {}
        self._room = Semaphore(max(most, *self._resources.values(), 1))

    def _sender(self, read: Read) -> Sender:
        most = self._resources.get(read.resource, self._most)
        if most == 1:
            return super()._sender(read)
        return _Ahead(self._http, read, most, self._room)


@dataclass(frozen=True, slots=True)
class _Coming:
    """A page that was asked for before its turn."""

    request: Request
    answer: Future[Response]
    stop: Stop


class _Ahead(Sender):
    """Sends the next requests while a page is worked on.

    The reader takes the pages in turn, as if each was asked for then; what it does not
    ask for is thrown away. As pages come as expected, more of them are asked for.
    """

    def __init__(self, http: Http, read: Read, most: int, room: Semaphore) -> None:
        super().__init__(http, read)
        self._most = most
        self._room = room
        self._wanted = 1
        self._threads: Threads | None = None
        self._coming: deque[_Coming] = deque()
        self._guesses: Iterator[Request] = iter(())
        self._paginator = read.paginator
        self._following: Request | Exception | None = None

    def fetch(self, request: Request, page: int) -> tuple[Response, list[JSON]]:
        if not self._coming:
            response, records = super().fetch(request, page)
            self._following = self._next(request, response, records)
        else:
            before = deepcopy(self._paginator)
            response = self._take()
            records = self._found(request, response, page)
            self._following = self._next(request, response, records)
            if isinstance(self._following, PaginationError):
                # It may be older than the page before it: rows came in between.
                self._drop()
                self._paginator = before
                response, records = super().fetch(request, page)
                self._following = self._next(request, response, records)
        self._look_ahead(response, records, page)
        return response, records

    def following(
        self, request: Request, response: Response, records: list[JSON]
    ) -> Request | None:
        if isinstance(self._following, Exception):
            raise self._following
        return self._following

    def close(self) -> None:
        self._drop()
        if self._threads is not None:
            self._threads.close()

    def _next(
        self, request: Request, response: Response, records: list[JSON]
    ) -> Request | Exception | None:
        """What follows; an error is raised once the page was yielded."""
        try:
            return self._paginator.following(request, response, records)
        except Exception as error:
            return error

    def _look_ahead(self, response: Response, records: list[JSON], page: int) -> None:
        """Asks for what is expected after `page`, and forgets what no longer is."""
        following = self._following
        if not isinstance(following, Request):
            self._drop()
            return
        expected = self._coming[0].request if self._coming else None
        if expected in (None, self._http.absolute(following)):
            self._wanted = min(2 * self._wanted, self._most)
        else:
            self._drop()
            self._wanted = 1
        if not self._coming:
            self._guesses = iter((following,))
            if isinstance(self._paginator, Counted):
                given = following, response, records
                later = self._paginator.later(*given)
                self._guesses = itertools.chain((following,), later)
                few = itertools.islice(self._paginator.later(*given), _FEW)
                if page == 1 and len(list(few)) < _FEW:
                    self._wanted = self._most  # a total says that they exist
        last = self._read.max_pages or math.inf
        while len(self._coming) < self._wanted and page + len(self._coming) < last:
            if not self._room.acquire(blocking=False):
                return
            try:
                request = self._http.absolute(next(self._guesses))
                sent = self._prepared(request)
            except Exception:  # it is raised again when the request's turn comes
                self._guesses = iter(())
                self._room.release()
                return
            number = page + len(self._coming) + 1
            self._threads = self._threads or Threads(self._most)
            stop = Stop()
            answer = self._threads.run(stop, self._send, sent, number)
            self._coming.append(_Coming(request, answer, stop))

    def _take(self) -> Response:
        try:
            return self._coming[0].answer.result()
        finally:
            self._forget()

    def _forget(self) -> None:
        coming = self._coming.popleft()
        coming.stop()
        coming.answer.cancel()
        self._room.release()

    def _drop(self) -> None:
        while self._coming:
            self._forget()
