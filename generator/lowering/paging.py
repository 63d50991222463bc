"""The `paginator` part of a spec to the paginator classes of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from generator import ir
from generator.document import Pointer
from generator.expression_text import ExpressionError
from generator.expressions import compile_condition, path_condition
from generator.lowering.context import Context
from generator.naming import pascal
from generator.paths import Steps, parse_path
from generator.pysource import Code, literal
from generator.spec import (
    AutoPaginator,
    CursorPaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    JsonLinkPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    Paginator,
    SinglePagePaginator,
)

_Paged = (
    OffsetPaginator
    | PageNumberPaginator
    | CursorPaginator
    | JsonLinkPaginator
    | HeaderLinkPaginator
    | HeaderCursorPaginator
)


@dataclass(slots=True)
class Paging:
    """The distinct ways of paging of one connector, and who uses them first."""

    users: dict[ir.Pages, list[str]] = field(default_factory=dict[ir.Pages, list[str]])

    def add(self, pages: ir.Pages, resource: str) -> None:
        self.users.setdefault(pages, []).append(resource)

    def names(self) -> dict[ir.Pages, str]:
        """`OffsetPaginator` where the kind is used in one way, else `<Resource>OffsetPaginator`."""
        kinds: dict[str, int] = {}
        for pages in self.users:
            kinds[_kind(pages)] = kinds.get(_kind(pages), 0) + 1
        return {
            pages: (
                _kind(pages)
                if kinds[_kind(pages)] == 1
                else f"{pascal(users[0])}{_kind(pages)}"
            )
            for pages, users in self.users.items()
        }


def _kind(pages: ir.Pages) -> str:
    match pages:
        case ir.SinglePage():
            return "SinglePagePaginator" if pages.declared else "UndeclaredPaginator"
        case ir.OffsetPages():
            return "OffsetPaginator"
        case ir.NumberedPages():
            return "PageNumberPaginator"
        case ir.CursorPages():
            return "CursorPaginator"
        case ir.LinkedPages():
            return "NextLinkPaginator"


def lower_paginator(
    context: Context, paginator: Paginator | None, pointer: Pointer
) -> tuple[ir.Pages, int | None, int | None]:
    """The way of paging, the records a page, and the highest number of pages."""
    if paginator is None:
        return ir.SinglePage(declared=False), None, None
    if isinstance(paginator, SinglePagePaginator):
        return ir.SinglePage(declared=True), None, None
    if isinstance(paginator, AutoPaginator):
        context.error(
            pointer,
            "paginator-auto",
            "a generated connector does not guess how the API pages",
            "name the paginator: offset, page_number, cursor, json_link, header_link or "
            "single_page",
        )
        return ir.SinglePage(declared=True), None, None
    lowering = _Lowering(context, pointer, paginator)
    return lowering.pages(), paginator.limit, paginator.max_pages


@dataclass(slots=True)
class _Lowering:
    context: Context
    pointer: Pointer
    paginator: _Paged

    def pages(self) -> ir.Pages:
        paginator = self.paginator
        match paginator:
            case OffsetPaginator():
                return ir.OffsetPages(
                    start=paginator.offset,
                    offset=self.place(
                        "offset_param",
                        paginator.offset_param,
                        paginator.offset_body_path,
                        "offset",
                    ),
                    limit=self.limit("limit"),
                    total=self.path("total_path", paginator.total_path),
                    total_check=paginator.total,
                    maximum=paginator.maximum_offset,
                    ends=self.ends(empty_page=True),
                )
            case PageNumberPaginator():
                return self.numbered(paginator)
            case CursorPaginator():
                return self.cursor(paginator)
            case JsonLinkPaginator():
                path = self.path("next_url_path", paginator.next_url_path)
                return self.linked(path_condition(path, paginator.next_url_path))
            case HeaderLinkPaginator():
                rel = literal(paginator.links_next_key)
                link = _header(Code(f"response.link({rel})"), "link", "the Link header")
                return self.linked(link)
            case HeaderCursorPaginator():
                key = paginator.cursor_key
                return ir.CursorPages(
                    cursor=_header(
                        Code(f"response.header({literal(key)})"), key, f"headers.{key}"
                    ),
                    place=ir.Place(paginator.cursor_param),
                    limit=self.limit(),
                    sure=True,
                    ends=self.ends(empty_page=False),
                )

    def numbered(self, paginator: PageNumberPaginator) -> ir.NumberedPages:
        first = next(
            (n for n in (paginator.page, paginator.base_page) if n is not None), None
        )
        if first is None:
            self.context.warn(
                self.pointer,
                "first-page",
                "the number of the first page is not given: 0 is sent, as in dlt",
                "write `start_from_page: 1` if the API counts from 1, else `start_from_page: 0`",
            )
        return ir.NumberedPages(
            start=first or 0,
            page=self.place(
                "page_param", paginator.page_param, paginator.page_body_path, "page"
            ),
            limit=self.limit(),
            total=self.path("total_path", paginator.total_path),
            maximum=paginator.maximum_page,
            ends=self.ends(empty_page=True),
        )

    def cursor(self, paginator: CursorPaginator) -> ir.Pages:
        place = self.place(
            "cursor_param", paginator.cursor_param, paginator.cursor_body_path, ""
        )
        sent = bool(place.param or place.body_path)
        value, is_url = self.cursor_value(paginator, place)
        if value is None:
            return ir.SinglePage(declared=True)
        if is_url and sent:
            self.context.warn(
                (*self.pointer, "cursor_path"),
                "cursor-is-url",
                "the `Link` header gives a whole URL: it is followed, `cursor_param` is not sent",
                "leave `cursor_param` out",
            )
        if is_url or not sent:
            if "records" in value.places:
                self.context.error(
                    self.pointer,
                    "missing-key",
                    "`cursor_param` is missing: the last record gives no URL to follow",
                    "write the parameter that takes the cursor",
                )
            return self.linked(value)
        ends = self.ends(empty_page=False)
        named = paginator.cursor_path is not None or paginator.cursor_value is not None
        sure = named or ends.stop is not None or bool(ends.has_more)
        # Without a page size nobody can tell whether the first page is full.
        sure = sure or paginator.limit is None
        return ir.CursorPages(value, place, self.limit(), sure, ends)

    def cursor_value(
        self, paginator: CursorPaginator, place: ir.Place
    ) -> tuple[ir.Condition | None, bool]:
        """The compiled cursor, and whether it is surely a URL."""
        if paginator.cursor_path is not None and paginator.cursor_value is not None:
            self.context.error(
                self.pointer,
                "conflict",
                "`cursor_path` and `cursor_value` both say where the cursor is",
                "keep one of them",
            )
        if paginator.cursor_value is not None:
            return self.expression("cursor_value", paginator.cursor_value), False
        if paginator.cursor_path is not None:
            return self.cursor_at(paginator.cursor_path)
        if place.param:
            return path_condition((place.param,), place.param), False
        if place.body_path:
            return path_condition((place.body_path[-1],), place.body_path[-1]), False
        self.context.error(
            self.pointer,
            "missing-key",
            "the cursor is nowhere: neither `cursor_path` nor `cursor_param` is given",
            "write `cursor_path`, such as `links.next` or `meta.next_cursor`",
        )
        return None, False

    def cursor_at(self, text: str) -> tuple[ir.Condition | None, bool]:
        root, _, _ = text.partition(".")
        if "(" in text or root in {"headers", "last_record"}:
            value = self.expression("cursor_path", self.bracketed(text))
            is_link = value is not None and value.code.startswith("response.link(")
            return value, is_link and value is not None and value.code.count(",") == 0
        path = self.path("cursor_path", text)
        if not path:
            self.context.error(
                (*self.pointer, "cursor_path"),
                "path",
                "the path names no key of the answer",
            )
            return None, False
        return path_condition(path, text), False

    def bracketed(self, text: str) -> str:
        """`headers.next-page` as `headers["next-page"]`, which is an expression."""
        if "(" in text:
            return text
        root, *steps = self.path("cursor_path", text) or (text,)
        return f"{root}{''.join(f'[{literal(step)}]' for step in steps)}"

    def linked(self, url: ir.Condition) -> ir.LinkedPages:
        return ir.LinkedPages(url, self.limit(), self.ends(empty_page=False))

    def ends(self, *, empty_page: bool) -> ir.Ends:
        paginator = self.paginator
        wanted = paginator.stop_after_empty_page
        return ir.Ends(
            stop=self.stop(paginator.stop_condition),
            has_more=self.path("has_more_path", paginator.has_more_path),
            empty_page=empty_page if wanted is None else wanted,
        )

    def stop(self, text: str | None) -> ir.Condition | None:
        if text is None:
            return None
        compiled = self.compiled("stop_condition", text)
        if compiled is not None and not compiled.places:
            self.context.warn(
                (*self.pointer, "stop_condition"),
                "constant-condition",
                "the condition never looks at the answer: it is left out",
                "write what the last page looks like, or leave `stop_condition` out",
            )
            return None
        return compiled

    def expression(self, key: str, text: str) -> ir.Condition | None:
        """A compiled expression whose value can be a cursor or a URL."""
        value = self.compiled(key, text)
        if value is not None and (value.is_flag or not value.places):
            self.context.error(
                (*self.pointer, key),
                "expression",
                "the expression gives no cursor: it "
                + (
                    "is true or false" if value.is_flag else "never looks at the answer"
                ),
                "write where the answer holds it, such as response.meta.next_cursor",
            )
        return value

    def compiled(self, key: str, text: str) -> ir.Condition | None:
        try:
            return compile_condition(text)
        except ExpressionError as error:
            self.context.error((*self.pointer, key), "expression", str(error))
            return None

    def limit(self, default: str = "") -> ir.Place | None:
        paginator = self.paginator
        if paginator.limit is None:
            return None
        place = self.place(
            "limit_param", paginator.limit_param, paginator.limit_body_path, default
        )
        if place.param or place.body_path:
            return place
        self.context.warn(
            (*self.pointer, "limit"),
            "limit-not-sent",
            f"the page size {paginator.limit} is never sent: the API does not know of it",
            "write the parameter's name as `limit_param`",
        )
        return None

    def place(
        self, key: str, param: str | None, body_path: str | None, default: str
    ) -> ir.Place:
        body = self.path(key.replace("_param", "_body_path"), body_path)
        if body:
            if param is not None:
                self.context.error(
                    (*self.pointer, key),
                    "conflict",
                    f"`{key}` and its body path both say where the value is sent",
                    "keep one of them",
                )
            return ir.Place("", tuple(str(step) for step in body))
        return ir.Place(default if param is None else param)

    def path(self, key: str, text: str | None) -> Steps:
        if text is None:
            return ()
        try:
            return parse_path(text)
        except ValueError as error:
            self.context.error((*self.pointer, key), "path", str(error))
            return ()


def _header(code: Code, name: str, text: str) -> ir.Condition:
    return ir.Condition(code, (), (f"header.{name.lower()}",), text)


def purpose(pages: ir.Pages) -> str:
    """One sentence for the paginator's docstring."""
    match pages:
        case ir.SinglePage():
            if pages.declared:
                return "One request; the API has no further pages."
            return "One request; an answer that announces more pages is an error."
        case ir.OffsetPages():
            return (
                f"Offset paging: {_sent(pages.offset)} grows by the records received"
                f"{_with(pages.limit)}; {_end(pages.ends, bool(pages.total))} ends the data."
            )
        case ir.NumberedPages():
            return (
                f"Page-number paging: {_sent(pages.page)} counts from {pages.start}"
                f"{_with(pages.limit)}; {_end(pages.ends, bool(pages.total))} ends the data."
            )
        case ir.CursorPages():
            return (
                f"Cursor paging: `{pages.cursor.text}` is sent back as {_sent(pages.place)}"
                f"{_with(pages.limit)}; {_end(pages.ends, False, 'an answer without it')} ends "
                "the data."
            )
        case ir.LinkedPages():
            return (
                f"Next-URL paging: the URL at `{pages.url.text}` is followed"
                f"{_with(pages.limit)}; {_end(pages.ends, False, 'an answer without it')} ends "
                "the data."
            )


def _sent(place: ir.Place) -> str:
    if place.param:
        return f"`{place.param}`"
    return f"`{'.'.join(place.body_path)}` of the body"


def _with(limit: ir.Place | None) -> str:
    return "" if limit is None else f", the page size is {_sent(limit)}"


def _end(ends: ir.Ends, total: bool, otherwise: str = "an empty page") -> str:
    reasons: Sequence[str] = [
        *([f"`{ends.stop.text}`"] if ends.stop else []),
        *(
            ["the flag at `" + ".".join(map(str, ends.has_more)) + "`"]
            if ends.has_more
            else []
        ),
        *(["the total"] if total else []),
        *([otherwise] if not ends.stop or otherwise == "an empty page" else []),
    ]
    return " or ".join(reasons)
