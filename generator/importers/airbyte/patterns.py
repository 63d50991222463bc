"""Date patterns and durations of Airbyte: which mean the same here."""

from __future__ import annotations

import re

EPOCHS = {"%s": "epoch", "%ms": "epoch_ms"}
SETTING = re.compile(
    r"""config\.(?:(?!get\()(\w+)|get\("(\w+)", (?:"([^"]*)"|(-?\d+))\))"""
)
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
ISO = re.compile(
    r"%Y-%m-%d([T ]%H:%M(:%S(\.%f|\.%_ms|\.\d+)?)?(Z|%z|%:z|[+-]\d\d:?\d\d| %Z)?)?"
)


def length(text: str) -> int:
    """The seconds of an ISO 8601 duration, a month as 30 days; 0 for none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return 0
    units = [int(each or 0) for each in match.groups()]
    years, months, weeks, days, hours, minutes, seconds = units
    days += weeks * 7 + months * 30 + years * 365
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def python_pattern(text: str) -> str:
    """A pattern of Airbyte as one of Python; empty where there is none."""
    text = text.replace("%_ms", "%f").replace("%:z", "%z")
    if re.search(r"%(ms|s|epoch)", text) or "%" not in text:
        return ""
    return text
