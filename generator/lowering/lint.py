"""Warnings about specs that compile and are probably wrong, where no other part sees them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.paths import Steps
from generator.plain import is_list, is_mapping

_NEAR = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFINITIONS = "#/definitions/"


def lint_records(context: Context, source: Source, selector: Steps) -> None:
    """A schema that says nothing, or that is the answer's and not the record's."""
    if source.resource.record_schema is None:
        return
    model = context.schemas.models[source.index]
    fields = {each.name for each in context.schemas.properties(model)}
    if not fields:
        context.warn(
            (*source.pointer, "schema"),
            "no-schema",
            f"the schema of {shown(source.resource.name)} names no fields: its records are untyped",
            "write its `properties`",
        )
    steps = tuple(step for step in selector if step != "*")
    found = context.schemas.lookup(model, steps) if steps else None
    if found is None or not set(found.types) & {"array", "object"}:
        return
    key = source.option("primary_key")
    keys = {key} if isinstance(key, str) else set(key) if is_list(key) else set[str]()
    if not keys & fields:
        context.warn(
            (*source.endpoint_pointer, "data_selector"),
            "selector-in-schema",
            f"the schema of {shown(source.resource.name)} has {shown('.'.join(map(str, steps)))} "
            "in it: it seems to be that of the whole answer",
            "write the schema of one record, as `data_selector` finds it",
        )


def lint_url(context: Context, text: str, pointer: Pointer) -> None:
    """A literal URL that credentials would go to unencrypted."""
    if text.lower().startswith("http://"):
        host = urlsplit(text.partition("{")[0]).hostname
        if host and host not in _NEAR:
            context.warn(
                pointer,
                "plain-http",
                f"everything that is sent to {shown(host)} can be read on the way: http, not https",
                "write https://, if the API has it",
            )


def lint_definitions(context: Context) -> None:
    """Entries of `definitions` that nothing refers to."""
    used = set(_references(context.document.data))
    for name in context.spec.definitions or {}:
        if f"{_DEFINITIONS}{_escaped(name)}" not in used:
            context.warn(
                ("definitions", name),
                "unused-definition",
                f"no schema refers to the definition {shown(name)}",
                "leave it out, or write its name as a resource's `schema`",
            )


def _references(value: object) -> Iterator[str]:
    """Every text that leads to a definition; a path goes on below it."""
    if isinstance(value, str) and value.startswith(_DEFINITIONS):
        yield _DEFINITIONS + value.removeprefix(_DEFINITIONS).partition("/")[0]
    elif is_mapping(value):
        for inner in value.values():
            yield from _references(inner)
    elif is_list(value):
        for inner in value:
            yield from _references(inner)


def _escaped(name: str) -> str:
    """A name in a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
