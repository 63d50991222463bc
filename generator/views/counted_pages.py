"""The paginators that count: offsets and page numbers, their ends and their totals."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.pysource import Argument, Code, call, literal
from generator.views.common import Imports
from generator.views.page_parts import (
    PaginatorView,
    either,
    helpers,
    limit,
    number,
    read_once,
    reads_body,
    returns,
    sends,
    end_tests,
)


def offset(
    pages: ir.OffsetPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    counted = f"self._offset - {pages.start}" if pages.start else "self._offset"
    ends, totals = read_once(
        _counted_ends(pages, imports), _totals(pages, counted, imports)
    )
    return PaginatorView(
        "offset",
        name,
        doc,
        limited,
        ends=ends,
        first=_first_counted(pages, pages.offset, imports),
        sends=sends(
            [(pages.offset, Code("self._offset")), *limit(pages.limit)], imports
        ),
        in_path=bool(pages.offset.in_path),
        within=literal(pages.offset.param) if pages.offset.within else None,
        start=literal(pages.start),
        totals=totals,
        remembered=tuple(_remembered(pages, imports)),
        maximum=_maximum(pages, imports),
    )


def numbered(
    pages: ir.NumberedPages, name: Code, doc: Code, limited: bool, imports: Imports
) -> PaginatorView:
    rows = pages.total is not None and pages.total_is == "rows"
    if pages.total is None or rows:
        tests = _totals(pages, "self._received", imports)
    else:
        tests = _page_totals(pages, pages.total, imports)
    ends, totals = read_once(_counted_ends(pages, imports), tests)
    return PaginatorView(
        "page_number",
        name,
        doc,
        limited,
        ends=ends,
        first=_first_counted(pages, pages.page, imports),
        sends=sends([(pages.page, Code("self._number")), *limit(pages.limit)], imports),
        in_path=bool(pages.page.in_path),
        within=literal(pages.page.param) if pages.page.within else None,
        start=literal(pages.start),
        counts_rows=rows,
        totals=totals,
        remembered=tuple(_remembered(pages, imports)),
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
    imports.add("._runtime.truncating", "Truncated")
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
    if not checked:
        yield from _empty_page(pages, imports)


def _empty_page(
    pages: ir.OffsetPages | ir.NumberedPages, imports: Imports
) -> Iterator[Code]:
    """An offset does not move on from a page without records, unless that is the end."""
    ends = pages.ends
    if isinstance(pages, ir.NumberedPages) or ends.empty_page or ends.short_page:
        return
    imports.add("._runtime.errors", "PaginationError")
    yield Code("if not records:")
    text = literal("an empty page, but not the end of the data")
    yield Code(f"    raise {call('PaginationError', [text])}")


def _totals(
    pages: ir.OffsetPages | ir.NumberedPages, counted: str, imports: Imports
) -> Iterator[Code]:
    """The end by the total of records, or the check that they all came."""
    if pages.total is None:
        return
    if not _is_checked(pages):
        total = number(pages.total, imports)
        yield Code(f"if {counted} >= {total}:")
        yield Code("    return None")
        return
    ended = either(end_tests(pages.ends, imports)) or "not records"
    yield from _checked(pages.total, "reached", counted, ended, imports)
    if pages.ends.told_by_answer:
        yield from _empty_page(pages, imports)


def _checked(
    total: ir.Condition, method: str, counted: str, ended: str, imports: Imports
) -> Iterator[Code]:
    helpers(total, imports)
    yield Code(f"total = {total.code}")
    arguments: list[Argument] = [Code("total"), Code(counted), Code("records")]
    arguments.append(("ended", Code(ended)))
    yield Code(f"if {call(f'self._total.{method}', arguments)}:")
    yield Code("    return None")


def _remembered(
    pages: ir.OffsetPages | ir.NumberedPages, imports: Imports
) -> Iterator[Code]:
    """The object that checks the total over the pages of one read."""
    if pages.total is None or pages.total_check == "ignore":
        return
    arguments: list[Argument] = [literal(pages.total.text)]
    if isinstance(pages, ir.NumberedPages) and pages.total_is == "pages":
        name, module = "PageTotal", "paging_total_pages"
        if pages.start != 1:
            arguments.append(("start", literal(pages.start)))
        if pages.base != 1:
            arguments.append(("base", literal(pages.base)))
    else:
        name, module = "RowTotal", "paging_total_rows"
        if pages.total_check == "exact":
            arguments.append(("exact", literal(True)))
    if pages.ends.told_by_answer:
        arguments.append(("told", literal(True)))
    imports.add(f"._runtime.{module}", name)
    yield Code(f"self._total = {call(name, arguments)}")


def _page_totals(
    pages: ir.NumberedPages, total: ir.Condition, imports: Imports
) -> Iterator[Code]:
    """The end by the total of pages, or the check that they all came."""
    if _is_checked(pages):
        ended = either(end_tests(pages.ends, imports)) or "False"
        yield from _checked(total, "passed", "self._number", ended, imports)
        return
    last = str(number(total, imports))
    if pages.base != 1:
        last += f" {'+' if pages.base > 1 else '-'} {abs(pages.base - 1)}"
    yield Code(f"if self._number > {last}:")
    yield Code("    return None")
