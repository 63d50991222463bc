"""Two methods of the client for each resource: its records, and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator import ir
from generator.lowering.text import bound_name
from generator.pysource import (
    Argument,
    Code,
    assign,
    call,
    docstring,
    fitted,
    identifier,
    literal,
    mapping,
    parameter,
    signature,
    statement,
)
from generator.views.common import Imports, import_helpers, names_in
from generator.views.shaping import partial, shape_code

SINCE_TYPES = {
    "datetime": "datetime | str | None",
    "date": "date | str | None",
    "int": "int | None",
    "str": "str | None",
}
_NONE = Code("None")


OWN_NAMES = frozenset(
    "ApiKeyAuth Auth AuthMethod BasicAuth BearerAuth Callable Counts CredentialsError "
    "Environment Http Iterator JSON Literal Mapping OAuth2Auth OnRejected Reader Request "
    "RetryPolicy Transport".split()
)
"""What client.py imports and defines itself."""


class ResourceView(NamedTuple):
    """One resource: the method that yields records and the one that yields pages."""

    records: Code
    """Signature, indented by 4."""
    records_doc: Code
    loop: tuple[Code, ...]
    """Lines of the records method's body, each with its indentation inside the method."""
    pages: Code
    pages_doc: Code
    body: tuple[Code, ...]
    """Statements of the pages method."""


@dataclass(frozen=True, slots=True)
class Methods:
    """Prints the methods of one connector's resources; `shared` is the policy called `_RETRY`."""

    connector: ir.Connector
    imports: Imports
    shared: ir.Retry | None

    def resource(self, resource: ir.Resource) -> ResourceView:
        model = identifier(self.model(resource))
        keyword_only = list(self.bounds(resource))
        star = [Code("*"), *keyword_only] if keyword_only else []
        values = resource.parent.values if resource.parent else ()
        parents = [parameter(each.argument, _parent_type(each)) for each in values]
        if any(each.type == "JSON" for each in values):
            self.imports.add("._runtime.values", "JSON")
        pages_name = f"{resource.method}_pages"
        return ResourceView(
            records=signature(
                resource.method, [Code("self"), *star], Code(f"Iterator[{model}]"), 4
            ),
            records_doc=docstring(_records_text(resource), 8),
            loop=tuple(self.loop(resource)),
            pages=signature(
                pages_name,
                [Code("self"), *parents, *star],
                Code(f"Iterator[list[{model}]]"),
                4,
            ),
            pages_doc=docstring(_pages_text(resource), 8),
            body=tuple(self.request(resource)),
        )

    def model(self, resource: ir.Resource) -> str:
        """The record model's name in the client, another one where the client's own clash."""
        model = resource.model
        taken = OWN_NAMES | {each.name for each in self.connector.paginators}
        if model not in taken:
            self.imports.add(".models", model)
            return model
        self.imports.add_as(".models", model, f"{model}Record")
        return f"{model}Record"

    def bounds(self, resource: ir.Resource) -> Iterator[Code]:
        incremental = resource.incremental
        if incremental is None:
            return
        kind = Code(SINCE_TYPES[incremental.type])
        if incremental.sends_start or sends_end(incremental):
            if incremental.type in {"datetime", "date"}:
                self.imports.add("datetime", incremental.type)
        if incremental.sends_start:
            yield parameter("since", kind, _NONE)
        if sends_end(incremental):
            yield parameter("until", kind, _NONE)

    def loop(self, resource: ir.Resource) -> Iterator[Code]:
        incremental = resource.incremental
        bounds: list[Argument] = []
        if incremental is not None and incremental.sends_start:
            bounds.append(("since", Code("since")))
        if incremental is not None and sends_end(incremental):
            bounds.append(("until", Code("until")))
        parent = resource.parent
        if parent is None:
            pages = call(f"self.{resource.method}_pages", bounds)
            yield Code(f"for page in {pages}:")
            yield Code("    yield from page")
            return
        yield Code(f"for {parent.variable} in self.{parent.method}():")
        arguments: list[Argument] = []
        for value in parent.values:
            source = f"{parent.variable}.{value.attribute}"
            if not value.attribute:
                self.imports.add("._runtime.records", "extra")
                source = f"extra({parent.variable}, {literal(value.field)})"
            arguments.append(Code(source))
        pages = call(f"self.{resource.method}_pages", [*arguments, *bounds])
        line = f"    for page in {fitted(pages, 12, 12, 1)}:"
        yield Code(line)
        yield Code("        yield from page")
        yield Code(f"self._reader.finish({literal(resource.name)})")

    def request(self, resource: ir.Resource) -> Iterator[Code]:
        """The statements of the pages method."""
        for value in resource.parent.values if resource.parent else ():
            if value.nullable:
                yield Code(f"if {value.argument} is None:")
                skipped = call(
                    "self._reader.skipped",
                    [literal(resource.name), literal(value.field)],
                )
                yield Code(f"    {statement(skipped, 12, 'return ')}")
        for name in resource.settings:
            self.imports.add("._runtime.settings", "required")
            yield assign(
                name, call("required", [literal(name), Code(f"self._{name}")]), 8
            )
        import_helpers(self.imports, names_in(request_code(resource)))
        incremental = resource.incremental
        if incremental is not None and incremental.type in {"datetime", "date"}:
            self.imports.add("._runtime.moments", "bound")
            form = literal(incremental.format)
            if incremental.sends_start:
                yield assign("start", call("bound", [Code("since"), form]), 8)
            if sends_end(incremental):
                yield assign("end", call("bound", [Code("until"), form]), 8)
        yield assign(
            "request", call("Request", list(self.request_arguments(resource))), 8
        )
        yield statement(
            call("self._reader.pages", list(self.read_arguments(resource))),
            8,
            "return ",
        )

    def request_arguments(self, resource: ir.Resource) -> Iterator[Argument]:
        yield literal(resource.http_method)
        yield resource.path
        params = [(each.name, each.value) for each in resource.params]
        incremental = resource.incremental
        if incremental is not None and incremental.start_param:
            params.append(
                (incremental.start_param, Code(bound_name(incremental.type, "start")))
            )
        if incremental is not None and incremental.end_param:
            value = Code(bound_name(incremental.type, "end"))
            if incremental.end_now:
                self.imports.add("._runtime.moments", "now_text")
                value = call("now_text", [literal(incremental.format)])
            params.append((incremental.end_param, value))
        if params:
            yield "params", mapping(params)
        if resource.headers:
            yield "headers", mapping(
                (each.name, each.value) for each in resource.headers
            )
        if resource.body is not None:
            yield "json", resource.body
        if resource.timeout is not None:
            yield "timeout", literal(resource.timeout)

    def read_arguments(self, resource: ir.Resource) -> Iterator[Argument]:
        yield identifier(self.model(resource))
        yield Code("request")
        yield "resource", literal(resource.name)
        limit = resource.limit
        arguments: list[Argument] = []
        if limit is not None and takes_limit(self.connector, resource):
            arguments.append(("limit", literal(limit)))
        yield "paginator", call(resource.paginator, arguments)
        yield "selector", literal(resource.selector)
        shared = resource.retry == self.shared
        yield "retry", Code("_RETRY") if shared else retry_code(resource.retry)
        if resource.missing_empty:
            yield "missing", literal("empty")
        if resource.max_pages is not None:
            yield "max_pages", literal(resource.max_pages)
        if resource.on_invalid == "fail":
            yield "on_invalid", literal("fail")
        if resource.parent is not None:
            yield "part", literal(True)
        if resource.request_hook:
            self.imports.add(".", "hooks")
            yield "prepare", Code(f"hooks.{identifier(resource.request_hook)}")
        if resource.response_hook:
            self.imports.add(".", "hooks")
            yield "decode", Code(f"hooks.{identifier(resource.response_hook)}")
        if resource.decoder is not None:
            function = resource.decoder.function
            self.imports.add("._runtime.decoding", function)
            options: list[Argument] = [*resource.decoder.options]
            yield "decode", partial(Code(function), options, self.imports)
        shape = shape_code(resource, self.imports)
        if shape is not None:
            yield "shape", shape


def _parent_type(value: ir.ParentValue) -> Code:
    return Code(
        f"{value.type} | None"
        if value.nullable and value.type != "JSON"
        else value.type
    )


def takes_limit(connector: ir.Connector, resource: ir.Resource) -> bool:
    paginator = next(
        each for each in connector.paginators if each.name == resource.paginator
    )
    return paginator.takes_limit


def sends_end(incremental: ir.Incremental) -> bool:
    return bool(incremental.end_param) and not incremental.end_now


def request_code(resource: ir.Resource) -> Iterator[Code]:
    yield resource.path
    for argument in (*resource.params, *resource.headers):
        yield argument.value
    if resource.body is not None:
        yield resource.body
    for given in resource.shape.arguments if resource.shape else ():
        yield given.value


def _records_text(resource: ir.Resource) -> str:
    return resource.description or f"All records of {resource.name}."


def _pages_text(resource: ir.Resource) -> str:
    if resource.parent is not None:
        return (
            f"The records of one of {resource.parent.resource}, a list for each page."
        )
    return "The same records, a list for each page of the API."


def retry_code(retry: ir.Retry) -> Code:
    """The policy's arguments that differ from its defaults."""
    arguments: list[Argument] = []
    default = ir.Retry()
    if retry.statuses != default.statuses:
        arguments.append(("statuses", literal(retry.statuses)))
    if retry.max_retries != default.max_retries:
        arguments.append(("max_retries", literal(retry.max_retries)))
    if retry.backoff != default.backoff:
        arguments.append(("backoff", literal(retry.backoff)))
    if retry.message:
        arguments.append(("message", literal(retry.message)))
    return call("RetryPolicy", arguments)
