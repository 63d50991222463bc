"""What a cursor has besides its bounds: lookback, order, formats, filtering here, and windows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.context import Context
from generator.patterns import strptime_problem
from generator.pysource import Code, call
from generator.spec import Incremental
from generator.values import Config

Width = tuple[tuple[str, int | Code], ...]
"""Units and numbers of a duration, such as (("days", 30),); a setting gives its number as code."""

_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_ISO = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.ASCII,
)
_WORDS = re.compile(r"(\d+)\s*(year|month|week|day|hour|minute|second)s?", re.ASCII)
_SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_LIMIT = 10**6


class Extras(NamedTuple):
    """The fields of `ir.Incremental` that this module makes."""

    options: tuple[tuple[str, str | int | float | bool], ...]
    lag: int | float | Code | None
    order: str
    filters: bool
    formats: tuple[str, ...]
    window: Width


def duration(text: str) -> tuple[tuple[str, int], ...] | None:
    """The duration that `P30D` or `30 days` means; None if the text is none."""
    text = text.strip()
    words, iso = _WORDS.fullmatch(text.lower()), _ISO.fullmatch(text.upper())
    found: list[tuple[str, str | None]] = []
    if words:
        found = [(f"{words[2]}s", words[1])]
    elif iso:
        found = list(zip(_UNITS, iso.groups(), strict=True))
    width = tuple((unit, int(number)) for unit, number in found if number)
    possible = 0 < sum(number for _, number in width) <= _LIMIT
    return tuple(each for each in width if each[1]) if possible else None


Find = Callable[[str], ir.Setting]
"""The setting of a name of `dlt.config`."""

_SETTING_UNITS = {
    ("P", "Y"): "years",
    ("P", "M"): "months",
    ("P", "W"): "weeks",
    ("P", "D"): "days",
    ("PT", "H"): "hours",
    ("PT", "M"): "minutes",
    ("PT", "S"): "seconds",
}


def from_setting(
    context: Context, find: Find, text: str, pointer: Pointer
) -> Width | None:
    """The duration whose number is a setting: `P{{ config.get("days", 30) }}D`; None for others."""
    if "{" not in text:
        return None
    match context.parts(text, pointer):
        case (str() as start, Config() as config, str() as end):
            unit = _SETTING_UNITS.get((start.strip(), end.strip()))
        case _:
            return None
    if unit is None:
        return None
    setting = find(config.name)
    name = Code(setting.name)
    return ((unit, name if setting.type == "int" else call("int", [name])),)


def extras(
    context: Context,
    incremental: Incremental,
    pointer: Pointer,
    cursor_type: str,
    find: Find,
) -> Extras:
    window = _window(context, incremental, pointer, cursor_type, find)
    options: list[tuple[str, str | int | float | bool]] = []
    lag = _lag(context, incremental, pointer, cursor_type, find)
    if lag:
        options.append(("lag", lag))
    if incremental.range_start != "closed":
        options.append(("range_start", incremental.range_start))
    if incremental.range_end != "open":
        options.append(("range_end", incremental.range_end))
    if incremental.last_value_func != "max":
        options.append(("last_value_func", incremental.last_value_func))
    if incremental.allow_external_schedulers is not None:
        external = incremental.allow_external_schedulers
        options.append(("allow_external_schedulers", external))
    order = incremental.row_order or ""
    return Extras(
        options=tuple(options),
        lag=lag,
        order=order,
        filters=bool(order or incremental.client_side or window),
        formats=_formats(context, incremental, pointer, cursor_type),
        window=window,
    )


def _lag(
    context: Context,
    incremental: Incremental,
    pointer: Pointer,
    cursor_type: str,
    find: Find,
) -> int | float | Code | None:
    """The lookback as dlt counts it: seconds of times, days of dates, else a number."""
    value = incremental.lookback
    if value is not None and incremental.lag is not None:
        place = (*pointer, "lookback")
        context.error(place, "conflict", "`lookback` and `lag` mean the same")
    if not isinstance(value, str):
        return incremental.lag if value is None else value
    place = (*pointer, "lookback")
    given = from_setting(context, find, value, place)
    width = duration(value) if given is None else given
    if width is None or any(unit not in _SECONDS for unit, _ in width):
        context.error(
            place,
            "wrong-value",
            f"{shown(value)} is no time to look back",
            "write P7D, PT12H or 7 days",
        )
        return None
    if given is not None:
        return _lag_of(given[0], cursor_type, incremental.format)
    seconds = sum(
        _SECONDS[unit] * number for unit, number in width if isinstance(number, int)
    )
    match cursor_type, incremental.format:
        case "datetime" | "str", _:
            return seconds
        case "date", _:
            return -(-seconds // 86400)
        case _, "epoch":
            return seconds
        case _, "epoch_ms":
            return seconds * 1000
        case _:
            context.error(
                place,
                "wrong-value",
                "the cursor is a number: a duration says nothing of it",
                "write `format: epoch` or `format: epoch_ms` if it is a time, or a number",
            )
            return None


def _lag_of(width: tuple[str, int | Code], cursor_type: str, form: str | None) -> Code:
    """A lookback of a setting as dlt counts it."""
    unit, number = width
    scale = _SECONDS[unit]
    if cursor_type == "date":
        if scale < 86400:
            return Code(f"-(-{number} * {scale} // 86400)")
        scale //= 86400
    elif cursor_type == "int" and form == "epoch_ms":
        scale *= 1000
    return Code(f"{number} * {scale}" if scale > 1 else f"{number}")


def _formats(
    context: Context, incremental: Incremental, pointer: Pointer, cursor_type: str
) -> tuple[str, ...]:
    formats = tuple(incremental.cursor_formats or ())
    place = (*pointer, "cursor_formats")
    if formats and cursor_type != "str":
        context.error(
            place,
            "conflict",
            "`cursor_formats` is for a cursor that is text",
            "give the field no format in the schema, or leave `cursor_formats` out",
        )
    for index, each in enumerate(formats):
        if each in {"epoch", "epoch_ms"}:
            continue
        if "%" not in each or re.search(r"%(_?ms|s|epoch)", each):
            context.error(
                (*place, index),
                "wrong-value",
                f"{shown(each)} is no strptime pattern",
                "write one such as %d/%m/%Y %H:%M, or epoch, or epoch_ms",
            )
        elif problem := strptime_problem(each):
            told = f"{shown(each)}: {problem}"
            context.error((*place, index), "wrong-value", told)
    return formats


def _window(
    context: Context,
    incremental: Incremental,
    pointer: Pointer,
    cursor_type: str,
    find: Find,
) -> Width:
    if incremental.window is None:
        return ()
    place = (*pointer, "window")
    width = from_setting(context, find, incremental.window, place)
    if width is None:
        width = duration(incremental.window)
    if width is None:
        context.error(
            place,
            "wrong-value",
            f"{shown(incremental.window)} is no width of a window",
            "write P30D, P1M or 1 hour",
        )
        return ()
    if cursor_type == "int" and incremental.format not in {"epoch", "epoch_ms"}:
        context.error(
            place,
            "cursor-type",
            "windows are times, and the cursor is a number",
            "write `format: epoch` or `format: epoch_ms` if the number is a time",
        )
    if cursor_type == "date" and {"hours", "minutes", "seconds"} & dict(width).keys():
        context.error(
            place,
            "wrong-value",
            "the cursor is a date: a window is no part of a day",
            "write P1D or longer",
        )
    if (incremental.range_start == "closed") == (incremental.range_end == "closed"):
        context.error(
            place,
            "conflict",
            "a record between two windows belongs to one of them",
            "leave `range_start` and `range_end` out, or write open and closed",
        )
    if incremental.last_value_func == "min" or incremental.end_value is not None:
        context.error(
            place,
            "conflict",
            "windows go from an earlier to a later time, up to the `end` of `load()`",
            "leave `last_value_func` and `end_value` out",
        )
    return width


def check_cursors(context: Context, resources: Sequence[ir.Resource]) -> None:
    """What a resource's cursor means together with its parents and its table."""
    by_name = {each.name: each for each in resources}
    for index, resource in enumerate(resources):
        incremental = resource.incremental
        pointer = ("resources", index, "endpoint", "incremental")
        above = list(_ancestors(by_name, resource))
        family = [resource, *above]
        if any(_is_windowed(each) for each in family) and _replaces(resource):
            context.error(
                ("resources", index, "write_disposition"),
                "conflict",
                "`replace` would keep the last window only",
                "write merge or append",
            )
        if incremental is None:
            continue
        if incremental.window and any(each.incremental for each in above):
            context.error(
                (*pointer, "window"),
                "conflict",
                "a parent is incremental: a window would read new parents only",
                "write the window at the parent",
            )
        if resource.in_parts:
            _check_parent_cursors(context, incremental, pointer)


def _check_parent_cursors(
    context: Context, incremental: ir.Incremental, pointer: Pointer
) -> None:
    if incremental.option.get("allow_external_schedulers"):
        context.error(
            (*pointer, "allow_external_schedulers"),
            "conflict",
            "dlt gives the bounds of one cursor, and this resource has one for each parent",
            "remove the key",
        )
    if incremental.lag and incremental.type == "str":
        context.error(
            (*pointer, "lookback"),
            "cursor-type",
            "the cursor is text: there is no looking back from it",
            "give the field the format date-time or date in the schema",
        )


def _ancestors(
    by_name: dict[str, ir.Resource], resource: ir.Resource
) -> Iterator[ir.Resource]:
    seen: set[str] = set()
    while resource.parent is not None and resource.name not in seen:
        seen.add(resource.name)
        resource = by_name[resource.parent.resource]
        yield resource


def _is_windowed(resource: ir.Resource) -> bool:
    return resource.incremental is not None and bool(resource.incremental.window)


def _replaces(resource: ir.Resource) -> bool:
    return "replace" in str(resource.table.write_disposition)
