"""Recorded JSON, which may be hostile, to data: with the place of whatever is wrong with it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import cast

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[\[\]{},:]'
)
_LONGEST_NUMBER = 1_000
MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class JsonProblem(Exception):
    """Why a text is no JSON that is read, and at which of its characters."""

    message: str
    index: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """The data of a text."""

    data: object = field(repr=False)
    repeated: int | None = None
    """Where a key stands that its object has already; the later value counts."""


class _Refused(ValueError):
    """A number that JSON does not have."""


def decoded(text: str) -> Decoded:
    """The data of JSON text. Raises JsonProblem."""
    is_repeated = False

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal is_repeated
        made = dict(pairs)
        is_repeated = is_repeated or len(made) < len(pairs)
        return made

    try:
        data: object = json.loads(
            text,
            object_pairs_hook=mapping,
            parse_constant=_refused,
            parse_float=_float,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        raise JsonProblem(f"not valid JSON: {error.msg}", error.pos) from None
    except RecursionError:
        raise JsonProblem("nested too deep to be read", _depth(text)) from None
    except _Refused as error:
        raise JsonProblem(str(error), _odd_number(text)) from None
    if _is_deeper(data):
        message = f"nested deeper than {MAX_DEPTH} levels"
        raise JsonProblem(message, _depth(text))
    return Decoded(data, _repeated(text) if is_repeated else None)


def _refused(word: str) -> float:
    raise _Refused(f"{word} is no JSON")


def _float(digits: str) -> float:
    if len(digits) > _LONGEST_NUMBER:
        raise _Refused(f"a number of {len(digits)} characters")
    value = float(digits)
    if math.isinf(value):
        raise _Refused("a number that is too large")
    return value


def _int(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise _Refused(f"a number of {len(digits)} digits")
    return int(digits)


def _odd_number(text: str) -> int:
    """Where the first number stands that was refused."""
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word[-1] in "yN":  # Infinity, NaN
            return match.start()
        if word[0] in "-0123456789":
            long = len(word) > _LONGEST_NUMBER
            if long or set(word) & set(".eE") and math.isinf(float(word)):
                return match.start()
    return 0


def _depth(text: str) -> int:
    """Where a text gets too deep."""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += (match[0] in "[{") - (match[0] in "]}")
        if depth > MAX_DEPTH:
            return match.start()
    return 0


def _is_deeper(data: object) -> bool:
    level: list[object] = [data] if isinstance(data, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            for inner in (
                cast("dict[str, object]", each).values()
                if isinstance(each, dict)
                else cast("list[object]", each)
            )
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _repeated(text: str) -> int | None:
    """Where the first key stands that its object has already."""
    open_: list[set[str] | None] = []
    at_key = False
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in "[{":
            open_.append(set() if word == "{" else None)
            at_key = word == "{"
        elif word in "]}":
            open_.pop()
            at_key = False
        elif word == ",":
            at_key = open_[-1] is not None
        elif at_key and word[0] == '"':
            keys = open_[-1]
            key = cast("str", json.loads(word))
            if keys is not None and key in keys:
                return match.start()
            if keys is not None:
                keys.add(key)
            at_key = False
    return None
