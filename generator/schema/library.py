"""Schemas that refer to each other: `$ref` looked up, `allOf` put together into one schema."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import cast
from urllib.parse import unquote

from generator.diagnostics import Collector, nearest, shown
from generator.document import Pointer
from generator.schema.check import Checker
from generator.schema.node import Node, Root, Scalar

_REF = re.compile(r"#/(definitions|\$defs)/([^/]+)")
_CONTAINERS = ("definitions", "$defs")
_MAX_CHAIN = 40
"""How many schemas may build on each other by `allOf`."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A schema that references lead to: an entry of `definitions`, or a whole `Root`."""

    label: str
    """How messages call it."""
    name: str
    """The key in `definitions`; for a root the name that its user gave."""
    node: Node
    whole: bool
    """Not an entry of `definitions`."""


@dataclass(slots=True)
class Library:
    """Every schema of a bundle, by where references look for it."""

    collector: Collector
    checker: Checker
    _entries: dict[Root, dict[tuple[str, str], Definition]] = field(
        default_factory=dict[Root, dict[tuple[str, str], Definition]]
    )
    _wholes: dict[Root, Definition] = field(default_factory=dict[Root, Definition])
    _flat: dict[Node, Node] = field(default_factory=dict[Node, Node])
    _active: set[Node] = field(default_factory=set[Node])

    def add(self, root: Root, raw: object, label: str, name: str) -> Definition:
        """Reads a whole schema, such as a resource's, with the definitions in it."""
        self.add_definitions(root, raw)
        node = self.checker.node(root, root.pointer, raw, top=True)
        self._wholes[root] = Definition(label, name, node, whole=True)
        return self._wholes[root]

    def add_definitions(self, root: Root, raw: object) -> None:
        """Reads the `definitions` and `$defs` of the mapping that `root` stands for."""
        entries = self._entries.setdefault(root, {})
        for container in _CONTAINERS:
            schemas = (
                cast("dict[str, object]", raw).get(container)
                if isinstance(raw, dict)
                else None
            )
            if schemas is not None and not isinstance(schemas, dict):
                place = root.document.locate((*root.pointer, container))
                message = f"{shown(container)} must be a mapping of names to schemas"
                self.collector.error(place, "schema-value", message)
                continue
            for name, schema in cast("dict[str, object]", schemas or {}).items():
                pointer: Pointer = (*root.pointer, container, name)
                node = self.checker.node(root, pointer, schema)
                label = f"the definition {shown(name)}"
                entries[container, name] = Definition(label, name, node, whole=False)

    def target(self, node: Node) -> Definition | None:
        """What the reference of `node` leads to in the end; None after reporting a dead one."""
        passed: set[Definition] = set()
        while (definition := self._entry(node)) not in passed:
            if definition is None:
                return None
            passed.add(definition)
            node = self.flat(definition.node)
            if not node.ref:
                return definition
        self._report_cycle(node)
        return None

    def flat(self, node: Node) -> Node:
        """The same schema without `allOf`: one with keywords of its own, or a mere reference."""
        silent = not node.structure and not node.types
        if not node.all_of and (silent or not node.ref):
            return self._without_null(node) if node.any_of else node
        own = replace(node, ref="", all_of=())
        if node not in self._flat:
            if node in self._active or len(self._active) >= _MAX_CHAIN:
                self._report_cycle(node)
                return own
            self._active.add(node)
            joined = self._joined(node, own, silent)
            self._flat[node] = self._without_null(joined) if joined.any_of else joined
            self._active.discard(node)
        return self._flat[node]

    def _without_null(self, node: Node) -> Node:
        """`anyOf` of one schema and null, the usual way to write a nullable one, as that one."""
        flats = [self.flat(branch) for branch in node.any_of]
        others = [flat for flat in flats if flat.types != ("null",) or flat.enum]
        if len(others) != 1 or replace(node, any_of=()).structure:
            return node
        nullable = node.nullable or len(flats) > 1
        return _annotated(others[0], replace(node, nullable=nullable), [others[0]])

    def _joined(self, node: Node, own: Node, silent: bool) -> Node:
        parts = [Node(node.root, node.pointer, ref=node.ref)] if node.ref else []
        flats = [self.flat(part) for part in (*parts, *node.all_of)]
        saying = [each for each in flats if each.ref or each.structure or each.types]
        if silent and len(saying) == 1 and saying[0].ref:
            # The usual way to give a reference a description of its own.
            return _annotated(saying[0], own, flats)
        for each in flats:
            own = self._merged(own, self._followed(each))
        return own

    def _followed(self, node: Node) -> Node:
        """The schema behind a mere reference, flat."""
        if not node.ref:
            return node
        definition = self.target(node)
        empty = Node(node.root, node.pointer)
        return self.flat(definition.node) if definition else empty

    def _merged(self, one: Node, two: Node) -> Node:
        """What both schemas allow; the first one's words count."""
        if one.any_of and two.any_of:
            message = "more than one anyOf or oneOf in one allOf is not supported"
            self.collector.error(two.locate(), "schema-unsupported", message)
        if len(one.items) > 1 or len(two.items) > 1:
            items = one.items or two.items
        else:
            items = self._both(one.items, two.items)
        return replace(
            one,
            description=one.description or two.description,
            types=self._types(one, two),
            nullable=one.nullable or two.nullable,
            enum=self._enum(one, two),
            format=self._same("format", one.format, two.format, two),
            pattern=self._same("pattern", one.pattern, two.pattern, two),
            limits=_tightest(one, two),
            default=one.default if one.default is not None else two.default,
            properties={
                name: self._both(
                    _some(one.properties.get(name)), _some(two.properties.get(name))
                )[0]
                for name in (*one.properties, *two.properties)
            },
            required=tuple(dict.fromkeys((*one.required, *two.required))),
            additional=next(
                iter(self._both(_some(one.additional), _some(two.additional))), None
            ),
            items=items,
            any_of=one.any_of or two.any_of,
        )

    def _both(self, one: tuple[Node, ...], two: tuple[Node, ...]) -> tuple[Node, ...]:
        if not one or not two or one[0] is two[0]:
            return one or two
        ones, twos = self.flat(one[0]), self.flat(two[0])
        if ones.ref and twos.ref and self._entry(ones) is self._entry(twos):
            return one
        return (Node(one[0].root, one[0].pointer, all_of=(one[0], two[0])),)

    def _types(self, one: Node, two: Node) -> tuple[str, ...]:
        if not one.types or not two.types:
            return one.types or two.types
        whole = {"integer", "number"}
        meet = [
            "integer" if name == "number" and name not in two.types else name
            for name in one.types
            if name in two.types or (name in whole and whole.intersection(two.types))
        ]
        if not meet:
            message = (
                f"allOf asks for {' or '.join(one.types)}"
                f" and for {' or '.join(two.types)}, which no value is"
            )
            self._conflict(two, message)
        return tuple(dict.fromkeys(meet)) or one.types

    def _enum(self, one: Node, two: Node) -> tuple[Scalar, ...]:
        if not one.enum or not two.enum:
            return one.enum or two.enum
        known = {(type(value), value) for value in two.enum}
        meet = tuple(value for value in one.enum if (type(value), value) in known)
        if not meet:
            self._conflict(two, "allOf lists values that have none in common")
        return meet or one.enum

    def _same(self, keyword: str, one: str, two: str, place: Node) -> str:
        if one and two and one != two:
            message = (
                f"allOf gives two values of {keyword!r}: {shown(one)}, {shown(two)}"
            )
            self._conflict(place, message)
        return one or two

    def _conflict(self, node: Node, message: str) -> None:
        self.collector.error(node.locate(), "schema-conflict", message)

    def _report_cycle(self, node: Node) -> None:
        message = "this schema is made of itself, or of too many others"
        hint = "a schema may refer to itself in `properties` only"
        self.collector.error(node.locate(), "schema-cycle", message, hint)

    def _entry(self, node: Node) -> Definition | None:
        """The definition that the reference of `node` names, in its root or the one around."""
        match = _REF.fullmatch(node.ref)
        names: set[str] = set()
        root: Root | None = node.root
        while root is not None:
            if node.ref == "#" and root in self._wholes:
                return self._wholes[root]
            entries = self._entries.get(root, {})
            for container in _CONTAINERS if match else ():
                name = unquote(match[2]) if match else ""
                name = name.replace("~1", "/").replace("~0", "~")
                if (container, name) in entries:
                    return entries[container, name]
            names.update(f"#/{container}/{name}" for container, name in entries)
            root = root.outer
        if match:
            message = f"there is no definition {shown(node.ref)}"
            hint = nearest(node.ref, names)
        else:
            message = f"the reference {shown(node.ref)} is not supported"
            last = node.ref.rpartition("/")[2]
            hint = next(
                (
                    f"did you mean {name!r}?"
                    for name in sorted(names)
                    if name.endswith(f"/{last}")
                ),
                "write `#/definitions/X`",
            )
        place = node.locate("$ref") if node.pointer else node.locate()
        self.collector.error(place, "schema-ref", message, hint)
        return None


def _some(node: Node | None) -> tuple[Node, ...]:
    return (node,) if node else ()


def _annotated(reference: Node, own: Node, others: list[Node]) -> Node:
    """A mere reference with the words of the schemas around it."""
    around = (own, *others)
    return replace(
        reference,
        title="",
        description=next((n.description for n in around if n.description), ""),
        nullable=any(node.nullable for node in around),
        default=next((n.default for n in around if n.default is not None), None),
    )


def _tightest(one: Node, two: Node) -> dict[str, int | float]:
    limits = dict(one.limits)
    for keyword, value in two.limits.items():
        known = limits.get(keyword, value)
        if (
            keyword == "multipleOf"
            and isinstance(known, int)
            and isinstance(value, int)
        ):
            limits[keyword] = math.lcm(known, value)
        elif "max" in keyword.lower():
            limits[keyword] = min(known, value)
        else:
            limits[keyword] = max(known, value)
    return limits
