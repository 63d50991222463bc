"""Arguments that the caller gives: unresolved placeholders and `dlt.config` values, named once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from generator import ir
from generator.diagnostics import nearest
from generator.document import Pointer
from generator.expression_text import ExpressionError
from generator.lowering.context import CLIENT_ARGUMENTS, Context, Source
from generator.lowering.parents import Routes, routed
from generator.lowering.shaping import shaping_references
from generator.naming import python_name, snake
from generator.plain import is_list, is_mapping
from generator.pysource import literal
from generator.spec import Auth, AuthMethods, SingleAuth
from generator.values import Config, Part, Placeholder, parts, references

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
    default: str | int | None
    pointer: Pointer
    client: bool


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
        usages.extend(_resource_usages(source))
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
        _warn_open(context, group, found)
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
    if base in CLIENT_ARGUMENTS:
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
    return ir.Setting(
        name=argument,
        type="int" if isinstance(default, int) else "str",
        default=None if default is None else literal(default),
        everywhere=everywhere,
        from_config=any(usage.config for usage in members),
        key=members[0].name,
        client=any(usage.client for usage in members),
        constructor=None in resources,
    )


def _warn_open(
    context: Context, group: list[_Usage], found: tuple[Source, ...]
) -> None:
    """A placeholder that nothing resolves is an argument; perhaps a parent was meant."""
    for usage in group:
        if usage.config or usage.resource is None or usage.segment is None:
            continue
        hint = _parent_hint(context, usage, found)
        context.warn(
            usage.pointer,
            "open-placeholder",
            f"`{{{usage.name}}}` is resolved by nothing: it becomes an argument of the source",
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


_PLAIN = frozenset({"type", "name", "location", "prefix", "grant_type", "scopes"})
"""Parts of `auth` that hold no references."""


def _auth_texts(auth: Auth) -> Iterator[tuple[Pointer, str]]:
    """Every text of the auth methods that may hold a reference."""
    alternatives: list[tuple[Pointer, SingleAuth]] = []
    if isinstance(auth, AuthMethods):
        for name, method in auth.methods.items():
            alternatives.append((("client", "auth", "methods", name), method))
    else:
        alternatives.append((("client", "auth"), auth))
    for pointer, method in alternatives:
        for key, value in method.model_dump(exclude=set(_PLAIN)).items():
            yield from _strings(value, (*pointer, key))


def _resource_usages(source: Source) -> Iterator[_Usage]:
    routes = routed(source)
    index = source.index
    yield from _usages(
        source.path, index, (*source.endpoint_pointer, "path"), routes, True
    )
    for part in ("params", "headers"):
        values = source.params if part == "params" else source.headers
        for name, value in values.items():
            place = (*source.endpoint_pointer, part, name)
            is_cursor = is_mapping(value) and value.get("type") == "incremental"
            for pointer, text in _strings(value, place):
                yield from _usages(text, index, pointer, routes, client=not is_cursor)
    for pointer, text in _strings(
        source.part("json_body"), (*source.endpoint_pointer, "json")
    ):
        yield from _usages(text, index, pointer, routes)
    for pointer, text in incremental_texts(source):
        yield from _usages(text, index, pointer, routes, client=False)
    for pointer, found in shaping_references(source):
        yield from _usages_in(found, index, pointer, routes)


def incremental_texts(source: Source) -> Iterator[tuple[Pointer, str]]:
    """The texts of incremental loading that may name a `dlt.config` value."""
    incremental, sync = source.part("incremental"), source.part("incremental_sync")
    for holder, key, names in (
        (incremental, "incremental", ("initial_value", "end_value")),
        (sync, "incremental_sync", ("start_datetime", "end_datetime")),
        (
            source.resource.incremental_sync,
            "incremental_sync",
            ("start_datetime", "end_datetime"),
        ),
    ):
        for name in names:
            text = getattr(holder, name, None)
            if isinstance(text, str):
                yield (*source.pointer, key, name), text


def _usages(
    text: str,
    resource: int | None,
    pointer: Pointer,
    routes: Routes,
    path: bool = False,
    client: bool = True,
) -> Iterator[_Usage]:
    try:
        found = parts(text)
    except ExpressionError:
        return  # lowering reports it where the text is used
    yield from _usages_in(found, resource, pointer, routes, path, client)


def _usages_in(
    found: tuple[Part, ...],
    resource: int | None,
    pointer: Pointer,
    routes: Routes,
    path: bool = False,
    client: bool = True,
) -> Iterator[_Usage]:
    before = ""
    for part in references(found):
        if isinstance(part, str):
            before = part
        elif isinstance(part, Placeholder) and part.name not in routes:
            segment = before.rstrip("/").rpartition("/")[2] if path else None
            yield _Usage(part.name, resource, segment, False, None, pointer, client)
        elif isinstance(part, Config):
            yield _Usage(part.name, resource, None, True, part.default, pointer, client)


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
