"""The `paginator` part of a spec to the paginator classes of the package."""

from __future__ import annotations

import re
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

_PATH = re.compile(r'get\(body, (?:(?P<above>.*), )?(?P<key>"(?:[^"\\]|\\.)*")\)')
"""A compiled lookup: the keys above, and the last one."""

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
    """One paginator of the spec, and where it stands."""

    context: Context
    pointer: Pointer
    paginator: _Paged

    def pages(self) -> ir.Pages:
        paginator = self.paginator
        match paginator:
            case OffsetPaginator():
                total = self.path("total_path", paginator.total_path)
                return ir.OffsetPages(
                    start=paginator.offset,
                    offset=self.place(
                        "offset_param",
                        paginator.offset_param,
                        paginator.offset_body_path,
                        "offset",
                    ),
                    limit=self.limit("limit"),
                    total=total,
                    total_check=paginator.total,
                    maximum=paginator.maximum_offset,
                    ends=self.ended(
                        self.ends(),
                        total,
                        paginator.maximum_offset,
                        paginator.total != "ignore",
                    ),
                )
            case PageNumberPaginator():
                return self.numbered(paginator)
            case CursorPaginator():
                return self.cursor(self.as_dlt(paginator))
            case JsonLinkPaginator():
                path = self.path("next_url_path", paginator.next_url_path)
                return self.linked(path_condition(path, paginator.next_url_path))
            case HeaderLinkPaginator():
                rel = literal(paginator.links_next_key)
                text = f"headers.link.{paginator.links_next_key}"
                return self.linked(_header(Code(f"response.link({rel})"), "link", text))
            case HeaderCursorPaginator():
                key = paginator.cursor_key
                cursor = _header(
                    Code(f"response.header({literal(key)})"), key, f"headers.{key}"
                )
                return ir.CursorPages(
                    cursor=cursor,
                    place=ir.Place(paginator.cursor_param),
                    limit=self.limit(),
                    sure=True,
                    ends=self.ends(cursor),
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
        total = self.path("total_path", paginator.total_path)
        return ir.NumberedPages(
            start=first or 0,
            page=self.place(
                "page_param", paginator.page_param, paginator.page_body_path, "page"
            ),
            limit=self.limit(),
            total=total,
            maximum=paginator.maximum_page,
            ends=self.ended(self.ends(), total, paginator.maximum_page),
            base=(first or 0) if paginator.base_page is None else paginator.base_page,
        )

    def as_dlt(self, paginator: CursorPaginator) -> CursorPaginator:
        """dlt's places of the cursor, where the spec names none in the answer."""
        if (
            paginator.cursor_path is not None
            or paginator.cursor_value is not None
            or paginator.cursor_param is not None
        ):
            return paginator
        self.context.warn(
            self.pointer,
            "cursor-default",
            "the place of the cursor is not given: `cursors.next` is read, as in dlt",
            "write `cursor_path`, and `cursor_param` or `cursor_body_path`",
        )
        param = None if paginator.cursor_body_path else "cursor"
        return paginator.model_copy(
            update={"cursor_path": "cursors.next", "cursor_param": param}
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
        ends = self.ends(value)
        named = bool({"cursor_path", "cursor_value"} & self.paginator.model_fields_set)
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
        if place.param and paginator.limit is None:
            # dlt reads `cursors.next`: an answer without both would look like the last page.
            text = f'response[{literal(place.param)}] or response["cursors"]["next"]'
            return self.expression("cursor_param", text), False
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
            if value is None:
                return None, False
            is_link = value.code.startswith("response.link(")
            return value._replace(text=text), is_link and value.code.count(",") == 0
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
        return ir.LinkedPages(url, self.limit(), self.ends(url))

    def ends(self, cursor: ir.Condition | None = None) -> ir.Ends:
        """What ends the data; without a `cursor` an empty page does."""
        paginator = self.paginator
        wanted = paginator.stop_after_empty_page
        stop = self.stop(paginator.stop_condition)
        told = ""
        if stop is not None and cursor is not None and _is_absence(stop, cursor):
            told = stop.text
            stop = None
        return ir.Ends(
            stop=stop,
            has_more=self.path("has_more_path", paginator.has_more_path),
            empty_page=cursor is None if wanted is None else wanted,
            told=told,
        )

    def ended(
        self, ends: ir.Ends, total: Steps, maximum: int | None, checked: bool = True
    ) -> ir.Ends:
        """The ends of a paginator that counts; a checked total makes an empty page an error."""
        named = ends.stop is not None or ends.has_more or total or maximum is not None
        if not named and not ends.empty_page:
            self.context.error(
                (*self.pointer, "stop_after_empty_page"),
                "endless",
                "nothing ends the data",
                "write `stop_condition`, `has_more_path` or `total_path`",
            )
        return ends._replace(empty_page=False) if total and checked else ends

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
            path = parse_path(text)
        except ValueError as error:
            self.context.error((*self.pointer, key), "path", str(error))
            return ()
        if "*" in path:
            self.context.error(
                (*self.pointer, key), "path", "`*` stands for many values: name one"
            )
        return path


def _header(code: Code, name: str, text: str) -> ir.Condition:
    return ir.Condition(code, (), (f"header.{name.lower()}",), text)


def _is_absence(stop: ir.Condition, cursor: ir.Condition) -> bool:
    """Whether a condition says only that the answer has no cursor."""
    code = str(cursor.code)
    tests = {f"not {code}", f"{code} is None"}
    path = _PATH.fullmatch(code)
    if path:
        container = f"get(body, {path['above']})" if path["above"] else "body"
        tests.add(f"not contains({container}, {path['key']})")
    return str(stop.code) in tests
