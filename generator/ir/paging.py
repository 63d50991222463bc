"""The ways of paging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from generator.ir.answers import Condition


class Place(NamedTuple):
    """Where a value of a request is sent: one of these is set, or it is not sent."""

    param: str = ""
    """A query parameter."""
    body_path: tuple[str, ...] = ()
    """A path into the JSON body."""
    form: str = ""
    """A field of the form body."""
    header: str = ""
    in_path: str = ""
    """A placeholder of the endpoint's path."""
    within: str = ""
    """A placeholder in the text of the query parameter."""


class Ends(NamedTuple):
    """What ends the data besides the paginator's own signal."""

    stop: Condition | None = None
    has_more: Condition | None = None
    is_last: Condition | None = None
    empty_page: bool = True
    short_page: bool = False
    told: str = ""
    """A condition of the spec that says only that there is no cursor, which ends the data anyway."""

    @property
    def told_by_answer(self) -> bool:
        """A flag or a condition says whether there is more."""
        return any(
            each is not None for each in (self.stop, self.has_more, self.is_last)
        )


@dataclass(frozen=True, slots=True)
class SinglePage:
    """One request; undeclared where the spec names no paginator."""

    declared: bool


@dataclass(frozen=True, slots=True)
class OffsetPages:
    """The offset grows by the records received."""

    start: int
    offset: Place
    limit: Place | None
    total: Condition | None
    total_check: Literal["exact", "at_least", "ignore"]
    maximum: int | None
    ends: Ends
    first_sent: bool
    """The first request carries the offset."""


@dataclass(frozen=True, slots=True)
class NumberedPages:
    """Pages are read from `start`; the API counts them from `base`."""

    start: int
    page: Place
    limit: Place | None
    total: Condition | None
    total_check: Literal["exact", "at_least", "ignore"]
    total_is: Literal["pages", "rows"]
    maximum: int | None
    ends: Ends
    first_sent: bool
    """The first request carries the page number."""
    base: int
    """The number of the API's first page, where reading may start at another."""


@dataclass(frozen=True, slots=True)
class CursorPages:
    """`cursor` is an expression over `response`, `body` and `records`; sent as `place`."""

    cursor: Condition
    place: Place
    limit: Place | None
    sure: bool
    """The spec names where the cursor is; if not, a full first page without one is an error."""
    ends: Ends
    from_record: bool
    """It is a field of the page's last record."""

    @property
    def expected(self) -> bool:
        return self.from_record or _is_expected(self.cursor, self.ends)


@dataclass(frozen=True, slots=True)
class LinkedPages:
    """`url` is an expression over `response`, `body` and `records` that gives the next URL."""

    url: Condition
    limit: Place | None
    ends: Ends
    below_base: bool
    """A URL without a host is a path below the base URL."""

    @property
    def expected(self) -> bool:
        return _is_expected(self.url, self.ends)


@dataclass(frozen=True, slots=True)
class HookedPages:
    """A function of hooks.py gives the next request."""

    function: str


def _is_expected(cursor: Condition, ends: Ends) -> bool:
    """Another part of the answer tells the end, so a missing cursor is an error, not the end."""
    if ends.has_more or ends.is_last:
        return True
    stop = ends.stop
    return stop is not None and not set(stop.places) & set(cursor.places)


Pages = (
    SinglePage | OffsetPages | NumberedPages | CursorPages | LinkedPages | HookedPages
)


class Paginator(NamedTuple):
    """A paginator class of the package: one for each way of paging that the API has."""

    name: str
    pages: Pages
    purpose: str
    """What it does, for the docstring."""

    @property
    def takes_limit(self) -> bool:
        pages = self.pages
        return not isinstance(pages, SinglePage | HookedPages) and (
            pages.limit is not None
            or pages.ends.short_page
            or (isinstance(pages, CursorPages) and not pages.sure)
        )
