"""Record schemas: what of them is JSON Schema that means something."""

from __future__ import annotations

import re
from pathlib import Path

from generator.diagnostics import Collector
from generator.document import parse
from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.draft import Section
from generator.plain import is_list, is_mapping

_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
_WRONG_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}
_FORMATS = frozenset({"date-time", "date", "time", "uri", "email", "uuid"})
_MAX_BYTES = 5_000_000


def schema(stream: Stream, folder: Path | None) -> Section | None:
    """The record schema of a stream; None where it has none."""
    loader = stream.part.part("schema_loader")
    if loader is None:
        return None
    found: object = None
    match loader.kind:
        case "InlineSchemaLoader":
            found = plain(loader.get("schema"))
        case "JsonFileSchemaLoader":
            found = _file(stream, loader, folder)
        case "DynamicSchemaLoader":
            told = "the schema comes of an endpoint: the records are open"
            stream.notes.changed("dynamic-schema", told, loader.pointer)
        case _:
            told = "the schema comes of a Python class: the records are open"
            stream.notes.changed("custom-schema", told, loader.pointer)
    if not is_mapping(found) or not found:
        return None
    made = _cleaned(found)
    made["type"] = "object"
    return Section(made)


def _file(stream: Stream, loader: Part, folder: Path | None) -> object:
    """A schema that lies beside the manifest, nowhere else."""
    text = loader.text("file_path") or f"./schemas/{stream.name}.json"
    try:
        text = stream.texts("request", loader).text(text)
    except Untranslatable:
        text = ""
    name = re.sub(r"^\./", "", text)
    names = [name, *(name.split("/", 1)[1:])]
    for each in names:
        if folder is None:
            break
        target = (folder / each).resolve()
        if not target.is_relative_to(folder.resolve()) or not target.is_file():
            continue
        if target.stat().st_size > _MAX_BYTES:
            continue
        document = parse(target.read_text("utf-8", "replace"), str(target), Collector())
        if document is not None:
            return document.data
    told = f"the schema file {text or 'of the stream'} is not beside the manifest"
    stream.notes.loss("schema-file", told, loader.pointer)
    return None


def _cleaned(value: dict[str, object]) -> dict[str, object]:
    """The keywords that say something, with values that can be meant."""
    made: dict[str, object] = {}
    types = _types(value.get("type"))
    for word in ("anyOf", "oneOf", "allOf"):
        options = value.get(word)
        if is_list(options):
            kept = [_cleaned(each) for each in options if is_mapping(each)]
            if kept:
                made["anyOf" if word == "oneOf" else word] = kept
    if types:
        made["type"] = types[0] if len(types) == 1 else types
    description = value.get("description")
    if isinstance(description, str) and description.strip():
        made["description"] = " ".join(description.split())
    if isinstance(value.get("format"), str) and value["format"] in _FORMATS:
        if "string" in types or not types:
            made["format"] = value["format"]
    if _is_enum(value.get("enum"), types):
        made["enum"] = value["enum"]
    properties = value.get("properties")
    if is_mapping(properties):
        made["properties"] = {
            key: _cleaned(each) if is_mapping(each) else {}
            for key, each in properties.items()
        }
        required = value.get("required")
        if is_list(required):
            known = [
                each for each in dict.fromkeys(map(str, required)) if each in properties
            ]
            if known:
                made["required"] = known
    additional = value.get("additionalProperties")
    if is_mapping(additional) and not is_mapping(properties):
        made["additionalProperties"] = _cleaned(additional)
    items = value.get("items")
    if is_list(items):
        items = next((each for each in items if is_mapping(each)), None)
    if is_mapping(items) and ("array" in types or not types):
        made["items"] = _cleaned(items)
    return made


def _is_enum(value: object, types: list[str]) -> bool:
    kinds: dict[type[object], str] = {
        str: "string",
        int: "integer",
        bool: "boolean",
        type(None): "null",
    }
    return (
        is_list(value)
        and bool(value)
        and all(kinds.get(type(each), "") in types for each in value)
    )


def _types(value: object) -> list[str]:
    """The types of a node; a word that is none is left out."""
    found = value if is_list(value) else [value]
    words = [
        (
            _WRONG_TYPES.get(each, each)
            if isinstance(each, str)
            else "null" if each is None and is_list(value) else ""
        )
        for each in found
    ]
    known = [each for each in dict.fromkeys(words) if each in _TYPES]
    return sorted(known, key=_TYPES.index) if known != ["null"] else []
