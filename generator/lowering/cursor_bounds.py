"""The bounds of a cursor as a spec gives them: values, arguments, or the time of the run."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal

from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.settings import Settings
from generator.lowering.text import Value, computed
from generator.pysource import Code, call, literal
from generator.spec import Incremental
from generator.values import Computed, Config, Now, Part

CursorType = Literal["datetime", "date", "int", "str"]
_WORDS = {"datetime": "date-time", "date": "date", "int": "whole number", "str": "text"}
_EXAMPLES = {
    "datetime": "2026-01-31T00:00:00Z",
    "date": "2026-01-31",
    "int": "100",
    "str": "a",
}


def lower(
    context: Context,
    settings: Settings,
    source: Source,
    incremental: Incremental,
    pointer: Pointer,
    cursor_type: CursorType,
) -> Code | None:
    """The first lower bound as the spec gives it: a literal, or an argument's name."""
    value = incremental.initial_value
    if value is None:
        return None
    place = (*pointer, "initial_value")
    if isinstance(value, str):
        found = context.parts(value, place)
        if len(found) == 1 and isinstance(found[0], Config):
            name = Code(settings.find(found[0].name, source.index).name)
            return call("int", [name]) if cursor_type == "int" else name
        if len(found) == 1 and isinstance(found[0], Computed):
            return _computed(context, settings, source, found[0], place, cursor_type)
        if not all(isinstance(part, str) for part in found):
            context.error(
                place,
                "expression",
                'a bound is a value or dlt.config["name"]',
                "write the first value itself",
            )
        if not found or not isinstance(found[0], str):
            return None
    return _constant(context, value, place, cursor_type)


def _computed(
    context: Context,
    settings: Settings,
    source: Source,
    part: Computed,
    place: Pointer,
    cursor_type: CursorType,
) -> Code:
    """A first lower bound that is calculated from arguments and the time of the run."""

    def reference(inner: Part) -> Value:
        if isinstance(inner, Config):
            setting = settings.find(inner.name, source.index)
            return Value(Code(setting.name), setting.type)
        told = "a first value is calculated from config.x and the time alone"
        context.error(place, "expression", told)
        return Value(literal(""))

    code = computed(context, part, place, reference).code
    return call("int", [code]) if cursor_type == "int" else Code(f"({code})")


def _constant(
    context: Context, value: object, place: Pointer, cursor_type: CursorType
) -> Code | None:
    try:
        match cursor_type:
            case "datetime":
                moment = datetime.fromisoformat(str(value))
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                return literal(moment.isoformat().replace("+00:00", "Z"))
            case "date":
                return literal(date.fromisoformat(str(value)[:10]).isoformat())
            case "int":
                return literal(int(str(value)))
            case "str":
                return literal(str(value))
    except ValueError:
        context.error(
            place,
            "wrong-value",
            f"{shown(value)} is no {_WORDS[cursor_type]}, as the cursor field is",
            f"write it like {_EXAMPLES[cursor_type]}",
        )
        return None


def upper(
    context: Context,
    settings: Settings,
    source: Source,
    incremental: Incremental,
    pointer: Pointer,
    cursor_type: CursorType,
) -> tuple[Code | None, bool]:
    """The upper bound's expression, and whether it is the time of the run."""
    value = incremental.end_value
    if value is None or value == "now":
        return None, True
    place = (*pointer, "end_value")
    if incremental.initial_value is None:
        context.error(
            place,
            "missing-key",
            "`end_value` needs `initial_value`: dlt reads the records between them",
        )
    if isinstance(value, str):
        if re.search(r"\bnow_utc\b|\butcnow\b", value):
            return None, True
        found = context.parts(value, place)
        if len(found) == 1 and isinstance(found[0], Config):
            name = Code(settings.find(found[0].name, source.index).name)
            return (call("int", [name]) if cursor_type == "int" else name), False
        if len(found) == 1 and isinstance(found[0], Now):
            return None, True
        if not all(isinstance(part, str) for part in found):
            context.error(
                place, "expression", 'a bound is a value or dlt.config["name"]'
            )
        if not found or not isinstance(found[0], str):
            return None, False
    return _constant(context, value, place, cursor_type), False
