"""Text that matches a simple regular expression, for the JSON Schema keyword `pattern`."""

from __future__ import annotations

import re
import string
from functools import cache

_CLASSES = {
    "d": string.digits,
    "w": string.ascii_lowercase + string.digits,
    "s": " ",
}
_TOKEN = re.compile(
    r"(?:\\(?P<escape>.)|\[(?P<set>[^\]^][^\]]*)\]|(?P<plain>[^\\\[\](){}|^$*+?]))"
    r"(?P<repeat>\{\d+(?:,\d*)?\}|[*+?])?"
)
_MANY = 6
"""Repeats where the pattern sets no upper limit: enough for different texts."""


@cache
def positions(pattern: str) -> tuple[str, ...]:
    """The characters that each position of a text may have, so that the pattern finds it.

    Empty for a pattern with groups, alternatives and the like.
    """
    body = pattern.removeprefix("^").removesuffix("$")
    found: list[str] = []
    at = 0
    while at < len(body):
        token = _TOKEN.match(body, at)
        choices = _choices(token) if token else ""
        if token is None or not choices:
            return ()
        at = token.end()
        found += [choices] * _count(token["repeat"])
    text = "".join(choices[0] for choices in found)
    return tuple(found) if fits(pattern, text) else ()


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern finds a text; one that Python cannot read fits everything."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _choices(token: re.Match[str]) -> str:
    if token["escape"]:
        letter = token["escape"]
        return _CLASSES.get(letter, "" if letter.isalnum() else letter)
    if token["set"]:
        return _members(token["set"])
    return string.ascii_lowercase if token["plain"] == "." else token["plain"]


def _members(text: str) -> str:
    """The characters of `a-z0-9_`, with the escapes that stand for a class."""
    members = ""
    for match in re.finditer(r"\\(.)|([^\\])-([^\\])|(.)", text):
        escape, first, last, plain = match.groups()
        if escape:
            members += _CLASSES.get(escape, escape)
        elif first:
            members += "".join(map(chr, range(ord(first), ord(last) + 1)))
        else:
            members += plain
    return members


def _count(repeat: str | None) -> int:
    if not repeat or repeat == "?":
        return 1
    if repeat in ("*", "+"):
        return _MANY
    least, comma, most = repeat[1:-1].partition(",")
    if not comma:
        return int(least)
    return max(int(least), min(int(most or _MANY), _MANY))
