"""paginators.py: one small class for each way of paging that the API has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator import ir
from generator.lowering.absence import body_path, is_plain
from generator.pysource import (
    Code,
    assign,
    call,
    docstring,
    identifier,
    literal,
    statement,
)
from generator.views.common import Imports, header
from generator.views.counted_pages import numbered, offset
from generator.views.page_parts import (
    PaginatorView,
    helpers,
    limit,
    read_once,
    reads_body,
    returns,
    sends,
    end_tests,
)
from generator.views.parallel import pages_ahead


class PaginatorsView(NamedTuple):
    """What paginators.py.j2 prints."""

    header: Code
    imports: Code
    exports: Code
    paginators: tuple[PaginatorView, ...]


def paginators_view(connector: ir.Connector) -> PaginatorsView:
    imports = Imports()
    imports.add("collections.abc", "Sequence")
    imports.add("._runtime.http", "Request", "Response")
    imports.add("._runtime.values", "JSON")
    made = tuple(
        _paginator(each, imports)._replace(counted=_is_counted(connector, each))
        for each in connector.paginators
    )
    if any(each.counted for each in made):
        imports.add("._runtime.ahead", "Counted")
    return PaginatorsView(
        header=header(connector),
        imports=imports.code(),
        exports=assign(
            "__all__", literal(sorted(each.name for each in connector.paginators))
        ),
        paginators=made,
    )


def _is_counted(connector: ir.Connector, paginator: ir.Paginator) -> bool:
    return isinstance(paginator.pages, (ir.OffsetPages, ir.NumberedPages)) and any(
        pages_ahead(connector, each) > 1
        for each in connector.resources
        if each.paginator == paginator.name
    )


def _paginator(paginator: ir.Paginator, imports: Imports) -> PaginatorView:
    name = identifier(paginator.name)
    doc = docstring(paginator.purpose, 4)
    limited = paginator.takes_limit
    pages = paginator.pages
    match pages:
        case ir.SinglePage():
            if not pages.declared:
                imports.add("._runtime.announced", "announces_more")
                imports.add("._runtime.errors", "PaginationError")
            return PaginatorView(
                "single_page", name, doc, False, checks=not pages.declared
            )
        case ir.OffsetPages():
            return offset(pages, name, doc, limited, imports)
        case ir.NumberedPages():
            return numbered(pages, name, doc, limited, imports)
        case ir.CursorPages():
            return _cursor(pages, name, doc, limited, imports)
        case ir.LinkedPages():
            return _linked(pages, name, doc, limited, imports)
        case ir.HookedPages():
            imports.add(".", "hooks")
            function = Code(f"hooks.{identifier(pages.function)}")
            return PaginatorView("hook", name, doc, False, follows=function)


def _cursor(
    pages: ir.CursorPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    imports.add("._runtime.paging_cursor", "cursor_value")
    helpers(pages.cursor, imports)
    unsure = not pages.sure and limited
    if pages.expected:
        imports.add("._runtime.paging_missing", "missing_cursor")
    if unsure:
        imports.add("._runtime.errors", "PaginationError")
        imports.add("._runtime.values", "get")
    ends, (value,) = read_once(
        _ends(pages.ends, imports, body=pages.cursor.reads_body), [pages.cursor.code]
    )
    text = literal(pages.cursor.text)
    sent = call("cursor_value", [Code("cursor"), text])
    return PaginatorView(
        "cursor",
        name,
        doc,
        limited,
        ends=ends,
        first=sends(limit(pages.limit), imports, without=pages.place.in_path),
        sends=sends([(pages.place, sent), *limit(pages.limit)], imports),
        in_path=bool(pages.place.in_path),
        value=value,
        text=text,
        # The first record of all may have the number 0.
        missing=Code('cursor in (None, "")' if pages.from_record else "not cursor"),
        stops_by_condition=pages.expected,
        checks_end=_checks_end(pages.cursor, pages.ends, pages.expected, imports),
        unsure=unsure,
        first_page=_is_first(pages.place),
        unnamed=literal(
            f"a full page without `{pages.cursor.text}`: name the cursor (cursor_path)"
        ),
    )


def _linked(
    pages: ir.LinkedPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    url, text = Code("url"), literal(pages.url.text)
    if pages.below_base:
        imports.add("._runtime.paging_below_base", "below_base")
        follows = call("below_base", [Code("request"), url, text])
    else:
        imports.add("._runtime.paging_url", "next_url")
        follows = call("request.at", [call("next_url", [url, text])])
    helpers(pages.url, imports)
    if pages.expected:
        imports.add("._runtime.paging_missing", "missing_cursor")
    ends, (value,) = read_once(
        _ends(pages.ends, imports, body=pages.url.reads_body), [pages.url.code]
    )
    return PaginatorView(
        "next_link",
        name,
        doc,
        limited,
        ends=ends,
        first=sends(limit(pages.limit), imports),
        value=value,
        text=text,
        follows=follows,
        stops_by_condition=pages.expected,
        checks_end=_checks_end(pages.url, pages.ends, pages.expected, imports),
    )


def _checks_end(
    cursor: ir.Condition, ends: ir.Ends, expected: bool, imports: Imports
) -> Code | None:
    """Of plain places only, and not where the spec itself says what ends the data."""
    if expected or ends.told or ends.stop or not is_plain(cursor):
        return None
    imports.add("._runtime.announced_elsewhere", "check_end")
    path = [literal(step) for step in body_path(cursor)]
    return statement(
        call("check_end", [Code("response"), literal(cursor.text), *path]), 12
    )


def _is_first(place: ir.Place) -> Code:
    if place.param:
        return Code(f"not request.params.get({literal(place.param)})")
    if place.form:
        return Code(f"not (request.form or {{}}).get({literal(place.form)})")
    path = [literal(step) for step in place.body_path]
    return Code(f"not {call('get', [Code('request.json'), *path])}")


def _ends(ends: ir.Ends, imports: Imports, *, body: bool) -> Iterator[Code]:
    """Lines at the start of `following`; `body`: later lines read the answer's body too."""
    return returns(end_tests(ends, imports), body or reads_body(ends))
