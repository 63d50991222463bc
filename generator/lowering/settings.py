"""Arguments that the caller gives: unresolved placeholders and `dlt.config` values, named once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from generator import ir
from generator.diagnostics import nearest
from generator.document import Pointer
from generator.expressions.text import ExpressionError
from generator.lowering.context import CLIENT_ARGUMENTS, Context, Source
from generator.lowering.each import config_of, lists
from generator.lowering.page_places import paged_param, paged_placeholder
from generator.lowering.parents import routed
from generator.lowering.shaping import shaping_references
from generator.lowering.time_options import Kind, placed
from generator.naming import python_name, snake
from generator.plain import is_list, is_mapping
from generator.pysource import literal
from generator.spec import SpecModel
from generator.values import Computed, Config, Part, Placeholder, parts, references

Key = tuple[str, int | None]
"""Name of a placeholder and the resource that uses it; None is the client."""


@dataclass(slots=True)
class _Usage:
    """One place where a placeholder or a config value stands."""

    name: str
    resource: int | None
    segment: str | None
    """The path segment before a placeholder; None where it is not in a path."""
    config: bool
    default: str | int | tuple[()] | None
    pointer: Pointer
    client: bool
    listed: bool = False
    """It gives the values of a list."""
    single: bool = False
    """It is one value: part of a text, or of what is calculated before requests."""


@dataclass(slots=True)
class Settings:
    """Every argument of the connector, and which one a resource's placeholder means."""

    by_key: dict[Key, ir.Setting] = field(default_factory=dict[Key, ir.Setting])
    all: tuple[ir.Setting, ...] = ()

    def find(self, name: str, resource: int | None) -> ir.Setting:
        return self.by_key[name, resource]


def plan(context: Context, found: tuple[Source, ...]) -> Settings:
    """Collects the placeholders of the whole spec and decides the arguments' names."""
    usages = [*_client_usages(context)]
    for source in found:
        usages.extend(_resource_usages(context, source))
        usages.extend(_endpoint_auth_usages(source))
    groups: dict[str, list[_Usage]] = {}
    for usage in usages:
        groups.setdefault(usage.name, []).append(usage)
    settings = Settings()
    made: dict[str, ir.Setting] = {}
    for name, group in groups.items():
        for argument, members in _arguments(context, name, group, found):
            setting = _setting(argument, members, len(found))
            if argument in made:
                context.error(
                    members[0].pointer,
                    "name-collision",
                    f"two placeholders both give the argument `{argument}`",
                    "rename one of them",
                )
            made[argument] = setting
            for usage in members:
                settings.by_key[name, usage.resource] = setting
        _warn_open(context, group, found, settings)
    _check_listed(context, usages)
    settings.all = tuple(
        sorted(made.values(), key=lambda each: (not each.required, each.name))
    )
    return settings


def _arguments(
    context: Context, name: str, group: list[_Usage], found: tuple[Source, ...]
) -> Iterator[tuple[str, list[_Usage]]]:
    """One argument where the path segments before the placeholder agree, else one a resource."""
    base = python_name(name)
    if base is None:
        context.error(
            group[0].pointer, "name", "the placeholder's name has no letters or digits"
        )
        base = "value"
    if base in CLIENT_ARGUMENTS or re.search("^signer_|_token_url$", base):
        base += "_"
    resources = {usage.resource for usage in group}
    segments = {usage.segment for usage in group if usage.segment is not None}
    config = any(usage.config for usage in group)
    if config or None in resources or len(resources) == 1 or len(segments) <= 1:
        yield base, group
        return
    for resource in sorted(index for index in resources if index is not None):
        prefix = snake(found[resource].resource.name) or "resource"
        yield f"{prefix}_{base}", [
            usage for usage in group if usage.resource == resource
        ]


def _setting(argument: str, members: list[_Usage], count: int) -> ir.Setting:
    resources = {usage.resource for usage in members}
    everywhere = None in resources or len(resources) == count
    default = next(
        (usage.default for usage in members if usage.default is not None), None
    )
    listed = any(usage.listed for usage in members)
    if listed:
        default = None  # without values nothing would be read
    listed = listed or isinstance(default, tuple)
    scalar: Literal["str", "int"] = "int" if isinstance(default, int) else "str"
    return ir.Setting(
        name=argument,
        type="Sequence[str]" if listed else scalar,
        default=None if default is None else literal(default),
        everywhere=everywhere,
        from_config=any(usage.config for usage in members),
        key=members[0].name,
        client=any(usage.client for usage in members),
        constructor=None in resources,
    )


def _check_listed(context: Context, usages: list[_Usage]) -> None:
    """An argument that is a list is sent as one value nowhere."""
    each = {usage.name for usage in usages if usage.listed}
    lists = each | {usage.name for usage in usages if isinstance(usage.default, tuple)}
    for usage in usages:
        if usage.name in lists and usage.single:
            hint = f"`{{{{ config.get('{usage.name}', []) | join(',') }}}}` is a text"
            if usage.name in each:
                hint = f"use the placeholder of the `for_each`; {hint}"
            context.error(
                usage.pointer,
                "conflict",
                f"`{usage.name}` is a list: it is no single value",
                hint,
            )
        elif usage.listed and usage.default is not None:
            context.error(
                usage.pointer,
                "wrong-value",
                "the values of a list have no default",
                "write the list itself",
            )


def _warn_open(
    context: Context,
    group: list[_Usage],
    found: tuple[Source, ...],
    settings: Settings,
) -> None:
    """A placeholder that nothing resolves is an argument; perhaps a parent was meant."""
    names = {settings.find(usage.name, usage.resource).name for usage in group}
    for usage in group:
        if usage.config or usage.resource is None or usage.segment is None:
            continue
        argument = settings.find(usage.name, usage.resource).name
        hint = _parent_hint(context, usage, found)
        if not hint and len(names) > 1:
            hint = f"`{{{{ config.{usage.name} }}}}` is one argument wherever it is written"
        context.warn(
            usage.pointer,
            "open-placeholder",
            f"`{{{usage.name}}}` is resolved by nothing: it becomes the source's argument "
            f"`{argument}`",
            hint,
        )


def _parent_hint(context: Context, usage: _Usage, found: tuple[Source, ...]) -> str:
    """`{resources.forms.id}` for `/forms/{form_id}`, where such a resource has that field."""
    names = [source.resource.name for source in found if source.index != usage.resource]
    parent = usage.segment if usage.segment in names else None
    stem, _, last = usage.name.rpartition("_")
    if parent is None and stem:
        match = nearest(stem + "s", names)
        parent = match.split("'")[1] if match else None
    if parent is None:
        return ""
    index = next(source.index for source in found if source.resource.name == parent)
    model = context.schemas.models.get(index, "")
    fields = (
        {each.name for each in context.schemas.properties(model)}
        if model
        else set[str]()
    )
    for candidate in (usage.name, last or usage.name, "id"):
        if candidate in fields or (not fields and candidate == (last or usage.name)):
            return f"{{resources.{parent}.{candidate}}} reads it from each record of {parent}"
    return ""


def _client_usages(context: Context) -> Iterator[_Usage]:
    client = context.spec.client
    texts: list[tuple[Pointer, str]] = []
    if client.base_url is not None:
        texts.append((("client", "base_url"), client.base_url))
    for name, url in (client.environments or {}).items():
        texts.append((("client", "environments", name), url))
    for name, value in (client.headers or {}).items():
        texts.append((("client", "headers", name), value))
    if client.auth is not None:
        texts.extend(_auth_texts(client.auth))
    for pointer, text in texts:
        yield from _usages(text, None, pointer, {})


def _endpoint_auth_usages(source: Source) -> Iterator[_Usage]:
    """Values of an endpoint's own auth are the client's, which makes it."""
    if source.auth is not None:
        for pointer, text in _auth_texts(
            source.auth, (*source.endpoint_pointer, "auth")
        ):
            yield from _usages(text, None, pointer, {})


_PLAIN = frozenset("""
    access_token_path client_id_name client_secret_name expires_in_path grant_type grant_type_name
    location method name prefix refresh_token_name scopes token_path token_request type
    """.split())
"""Parts of `auth` that hold no references."""


def _auth_texts(
    auth: SpecModel, pointer: Pointer = ("client", "auth")
) -> Iterator[tuple[Pointer, str]]:
    """Every text of an auth method, or of several, that may hold a reference."""
    for key in type(auth).model_fields:
        value: object = getattr(auth, key)
        shown = "json" if key == "json_body" else key
        if key == "methods" and is_mapping(value):
            for name, method in value.items():
                if isinstance(method, SpecModel):
                    yield from _auth_texts(method, (*pointer, key, str(name)))
        elif isinstance(value, SpecModel):
            yield from _auth_texts(value, (*pointer, key))
        elif key == "keys" and is_list(value):
            for index, each in enumerate(value):
                if isinstance(each, SpecModel):
                    yield from _auth_texts(each, (*pointer, key, index))
        elif key not in _PLAIN:
            yield from _strings(value, (*pointer, shown))


def _resource_usages(context: Context, source: Source) -> Iterator[_Usage]:
    partitions = lists(source)
    routes = {*routed(source), *partitions}
    index = source.index
    for values, pointer in partitions.values():
        config = config_of(values)
        if config is not None:
            yield _Usage(
                config.name, index, None, True, config.default, pointer, True, True
            )
    paged, within = paged_placeholder(context, source), paged_param(context, source)
    for usage in _usages(
        source.path, index, (*source.endpoint_pointer, "path"), routes, True
    ):
        if usage.config or usage.name != paged:
            yield usage
    for part in ("params", "headers"):
        values = source.params if part == "params" else source.headers
        for name, value in values.items():
            place = (*source.endpoint_pointer, part, name)
            is_cursor = is_mapping(value) and value.get("type") == "incremental"
            for pointer, text in _strings(value, place):
                many = part == "params" and not is_list(value)
                for usage in _usages(
                    text, index, pointer, routes, client=not is_cursor, many=many
                ):
                    is_page = part == "params" and (name, usage.name) == within
                    if usage.config or not is_page:
                        yield usage
    for pointer, text in _strings(source.json_body, (*source.endpoint_pointer, "json")):
        yield from _usages(text, index, pointer, routes, many=True)
    data = source.part("data")
    for pointer, text in _strings(data, (*source.endpoint_pointer, "data")):
        is_value = is_mapping(data) and pointer[-1] in data
        yield from _usages(text, index, pointer, routes, many=is_value)
    for kind in get_args(Kind):
        for text in placed(context, source, kind).values():
            pointer = (*source.endpoint_pointer, "paginator")
            yield from _usages(text, index, pointer, routes)
    for pointer, text in incremental_texts(source):
        yield from _usages(text, index, pointer, routes, client=False)
    for pointer, found in shaping_references(source):
        yield from _usages_in(found, index, pointer, routes, many=True)


_SYNC_TEXTS = ("start_datetime", "end_datetime", "lookback_window", "step")


def incremental_texts(source: Source) -> Iterator[tuple[Pointer, str]]:
    """The texts of incremental loading that may name a `dlt.config` value."""
    incremental, sync = source.part("incremental"), source.part("incremental_sync")
    for holder, key, names in (
        (
            incremental,
            "incremental",
            ("initial_value", "end_value", "lookback", "window"),
        ),
        (sync, "incremental_sync", _SYNC_TEXTS),
        (source.resource.incremental_sync, "incremental_sync", _SYNC_TEXTS),
    ):
        for name in names:
            text = getattr(holder, name, None)
            if isinstance(text, str):
                yield (*source.pointer, key, name), text


def _usages(
    text: str,
    resource: int | None,
    pointer: Pointer,
    routes: Collection[str],
    path: bool = False,
    client: bool = True,
    many: bool = False,
) -> Iterator[_Usage]:
    try:
        found = parts(text)
    except ExpressionError:
        return  # lowering reports it where the text is used
    yield from _usages_in(found, resource, pointer, routes, path, client, many)


def _usages_in(
    found: tuple[Part, ...],
    resource: int | None,
    pointer: Pointer,
    routes: Collection[str],
    path: bool = False,
    client: bool = True,
    many: bool = False,
) -> Iterator[_Usage]:
    """`many`: a list may stand alone in the text."""
    before = ""
    calculated = {
        inner
        for part in found
        if isinstance(part, Computed)
        for inner in part.references
    }
    for part in references(found):
        if isinstance(part, str):
            before = part
        elif isinstance(part, Placeholder) and part.name not in routes:
            segment = before.rstrip("/").rpartition("/")[2] if path else None
            yield _Usage(part.name, resource, segment, False, None, pointer, client)
        elif isinstance(part, Config):
            alone = many and len(found) == 1 and part.default == ()
            is_list_fit = client and (alone or part in calculated)
            yield _Usage(
                name=part.name,
                resource=resource,
                segment=None,
                config=True,
                default=part.default,
                pointer=pointer,
                client=client,
                single=resource is None or not is_list_fit,
            )


def _strings(value: object, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Every text in a value, with its place."""
    if isinstance(value, str):
        yield pointer, value
    elif is_mapping(value):
        for key, inner in value.items():
            yield from _strings(inner, (*pointer, str(key)))
    elif is_list(value):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*pointer, index))
