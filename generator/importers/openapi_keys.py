"""The fields that identify records: by their names, and by the paths that lead to one record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from generator.importers.openapi_records import Records, path_nouns, path_shape
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_words import plain_name
from generator.naming import singular, snake

_USUAL = ("id", "uuid", "gid", "sid", "guid", "_id")
_KEYS = ("id", "gid", "sid", "uuid", "key", "slug", "code", "name")
_SUFFIX = re.compile(r"\.(json|xml)$")


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of a resource; the empty name where none is known."""

    name: str = ""
    why: str = ""
    """Why it is one, where that is no matter of course."""
    undeclared: bool = False
    """The schema of the records leaves it out."""
    is_local: bool = False
    """It need not be unique beyond one value of the path's placeholders."""


def item_placeholders(paths: Iterable[str], lists: Set[str]) -> dict[str, str]:
    """Shape of a list's path to what names one of its records: `id` of `/users/{id}`.

    `lists`: the paths of lists, which are no paths of one record.
    """
    found: dict[str, str] = {}
    for path in paths:
        if path in lists:
            continue
        above, _, last = _SUFFIX.sub("", path.rstrip("/")).rpartition("/")
        name = last[1:-1]
        if name and last == f"{{{name}}}":
            found.setdefault(path_shape(above), name)
    # Of `/fields/{group}/{name}` the group alone names no field.
    return {
        shape: name for shape, name in found.items() if f"{shape}/{{}}" not in found
    }


def primary_key(
    records: Records, path: str, shapes: Shapes, placeholders: Mapping[str, str]
) -> Key:
    """The field that identifies a record."""
    fields = shapes.fields(records.item)
    plain = {plain_name(name): name for name in reversed(fields)}
    for choice in _USUAL:
        name = plain.get(choice.strip("_"))
        # Many documents call whole numbers `number`.
        scalar = {"string", "integer", "number"}
        if name is not None and shapes.types(fields[name]) <= scalar:
            return Key(name)
    placeholder = placeholders.get(path_shape(path), "")
    for choice in (f"{noun}_{key}" for noun in path_nouns(path)[:1] for key in _USUAL):
        name = plain.get(choice)
        if name is not None and shapes.types(fields[name]) <= {"string", "integer"}:
            return Key(name, f"`{name}` is taken for the key by its name")
    name = named_field(placeholder, path, records, shapes) if placeholder else ""
    if name:
        why = f"the path {path}/{{{placeholder}}} takes `{name}`"
        return Key(name, why, is_local="{" in path)
    if placeholder in _USUAL and placeholder not in fields:
        why = f"the schema leaves it out, the path {path}/{{{placeholder}}} has it"
        return Key(placeholder, why, undeclared=True)
    return Key()


def named_field(placeholder: str, above: str, records: Records, shapes: Shapes) -> str:
    """The field of the records at the path `above` that a placeholder behind it means; "" if none."""
    fields = shapes.fields(records.item)
    plain = {snake(name): name for name in reversed(fields)}
    for choice in _choices(snake(placeholder) or "", above):
        name = plain.get(choice)
        if name is not None and shapes.types(fields[name]) & {"string", "integer"}:
            return name
    return ""


def _choices(wanted: str, above: str) -> Iterable[str]:
    """What a field may be called that a placeholder means, the surest first."""
    parts = [part for part in above.strip("/").split("/") if not part.startswith("{")]
    noun = singular(snake(_SUFFIX.sub("", parts[-1])) or "") if parts else ""
    yield wanted
    for key in _KEYS:
        if (
            wanted == key
            or wanted.endswith(f"_{key}")
            or wanted.startswith(f"{key}_or_")
        ):
            yield key
    if "_or_" in wanted:
        yield from (k for k in _KEYS if k in wanted.split("_or_")[0].split("_"))
    if wanted in _KEYS:
        # `{id}` of embed_jobs: `embed_job_id`, `job_id`.
        words = noun.split("_")
        yield from ("_".join((*words[start:], wanted)) for start in range(len(words)))
    if singular(wanted) == noun:
        yield from (f"{noun}_id", "id", "sid", "gid", "slug", "key")
