"""The paginators that count: offsets and page numbers, their ends and their totals."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.pysource import Code, literal
from generator.views.common import Imports
from generator.views.page_parts import (
    PaginatorView,
    either,
    limit,
    number,
    reads_body,
    returns,
    sends,
    end_tests,
)


def offset(
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
        sends=sends(
            [(pages.offset, Code("self._offset")), *limit(pages.limit)], imports
        ),
        in_path=bool(pages.offset.in_path),
        start=literal(pages.start),
        totals=totals,
        remembered=tuple(_remembered(pages)),
        maximum=_maximum(pages, imports),
    )


def numbered(
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
        sends=sends([(pages.page, Code("self._number")), *limit(pages.limit)], imports),
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
    return sends(limit(pages.limit), imports, without=place.in_path)


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
    tests = list(end_tests(ends, imports))
    body = reads_body(ends) or (pages.total is not None and pages.total.reads_body)
    checked = _is_checked(pages)
    yield from returns([] if checked else tests, body)
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
    checked, told = _is_checked(pages), pages.ends.told_by_answer
    yield Code(f"total = {number(pages.total, imports, checked=checked)}")
    wrong = 'raise PaginationError(f"{%s} records, but the total is {total}")' % counted
    if not checked:
        yield Code(f"if {counted} >= total:")
        yield Code("    return None")
        return
    imports.add("._runtime.errors", "PaginationError")
    exact = pages.total_check == "exact"
    if exact and not told:
        yield Code(f"if {counted} > total:")
        yield Code(f"    {wrong}")
    yield Code(f"if {either(end_tests(pages.ends, imports)) or 'not records'}:")
    yield Code(f"    if {counted} {'!=' if exact else '<'} total:")
    yield Code(f"        {wrong}")
    yield Code("    return None")
    if not told:
        # Rows that came twice are no proof that all of them came.
        yield Code("self._moved = self._moved or self._last in records")
        yield Code("self._last = records[-1]")
        yield Code(f"if {counted} == total and not self._moved:")
        yield Code("    return None")
    elif isinstance(pages, ir.OffsetPages) and not pages.ends.empty_page:
        yield Code("if not records:")
        yield Code(f"    {_EMPTY}")


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
    yield Code(f"total = {number(total, imports, checked=checked)}")
    last = "total"
    if pages.base != 1:
        last = "last"
        sign = "+" if pages.base > 1 else "-"
        yield Code(f"last = total {sign} {abs(pages.base - 1)}")
    if not checked:
        yield Code(f"if self._number > {last}:")
        yield Code("    return None")
        return
    imports.add("._runtime.errors", "PaginationError")
    # A first page without rows may be the only one.
    yield Code(f"if not records and {pages.start} < {last} >= self._number - 1:")
    yield Code(f"    {_LAST % ('an empty page', last)}")
    if not told:
        yield Code(f"if self._number > {last}:")
        yield Code("    return None")
    ended = either(end_tests(pages.ends, imports))
    if not ended:
        return
    yield Code(f"if {ended}:")
    if not told:
        yield Code(f"    {_LAST % ('the data ends here', last)}")
        return
    yield Code(f"    if self._number <= {last}:")
    yield Code(f"        {_LAST % ('the data ends here', last)}")
    yield Code("    return None")


_LAST = 'raise PaginationError(f"%s, but the last one is {%s}")'
