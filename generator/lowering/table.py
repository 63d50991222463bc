"""The table part of a resource: keys, write disposition, columns with a fixed type."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.diagnostics import nearest, shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.plain import is_list, is_mapping
from generator.pysource import Code, literal
from generator.schema import Property

_DISPOSITION_KEYS = {
    "disposition": ("append", "replace", "merge"),
    "strategy": ("delete-insert", "upsert", "insert-only"),
}
_DATA_TYPES = {
    ("string", "date-time"): "timestamp",
    ("string", "date"): "date",
    ("string", ""): "text",
    ("integer", ""): "bigint",
    ("number", ""): "double",
    ("boolean", ""): "bool",
}


def lower_table(context: Context, source: Source, model: str) -> ir.Table:
    """What dlt is told of the resource's table."""
    disposition = source.option("write_disposition") or "append"
    primary_key = _key(source, "primary_key")
    merge_key = _key(source, "merge_key")
    pointer = (*source.pointer, "name")
    merges = disposition == "merge" or (
        is_mapping(disposition) and disposition.get("disposition") == "merge"
    )
    if merges and not primary_key and not merge_key:
        context.error(
            pointer,
            "merge-without-key",
            "`merge` needs to know which records are the same",
            "write `primary_key`, or `write_disposition: append`",
        )
    elif not primary_key and not merges:
        context.warn(
            pointer,
            "no-primary-key",
            "no primary key: a record that is read twice is loaded twice",
            "write `primary_key` if the records have one",
        )
    for key in ("primary_key", "merge_key"):
        _check_key(context, source, model, key)
    nesting = source.option("max_table_nesting")
    name = source.option("table_name")
    return ir.Table(
        name=name if isinstance(name, str) else "",
        write_disposition=_disposition(context, source, disposition),
        primary_key=primary_key,
        merge_key=merge_key,
        columns=tuple(_columns(context.schemas.properties(model))),
        max_nesting=nesting if isinstance(nesting, int) else None,
        selected=source.option("selected") is not False,
    )


def _key(source: Source, name: str) -> tuple[str, ...]:
    value = source.option(name)
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if is_list(value) else ()


def _check_key(context: Context, source: Source, model: str, key: str) -> None:
    """A key that the record's schema does not declare is probably a slip."""
    properties = context.schemas.properties(model)
    included = source.option("include_from_parent")
    fields = _key(source, key)
    for index, field in enumerate(fields):
        found = context.schemas.lookup(model, [field])
        if found is None and is_list(included) and field.startswith("_"):
            if any(field.endswith(f"_{name}") for name in included):
                continue  # a column that `include_from_parent` fills
        place: Pointer = (*source.pointer, key)
        if is_list(source.option(key)):
            place = (*place, index)
        if getattr(source.resource, key) is None:
            # The default is right for other resources.
            place = (*source.pointer, "name")
        if found is None and properties:
            known = [each.name for each in properties]
            context.warn(
                place,
                "key-not-in-schema",
                f"`{key}` {shown(field)} of {source.resource.name} is not in its schema",
                nearest(field, known)
                or "add the field to the schema, or write the right key",
            )
        elif found is not None and set(found.types) & {"object", "array"}:
            context.error(
                place,
                "key-type",
                f"`{key}` {shown(field)} is {' or '.join(found.types)}: no key can be made of it",
                "name a field that is text, a number, a date or a boolean",
            )


def _disposition(context: Context, source: Source, value: object) -> Code:
    """dlt's write disposition; a mapping may name the merge strategy."""
    if isinstance(value, str):
        return literal(value)
    pointer = (*source.pointer, "write_disposition")
    config = value if is_mapping(value) else {}
    for key, given in config.items():
        choices = _DISPOSITION_KEYS.get(str(key))
        if choices is None:
            hint = nearest(str(key), _DISPOSITION_KEYS)
            context.error(
                (*pointer, key),
                "not-supported-yet",
                f"`{key}` is not supported",
                hint,
                key=True,
            )
        elif given not in choices:
            context.error(
                (*pointer, key),
                "wrong-value",
                f"{shown(given)} is not one of {', '.join(choices)}",
                nearest(str(given), choices),
            )
    if "disposition" not in config:
        context.error(pointer, "missing-key", "the key `disposition` is missing")
    return literal({str(key): str(given) for key, given in config.items()})


def _columns(properties: tuple[Property, ...]) -> Iterator[ir.Column]:
    """Fields of one scalar type; lists, objects and unions are left to dlt."""
    for each in properties:
        if len(each.types) == 1:
            kind = each.types[0]
            data_type = _DATA_TYPES.get((kind, each.format)) or _DATA_TYPES.get(
                (kind, "")
            )
            if data_type is not None:
                yield ir.Column(each.name, data_type)
