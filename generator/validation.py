"""Plain data to the models of the language; pydantic's errors become diagnostics with positions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.diagnostics import Collector, nearest, shown
from generator.document import Document, Pointer
from generator.foreign_words import FOREIGN_KEYS, FOREIGN_WORDS
from generator.plain import is_list, is_mapping
from generator.spec import (
    Client,
    Endpoint,
    Incremental,
    OffsetPaginator,
    Resource,
    ResourceOptions,
    Spec,
    SpecModel,
    field_keys,
)

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
_MUST = {
    "greater_than": "must be greater than {gt:g}, not {given}",
    "greater_than_equal": "must be {ge:g} or more, not {given}",
    "less_than_equal": "must be {le:g} or less, not {given}",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}
_NO_KINDS = frozenset({"auto", "methods"})
"""Tags of unions that are no kinds to choose."""
_SHORT_FORMS = {("decoder",), ("endpoint",), ("paginator",), ("auth",)}
"""Keys that take text as the short form of a mapping."""


def validate(document: Document, collector: Collector) -> Spec | None:
    """The spec as models, or None with at least one error in the collector."""
    try:
        return Spec.model_validate(document.data)
    except ValidationError as error:
        report(document, error.errors(include_url=False), collector)
        return None


def sound(document: Document) -> tuple[Spec, frozenset[int]] | None:
    """What can still be cross-checked of a spec that is not valid, and the resources that cannot.

    A resource with a mistake is one without any content, so that others find its name. None where
    a mistake elsewhere means something for all resources.
    """
    data = document.data
    listed = data.get("resources") if is_mapping(data) else None
    if not is_mapping(data) or not is_list(listed):
        return None
    try:
        Spec.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
    else:
        return None
    broken: set[int] = set()
    for each in found:
        match each["loc"]:
            case ("resources", int() as index, *_):
                broken.add(index)
            case _:
                return None
    resources = list(listed)
    for index in broken:
        whole = resources[index]
        name = whole.get("name") if is_mapping(whole) else None
        if not isinstance(name, str):
            return None
        resources[index] = {"name": name}
    try:
        return Spec.model_validate({**data, "resources": resources}), frozenset(broken)
    except ValidationError:
        return None


def report(
    document: Document,
    errors: list[ErrorDetails],
    collector: Collector,
    model: type[SpecModel] | None = None,
) -> None:
    """One diagnostic a place: the branches of a union are told as one.

    `model`: what the errors are about, where their place does not tell.
    """
    places: dict[Pointer, list[ErrorDetails]] = {}
    for error in errors:
        pointer = _pointer(document.data, error["loc"], error["type"])
        places.setdefault(pointer, []).append(error)
    for pointer, found in places.items():
        if _all_types(found) and any(_below(other, pointer) for other in places):
            continue  # another branch of the union got further
        models = [model] if model else _models_at(pointer[:-1], document.data)
        _report_place(document, pointer, found, models, collector)


def _all_types(errors: list[ErrorDetails]) -> bool:
    return all(error["type"] in _WANTED for error in errors)


def _below(pointer: Pointer, top: Pointer) -> bool:
    return len(pointer) > len(top) and pointer[: len(top)] == top


def _report_place(
    document: Document,
    pointer: Pointer,
    errors: list[ErrorDetails],
    models: list[type[SpecModel]],
    collector: Collector,
) -> None:
    error = errors[0]
    kind = error["type"]
    name = _name(pointer)
    if any(name in model.PYTHON_ONLY for model in models):
        collector.error(
            document.locate(pointer, key=True),
            "python-object",
            f"`{name}` is a Python object, which a spec cannot hold",
            "leave it out: the client takes `transport=`, and proxies and certificates come "
            "from the environment",
        )
    elif kind == "extra_forbidden":
        known = sorted(_keys(models))
        hint = FOREIGN_KEYS.get(name, "") or _elsewhere(name, models)
        hint = hint or nearest(name, known)
        collector.error(
            document.locate(pointer, key=True),
            "unknown-key",
            f"unknown key {shown(name)}",
            hint or f"known here: {', '.join(known)}",
        )
    elif kind == "missing":
        key = str(error["loc"][-1])
        collector.error(
            document.locate(pointer, key=True),
            "missing-key",
            f"the key `{key}` is missing",
            _MISSING.get(key, ""),
        )
    elif kind in {"literal_error", "union_tag_invalid"}:
        context = error.get("ctx", {})
        wanted = str(context.get("expected", context.get("expected_tags", "")))
        words = [
            word.strip().strip("'") for word in wanted.replace(" or ", ", ").split(",")
        ]
        words = [word for word in words if word not in _NO_KINDS]
        at = (*pointer, "type") if kind == "union_tag_invalid" else pointer
        got = context.get("tag", error["input"])
        collector.error(
            document.locate(at),
            "wrong-value",
            f"{shown(got)} is not one of {', '.join(words)}",
            FOREIGN_WORDS.get(f"{name}={got}")
            or FOREIGN_WORDS.get(str(got))
            or nearest(str(got), words),
        )
    elif _all_types(errors):
        kinds = [_WANTED[each["type"]] for each in errors]
        if pointer[-1:] in _SHORT_FORMS or pointer[:-1] == ("resources",):
            kinds.insert(0, "text")
        if "a number" in kinds:
            kinds = [kind for kind in kinds if kind != "a whole number"]
        collector.error(
            document.locate(pointer),
            "wrong-type",
            f"`{name}` must be {' or '.join(dict.fromkeys(kinds))}, "
            f"not {_given(error['input'])}",
            _shape_hint(name, kinds, error["input"]),
        )
    else:
        said = f": {error['msg'].lower()}"
        if kind in _MUST:
            given = {**error.get("ctx", {}), "given": _given(error["input"])}
            said = f" {_MUST[kind].format_map(given)}"
        collector.error(document.locate(pointer), "wrong-value", f"`{name}`{said}")


def _elsewhere(name: str, models: list[type[SpecModel]]) -> str:
    """Where a key belongs that is right at another level."""
    for model, places in _LEVELS.items():
        if any(issubclass(each, model) for each in models):
            for other, told in places:
                if name in _keys([other]):
                    return told
    return ""


def _shape_hint(name: str, kinds: list[str], value: object) -> str:
    """What to write where a value has another shape than it should."""
    if name == "auth" and is_list(value):
        return "several methods are a mapping: `methods: { first: …, second: … }`"
    if name in {"resources", "rules", "processing_steps"} and is_mapping(value):
        return f"write each as an item: `- {'name: …' if name == 'resources' else '{ … }'}`"
    if kinds == ["a list"] and isinstance(value, str | int) and len(str(value)) < 40:
        return f"write [{value}]"
    if "a mapping with a `type`" in kinds and is_mapping(value):
        return "write `type:`, which kind it is"
    if name == "backoff" and isinstance(value, str):
        return f"write {{ type: {value} }}"
    if isinstance(value, str) and _CLASS.fullmatch(value):
        return "write each status: 500, 502, 503, 504"
    if name in {"start_datetime", "end_datetime"}:
        return 'write the time itself, or `dlt.config["name"]`'
    return ""


_CLASS = re.compile(r"[1-5][xX]{2}")
_MISSING = {
    "login": "write `login: { url: … }`, the request whose answer has the token",
    "client": "write `client: { base_url: https://… }`",
    "name": "write `name: …`, what the resource and its table are called",
    "resources": "write `resources:` with an item `- name: …` for each endpoint",
    "type": "write `type:`, which kind it is",
}
_LEVELS: dict[type[SpecModel], tuple[tuple[type[SpecModel], str], ...]] = {
    Spec: (
        (Client, "it belongs into `client`"),
        (ResourceOptions, "it belongs into a resource, or into `resource_defaults`"),
    ),
    ResourceOptions: (
        (Endpoint, "it belongs into the resource's `endpoint`"),
        (Client, "it belongs into `client`"),
    ),
    Endpoint: (
        (Resource, "it belongs into the resource, beside `endpoint`"),
        (OffsetPaginator, "it belongs into `paginator`"),
        (Incremental, "it belongs into `incremental`"),
    ),
    Client: (
        (ResourceOptions, "it belongs into a resource, or into `resource_defaults`"),
        (Endpoint, "it belongs into a resource's `endpoint`"),
    ),
}
"""For each level, the others and what is said of their keys there."""


def _name(pointer: Pointer) -> str:
    """The key that a message is about, `key[index]` for an item of a list."""
    match pointer:
        case (*_, key, int() as index):
            return f"{key}[{index}]"
        case (*_, key):
            return str(key)
        case _:
            return "the spec"


def _given(value: object) -> str:
    """What the spec has instead, in YAML's words."""
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else shown(value)


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


def _models_at(pointer: Pointer, data: object) -> list[type[SpecModel]]:
    """The models that a place of the spec can be, by its keys and its `type`."""
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
    return models


def _keys(models: list[type[SpecModel]]) -> set[str]:
    """The keys that the language knows at a place, to suggest the nearest spelling."""
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
