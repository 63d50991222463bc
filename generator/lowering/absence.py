"""Conditions that say only that something is missing from an answer: a cursor, or records."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from generator import ir
from generator.expressions import path_condition
from generator.paths import Steps
from generator.pysource import Code

_TEXT = r'"(?:[^"\\]|\\.)*"'
_KEYS = rf"(?:{_TEXT}|-?\d+)(?:, (?:{_TEXT}|-?\d+))*"
_LOOKUP = re.compile(rf"get\(body, (?P<keys>{_KEYS})(?:, default=.*)?\)")
_HEADER = re.compile(
    rf"(?:response\.header\(|link_of\(response, )(?P<name>{_TEXT})(?:, {_TEXT})?\)",
)
_MISSING = re.compile(r"not (?P<falsy>\w.*)|(?P<none>.*) is None")
_OUTSIDE = re.compile(
    rf"not contains\((?:body|get\(body, (?P<above>{_KEYS})(?:, default=.*?)?\)), (?P<key>{_TEXT})\)"
)
_FLAG = re.compile(r"(?i)^(?:has|is)(?:_|-|next|more|last)|more|^(?:last|end|done)$")
"""Keys that hold true or false rather than a cursor."""
_LAST_RECORD = re.compile(rf"get\(list\(records\), -1, {_KEYS}\)")


def missing(stop: ir.Condition) -> ir.Condition | None:
    """The one value of whose absence `stop` speaks, and of nothing else."""
    code = str(stop.code)
    outside = _OUTSIDE.fullmatch(code)
    if outside:
        return _at((*_steps(outside["above"]), *_steps(outside["key"])))
    found = _MISSING.fullmatch(code)
    inner = (found["falsy"] or found["none"]) if found else ""
    lookup = _LOOKUP.fullmatch(inner)
    if lookup:
        return _at(_steps(lookup["keys"]))
    header = _HEADER.fullmatch(inner)
    if header:
        (name,) = _steps(header["name"])
        is_link = inner.startswith("link_of(")
        helpers = ("link_of",) if is_link else ()
        text = f"headers.{'link.' if is_link else ''}{name}"
        return ir.Condition(Code(inner), helpers, stop.places, text)
    return None


def is_absence(stop: ir.Condition, cursor: ir.Condition) -> bool:
    """Whether a condition says only that the answer has no cursor."""
    value = missing(stop)
    return value is not None and _bare(value) == _bare(cursor)


def holds_cursor(value: ir.Condition, selector: Steps) -> bool:
    """Whether a missing value can have been a cursor: neither a flag nor the records."""
    last = value.text.rpartition(".")[2]
    path = body_path(value)
    is_records = bool(path) and selector[: len(path)] == path
    return not is_records and not _FLAG.search(last)


def is_around(container: ir.Condition, inner: ir.Condition) -> bool:
    """Whether `container` is an object that has `inner` in it."""
    outer, path = body_path(container), body_path(inner)
    return bool(outer) and len(outer) < len(path) and path[: len(outer)] == outer


def is_last_record(cursor: ir.Condition) -> bool:
    """Whether the cursor is a field of the page's last record."""
    return _LAST_RECORD.fullmatch(str(cursor.code)) is not None


def body_path(value: ir.Condition) -> Steps:
    """The path of a plain lookup in the body; empty for everything else."""
    lookup = _LOOKUP.fullmatch(str(value.code))
    return _steps(lookup["keys"]) if lookup else ()


def is_plain(cursor: ir.Condition) -> bool:
    """Whether the cursor is what stands at one place, or at the first of several."""
    return all(
        _LOOKUP.fullmatch(each) or _HEADER.fullmatch(each)
        for each in str(cursor.code).split(" or ")
    )


def _at(path: Steps) -> ir.Condition:
    return path_condition(path, ".".join(map(str, path)))


def _steps(keys: str | None) -> Steps:
    return tuple(_each(keys)) if keys else ()


def _each(keys: str) -> Iterator[str | int]:
    for item in ast.literal_eval(f"({keys},)"):
        if isinstance(item, str | int):
            yield item


def _bare(value: ir.Condition) -> str | Steps:
    """The lookup without its default."""
    return body_path(value) or str(value.code)
