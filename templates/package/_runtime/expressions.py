"""What conditions of the spec call on untyped JSON."""

from __future__ import annotations

import re

from .values import JSON


def number(value: JSON) -> float:
    """A number, or text that is one, whole ones whole; whatever else counts as 0."""
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        for convert in (int, float):
            try:
                return convert(value)
            except ValueError:
                continue
    return 0


def regex_search(pattern: str, value: JSON) -> str | None:
    """The first match of a regular expression in a text, its first group if it has one."""
    found = re.search(pattern, value) if isinstance(value, str) else None
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]
