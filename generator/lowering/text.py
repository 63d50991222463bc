"""Parts of a request's text to one Python expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from generator import ir
from generator.document import Pointer
from generator.expressions import compile_value
from generator.expressions.pieces import ATOM, Kind
from generator.expressions.scopes import binding
from generator.expressions.text import ExpressionError
from generator.lowering.context import Context
from generator.pysource import Code, call, literal
from generator.values import Computed, Part


@dataclass(frozen=True, slots=True)
class Value:
    """The expression of a reference, and its Python type."""

    code: Code
    type: str = "str"
    """`texts`: a list of texts, as JSON has it."""
    name: str = ""
    """The variable that a list is made of."""


Reference = Callable[[Part], Value]
"""The expression of a secret, a setting, a parent's value, a bound or the time."""

TEXT = frozenset({"str"})
SCALAR = frozenset(
    {"str", "int", "float", "bool", "str | None", "str | int | None", "texts"}
)


def expression(
    parts: Iterable[Part], reference: Reference, alone: frozenset[str] | None = None
) -> Code:
    """The text as an expression: a literal, a lone reference, or a formatted string.

    `alone`: the types that a lone reference may have where it is sent; None: all.
    """
    pieces: list[str | Value] = []
    for part in parts:
        piece = part if isinstance(part, str) else reference(part)
        last = pieces[-1] if pieces else None
        if isinstance(piece, str) and isinstance(last, str):
            pieces[-1] = last + piece
        else:
            pieces.append(piece)
    if not pieces:
        return literal("")
    if len(pieces) == 1:
        piece = pieces[0]
        if isinstance(piece, str):
            return literal(piece)
        return piece.code if alone is None or piece.type in alone else _text(piece)
    codes = "".join(_inside(piece) for piece in pieces if isinstance(piece, Value))
    if "'" in codes or "\\" in codes:
        # Python 3.11 nests neither backslashes nor the same quotes in a formatted string.
        return Code(
            " + ".join(
                _text(piece) if isinstance(piece, Value) else literal(piece)
                for piece in pieces
            )
        )
    inner = "".join(
        f"{{{_inside(piece)}}}" if isinstance(piece, Value) else _escaped(piece)
        for piece in pieces
    )
    return Code(f"f'{inner}'" if '"' in codes else f'f"{inner}"')


_TYPES: dict[Kind, str] = {
    "text": "str",
    "text or nothing": "str | None",
    "number": "float",
    "bool": "bool",
    "texts": "texts",
}


def computed(
    context: Context,
    part: Computed,
    pointer: Pointer,
    reference: Reference,
    *,
    records: bool = False,
) -> Value:
    """An expression over references as Python; an empty text after an error."""

    def code_and_type(inner: Part) -> tuple[str, str]:
        value = reference(inner)
        return value.code, value.type

    try:
        piece = compile_value(part.node, code_and_type, records=records)
    except ExpressionError as error:
        context.error(pointer, "expression", str(error))
        return Value(literal(""))
    return Value(Code(piece.code), _TYPES.get(piece.kind, "JSON"))


def _text(value: Value) -> Code:
    """The value as an operand of `+` that is text."""
    if value.type == "str | None":
        return call("as_text", [value.code])
    if value.type != "str":
        return call("text", [value.code])
    loose = binding(value.code) < ATOM
    return Code(f"({value.code})") if loose else value.code


def _inside(value: Value) -> Code:
    """Within a formatted string, which writes text and whole numbers as JSON does."""
    return value.code if value.type in {"str", "int"} else _text(value)


def bound_name(incremental: ir.Incremental | None, name: str) -> str:
    """The variable of a bound as it is sent: times are formatted first, other values are not."""
    if incremental is not None and incremental.is_written:
        return name
    return {"start": "since", "end": "until"}[name]


def _escaped(text: str) -> str:
    """Text between the double quotes of a formatted string, in ASCII."""
    return "".join(_ESCAPES.get(char) or _ascii(char) for char in text)


_ESCAPES = {'"': "\\x22", "'": "\\x27", "\\": "\\\\", "{": "{{", "}": "}}"}


def _ascii(char: str) -> str:
    return char if " " <= char <= "~" else ascii(char)[1:-1]
