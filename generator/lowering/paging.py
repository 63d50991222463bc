"""The `paginator` part of a spec to the paginator classes of the package."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from generator import ir
from generator.document import Pointer
from generator.expressions import path_condition
from generator.lowering.absence import (
    holds_cursor,
    is_absence,
    is_around,
    is_last_record,
    missing,
)
from generator.lowering.context import Context
from generator.lowering.page_places import Use, sent_at
from generator.lowering.page_values import PagingValues, root
from generator.lowering.shaping import hook_name
from generator.naming import pascal
from generator.pysource import Code, literal
from generator.spec import (
    AutoPaginator,
    CursorPaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    HookPaginator,
    JsonLinkPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    Paginator,
    SinglePagePaginator,
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
        case ir.HookedPages():
            return "HookPaginator"


def lower_paginator(
    context: Context, paginator: Paginator | None, pointer: Pointer, use: Use
) -> tuple[ir.Pages, int | None, int | None]:
    """The way of paging, the records a page, and the highest number of pages."""
    if paginator is None:
        return ir.SinglePage(declared=False), None, None
    if isinstance(paginator, SinglePagePaginator):
        return ir.SinglePage(declared=True), None, None
    if isinstance(paginator, HookPaginator):
        function = hook_name(context, paginator.function, (*pointer, "function"))
        return ir.HookedPages(function), None, paginator.max_pages
    if isinstance(paginator, AutoPaginator):
        context.error(
            pointer,
            "paginator-auto",
            "a generated connector does not guess how the API pages",
            "name the paginator: offset, page_number, cursor, json_link, header_link, "
            "single_page, or hook for a function of your own",
        )
        return ir.SinglePage(declared=True), None, None
    pages = _without_idle_total(_Lowering(context, pointer, paginator, use).pages())
    return pages, paginator.limit, paginator.max_pages


def _without_idle_total(pages: ir.Pages) -> ir.Pages:
    """A total that is not checked means nothing where the answer itself tells the end."""
    if not isinstance(pages, (ir.OffsetPages, ir.NumberedPages)):
        return pages
    idle = pages.total_check == "ignore" and pages.ends.told_by_answer
    return replace(pages, total=None) if idle else pages


class _Lowering(PagingValues):
    """One paginator of the spec."""

    def pages(self) -> ir.Pages:
        paginator = self.paginator
        match paginator:
            case OffsetPaginator():
                total = self.found("total_path", paginator.total_path)
                return ir.OffsetPages(
                    start=paginator.offset,
                    offset=self.place(
                        "offset_param",
                        paginator.offset_param,
                        paginator.offset_body_path,
                        "offset",
                        skipped=not paginator.first_page_sent,
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
                    first_sent=paginator.first_page_sent,
                )
            case PageNumberPaginator():
                return self.numbered(paginator)
            case CursorPaginator():
                return self.cursor(self.as_dlt(paginator))
            case JsonLinkPaginator():
                path = self.path("next_url_path", paginator.next_url_path)
                url = path_condition(path, paginator.next_url_path)
                return self.linked(url, paginator.relative_to == "base_url")
            case HeaderLinkPaginator():
                rel = literal(paginator.links_next_key)
                text = f"headers.link.{paginator.links_next_key}"
                code = Code(f"link_of(response, {rel})")
                return self.linked(
                    _header(code, "link", text)._replace(helpers=("link_of",))
                )
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
                    from_record=False,
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
        total = self.found("total_path", paginator.total_path)
        return ir.NumberedPages(
            start=first or 0,
            page=self.place(
                "page_param",
                paginator.page_param,
                paginator.page_body_path,
                "page",
                skipped=not paginator.first_page_sent,
            ),
            limit=self.limit(),
            total=total,
            total_check=paginator.total,
            total_is=paginator.total_is,
            maximum=paginator.maximum_page,
            ends=self.ended(
                self.ends(), total, paginator.maximum_page, paginator.total != "ignore"
            ),
            first_sent=paginator.first_page_sent,
            base=(first or 0) if paginator.base_page is None else paginator.base_page,
        )

    def as_dlt(self, paginator: CursorPaginator) -> CursorPaginator:
        """dlt's places of the cursor, where the spec names none in the answer."""
        if (
            paginator.cursor_path is not None
            or paginator.cursor_value is not None
            or paginator.cursor_param is not None
            or paginator.cursor_header is not None
            or paginator.stop_condition is not None
            or self.use.form
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
            "cursor_param",
            paginator.cursor_param,
            paginator.cursor_body_path,
            "",
            paginator.cursor_header,
            skipped=True,
        )
        sent = sent_at(place)
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
            return self.linked(value, paginator.relative_to == "base_url")
        ends = self.ends(value)
        named = bool({"cursor_path", "cursor_value"} & self.paginator.model_fields_set)
        sure = named or ends.told_by_answer
        # Without a page size nobody can tell whether the first page is full.
        sure = sure or paginator.limit is None
        from_record = is_last_record(value)
        if from_record and not ends.told_by_answer:
            ends = ends._replace(empty_page=True)
        return ir.CursorPages(value, place, self.limit(), sure, ends, from_record)

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
        tested = self.tested(place)
        if tested is not None:
            return tested, tested.code.startswith("link_of(response, ")
        if place.param and paginator.limit is None:
            # dlt reads `cursors.next`: an answer without both would look like the last page.
            text = f'response[{literal(place.param)}] or response["cursors"]["next"]'
            return self.expression("cursor_param", text), False
        if name := place.param or place.form:
            return path_condition((name,), name), False
        if place.body_path:
            return path_condition((place.body_path[-1],), place.body_path[-1]), False
        self.context.error(
            self.pointer,
            "missing-key",
            "the cursor is nowhere: neither `cursor_path` nor `cursor_param` is given",
            "write `cursor_path`, such as `links.next` or `meta.next_cursor`",
        )
        return None, False

    def tested(self, place: ir.Place) -> ir.Condition | None:
        """The one value that the stop condition finds missing, where no path is written."""
        text = self.paginator.stop_condition
        stop = self.compiled("stop_condition", text) if text else None
        value = missing(stop) if stop is not None else None
        if value is None or not holds_cursor(value, self.use.selector):
            return None
        if value.text not in {place.param, place.form, ".".join(place.body_path)}:
            self.context.warn(
                (*self.pointer, "stop_condition"),
                "cursor-path-assumed",
                f"the cursor is read at `{value.text}`, which `stop_condition` looks for",
                f"write `cursor_path: {value.text}`",
            )
        return value

    def cursor_at(self, text: str) -> tuple[ir.Condition | None, bool]:
        if "(" in text or root(text) in {"headers", "last_record"}:
            value = self.expression("cursor_path", self.bracketed(text))
            if value is None:
                return None, False
            is_link = value.code.startswith("link_of(response, ")
            return value._replace(text=text), is_link and value.code.count(",") == 1
        path = self.path("cursor_path", text)
        if not path:
            self.context.error(
                (*self.pointer, "cursor_path"),
                "path",
                "the path names no key of the answer",
            )
            return None, False
        return path_condition(path, text), False

    def linked(self, url: ir.Condition, below_base: bool = False) -> ir.LinkedPages:
        return ir.LinkedPages(url, self.limit(), self.ends(url), below_base)

    def ends(self, cursor: ir.Condition | None = None) -> ir.Ends:
        """What ends the data; without a `cursor` an empty page does."""
        paginator = self.paginator
        wanted = paginator.stop_after_empty_page
        stop = self.stop(paginator.stop_condition)
        told = ""
        value = missing(stop) if stop is not None else None
        if cursor is not None and value is not None and is_around(cursor, value):
            self.context.error(
                self.pointer,
                "cursor-around",
                f"`{cursor.text}` is the object around `{value.text}`, no cursor",
                f"write `cursor_path: {value.text}`",
            )
        if stop is not None and cursor is not None and is_absence(stop, cursor):
            told = stop.text
            stop = None
        if paginator.stop_after_short_page and paginator.limit is None:
            self.context.error(
                (*self.pointer, "stop_after_short_page"),
                "missing-key",
                "`limit` is missing: nothing says what a full page is",
                "write the number of records a page as `limit`",
            )
        ends = ir.Ends(
            stop=stop,
            has_more=self.found("has_more_path", paginator.has_more_path),
            is_last=self.found("is_last_path", paginator.is_last_path),
            short_page=paginator.stop_after_short_page and paginator.limit is not None,
            told=told,
        )
        if wanted is None:
            # An empty page in the middle is not the end where the answer says what is.
            wanted = cursor is None and not ends.told_by_answer
        return ends._replace(empty_page=wanted)

    def ended(
        self,
        ends: ir.Ends,
        total: ir.Condition | None,
        maximum: int | None,
        checked: bool,
    ) -> ir.Ends:
        """The ends of a paginator that counts; a checked total makes an empty page an error."""
        named = ends.told_by_answer or ends.short_page or total or maximum is not None
        if not named and not ends.empty_page:
            self.context.error(
                (*self.pointer, "stop_after_empty_page"),
                "endless",
                "nothing ends the data",
                "write `stop_condition`, `has_more_path` or `total_path`",
            )
        if total is None or not checked:
            return ends
        wanted = ends.told_by_answer and self.paginator.stop_after_empty_page is True
        return ends._replace(empty_page=wanted)


def _header(code: Code, name: str, text: str) -> ir.Condition:
    return ir.Condition(code, (), (f"header.{name.lower()}",), text)
