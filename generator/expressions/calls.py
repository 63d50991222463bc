"""The functions, filters and methods of expressions: a closed set, each with its code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jinja2 import nodes

from generator.expressions.pieces import (
    ATOM,
    PRODUCT,
    TIMES,
    Kind,
    Piece,
    Writer,
    within,
)
from generator.expressions.text import ExpressionError, constant
from generator.patterns import regex_problem, strftime_problem, strptime_problem
from generator.pysource import literal

Operands = list[nodes.Expr]
"""What the operation works on, then its arguments."""


class _Operation(NamedTuple):
    make: Callable[[Writer, Operands], Piece]
    least: int
    most: int
    """Number of operands."""


def filtered(writer: Writer, name: str, operands: Operands) -> Piece:
    """`operand | name(…)`."""
    return _made(writer, "filter", name, operands, _FILTERS, "; there are default")


def method(writer: Writer, name: str, operands: Operands) -> Piece:
    """`operand.name(…)`."""
    return _made(writer, "method", name, operands, _METHODS, "; there are get")


def function(
    writer: Writer, name: str, operands: Operands, named: dict[str, nodes.Expr]
) -> Piece:
    """`name(…)`."""
    if name == "timedelta" and named and not operands:
        return _timedelta(writer, named)
    if name == "day_delta" and named.keys() == {"format"}:
        operands, named = [*operands, named["format"]], {}
    if named:
        raise ExpressionError("arguments have no names and no stars")
    return _made(
        writer, "function", name, operands, _FUNCTIONS, "; there are timedelta"
    )


def _made(
    writer: Writer,
    what: str,
    name: str,
    operands: Operands,
    known: dict[str, _Operation],
    told: str,
) -> Piece:
    operation = known.get(name)
    if name in {"selectattr", "rejectattr"}:
        raise ExpressionError(
            f"the {what} `{name}` is not supported: a link of the `Link` header is "
            "`headers.link.next.url`, another choice is a function in hooks.py"
        )
    if operation is None:
        raise ExpressionError(
            f"the {what} `{name}` is not supported here{told}, {', '.join(sorted(known))}"
        )
    if not operation.least <= len(operands) <= operation.most:
        taken = 1 if what == "function" else 0
        least, most = operation.least - 1 + taken, operation.most - 1 + taken
        count = f"{least}" if least == most else f"{least} to {most}"
        raise ExpressionError(f"the {what} `{name}` takes {count} arguments")
    return operation.make(writer, operands)


# ---- text and lists


def _case(name: str) -> Callable[[Writer, Operands], Piece]:
    def make(writer: Writer, operands: Operands) -> Piece:
        subject, *arguments = (writer.text(each) for each in operands)
        codes = ", ".join(each.code for each in arguments)
        kind: Kind = "bool" if name in {"startswith", "endswith"} else "text"
        return Piece(f"{within(subject, ATOM)}.{name}({codes})", kind=kind)

    return make


def _helper(
    name: str, *kinds: str, gives: Kind = "json"
) -> Callable[[Writer, Operands], Piece]:
    """A call of a helper whose operands are values, texts or numbers."""

    def make(writer: Writer, operands: Operands) -> Piece:
        codes = [
            writer.text(each).code if kind == "text" else writer.piece(each).code
            for each, kind in zip(operands, kinds, strict=False)
        ]
        return writer.use(name, *codes, kind=gives)

    return make


def _item(index: int) -> Callable[[Writer, Operands], Piece]:
    def make(writer: Writer, operands: Operands) -> Piece:
        return writer.lookup(writer.piece(operands[0]).code, [index])

    return make


def _joined(writer: Writer, operands: Operands) -> Piece:
    separator = writer.text(operands[1]).code if len(operands) == 2 else literal("")
    return writer.use("joined", writer.piece(operands[0]).code, separator, kind="text")


def _joining(writer: Writer, operands: Operands) -> Piece:
    separator, items = operands
    return _joined(writer, [items, separator])


def _search(writer: Writer, operands: Operands) -> Piece:
    pattern = operands[1]
    if not isinstance(pattern, nodes.Const) or not isinstance(pattern.value, str):
        raise ExpressionError("regex_search takes a quoted pattern")
    problem = regex_problem(pattern.value)
    if problem:
        raise ExpressionError(problem)
    subject = writer.piece(operands[0]).code
    return writer.use(
        "regex_search", literal(pattern.value), subject, kind="text or nothing"
    )


def mapped(
    writer: Writer,
    subject: nodes.Expr,
    given: list[nodes.Expr],
    named: Sequence[nodes.Node],
) -> Piece:
    """`items | map(attribute="id")`: that field of each item."""
    match given, named:
        case [], [
            nodes.Keyword(key="attribute", value=nodes.Const(value=str() as name))
        ]:
            code = writer.piece(subject).code
            return writer.use("field_of_each", code, literal(name), kind="list")
        case _:
            raise ExpressionError('write which field: `map(attribute="id")`')


def _hash(writer: Writer, operands: Operands) -> Piece:
    method = operands[1].value if isinstance(operands[1], nodes.Const) else None
    if method not in {"md5", "sha1", "sha256", "sha512"}:
        raise ExpressionError("hash takes 'md5', 'sha1', 'sha256' or 'sha512'")
    text = writer.text(operands[0]).code
    return writer.use("hash_of", text, literal(method), kind="text")


# ---- numbers


def _whole(writer: Writer, operands: Operands) -> Piece:
    if not writer.strict:
        return writer.number(operands[0])
    return writer.use("whole", writer.piece(operands[0]).code, kind="number")


def _float(writer: Writer, operands: Operands) -> Piece:
    return Piece(f"float({writer.number(operands[0]).code})", kind="number")


def _text(writer: Writer, operands: Operands) -> Piece:
    return writer.text(operands[0])


def _absolute(writer: Writer, operands: Operands) -> Piece:
    return Piece(f"abs({writer.number(operands[0]).code})", kind="number")


def _rounded(writer: Writer, operands: Operands) -> Piece:
    codes = [writer.number(operands[0]).code]
    if len(operands) == 2:
        digits = constant(operands[1]) if _is_number(operands[1]) else None
        if type(digits) is not int or abs(digits) > 300:
            raise ExpressionError("round takes a whole number of digits, at most 300")
        codes.append(str(digits))
    return writer.use("rounded", *codes, kind="number")


def _is_number(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const | nodes.Neg)


# ---- dates


def _now(kind: Kind, helper: str) -> Callable[[Writer, Operands], Piece]:
    def make(writer: Writer, operands: Operands) -> Piece:
        return writer.use(helper, kind=kind)

    return make


def _moment(writer: Writer, node: nodes.Expr, pattern: str | None = None) -> Piece:
    """The node as a `datetime`."""
    piece = writer.piece(node)
    if piece.kind in TIMES:
        return piece
    extra = [] if pattern is None else [pattern]
    return writer.use("moment_of", piece.code, *extra, kind="moment")


def _parsed(writer: Writer, operands: Operands) -> Piece:
    pattern = literal(_read(operands[1])) if len(operands) == 2 else None
    return _moment(writer, operands[0], pattern)


def _quoted(node: nodes.Expr) -> str:
    if not isinstance(node, nodes.Const) or not isinstance(node.value, str):
        raise ExpressionError("the format of a date is a quoted text: '%Y-%m-%d'")
    return node.value


def _pattern(node: nodes.Expr) -> str:
    """The pattern that writes a date."""
    pattern = _quoted(node)
    if problem := strftime_problem(pattern):
        raise ExpressionError(problem)
    return pattern


def _read(node: nodes.Expr) -> str:
    """The pattern that reads a date."""
    pattern = _quoted(node)
    if problem := strptime_problem(pattern):
        raise ExpressionError(problem)
    return pattern


EPOCHS = {"%s": "epoch", "%ms": "epoch_ms"}
"""Patterns that mean something else to each strftime, and how `bound` calls what they mean."""


def written(writer: Writer, moment: Piece, pattern: str) -> Piece:
    """A time as text."""
    form = EPOCHS.get(pattern, pattern)
    return writer.use("written", moment.code, literal(form), kind="text")


def _strftime(writer: Writer, operands: Operands) -> Piece:
    return written(writer, _moment(writer, operands[0]), _pattern(operands[1]))


def _isoformat(writer: Writer, operands: Operands) -> Piece:
    return written(writer, _moment(writer, operands[0]), "iso")


def _formatted(writer: Writer, operands: Operands) -> Piece:
    pattern = literal(_read(operands[2])) if len(operands) == 3 else None
    moment = _moment(writer, operands[0], pattern)
    return written(writer, moment, _pattern(operands[1]))


def _timestamp(writer: Writer, operands: Operands) -> Piece:
    moment = _moment(writer, operands[0])
    return writer.use("epoch", moment.code, kind="number")


def _day_delta(writer: Writer, operands: Operands) -> Piece:
    days = _length(writer, {"days": writer.number(operands[0])})
    now = writer.use("now_utc")
    moment = Piece(f"{now.code} + {days.code}", PRODUCT, "moment")
    pattern = "%Y-%m-%dT%H:%M:%S.%f%z"
    return written(
        writer, moment, _pattern(operands[1]) if len(operands) == 2 else pattern
    )


_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)


def _duration(writer: Writer, operands: Operands) -> Piece:
    node = operands[0]
    text = node.value if isinstance(node, nodes.Const) else None
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    units = match.groupdict() if match else {}
    sign = units.pop("sign", "")
    parts = [f"{unit}={sign}{int(n)}" for unit, n in units.items() if n is not None]
    if not parts:
        raise ExpressionError(
            "duration takes a quoted length in weeks, days and hours, such as 'P30D' or "
            "'PT12H'; months and years have no fixed length"
        )
    return writer.use("timedelta", *parts, kind="duration")


_UNITS = frozenset({"weeks", "days", "hours", "minutes", "seconds"})


def _timedelta(writer: Writer, named: dict[str, nodes.Expr]) -> Piece:
    unknown = sorted(named.keys() - _UNITS)
    if unknown:
        raise ExpressionError(
            f"`timedelta` has no `{unknown[0]}`; there are {', '.join(sorted(_UNITS))}"
        )
    return _length(writer, {unit: writer.number(node) for unit, node in named.items()})


_SMALL = re.compile(r"-?[0-9]{1,6}(\.[0-9]+)?")


def _length(writer: Writer, units: dict[str, Piece]) -> Piece:
    """A duration; one that is calculated may be out of range."""
    parts = [f"{unit}={piece.code}" for unit, piece in units.items()]
    is_small = all(_SMALL.fullmatch(piece.code) for piece in units.values())
    return writer.use("timedelta" if is_small else "span", *parts, kind="duration")


_SHARED = {
    "abs": _Operation(_absolute, 1, 1),
    "float": _Operation(_float, 1, 1),
    "format_datetime": _Operation(_formatted, 2, 3),
    "int": _Operation(_whole, 1, 1),
    "length": _Operation(_helper("length", "value", gives="number"), 1, 1),
    "round": _Operation(_rounded, 1, 2),
    "str_to_datetime": _Operation(_parsed, 1, 2),
    "timestamp": _Operation(_timestamp, 1, 1),
}
_TEXT = {
    "lower": _Operation(_case("lower"), 1, 1),
    "regex_search": _Operation(_search, 2, 2),
    "replace": _Operation(_case("replace"), 3, 3),
    "split": _Operation(_helper("split", "text", "text", gives="list"), 1, 2),
    "strip": _Operation(_case("strip"), 1, 1),
    "upper": _Operation(_case("upper"), 1, 1),
}
_FUNCTIONS = {
    **_SHARED,
    "day_delta": _Operation(_day_delta, 1, 2),
    "duration": _Operation(_duration, 1, 1),
    "len": _SHARED["length"],
    "now_utc": _Operation(_now("moment", "now_utc"), 0, 0),
    "str": _Operation(_text, 1, 1),
    "today_utc": _Operation(_now("day", "today_utc"), 0, 0),
}
_FILTERS = {
    **_SHARED,
    **_TEXT,
    "base64encode": _Operation(_helper("base64_text", "text", gives="text"), 1, 1),
    "count": _SHARED["length"],
    "first": _Operation(_item(0), 1, 1),
    "hash": _Operation(_hash, 2, 2),
    "join": _Operation(_joined, 1, 2),
    "last": _Operation(_item(-1), 1, 1),
    "string": _Operation(_text, 1, 1),
    "trim": _TEXT["strip"],
}
_METHODS = {
    **_TEXT,
    "endswith": _Operation(_case("endswith"), 2, 2),
    "isoformat": _Operation(_isoformat, 1, 1),
    "join": _Operation(_joining, 2, 2),
    "startswith": _Operation(_case("startswith"), 2, 2),
    "strftime": _Operation(_strftime, 2, 2),
    "timestamp": _Operation(_timestamp, 1, 1),
}

CALLS = {
    "functions": sorted({*_FUNCTIONS, "timedelta"}),
    "filters": sorted({*_FILTERS, "default", "map"}),
    "methods": sorted({*_METHODS, "get"}),
}
"""Every name that an expression may call, for the reference page."""
