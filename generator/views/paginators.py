"""paginators.py: one small class for each way of paging that the API has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from generator import ir
from generator.pysource import (
    Code,
    assign,
    call,
    docstring,
    identifier,
    join,
    literal,
    mapping,
    statement,
)
from generator.views.common import Imports, header, import_helpers


class PaginatorView(NamedTuple):
    """One class; each kind's macro reads the fields that it needs."""

    kind: str
    name: Code
    docstring: Code
    takes_limit: bool
    ends: tuple[Code, ...] = ()
    """Lines that read the answer and find that the data has ended."""
    first: Code | None = None
    """Statements that make the first request."""
    sends: Code | None = None
    """Statements that make a following request."""
    start: Code | None = None
    received: Code | None = None
    """The number of records so far, where it is not the offset: many APIs count from 1."""
    counted: Code | None = None
    total: Code | None = None
    last: Code | None = None
    exact: bool = False
    checks_total: bool = False
    maximum: Code | None = None
    value: Code | None = None
    """The cursor or the next URL."""
    text: Code | None = None
    """Where it is, for messages."""
    stops_by_condition: bool = False
    unsure: bool = False
    """The spec does not say where the cursor is, so a full first page needs one."""
    first_page: Code | None = None
    """Whether the request was the first one."""
    unnamed: Code | None = None
    """The error of a full first page without a cursor."""
    checks: bool = False
    """The page that the spec calls the only one is checked for more."""


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
    made = tuple(_paginator(each, imports) for each in connector.paginators)
    return PaginatorsView(
        header=header(connector),
        imports=imports.code(),
        exports=assign(
            "__all__", literal(sorted(each.name for each in connector.paginators))
        ),
        paginators=made,
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
            return _offset(pages, name, doc, limited, imports)
        case ir.NumberedPages():
            return _numbered(pages, name, doc, limited, imports)
        case ir.CursorPages():
            return _cursor(pages, name, doc, limited, imports)
        case ir.LinkedPages():
            return _linked(pages, name, doc, limited, imports)


def _offset(
    pages: ir.OffsetPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    total = _total(pages.total, imports) if pages.total else None
    checks = total is not None and pages.total_check != "ignore"
    if checks:
        imports.add("._runtime.errors", "PaginationError")
    if pages.maximum is not None:
        imports.add("._runtime.paging", "truncated")
    return PaginatorView(
        "offset",
        name,
        doc,
        limited,
        ends=tuple(_ends(pages.ends, imports, body=total is not None)),
        sends=_sends([(pages.offset, Code("self._offset")), *_limit(pages.limit)]),
        start=literal(pages.start),
        received=Code(f"self._offset - {pages.start}") if pages.start else None,
        counted=Code("received" if pages.start else "self._offset"),
        total=total,
        exact=pages.total_check == "exact",
        checks_total=checks,
        maximum=None if pages.maximum is None else literal(pages.maximum),
    )


def _numbered(
    pages: ir.NumberedPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    total = _total(pages.total, imports) if pages.total else None
    last = total
    if total is not None and pages.start != 1:
        sign = "+" if pages.start > 1 else "-"
        last = join([total, Code(str(abs(pages.start - 1)))], f" {sign} ")
    if total is not None:
        imports.add("._runtime.errors", "PaginationError")
    if pages.maximum is not None:
        imports.add("._runtime.paging", "truncated")
    return PaginatorView(
        "page_number",
        name,
        doc,
        limited,
        ends=tuple(_ends(pages.ends, imports, body=total is not None)),
        sends=_sends([(pages.page, Code("self._number")), *_limit(pages.limit)]),
        start=literal(pages.start),
        total=total,
        last=last,
        checks_total=total is not None,
        maximum=None if pages.maximum is None else literal(pages.maximum),
    )


def _cursor(
    pages: ir.CursorPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    imports.add("._runtime.paging", "cursor_value")
    _helpers(pages.cursor, imports)
    unsure = not pages.sure and limited
    if pages.expected:
        imports.add("._runtime.paging", "missing_cursor")
    if unsure:
        imports.add("._runtime.errors", "PaginationError")
        imports.add("._runtime.values", "get")
    text = literal(pages.cursor.text)
    sent = call("cursor_value", [Code("cursor"), text])
    return PaginatorView(
        "cursor",
        name,
        doc,
        limited,
        ends=tuple(
            _ends(
                pages.ends,
                imports,
                body=pages.cursor.reads_body,
            )
        ),
        first=_sends(_limit(pages.limit)),
        sends=_sends([(pages.place, sent), *_limit(pages.limit)]),
        value=pages.cursor.code,
        text=text,
        stops_by_condition=pages.expected,
        unsure=unsure,
        first_page=_is_first(pages.place),
        unnamed=literal(
            f"a full page without `{pages.cursor.text}`: name the cursor (cursor_path)"
        ),
    )


def _linked(
    pages: ir.LinkedPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    imports.add("._runtime.paging", "next_url")
    _helpers(pages.url, imports)
    if pages.expected:
        imports.add("._runtime.paging", "missing_cursor")
    return PaginatorView(
        "next_link",
        name,
        doc,
        limited,
        ends=tuple(
            _ends(
                pages.ends,
                imports,
                body=pages.url.reads_body,
            )
        ),
        first=_sends(_limit(pages.limit)),
        value=pages.url.code,
        text=literal(pages.url.text),
        stops_by_condition=pages.expected,
    )


def _is_first(place: ir.Place) -> Code:
    if place.param:
        return Code(f"not request.params.get({literal(place.param)})")
    path = [literal(step) for step in place.body_path]
    return Code(f"not {call('get', [Code('request.json'), *path])}")


def _ends(ends: ir.Ends, imports: Imports, *, body: bool) -> Iterator[Code]:
    """Lines at the start of `following`; `body`: later lines read the answer's body too."""
    tests: list[Code] = []
    if ends.stop is not None:
        _helpers(ends.stop, imports)
        body = body or ends.stop.reads_body
        tests.append(ends.stop.code)
    if ends.has_more:
        imports.add("._runtime.paging", "has_more")
        imports.add("._runtime.values", "get")
        body = True
        tests.append(
            Code(f"not has_more({_get(ends.has_more)}, {_dotted(ends.has_more)})")
        )
    if ends.empty_page:
        tests.append(Code("not records"))
    if body:
        yield Code("body = response.json")
    for test in tests:
        yield Code(f"if {test}:")
        yield Code("    return None")


def _total(path: Sequence[str | int], imports: Imports) -> Code:
    imports.add("._runtime.paging", "whole_number")
    imports.add("._runtime.values", "get")
    return Code(f"whole_number({_get(path)}, {_dotted(path)})")


def _get(path: Sequence[str | int]) -> Code:
    return call("get", [Code("body"), *(literal(step) for step in path)])


def _dotted(path: Sequence[str | int]) -> Code:
    return literal(".".join(str(step) for step in path))


def _helpers(condition: ir.Condition, imports: Imports) -> None:
    import_helpers(imports, condition.helpers)


def _limit(place: ir.Place | None) -> list[tuple[ir.Place, Code]]:
    return [] if place is None else [(place, Code("self._limit"))]


def _sends(values: Iterable[tuple[ir.Place, Code]]) -> Code:
    """Statements that put each value where the API reads it, and return the request."""
    pairs = list(values)
    params = [(place.param, code) for place, code in pairs if place.param]
    steps: list[Code] = []
    if params:
        steps.append(call("request.with_params", [mapping(params)]))
    for place, code in pairs:
        if not place.param:
            steps.append(call("request.with_body", [literal(place.body_path), code]))
    if not steps:
        return Code("return request")
    lines = [assign("request", step, 8) for step in steps[:-1]]
    return join([*lines, statement(steps[-1], 8, "return ")], "\n        ")
