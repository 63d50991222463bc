"""The JSON Schema subset as the records are made from it: references, unions, types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from generator.practice.shapes import is_list, is_object

OPEN_RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "created_at"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
    },
}
"""A record of a resource that declares no schema."""

_DEPTH = 20


class Schemas:
    """The schemas of one spec: its own document and the files beside it."""

    def __init__(self, raw: Any, files: Mapping[str, Any]) -> None:
        self._documents: dict[str, Any] = {"": raw, **files}

    def of(self, declared: Any) -> tuple[Any, str]:
        """A resource's schema, which may be text that names one, and its document's name."""
        if declared is None:
            return OPEN_RECORD, ""
        if not isinstance(declared, str):
            return declared, ""
        reference = declared if "#" in declared else f"{declared}#"
        return {"$ref": reference}, ""

    def flat(
        self, schema: Any, document: str, depth: int = 0
    ) -> tuple[dict[str, Any], str]:
        """The schema without `$ref` and `allOf`, and the document it stands in."""
        if not is_object(schema) or depth > _DEPTH:
            return {}, document
        flat = dict(schema)
        reference = flat.pop("$ref", None)
        parts = [(part, document) for part in flat.pop("allOf", [])]
        if isinstance(reference, str):
            parts.insert(0, self._target(reference, document))
        for part, place in parts:
            base, document = self.flat(part, place, depth + 1)
            flat = _joined(base, flat)
        return flat, document

    def plain(self, schema: Any, document: str) -> tuple[dict[str, Any], str]:
        """The same without unions: the first member that is not null is taken."""
        flat, document = self.flat(schema, document)
        for option in alternatives(flat):
            member, place = self.flat(option, document)
            if member.get("type") != "null":
                return member, place
        return flat, document

    def _target(self, reference: str, document: str) -> tuple[Any, str]:
        file, _, pointer = reference.partition("#")
        document = file or document
        value = self._documents.get(document)
        for step in pointer.strip("/").split("/") if pointer.strip("/") else []:
            step = unquote(step).replace("~1", "/").replace("~0", "~")
            if is_object(value):
                value = value.get(step)
            elif is_list(value) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            else:
                value = None
        return value, document


def _joined(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Two schemas that both hold; of two values for one keyword the second is taken."""
    joined = {**base, **over}
    if "properties" in base and "properties" in over:
        joined["properties"] = {**base["properties"], **over["properties"]}
    if "required" in base and "required" in over:
        joined["required"] = [*base["required"], *over["required"]]
    return joined


def types(schema: Mapping[str, Any]) -> list[str]:
    """The JSON types of a flat schema without null; guessed where it names none."""
    declared = schema.get("type")
    if isinstance(declared, str):
        declared = [declared]
    if is_list(declared):
        return [str(each) for each in declared if each != "null"]
    if "properties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else ["string"]


def nullable(schema: Mapping[str, Any]) -> bool:
    """Whether a flat schema lets a value be null."""
    declared = schema.get("type")
    listed = is_list(declared) and "null" in declared
    return listed or declared == "null" or schema.get("nullable") is True


def alternatives(schema: Mapping[str, Any]) -> list[Any]:
    """The members of `oneOf` or `anyOf`."""
    found = schema.get("oneOf") or schema.get("anyOf")
    return found if is_list(found) else []
