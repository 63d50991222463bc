"""Arithmetic and comparisons of expressions: which kinds go together, and their code."""

from __future__ import annotations

from generator.expressions.pieces import (
    COMPARE,
    PRODUCT,
    SAID,
    SUM,
    TIMES,
    Piece,
    Writer,
    identity,
    within,
)
from generator.expressions.text import ExpressionError


def as_number(writer: Writer, piece: Piece) -> Piece:
    """The piece as a number; an error where it is surely none."""
    if piece.kind == "number":
        return piece
    if piece.constant or piece.kind in {
        "bool",
        "nothing",
        "duration",
        "list",
        "texts",
        *TIMES,
    }:
        raise ExpressionError(
            f"{piece.code} is no number: `<`, `>`, `+`, `-` and `*` take numbers, `~` "
            "joins text"
        )
    helper = "as_number" if writer.strict else "number"
    return writer.use(helper, piece.code, kind="number")


def as_text(writer: Writer, piece: Piece) -> Piece:
    """The piece as text that is surely there."""
    if piece.kind == "text":
        return piece
    return writer.use("as_text" if writer.strict else "text", piece.code, kind="text")


def arithmetic(writer: Writer, left: Piece, right: Piece, symbol: str) -> Piece:
    """`left symbol right` of numbers, of times and durations, of texts or lists of them."""
    if (
        left.kind in TIMES
        or right.kind in TIMES
        or "duration" in (left.kind, right.kind)
    ):
        return _shifted(left, right, symbol)
    if symbol == "+" and "text" in (left.kind, right.kind):
        one, other = as_text(writer, left), as_text(writer, right)
        return Piece(f"{within(one, SUM)} + {within(other, SUM)}", SUM, "text")
    if symbol == "+" and left.kind == right.kind == "texts":
        return Piece(f"[*{left.code}, *{right.code}]", kind="texts")
    level = SUM if symbol in "+-" else PRODUCT
    one, other = as_number(writer, left), as_number(writer, right)
    code = within(other, level + 1)
    if symbol in {"/", "//", "%"} and not (right.constant and float(right.code)):
        code = writer.use("divisor", other.code).code
    return Piece(f"{within(one, level)} {symbol} {code}", level, "number")


def _shifted(left: Piece, right: Piece, symbol: str) -> Piece:
    """A time and a duration."""
    if symbol == "+" and left.kind == "duration":
        left, right = right, left
    if left.kind not in TIMES or right.kind != "duration" or symbol not in "+-":
        raise ExpressionError(
            "with times there is only `time + duration` and `time - duration`"
        )
    code = f"{within(left, SUM)} {symbol} {within(right, PRODUCT)}"
    return Piece(code, SUM, left.kind)


def ordered(writer: Writer, left: Piece, right: Piece) -> tuple[Piece, Piece]:
    """Two pieces of a kind that can be compared: times, texts or numbers."""
    kinds = {left.kind, right.kind}
    if kinds <= TIMES.keys():
        return left, right
    if writer.strict and kinds in ({"text"}, {"text", "json"}):
        return as_text(writer, left), as_text(writer, right)
    return as_number(writer, left), as_number(writer, right)


def equal(writer: Writer, left: Piece, right: Piece, negated: bool) -> Piece:
    """`==`, or `!=` where `negated`."""
    if left.constant and not right.constant:
        left, right = right, left
    if right.constant and right.kind in {"bool", "nothing"}:
        return identity(left, right, negated)
    if {left.kind, right.kind} in (
        {"number", "text"},
        {"number", "text or nothing"},
    ):
        left, right = as_number(writer, left), as_number(writer, right)
    kinds = {left.kind, right.kind}
    if "bool" in kinds and not kinds <= {"bool", "json"}:
        raise ExpressionError(f"{SAID[left.kind]} is never equal to {SAID[right.kind]}")
    symbol = "!=" if negated else "=="
    code = f"{within(left, SUM)} {symbol} {within(right, SUM)}"
    return Piece(code, COMPARE, "bool")
