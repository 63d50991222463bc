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
    bracketed,
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
from generator.views.bounds import bound_statements, cursor_filter, takes_start
from generator.views.common import Imports, import_helpers, names_in
from generator.views.errors import is_long, retry_code
from generator.views.parallel import pages_ahead
from generator.views.shaping import partial, shape_code

SINCE_TYPES = {
    "datetime": "datetime | str | None",
    "date": "date | str | None",
    "int": "int | None",
    "str": "str | None",
}
_NONE = Code("None")


OWN_NAMES = frozenset(
    "ApiKeyAuth Auth AuthMethod BasicAuth BearerAuth Callable CredentialsError Cursor "
    "Environment Http Iterator JSON JwtBearerAuth Limit Limits Literal "
    "OAuth2Auth OnRejected Pages ParallelReader Reader RefreshTokenAuth Read Request "
    "RetryPolicy Rule SeveralAuth TokenAuth Transport WaitHeader".split()
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
    parts: tuple[Code, ...] = ()
    """Signature, docstring and statement of the method that gives the values of its lists."""


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
        parents += [parameter(one.argument, Code(one.type)) for one in resource.each]
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
                Code(f"Pages[{model}]"),
                4,
            ),
            pages_doc=docstring(_pages_text(resource), 8),
            body=tuple(self.request(resource)),
            parts=tuple(self.parts(resource)),
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
        if takes_start(incremental) or incremental.takes_end:
            if incremental.type in {"datetime", "date"}:
                self.imports.add("datetime", incremental.type)
        if takes_start(incremental):
            yield parameter("since", kind, _NONE)
        if incremental.takes_end:
            yield parameter("until", kind, _NONE)

    def loop(self, resource: ir.Resource) -> Iterator[Code]:
        incremental = resource.incremental
        bounds: list[Argument] = []
        if incremental is not None and takes_start(incremental):
            bounds.append(("since", Code("since")))
        if incremental is not None and incremental.takes_end:
            bounds.append(("until", Code("until")))
        line = tuple(reversed(resource.parent.line)) if resource.parent else ()
        by_name = {each.name: each for each in self.connector.resources}
        together = 1
        if resource.in_parts:
            together = pages_ahead(self.connector, resource)
        depth = 0
        if together > 1:
            pages = Code(f"Iterator[Pages[{identifier(self.model(resource))}]]")
            yield Code("")
            yield signature("reads", [], pages, 8)
            depth = 1
        for number, ancestor in enumerate(line):
            read = by_name[ancestor.resource]
            records = Code(f"self.{read.method}()")
            if number:
                for each in parts_loop(read, "self"):
                    yield Code(f"{'    ' * depth}{each}")
                    depth += 1
                self.imports.add("itertools")
                arguments = self.pages_arguments(read, line[:number])
                one = call(f"self.{read.method}_pages", arguments)
                records = call("itertools.chain.from_iterable", [one])
            prefix = f"{'    ' * depth}for {ancestor.variable} in "
            column = 8 + 4 * depth
            yield Code(f"{prefix}{fitted(records, column, len(prefix.lstrip()), 1)}:")
            depth += 1
        for each in parts_loop(resource, "self"):
            yield Code(f"{'    ' * depth}{each}")
            depth += 1
        pages = call(
            f"self.{resource.method}_pages",
            [*self.pages_arguments(resource, line), *bounds],
        )
        if together > 1:
            self.imports.add("._runtime.interleaving", "interleaved")
            each = statement(pages, 8 + 4 * depth, "yield ")
            yield Code(f"{'    ' * depth}{each}")
            yield Code("")
            yield Code(f"for page in interleaved(reads(), {together}):")
            yield Code("    yield from page")
        else:
            prefix = f"{'    ' * depth}for page in "
            yield Code(f"{prefix}{fitted(pages, 8 + 4 * depth, 12, 1)}:")
            yield Code(f"{'    ' * depth}    yield from page")
        for ancestor in line[1:]:
            yield Code(f"self._reader.finish({literal(ancestor.resource)})")
        if resource.in_parts:
            yield Code(f"self._reader.finish({literal(resource.name)})")

    def pages_arguments(
        self, resource: ir.Resource, line: tuple[ir.Ancestor, ...]
    ) -> list[Argument]:
        """What a pages method is called with; `line` are the ancestors, the topmost first."""
        arguments: list[Argument] = []
        for value in resource.parent.values if resource.parent else ():
            variable = line[-1 - value.level].variable
            if value.as_sent:
                self.imports.add("._runtime.remembering", "as_sent")
                keys = [literal(each) for each in value.as_sent]
                arguments.append(call("as_sent", [Code(variable), *keys]))
            elif value.attribute:
                arguments.append(Code(f"{variable}.{value.attribute}"))
            else:
                self.imports.add("._runtime.records_extra", "extra")
                arguments.append(Code(f"extra({variable}, {literal(value.field)})"))
        arguments.extend(Code(each.argument) for each in resource.each)
        return arguments

    def parts(self, resource: ir.Resource) -> Iterator[Code]:
        """The method that gives the values, or their product, that the pages are read for."""
        each = resource.each
        if not each:
            return
        values = each[0].values
        kind, container = each[0].type, "Sequence"
        if len(each) > 1:
            self.imports.add("itertools")
            values = call("itertools.product", [one.values for one in each])
            kind, container = ", ".join(one.type for one in each), "Iterator"
            kind = f"tuple[{kind}]"
        self.imports.add("collections.abc", container)
        if "required" in names_in([values]):
            self.imports.add("._runtime.settings", "required")
        names = " and ".join(one.argument for one in each)
        yield signature(
            f"{resource.method}_parts",
            [Code("self")],
            Code(f"{container}[{kind}]"),
            4,
        )
        yield docstring(f"Every {names} that the pages are read for.", 8)
        yield statement(values, 8, "return ")

    def request(self, resource: ir.Resource) -> Iterator[Code]:
        """The statements of the pages method."""
        for value in resource.parent.values if resource.parent else ():
            if value.nullable:
                yield Code(f"if {value.argument} is None:")
                self.imports.add("._runtime.skipping", "skipped")
                skipped = call(
                    "skipped",
                    [
                        Code("self._reader"),
                        identifier(self.model(resource)),
                        literal(resource.name),
                        literal(value.field),
                    ],
                )
                yield Code(f"    {statement(skipped, 12, 'return ')}")
        for name in resource.settings:
            self.imports.add("._runtime.settings", "required")
            yield assign(
                name, call("required", [literal(name), Code(f"self._{name}")]), 8
            )
        import_helpers(self.imports, request_code(resource))
        incremental = resource.incremental
        if incremental is not None:
            yield from bound_statements(incremental, self.imports)
        yield assign("read", call("Read", list(self.read_arguments(resource))), 8)
        model = identifier(self.model(resource))
        yield statement(call("self._reader.pages", [model, Code("read")]), 8, "return ")

    def request_arguments(self, resource: ir.Resource) -> Iterator[Argument]:
        yield literal(resource.http_method)
        yield resource.path
        params = [(each.name, each.value) for each in resource.params]
        incremental = resource.incremental
        if incremental is not None and incremental.start_param:
            params.append(
                (
                    incremental.start_param,
                    Code(bound_name(incremental, "start")),
                )
            )
        if incremental is not None and incremental.end_param:
            value = Code(bound_name(incremental, "end"))
            if not incremental.takes_end and not incremental.convert:
                self.imports.add("._runtime.moments_now", "now_text")
                value = call("now_text", [literal(incremental.format)])
            params.append((incremental.end_param, value))
        if params:
            yield "params", mapping(params)
        if resource.headers:
            headers = mapping((each.name, each.value) for each in resource.headers)
            if resource.bound_headers:
                self.imports.add("._runtime.absent_text", "present_text")
                headers = call("present_text", [headers])
            yield "headers", headers
        if resource.body is not None:
            yield "json", resource.body
        if resource.form is not None:
            yield "form", mapping((each.name, each.value) for each in resource.form)
        if resource.content is not None:
            yield "content", resource.content
        if resource.timeout is not None:
            yield "timeout", literal(resource.timeout)
        if resource.response_hook:
            self.imports.add(".", "hooks")
            yield "decode", Code(f"hooks.{identifier(resource.response_hook)}")
        if resource.decoder is not None:
            function = resource.decoder.function
            self.imports.add("._runtime.decoding", function)
            options: list[Argument] = [*resource.decoder.options]
            yield "decode", partial(Code(function), options, self.imports)

    def read_arguments(self, resource: ir.Resource) -> Iterator[Argument]:
        yield call("Request", list(self.request_arguments(resource)))
        yield "resource", literal(resource.name)
        limit = resource.limit
        arguments: list[Argument] = []
        if limit is not None and takes_limit(self.connector, resource):
            arguments.append(("limit", literal(limit)))
        yield "paginator", call(resource.paginator, arguments)
        yield "selector", literal(resource.selector)
        if "*" in resource.selector:
            self.imports.add("._runtime.wildcards", "select_all")
            yield "find", Code("select_all")
        if resource.retry != (self.shared or ir.Retry()):
            retry = retry_code(resource.retry, self.imports)
            yield "retry", (
                Code(retry_name(resource)) if is_long(resource.retry) else retry
            )
        if resource.missing_empty:
            yield "missing", literal("empty")
        if resource.max_pages is not None:
            yield "max_pages", literal(resource.max_pages)
        if resource.on_invalid == "fail":
            yield "on_invalid", literal("fail")
        if resource.max_rejected is not None:
            yield "max_rejected", literal(resource.max_rejected)
        if resource.in_parts:
            yield "part", literal(True)
        steps = list(self.steps(resource))
        if steps:
            yield "steps", bracketed("[", steps, "]")
        if resource.request_hook:
            self.imports.add(".", "hooks")
            yield "prepare", Code(f"hooks.{identifier(resource.request_hook)}")
        shape = shape_code(resource, self.imports)
        if shape is not None:
            yield "shape", shape

    def steps(self, resource: ir.Resource) -> Iterator[Code]:
        """What is done with the records before they are validated."""
        pages = paginator_of(self.connector, resource).pages
        key = resource.table.primary_key
        if key and not isinstance(pages, ir.SinglePage):
            self.imports.add("._runtime.repeats", "Unrepeated")
            is_shaped = resource.shape is not None
            yield call("Unrepeated", [] if is_shaped else map(literal, key))
        if resource.incremental is not None and resource.incremental.filters:
            yield cursor_filter(resource.incremental, self.imports)


def _parent_type(value: ir.ParentValue) -> Code:
    return Code(
        f"{value.type} | None"
        if value.nullable and value.type != "JSON"
        else value.type
    )


def retry_name(resource: ir.Resource) -> str:
    """The name of a policy that only this resource has."""
    return f"_{resource.method.upper()}_RETRY"


def paginator_of(connector: ir.Connector, resource: ir.Resource) -> ir.Paginator:
    return next(
        each for each in connector.paginators if each.name == resource.paginator
    )


def takes_limit(connector: ir.Connector, resource: ir.Resource) -> bool:
    return paginator_of(connector, resource).takes_limit


def request_code(resource: ir.Resource) -> Iterator[Code]:
    yield resource.path
    for argument in (*resource.params, *resource.headers, *(resource.form or ())):
        yield argument.value
    if resource.body is not None:
        yield resource.body
    if resource.content is not None:
        yield resource.content
    yield from (each.values for each in resource.each)
    for given in resource.shape.arguments if resource.shape else ():
        yield given.value


def parts_loop(resource: ir.Resource, client: str) -> Iterator[Code]:
    """The line that loops over the values of a resource's lists."""
    if resource.each:
        names = ", ".join(one.argument for one in resource.each)
        yield Code(f"for {names} in {client}.{resource.method}_parts():")


def _records_text(resource: ir.Resource) -> str:
    return resource.description or f"All records of {resource.name}."


def _pages_text(resource: ir.Resource) -> str:
    if resource.parent is not None:
        return (
            f"The records of one of {resource.parent.resource}, a list for each page."
        )
    if resource.each:
        names = " and ".join(one.argument for one in resource.each)
        return f"The records of one {names}, a list for each page of the API."
    return "The same records, a list for each page of the API."
