"""Schemas of the document to the definitions of a spec: only those in use, each with a name.

Objects become definitions of their own, so that no two record models collide. Records are lenient:
what a document says of lengths, bounds and patterns is left out, for servers do not keep to it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.importers.draft import Section
from generator.importers.openapi_files import steps
from generator.importers.openapi_shapes import Schema, Shapes, parts
from generator.naming import pascal, python_name, singular
from generator.plain import is_list, is_mapping
from generator.schema import RESERVED

_FORMATS = frozenset(("date", "date-time", "uuid", "uri", "email"))
_TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array"))
_MAX_ENUM = 100
_MAX_WORDS = 200
_MAX_DEPTH = 8
_MAX_UNION = 30
_MAX_PARTS = 30
_DEFAULT_NAMES = RESERVED | {"Credentials", "Client", "Error", "Exception", "Warning"}


@dataclass(slots=True)
class Definitions:
    """The definitions of a spec while they are collected."""

    shapes: Shapes
    entries: dict[str, Section] = field(default_factory=dict[str, Section])
    _names: dict[int, str] = field(default_factory=dict[int, str])
    """Identity of an object of the document to the name of its definition: what is met again
    is not written again, so that cycles end."""
    _taken: set[str] = field(default_factory=set[str])
    _waiting: deque[tuple[str, Schema]] = field(
        default_factory=deque[tuple[str, Schema]]
    )

    def reserve(self, names: Iterable[str]) -> None:
        """Keeps names free for definitions that exist already."""
        self._taken.update(name.lower() for name in names)

    def record(self, item: object, resource: str, key: str = "") -> str:
        """The definition of a record, by name; "" where nothing is known of its fields.

        `key`: a field that the schema leaves out.
        """
        shapes = self.shapes
        ref, target = shapes.documents.target(item)
        if key:
            own = shapes.fields(target)
            known: Schema = {key: {"type": "string"}, **own}
            made: Schema = {"type": "object", "properties": known}
            target = made
            ref = ""
        fields = shapes.fields(target)
        if not fields:
            return ""
        if ref and not parts(target, "oneOf") and not parts(target, "anyOf"):
            name = self._named(steps(ref)[-1], target)
        else:
            # A record has one model: the fields of all alternatives, none of them required.
            name = self._free(steps(ref)[-1] if ref else singular(resource))
            self._waiting.append((name, {**target, "x-merged": True}))
        self._drain()
        return name

    def _drain(self) -> None:
        while self._waiting:
            name, schema = self._waiting.popleft()
            self.entries[name] = self._definition(name, schema)

    def _named(self, wanted: str, target: Schema) -> str:
        key = id(target)
        if key not in self._names:
            self._names[key] = self._free(wanted)
            self._waiting.append((self._names[key], target))
        return self._names[key]

    def _free(self, wanted: str) -> str:
        base = pascal(wanted) or "Record"
        base = f"{base}Record" if base in _DEFAULT_NAMES else base
        name, number = base, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{base}{number}"
        self._taken.add(name.lower())
        return name

    # ---- one definition

    def _definition(self, name: str, schema: Schema) -> Section:
        """An object with its fields, or whatever else a reference leads to."""
        if self.shapes.fields(schema) and not self._is_union(schema):
            return self._object(name, schema)
        made = self._converted(schema, name, 0, inside=True)
        return Section(made)

    def _is_union(self, schema: Schema) -> bool:
        if schema.get("x-merged"):
            return False
        branches = [*parts(schema, "oneOf"), *parts(schema, "anyOf")]
        saying = [each for each in branches if not self._says_nothing(each)]
        return len(saying) > 1 and not is_mapping(schema.get("properties"))

    def _says_nothing(self, branch: object) -> bool:
        """Null, or an alternative that only lists required fields."""
        own = self.shapes.resolved(branch)
        return own.get("type") == "null" or not set(own) - {
            "required",
            "description",
            "title",
            "nullable",
        }

    def _object(self, name: str, schema: Schema) -> Section:
        made = Section({"type": "object"})
        origin = schema.get("x-from")
        if isinstance(origin, str):
            made.note("", origin)
        words = described(str(schema.get("description") or schema.get("title") or ""))
        if words and words != name:
            made["description"] = words
        fields = self.shapes.fields(schema)
        properties = Section()
        attributes: dict[str, str] = {}
        for key, inner in fields.items():
            own = self.shapes.resolved(inner)
            if own.get("writeOnly") is True or inner.get("writeOnly") is True:
                continue
            attribute = python_name(key) or ""
            if not attribute or attribute in attributes or not key.isprintable():
                other = attributes.get(attribute, "")
                properties.note(
                    key,
                    f"left out, but loaded: {ascii(key)} "
                    + (f"has the name of {ascii(other)}" if other else "has no name"),
                )
                continue
            attributes[attribute] = key
            why = inner.get("x-why")
            if isinstance(why, str):
                properties.note(key, why)
            properties[key] = self._converted(inner, f"{name} {key}", 0)
        merged = self._is_merged(schema)
        required = frozenset[str]() if merged else self.shapes.required(schema)
        known = [key for key in properties if key in required]
        if known:
            made["required"] = known
        made["properties"] = properties
        return made

    def _is_merged(self, schema: Schema) -> bool:
        return bool(parts(schema, "oneOf") or parts(schema, "anyOf"))

    # ---- one value

    def _converted(
        self, raw: object, place: str, depth: int, inside: bool = False
    ) -> dict[str, object]:
        """The schema of a value; `inside` a definition objects are written in place."""
        ref, own = self.shapes.documents.target(raw)
        outer = raw if is_mapping(raw) else {}
        nullable = is_nullable(outer) or is_nullable(own)
        for _ in range(_MAX_DEPTH):
            # The usual way to give a reference a description of its own.
            wrapped = parts(own, "allOf")
            if len(wrapped) != 1 or "properties" in own:
                break
            outer = {**own, **outer}
            ref, own = self.shapes.documents.target(wrapped[0])
            nullable = nullable or is_nullable(own)
        made = self._bare(ref, own, place, depth, inside)
        words = described(str(outer.get("description") or ""))
        if not words and "$ref" not in made:
            words = described(str(own.get("description") or ""))
        if nullable:
            made = with_null(made)
        if words:
            made = {**made, "description": words}
        return made

    def _bare(
        self, ref: str, own: Schema, place: str, depth: int, inside: bool
    ) -> dict[str, object]:
        if depth > _MAX_DEPTH:
            return {}
        if "enum" in own or "const" in own:
            found = _enum(own)
            if found is not None:
                return found
        branches = [
            each
            for key in ("oneOf", "anyOf")
            for each in parts(own, key)
            if not self._says_nothing(each)
        ]
        if len(branches) > 1 and self._is_union(own):
            return self._union(ref, own, branches, place, depth, inside)
        if self.shapes.fields(own):
            name = self._named(steps(ref)[-1] if ref else place, own)
            return {"$ref": f"#/definitions/{name}"}
        if len(branches) == 1:
            return self._converted(branches[0], place, depth + 1)
        whole = parts(own, "allOf")
        if whole and "type" not in own:
            return self._converted(whole[0], place, depth + 1)
        return self._plain(own, place, depth)

    def _union(
        self,
        ref: str,
        own: Schema,
        branches: list[object],
        place: str,
        depth: int,
        inside: bool,
    ) -> dict[str, object]:
        if len(branches) > _MAX_UNION:
            return {}
        if ref and not inside and self.shapes.fields(own):
            return {"$ref": f"#/definitions/{self._named(steps(ref)[-1], own)}"}
        made: list[dict[str, object]] = []
        for number, branch in enumerate(branches, 1):
            one = self._converted(branch, f"{place} option {number}", depth + 1)
            one.pop("description", None)
            if not one:
                return {}
            if one not in made:
                made.append(one)
        return made[0] if len(made) == 1 else {"anyOf": made}

    def _plain(self, own: Schema, place: str, depth: int) -> dict[str, object]:
        types = sorted(self.shapes.types(own) & _TYPES)
        if "number" in types and "integer" in types:
            types.remove("integer")
        if not types:
            return {}
        made: dict[str, object] = {"type": types[0] if len(types) == 1 else types}
        kind = own.get("format")
        if types == ["string"] and kind in _FORMATS:
            made["format"] = kind
        if types == ["array"]:
            inner = self._converted(self.shapes.items(own), _item(place), depth + 1)
            inner.pop("description", None)
            if inner:
                made["items"] = inner
        elif types == ["object"]:
            further = own.get("additionalProperties")
            if is_mapping(further) and further:
                inner = self._converted(further, _item(place), depth + 1)
                inner.pop("description", None)
                if inner:
                    made["additionalProperties"] = inner
        return made


def is_nullable(schema: Schema) -> bool:
    """Whether null is allowed, in any dialect."""
    if schema.get("nullable") is True or schema.get("x-nullable") is True:
        return True
    types, values = schema.get("type"), schema.get("enum")
    if is_list(types) and "null" in types or is_list(values) and None in values:
        return True
    return any(
        is_mapping(each) and (each.get("type") == "null" or each.get("enum") == [None])
        for key in ("oneOf", "anyOf")
        for each in parts(schema, key)
    )


def with_null(made: dict[str, object]) -> dict[str, object]:
    """The same schema with null allowed."""
    types, values, options = made.get("type"), made.get("enum"), made.get("anyOf")
    if not made:
        return made
    if is_list(values):
        made = {**made, "enum": [*values, None]}
    if is_list(types):
        return {**made, "type": [*types, "null"]}
    if isinstance(types, str):
        return {**made, "type": [types, "null"]}
    if is_list(options):
        return {**made, "anyOf": [*options, {"type": "null"}]}
    if "$ref" in made:
        return {**made, "nullable": True}
    return made


def _enum(own: Schema) -> dict[str, object] | None:
    """An enumeration of its real values; None where it is none."""
    values = own.get("enum", [own["const"]] if "const" in own else [])
    if not is_list(values):
        return None
    named = own.get("type")
    types = [named] if isinstance(named, str) else named if is_list(named) else []
    kept: list[object] = []
    for value in values:
        if isinstance(value, str) and value.isprintable() and value not in kept:
            kept.append(value)
    other = [v for v in values if not isinstance(v, str) and v is not None]
    if other or not kept or len(kept) > _MAX_ENUM:
        return None
    if types and "string" not in types:
        return None
    return {"type": "string", "enum": kept}


def described(text: str) -> str:
    """A description in one line, short, without mark-up."""
    text = re.sub(r"<[^<>]{0,200}>", " ", text)
    text = re.sub(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)", r"\1", text)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.replace("`", "").replace("**", "").split())
    if len(text) <= _MAX_WORDS:
        return text
    end = max(text.rfind(". ", 0, _MAX_WORDS), text.rfind("; ", 0, _MAX_WORDS))
    if end > _MAX_WORDS // 4:
        return text[: end + 1]
    return text[:_MAX_WORDS].rpartition(" ")[0] + " ..."


def _item(place: str) -> str:
    head, _, last = place.rpartition(" ")
    return f"{head} {singular(last)}".strip()
