"""The primary key of a record, from the names of its fields."""

from __future__ import annotations

from generator.importers.openapi_records import Records, path_nouns
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_words import plain_name

_USUAL = ("id", "uuid", "gid", "sid", "guid", "_id")


def primary_key(records: Records, path: str, shapes: Shapes) -> tuple[str, str]:
    """The field that identifies a record, and why that is no matter of course; "" without one."""
    fields = shapes.fields(records.item)
    plain = {plain_name(name): name for name in reversed(fields)}
    nouns = path_nouns(path)
    own = [f"{noun}_{key}" for noun in nouns[:1] for key in ("id", "uuid", "sid")]
    for choice in (*_USUAL, *own):
        name = plain.get(choice.strip("_") if choice == "_id" else choice)
        if name is None or not shapes.types(fields[name]) <= {"string", "integer"}:
            continue
        if choice in _USUAL[:4]:
            return name, ""
        return name, f"`{name}` is taken for the key by its name"
    return "", ""
