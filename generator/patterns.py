"""Regular expressions and date patterns of a spec: what is wrong with one that cannot be used."""

from __future__ import annotations

import re
from datetime import datetime

_QUANTIFIER = re.compile(r"[*+?]|\{(?P<least>[0-9]*),?(?P<most>[0-9]*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_START = re.compile(r"\((?:\?(?:[aiLmsux-]*:|P<\w+>|<?[=!]|\(\w+\)|>))?")


def regex_problem(pattern: str) -> str:
    """What is wrong with a regular expression; empty for one that can be used.

    A repeated group that holds a repetition or alternatives may match the same text in
    exponentially many ways, such as `(a+)+` and `(a|a)*`.
    """
    try:
        flags = re.compile(pattern).flags
    except (re.error, OverflowError, RecursionError) as error:
        return f"not a regular expression: {error}"
    if flags & re.VERBOSE or "(?#" in pattern:
        return "a regular expression with comments is not supported"
    groups = [False]
    """Whether each open group holds something that varies."""
    closed: bool | None = None
    """That of the group that ends here; None where none does."""
    place = 0
    while place < len(pattern):
        found = _QUANTIFIER.match(pattern, place)
        if found:
            if closed and _repeats(found):
                return (
                    "a repeated group with a repetition or `|` in it can take forever"
                )
            groups[-1] = groups[-1] or not found["least"] or "," in found[0]
            place, closed = found.end(), None
            continue
        closed = None
        char = pattern[place]
        start = _START.match(pattern, place) or _CLASS.match(pattern, place)
        if char == "(":
            groups.append(False)
        elif char == ")":
            closed = groups.pop()
            groups[-1] = groups[-1] or closed
        elif char == "|":
            groups[-1] = True
        place = start.end() if start else place + (2 if char == "\\" else 1)
    return ""


def _repeats(quantifier: re.Match[str]) -> bool:
    """More than once: `{3}` and `{1,9}` too."""
    if quantifier[0] in "*+":
        return True
    most = quantifier["most"] or ("" if "," in quantifier[0] else quantifier["least"])
    return quantifier[0] != "?" and most not in ("0", "1")


_WIDTH = re.compile(r"%[-_0^#]*[1-9]|%$")


def strftime_problem(pattern: str) -> str:
    """What is wrong with a pattern that writes times: systems disagree about widths."""
    found = _WIDTH.search(pattern.replace("%%", ""))
    return f"`{found[0]}` is no part of a date pattern" if found else ""


def strptime_problem(pattern: str) -> str:
    """What is wrong with a pattern that reads times."""
    try:
        datetime.strptime("", pattern)
    except ValueError as error:
        return "" if "does not match" in str(error) else str(error)
    except re.error:
        return "a date pattern names each part once"
    return ""
