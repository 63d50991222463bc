"""Incremental loading, in its three spellings, to the cursor and its bounds."""

from __future__ import annotations

import re
from typing import get_args

from pydantic import ValidationError

from generator import ir
from generator.diagnostics import nearest, shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.cursor_bounds import CursorType, lower, upper
from generator.lowering.cursor_options import extras
from generator.lowering.settings import Settings
from generator.lowering.shaping import hook_name
from generator.lowering.time_options import Kind, cursor_params, cursor_place, placed
from generator.paths import Steps, parse_path
from generator.patterns import strftime_problem
from generator.spec import Incremental, IncrementalSync
from generator.validation import report

_OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}$")
_FORMATS = {"iso", "date", "epoch", "epoch_ms"}


def lower_incremental(
    context: Context, settings: Settings, source: Source, model: str
) -> ir.Incremental | None:
    """The resource's cursor, or None for a resource that is read whole."""
    incremental, pointer = _plain(context, source)
    if incremental is None:
        return None
    steps = _steps(context, incremental, pointer)
    cursor_type = _cursor_type(context, incremental, pointer, model, steps)
    key = incremental.primary_key
    end, now = upper(context, settings, source, incremental, pointer, cursor_type)
    if now:
        incremental = incremental.model_copy(update={"end_value": None})
    sends_end = bool(incremental.end_param) or _places_end(context, source)
    end_now = now and sends_end
    _check_format(context, incremental, pointer, cursor_type, end_now)
    more = extras(
        context,
        incremental,
        pointer,
        cursor_type,
        lambda name: settings.find(name, source.index),
    )
    found = cursor_place(source)[0]
    if isinstance(found, IncrementalSync) and not sends_end:
        if found.start_time_option is None:
            # Such a document has a step even where no bound is sent, which has its own warning.
            more = more._replace(window=())
    if more.window and not sends_end and not incremental.client_side:
        context.error(
            (*pointer, "window"),
            "window-without-end",
            "no request carries the upper bound: each window would read to the end",
            "write `end_param`, or `client_side: true` to filter here",
        )
    return ir.Incremental(
        cursor=_json_path(steps),
        type=cursor_type,
        initial=lower(context, settings, source, incremental, pointer, cursor_type),
        start_param=incremental.start_param or "",
        end_param=incremental.end_param or "",
        end=end,
        end_now=end_now,
        sends_start=bool(incremental.start_param),
        format=_format(incremental, cursor_type),
        on_missing=incremental.on_cursor_value_missing,
        primary_key=(
            () if key is None else (key,) if isinstance(key, str) else tuple(key)
        ),
        steps=steps,
        sends_end=sends_end,
        options=more.options,
        lag=more.lag,
        order=more.order,
        filters=more.filters,
        formats=more.formats,
        window=more.window,
        convert=_convert(context, incremental, pointer),
    )


def _places_end(context: Context, source: Source) -> bool:
    """A text of the request holds the upper bound."""
    request = (source.path, source.params, source.headers)
    body = (source.part("json_body"), source.part("data"))
    options = [placed(context, source, kind) for kind in get_args(Kind)]
    found = str((*request, *body, *options))
    return bool(re.search(r"incremental\.end_value", found))


def with_bound(
    context: Context, source: Source, incremental: ir.Incremental, used: bool
) -> ir.Incremental:
    """Says whether a request carries the lower bound; a word if none does."""
    if not incremental.sends_start and not used and not incremental.filters:
        context.warn(
            cursor_place(source)[1],
            "no-request-window",
            "the cursor's last value is never sent: every run reads everything",
            "write the parameter's name as `start_param`, if the API has one",
        )
    return incremental._replace(sends_start=incremental.sends_start or used)


def _plain(context: Context, source: Source) -> tuple[Incremental | None, Pointer]:
    """The one spelling that the rest of this module reads."""
    found, pointer = cursor_place(source)
    in_params = cursor_params(source)
    if in_params:
        name, value = in_params[0]
        pointer = (*source.endpoint_pointer, "params", name)
        if found is not None or len(in_params) > 1:
            context.error(
                pointer, "conflict", "the resource has two incremental cursors"
            )
        return _from_param(context, name, value, pointer), pointer
    if isinstance(found, IncrementalSync):
        return _from_sync(found), pointer
    return found, pointer


def _from_param(
    context: Context, name: str, value: dict[str, object], pointer: Pointer
) -> Incremental | None:
    """`type: incremental` among the parameters: the parameter carries the lower bound."""
    options = {key: given for key, given in value.items() if key != "type"}
    try:
        return Incremental.model_validate({"start_param": name, **options})
    except ValidationError as error:
        place = context.written(pointer)
        errors = error.errors(include_url=False)
        for problem in errors:
            problem["loc"] = (*place, *problem["loc"])
        report(context.document, errors, context.collector, Incremental)
        return None


def _from_sync(sync: IncrementalSync) -> Incremental:
    params: dict[str, str] = {}
    for key, option in (
        ("start", sync.start_time_option),
        ("end", sync.end_time_option),
    ):
        if option is not None and option.inject_into in {"query", "request_parameter"}:
            params[key] = option.field_name
    return Incremental(
        cursor_path=sync.cursor_field,
        initial_value=sync.start_datetime,
        end_value=sync.end_datetime,
        start_param=params.get("start"),
        end_param=params.get("end"),
        format=sync.datetime_format,
        on_cursor_value_missing="include",
        cursor_formats=sync.cursor_datetime_formats,
        lookback=sync.lookback_window,
        row_order="desc" if sync.is_data_feed else None,
        client_side=sync.is_client_side_incremental,
        window=sync.step,
    )


def _steps(context: Context, incremental: Incremental, pointer: Pointer) -> Steps:
    try:
        steps = parse_path(incremental.cursor_path)
        if not steps or "*" in steps:
            raise ValueError("name one field of a record")
    except ValueError as error:
        place = (*pointer, "cursor_path")
        context.error(place, "path", f"the cursor's path: {error}")
        return ()
    return steps


def _json_path(steps: Steps) -> str:
    """The path as dlt reads it: JSONPath, in which most keys need no quotes."""
    keys = [f"[{step}]" if isinstance(step, int) else _json_key(step) for step in steps]
    return ".".join(keys)


def _json_key(key: str) -> str:
    if re.fullmatch(r"(?!where)[A-Za-z_]\w*", key, re.ASCII):
        return key
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _cursor_type(
    context: Context,
    incremental: Incremental,
    pointer: Pointer,
    model: str,
    steps: Steps,
) -> CursorType:
    path = incremental.cursor_path
    found = context.schemas.lookup(model, steps)
    if found is None or not found.types:
        known = [each.name for each in context.schemas.properties(model)]
        if known and found is None:
            context.warn(
                (*pointer, "cursor_path"),
                "cursor-not-in-schema",
                f"the schema of {model} has no field {shown(path)}",
                nearest(path, known),
            )
        return "int" if isinstance(incremental.initial_value, int) else "str"
    match found.types, found.format:
        case ("string",), "date-time":
            return "datetime"
        case ("string",), "date":
            return "date"
        case ("integer",), _:
            return "int"
        case ("string",), _:
            return "str"
        case types, _:
            context.error(
                (*pointer, "cursor_path"),
                "cursor-type",
                f"the field {shown(path)} is {' or '.join(types) or 'of any type'}: a cursor is "
                "a date-time, a date, an integer or text",
            )
            return "str"


def _check_format(
    context: Context,
    incremental: Incremental,
    pointer: Pointer,
    cursor_type: CursorType,
    end_now: bool,
) -> None:
    text = incremental.format
    if problem := strftime_problem(text or ""):
        context.error((*pointer, "format"), "wrong-value", f"`format`: {problem}")
    offset = _OFFSET.search(text or "")
    if offset and set(offset[0]) & set("123456789"):
        context.warn(
            (*pointer, "format"),
            "format-offset",
            f"bounds are written in UTC: with {shown(offset[0])} after them they are other moments",
            "write +00:00 or %z",
        )
    if end_now and cursor_type == "int" and text not in {"epoch", "epoch_ms"}:
        context.error(
            (*pointer, "end_param"),
            "missing-key",
            "the cursor is a number: the time of the run is written as epoch or epoch_ms",
            "write `format: epoch` or `format: epoch_ms`, or an `end_value`",
        )
    if text is None or text in _FORMATS or "%" in text:
        unused = text not in {None, "iso"} and cursor_type in {"int", "str"}
        used = end_now or any(
            (incremental.cursor_formats, incremental.window, incremental.lookback)
        )
        if unused and not used:
            context.warn(
                (*pointer, "format"),
                "format-unused",
                "bounds of a cursor that is text or a number are sent as they are",
                "give the field the format date-time or date in the schema",
            )
        return
    context.error(
        (*pointer, "format"),
        "wrong-value",
        f"{shown(text)} is no format of a bound",
        "write iso, date, epoch, epoch_ms or a strftime pattern such as %Y-%m-%d",
    )


def _convert(context: Context, incremental: Incremental, pointer: Pointer) -> str:
    if incremental.convert is None:
        return ""
    place = (*pointer, "convert")
    if incremental.format is not None:
        context.error(
            place,
            "conflict",
            "`format` and `convert` both say how bounds are written",
            "keep one of them",
        )
    return hook_name(context, incremental.convert, place)


def _format(incremental: Incremental, cursor_type: CursorType) -> str:
    """How bounds are written; ISO is a day where the cursor is one."""
    text = incremental.format or "iso"
    if incremental.cursor_formats and incremental.format is None:
        return incremental.cursor_formats[0]
    return "date" if text == "iso" and cursor_type == "date" else text
