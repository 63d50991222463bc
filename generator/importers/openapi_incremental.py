"""Parameters that ask for what changed since a time, and the field of the record that goes with them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.importers.draft import Section
from generator.importers.openapi_operations import Operation, Parameter
from generator.importers.openapi_records import Records
from generator.importers.openapi_shapes import Schema, Shapes
from generator.importers.openapi_words import plain_name

_CHANGED = re.compile(
    r"(min_)?(last_)?(updated|modified|changed|update|modification)"
    r"(_(at|on|date|time|datetime))?"
    r"(_?(since|after|from|min|start|gte|gt|begin_time|start_time|start_date|from_date))"
    r"|(since|if_modified_since|modified_since|from_updated|start_updated|_since)"
)
_OTHER = re.compile(
    r"(created|creation)\w*_(since|after|min|from|gte)|start_(time|date)|from(_date)?|since_time"
)
_ABOUT_CHANGE = re.compile(r"\b(updat|modif|chang)\w+", re.IGNORECASE)
_FIELDS = tuple("""
    updated_at modified_at updated_on modified_on last_modified last_updated updated modified
    last_modified_at last_updated_at update_time modified_time updated_time date_updated
    date_modified last_modified_date modified_date updated_date date_last_updated
    last_modified_time last_update changed_at updated_date_utc
    """.split())


@dataclass(frozen=True, slots=True)
class Incremental:
    """A cursor for the spec, or a hint in a comment."""

    value: Section | None
    why: str


def change_field(records: Records, shapes: Shapes) -> str | None:
    """The field of a record that says when it was changed last."""
    fields = {plain_name(n): n for n in reversed(shapes.fields(records.item))}
    return next((fields[n] for n in _FIELDS if n in fields), None)


def find_incremental(
    operation: Operation, records: Records, shapes: Shapes
) -> Incremental | None:
    """The incremental loading that an operation offers; None without a sign of it."""
    cursor = change_field(records, shapes)
    if operation.method != "GET":
        return None
    for each in operation.parameters:
        name = plain_name(each.name.replace("[", "_").replace("]", ""))
        if each.where != "query" or shapes.types(each.schema) - {
            "string",
            "integer",
            "number",
        }:
            continue
        if not _CHANGED.fullmatch(name):
            continue
        if name in ("since", "_since") and not _is_about_change(each, name):
            continue
        if cursor is None:
            why = (
                f"`{each.name}` filters by change; no field of the record goes with it"
            )
            return Incremental(None, why)
        field = shapes.fields(records.item)[cursor]
        return Incremental(
            _value(cursor, each, field, shapes),
            f"`{each.name}` asks for what changed since",
        )
    other = next((p.name for p in operation.parameters if _is_other(p)), None)
    if other is None:
        return None
    return Incremental(None, f"`{other}` filters by time, which may serve as a cursor")


def _is_other(parameter: Parameter) -> bool:
    name = plain_name(parameter.name.replace("[", "_").replace("]", ""))
    return parameter.where == "query" and bool(_OTHER.fullmatch(name))


def _is_about_change(parameter: Parameter, name: str) -> bool:
    """Whether a bare `since` means the time of a change; `_since` is made for that."""
    return name == "_since" or bool(_ABOUT_CHANGE.search(parameter.description))


def _value(cursor: str, parameter: Parameter, field: Schema, shapes: Shapes) -> Section:
    value = Section({"cursor_path": cursor, "start_param": parameter.name})
    types = shapes.types(field)
    sent = shapes.resolved(parameter.schema)
    if "string" in types:
        by_number = shapes.types(sent) & {"integer", "number"}
        if sent.get("format") == "date":
            value["format"] = "date"
        elif by_number:
            value["format"] = "epoch"
    return value
