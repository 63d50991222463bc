"""Parts of a compiled expression: their code, how tightly they bind, and what they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from jinja2 import nodes

from generator.expressions.text import ExpressionError, constant
from generator.pysource import literal

# How tightly an expression binds, as in Python's grammar.
CHOICE, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, ATOM = range(9)

Kind = Literal[
    "json",
    "text or nothing",
    "text",
    "number",
    "bool",
    "nothing",
    "list",
    "texts",
    "moment",
    "day",
    "duration",
]
SAID: dict[Kind, str] = {
    "json": "a value",
    "text or nothing": "a header",
    "text": "text",
    "number": "a number",
    "bool": "a condition",
    "nothing": "none",
    "list": "a list",
    "texts": "a list of texts",
    "moment": "a time",
    "day": "a day",
    "duration": "a duration",
}
"""The kinds as messages call them."""
_KINDS: dict[type, Kind] = {str: "text", int: "number", float: "number", bool: "bool"}

TIMES: dict[Kind, str] = {"moment": "%Y-%m-%dT%H:%M:%SZ", "day": "%Y-%m-%d"}
"""Kinds that are a `datetime`, and how they are written where nothing says how."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A compiled part: its code, how tightly it binds, and what it gives."""

    code: str
    level: int = ATOM
    kind: Kind = "json"
    constant: bool = False


class Writer(Protocol):
    """What functions and scopes need of the compiler."""

    @property
    def strict(self) -> bool:
        """Values of the wrong kind are errors; else they count as 0 and the text `null`."""
        ...

    def use(self, helper: str, *arguments: str, kind: Kind = "json") -> Piece:
        """The call of a helper of the package."""
        ...

    def read(self, place: str) -> None:
        """Notes a part of the answer that is read."""
        ...

    def piece(self, node: nodes.Expr) -> Piece: ...

    def number(self, node: nodes.Expr) -> Piece: ...

    def text(self, node: nodes.Expr) -> Piece: ...

    def lookup(
        self, subject: str, keys: list[str | int], default: object = None
    ) -> Piece:
        """The value below keys of a JSON value."""
        ...


def within(piece: Piece, level: int) -> str:
    """The code, in parentheses where it binds less tightly than its surroundings."""
    return piece.code if piece.level >= level else f"({piece.code})"


def identity(left: Piece, value: Piece, negated: bool) -> Piece:
    """`left is value` for none, true or false; refused where it can never be so."""
    possible = {"nothing": {"json", "text or nothing"}, "bool": {"json", "bool"}}
    if left.constant or left.kind not in possible[value.kind]:
        raise ExpressionError(f"{SAID[left.kind]} is never {value.code.lower()}")
    word = "is not" if negated else "is"
    return Piece(f"{within(left, SUM)} {word} {value.code}", COMPARE, "bool")


def constant_piece(node: nodes.Expr) -> Piece:
    """A constant of the expression as a literal."""
    value = constant(node)
    kind = "nothing" if value is None else _KINDS.get(type(value), "json")
    return Piece(literal(value), kind=kind, constant=True)
