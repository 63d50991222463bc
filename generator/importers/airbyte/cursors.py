"""Incremental cursors: their field, first value, formats, windows, and where bounds are sent."""

from __future__ import annotations

import re
from datetime import timedelta

from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.patterns import (
    EPOCHS,
    ISO,
    SETTING,
    length,
    python_pattern,
)
from generator.importers.airbyte.pieces import Piece
from generator.importers.airbyte.requests import inject, place
from generator.importers.airbyte.starts import start
from generator.importers.airbyte.templates import is_template
from generator.importers.draft import Section
from generator.plain import is_list, is_mapping


def bounds_of(cursor: Part) -> dict[str, str]:
    """How templates call the bounds of the window."""
    start = cursor.text("partition_field_start") or "start_time"
    end = cursor.text("partition_field_end") or "end_time"
    return {
        start: "start_value",
        end: "end_value",
        "start_time": "start_value",
        "end_time": "end_value",
    }


def load(stream: Stream, cursor: Part) -> None:
    """Fills in incremental loading."""
    if cursor.kind != "DatetimeBasedCursor":
        if cursor.kind.startswith("Custom"):
            told = f"the cursor is the Python class {cursor.text('class_name')}"
            stream.notes.loss("custom-cursor", told, cursor.pointer)
        else:
            told = f"`{cursor.kind}`: every run reads everything"
            stream.notes.loss(f"cursor-{cursor.kind}", told, cursor.pointer)
        return
    try:
        stream.endpoint["incremental"] = _incremental(stream, cursor)
    except Untranslatable as error:
        stream.notes.failed(error, cursor.pointer)


def _incremental(stream: Stream, cursor: Part) -> Section:
    texts = stream.texts("request", cursor)
    field = texts.text(cursor.text("cursor_field"))
    if not field or is_template(field):
        raise Untranslatable("cursor-field", "a cursor field that is calculated")
    made = Section(
        {"cursor_path": field if re.fullmatch(r"\w+", field) else f"['{field}']"}
    )
    sent = cursor.text("datetime_format")
    formats = plain(cursor.get("cursor_datetime_formats"))
    read = [str(each) for each in formats] if is_list(formats) and formats else [sent]
    kind = _typed(stream, field, sent, read, made)
    start(stream, cursor, sent, kind, made)
    _end(stream, cursor, made)
    for key, word in (("start_time_option", "start"), ("end_time_option", "end")):
        option = cursor.part(key)
        if option is not None and (
            option.get("field_name") or option.get("field_path")
        ):
            where, name = place(option, stream)
            if where == "params":
                made[f"{word}_param"] = name
            else:
                inject(stream, option, "{incremental." + word + "_value}")
    written = _format(stream, cursor, sent)
    if written and (
        kind in {"datetime", "date"} or kind == "int" or "cursor_formats" in made
    ):
        if not (kind == "date" and written == "%Y-%m-%d"):
            made["format"] = written
    made["on_cursor_value_missing"] = "include"
    _width(stream, cursor, made)
    if cursor.get("is_data_feed"):
        made["row_order"] = "desc"
    if cursor.get("is_client_side_incremental"):
        made["client_side"] = True
    if cursor.get("global_substream_cursor"):
        # With one cursor dlt drops what later parents have before the last value of earlier ones.
        told = "a last value for each parent, where Airbyte keeps one for all"
        stream.notes.changed("parents-cursor", told, cursor.pointer)
    if cursor.get("clamping") is not None:
        stream.notes.loss(
            "clamping",
            "windows that begin with a day, week or month",
            cursor.at("clamping"),
        )
    return made


def _property(stream: Stream, field: str) -> dict[str, object] | None:
    schema = stream.resource.get("schema")
    properties = schema.get("properties") if is_mapping(schema) else None
    found = properties.get(field) if is_mapping(properties) else None
    if is_mapping(found):
        return found
    if is_mapping(properties):
        made: dict[str, object] = {"type": ["string", "null"]}
        properties[field] = made
        return made
    return None


def _typed(
    stream: Stream, field: str, sent: str, read: list[str], made: Section
) -> str:
    """The type of the cursor: `datetime`, `date`, `int` or `str`; the schema is made to say it."""
    epochs = [each for each in read if each in EPOCHS]
    if epochs == read and stream.resource.get("schema") is None:
        # Nothing else says that the cursor is a number.
        column = {field: {"type": ["integer", "null"]}}
        stream.resource["schema"] = Section({"type": "object", "properties": column})
    found = _property(stream, field)
    given = found.get("type") if found is not None else None
    types = [given] if isinstance(given, str) else list(given) if is_list(given) else []
    real = [each for each in types if each != "null"]
    numeric = bool(epochs) and not {"string"} & set(real)
    if found is not None and (
        numeric
        and real != ["integer"]
        or len(real) != 1
        or real[0] in {"object", "array", "boolean"}
    ):
        wanted = "integer" if epochs and "string" not in real else "string"
        for word in ("format", "anyOf", "items", "properties", "enum"):
            found.pop(word, None)
        found["type"] = [wanted, "null"] if "null" in types or not types else wanted
        if real and real != [wanted]:
            stream.notes.changed(
                "cursor-type",
                f"the cursor field {field!r} is {wanted}, as the format of the cursor says",
                stream.part.pointer,
            )
        real = [wanted]
    if real == ["integer"]:
        if not epochs and not (sent in EPOCHS):
            told = f"a cursor that is a number and written as {sent}"
            raise Untranslatable("cursor-number-format", told)
        return "int"
    if real == ["number"]:
        told = f"a cursor that is a fraction and written as {sent}"
        raise Untranslatable("cursor-number-format", told)
    declared = found.get("format") if found is not None else None
    iso = [each for each in read if ISO.fullmatch(each)]
    if declared in {"date-time", "date"} and len(iso) == len(read):
        return "datetime" if declared == "date-time" else "date"
    if found is not None:
        found.pop("format", None)
        found.pop("enum", None)
    patterns = [EPOCHS.get(each) or python_pattern(each) for each in read]
    kept = list(dict.fromkeys(each for each in patterns if each))
    if not kept:
        told = f"a cursor that is text and written as {', '.join(read)}"
        raise Untranslatable("cursor-text-format", told)
    if found is not None and all(ISO.fullmatch(each) for each in read):
        is_day = all(each == "%Y-%m-%d" for each in read)
        found["format"] = "date" if is_day else "date-time"
        stream.notes.changed(
            "cursor-iso",
            f"the cursor field {field!r} is a {'date' if is_day else 'date-time'}, as its "
            "formats say",
            stream.part.pointer,
        )
        return "date" if is_day else "datetime"
    made["cursor_formats"] = kept
    return "str"


def _format(stream: Stream, cursor: Part, sent: str) -> str:
    """How bounds are written."""
    if sent in EPOCHS:
        return EPOCHS[sent]
    if sent == "%Y-%m-%d":
        return "%Y-%m-%d"
    if re.search(r"%(epoch|s_as|_ms|s|ms)", sent):
        if sent.count("%_ms") == 1 and not re.search(
            r"%(epoch|s|ms)", sent.replace("%_ms", "")
        ):
            stream.notes.changed(
                "milliseconds",
                "bounds are sent with six digits of a second, not three",
                cursor.at("datetime_format"),
            )
            return sent.replace("%_ms", "%f")
        raise Untranslatable("cursor-sent-format", f"bounds that are written as {sent}")
    return sent


def _end(stream: Stream, cursor: Part, made: Section) -> None:
    given = cursor.get("end_datetime")
    if isinstance(given, Part):
        given = given.get("datetime")
    if given is None:
        return
    text = str(given)
    if not is_template(text):
        made["end_value"] = text
        return
    found = re.sub(r"\s", "", text)
    if re.fullmatch(r"\{\{(now_utc|today_utc)\(\)(\.\w+\([^()]*\))?\}\}", found):
        return
    if re.search(r"now_utc|today_utc|day_delta", text) and "config" not in text:
        told = "the upper bound is the time of the run: " + " ".join(text.split())[:80]
        stream.notes.changed("end-calculated", told, cursor.at("end_datetime"))
        return
    # The end that a caller gives to the source or to `load()` takes its place.
    told = "the last moment is the argument `end` of `load()`, not a setting"
    stream.notes.changed("end-setting", told, cursor.at("end_datetime"))


def _width(stream: Stream, cursor: Part, made: Section) -> None:
    """Windows and lookback."""
    for key, word in (("lookback_window", "lookback"), ("step", "window")):
        text = cursor.text(key)
        if not text.strip():
            continue
        if is_template(text):
            kept = _setting_width(stream, cursor, key)
            if kept:
                made[word] = kept
                continue
            text = _default_width(stream, cursor, key)
        seconds = length(text)
        if not seconds:
            continue
        if word == "lookback" and re.search(r"\d[YM](?!.*T)", text.partition("T")[0]):
            text = f"P{timedelta(seconds=seconds).days}D"
        made[word] = text.strip()
    if "window" in made and not _sends_end(stream, made):
        # The filter by the end is the connector's, so that windows do not overlap.
        made["client_side"] = True
        stream.notes.changed(
            "window-client-side",
            "no request carries the end of a window: records outside of it are filtered here",
            cursor.at("step"),
        )
    if "window" in made:
        made.pop("end_value", None)


def _sends_end(stream: Stream, made: Section) -> bool:
    return "end_param" in made or "incremental.end_value" in str(
        (stream.endpoint, stream.path)
    )


def _setting_width(stream: Stream, cursor: Part, key: str) -> str:
    """A width whose number is a setting, such as `P{{ config.get("days", 30) }}D`; else empty."""
    match stream.texts("request", cursor).pieces(cursor.text(key)):
        case [str() as start, Piece(setting=setting), str() as end] if setting:
            found = setting.property
            default = stream.settings.default(found)
            number = str(default if default not in (None, "") else 0)
            if not re.fullmatch(r"PT?", start) or not re.fullmatch(r"[WDHMS]", end):
                return ""
            if found.secret or not number.isdigit():
                return ""
            if key == "step" and number == "0":
                return ""
            return f'{start}{{{{ config.get("{found.name}", {number}) }}}}{end}'
        case _:
            return ""


def _default_width(stream: Stream, cursor: Part, key: str) -> str:
    """A width from a setting: the default of that."""
    pieces = stream.texts("request", cursor).pieces(cursor.text(key))
    written = ""
    for each in pieces:
        if isinstance(each, str):
            written += each
            continue
        match = SETTING.search(each.text)
        default = (match[3] or match[4]) if match else None
        if each.setting is not None:
            default = each.setting.property.default or default
            default = (
                default
                if default is not None
                else stream.settings.default(each.setting.property)
            )
        written += str(default or 0)
        name = each.setting.property.name if each.setting else "a setting"
        stream.notes.loss(
            f"{key}-setting",
            f"`{key}` was {name}, and is its default {default or 0}",
            cursor.at(key),
        )
    return written
