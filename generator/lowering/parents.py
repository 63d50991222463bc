"""The parents of a resource: the values that its requests take, and the columns they lend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.diagnostics import nearest, shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.text import Value
from generator.naming import python_name, singular
from generator.plain import is_list, is_mapping
from generator.pysource import Code, literal
from generator.schema import Property
from generator.spec import PartitionRouter
from generator.values import ParentField

NOTHING = Value(literal(""))
"""Stands for what an error was reported of."""

_PYTHON_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
}
_RESOLVED = ("resource", "field")
_WHOLE = "resources."
"""What an entry of `include_from_parent` starts with that names its resource."""


@dataclass(frozen=True, slots=True)
class Route:
    """A placeholder that the spec gives to a parent, and where it says so."""

    value: ParentField
    pointer: Pointer


Routes = Mapping[str, Route]


def routers(source: Source) -> Iterator[tuple[PartitionRouter, Pointer]]:
    """Every `partition_router` of the endpoint, and where it stands."""
    router = source.part("partition_router")
    pointer = (*source.endpoint_pointer, "partition_router")
    if isinstance(router, PartitionRouter):
        yield router, pointer
    elif is_list(router):
        for index, each in enumerate(router):
            if isinstance(each, PartitionRouter):
                yield each, (*pointer, index)


def routed(source: Source) -> dict[str, Route]:
    """Placeholders that a `partition_router` or a `resolve` parameter gives to a parent."""
    routes: dict[str, Route] = {}
    for router, place in routers(source):
        if router.type == "substream" and router.parent_stream and router.parent_key:
            name = router.partition_field or router.parent_key
            field_ = ParentField(router.parent_stream, router.parent_key)
            routes[name] = Route(field_, (*place, "parent_stream"))
    for name, value in source.params.items():
        if is_mapping(value) and value.get("type") == "resolve":
            resource, resolved = value.get("resource"), value.get("field")
            if isinstance(resource, str) and isinstance(resolved, str):
                pointer = (*source.endpoint_pointer, "params", name, "resource")
                routes[name] = Route(ParentField(resource, resolved), pointer)
    return routes


def included(source: Source) -> tuple[str, ...]:
    """The entries of `include_from_parent`."""
    include = source.option("include_from_parent")
    return tuple(str(each) for each in include) if is_list(include) else ()


def included_field(entry: str, parent: str) -> ParentField:
    """What an entry of `include_from_parent` means: a field of the parent, or of the one it names."""
    if entry.startswith(_WHOLE) and "." in entry.removeprefix(_WHOLE):
        resource, _, name = entry.removeprefix(_WHOLE).partition(".")
        return ParentField(resource, name)
    return ParentField(parent, entry)


def included_column(value: ParentField) -> str:
    """The column of an included field, as dlt calls it."""
    return f"_{value.resource}_{value.field.replace('.', '_')}"


@dataclass(slots=True)
class Parents:
    """Collects what the requests of one resource take from others."""

    context: Context
    sources: Mapping[str, Source]
    source: Source
    values: dict[str, ParentField] = field(default_factory=dict[str, ParentField])
    """Python name of the method's argument to the value."""
    places: dict[str, Pointer] = field(default_factory=dict[str, Pointer])
    """Where the spec names each of the values."""
    used: set[str] = field(default_factory=set[str])
    """Placeholders of routes that the request uses."""

    def routed(self, name: str, route: Route) -> Value:
        """The value of a placeholder that the spec gives to a parent."""
        self.used.add(name)
        return self.value(route.value, route.pointer)

    def value(self, value: ParentField, pointer: Pointer) -> Value:
        """The expression of a parent's field within the client's method."""
        if not self.known(value, pointer):
            return NOTHING
        found, as_sent = self.property(value)
        name = (
            python_name(f"{singular(value.resource)}_{value.field}") or "parent_value"
        )
        if name not in self.values:
            if found is None and "." not in value.field:
                self.warn_unknown(value, pointer)
            self.values[name] = value
            self.places[name] = pointer
        elif self.values[name] != value:
            self.context.error(
                pointer,
                "name-collision",
                f"{shown(value.field)} and {shown(self.values[name].field)} both give the "
                f"argument `{name}`",
                "take one of the two from the parent",
            )
        return Value(Code(name), "JSON" if as_sent else python_type(found))

    def known(self, value: ParentField, pointer: Pointer) -> bool:
        """Whether the value's resource exists; an error if not."""
        if value.resource not in self.sources:
            self.context.error(
                pointer,
                "unknown-parent",
                f"there is no resource {shown(value.resource)}",
                nearest(value.resource, self.sources),
            )
            return False
        if value.resource == self.source.resource.name:
            self.context.error(
                pointer, "unknown-parent", "a resource is not its own parent"
            )
            return False
        return True

    def warn_unknown(self, value: ParentField, pointer: Pointer) -> None:
        properties = self.context.schemas.properties(self.model(value.resource))
        known = [each.name for each in properties]
        lent = value.field.startswith("_") and included(self.sources[value.resource])
        if known and value.field not in known and not lent:
            self.context.warn(
                pointer,
                "parent-field-not-in-schema",
                f"the schema of {value.resource} has no field {shown(value.field)}",
                nearest(value.field, known),
            )

    def warn_resource(self, value: ParentField, pointer: Pointer) -> None:
        """`blogs.id` is a field within the field `blogs`, even if a resource is called so."""
        first, _, inner = value.field.partition(".")
        properties = self.context.schemas.properties(self.model(value.resource))
        if (
            inner
            and first in self.sources
            and first not in {p.name for p in properties}
        ):
            self.context.warn(
                pointer,
                "parent-field-not-in-schema",
                f"{shown(first)} is taken for a field of {value.resource}",
                f"`resources.{value.field}` is a value of the resource",
            )

    def model(self, resource: str) -> str:
        return self.context.schemas.models[self.sources[resource].index]

    def property(self, value: ParentField) -> tuple[Property | None, tuple[str, ...]]:
        """What the schema says of a field; its path where it is sent as the API wrote it."""
        lookup, model = self.context.schemas.lookup, self.model(value.resource)
        path = self.steps(value)
        if len(path) > 1:
            return lookup(model, path), path
        found = lookup(model, path)
        if found is not None and found.format in {"date-time", "date"}:
            return found, (value.field,)
        return found, ()

    def steps(self, value: ParentField) -> tuple[str, ...]:
        """The path of a field; a schema may declare a name that has dots in it."""
        declared = self.context.schemas.properties(self.model(value.resource))
        whole = any(each.name == value.field for each in declared)
        return (value.field,) if whole else tuple(value.field.split("."))

    def check_resolved(self) -> None:
        """`type: resolve` among the parameters: dlt's keys, each with text."""
        for name, value in self.source.params.items():
            if not is_mapping(value) or value.get("type") != "resolve":
                continue
            pointer = (*self.source.endpoint_pointer, "params", name)
            for key in value.keys() - {"type", "resource", "field"}:
                self.context.error(
                    (*pointer, key),
                    "unknown-key",
                    f"unknown key {shown(key)}",
                    nearest(key, _RESOLVED) or "known here: resource, field",
                    key=True,
                )
            for key in _RESOLVED:
                if not isinstance(value.get(key), str):
                    self.context.error(
                        pointer,
                        "missing-key",
                        f"`type: resolve` needs `{key}`, as text",
                        "write `resource`, the parent's name, and `field`, a field of its records",
                    )

    def check(self, routes: Routes) -> None:
        """A router that names no parent, and a parent whose value goes nowhere."""
        self.check_resolved()
        for router, pointer in routers(self.source):
            if router.type == "list":
                if not router.cursor_field or router.values is None:
                    told = "`values` and `cursor_field` are needed to read a list"
                    self.context.error(pointer, "missing-key", told)
            elif not router.parent_stream or not router.parent_key:
                self.context.error(
                    pointer,
                    "missing-key",
                    "`parent_stream` and `parent_key` are needed to read a parent",
                )
        for name, route in routes.items():
            if name not in self.used:
                self.context.error(
                    route.pointer,
                    "unused-parent",
                    f"the request does not use the parent's value {shown(name)}",
                    f"write {{{shown(name)[1:-1]}}} into the path or a parameter",
                )


def python_type(found: Property | None) -> str:
    if found is None or not found.types or not set(found.types) <= set(_PYTHON_TYPES):
        return "JSON"
    return " | ".join(_PYTHON_TYPES[each] for each in found.types)
