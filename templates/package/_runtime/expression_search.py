"""Regular expressions in expressions of the spec."""

from __future__ import annotations

import re

from .errors import ExpressionError
from .values import JSON

_LONGEST = 10_000
_REPEATS = re.compile(r"[*+]|,\}")


def regex_search(pattern: str, value: JSON) -> str | None:
    """The first match of a regular expression in a text, its first group if it has one.

    With repetitions the time may grow with a power of the length, so that has a limit.
    """
    if isinstance(value, str) and len(value) > _LONGEST and _REPEATS.search(pattern):
        raise ExpressionError(f"regex_search in text of over {_LONGEST} characters")
    found = re.search(pattern, value) if isinstance(value, str) else None
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]
