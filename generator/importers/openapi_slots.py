"""What a request takes: query parameters, and the fields of a POST body, by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.importers.openapi_operations import Operation, Parameter
from generator.importers.openapi_shapes import Schema, Shapes
from generator.importers.openapi_words import FILTERS, PAGING, plain_name

_BODY_GROUPS = ("pagination", "paging", "page", "options", "cursor")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the request takes something: a query parameter, or a path in the JSON body."""

    name: str
    path: str
    """The name of the parameter, or the path in the body."""
    in_body: bool
    schema: Schema
    types: frozenset[str]
    words: str

    def key(self, what: str) -> str:
        return f"{what}_body_path" if self.in_body else f"{what}_param"


def request_slots(operation: Operation, shapes: Shapes) -> list[Slot]:
    """What the request takes: query parameters, and two levels of a POST body."""
    found = [
        _slot(each, shapes) for each in operation.parameters if each.where == "query"
    ]
    if operation.method != "POST":
        return _without_ranges(found)
    for name, schema in shapes.fields(operation.body).items():
        if len(name) == 1:
            continue  # `p` is a probability there as often as a page
        found.append(_body_slot(name, name, schema, shapes))
        if plain_name(name) in _BODY_GROUPS and shapes.is_object(schema):
            for inner, below in shapes.fields(schema).items():
                found.append(_body_slot(inner, f"{name}.{inner}", below, shapes))
    return _without_ranges(found)


def _without_ranges(slots: list[Slot]) -> list[Slot]:
    """Leaves out both ends of a range: `start` with an `end` is no offset."""
    names = {leaf_name(slot.name) for slot in slots}
    ends = {
        n
        for n in names
        if n.startswith("end") and n.replace("end", "start", 1) in names
    }
    gone = ends | {name.replace("end", "start", 1) for name in ends}
    return [slot for slot in slots if leaf_name(slot.name) not in gone]


def _slot(each: Parameter, shapes: Shapes) -> Slot:
    types = shapes.types(each.schema)
    return Slot(each.name, each.name, False, each.schema, types, each.description)


def _body_slot(name: str, path: str, schema: Schema, shapes: Shapes) -> Slot:
    types = shapes.types(schema)
    return Slot(name, path, True, schema, types, shapes.words(schema))


def is_paged(slots: list[Slot], shapes: Shapes) -> bool:
    """Whether a request asks for one of several pages."""
    return any(
        leaf_name(slot.name) in PAGING
        and slot.types != frozenset(("object",))
        and not is_time(slot, shapes)
        for slot in slots
    )


def is_time(slot: Slot, shapes: Shapes) -> bool:
    """Whether it takes a date: an `after` or a `start` is a filter then, no place in a list."""
    if leaf_name(slot.name) not in FILTERS:
        return False
    return shapes.format(slot.schema) in ("date", "date-time")


def leaf_name(name: str) -> str:
    """A parameter's name in plain words; the innermost of `page[size]`."""
    inner = re.fullmatch(r"([\w-]+)\[([\w-]+)\]", name)
    if inner is None:
        return plain_name(name)
    outer, last = plain_name(inner[1]), plain_name(inner[2])
    if outer in ("page", "pagination", "paging"):
        return {"number": "page", "limit": "limit", "size": "page_size"}.get(last, last)
    return plain_name(name)
