"""The primary key of a record, from the names of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.importers.openapi_records import Records, path_nouns, path_shape
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_words import plain_name

_USUAL = ("id", "uuid", "gid", "sid", "guid", "_id")


def item_keys(paths: Iterable[str]) -> dict[str, str]:
    """Shape of a path to the placeholder that names one of its records: `id` of `/users/{id}`."""
    found: dict[str, str] = {}
    for path in paths:
        above, _, last = path.rstrip("/").rpartition("/")
        name = last[1:-1]
        if last == f"{{{name}}}" and name in _USUAL:
            found[path_shape(above)] = name
    return found


def undeclared_key(
    records: Records, path: str, shapes: Shapes, keys: Mapping[str, str]
) -> str:
    """The key that a path gives to records whose schema leaves it out; "" without one."""
    name = keys.get(path_shape(path), "")
    fields = shapes.fields(records.item)
    return (
        name
        if name and name not in fields and not primary_key(records, path, shapes)[0]
        else ""
    )


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
