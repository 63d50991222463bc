"""The parent of a resource: the values that its requests take, and the columns it lends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from generator import ir
from generator.contract import FORBIDDEN_NAMES
from generator.diagnostics import nearest, shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.text import Value
from generator.naming import python_name, singular, snake
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
_LOCALS = FORBIDDEN_NAMES | {"extra", "page", "self", "since", "until"}
"""Names beside a parent's record in the client's methods."""


@dataclass(frozen=True, slots=True)
class Route:
    """A placeholder that the spec gives to a parent, and where it says so."""

    value: ParentField
    pointer: Pointer


Routes = Mapping[str, Route]


def routed(source: Source) -> dict[str, Route]:
    """Placeholders that a `partition_router` or a `resolve` parameter gives to a parent."""
    routes: dict[str, Route] = {}
    router = source.part("partition_router")
    if (
        isinstance(router, PartitionRouter)
        and router.parent_stream
        and router.parent_key
    ):
        name = router.partition_field or router.parent_key
        pointer = (*source.endpoint_pointer, "partition_router", "parent_stream")
        routes[name] = Route(
            ParentField(router.parent_stream, router.parent_key), pointer
        )
    for name, value in source.params.items():
        if is_mapping(value) and value.get("type") == "resolve":
            resource, resolved = value.get("resource"), value.get("field")
            if isinstance(resource, str) and isinstance(resolved, str):
                pointer = (*source.endpoint_pointer, "params", name, "resource")
                routes[name] = Route(ParentField(resource, resolved), pointer)
    return routes


@dataclass(slots=True)
class Parents:
    """Collects what one resource takes from its parent; there can be one parent."""

    context: Context
    sources: Mapping[str, Source]
    methods: Mapping[str, str]
    source: Source
    values: dict[str, ParentField] = field(default_factory=dict[str, ParentField])
    """Python name of the method's argument to the value."""
    used: set[str] = field(default_factory=set[str])
    """Placeholders of routes that the request uses."""

    def routed(self, name: str, route: Route) -> Value:
        """The value of a placeholder that the spec gives to a parent."""
        self.used.add(name)
        return self.value(route.value, route.pointer)

    def value(self, value: ParentField, pointer: Pointer) -> Value:
        """The expression of a parent's field within the client's method."""
        if value.resource not in self.sources:
            self.context.error(
                pointer,
                "unknown-parent",
                f"there is no resource {shown(value.resource)}",
                nearest(value.resource, self.sources),
            )
            return NOTHING
        if value.resource == self.source.resource.name:
            self.context.error(
                pointer, "unknown-parent", "a resource is not its own parent"
            )
            return NOTHING
        found = self._property(value)
        name = (
            python_name(f"{singular(value.resource)}_{value.field}") or "parent_value"
        )
        if name not in self.values:
            self._check(value, found, pointer)
            self.values[name] = value
        elif self.values[name] != value:
            self.context.error(
                pointer,
                "name-collision",
                f"{shown(value.field)} and {shown(self.values[name].field)} both give the "
                f"argument `{name}`",
                "take one of the two from the parent",
            )
        return Value(Code(name), _python_type(found))

    def _check(
        self, value: ParentField, found: Property | None, pointer: Pointer
    ) -> None:
        first = next(iter(self.values.values()), value).resource
        if first != value.resource:
            self.context.error(
                pointer,
                "not-supported-yet",
                "a resource with two parents is not supported yet",
                f"read {value.resource} through {first}",
            )
        if found is not None and found.format in {"date-time", "date"}:
            self.context.error(
                pointer,
                "not-supported-yet",
                f"{shown(value.field)} is a {found.format}: it cannot be sent yet",
            )
        if found is None and "." in value.field:
            self.context.error(
                pointer,
                "not-supported-yet",
                f"{shown(value.field)} is inside of a field: it cannot be sent yet",
                "name a field at the top of the parent's record",
            )
        elif found is None:
            self._warn_unknown(value.resource, value.field, pointer)

    def _warn_unknown(self, resource: str, name: str, pointer: Pointer) -> None:
        properties = self.context.schemas.properties(self._model(resource))
        known = [each.name for each in properties]
        if known and name not in known:
            self.context.warn(
                pointer,
                "parent-field-not-in-schema",
                f"the schema of {resource} has no field {shown(name)}",
                nearest(name, known),
            )

    def _model(self, resource: str) -> str:
        return self.context.schemas.models[self.sources[resource].index]

    def _property(self, value: ParentField) -> Property | None:
        return self.context.schemas.lookup(self._model(value.resource), [value.field])

    # ---- the whole parent

    def lower(self, routes: Routes, settings: Iterable[str]) -> ir.Parent | None:
        """The parent, once the request is known; `settings` are its local variables."""
        self._check_router()
        self._check_unused(routes)
        pointer = (*self.source.pointer, "include_from_parent")
        if not self.values:
            if self.source.resource.include_from_parent:
                self.context.error(
                    pointer,
                    "unknown-parent",
                    "`include_from_parent` is given, but no `{resources.parent.field}` is used",
                )
            return None
        for name in self.values.keys() & set(settings):
            self.context.error(
                self.source.endpoint_pointer,
                "name-collision",
                f"a placeholder and a value of the parent both give the argument `{name}`",
                "rename the placeholder",
            )
        name = next(iter(self.values.values())).resource
        include = self.source.option("include_from_parent")
        fields = [str(each) for each in include] if is_list(include) else []
        for index, included in enumerate(fields):
            self._warn_unknown(name, included, (*pointer, index))
        variable = python_name(singular(snake(name) or "parent")) or "parent"
        return ir.Parent(
            resource=name,
            method=self.methods[name],
            model=self._model(name),
            variable=f"{variable}_record" if variable in _LOCALS else variable,
            values=tuple(self._lowered()),
            include=tuple((f"_{name}_{field}", field) for field in fields),
        )

    def _lowered(self) -> Iterator[ir.ParentValue]:
        for name, value in self.values.items():
            found = self._property(value)
            yield ir.ParentValue(
                argument=name,
                field=value.field,
                attribute=found.attribute if found else "",
                nullable=found is None or found.nullable or not found.required,
                type=_python_type(found),
            )

    def _check_router(self) -> None:
        router = self.source.part("partition_router")
        if not isinstance(router, PartitionRouter):
            return
        pointer = (*self.source.endpoint_pointer, "partition_router")
        if router.type == "list":
            self.context.error(
                (*pointer, "type"),
                "not-supported-yet",
                "a `list` of partitions is not supported yet",
                "write one resource for each value",
            )
        elif not router.parent_stream or not router.parent_key:
            self.context.error(
                pointer,
                "missing-key",
                "`parent_stream` and `parent_key` are needed to read a parent",
            )

    def _check_unused(self, routes: Routes) -> None:
        """A parent whose value goes nowhere would be ignored."""
        for name, route in routes.items():
            if name not in self.used:
                self.context.error(
                    route.pointer,
                    "unused-parent",
                    f"the request does not use the parent's value {shown(name)}",
                    f"write {{{shown(name)[1:-1]}}} into the path or a parameter",
                )


def _python_type(found: Property | None) -> str:
    if found is None or not found.types or not set(found.types) <= set(_PYTHON_TYPES):
        return "JSON"
    return " | ".join(_PYTHON_TYPES[each] for each in found.types)
