"""JSON Schemas of a bundle to record models: names, fields, and the normal form of every schema.

The normal form is what the model library gets: one `$defs` entry for each class or type alias,
references between them, no `allOf`, null beside at most a list of types.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from generator.diagnostics import Collector
from generator.document import Bundle
from generator.naming import Scope
from generator.schema.build import Builder, Unbounded
from generator.schema.check import Checker
from generator.schema.forms import (
    Field,
    Normal,
    listed,
    mapped,
    target_name,
    type_names,
)
from generator.schema.library import Library
from generator.schema.node import Root, Scalar, types_of
from generator.schema.resources import RecordNames

RESERVED = frozenset("""
    Record Remembering Any Literal Annotated Field Union TypeAliasType None True False BaseModel
    """.split())
"""Names that models.py needs itself."""


@dataclass(frozen=True, slots=True)
class Property:
    """A field of a record, or a value inside of one."""

    name: str
    """Its key in the JSON of the API."""
    attribute: str
    """Its name in Python."""
    types: tuple[str, ...]
    """JSON types that it can have beside null; empty: any."""
    format: str
    """The schema's `format`, such as `date-time`."""
    nullable: bool
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Schemas:
    """The record models of a spec: what they are called and what is in them."""

    document: Mapping[str, Mapping[str, Normal]]
    """The normal form, `{"$defs": {name: schema}}`."""
    models: Mapping[int, str]
    """Class of the records of each resource, by its index in the spec."""
    descriptions: Mapping[str, str]
    """What a class is, for its docstring; classes without words are left out."""
    classes: Mapping[str, tuple[Property, ...]]
    """Fields of each class; the other names of the document are type aliases."""

    def properties(self, model: str) -> tuple[Property, ...]:
        """The fields of a class; none for an open one."""
        return self.classes.get(model, ())

    def is_open(self, model: str) -> bool:
        """Whether the class declares no fields, so that nothing is known of its records."""
        return not self.properties(model)

    def lookup(self, model: str, path: Sequence[str | int]) -> Property | None:
        """The value at `path` in a record: keys of objects, an index or `*` for lists.

        None where the schema declares no such value; what stands in a value that the schema
        leaves open is a Property without types.
        """
        schema: Normal = {"$ref": f"#/$defs/{model}"}
        found = None
        for step in path:
            ways = _ways(self.document["$defs"], self.classes, schema)
            inside = (self._inside(name, way, step) for name, way in ways)
            first = next(filter(None, inside), None)
            if first is None:
                return None
            found, schema = first
        return found

    def _inside(
        self, name: str, way: Normal, step: str | int
    ) -> tuple[Property, Normal] | None:
        """What `step` leads to in a class, or in a schema that is none."""
        defs = self.document["$defs"]
        if self.properties(name):
            properties = mapped(defs[name]["properties"])
            for each in self.properties(name):
                if each.name == step:
                    return each, mapped(properties[each.name])
            return None
        kinds_ = type_names(way)
        inner: Normal = {}
        if "array" in kinds_ and (isinstance(step, int) or step == "*"):
            inner = mapped(way.get("items", {}))
        elif "object" in kinds_ and isinstance(step, str):
            inner = mapped(way.get("additionalProperties", {}))
        elif kinds_ or "enum" in way:
            return None
        types = _types(defs, self.classes, inner)
        nullable = "null" in type_names(inner) or not types
        return Property(str(step), "", types, "", nullable, False, ""), inner


def build(bundle: Bundle, collector: Collector) -> Schemas:
    """The record models of every resource; problems of the schemas go to the collector."""
    checker = Checker(collector)
    hint = "name a record with `model:`, another schema by its key in `definitions`"
    scope = Scope("class", collector, hint)
    scope.reserve(RESERVED, "the generated module needs the name itself")
    characters = sum(map(len, bundle.sources.values()))
    builder = Builder(Library(collector, checker), collector, scope, characters)
    spec = cast("dict[str, object]", bundle.spec.data)
    root = Root(bundle.spec, ())
    builder.library.add_definitions(root, spec)
    records = RecordNames(bundle, builder, root)
    try:
        for index, resource in enumerate(_resources(spec)):
            records.read(index, resource)
        records.define()
        builder.finish()
    except Unbounded as unbounded:
        message = "references and alternatives multiply this schema without end"
        hint = "a schema may refer to itself in `properties` only"
        collector.error(unbounded.location, "schema-cycle", message, hint)
    checker.report_dropped()
    classes = {
        name: tuple(_property(builder, name, each) for each in fields)
        for name, fields in builder.fields.items()
    }
    document = {"$defs": builder.defs}
    return Schemas(document, records.models, builder.descriptions, classes)


def _resources(spec: Normal) -> Iterator[Normal]:
    """Each resource as a mapping; what is none is left to the models of the language."""
    resources = spec.get("resources")
    if not isinstance(resources, list):
        return
    for resource in listed(cast("object", resources)):
        if isinstance(resource, dict):
            yield mapped(cast("object", resource))
        else:
            yield {"name": resource}


def _property(builder: Builder, model: str, each: Field) -> Property:
    properties = mapped(builder.defs[model]["properties"])
    return Property(
        name=each.name,
        attribute=each.attribute,
        types=_types(builder.defs, builder.fields, mapped(properties[each.name])),
        format=each.format,
        nullable=each.nullable,
        required=each.required,
        description=each.description,
    )


def _ways(
    defs: Mapping[str, Normal], classes: Container[str], schema: Normal
) -> Iterator[tuple[str, Normal]]:
    """The alternatives of a schema: the name of a class and its reference, or "" and the schema."""
    waiting = deque([schema])
    passed: set[str] = set()
    while waiting:
        way = waiting.popleft()
        name = target_name(way)
        if name in classes:
            yield name, way
        elif name and name not in passed:
            passed.add(name)
            waiting.append(defs.get(name, {}))
        elif "anyOf" in way:
            waiting.extend(map(mapped, listed(way["anyOf"])))
        elif not name:
            yield "", way


def _types(
    defs: Mapping[str, Normal], classes: Container[str], schema: Normal
) -> tuple[str, ...]:
    """The JSON types that a schema allows beside null; none where it allows all."""
    types: dict[str, None] = {}
    for name, way in _ways(defs, classes, schema):
        if name:
            types["object"] = None
        elif not way:
            return ()
        elif "enum" in way:
            values = cast("list[Scalar]", way["enum"])
            types.update((types_of(value)[0], None) for value in values)
        else:
            types.update((each, None) for each in type_names(way))
    types.pop("null", None)
    return tuple(types)
