"""Nodes to the normal form: one named entry for each class and type alias, every name decided."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from generator.diagnostics import Collector, Location, nearest, shown
from generator.naming import Scope, pascal, python_name
from generator.schema.forms import (
    ARRAY_LIMITS,
    LIMITS,
    NUMBER_LIMITS,
    STRING_LIMITS,
    TYPED_FORMATS,
    Field,
    Normal,
    Place,
    Shape,
    described,
    fits,
    kinds,
    limits,
    listed,
    mapped,
    narrowed,
    only_required,
    reaches,
    references,
    target_name,
    whole_limits,
)
from generator.schema.library import Definition, Library
from generator.schema.node import Node, types_of

_MAX_SCHEMAS = 50_000
_CHARACTERS = 20
"""Of a text that long each schema in it is read once at least."""
_MAX_NESTING = 48
"""More than a document of the greatest depth can nest."""


class Unbounded(Exception):
    """Following alternatives and references of this schema does not end."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.location = node.locate()


@dataclass(slots=True)
class Builder:
    """Collects the normal form; `finish` follows the references that were met."""

    library: Library
    collector: Collector
    scope: Scope
    characters: int
    """The length of everything that is read."""
    defs: dict[str, Normal] = field(default_factory=dict[str, Normal])
    fields: dict[str, tuple[Field, ...]] = field(
        default_factory=dict[str, tuple[Field, ...]]
    )
    descriptions: dict[str, str] = field(default_factory=dict[str, str])
    names: dict[Definition, str] = field(default_factory=dict[Definition, str])
    _waiting: deque[Definition] = field(default_factory=deque[Definition])
    _schemas: int = 0
    _nesting: int = 0

    @property
    def _most(self) -> int:
        """More schemas than a text of this length can have: they multiply."""
        return max(_MAX_SCHEMAS, self.characters // _CHARACTERS)

    def define(
        self, name: str, node: Node, place: Place, description: str = ""
    ) -> None:
        """Makes the class `name` of a flat object schema; without properties an open one."""
        self.defs[name] = {}
        if description or node.description:
            self.descriptions[name] = node.description or description
        properties: dict[str, object] = {}
        fields: list[Field] = []
        taken: dict[str, Node] = {}
        for key, child in node.properties.items():
            attribute = self._attribute(key, child, place, taken)
            start = f"{key}."
            inner = {
                path.removeprefix(start): alias
                for path, alias in place.aliases.items()
                if path.startswith(start)
            }
            shape = self.shape(child, Place(name, attribute, inner))
            required = key in node.required
            properties[key] = self._with_default(shape, child, required)
            own = self._own(child)
            inner_name = target_name(shape.schema)
            if not own.ref and self.descriptions.get(inner_name) == own.description:
                # An inline object: its words stand at the field.
                self.descriptions.pop(inner_name, None)
            fields.append(
                Field(
                    name=key,
                    attribute=attribute,
                    format=own.format,
                    nullable=shape.nullable,
                    required=required,
                    description=own.description,
                )
            )
        if node.additional and node.properties:
            what = "a schema for further fields beside 'properties'"
            self.library.checker.drop(what, node.additional.locate())
        known = [key for key in node.required if key in properties]
        self._check_required(node)
        self.defs[name] = {"type": "object", "properties": properties}
        if known:
            self.defs[name]["required"] = known
        self.fields[name] = tuple(fields)

    def shape(self, node: Node, place: Place) -> Shape:
        """The normal form of a schema; objects in it become classes named after `place`."""
        self._schemas += 1
        self._nesting += 1
        if self._schemas > self._most or self._nesting > _MAX_NESTING:
            raise Unbounded(node)
        shape = self._shape(self.library.flat(node), place)
        self._nesting -= 1
        return shape

    def _shape(self, node: Node, place: Place) -> Shape:
        if node.ref:
            return self._reference(node, place)
        if node.any_of:
            return self._union(node, place)
        types, nullable = kinds(node)
        if node.enum:
            return self._literal(node, nullable)
        if types == ("null",):
            # The library makes more of `type: null` than None.
            return Shape({"enum": [None]})
        if len(types) > 1:
            return Shape(self._several(node, types, place), nullable)
        return Shape(self._single(node, types[0] if types else "", place), nullable)

    def finish(self) -> None:
        """Defines what references led to, and refuses type aliases that hold themselves."""
        while self._waiting:
            definition = self._waiting.popleft()
            name = self.names[definition]
            node = self.library.flat(definition.node)
            if node.properties and not node.any_of and not node.enum:
                self.define(name, node, Place(name))
            else:
                self.defs[name] = self.shape(node, Place(name)).schema
        aliases = {name for name in self.defs if name not in self.fields}
        inside = {
            name: [each for each in references(self.defs[name]) if each in aliases]
            for name in aliases
        }
        for definition, name in self.names.items():
            if name in aliases and reaches(inside, name):
                message = f"{definition.label} holds itself with no object between"
                hint = "put the value into a field of an object"
                place = definition.node.locate()
                self.collector.error(place, "schema-cycle", message, hint)

    def _reference(self, node: Node, place: Place) -> Shape:
        definition = self.library.target(node)
        if definition is None:
            return Shape({})
        inner = self.library.flat(definition.node)
        nullable = node.nullable or self._allows_null(inner, set())
        types, _ = kinds(inner)
        structured = inner.enum or inner.any_of or inner.items or inner.properties
        if definition not in self.names:
            if not structured and not inner.additional and len(types) < 2:
                return replace(self.shape(inner, place), nullable=nullable)
            name = pascal(definition.node.title) or pascal(definition.name) or ""
            self.claim(name, definition)
            self._waiting.append(definition)
        return Shape({"$ref": f"#/$defs/{self.names[definition]}"}, nullable)

    def claim(self, name: str, definition: Definition) -> None:
        """Gives a definition its name, or reports why it cannot have it."""
        where = definition.node.locate()
        self.names[definition] = name
        if not name:
            message = f"{definition.label} has no ASCII letters to make a name of"
            self.collector.error(where, "bad-name", message, "give it a `title`")
            return
        self.scope.claim(name, where, definition.label)

    def _union(self, node: Node, place: Place) -> Shape:
        base = replace(node, any_of=())
        _, nullable = kinds(base)
        branches: list[Node] = []
        for branch in node.any_of:
            flat = self.library.flat(branch)
            if kinds(flat)[0] == ("null",) or flat.enum == (None,):
                nullable = True
            elif only_required(flat):
                what = "an alternative that only lists required fields"
                self.library.checker.drop(what, branch.locate())
            else:
                branches.append(branch)
        if not branches:
            only_null = nullable and not base.structure and not base.types
            return Shape({"enum": [None]}) if only_null else self.shape(base, place)
        schemas: list[Normal] = []
        for number, branch in enumerate(branches, 1):
            inner = place if len(branches) == 1 else place.option(branch.title, number)
            shape = self.shape(narrowed(base, branch, self.library), inner)
            nullable = nullable or shape.nullable
            options = listed(shape.schema.get("anyOf", [shape.schema]))
            for option in options:
                schema = self._named(option, inner, branch.locate())
                if schema not in schemas:
                    schemas.append(schema)
        if {} in schemas:
            return Shape({})
        if len(schemas) == 1:
            return Shape(schemas[0], nullable)
        return Shape({"anyOf": schemas}, nullable)

    def _literal(self, node: Node, nullable: bool) -> Shape:
        values = [value for value in node.enum if value is not None]
        types = tuple(dict.fromkeys(types_of(value)[0] for value in values))
        if not values:
            return Shape({"enum": [None]})
        if "number" in types or "number" in node.types:
            # There is no Literal of floats, and 1 is 1.0 in JSON.
            self.library.checker.drop("an enum of numbers", node.locate("enum"))
            kept = [name for name in types if name != "integer"] or ["number"]
            return Shape({"type": kept if len(kept) > 1 else kept[0]}, nullable)
        if types == ("boolean",) and len(values) > 1:
            return Shape({"type": "boolean"}, nullable)
        return Shape({"enum": values}, nullable)

    def _several(self, node: Node, types: tuple[str, ...], place: Place) -> Normal:
        if not node.structure:
            return {"type": list(types)}
        schemas: list[object] = []
        for name in types:
            inner = Place(place.name, name, place.aliases)
            nested = name in ("object", "array") and place.word
            one = self._single(node, name, place if nested else inner)
            schemas.append(self._named(one, inner, node.locate()))
        return {"anyOf": schemas}

    def _single(self, node: Node, kind: str, place: Place) -> Normal:
        if kind == "object":
            return self._object(node, place)
        if kind == "array":
            return self._array(node, place)
        if kind == "string":
            if node.format in TYPED_FORMATS:
                return {"type": kind, "format": node.format}
            pattern = {"pattern": node.pattern} if node.pattern else {}
            return {"type": kind, **limits(node, STRING_LIMITS), **pattern}
        if kind == "integer":
            return {"type": kind, **whole_limits(node)}
        if kind == "number":
            return {"type": kind, **limits(node, NUMBER_LIMITS)}
        return {"type": kind} if kind else {}

    def _object(self, node: Node, place: Place) -> Normal:
        if node.properties:
            if self.scope.claim(place.name, node.locate(), described(place)):
                self.define(place.name, node, place)
            return {"$ref": f"#/$defs/{place.name}"}
        if node.additional:
            value = self._inner(node.additional, place.item())
            return {"type": "object", "additionalProperties": value}
        return {"type": "object"}

    def _array(self, node: Node, place: Place) -> Normal:
        size = limits(node, ARRAY_LIMITS)
        if not node.items:
            return {"type": "array", **size}
        item = node.items[0]
        if len(node.items) > 1:
            item = Node(node.root, node.pointer, any_of=node.items)
        return {"type": "array", "items": self._inner(item, place.item()), **size}

    def _inner(self, node: Node, place: Place) -> Normal:
        """The schema of a list's items or a mapping's values."""
        shape = self.shape(node, place)
        named = self._named(shape.schema, place, node.locate())
        return replace(shape, schema=named).with_null

    def _named(self, schema: object, place: Place, where: Location) -> Normal:
        """A schema with limits as a type alias, which is the only way to write it inside a type."""
        normal = mapped(schema)
        if not LIMITS.intersection(normal):
            return normal
        if self.scope.claim(place.name, where, described(place)):
            self.defs[place.name] = normal
        return {"$ref": f"#/$defs/{place.name}"}

    def _attribute(
        self, key: str, child: Node, place: Place, taken: dict[str, Node]
    ) -> str:
        """The Python name of a field; reports one that is missing or taken."""
        attribute = place.aliases.get(key) or python_name(key) or ""
        where = (
            child.root.document.locate(child.pointer, key=True)
            if (not attribute or attribute in taken)
            else None
        )
        if where is None:
            taken[attribute] = child
            return attribute
        if attribute:
            other = taken[attribute]
            first = other.root.document.locate(other.pointer, key=True)
            message = (
                f"the fields {shown(key)} and {shown(other.pointer[-1])} ({first})"
                f" both give the attribute {attribute!r}"
            )
            code = "name-collision"
        else:
            message = f"the field {shown(key)} has no ASCII letters to make a name of"
            code = "bad-name"
        hint = "name it in the resource's `aliases:`, field of the API to attribute"
        self.collector.error(where, code, message, hint)
        return attribute or "field"

    def _with_default(self, shape: Shape, child: Node, required: bool) -> Normal:
        schema = shape.with_null
        default = self.library.flat(child).default
        if default is None or required:
            return schema
        place = child.locate("default")
        if "$ref" in schema or "anyOf" in schema or "format" in schema:
            self.library.checker.drop("a default of a date or of a named type", place)
            return schema
        if not fits(default, shape.schema):
            message = (
                f"the default {shown(default)} is not a value that the schema allows"
            )
            self.collector.error(place, "schema-default", message)
            return schema
        whole = isinstance(default, float) and shape.schema.get("type") == "integer"
        return {**schema, "default": int(default) if whole else default}

    def _own(self, node: Node) -> Node:
        """The flat schema of a field; that of the definition which became part of it."""
        flat = self.library.flat(node)
        definition = self.library.target(flat) if flat.ref else None
        if definition is None or definition in self.names:
            return flat
        inner = self.library.flat(definition.node)
        return replace(inner, description=flat.description or inner.description)

    def _check_required(self, node: Node) -> None:
        for key in node.required:
            if node.properties and key not in node.properties:
                message = f"'required' lists {shown(key)}, which is not a property"
                hint = nearest(key, node.properties)
                place = node.locate("required")
                self.collector.warning(place, "required-unknown", message, hint)

    def _allows_null(self, node: Node, passed: set[Node]) -> bool:
        """Whether null is allowed, in one of the alternatives too."""
        if node in passed:
            return False
        passed.add(node)
        if node.ref:
            definition = self.library.target(node)
            inner = definition and self.library.flat(definition.node)
            return node.nullable or bool(inner and self._allows_null(inner, passed))
        branches = [self.library.flat(branch) for branch in node.any_of]
        return kinds(node)[1] or any(
            self._allows_null(each, passed) for each in branches
        )
