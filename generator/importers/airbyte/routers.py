"""Partition routers: the parents and lists that a stream is read for each of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from generator.importers.airbyte.context import Partitions, Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.naming import python_name
from generator.plain import is_list
from generator.pysource import literal

Register = Callable[[Part], Stream]
"""Makes a parent stream a resource, and gives it."""


def reference(resource: str, path: tuple[str, ...]) -> str:
    """The expression of a field of a parent's record."""
    text = "resources"
    for key in (resource, *path):
        plain_key = key.isascii() and key.isidentifier()
        text += f".{key}" if plain_key else f"[{literal(key)}]"
    return text


def route(stream: Stream, retriever: Part, register: Register) -> None:
    """Reads the partition routers of a retriever."""
    for router in retriever.parts("partition_router"):
        try:
            _one(stream, router, register)
        except Untranslatable as error:
            stream.notes.failed(error, router.pointer)
    parents = stream.partitions.parents.values()
    above = {name for _, inner in parents for name in _ancestors(inner)}
    for name, _ in parents:
        if name in above:
            told = f"the other parents are those of each {name}, not of every one"
            stream.notes.changed("parents-joined", told, stream.part.pointer)
    stream.lookup = partial(_deeper, stream.partitions)


def _one(stream: Stream, router: Part, register: Register) -> None:
    match router.kind:
        case "ListPartitionRouter":
            _list(stream, router)
        case "SubstreamPartitionRouter":
            configs = router.parts("parent_stream_configs")
            if len(configs) > 1:
                told = "several parents that give the same partition"
                raise Untranslatable("parents-united", told)
            for config in configs:
                _parent(stream, config, register)
        case kind if kind.startswith("Custom"):
            told = (
                f"the partitions come of the Python class {router.text('class_name')}"
            )
            raise Untranslatable("custom-router", told)
        case kind:
            raise Untranslatable(f"router-{kind}", f"{kind or 'a router'}")


def _list(stream: Stream, router: Part) -> None:
    field = router.text("cursor_field")
    name = python_name(field) or "value"
    values = plain(router.get("values"))
    texts = stream.texts("request", router)
    given = _SETTING.fullmatch(values.strip()) if isinstance(values, str) else None
    if given is not None:
        found = stream.settings.find((given[1] or given[2] or given[3],))
        stream.partitions.lists[name] = f'dlt.config["{found.name}"]'
        _placed(stream, router, field, name)
        return
    if isinstance(values, str):
        piece = texts.expression(values)
        if is_list(piece.constant):
            values = piece.constant
        else:
            raise Untranslatable(
                "list-computed", "a list of partitions that is calculated"
            )
    if not is_list(values) or not values:
        raise Untranslatable("list-computed", "a list of partitions without values")
    made = dict.fromkeys(
        each if isinstance(each, int) else str(texts.value(each)) for each in values
    )
    stream.partitions.lists[name] = list(made)
    _placed(stream, router, field, name)


_SETTING = re.compile(
    r"""\{\{\s*config(?:\[['"](\w+)['"]\]|\.get\(\s*['"](\w+)['"][^)]*\)|\.(\w+))\s*\}\}"""
)


def _placed(stream: Stream, router: Part, field: str, name: str) -> None:
    """The placeholder of a list, and where the router sends it."""
    stream.partitions.expressions[field] = f"stream_partition.{name}"
    option = router.part("request_option")
    if option is not None:
        stream.partitions.options.append((option, f"stream_partition.{name}"))


def _parent(stream: Stream, config: Part, register: Register) -> None:
    parent_part = config.part("stream")
    field = config.text("partition_field")
    if parent_part is None or not field:
        raise Untranslatable("parent-missing", "a router that names no parent")
    parent = register(parent_part)
    key = stream.texts("request", config).text(config.text("parent_key"))
    path = tuple(each for each in key.split("/") if each)
    stream.partitions.parents[field] = (parent.name, parent.partitions)
    stream.partitions.fields[field] = path
    if path:
        stream.partitions.expressions[field] = reference(parent.name, path)
    option = config.part("request_option")
    if option is not None:
        expression = stream.partitions.expressions.get(field, "")
        stream.partitions.options.append((option, expression))
    if config.get("lazy_read_pointer"):
        stream.notes.changed(
            "lazy-parent",
            "the children within the parent's answer are requested like further pages",
            config.at("lazy_read_pointer"),
        )


def _ancestors(partitions: Partitions) -> Iterator[str]:
    """The resources that a parent itself is read for."""
    for name, inner in partitions.parents.values():
        yield name
        yield from _ancestors(inner)


def _deeper(partitions: Partitions, keys: list[str]) -> str | None:
    """The expression of a path into a partition: extra fields, ancestors, parts of a key."""
    match keys:
        case ["extra_fields", *path] if path:
            found = list(partitions.parents.values())
            return reference(found[-1][0], tuple(path)) if found else None
        case ["parent_slice", *path] if path:
            for _, inner in partitions.parents.values():
                if path[0] in inner.expressions and len(path) == 1:
                    text = inner.expressions[path[0]]
                    return text if text.startswith("resources") else None
                deeper = _deeper(inner, path)
                if deeper is not None:
                    return deeper
            return None
        case [field, *path] if field in partitions.parents:
            above = partitions.fields.get(field, ())
            return reference(partitions.parents[field][0], (*above, *path))
        case _:
            return None
