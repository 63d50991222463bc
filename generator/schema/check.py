"""Checks JSON Schemas keyword by keyword against a closed list, and makes nodes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from generator.diagnostics import Collector, Location, nearest, shown
from generator.document import Pointer
from generator.schema.node import Node, Root, Scalar, pattern_problem, types_of

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")

_KEYWORDS = frozenset("""
    $ref $defs definitions title description type nullable enum const format pattern default
    properties required additionalProperties items prefixItems allOf anyOf oneOf minLength
    maxLength minItems maxItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
    """.split())
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems")
_MAX_COUNT = 2**31 - 1
_MAX_NUMBER = 1e300
_BOUNDS = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_ANNOTATIONS = frozenset("""
    $schema $id id $comment $vocabulary readOnly writeOnly deprecated example examples
    externalDocs xml discriminator contentEncoding contentMediaType contentSchema
    additionalItems
    """.split())
"""Keywords that say nothing about which records are valid: dropped without a word."""
_UNCHECKED = frozenset("""
    uniqueItems minProperties maxProperties contains minContains maxContains
    """.split())
"""Limits that a model cannot express: dropped with a warning."""
_UNSUPPORTED = frozenset("""
    if then else not dependencies dependentRequired dependentSchemas patternProperties
    propertyNames unevaluatedProperties unevaluatedItems $anchor $dynamicRef
    $dynamicAnchor $recursiveRef $recursiveAnchor extends disallow divisibleBy
    """.split())
_VENDOR = re.compile(r"x-|custom|airbyte_", re.IGNORECASE)
_UNKNOWN_TYPES = {
    "str": "string",
    "text": "string",
    "date": "string",
    "datetime": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "dict": "object",
    "map": "object",
    "list": "array",
    "none": "null",
}


@dataclass(slots=True)
class Checker:
    """Makes nodes of raw schemas and reports every keyword that is not as it must be."""

    collector: Collector
    _dropped: dict[str, tuple[Location, int]] = field(
        default_factory=dict[str, tuple[Location, int]]
    )

    def node(
        self, root: Root, pointer: Pointer, raw: object, *, top: bool = False
    ) -> Node:
        """The schema `raw` that stands at `pointer`, without what is wrong in it.

        Only a `top` schema may hold `definitions` or `$defs`.
        """
        if raw is True:
            return Node(root, pointer)
        if not isinstance(raw, dict):
            what = "false, which no value fits" if raw is False else _kind(raw)
            message = f"a schema must be a mapping, not {what}"
            place = root.document.locate(pointer)
            self.collector.error(place, "schema-value", message)
            return Node(root, pointer)
        schema = cast("dict[str, object]", raw)
        for keyword in schema:
            inner = keyword in ("definitions", "$defs") and not top
            if inner or keyword not in _KEYWORDS:
                self._refuse(root, pointer, schema, keyword)
        return _Reading(self, root, pointer, schema).node()

    def drop(self, what: str, place: Location) -> None:
        """Counts a part of a schema that has no effect, for one warning at the end."""
        first, count = self._dropped.get(what, (place, 0))
        self._dropped[what] = (first, count + 1)

    def report_dropped(self) -> None:
        """One warning for each kind of keyword that was dropped."""
        for what, (place, count) in self._dropped.items():
            times = f" ({count} times)" if count > 1 else ""
            message = f"{what}{times} has no effect"
            self.collector.warning(place, "schema-dropped", message)

    def _refuse(
        self, root: Root, pointer: Pointer, raw: dict[str, object], keyword: str
    ) -> None:
        """Reports or drops a keyword that is not part of the subset."""
        place = root.document.locate((*pointer, keyword), key=True)
        if keyword in _ANNOTATIONS:
            return
        if _VENDOR.match(keyword):
            self.drop(f"the vendor keyword {shown(keyword)}", place)
        elif keyword in _UNCHECKED:
            if raw[keyword] is not False:
                self.drop(f"the keyword {shown(keyword)}", place)
        elif keyword in _KEYWORDS:
            message = f"{shown(keyword)} is only supported at the top of a schema"
            self.collector.error(place, "schema-unsupported", message)
        elif keyword in _UNSUPPORTED:
            message = f"the keyword {shown(keyword)} is not supported"
            hint = "leave it out: records are checked by the other keywords only"
            self.collector.error(place, "schema-unsupported", message, hint)
        else:
            message = f"unknown keyword {shown(keyword)}"
            hint = nearest(keyword, _KEYWORDS)
            if "properties" not in raw and isinstance(raw[keyword], dict):
                hint = hint or "the fields of an object stand under `properties:`"
            self.collector.error(place, "schema-keyword", message, hint)


@dataclass(slots=True)
class _Reading:
    """The keywords of one schema while they are read."""

    checker: Checker
    root: Root
    pointer: Pointer
    raw: dict[str, object]

    def node(self) -> Node:
        alternatives = (*self._schemas("anyOf"), *self._schemas("oneOf"))
        if "anyOf" in self.raw and "oneOf" in self.raw:
            self._error("oneOf", "anyOf and oneOf cannot stand beside each other")
        node = Node(
            root=self.root,
            pointer=self.pointer,
            title=self._text("title").strip(),
            description=_tidy(self._text("description")),
            ref=self._text("$ref"),
            types=self._types(),
            nullable=self._flag("nullable"),
            enum=self._enum(),
            format=self._text("format"),
            pattern=self._pattern(),
            limits=self._limits(),
            default=self._default(),
            properties=self._properties(),
            required=self._required(),
            additional=self._additional(),
            items=self._items(),
            all_of=self._schemas("allOf"),
            any_of=alternatives,
        )
        self._check_enum(node)
        return node

    def _error(
        self, keyword: str, message: str, hint: str = "", code: str = "schema-value"
    ) -> None:
        place = self.root.document.locate((*self.pointer, keyword))
        self.checker.collector.error(place, code, message, hint)

    def _expected(self, keyword: str, what: str, hint: str = "") -> None:
        found = _kind(self.raw[keyword])
        self._error(keyword, f"{shown(keyword)} must be {what}, not {found}", hint)

    def _child(self, raw: object, *steps: str | int) -> Node:
        return self.checker.node(self.root, (*self.pointer, *steps), raw)

    def _text(self, keyword: str) -> str:
        value = self.raw.get(keyword)
        if value is None or isinstance(value, str):
            return value or ""
        self._expected(keyword, "text")
        return ""

    def _flag(self, keyword: str) -> bool:
        value = self.raw.get(keyword, False)
        if isinstance(value, bool):
            return value
        self._expected(keyword, "true or false")
        return False

    def _types(self) -> tuple[str, ...]:
        if "type" not in self.raw:
            return ()
        value = self.raw["type"]
        names = cast("list[object]", value) if isinstance(value, list) else [value]
        types: dict[str, None] = {}
        for name in names:
            # YAML reads the word null as nothing; in a list there is no doubt.
            word = "null" if name is None and isinstance(value, list) else name
            if isinstance(word, str) and word in TYPES:
                types[word] = None
            elif isinstance(word, str):
                known = _UNKNOWN_TYPES.get(word.lower())
                hint = f"did you mean {known!r}?" if known else nearest(word, TYPES)
                hint = hint or f"one of {', '.join(TYPES)}"
                message = f"unknown type {shown(word)}"
                self._error("type", message, hint, "schema-type")
            else:
                message = f"a type must be text, not {_kind(word)}"
                hint = 'write "null" in quotes' if word is None else ""
                self._error("type", message, hint, "schema-type")
        if not names:
            self._error("type", "the list of types is empty", code="schema-type")
        return tuple(types)

    def _enum(self) -> tuple[Scalar, ...]:
        if "const" in self.raw:
            return self._scalars("const", [self.raw["const"]])
        if "enum" not in self.raw:
            return ()
        value = self.raw["enum"]
        if not isinstance(value, list) or not value:
            self._expected("enum", "a list of values")
            return ()
        return self._scalars("enum", cast("list[object]", value))

    def _scalars(self, keyword: str, values: list[object]) -> tuple[Scalar, ...]:
        known: dict[tuple[type, object], Scalar] = {}
        for value in values:
            if value is None or isinstance(value, str | int | float):
                known[type(value), value] = value
            else:
                message = f"{_kind(value)} in {shown(keyword)} is not supported"
                self._error(keyword, message, code="schema-enum")
        return tuple(known.values())

    def _check_enum(self, node: Node) -> None:
        """Reports values that the type next to them does not allow; null is no such value."""
        types = node.types
        for value in node.enum if types else ():
            if value is not None and not set(types_of(value)).intersection(types):
                message = f"{shown(value)} is not of type {' or '.join(types)}"
                hint = f'quote it: "{value}"' if "string" in types else ""
                keyword = "const" if "const" in self.raw else "enum"
                self._error(keyword, message, hint, "schema-enum")

    def _pattern(self) -> str:
        pattern = self._text("pattern")
        problem = pattern_problem(pattern) if pattern else None
        if problem is None:
            return pattern
        place = self.root.document.locate((*self.pointer, "pattern"))
        if problem.valid:
            message = f"the pattern is not checked: {problem.reason}"
            self.checker.collector.warning(place, "pattern-dropped", message)
        else:
            message = f"not a regular expression: {problem.reason}"
            self.checker.collector.error(place, "schema-pattern", message)
        return ""

    def _limits(self) -> dict[str, int | float]:
        limits: dict[str, int | float] = {}
        for keyword in _COUNTS:
            count = self._number(keyword)
            if count is not None and not (0 <= count <= _MAX_COUNT and count % 1 == 0):
                self._expected(keyword, f"a whole number from 0 to {_MAX_COUNT:,}")
            elif count is not None:
                limits[keyword] = int(count)
        for keyword, exclusive in _BOUNDS.items():
            bound = self._number(keyword)
            beyond = None
            if isinstance(self.raw.get(exclusive), bool):
                # draft 4 and OpenAPI 3.0: a flag beside the bound
                if self.raw[exclusive]:
                    bound, beyond = None, bound
            else:
                beyond = self._number(exclusive)
            if bound is not None:
                limits[keyword] = bound
            if beyond is not None:
                limits[exclusive] = beyond
        multiple = self._number("multipleOf")
        if multiple is not None and multiple <= 0:
            self._error("multipleOf", "'multipleOf' must be more than 0")
        elif multiple is not None:
            limits["multipleOf"] = multiple
        return limits

    def _number(self, keyword: str) -> int | float | None:
        value = self.raw.get(keyword)
        if keyword not in self.raw:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) <= _MAX_NUMBER:
                return value
        self._expected(keyword, f"a number below {_MAX_NUMBER:.0e}")
        return None

    def _default(self) -> Scalar:
        value = self.raw.get("default")
        if value is None or isinstance(value, str | int | float):
            return value
        if value:
            place = self.root.document.locate((*self.pointer, "default"))
            self.checker.drop("a default that is a list or a mapping", place)
        return None

    def _properties(self) -> dict[str, Node]:
        value = self.raw.get("properties")
        if isinstance(value, dict):
            fields = cast("dict[str, object]", value)
            return {
                name: self._child(raw, "properties", name)
                for name, raw in fields.items()
            }
        if value is not None:
            self._expected("properties", "a mapping of field names to schemas")
        return {}

    def _required(self) -> tuple[str, ...]:
        value = self.raw.get("required", [])
        names = cast("list[object]", value) if isinstance(value, list) else [None]
        texts = tuple(name for name in names if isinstance(name, str))
        if len(texts) != len(names):
            hint = "list the field's name under `required:` of the object around it"
            flag = isinstance(value, bool)
            self._expected("required", "a list of field names", hint if flag else "")
        return texts

    def _additional(self) -> Node | None:
        value = self.raw.get("additionalProperties")
        if value is None or isinstance(value, bool):
            return None
        return self._child(value, "additionalProperties")

    def _items(self) -> tuple[Node, ...]:
        listed = isinstance(self.raw.get("items"), list)
        items = (*self._schemas("prefixItems"), *(self._schemas("items", listed)))
        if not listed and self.raw.get("items") not in (None, False):
            items = (*items, self._child(self.raw["items"], "items"))
        return items

    def _schemas(self, keyword: str, wanted: bool = True) -> tuple[Node, ...]:
        if keyword not in self.raw or not wanted:
            return ()
        value = self.raw[keyword]
        if not isinstance(value, list) or not value:
            self._expected(keyword, "a list of schemas")
            return ()
        parts = cast("list[object]", value)
        return tuple(self._child(raw, keyword, i) for i, raw in enumerate(parts))


def _tidy(text: str) -> str:
    """A description without white space that nobody sees."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {shown(value, 30)}"
        case dict():
            return "an empty mapping" if not value else "a mapping"
        case list():
            return "an empty list" if not value else "a list"
        case _:
            return f"the number {shown(value, 30)}"
