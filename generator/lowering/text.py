"""Parts of a request's text to one Python expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from generator.pysource import Code, literal
from generator.values import Part

Reference = Callable[[Part], Code]
"""The expression of a secret, a setting, a parent's value, a bound or the time."""


def expression(parts: Iterable[Part], reference: Reference) -> Code:
    """The text as an expression: a literal, a lone reference, or a formatted string."""
    pieces = [part if isinstance(part, str) else reference(part) for part in parts]
    if not pieces:
        return literal("")
    if len(pieces) == 1:
        piece = pieces[0]
        return piece if isinstance(piece, Code) else literal(piece)
    codes = "".join(piece for piece in pieces if isinstance(piece, Code))
    if "'" in codes or "\\" in codes:
        # Python 3.11 nests neither backslashes nor the same quotes in a formatted string.
        return Code(
            " + ".join(
                f"text({piece})" if isinstance(piece, Code) else literal(piece)
                for piece in pieces
            )
        )
    inner = "".join(
        f"{{{piece}}}" if isinstance(piece, Code) else _escaped(piece)
        for piece in pieces
    )
    return Code(f"f'{inner}'" if '"' in codes else f'f"{inner}"')


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
