"""What the classes of paginators.py are made of: requests, and tests of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator import ir
from generator.pysource import Code, assign, call, join, literal, mapping, statement
from generator.views.common import Imports, import_helpers


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
    counted: bool = False
    """Requests are sent before their turn, and this kind knows which."""
    in_path: bool = False
    """The path has a placeholder for the value, so the first request's path is kept."""
    within: Code | None = None
    """The query parameter whose text has one, so that of the first request is kept."""
    start: Code | None = None
    counts_rows: bool = False
    """The records are counted beside the page number."""
    totals: tuple[Code, ...] = ()
    """Lines that compare what was received with the declared total, and find the end."""
    remembered: tuple[Code, ...] = ()
    """Lines of the constructor: what checks the total."""
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
    checks_end: Code | None = None
    """Looks for an announcement of more in an answer without a cursor."""
    unsure: bool = False
    """The spec does not say where the cursor is, so a full first page needs one."""
    first_page: Code | None = None
    """Whether the request was the first one."""
    unnamed: Code | None = None
    """The error of a full first page without a cursor."""
    checks: bool = False
    """The page that the spec calls the only one is checked for more."""


def returns(tests: Iterable[Code], body: bool) -> Iterator[Code]:
    if body:
        yield _BODY
    for test in tests:
        yield Code(f"if {test}:")
        yield Code("    return None")


def read_once(
    first: Iterable[Code], then: Iterable[Code]
) -> tuple[tuple[Code, ...], tuple[Code, ...]]:
    """The lines of a method; a body that is read at one place only needs no name."""
    lines, later = list(first), list(then)
    if lines[:1] != [_BODY]:
        return tuple(lines), tuple(later)
    reads = [
        found[0]
        for line in (*lines[1:], *later)
        for found in _BODY_OR_TEXT.finditer(line)
        if found[0] == "body"
    ]
    if len(reads) != 1:
        return tuple(lines), tuple(later)
    return tuple(map(_unnamed, lines[1:])), tuple(map(_unnamed, later))


def _unnamed(line: Code) -> Code:
    return Code(_BODY_OR_TEXT.sub(lambda found: _NAMED.get(found[0], found[0]), line))


_BODY = Code("body = response.json")
_BODY_OR_TEXT = re.compile(
    r"""\bbody\b|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL
)
_NAMED = {"body": "response.json"}


def reads_body(ends: ir.Ends) -> bool:
    conditions = (ends.stop, ends.has_more, ends.is_last)
    return any(each is not None and each.reads_body for each in conditions)


def end_tests(ends: ir.Ends, imports: Imports) -> Iterator[Code]:
    """The conditions each of which ends the data."""
    if ends.stop is not None:
        helpers(ends.stop, imports)
        yield ends.stop.code
    for flag, sign in ((ends.has_more, "not "), (ends.is_last, "")):
        if flag is not None:
            helpers(flag, imports)
            imports.add("._runtime.paging_flag", "flag")
            told = call("flag", [flag.code, literal(flag.text)])
            yield Code(f"{sign}{told}")
    if ends.short_page:
        yield Code("len(records) < self._limit")
    elif ends.empty_page:
        yield Code("not records")


def either(conditions: Iterable[Code]) -> str:
    """One condition that is true where any of them is."""
    codes = [str(each) for each in conditions]
    if len(codes) > 1:
        codes = [f"({code})" if " if " in code else code for code in codes]
    return " or ".join(codes)


def number(total: ir.Condition, imports: Imports) -> Code:
    """A declared total that is not checked."""
    imports.add("._runtime.paging_total", "whole_number")
    helpers(total, imports)
    return call("whole_number", [total.code, literal(total.text)])


def helpers(condition: ir.Condition, imports: Imports) -> None:
    import_helpers(imports, [condition.code])


def limit(place: ir.Place | None) -> list[tuple[ir.Place, Code]]:
    return [] if place is None else [(place, Code("self._limit"))]


def sends(
    values: Iterable[tuple[ir.Place, Code]], imports: Imports, without: str = ""
) -> Code:
    """Statements that put each value where the API reads it, and return the request.

    `without`: the placeholder of the path that this request leaves out.
    """
    pairs = list(values)
    params = [(p.param, code) for p, code in pairs if p.param and not p.within]
    fields = [(place.form, code) for place, code in pairs if place.form]
    headers = [
        (place.header, call("text", [code])) for place, code in pairs if place.header
    ]
    steps: list[Code] = []
    if without:
        imports.add("._runtime.placing_path", "without_step")
        steps.append(call("without_step", [Code("request"), literal(without)]))
    if params:
        steps.append(call("request.with_params", [mapping(params)]))
    if headers:
        imports.add("._runtime.values", "text")
        steps.append(call("request.with_headers", [mapping(headers)]))
    if fields:
        imports.add("._runtime.placing_form", "with_form")
        steps.append(call("with_form", [Code("request"), mapping(fields)]))
    for place, code in pairs:
        if place.within:
            imports.add("._runtime.placing_text", "with_text")
            names = [literal(place.param), Code("self._text"), literal(place.within)]
            steps.append(call("with_text", [Code("request"), *names, code]))
        if place.body_path:
            imports.add("._runtime.placing_body", "with_body")
            steps.append(
                call("with_body", [Code("request"), literal(place.body_path), code])
            )
        if place.in_path:
            imports.add("._runtime.placing_path", "with_step")
            kept = [Code("request"), Code("self._path"), literal(place.in_path), code]
            steps.append(call("with_step", kept))
    if not steps:
        return Code("return request")
    lines = [assign("request", step, 8) for step in steps[:-1]]
    return join([*lines, statement(steps[-1], 8, "return ")], "\n        ")
