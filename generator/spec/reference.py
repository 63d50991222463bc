"""The language on one page of Markdown: every key with type, default, meaning and an example."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from generator.plain import is_list, is_mapping
from generator.spec.base import SpecModel, field_keys
from generator.spec.document import Spec
from generator.spec.examples import EXAMPLES, SECTIONS, Section, holder_of
from generator.spec.reference_expressions import (
    LINT,
    TITLE,
    expressions,
    warnings,
)
from generator.spec.schema import descriptions

_INTRO = """\
# The spec language

A spec is one YAML or JSON file. This page names every key; `spec.schema.json` beside it
is the same for editors. Both are made from the language's definition by `make docs`.

A small, whole spec:

```yaml
connector: tickets
client:
  base_url: https://api.example.com/v1
  auth: {type: bearer, token: 'dlt.secrets["token"]'}
resources:
  - name: tickets
    primary_key: id
    write_disposition: merge
    endpoint:
      path: tickets
      data_selector: data
      paginator: {type: cursor, cursor_path: meta.next, cursor_param: cursor}
```
"""

_PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "any value",
}


def reference() -> str:
    """The text of docs/spec.md."""
    titles = [*(section.title for section in SECTIONS), TITLE, LINT]
    contents = "\n".join(f"- [{title}](#{_anchor(title)})" for title in titles)
    parts = [_INTRO, contents + "\n"]
    parts.extend(_section(section) for section in SECTIONS)
    return "\n".join([*parts, expressions(), warnings()])


def _section(section: Section) -> str:
    lines = [f"## {section.title}", "", section.text]
    first = next(iter(section.models)) if section.shared else None
    for model in section.models:
        lines.append("")
        if len(section.models) > 1:
            lines += [f"### {_kind(model)}", ""]
            lines += [" ".join((model.__doc__ or "").split()), ""]
        lines += _keys(model, first)
    return "\n".join(lines).rstrip() + "\n"


def _kind(model: type[SpecModel]) -> str:
    """`type: offset`, or what the model is where it has no type."""
    field = model.model_fields.get("type")
    literal = field is not None and get_origin(field.annotation) is Literal
    kinds = get_args(field.annotation) if field is not None and literal else ()
    named = " or ".join(f"`type: {kind}`" for kind in kinds)
    return named or holder_of(model).title


def _keys(model: type[SpecModel], shared: type[SpecModel] | None) -> Iterator[str]:
    """One entry a key; those of `shared` are told once, at that model."""
    told = descriptions(model)
    for name, field in model.model_fields.items():
        if (name == "type" and "type" not in told) or (
            shared not in (None, model) and name in shared.model_fields
        ):
            continue
        first, *others = field_keys(name, field)
        also = "".join(f", or `{other}`" for other in others)
        default = "" if field.is_required() else _default(field)
        yield f"**`{first}`**{also} · {type_of(field)}{default}  "
        yield told.get(first, "")
        yield ""
        yield "```yaml"
        yield from example(model, name)
        yield "```"
        yield ""


def example(model: type[SpecModel], name: str) -> tuple[str, str]:
    """Two lines of YAML: where the key stands, and the key with a value."""
    holder = holder_of(model)
    entries = example_value(model, name)
    if model is Spec and name == "version":
        return "version: 1", "connector: tickets"
    alone = len(entries) == 1 and not holder.item
    shown = ", ".join(f"{key}: {flow(value)}" for key, value in entries.items())
    line = shown if alone else f"{{{shown}}}"
    indent = "" if holder.line == "version: 1" else "  "
    return holder.line, f"{indent}{'- ' if holder.item else ''}{line}"


def example_value(model: type[SpecModel], name: str) -> dict[str, object]:
    """The smallest mapping that has the key and whatever else must be there."""
    entries: dict[str, object] = {}
    for each, field in model.model_fields.items():
        key = field_keys(each, field)[0]
        if each == "type" and get_origin(field.annotation) is Literal:
            entries[key] = get_args(field.annotation)[0]
        elif each == name or (field.is_required() and model is not Spec):
            entries[key] = _sample(model, each)
    return entries


def _sample(model: type[SpecModel], name: str) -> object:
    """The example of a key, as the class that declares it has it or its heir."""
    for base in model.__mro__:
        if (base.__name__, name) in EXAMPLES:
            return EXAMPLES[base.__name__, name]
    raise KeyError(f"no example of {model.__name__}.{name}")


def flow(value: object) -> str:
    """A value as YAML on one line."""
    if is_mapping(value):
        return f"{{{', '.join(f'{key}: {flow(each)}' for key, each in value.items())}}}"
    if is_list(value):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str) and not _is_plain(value):
        return "'" + value.replace("'", "''") + "'"
    return value if isinstance(value, str) else json.dumps(value)


def _is_plain(text: str) -> bool:
    """YAML reads it as the same text without quotes, in flow style too."""
    special = set("{}[],&*#?|<>=!%@`\"':\\") & set(text.replace("://", ""))
    words = {"true", "false", "null", "yes", "no", "on", "off", "~", ""}
    start = text[:1]
    return (
        not special
        and text.lower() not in words
        and (start.isalpha() or start in "/_$")
        and text == text.strip()
    )


def _default(field: FieldInfo) -> str:
    if field.default is None or field.default is PydanticUndefined:
        return ""
    return f" · default `{flow(field.default)}`"


def type_of(field: FieldInfo) -> str:
    """The type in words; `required` where the key must be there."""
    said = _type(field.annotation, list(field.metadata))
    return f"{said}, required" if field.is_required() else said


def _type(annotation: Any, metadata: list[Any]) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], [*arguments[1:], *metadata])
    if origin is Literal:
        return " or ".join(f"`{flow(each)}`" for each in arguments)
    if origin in (Union, UnionType):
        kinds = [each for each in arguments if each is not NoneType]
        return " or ".join(dict.fromkeys(_type(each, metadata) for each in kinds))
    if origin is list:
        return f"list of {_type(arguments[0], [])}"
    if origin is dict:
        return f"mapping of names to {_type(arguments[1], [])}"
    if isinstance(annotation, type) and issubclass(annotation, SpecModel):
        holder = holder_of(annotation)
        return f"[{holder.title}](#{_anchor(holder.section)})"
    return _PLAIN.get(annotation, "any value") + _bounds(metadata)


def _bounds(metadata: list[Any]) -> str:
    for each in metadata:
        match each:
            case Ge():
                return f" from {each.ge}"
            case Gt():
                return f" above {each.gt}"
            case Le() | Lt() | MinLen() | _:
                continue
    return ""


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-").replace(",", "")


if __name__ == "__main__":
    print(reference(), end="")
