"""Names that would be given twice in the generated models: which field or record gives way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.importers.airbyte.notes import Notes
from generator.importers.draft import Section
from generator.naming import pascal, python_name, singular
from generator.plain import is_list, is_mapping

Schema = dict[str, object]


def make_distinct(resources: list[Section], notes: Mapping[str, Notes]) -> None:
    """Renames records and leaves fields out of schemas, so that every name is given once."""
    models = _models(resources)
    nested: set[str] = set()
    for resource in resources:
        schema = resource.get("schema")
        if is_mapping(schema):
            _fields(schema, notes[str(resource["name"])], str(resource["name"]))
            nested.update(_classes(schema, models[str(resource["name"])]))
    for resource in resources:
        name = str(resource["name"])
        if models[name] in nested:
            models[name] += "Record"
            resource["model"] = models[name]
    taken = set(models.values())
    for resource in resources:
        schema = resource.get("schema")
        if is_mapping(schema):
            _untype(schema, models[str(resource["name"])], taken)


def _models(resources: list[Section]) -> dict[str, str]:
    """What the record of each resource is called by default."""
    models: dict[str, str] = {}
    for resource in resources:
        name = str(resource["name"])
        choices = [pascal(singular(name)) or "", pascal(name) or ""]
        choices.append(f"{choices[0]}Record")
        taken = set(models.values())
        models[name] = next((each for each in choices if each not in taken), choices[0])
    return models


def _fields(schema: Schema, notes: Notes, where: str) -> None:
    """Leaves out a field whose attribute another one has; the record keeps it all the same."""
    properties = schema.get("properties")
    if is_mapping(properties):
        seen: set[str] = set()
        for key in list(properties):
            attribute = python_name(key)
            if attribute is None or attribute in seen:
                del properties[key]
                told = f"the field {key!r} of {where} has no name of its own: it is kept untyped"
                notes.changed("field-name", told, ())
                required = schema.get("required")
                if is_list(required) and key in required:
                    required.remove(key)
                continue
            seen.add(attribute)
    for _, inner in _inner(schema):
        _fields(inner, notes, where)


def _inner(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas within one, with the word that a class of theirs is called by."""
    properties = schema.get("properties")
    if is_mapping(properties):
        for key, value in properties.items():
            if is_mapping(value):
                yield key, value
    for word in ("items", "additionalProperties"):
        value = schema.get(word)
        if is_mapping(value):
            yield "", value
    for word in ("anyOf", "allOf"):
        options = schema.get(word)
        for value in options if is_list(options) else ():
            if is_mapping(value):
                yield "", value


def _walk(schema: Schema, owner: str, word: str) -> Iterator[tuple[str, Schema]]:
    """Every class that a schema becomes, the outermost left out."""
    for key, inner in _inner(schema):
        if key:
            place_owner, place_word = owner, key
            is_item = "items" in inner or "additionalProperties" in inner
            if is_item:
                place_word = singular(key.rstrip("_")) or "item"
        else:
            place_owner, place_word = owner, word
        name = place_owner + (pascal(place_word) or "")
        if is_mapping(inner.get("properties")) and inner["properties"]:
            yield name, inner
            yield from _walk(inner, name, "")
        else:
            yield from _walk(inner, place_owner, place_word)


def _classes(schema: Schema, model: str) -> Iterator[str]:
    return (name for name, _ in _walk(schema, model, ""))


def _untype(schema: Schema, model: str, taken: set[str]) -> None:
    """An object whose class would be called as another one is an object of any fields."""
    for name, inner in list(_walk(schema, model, "")):
        if name in taken:
            for word in ("properties", "required"):
                inner.pop(word, None)
        taken.add(name)
