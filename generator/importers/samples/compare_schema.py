"""The schema of a draft against the records of a sample, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.diagnostics import shown
from generator.importers.draft import Section
from generator.importers.openapi_schemas import is_nullable
from generator.importers.samples.schemas import schema_of
from generator.importers.samples.shape import Shape
from generator.naming import python_name
from generator.plain import is_list, is_mapping

_MAX_DEPTH = 8
_MOST_VALUES = 5
_TYPED = {
    "date-time": frozenset(("date-time", "local-date-time")),
    "date": frozenset(("date",)),
}
"""Formats that a model insists on."""

Difference = tuple[Section, str, str]
"""The mapping and the key of it that a difference is about, and what the sample has."""


@dataclass(slots=True)
class FieldCheck:
    """Compares the schemas of one resource, and adds the fields that they leave out."""

    spec: Section
    answers: int
    added: list[str] = field(default_factory=list[str])
    _met: set[int] = field(default_factory=set[int])

    def definition(self, ref: object) -> Section | None:
        """The definition that a reference leads to."""
        name = ref.removeprefix("#/definitions/") if isinstance(ref, str) else ""
        definitions = self.spec.get("definitions")
        made = definitions.get(name) if is_mapping(definitions) else None
        if is_mapping(made) and is_mapping(definitions):
            if not isinstance(made, Section):
                definitions[name] = made = Section(made)
            return made
        return None

    def differences(self, schema: Section, shape: Shape) -> Iterator[Difference]:
        """Where records and the schema of an object differ."""
        yield from self._object(schema, shape, "", 0)

    def _object(
        self, schema: Section, shape: Shape, above: str, depth: int
    ) -> Iterator[Difference]:
        if depth > _MAX_DEPTH or id(schema) in self._met or not shape.fields:
            return
        self._met.add(id(schema))
        inner = schema.get("properties")
        if not is_mapping(inner):
            return
        properties = inner if isinstance(inner, Section) else Section(inner)
        schema["properties"] = properties
        required = schema.get("required")
        names = {str(n) for n in required} if is_list(required) else set[str]()
        count = shape.kinds["object"]
        for name in list(properties):
            seen = shape.fields.get(name)
            if seen is None or seen.count < count:
                if name in names:
                    have = f"{seen.count if seen else 0} of {count} records"
                    yield properties, name, f"required, but in {have} only"
            if seen is not None:
                told, nullable = self._told(properties[name])
                if seen.nulls and name in names and told and not nullable:
                    have = f"{seen.nulls} of {seen.count} records"
                    yield properties, name, f"null in {have}, though it is required"
                where = f"{above}{name}."
                yield from self._field(properties, name, told, seen, where, depth)
        self._add(properties, shape, count, above)

    def _told(self, value: object) -> tuple[dict[str, object], bool]:
        """What a schema is, its reference followed, and whether it may be null."""
        if not is_mapping(value):
            return {}, True
        target = self.definition(value.get("$ref")) if "$ref" in value else None
        if target is None:
            return value, is_nullable(value)
        return target, is_nullable(value) or is_nullable(target)

    def _field(
        self,
        properties: Section,
        name: str,
        told: dict[str, object],
        seen: Shape,
        above: str,
        depth: int,
    ) -> Iterator[Difference]:
        types = _types(told)
        if types is None:
            return
        odd = {
            kind: count for kind, count in seen.kinds.items() if not _ok(kind, types)
        }
        if odd:
            listed = ", ".join(f"{kind} ({count})" for kind, count in odd.items())
            yield properties, name, f"{listed}, not {' or '.join(sorted(types))}"
            return
        yield from self._text(properties, name, told, seen)
        if "object" in types and "properties" in told:
            if not isinstance(told, Section):
                properties[name] = told = Section(told)
            yield from self._object(told, seen, above, depth + 1)
        elif "array" in types and seen.items is not None:
            items = told.get("items")
            inner = self.definition(items.get("$ref")) if is_mapping(items) else None
            if inner is not None:
                yield from self._object(inner, seen.items, above, depth + 1)

    def _text(
        self, properties: Section, name: str, told: dict[str, object], seen: Shape
    ) -> Iterator[Difference]:
        formats = _TYPED.get(str(told.get("format")))
        texts = seen.kinds["string"]
        if formats and texts and not formats & (seen.formats or frozenset()):
            yield properties, name, f"text that is not always a {told['format']}"
        listed = told.get("enum")
        if is_list(listed) and seen.values:
            odd = [value for value in sorted(seen.values) if value not in listed]
            if odd:
                few = ", ".join(shown(value, 30) for value in odd[:_MOST_VALUES])
                more = ", ..." if len(odd) > _MOST_VALUES else ""
                yield properties, name, f"values that are not listed: {few}{more}"

    def _add(self, properties: Section, shape: Shape, count: int, above: str) -> None:
        """Adds fields that the schema leaves out; what is inside of them stays open."""
        names = {python_name(name) for name in properties}
        for name, seen in shape.fields.items():
            attribute = python_name(name)
            if name in properties or not attribute or attribute in names:
                continue
            if not name.isprintable():
                continue
            names.add(attribute)
            made = schema_of(seen)
            items = made.get("items")
            made = {k: v for k, v in made.items() if k in ("type", "format", "enum")}
            if is_mapping(items) and not items.keys() - {"type", "format"}:
                if not {"object", "array"} & (_types(items) or set()):
                    made["items"] = items
            why = f"sample: not declared; in {seen.count} of {count} records"
            properties.put(name, made, why)
            self.added.append(f"{above}{name}")


def _types(told: dict[str, object]) -> set[str] | None:
    """The types that a schema allows; None where it does not say, or nothing is known."""
    named = told.get("type")
    if isinstance(named, str):
        return {named}
    if is_list(named):
        return {str(each) for each in named} - {"null"} or None
    if "enum" in told:
        return {"string"}
    return {"object"} if "properties" in told else None


def _ok(kind: str, types: set[str]) -> bool:
    return kind in types or kind == "integer" and "number" in types
