"""One page of records: which records, and what the answer says about the next page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from generator.practice.calls import Call, Refused
from generator.practice.cursors import cursor, position, token
from generator.practice.plan import Place, Route
from generator.practice.shapes import (
    as_text,
    ensure,
    is_object,
    lookup,
    parse,
    put,
    wrap,
    wrap_one,
)
from generator.practice.signals import Kind, Signal, header_path, read
from generator.spec import (
    AutoPaginator,
    HookPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

DEFAULT_SIZE = 100
"""Records a page where the spec does not say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and the headers that page it."""

    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cut:
    """Which records a page has."""

    start: int
    size: int
    total: int
    last: bool
    following: str
    """Token of the next page."""


class Pager:
    """The paging of one route."""

    def __init__(self, route: Route, hidden: frozenset[str]) -> None:
        self._route = route
        self._hidden = hidden
        paged = route.paginator
        if (
            isinstance(paged, SinglePagePaginator | HookPaginator | AutoPaginator)
            or route.single
        ):
            paged = None
        self._body: Literal["body", "form"] = "body" if route.form is None else "form"
        self._cursor = cursor(paged, self._body)
        if self._cursor and self._cursor.carrier == "body" and self._bare_list():
            # A list has no room for a cursor: all records are one page.
            self._cursor = paged = None
        self._paginator = paged
        self._stop = read(paged.stop_condition if paged else None, route.selector)
        self._signals = list(self._stop.signals)
        if paged and paged.has_more_path:
            self._signals.append(_flag("more", paged.has_more_path))
        if paged and paged.is_last_path:
            self._signals.append(_flag("last", paged.is_last_path))

    def _bare_list(self) -> bool:
        return not is_object(wrap([], self._route.selector))

    def moving(self) -> set[tuple[str, str]]:
        """Kind and name of the places of a request that paging sets."""
        paged = self._paginator
        if paged is None:
            return set()
        places = [self._position_place()]
        if (
            paged.limit_param
            or paged.limit_body_path
            or paged.limit_header
            or isinstance(paged, OffsetPaginator)
        ):
            places.append(self._limit_place())
        return {(place.kind, place.name) for place in places}

    def answer(self, call: Call, records: list[dict[str, Any]], scope: str) -> Answer:
        """The page that the request asks for; `scope` names the list of `records`."""
        selector = self._route.selector
        if self._route.single:
            return Answer(wrap_one(records[0] if records else {}, selector), {})
        if self._paginator is None:
            return Answer(self._wrapped(records), {})
        cut = self._cut(call, records, scope)
        body = self._wrapped(records[cut.start : cut.start + cut.size])
        headers: dict[str, str] = {}
        following = self._following_url(call, cut)
        self._announce(body, headers, cut, following)
        self._count(body, headers, cut)
        links = self._links(call, cut, following)
        if links:
            headers["Link"] = links
        return Answer(body, headers)

    def _wrapped(self, records: list[dict[str, Any]]) -> Any:
        if not records and self._route.leaves_out and not self._bare_list():
            return {}
        return wrap(records, self._route.selector)

    def _cut(self, call: Call, records: list[dict[str, Any]], scope: str) -> Cut:
        size = self._size(call)
        start = self._start(call, size, records, scope)
        end = min(max(start, len(records)), start + size)
        last = end >= len(records)
        if self._stop.on_empty:
            last = end == start
        elif self._stop.on_short:
            last = end - start < size
        return Cut(start, size, len(records), last, token(scope, end))

    def _size(self, call: Call) -> int:
        assert self._paginator is not None
        most = self._paginator.limit or DEFAULT_SIZE
        return min(most, call.number(self._limit_place(), most, 1))

    def _limit_place(self) -> Place:
        paged = self._paginator
        if paged and paged.limit_body_path:
            return Place(self._body, paged.limit_body_path)
        if paged and paged.limit_header:
            return Place("header", paged.limit_header)
        return Place("query", (paged and paged.limit_param) or "limit")

    def _position_place(self) -> Place:
        if self._cursor:
            return self._cursor.place
        match self._paginator:
            case OffsetPaginator(offset_body_path=str(path)):
                return Place(self._body, path)
            case PageNumberPaginator(page_body_path=str(path)):
                return Place(self._body, path)
            case OffsetPaginator(offset_param=param):
                return Place("query", param or "offset", self._route.around)
            case PageNumberPaginator(page_param=param):
                return Place("query", param or "page", self._route.around)
            case _:
                return Place("query", "cursor")

    def _start(
        self, call: Call, size: int, records: list[dict[str, Any]], scope: str
    ) -> int:
        place = self._position_place()
        if isinstance(self._paginator, OffsetPaginator):
            first = self._paginator.offset
            return call.number(place, first, first) - first
        if isinstance(self._paginator, PageNumberPaginator):
            first = self._paginator.base_page or 0
            return (call.number(place, first, first) - first) * size
        text = call.read(place)
        if not text:
            return 0
        assert self._cursor is not None
        if self._cursor.carrier != "record":
            return position(scope, text, place.name)
        for at, record in enumerate(records):
            if as_text(lookup(record, self._cursor.path)) == text:
                return at + 1
        raise Refused(400, f"invalid cursor {text!r}")

    def _following_url(self, call: Call, cut: Cut) -> str:
        """The next page's URL: this request with the cursor, without its credentials."""
        place = self._position_place()
        name = place.name if place.kind == "query" else "cursor"
        query = [
            (key, value)
            for key, value in call.request.args.items(multi=True)
            if key != name and key not in self._hidden
        ]
        return f"{_own_url(call)}?{urlencode([*query, (name, cut.following)])}"

    def _announce(
        self, body: Any, headers: dict[str, str], cut: Cut, following: str
    ) -> None:
        """Says where the next page is; the last page leaves it out."""
        for signal in self._signals:
            value = _told(signal, cut)
            if not signal.header:
                ensure(body, signal.path[:-1])
                if value is not None or signal.kind == "null":
                    put(body, signal.path, value)
            elif signal.path[0] != "link" and value is not None:
                headers[str(signal.path[0])] = as_text(value)
        travels = self._cursor
        if travels is None or travels.carrier == "record":
            return
        value = following if travels.url else cut.following
        if travels.carrier == "header":
            if travels.path[0] != "link" and not cut.last:
                headers[str(travels.path[0])] = value
            return
        ensure(body, travels.path[:-1])
        if not cut.last:
            put(body, travels.path, value)
            if str(travels.path[0]).startswith("@"):
                # OData names keys with a dot in them, such as `@odata.nextLink`.
                body[".".join(str(step) for step in travels.path)] = value

    def _count(self, body: Any, headers: dict[str, str], cut: Cut) -> None:
        match self._paginator:
            case OffsetPaginator(total_path=str(text)) | PageNumberPaginator(
                total_path=str(text), total_is="rows"
            ):
                total = cut.total
            case PageNumberPaginator(total_path=str(text)):
                total = math.ceil(cut.total / cut.size)
            case _:
                return
        path = parse(text)
        if path[:1] == ("headers",):
            headers[str(header_path(path[1:])[0])] = str(total)
        else:
            put(body, path, total)

    def _links(self, call: Call, cut: Cut, following: str) -> str:
        """The `Link` header (RFC 8288), "" where nothing reads it."""
        places = [each.path for each in self._signals if each.header]
        if self._cursor and self._cursor.carrier == "header":
            places.append(self._cursor.path)
        relations = [str(path[1]) for path in places if path[0] == "link"]
        if not relations:
            return ""
        links = [f'<{_own_url(call)}>; rel="first"']
        attributes = ""
        for signal in self._signals:
            if signal.header and signal.path[0] == "link" and len(signal.path) == 3:
                attributes += f'; {signal.path[2]}="{_told(signal, cut)}"'
        if (
            self._cursor
            and self._cursor.path[0] == "link"
            and len(self._cursor.path) == 3
        ):
            attributes += f'; {self._cursor.path[2]}="{cut.following}"'
        told_by_text = any(each.kind == "more_text" for each in self._signals)
        if not cut.last or told_by_text:
            links.append(f'<{following}>; rel="{relations[0]}"{attributes}')
        return ", ".join(links)


def _flag(kind: Kind, text: str) -> Signal:
    """A flag in the body, or in a header."""
    path = parse(text)
    if path[:1] == ("headers",):
        return Signal(kind, header_path(path[1:]), header=True)
    return Signal(kind, path)


def _told(signal: Signal, cut: Cut) -> Any:
    """What a place says on this page, None where it says nothing."""
    match signal.kind:
        case "more":
            return not cut.last
        case "last":
            return cut.last
        case "more_text":
            return "false" if cut.last else "true"
        case "page":
            return cut.start // cut.size + 1
        case "pages":
            return max(1, math.ceil(cut.total / cut.size))
        case _:
            return None if cut.last else cut.following


def _own_url(call: Call) -> str:
    return call.request.host_url.rstrip("/") + quote(call.request.path)
