"""Numbered values: the nth value of a schema, for keys and for cursors that ascend."""

from __future__ import annotations

import hashlib
import math
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from generator.practice.fake import limits
from generator.practice.moments import moment
from generator.practice.patterns import fits, positions
from generator.practice.schemas import types
from generator.practice.shapes import is_list
from generator.practice.words import EPOCH, snake, zulu

STEP = timedelta(hours=6, minutes=7)
"""Time from one record to the next: 250 records span two months."""

DAY = timedelta(days=1)
"""The same where the time is part of the key, and may be a date."""

_HEX = 12


def capacity(flat: dict[str, Any]) -> int | None:
    """How many values a flat schema has; None where there are always enough."""
    enum = flat.get("enum")
    if "const" in flat:
        return 1
    if is_list(enum):
        return len(_members(enum)) or 1
    kind = types(flat)[:1]
    if kind == ["boolean"]:
        return 2
    if kind == ["integer"] and "maximum" in flat:
        low, high = limits(flat, 1)
        return max(1, int(high - low) + 1)
    if kind == ["string"] and "pattern" in flat:
        return math.prod(map(len, positions(str(flat["pattern"])))) or None
    if kind == ["string"] and flat.get("maxLength", _HEX) < _HEX:
        return int(10 ** flat["maxLength"])
    return None


def numbered(flat: dict[str, Any], name: str, number: int, salt: str) -> Any:
    """The value `number`, counted from 0; different numbers give different values.

    `salt` is what makes the texts of one resource other than those of another.
    """
    if "const" in flat:
        return flat["const"]
    enum = flat.get("enum")
    if is_list(enum) and _members(enum):
        return _members(enum)[number % len(_members(enum))]
    kind = types(flat)[:1]
    if kind == ["boolean"]:
        return number % 2 == 0
    if kind in (["integer"], ["number"]):
        low, _ = limits(flat, 1)
        return int(low if "minimum" in flat or low else 1) + number
    return _text(flat, name, number, salt)


def ascending(
    flat: dict[str, Any],
    name: str,
    number: int,
    step: timedelta,
    initial: Any,
    form: Any,
) -> Any:
    """The cursor value of record `number`: never before the bound of the first run.

    `form` is how the spec writes bounds; `epoch_ms` says that a number counts milliseconds.
    """
    kind = types(flat)[:1]
    if kind in (["integer"], ["number"]) and not _is_time(name, form):
        low, _ = limits(flat, 1)
        return (
            int(max(low, initial if isinstance(initial, int | float) else 1)) + number
        )
    instant = _start(initial, form) + step * number
    if kind in (["integer"], ["number"]):
        scale = 1000 if form == "epoch_ms" else 1
        return int(instant.timestamp()) * scale
    if flat.get("format") == "date" or (form == "date" and "format" not in flat):
        return instant.date().isoformat()
    return zulu(instant)


def _start(initial: Any, form: Any) -> datetime:
    given = moment(initial, form) or moment(initial, None)
    if isinstance(initial, int | float) and form != "epoch_ms":
        given = moment(initial, "epoch")
    return EPOCH if given is None else max(EPOCH, given)


def _is_time(name: str, form: Any) -> bool:
    if form in ("epoch", "epoch_ms"):
        return True
    plain = snake(name)
    return plain.endswith(("_at", "_on")) or "time" in plain or "date" in plain


def _text(flat: dict[str, Any], name: str, number: int, salt: str) -> str:
    digest = hashlib.sha256(f"{salt}/{name}/{number}".encode()).digest()
    form = flat.get("format")
    pattern = flat.get("pattern")
    if form == "date" or (form is None and snake(name) in ("date", "day")):
        return (date(EPOCH.year, 1, 1) + timedelta(days=number)).isoformat()
    if form == "date-time":
        return zulu(EPOCH + STEP * number)
    if form == "uuid" or "uuid" in snake(name):
        return str(UUID(bytes=digest[:16], version=4))
    if form == "email" or "email" in snake(name):
        return f"person{number + 1}@example.com"
    if form in ("uri", "url"):
        return f"https://www.example.com/{number + 1}"
    longest = flat.get("maxLength", _HEX)
    shortest = flat.get("minLength", 0)
    text = digest.hex()[:_HEX] if longest >= _HEX else str(number).zfill(longest)
    text = text.ljust(shortest, "0")
    if not isinstance(pattern, str) or fits(pattern, text):
        return text
    made = ""
    for choices in positions(pattern):
        number, at = divmod(number, len(choices))
        made += choices[at]
    return made or text


def _members(enum: list[Any]) -> list[Any]:
    return [each for each in enum if each is not None]
