"""What a request has to carry besides its page: required parameters, versions, media types."""

from __future__ import annotations

import re

from generator.importers.draft import Section
from generator.importers.openapi_operations import Operation, Parameter
from generator.importers.openapi_question import Paging
from generator.importers.openapi_shapes import Schema, Shapes
from generator.naming import snake
from generator.plain import is_list

_NEVER = frozenset(("authorization", "content-type", "host", "user-agent", "cookie"))
_VERSION = re.compile(r"version|revision", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}")


def put_arguments(
    endpoint: Section, operation: Operation, paging: Paging, shapes: Shapes
) -> None:
    """Writes `params`, `json` and `headers` of an endpoint."""
    params, headers = Section(), Section()
    params.update(operation.fixed)
    params.update(paging.fixed)
    taken = {value for value in paging.paginator.values() if isinstance(value, str)}
    for each in operation.parameters:
        value = _value(each, shapes)
        if each.where == "query" and each.required and each.name not in taken:
            why = (
                ""
                if _is_argument(value)
                else "required; the only value, or the default"
            )
            params.put(each.name, value, why)
        elif each.where == "header" and _HEADER.fullmatch(each.name):
            _put_header(headers, each, value)
    media = operation.media_type
    if media and not media.startswith("application/json") and "*" not in media:
        headers.setdefault("Accept", media)
    if params:
        endpoint["params"] = params
    if operation.method == "POST":
        _put_body(endpoint, operation, paging, shapes)
    if headers:
        endpoint["headers"] = headers


def _put_header(headers: Section, each: Parameter, value: str) -> None:
    if each.name.lower() in _NEVER:
        return
    told = not _is_argument(value)
    if each.required or (told and _VERSION.search(each.name)):
        headers.put(each.name, value, "" if told else "an argument of the source")


def _put_body(
    endpoint: Section, operation: Operation, paging: Paging, shapes: Shapes
) -> None:
    """The fields that the body must have; lists and objects are left to a person."""
    body = Section()
    fields = shapes.fields(operation.body)
    taken = {str(value).split(".")[0] for value in paging.paginator.values()}
    for name in sorted(shapes.required(operation.body) & set(fields)):
        schema = fields[name]
        if name in taken:
            continue
        if shapes.types(schema) & {"array", "object"}:
            body.todo(name, f"the body needs `{name}`, which is no single value")
            continue
        parameter = Parameter(name, "body", True, schema, "")
        body[name] = _value(parameter, shapes)
    if body or body.notes:
        endpoint["json"] = body


def _value(each: Parameter, shapes: Shapes) -> str:
    """The only value or the default, else the name of an argument."""
    schema: Schema = shapes.resolved(each.schema)
    values = schema.get("enum")
    told = schema.get("default", schema.get("const"))
    if told is None and is_list(values) and len(values) == 1:
        told = values[0]
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(told, str | int | float) and str(told) and "{" not in str(told):
        return str(told)
    return f'dlt.config["{snake(each.name) or "value"}"]'


def _is_argument(value: str) -> bool:
    return value.startswith("dlt.config[")
