"""Record selectors, filters and transformations: where records are and how they are changed."""

from __future__ import annotations

import re

from jinja2 import nodes

from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.pieces import Piece, constant
from generator.importers.airbyte.templates import (
    code_of,
    is_template,
    parsed,
    value_of,
)
from generator.plain import is_list, is_mapping

_CASTS = {"integer": "int", "number": "float", "string": "string"}


_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def select(stream: Stream, selector: Part) -> None:
    """The selector of the records, and their filter."""
    extractor = selector.part("extractor")
    if extractor is not None:
        _extractor(stream, extractor)
    condition = selector.part("record_filter")
    if condition is not None:
        _filter(stream, condition)
    normalization = selector.get("schema_normalization")
    if isinstance(normalization, Part):
        _hook(stream, "record", normalization, "normalize")


def _extractor(stream: Stream, extractor: Part) -> None:
    if extractor.kind.startswith("Custom"):
        stream.hooks["response"] = stream.hook("records_of")
        _note_hook(stream, extractor, "response", stream.hooks["response"])
        return
    if extractor.get("record_expander") is not None:
        stream.notes.loss("record-expander", "`record_expander`", extractor.pointer)
    try:
        steps = _steps(stream, extractor)
    except Untranslatable as error:
        stream.notes.failed(error, extractor.at("field_path"))
        return
    if steps:
        plain_ = all(
            isinstance(each, str) and re.fullmatch(r"[A-Za-z_]\w*", each)
            for each in steps
        )
        stream.endpoint["data_selector"] = (
            ".".join(str(each) for each in steps) if plain_ else steps
        )
    else:
        stream.endpoint["data_selector"] = ""


def _steps(stream: Stream, extractor: Part) -> list[str | int]:
    given = extractor.get("field_path")
    steps = given if is_list(given) else [given] if isinstance(given, str) else []
    texts = stream.texts("request", extractor)
    found: list[str | int] = []
    for step in steps:
        if not isinstance(step, str):
            found.append(step if isinstance(step, int) else str(step))
            continue
        pieces = texts.pieces(step)
        if not all(isinstance(each, str) for each in pieces):
            raise Untranslatable(
                "selector-computed", "a path of records that is calculated"
            )
        text = "".join(str(each) for each in pieces)
        if text == "**" or "*" in text.replace("*", "", 1):
            raise Untranslatable("selector-glob", "`**` in a path of records")
        found.extend([text] if text else [])
    return found


def _filter(stream: Stream, condition: Part) -> None:
    if condition.kind.startswith("Custom"):
        _hook(stream, "record", condition, "keep")
        return
    text = condition.text("condition")
    if not text.strip():
        return
    if re.search(r"stream_(interval|slice|partition)|stream_state", text) and re.search(
        r"start_time|end_time|stream_state", text
    ):
        # A filter by the window is what `client_side` does.
        raise_client_side(stream, condition)
        return
    try:
        piece = stream.texts("record", condition).expression(text)
    except Untranslatable as error:
        stream.notes.failed(error, condition.at("condition"))
        return
    if piece.is_constant:
        if not piece.constant:
            stream.notes.loss(
                "filter-all", "a filter that keeps nothing", condition.pointer
            )
        return
    stream.resource["filter"] = "{{ " + piece.text + " }}"


def raise_client_side(stream: Stream, condition: Part) -> None:
    """Marks the cursor as filtering here."""
    incremental = stream.endpoint.get("incremental")
    if is_mapping(incremental):
        incremental["client_side"] = True
        stream.notes.changed(
            "client-side",
            "the filter by the window is `client_side`",
            condition.at("condition"),
        )
    else:
        stream.notes.loss(
            "filter-window", "a filter by the window", condition.at("condition")
        )


def transform(stream: Stream) -> None:
    """The transformations, in the fixed order of the spec."""
    added: dict[str, Piece] = {}
    for part in stream.part.parts("transformations"):
        try:
            _transformation(stream, part, added)
        except Untranslatable as error:
            stream.notes.failed(error, part.pointer)
    if added:
        made: dict[str, object] = {}
        for name, piece in added.items():
            keys = name.split("\x00")
            current = made
            for key in keys[:-1]:
                inner = current.setdefault(key, {})
                assert is_mapping(inner)
                current = inner
            current[keys[-1]] = value_of(piece)
        stream.resource["add"] = made


def _transformation(stream: Stream, part: Part, added: dict[str, Piece]) -> None:
    match part.kind:
        case "AddFields":
            condition = _condition(stream, part)
            for field in part.parts("fields"):
                _add(stream, part, field, condition, added)
        case "RemoveFields":
            if _condition(stream, part) is not None:
                raise Untranslatable(
                    "remove-condition", "fields that are removed of some records"
                )
            _remove(stream, part, added)
        case "DpathFlattenFields" | "FlattenFields":
            _flatten(stream, part)
        case "KeysReplace":
            raise Untranslatable("keys-replace", "`KeysReplace`")
        case "KeysToLower" | "KeysToSnakeCase":
            raise Untranslatable("keys-case", f"`{part.kind}`")
        case kind if kind.startswith("Custom"):
            _hook(stream, "record", part, "change")
        case kind:
            raise Untranslatable(f"transformation-{kind}", f"`{kind}`")


def _condition(stream: Stream, part: Part) -> Piece | None:
    text = part.text("condition")
    if not text.strip():
        return None
    piece = stream.texts("record", part).expression(text)
    return None if piece.is_constant and piece.constant else piece


def _add(
    stream: Stream,
    part: Part,
    field: Part,
    condition: Piece | None,
    added: dict[str, Piece],
) -> None:
    path = plain(field.get("path"))
    keys = [str(each) for each in path] if is_list(path) else [str(path)]
    texts = stream.texts("record", field)
    keys = [texts.text(each) if is_template(each) else each for each in keys]
    if not all(keys):
        raise Untranslatable("add-path", "a field without a name")
    value = _bare(field.get("value"))
    for name, known in added.items():
        texts.names.added[name] = known
    node = _object(value)
    if node is not None and condition is None:
        for key, each in texts.entries(node):
            added["\x00".join([*keys, key])] = code_of(each)
        return
    piece = (
        texts.expression(value)
        if isinstance(value, str) and is_template(value)
        else None
    )
    if piece is None:
        piece = constant(plain(value))
    cast = _CASTS.get(field.text("value_type"))
    if cast and not piece.is_constant:
        piece = Piece(f"{piece.inner} | {cast}", False)
    if len(keys) > 1:
        if not any(name.split("\x00")[0] == keys[0] for name in added):
            _check_new(stream, keys)
    if condition is not None:
        other = added.get("\x00".join(keys))
        left = (
            other.inner if other else "record" + "".join(f"[{key!r}]" for key in keys)
        )
        piece = Piece(f"{piece.inner} if {condition.inner} else {left}", False)
    added["\x00".join(keys)] = piece


def _bare(value: object) -> object:
    """A text without the quotes around its templates: Airbyte reads them as those of Python."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    quote = text[:1]
    if quote not in {"'", '"'} or len(text) < 2 or text[-1] != quote:
        return value
    inner = text[1:-1]
    return value if quote in _TEMPLATE.sub("", inner) else inner


def _object(value: object) -> nodes.Dict | None:
    """The object that a text is as a whole."""
    if isinstance(value, str) and is_template(value):
        match parsed(value):
            case [nodes.Output(nodes=[nodes.Dict() as node])]:
                return node
            case _:
                pass
    return None


def _check_new(stream: Stream, keys: list[str]) -> None:
    """A field within an object can be added where the API's record has no such object."""
    raise Untranslatable("add-nested", "a field that is added within an object")


def _remove(stream: Stream, part: Part, added: dict[str, Piece]) -> None:
    drop = stream.resource.setdefault("drop", [])
    assert is_list(drop)
    pointers = plain(part.get("field_pointers"))
    for pointer in pointers if is_list(pointers) else ():
        keys = [str(each) for each in pointer] if is_list(pointer) else [str(pointer)]
        if any(key == "**" or ("*" in key and key != "*") for key in keys):
            raise Untranslatable("remove-glob", "fields that are removed by a pattern")
        if "\x00".join(keys) in added:
            del added["\x00".join(keys)]
        text = ".".join(
            key if re.fullmatch(r"[^.\[\]'\"()?]+", key) else f"['{key}']"
            for key in keys
        )
        if text not in drop:
            drop.append(text)
    if not drop:
        del stream.resource["drop"]


def _flatten(stream: Stream, part: Part) -> None:
    path = plain(part.get("field_path"))
    keys = [str(each) for each in path] if is_list(path) else []
    if part.kind == "FlattenFields" or len(keys) != 1 or keys[0] in {"*", "**"}:
        raise Untranslatable("flatten", "an object within an object that is flattened")
    if is_template(keys[0]):
        keys = [stream.texts("request", part).text(keys[0])]
    prefix = ""
    transformation = part.part("key_transformation")
    if transformation is not None:
        if transformation.get("suffix"):
            raise Untranslatable("flatten", "flattened fields with a suffix")
        prefix = transformation.text("prefix")
    flatten = stream.resource.setdefault("flatten", {})
    assert is_mapping(flatten)
    flatten[keys[0]] = prefix
    if not part.get("delete_origin_value") and not part.get("replace_record"):
        stream.notes.changed(
            "flatten-origin",
            f"the object {keys[0]!r} is not kept beside its flattened fields",
            part.pointer,
        )
    if part.get("replace_record"):
        stream.resource["select"] = keys


def _hook(stream: Stream, kind: str, part: Part, verb: str) -> None:
    name = stream.hooks.setdefault(kind, stream.hook(verb))
    _note_hook(stream, part, kind, name)


def _note_hook(stream: Stream, part: Part, kind: str, name: str) -> None:
    class_name = part.text("class_name").rpartition(".")[2] or part.kind
    stream.notes.hook(
        f"hook-{kind}",
        f"write `{name}` in hooks.py: what the Python class {class_name} did",
        part.pointer,
    )
