"""Parts of a request's text to one Python expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from generator.pysource import Code, call, literal
from generator.values import Part


@dataclass(frozen=True, slots=True)
class Value:
    """The expression of a reference, and its Python type."""

    code: Code
    type: str = "str"


Reference = Callable[[Part], Value]
"""The expression of a secret, a setting, a parent's value, a bound or the time."""

TEXT = frozenset({"str"})
SCALAR = frozenset({"str", "int", "float", "bool", "str | int | None"})


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


def _text(value: Value) -> Code:
    return value.code if value.type == "str" else call("text", [value.code])


def _inside(value: Value) -> Code:
    """Within a formatted string, which writes text and whole numbers as JSON does."""
    return value.code if value.type in {"str", "int"} else _text(value)


def bound_name(cursor_type: str, name: str) -> str:
    """The variable of a bound as it is sent: times are formatted first, other values are not."""
    if cursor_type in {"datetime", "date"}:
        return name
    return {"start": "since", "end": "until"}[name]


def _escaped(text: str) -> str:
    """Text between the double quotes of a formatted string, in ASCII."""
    return "".join(_ESCAPES.get(char) or _ascii(char) for char in text)


_ESCAPES = {'"': "\\x22", "'": "\\x27", "\\": "\\\\", "{": "{{", "}": "}}"}


def _ascii(char: str) -> str:
    return char if " " <= char <= "~" else ascii(char)[1:-1]
