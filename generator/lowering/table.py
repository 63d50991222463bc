"""The table part of a resource: keys, write disposition, columns with a fixed type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from generator import ir
from generator.diagnostics import nearest, shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.hints import HintChecks, Hints
from generator.plain import is_list, is_mapping
from generator.pysource import Code, literal
from generator.schema import Property

_STRATEGIES: dict[str, dict[str, str]] = {
    "delete-insert": {
        "deduplicated": "bool",
        "source_filter": "str",
        "destination_scope": "str",
    },
    "upsert": {
        "source_filter": "str",
        "skip_unchanged_rows": "bool",
        "row_version_column_name": "str",
    },
    "scd2": {
        "validity_column_names": "pair",
        "active_record_timestamp": "moment",
        "boundary_timestamp": "moment",
        "row_version_column_name": "str",
        "source_filter": "str",
        "destination_scope": "str",
    },
    "insert-only": {},
}
"""The options that each merge strategy has in dlt, and what they are."""
_WANTED = {
    "bool": "true or false",
    "str": "text",
    "pair": "a list of two names",
    "moment": "an ISO date and time, or null",
}
_DATA_TYPES = {
    ("string", "date-time"): "timestamp",
    ("string", "date"): "date",
    ("string", ""): "text",
    ("integer", ""): "bigint",
    ("number", ""): "double",
    ("boolean", ""): "bool",
}


def lower_table(
    context: Context,
    source: Source,
    model: str,
    pages: ir.Pages,
    incremental: ir.Incremental | None,
) -> ir.Table:
    """What dlt is told of the resource's table."""
    disposition = source.option("write_disposition") or "append"
    primary_key = _key(source, "primary_key")
    merge_key = _key(source, "merge_key")
    pointer = (*source.pointer, "name")
    checks = HintChecks(context, not context.schemas.is_open(model))
    hinted = checks.columns(source.option("columns"), (*source.pointer, "columns"))
    primary_key = primary_key or _hinted(hinted, "primary_key")
    merges = disposition == "merge" or (
        is_mapping(disposition) and disposition.get("disposition") == "merge"
    )
    keyless = is_mapping(disposition) and disposition.get("strategy") == "scd2"
    if keyless:
        merges = False
    if merges and not primary_key and not (merge_key or _hinted(hinted, "merge_key")):
        context.error(
            pointer,
            "merge-without-key",
            "`merge` needs to know which records are the same",
            "write `primary_key`, or `write_disposition: append`",
        )
    elif not primary_key and not merges and not keyless:
        context.warn(
            pointer,
            "no-primary-key",
            "no primary key: a record that is read twice is loaded twice",
            "write `primary_key` if the records have one",
        )
    for key in ("primary_key", "merge_key"):
        _check_key(context, source, model, key)
    if merges and primary_key and incremental is not None:
        _latest_wins(disposition, primary_key, incremental, hinted)
    strategy = _strategy(disposition)
    if strategy in {"upsert", "insert-only"} and not isinstance(pages, ir.SinglePage):
        context.warn(
            (*source.pointer, "write_disposition", "strategy"),
            "upsert-twice",
            f"with `{strategy}` dlt loads a row twice, or fails, if it changes between two pages",
            "leave the strategy out: dlt then keeps one row for each key",
        )
    nesting = source.option("max_table_nesting")
    name = source.option("table_name")
    return ir.Table(
        name=name if isinstance(name, str) else "",
        write_disposition=_disposition(context, source, disposition),
        primary_key=_key(source, "primary_key"),
        merge_key=merge_key,
        columns=tuple(_columns(context.schemas.properties(model), hinted)),
        max_nesting=nesting if isinstance(nesting, int) else None,
        selected=source.option("selected") is not False,
        parallelized=_told(source.option("parallelized")),
        hints=tuple(_hints(source, checks)),
    )


def _told(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _latest_wins(
    disposition: object,
    primary_key: tuple[str, ...],
    incremental: ir.Incremental,
    hinted: dict[str, Hints],
) -> None:
    """A row that changes while it is read comes twice: the version with the last cursor stays.

    Without the hint dlt keeps any of the two, and the next run does not ask again.
    """
    inserts = _strategy(disposition) == "delete-insert"
    told = any("dedup_sort" in hints for hints in hinted.values())
    match incremental.steps:
        case (str() as cursor,) if inserts and not told and cursor not in primary_key:
            least = incremental.option.get("last_value_func") == "min"
            order = "asc" if least else "desc"
            hinted[cursor] = {**hinted.get(cursor, {}), "dedup_sort": order}
        case _:
            pass


def _strategy(disposition: object) -> object:
    options = disposition if is_mapping(disposition) else {}
    return options.get("strategy", "delete-insert")


def _hinted(columns: dict[str, Hints], hint: str) -> tuple[str, ...]:
    return tuple(name for name, hints in columns.items() if hints.get(hint) is True)


def _hints(source: Source, checks: HintChecks) -> Iterator[tuple[str, Code]]:
    """What the spec says in dlt's own words."""
    if source.option("parent_table_name") is not None:
        checks.context.error(
            (*source.pointer, "parent_table_name"),
            "no-meaning",
            "dlt takes no `parent_table_name` for a resource",
            "write it into `nested_hints`",
        )
    pointer: Pointer = (*source.pointer, "schema_contract")
    contract = checks.contract(source.option("schema_contract"), pointer)
    if contract:
        yield "schema_contract", literal(contract)
    for name in ("table_format", "file_format"):
        value = source.option(name)
        if value is not None and checks.choice(name, value, (*source.pointer, name)):
            yield name, literal(value)
    for name, read in (
        ("references", checks.references),
        ("nested_hints", checks.nested),
    ):
        value = source.option(name)
        if value is not None:
            yield name, literal(read(value, (*source.pointer, name)))


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
    _check_word(context, pointer, config, "disposition", ("append", "replace", "merge"))
    options: dict[str, str] = {}
    if "strategy" in config:
        _check_word(context, pointer, config, "strategy", tuple(_STRATEGIES))
        options = _STRATEGIES.get(str(config["strategy"]), {})
        if config.get("disposition") in ("append", "replace"):
            context.error(
                (*pointer, "strategy"),
                "conflict",
                "a strategy is how records are merged",
                "write `disposition: merge`",
            )
    for key, given in config.items():
        if key in ("disposition", "strategy"):
            continue
        if key not in options:
            known = ("disposition", "strategy", *options)
            context.error(
                (*pointer, key),
                "unknown-key",
                f"unknown key {shown(str(key))}",
                nearest(str(key), known) or f"known here: {', '.join(known)}",
                key=True,
            )
        elif not _is(given, options[str(key)]):
            context.error(
                (*pointer, key),
                "wrong-type",
                f"`{key}` must be {_WANTED[options[str(key)]]}",
            )
    if "disposition" not in config:
        context.error(pointer, "missing-key", "the key `disposition` is missing")
    return literal({str(key): given for key, given in config.items()})


def _check_word(
    context: Context,
    pointer: Pointer,
    config: Mapping[str, object],
    key: str,
    choices: tuple[str, ...],
) -> None:
    given = config.get(key, choices[0])
    if given not in choices:
        context.error(
            (*pointer, key),
            "wrong-value",
            f"{shown(str(given))} is not one of {', '.join(choices)}",
            nearest(str(given), choices),
        )


def _is(value: object, kind: str) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "str":
            return isinstance(value, str) and bool(value)
        case "pair":
            texts = value if is_list(value) else []
            return len(texts) == 2 and all(isinstance(each, str) for each in texts)
        case _:
            return value is None or _is_moment(value)


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _columns(
    properties: tuple[Property, ...], hinted: dict[str, Hints]
) -> Iterator[ir.Column]:
    """Fields of one scalar type; lists, objects and unions are left to dlt.

    What the spec says of a column goes before what the schema says.
    """
    types = {name: data_type for name, data_type in _data_types(properties)}
    for name in {**types, **hinted}:
        hints: Hints = {"data_type": types[name]} if name in types else {}
        hints.update(hinted.get(name, {}))
        if hints:
            scalars = {
                hint: value
                for hint, value in hints.items()
                if value is None or isinstance(value, str | int | float)
            }
            yield ir.Column(name, tuple(scalars.items()))


def _data_types(properties: tuple[Property, ...]) -> Iterator[tuple[str, str]]:
    for each in properties:
        if len(each.types) == 1:
            kind = each.types[0]
            data_type = _DATA_TYPES.get((kind, each.format)) or _DATA_TYPES.get(
                (kind, "")
            )
            if data_type is not None:
                yield each.name, data_type
