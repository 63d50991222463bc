"""Values that expressions of the spec compute with; what is of the wrong kind is an error."""

from __future__ import annotations

import json
from base64 import b64encode

from .errors import ExpressionError
from .values import JSON


def as_number(value: JSON) -> float:
    """A number, or text that is one; whole numbers stay whole."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        for convert in (int, float):
            try:
                return convert(value)
            except ValueError:
                continue
    raise ExpressionError(f"{_said(value)} is no number")


def whole(value: JSON) -> int:
    """The number without its fraction; true is 1."""
    try:
        return int(value if isinstance(value, bool) else as_number(value))
    except (OverflowError, ValueError):
        raise ExpressionError("an infinite number is not whole") from None


def divisor(value: float) -> float:
    if not value:
        raise ExpressionError("division by zero")
    return value


def as_text(value: JSON) -> str:
    """Text as it is, other values as JSON writes them; null is an error."""
    if value is None:
        raise ExpressionError("null is no text: write `or` and what stands for it")
    return value if isinstance(value, str) else json.dumps(value)


def split(value: str, separator: str | None = None) -> list[JSON]:
    return list(value.split(separator or None))


def joined(values: JSON, separator: str) -> str:
    """The items of a list as one text."""
    if not isinstance(values, list):
        raise ExpressionError(f"{_said(values)} is no list to join")
    return separator.join(map(as_text, values))


def base64_text(value: str) -> str:
    return b64encode(value.encode()).decode()


def _said(value: JSON) -> str:
    """What a value is, without showing it."""
    return "null" if value is None else f"a {type(value).__name__}"
