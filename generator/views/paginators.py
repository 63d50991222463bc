"""paginators.py: one small class for each way of paging that the API has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from generator.views.common import Imports, header


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
    in_path: bool = False
    """The path has a placeholder for the value, so the first request's path is kept."""
    start: Code | None = None
    counts_rows: bool = False
    """The records are counted beside the page number."""
    totals: tuple[Code, ...] = ()
    """Lines that compare what was received with the declared total, and find the end."""
    remembered: tuple[Code, ...] = ()
    """Lines of the constructor: what pages are compared with."""
    maximum: Code | None = None
    value: Code | None = None
    """The cursor or the next URL."""
    text: Code | None = None
    """Where it is, for messages."""
    missing: Code | None = None
    """The condition that there is no cursor."""
    follows: Code | None = None
    """The request for the next URL."""
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
    counted = "received" if pages.start else "self._offset"
    lines = [f"received = self._offset - {pages.start}"] if pages.start else []
    totals = tuple(_totals(pages, counted, lines, imports))
    return PaginatorView(
        "offset",
        name,
        doc,
        limited,
        ends=tuple(_counted_ends(pages, imports)),
        first=_first_counted(pages, pages.offset, imports),
        sends=_sends(
            [(pages.offset, Code("self._offset")), *_limit(pages.limit)], imports
        ),
        in_path=bool(pages.offset.in_path),
        start=literal(pages.start),
        totals=totals,
        remembered=tuple(_remembered(pages)),
        maximum=_maximum(pages, imports),
    )


def _numbered(
    pages: ir.NumberedPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    rows = pages.total is not None and pages.total_is == "rows"
    if pages.total is None or rows:
        totals = tuple(_totals(pages, "self._received", [], imports))
    else:
        totals = tuple(_page_totals(pages, pages.total, imports))
    return PaginatorView(
        "page_number",
        name,
        doc,
        limited,
        ends=tuple(_counted_ends(pages, imports)),
        first=_first_counted(pages, pages.page, imports),
        sends=_sends(
            [(pages.page, Code("self._number")), *_limit(pages.limit)], imports
        ),
        in_path=bool(pages.page.in_path),
        start=literal(pages.start),
        counts_rows=rows,
        totals=totals,
        remembered=tuple(_remembered(pages)),
        maximum=_maximum(pages, imports),
    )


def _first_counted(
    pages: ir.OffsetPages | ir.NumberedPages, place: ir.Place, imports: Imports
) -> Code | None:
    """The first request where it is not made like the others."""
    if pages.first_sent:
        return None
    return _sends(_limit(pages.limit), imports, without=place.in_path)


def _maximum(pages: ir.OffsetPages | ir.NumberedPages, imports: Imports) -> Code | None:
    if pages.maximum is None:
        return None
    imports.add("._runtime.errors", "Truncated")
    return literal(pages.maximum)


def _is_checked(pages: ir.OffsetPages | ir.NumberedPages) -> bool:
    return pages.total is not None and pages.total_check != "ignore"


def _counted_ends(
    pages: ir.OffsetPages | ir.NumberedPages, imports: Imports
) -> Iterator[Code]:
    """The ends that no total is compared with, and the answer's body where it is read."""
    ends = pages.ends
    tests = list(_tests(ends, imports))
    body = _reads_body(ends) or (pages.total is not None and pages.total.reads_body)
    checked = _is_checked(pages)
    yield from _returns([] if checked else tests, body)
    goes_on = isinstance(pages, ir.OffsetPages) and not ends.empty_page
    if goes_on and not checked and not ends.short_page:
        imports.add("._runtime.errors", "PaginationError")
        yield Code("if not records:")
        yield Code(f"    {_EMPTY}")


_EMPTY = 'raise PaginationError("an empty page, but not the end of the data")'


def _totals(
    pages: ir.OffsetPages | ir.NumberedPages,
    counted: str,
    before: list[str],
    imports: Imports,
) -> Iterator[Code]:
    """The end by the total of records; a read that ends with fewer is an error."""
    if pages.total is None:
        return
    for line in before:
        yield Code(line)
    checked = _is_checked(pages)
    yield _read_total("total", pages.total, checked, imports)
    wrong = 'raise PaginationError(f"{%s} records, but the total is {total}")' % counted
    if not checked:
        yield Code(f"if {counted} >= total:")
        yield Code("    return None")
        return
    imports.add("._runtime.errors", "PaginationError")
    exact = pages.total_check == "exact"
    told = pages.ends.told_by_answer
    if exact and not told:
        yield Code(f"if {counted} > total:")
        yield Code(f"    {wrong}")
    yield Code(f"if {_ended(pages.ends, imports)}:")
    yield Code(f"    if {counted} {'!=' if exact else '<'} total:")
    yield Code(f"        {wrong}")
    yield Code("    return None")
    if not told:
        # Rows that came twice are no proof that all came.
        yield Code("self._moved = self._moved or self._last in records")
        yield Code("self._last = records[-1]")
        yield Code(f"if {counted} == total and not self._moved:")
        yield Code("    return None")
    elif isinstance(pages, ir.OffsetPages) and not pages.ends.empty_page:
        yield Code("if not records:")
        yield Code(f"    {_EMPTY}")


def _ended(ends: ir.Ends, imports: Imports) -> Code:
    """The conditions that end the data, in one; a choice needs parentheses beside `or`."""
    tests = list(_tests(ends, imports)) or [Code("not records")]
    if len(tests) == 1:
        return tests[0]
    return join([Code(f"({t})") if " if " in t else t for t in tests], " or ")


def _read_total(
    name: str, total: ir.Condition, checked: bool, imports: Imports
) -> Code:
    """A checked total is kept: it must not fall, for then rows were deleted."""
    imports.add("._runtime.paging", "whole_number")
    _helpers(total, imports)
    arguments = [total.code, literal(total.text)]
    if not checked:
        return assign(name, call("whole_number", arguments), 8)
    kept = Code("self._total")
    value = call("whole_number", [*arguments, kept])
    return Code(f"{name} = {kept} = {value}")


def _remembered(pages: ir.OffsetPages | ir.NumberedPages) -> Iterator[Code]:
    if not _is_checked(pages):
        return
    yield Code("self._total = 0")
    rows = isinstance(pages, ir.OffsetPages) or pages.total_is == "rows"
    if rows and not pages.ends.told_by_answer:
        yield Code("self._last: JSON = None")
        yield Code("self._moved = False")


def _page_totals(
    pages: ir.NumberedPages, total: ir.Condition, imports: Imports
) -> Iterator[Code]:
    """The end by the total of pages; a read that ends before the last one is an error."""
    checked, told = _is_checked(pages), pages.ends.told_by_answer
    yield _read_total("total", total, checked, imports)
    last = "total"
    if pages.start != 1:
        yield Code(
            f"last = total {'+' if pages.start > 1 else '-'} {abs(pages.start - 1)}"
        )
        last = "last"
    if not checked:
        yield Code(f"if self._number > {last}:")
        yield Code("    return None")
        return
    imports.add("._runtime.errors", "PaginationError")
    wrong = 'raise PaginationError(f"%s, but the last one is {' + last + '}")'
    # A first page without rows may be the only one.
    yield Code(f"if not records and {pages.start} < {last} >= self._number - 1:")
    yield Code(f"    {wrong % 'an empty page'}")
    if not told:
        yield Code(f"if self._number > {last}:")
        yield Code("    return None")
    ended = _ended(pages.ends, imports)
    if ended == "not records":
        return
    yield Code(f"if {ended}:")
    if not told:
        yield Code(f"    {wrong % 'the data ends here'}")
        return
    yield Code(f"    if self._number <= {last}:")
    yield Code(f"        {wrong % 'the data ends here'}")
    yield Code("    return None")


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
        first=_sends(_limit(pages.limit), imports, without=pages.place.in_path),
        sends=_sends([(pages.place, sent), *_limit(pages.limit)], imports),
        in_path=bool(pages.place.in_path),
        value=pages.cursor.code,
        text=text,
        # The first record of all may have the number 0.
        missing=Code('cursor in (None, "")' if pages.from_record else "not cursor"),
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
    url, text = Code("url"), literal(pages.url.text)
    if pages.below_base:
        imports.add("._runtime.placing", "below_base")
        follows = call("below_base", [Code("request"), url, text])
    else:
        imports.add("._runtime.paging", "next_url")
        follows = call("request.at", [call("next_url", [url, text])])
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
        first=_sends(_limit(pages.limit), imports),
        value=pages.url.code,
        text=text,
        follows=follows,
        stops_by_condition=pages.expected,
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
    return _returns(_tests(ends, imports), body or _reads_body(ends))


def _returns(tests: Iterable[Code], body: bool) -> Iterator[Code]:
    if body:
        yield Code("body = response.json")
    for test in tests:
        yield Code(f"if {test}:")
        yield Code("    return None")


def _reads_body(ends: ir.Ends) -> bool:
    conditions = (ends.stop, ends.has_more, ends.is_last)
    return any(each is not None and each.reads_body for each in conditions)


def _tests(ends: ir.Ends, imports: Imports) -> Iterator[Code]:
    """The conditions each of which ends the data."""
    if ends.stop is not None:
        _helpers(ends.stop, imports)
        yield ends.stop.code
    for flag, sign in ((ends.has_more, "not "), (ends.is_last, "")):
        if flag is not None:
            _helpers(flag, imports)
            imports.add("._runtime.paging", "flag")
            told = call("flag", [flag.code, literal(flag.text)])
            yield Code(f"{sign}{told}")
    if ends.short_page:
        yield Code("len(records) < self._limit")
    elif ends.empty_page:
        yield Code("not records")


_EXPRESSION_HELPERS = {"number", "search"}


def _helpers(condition: ir.Condition, imports: Imports) -> None:
    for helper in condition.helpers:
        module = "expressions" if helper in _EXPRESSION_HELPERS else "values"
        imports.add(f"._runtime.{module}", helper)


def _limit(place: ir.Place | None) -> list[tuple[ir.Place, Code]]:
    return [] if place is None else [(place, Code("self._limit"))]


def _sends(
    values: Iterable[tuple[ir.Place, Code]], imports: Imports, without: str = ""
) -> Code:
    """Statements that put each value where the API reads it, and return the request.

    `without`: the placeholder of the path that this request leaves out.
    """
    pairs = list(values)
    params = [(place.param, code) for place, code in pairs if place.param]
    fields = [(place.form, code) for place, code in pairs if place.form]
    headers = [
        (place.header, call("text", [code])) for place, code in pairs if place.header
    ]
    steps: list[Code] = []
    if without:
        imports.add("._runtime.placing", "without_step")
        steps.append(call("without_step", [Code("request"), literal(without)]))
    if params:
        steps.append(call("request.with_params", [mapping(params)]))
    if headers:
        imports.add("._runtime.values", "text")
        steps.append(call("request.with_headers", [mapping(headers)]))
    if fields:
        imports.add("._runtime.placing", "with_form")
        steps.append(call("with_form", [Code("request"), mapping(fields)]))
    for place, code in pairs:
        if place.body_path:
            steps.append(call("request.with_body", [literal(place.body_path), code]))
        if place.in_path:
            imports.add("._runtime.placing", "with_step")
            kept = [Code("request"), Code("self._path"), literal(place.in_path), code]
            steps.append(call("with_step", kept))
    if not steps:
        return Code("return request")
    lines = [assign("request", step, 8) for step in steps[:-1]]
    return join([*lines, statement(steps[-1], 8, "return ")], "\n        ")


def import_condition(condition: ir.Condition, imports: Imports) -> None:
    """Imports what a condition calls, for conditions in other files than paginators.py."""
    _helpers(condition, imports)
