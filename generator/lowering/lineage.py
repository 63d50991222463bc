"""The chain of parents above each resource, once all requests are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import ir
from generator.contract import FORBIDDEN_NAMES
from generator.diagnostics import shown
from generator.lowering.parents import (
    Parents,
    included,
    included_column,
    included_field,
    python_type,
)
from generator.naming import python_name, singular, snake
from generator.values import ParentField

_LOCALS = FORBIDDEN_NAMES | {
    *("as_sent", "extra", "itertools", "page", "self", "since", "until")
}
"""Names beside the records of parents in the client's methods."""


@dataclass(slots=True)
class Lineage:
    """Every resource with what it takes from others, by name."""

    parents: Mapping[str, Parents]
    methods: Mapping[str, str]

    def placed(self, resource: ir.Resource) -> ir.Resource:
        """The resource with its parent."""
        names = {*resource.settings, *(each.argument for each in resource.each)}
        return resource._replace(parent=self._parent(resource.name, names))

    def nearest(self, name: str, above: tuple[str, ...] = ()) -> str | None:
        """The parent: of the resources that a request names, the one below all others.

        None where the request names none, or resources that are in no one chain.
        """
        named = dict.fromkeys(
            each.resource for each in self.parents[name].values.values()
        )
        if len(named) < 2 or name in above:
            return next(iter(named), None)
        for candidate in named:
            line = {candidate, *self.chain(candidate, (*above, name))}
            if line.issuperset(named):
                return candidate
        return None

    def chain(self, name: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The resources above one, the nearest first; a circle is cut."""
        found: list[str] = []
        parent = self.nearest(name, above)
        while parent is not None and parent not in (*found, name):
            found.append(parent)
            parent = self.nearest(parent, above)
        return tuple(found)

    def _parent(self, name: str, taken: set[str]) -> ir.Parent | None:
        """The parent of a resource; `taken` are other local names of its methods."""
        parents = self.parents[name]
        context, source = parents.context, parents.source
        pointer = (*source.pointer, "include_from_parent")
        if not parents.values:
            if source.resource.include_from_parent:
                context.error(
                    pointer,
                    "unknown-parent",
                    "`include_from_parent` is given, but no `{resources.parent.field}` is used",
                )
            return None
        for argument in parents.values.keys() & taken:
            context.error(
                source.endpoint_pointer,
                "name-collision",
                f"a placeholder and a value of the parent both give the argument `{argument}`",
                "rename the placeholder",
            )
        parent = self.nearest(name)
        if parent is None:
            self._report_two(parents)
            return None
        chain = self.chain(name)
        values = tuple(self._values(parents, chain))
        include = tuple(self._include(parents, chain))
        depth = self._depth(values, chain)
        return ir.Parent(
            resource=parent,
            method=self.methods[parent],
            model=parents.model(parent),
            line=tuple(_ancestors(chain[:depth], taken | set(parents.values))),
            values=values,
            include=include,
        )

    def _report_two(self, parents: Parents) -> None:
        """Two resources, neither of which is read for each record of the other."""
        first, *_, last = parents.values
        one, other = parents.values[first].resource, parents.values[last].resource
        parents.context.error(
            parents.places[last],
            "two-parents",
            f"{shown(one)} and {shown(other)} are no chain: neither is read for each "
            "record of the other",
            f"use a value of {shown(one)} in the request of {shown(other)}, or write the "
            "values of one of them as `for_each`",
        )

    def origin(self, value: ParentField) -> ParentField:
        """The field itself, where a column that `include_from_parent` fills is named."""
        while value.field.startswith("_") and value.resource in self.parents:
            parent = self.nearest(value.resource) or ""
            entries = included(self.parents[value.resource].source)
            fields = (included_field(entry, parent) for entry in entries)
            found = next(
                (each for each in fields if included_column(each) == value.field), None
            )
            if found is None or not found.resource or found == value:
                break
            value = found
        return value

    def _values(
        self, parents: Parents, chain: tuple[str, ...]
    ) -> Iterator[ir.ParentValue]:
        for name, named in parents.values.items():
            value = self.origin(named)
            found, as_sent = parents.property(value)
            yield ir.ParentValue(
                argument=name,
                field=value.field,
                attribute=found.attribute if found and not as_sent else "",
                nullable=(
                    found is None
                    or found.nullable
                    or not found.required
                    or len(as_sent) > 1
                ),
                type="JSON" if as_sent else python_type(found),
                level=chain.index(value.resource) if value.resource in chain else 0,
                as_sent=as_sent,
            )

    def _include(
        self, parents: Parents, chain: tuple[str, ...]
    ) -> Iterator[ir.Included]:
        for index, entry in enumerate(included(parents.source)):
            pointer = (*parents.source.pointer, "include_from_parent", index)
            value = included_field(entry, chain[0])
            if not parents.known(value, pointer):
                continue
            if value.resource not in chain:
                parents.context.error(
                    pointer,
                    "unknown-parent",
                    f"{shown(value.resource)} is no parent of this resource",
                    f"its parents are {', '.join(map(shown, chain))}",
                )
                continue
            found, _ = parents.property(value)
            if found is None:
                parents.warn_unknown(value, pointer)
            parents.warn_resource(value, pointer)
            level = chain.index(value.resource)
            yield ir.Included(included_column(value), parents.steps(value), level)

    def _depth(self, values: tuple[ir.ParentValue, ...], chain: tuple[str, ...]) -> int:
        """How many ancestors the plain client reads one in another."""
        depth = 1 + max(value.level for value in values)
        for level in range(len(chain)):
            if level + 1 >= depth:
                break
            own = self.parents[chain[level]]
            named = [self.origin(value).resource for value in own.values.values()]
            used = [chain.index(each) + 1 for each in named if each in chain]
            depth = max(depth, *used)
        return depth


def _ancestors(chain: tuple[str, ...], taken: set[str]) -> Iterator[ir.Ancestor]:
    names = set(_LOCALS | taken)
    for resource in chain:
        name = python_name(singular(snake(resource) or "parent")) or "parent"
        if name in names:
            name = f"{name}_record"
        while name in names:
            name += "_"
        names.add(name)
        yield ir.Ancestor(resource, name)


def with_memory(resources: list[ir.Resource]) -> list[ir.Resource]:
    """Marks the resources whose rows or records must know more than they load."""
    by_name = {each.name: each for each in resources}
    links: set[str] = set()
    remembers: set[str] = set()
    for resource in resources:
        parent = resource.parent
        if parent is None:
            continue
        chain: list[str] = []
        above: ir.Parent | None = parent
        while above is not None and above.resource not in chain:
            chain.append(above.resource)
            above = by_name[above.resource].parent
        levels = [each.level for each in parent.values]
        levels.extend(each.level for each in parent.include)
        links.update(chain[: max(levels)])
        remembers.update(chain[value.level] for value in parent.values if value.as_sent)
    return [
        each._replace(links=each.name in links, remembers=each.name in remembers)
        for each in resources
    ]
