"""Pieces of the normal form: a schema with null kept apart, where it is used, what it allows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from generator.diagnostics import shown
from generator.naming import pascal, singular
from generator.schema.library import Library
from generator.schema.node import Node, Scalar, types_of

Normal = dict[str, object]
"""A schema in normal form."""

STRING_LIMITS = ("minLength", "maxLength")
ARRAY_LIMITS = ("minItems", "maxItems")
NUMBER_LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
)
LIMITS = frozenset((*STRING_LIMITS, *ARRAY_LIMITS, *NUMBER_LIMITS, "pattern"))
TYPED_FORMATS = frozenset(("date", "date-time"))
"""Formats that become Python types; all others stay the text that they are."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class; its schema stands in the normal form."""

    name: str
    attribute: str
    format: str
    nullable: bool
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The normal form of a schema; null is kept apart."""

    schema: Normal
    nullable: bool = False

    @property
    def with_null(self) -> Normal:
        """The schema, null allowed if it is."""
        schema = self.schema
        if not self.nullable or not schema:
            return schema
        if "enum" in schema:
            return {**schema, "enum": [*listed(schema["enum"]), None]}
        if "anyOf" in schema:
            return {"anyOf": [*listed(schema["anyOf"]), {"type": "null"}]}
        if "$ref" in schema:
            return {"anyOf": [schema, {"type": "null"}]}
        return {**schema, "type": [*type_names(schema), "null"]}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a schema is used: what a class made of it is called, and its `aliases`."""

    owner: str
    word: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def name(self) -> str:
        """Name of a class or a type alias for this place."""
        return self.owner + (pascal(self.word) or "")

    def item(self) -> Place:
        """The same for an item of a list or a value of a mapping."""
        return replace(self, word=singular(self.word.rstrip("_")) or "item")

    def option(self, title: str, number: int) -> Place:
        """The same for one of several alternatives."""
        return Place(self.name, pascal(title) or f"Option{number}", self.aliases)


def kinds(node: Node) -> tuple[tuple[str, ...], bool]:
    """The types that a flat schema allows beside null, and whether it allows null.

    No type: all of them. Keywords that only objects or lists have stand for the type.
    """
    nullable = node.nullable or "null" in node.types or None in node.enum
    types = tuple(name for name in node.types if name != "null")
    if not node.types:
        if node.properties or node.additional:
            types = ("object",)
        elif node.items:
            types = ("array",)
    elif not types:
        types = ("null",)
    return types, nullable


def listed(value: object) -> list[object]:
    """A value of a schema that is known to be a list."""
    return cast("list[object]", value)


def mapped(value: object) -> Normal:
    """A value of a schema that is known to be a mapping."""
    return cast("Normal", value)


def type_names(schema: Normal) -> list[str]:
    """The types that a schema in normal form names, `null` among them."""
    value = schema.get("type", [])
    return [value] if isinstance(value, str) else cast("list[str]", value)


def target_name(schema: Normal) -> str:
    """The entry that a reference in normal form leads to; "" for other schemas."""
    return str(schema.get("$ref", "")).removeprefix("#/$defs/")


def references(schema: object) -> Iterator[str]:
    """Every entry that a schema in normal form refers to, in it or deeper."""
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            normal = mapped(cast("object", value))
            if target_name(normal):
                yield target_name(normal)
            waiting.extend(normal.values())
        elif isinstance(value, list):
            waiting.extend(listed(cast("object", value)))


def reaches(graph: Mapping[str, list[str]], start: str) -> bool:
    """Whether a way leads from `start` back to it."""
    passed: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in passed:
            passed.add(name)
            waiting.extend(graph[name])
    return False


def limits(node: Node, keywords: tuple[str, ...]) -> Normal:
    """Those of the limits that apply to a type."""
    return {name: node.limits[name] for name in keywords if name in node.limits}


def whole_limits(node: Node) -> Normal:
    """Limits of integers as integers, which is what pydantic takes: 0.5 or more is 1 or more."""
    result: Normal = {}
    for keyword in NUMBER_LIMITS:
        if keyword in node.limits:
            value = node.limits[keyword]
            up = keyword in ("minimum", "exclusiveMaximum")
            result[keyword] = math.ceil(value) if up else math.floor(value)
    if "multipleOf" in result and result["multipleOf"] != node.limits["multipleOf"]:
        del result["multipleOf"]
    return result


def fits(value: Scalar, schema: Normal) -> bool:
    """Whether a default is one of the values or types of a schema in normal form."""
    if "enum" in schema:
        return any(
            type(one) is type(value) and one == value for one in listed(schema["enum"])
        )
    names = type_names(schema)
    return not names or bool(set(types_of(value)).intersection(names))


def only_required(node: Node) -> bool:
    """Whether an alternative does nothing but list fields that must be there."""
    return bool(node.required) and not replace(node, required=(), types=()).structure


def narrowed(base: Node, branch: Node, library: Library) -> Node:
    """One alternative together with what stands beside `anyOf`."""
    flat = library.flat(branch)
    if base.structure:
        bare = replace(base, title="", description="", default=None, nullable=False)
        return Node(branch.root, branch.pointer, all_of=(bare, branch))
    if flat.ref or flat.types or flat.any_of or flat.enum:
        return branch
    return replace(flat, types=base.types)


def described(place: Place) -> str:
    """How messages call the class or type alias that a place gives."""
    return f"the schema of {shown(place.word)}" if place.word else "a part of a schema"
