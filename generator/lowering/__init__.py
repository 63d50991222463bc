"""Spec and schemas to the intermediate representation, with every cross-check between them."""

from __future__ import annotations

import sys

from generator import ir
from generator.diagnostics import Collector, shown
from generator.document import Document, Pointer
from generator.lowering.auth import check_choice, lower_auth
from generator.lowering.context import Context, Source, sources
from generator.lowering.cursor_options import check_cursors
from generator.lowering.each import lists
from generator.lowering.errors import lower_rate_limit
from generator.lowering.headers import check_header
from generator.lowering.lineage import Lineage, with_memory
from generator.lowering.lint import lint_definitions
from generator.lowering.paging import Paging
from generator.lowering.purpose import purpose
from generator.lowering.references import check_references
from generator.lowering.resources import ResourceLowering
from generator.lowering.settings import Settings, plan
from generator.lowering.shaping import collect_hooks, hook_name
from generator.lowering.text import TEXT, Value, computed, expression
from generator.lowering.urls import check_url
from generator.naming import Scope, pascal, python_name, quoted, snake
from generator.pysource import Code, literal
from generator.schema import Schemas
from generator.spec import Spec
from generator.values import Computed, Config, Part, Placeholder, Secret

MODULES = sys.stdlib_module_names | frozenset(
    "annotated_types dlt duckdb orjson pydantic pydantic_core pytest requests tenacity"
    " tests typing_extensions urllib3 yaml".split()
)
"""Names under which other code imports something else."""
_LONGEST_NAME = 64
_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")


def lower(
    document: Document, spec: Spec, schemas: Schemas, stem: str, collector: Collector
) -> ir.Connector:
    """The connector that the spec describes; problems go to the collector.

    `stem` is the spec file's name without its ending, the name of a connector that names none.
    """
    return _lower(Context(document, spec, schemas, collector), stem)


def check(
    document: Document,
    spec: Spec,
    broken: frozenset[int],
    schemas: Schemas,
    stem: str,
    collector: Collector,
) -> None:
    """Reports the errors of all but the `broken` resources, which have nothing but their names."""
    found = Collector()
    _lower(Context(document, spec, schemas, found, broken), stem)
    for each in found.diagnostics:
        if each.severity == "error":
            collector.error(each.location, each.code, each.message, each.hint)


def _lower(context: Context, stem: str) -> ir.Connector:
    spec = context.spec
    check_references(context)
    name = _connector_name(context, stem)
    found = sources(spec)
    methods = _methods(context, found)
    settings = plan(context, found)
    auth = lower_auth(context, settings)
    if spec.client.auth is None:
        context.warn(
            ("client",),
            "no-auth",
            "no `auth`: requests carry no credentials",
            "write `auth`, or `auth: none` if the API needs none",
        )
    environments, base_url = _base_urls(context, settings)
    headers = tuple(_headers(context, settings))
    paging = Paging()
    by_name = {source.resource.name: source for source in found}
    lowerings = [
        ResourceLowering(context, settings, paging, by_name, methods, source)
        for source in found
    ]
    lowered = [each.lower() for each in lowerings]
    named = {each.source.resource.name: each.parents for each in lowerings}
    lineage = Lineage(named, methods)
    resources = with_memory([lineage.placed(each) for each, _ in lowered])
    _check_models(context, pascal(name) or "Connector")
    _check_cycles(context, resources)
    _check_duplicates(context, found)
    check_cursors(context, [resource for resource, _ in lowered])
    lint_definitions(context)
    check_choice(context, auth)
    names = paging.names()
    client_hooks = spec.client.hooks
    request_hook = (client_hooks.request if client_hooks else None) or ""
    if request_hook:
        place = ("client", "hooks", "request")
        request_hook = hook_name(context, request_hook, place)
    return ir.Connector(
        name=name,
        prefix=pascal(name) or "Connector",
        description=spec.description or "",
        docs=spec.docs or "",
        environments=environments,
        base_url=base_url,
        auth=auth,
        credentials=_credentials(context, auth),
        settings=settings.all,
        headers=headers,
        allowed_hosts=tuple(_allowed_hosts(context)),
        timeout=spec.client.timeout,
        paginators=tuple(
            ir.Paginator(class_name, pages, purpose(pages))
            for pages, class_name in names.items()
        ),
        resources=tuple(
            each._replace(paginator=names[pages])
            for each, (_, pages) in zip(resources, lowered, strict=True)
        ),
        rate_limit=lower_rate_limit(
            context, spec.client.rate_limit, ("client", "rate_limit")
        ),
        request_hook=request_hook,
        hooks=collect_hooks(context, request_hook, lowered),
    )


def package_name(text: str) -> str | None:
    """The name of a package that `text` is folded to; None where nothing of it is left."""
    name = snake(text)
    if name is None:
        return None
    is_taken = name in MODULES or name != python_name(name)
    return (
        (name[: _LONGEST_NAME - 4].strip("_") + "_api")
        if is_taken
        else name[:_LONGEST_NAME].strip("_")
    )


def _connector_name(context: Context, stem: str) -> str:
    given = context.spec.connector
    name = python_name(given or stem)
    if name is None:
        context.error(
            ("connector",), "name", "the connector's name has no letters or digits"
        )
        return "connector"
    if given is not None and name == f"{given}_":
        context.error(
            ("connector",),
            "name",
            f"{shown(given)} cannot be the name of a package: Python or pydantic has it",
            f"write `connector: {package_name(given)}`",
        )
    elif given is not None and name != given:
        context.error(
            ("connector",),
            "name",
            f"{shown(given)} is no name of a package: small letters, digits and `_`",
            f"write {shown(name)}",
        )
    if name in MODULES:
        context.error(
            ("connector",),
            "name",
            f"a package called {name} would hide the Python module {name}",
            f"write `connector: {package_name(name)}`",
        )
    if len(name) > _LONGEST_NAME:
        context.error(
            ("connector",),
            "name",
            f"the package's name is longer than {_LONGEST_NAME} characters",
        )
        return "connector"
    if given is None:
        context.warn(
            (),
            "no-connector",
            f"no `connector`: the package is called {name}",
            f"write `connector: {name}`",
        )
    return name


_TYPES = ("date", "datetime")
"""What annotations of the methods read, which a method of that name would hide."""


def _methods(context: Context, found: tuple[Source, ...]) -> dict[str, str]:
    """Resource name to the client's method; each method has a sibling `<method>_pages`."""
    scope = Scope("method", context.collector, "rename one of the resources")
    methods: dict[str, str] = {}
    for source in found:
        name = source.resource.name
        location = context.document.locate((*source.pointer, "name"))
        if name in methods:
            context.error(
                (*source.pointer, "name"),
                "duplicate-resource",
                f"there are two resources {shown(name)}",
            )
            continue
        method = python_name(name)
        if method is None:
            context.error(
                (*source.pointer, "name"),
                "name",
                f"the resource's name {shown(name)} has no letters or digits",
            )
            method = "resource"
        if method in _TYPES:
            method += "_"
        if snake(name) == "rejected_records":
            context.error(
                (*source.pointer, "name"),
                "name",
                "`rejected_records` is the table of records that do not fit their schema",
            )
        scope.reserve(("counts", "finish"), "a method of every client")
        if scope.claim(method, location, quoted("the resource", name)):
            scope.claim(f"{method}_pages", location, quoted("the resource", name))
            if lists(source):
                scope.claim(f"{method}_parts", location, quoted("the resource", name))
        methods[name] = method
    return methods


def _base_urls(
    context: Context, settings: Settings
) -> tuple[tuple[ir.Environment, ...], Code | None]:
    client = context.spec.client
    if client.base_url is not None and client.environments is not None:
        context.error(
            ("client", "base_url"),
            "conflict",
            "`base_url` and `environments` both say where the API is",
            "keep one of them",
        )
    if client.environments is not None:
        environments: list[ir.Environment] = []
        for name, url in client.environments.items():
            pointer: Pointer = ("client", "environments", name)
            check_url(context, url, pointer, name)
            environments.append(
                ir.Environment(name, _client_value(context, settings, url, pointer))
            )
        return tuple(environments), None
    if client.base_url is None:
        context.error(
            ("client",),
            "missing-key",
            "the key `base_url` is missing",
            "write `base_url`, or `environments` with a URL for each name",
        )
        return (), None
    pointer = ("client", "base_url")
    check_url(context, client.base_url, pointer, "base_url")
    return (), _client_value(context, settings, client.base_url, pointer)


def _headers(context: Context, settings: Settings) -> list[ir.Argument]:
    headers: list[ir.Argument] = []
    for name, value in (context.spec.client.headers or {}).items():
        pointer: Pointer = ("client", "headers", name)
        check_header(context, name, value, pointer)
        headers.append(
            ir.Argument(name, _client_value(context, settings, value, pointer))
        )
    return headers


def _client_value(
    context: Context, settings: Settings, text: str, pointer: Pointer
) -> Code:
    """A value of the client as an expression of its constructor."""

    def reference(part: Part) -> Value:
        match part:
            case Secret():
                field = context.secret(part.name, pointer)
                return Value(Code(f"credentials.{field}"))
            case Config() | Placeholder():
                setting = settings.find(part.name, None)
                return Value(Code(setting.name), setting.type)
            case Computed():
                return computed(context, part, pointer, reference)
            case _:
                context.error(
                    pointer,
                    "expression",
                    "only secrets, config values and placeholders go here",
                )
                return Value(literal(""))

    return expression(context.parts(text, pointer), reference, TEXT)


def _credentials(
    context: Context, auth: tuple[ir.AuthMethod, ...]
) -> tuple[ir.Credential, ...]:
    """A credential is optional where some auth method does without it."""
    alternatives = [set(method.needs) for method in auth]
    in_auth = set[str]().union(*alternatives)
    always = in_auth.intersection(*alternatives) | context.always_needed
    return tuple(
        ir.Credential(name, optional=name in in_auth and name not in always)
        for name in context.secrets.values()
    )


def _allowed_hosts(context: Context) -> list[str]:
    hosts: list[str] = []
    for index, host in enumerate(context.spec.client.allowed_hosts or ()):
        lowered = host.lower()
        name, _, port = lowered.partition(":")
        is_name = set(name) <= _HOST and not name.startswith((".", "-"))
        if not name or not is_name or (":" in lowered and not port.isdecimal()):
            context.error(
                ("client", "allowed_hosts", index),
                "host",
                f"{shown(host)} is no host name",
                "write the name alone, such as files.example.com, or with a port",
            )
        hosts.append(lowered)
    return hosts


def _check_models(context: Context, prefix: str) -> None:
    """The package exports its records beside its client and credentials."""
    taken = {f"{prefix}Client", f"{prefix}Credentials"}
    for index, model in context.schemas.models.items():
        if model in taken:
            context.error(
                ("resources", index, "name"),
                "name-collision",
                f"a record cannot be called {model}: the package exports that name itself",
                "name it with `model:`",
            )


def _check_cycles(context: Context, resources: list[ir.Resource]) -> None:
    """Each circle of parents is reported once, at its first resource."""
    parents = {each.name: each.parent.resource for each in resources if each.parent}
    reported: set[str] = set()
    for index, resource in enumerate(resources):
        chain = [resource.name]
        while (parent := parents.get(chain[-1])) is not None and parent not in chain:
            chain.append(parent)
        if parent == resource.name and resource.name not in reported:
            reported.update(chain)
            context.error(
                ("resources", index, "name"),
                "parent-cycle",
                "the parents go round in a circle: "
                + " of ".join(shown(each) for each in (*chain, parent)),
                "take a value out of the path, or give it as a placeholder",
            )


def _check_duplicates(context: Context, found: tuple[Source, ...]) -> None:
    seen: dict[str, str] = {}
    for source in found:
        endpoint = source.endpoint
        request = repr(
            (
                source.path,
                source.part("method"),
                source.params,
                endpoint.json_body,
                source.part("data"),
            )
        )
        first = seen.setdefault(request, source.resource.name)
        if first != source.resource.name:
            context.warn(
                (*source.endpoint_pointer, "path"),
                "duplicate-path",
                f"the request is the same as that of {first}",
            )
