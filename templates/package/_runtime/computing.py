"""Values that expressions of the spec compute with; what is of the wrong kind is an error."""

from __future__ import annotations

import json
from base64 import b64encode

from .errors import ExpressionError
from .values import JSON

_MOST = 10**300
"""Numbers below it can be made floats, and so be calculated with."""


def as_number(value: JSON) -> float:
    """A number, or text that is one; whole numbers stay whole."""
    found = value
    if isinstance(value, str):
        for convert in (int, float):
            try:
                found = convert(value)
                break
            except ValueError:
                continue
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        if -_MOST < found < _MOST:
            return found
        raise ExpressionError("a number that is infinite or has over 300 digits")
    raise ExpressionError(f"{_said(value)} is no number")


def whole(value: JSON) -> int:
    """The number without its fraction; true is 1."""
    return int(value if isinstance(value, bool) else as_number(value))


def divisor(value: float) -> float:
    if not value:
        raise ExpressionError("division by zero")
    return value


def as_text(value: JSON) -> str:
    """Text as it is, other values as JSON writes them; null is an error."""
    if value is None:
        raise ExpressionError("null is no text: write `or` and what stands for it")
    try:
        return value if isinstance(value, str) else json.dumps(value)
    except ValueError:
        raise ExpressionError("a number with too many digits") from None


def split(value: str, separator: str | None = None) -> list[JSON]:
    return list(value.split(separator or None))


def joined(values: JSON, separator: str) -> str:
    """The items of a list as one text."""
    if not isinstance(values, list):
        raise ExpressionError(f"{_said(values)} is no list to join")
    return separator.join(map(as_text, values))


def base64_text(value: str) -> str:
    try:
        return b64encode(value.encode()).decode()
    except UnicodeEncodeError:
        raise ExpressionError("text with half of a surrogate pair") from None


def _said(value: JSON) -> str:
    """What a value is, without showing it."""
    return "null" if value is None else f"a {type(value).__name__}"
