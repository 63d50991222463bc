"""Plain data to the models of the language; pydantic's errors become diagnostics with positions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.diagnostics import Collector, nearest, shown
from generator.document import Document, Pointer
from generator.plain import is_list, is_mapping
from generator.spec import NOT_YET, Spec, SpecModel, field_keys

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "union_tag_not_found": "a mapping with a `type`",
}


def validate(document: Document, collector: Collector) -> Spec | None:
    """The spec as models, or None with at least one error in the collector."""
    try:
        spec = Spec.model_validate(document.data)
    except ValidationError as error:
        _report(document, error.errors(include_url=False), collector)
        return None
    for pointer, key in _not_yet(spec, document.data, ()):
        collector.error(
            document.locate((*pointer, key), key=True),
            "not-supported-yet",
            f"`{key}` is part of the language, but not supported yet",
            "leave it out, or write what it does into your pipeline",
        )
    return spec


def _report(
    document: Document, errors: list[ErrorDetails], collector: Collector
) -> None:
    """One diagnostic a place: the branches of a union are told as one."""
    places: dict[Pointer, list[ErrorDetails]] = {}
    for error in errors:
        pointer = _pointer(document.data, error["loc"], error["type"])
        places.setdefault(pointer, []).append(error)
    for pointer, found in places.items():
        if _all_types(found) and any(_below(other, pointer) for other in places):
            continue  # another branch of the union got further
        _report_place(document, pointer, found, collector)


def _all_types(errors: list[ErrorDetails]) -> bool:
    return all(error["type"] in _WANTED for error in errors)


def _below(pointer: Pointer, top: Pointer) -> bool:
    return len(pointer) > len(top) and pointer[: len(top)] == top


def _report_place(
    document: Document,
    pointer: Pointer,
    errors: list[ErrorDetails],
    collector: Collector,
) -> None:
    error = errors[0]
    kind = error["type"]
    name = str(pointer[-1]) if pointer else "the spec"
    if kind == "extra_forbidden":
        known = sorted(_keys_at(pointer[:-1], document.data))
        collector.error(
            document.locate(pointer, key=True),
            "unknown-key",
            f"unknown key {shown(name)}",
            nearest(name, known) or f"known here: {', '.join(known)}",
        )
    elif kind == "missing":
        collector.error(
            document.locate(pointer),
            "missing-key",
            f"the key `{error['loc'][-1]}` is missing",
        )
    elif kind in {"literal_error", "union_tag_invalid"}:
        context = error.get("ctx", {})
        wanted = str(context.get("expected", context.get("expected_tags", "")))
        words = [
            word.strip().strip("'") for word in wanted.replace(" or ", ", ").split(",")
        ]
        at = (*pointer, "type") if kind == "union_tag_invalid" else pointer
        got = context.get("tag", error["input"])
        collector.error(
            document.locate(at),
            "wrong-value",
            f"{shown(got)} is not one of {', '.join(words)}",
            nearest(str(got), words),
        )
    elif _all_types(errors):
        wanted = " or ".join(dict.fromkeys(_WANTED[each["type"]] for each in errors))
        collector.error(
            document.locate(pointer),
            "wrong-type",
            f"`{name}` must be {wanted}, not {shown(error['input'])}",
        )
    else:
        collector.error(
            document.locate(pointer),
            "wrong-value",
            f"`{name}`: {error['msg'].lower()}",
        )


def _pointer(data: object, loc: tuple[int | str, ...], kind: str) -> Pointer:
    """pydantic's location without the names of union branches, which are not in the data."""
    steps: list[int | str] = []
    current = data
    union_next = False
    for step in loc:
        if union_next:
            union_next = False
            continue
        if is_mapping(current) and isinstance(step, str) and step in current:
            in_methods = bool(steps) and steps[-1] == "methods"
            union_next = step in {"auth", "paginator"} or in_methods
            current = current[step]
        elif is_list(current) and isinstance(step, int) and step < len(current):
            current = current[step]
        else:
            continue
        steps.append(step)
    if kind == "extra_forbidden" and loc and (not steps or steps[-1] != loc[-1]):
        steps.append(loc[-1])
    return tuple(steps)


def _keys_at(pointer: Pointer, data: object) -> set[str]:
    """The keys that the language knows at a place, to suggest the nearest spelling."""
    models: list[type[SpecModel]] = [Spec]
    for step in pointer:
        if isinstance(step, int):
            data = data[step] if is_list(data) else None
            continue
        data = data.get(step) if is_mapping(data) else None
        fields = [
            field
            for model in models
            for name, field in model.model_fields.items()
            if step in field_keys(name, field)
        ]
        if fields:
            models = [each for field in fields for each in _models_in(field.annotation)]
            models = [each for each in models if _fits(each, data)] or models
    return {
        key
        for model in models
        for name, field in model.model_fields.items()
        for key in field_keys(name, field)
    }


def _fits(model: type[SpecModel], data: object) -> bool:
    if not is_mapping(data):
        return True
    if "methods" in data:
        return "methods" in model.model_fields
    if "type" not in data:
        return True
    field = model.model_fields.get("type")
    return field is not None and data["type"] in get_args(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[SpecModel]]:
    if isinstance(annotation, type) and issubclass(annotation, SpecModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _not_yet(
    value: object, data: object, pointer: Pointer
) -> Iterator[tuple[Pointer, str]]:
    """Where the spec uses a key, or a kind, that is marked as not supported yet."""
    if isinstance(value, SpecModel) and is_mapping(data):
        for name, field in type(value).model_fields.items():
            keys = field_keys(name, field)
            key = next((each for each in keys if each in data), None)
            if key is None or data[key] is None:
                continue
            extra = field.json_schema_extra
            if is_mapping(extra) and extra.get(NOT_YET):
                yield pointer, key
            else:
                yield from _not_yet(getattr(value, name), data[key], (*pointer, key))
    elif is_mapping(value) and is_mapping(data):
        for key, inner in value.items():
            yield from _not_yet(inner, data.get(key), (*pointer, key))
    elif is_list(value) and is_list(data):
        for index, (inner, raw) in enumerate(zip(value, data, strict=True)):
            yield from _not_yet(inner, raw, (*pointer, index))
