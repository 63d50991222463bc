"""Regular expressions in expressions of the spec."""

from __future__ import annotations

import re

from .values import JSON


def regex_search(pattern: str, value: JSON) -> str | None:
    """The first match of a regular expression in a text, its first group if it has one."""
    found = re.search(pattern, value) if isinstance(value, str) else None
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]
