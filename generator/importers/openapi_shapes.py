"""Questions about schemas, whatever dialect they are written in: types, fields, items."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.importers.openapi_files import Documents
from generator.plain import is_list, is_mapping

Schema = dict[str, object]

_MAX_DEPTH = 12
"""How many `allOf` and alternatives are looked through."""


@dataclass(slots=True)
class Shapes:
    """Answers about the schemas of one document."""

    documents: Documents
    _fields: dict[int, tuple[Schema, dict[str, Schema]]] = field(
        default_factory=dict[int, tuple[Schema, dict[str, Schema]]]
    )
    """By the identity of the schema, which is kept alive with them."""

    def resolved(self, schema: object) -> Schema:
        """The schema, its reference followed."""
        return self.documents.resolved(schema)

    def types(self, schema: object, depth: int = 0) -> frozenset[str]:
        """The JSON types it can have beside null; empty where it does not say."""
        own = self.resolved(schema)
        if depth > _MAX_DEPTH:
            return frozenset()
        named = own.get("type")
        names = [named] if isinstance(named, str) else named if is_list(named) else []
        found = {str(name) for name in names} - {"null"}
        if not found and "properties" in own:
            found = {"object"}
        elif not found and "items" in own:
            found = {"array"}
        for part in () if found else parts(own, "allOf"):
            found = found or {*self.types(part, depth + 1)}
        for key in () if found else ("oneOf", "anyOf"):
            for part in parts(own, key):
                found |= self.types(part, depth + 1)
        return frozenset(found)

    def fields(self, schema: object, depth: int = 0) -> dict[str, Schema]:
        """The properties of an object, those of all its parts and alternatives together."""
        own = self.resolved(schema)
        if id(own) in self._fields:
            return self._fields[id(own)][1]
        found: dict[str, Schema] = {}
        if depth <= _MAX_DEPTH:
            properties = own.get("properties")
            if is_mapping(properties):
                found = {k: v for k, v in properties.items() if is_mapping(v)}
            for key in ("allOf", "oneOf", "anyOf"):
                for part in parts(own, key):
                    for name, inner in self.fields(part, depth + 1).items():
                        found.setdefault(name, inner)
        if not depth:
            self._fields[id(own)] = own, found
        return found

    def required(self, schema: object, depth: int = 0) -> frozenset[str]:
        """The properties that an object has in any case."""
        own = self.resolved(schema)
        names = own.get("required")
        found = {str(name) for name in names} if is_list(names) else set[str]()
        if depth <= _MAX_DEPTH:
            for part in parts(own, "allOf"):
                found |= self.required(part, depth + 1)
        return frozenset(found)

    def items(self, schema: object, depth: int = 0) -> object | None:
        """The schema of the items of an array; None for what is no array."""
        own = self.resolved(schema)
        if "items" in own:
            inner = own["items"]
            return inner[0] if is_list(inner) and inner else inner
        for key in ("allOf", "oneOf", "anyOf"):
            for part in parts(own, key) if depth <= _MAX_DEPTH else ():
                inner = self.items(part, depth + 1)
                if inner is not None:
                    return inner
        return {} if "array" in self.types(own) else None

    def format(self, schema: object) -> object:
        """The `format` of a value, that of its first alternative which has one."""
        own = self.resolved(schema)
        options = [own, *parts(own, "anyOf"), *parts(own, "oneOf")]
        found = (self.resolved(each).get("format") for each in options)
        return next((each for each in found if each is not None), None)

    def lists_objects(self, schema: object) -> bool:
        """Whether it is an array of objects."""
        inner = self.items(schema)
        return inner is not None and "object" in self.types(inner)

    def is_object(self, schema: object) -> bool:
        return "object" in self.types(schema)

    def words(self, schema: object) -> str:
        """What its author says: description, title and examples."""
        own = self.resolved(schema)
        texts = [schema.get("description")] if is_mapping(schema) else []
        texts.extend(own.get(key) for key in ("description", "title"))
        return " ".join(text for text in texts if isinstance(text, str))

    def example(self, schema: object) -> object:
        """The first example of a value; None without one."""
        own = self.resolved(schema)
        examples = own.get("examples")
        first = examples[0] if is_list(examples) and examples else None
        return own.get("example", own.get("default", first))


def parts(schema: Schema, key: str) -> list[object]:
    """The schemas of `allOf`, `oneOf` or `anyOf`."""
    value = schema.get(key)
    return value if is_list(value) else []
