"""source.py: the dlt source, its typed credentials and one resource function an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator import ir
from generator.lowering.context import CLIENT_ARGUMENTS
from generator.naming import snake
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
    subscript,
)
from generator.views.arguments import (
    common_parameters,
    optional_setting,
    rotates,
    shared_arguments,
)
from generator.views.common import Imports, header
from generator.views.bounds import (
    cursor_reader,
    has_parent_cursors,
    takes_start,
    window_bound,
)
from generator.views.methods import parts_loop
from generator.views.windows import LoadView, load_view, windowed

_NONE = Code("None")
_ROWS = Code("Iterator[list[dict[str, Any]]]")


class SourceResource(NamedTuple):
    """One resource function."""

    name: Code
    decorator: Code
    signature: Code
    docstring: Code
    loop: tuple[Code, ...]


class SourceView(NamedTuple):
    """What source.py.j2 prints."""

    header: Code
    docstring: Code
    imports: Code
    exports: Code
    names: Code
    all_names: Code
    credentials: Code | None
    credentials_doc: Code | None
    fields: tuple[Code, ...]
    plain: Code | None
    """The plain credentials class."""
    to_plain: Code | None
    given: Code
    """Gives the caller's credentials to the resources."""
    signature: Code
    source_doc: Code
    decorator: Code
    inner: Code
    client: Code
    client_signature: Code
    client_call: Code
    resources: tuple[SourceResource, ...]
    found: Code
    parallelized: Code | None
    """The resources that dlt reads in threads."""
    children: tuple[Code, ...]
    load: LoadView | None


def source_view(connector: ir.Connector) -> SourceView:
    imports = Imports()
    imports.add("dlt")
    imports.add("collections.abc", "Iterator", "Sequence")
    imports.add("typing", "Any", "Literal")
    imports.add("dlt.sources", "DltResource", "DltSource")
    imports.add("._runtime.loading", "Once", "pick", "rows")
    imports.add("._runtime.rejects", "RejectedQueue")
    builder = _Source(connector, imports)
    load = load_view(connector, builder) if windowed(connector) else None
    client = f"{connector.prefix}Client"
    plain = f"{connector.prefix}Credentials"
    spec = f"{connector.prefix}SourceCredentials"
    imports.add(".client", client)
    if connector.credentials:
        imports.add(".client", plain)
        imports.add("dlt.common.configuration", "configspec")
        imports.add("dlt.common.configuration.specs", "CredentialsConfiguration")
        imports.add("dlt.common.typing", "TSecretStrValue")
        imports.add("._runtime.loading_credentials", "bind")
        if not all(each.optional for each in connector.credentials):
            imports.add("._runtime.loading_credentials", "UNSET")
    if connector.environments:
        imports.add(".client", "Environment")
    resources = tuple(builder.resource(each) for each in _parents_first(connector))
    names = [literal(each.name) for each in connector.resources]
    selected = [
        literal(each.name) for each in connector.resources if each.table.selected
    ]
    exports = ["RESOURCES", "ResourceName", f"{connector.name}_source"]
    if connector.credentials:
        exports.append(spec)
    if load is not None:
        exports.append("load")
    pairs = [
        (each.name, Code(f"self.{identifier(each.name)}"))
        for each in connector.credentials
    ]
    copies = [
        (each.name, Code(f"credentials.{identifier(each.name)}"))
        for each in connector.credentials
    ]
    signature_code = builder.signature()
    return SourceView(
        header=header(connector),
        docstring=docstring(
            f"dlt source of the {connector.name} API: one resource an endpoint."
        ),
        exports=assign("__all__", literal(sorted(exports))),
        names=assign("ResourceName", subscript("Literal", names)),
        all_names=_annotated(
            "RESOURCES: tuple[ResourceName, ...] = ", bracketed("(", selected, ")")
        ),
        credentials=identifier(spec) if connector.credentials else None,
        credentials_doc=docstring(
            f"Credentials as dlt reads them, from `sources.{connector.name}.credentials`.",
            4,
        ),
        fields=tuple(
            Code(
                f"{each.name}: TSecretStrValue | None = None"
                if each.optional
                else f"{each.name}: TSecretStrValue = UNSET"
            )
            for each in connector.credentials
        ),
        plain=identifier(plain) if connector.credentials else None,
        to_plain=statement(call(plain, pairs), 8, "return "),
        given=statement(call("bind", [Code("found"), call(spec, copies)]), 12),
        signature=signature_code,
        source_doc=docstring(builder.source_text(), 4),
        decorator=call(
            "dlt.source",
            [("name", literal(connector.name)), ("section", literal(connector.name))],
        ),
        inner=signature("source", [], Code("list[DltResource]"), 4),
        client=identifier(client),
        client_signature=signature(
            "client",
            [parameter("found", Code(spec))] if connector.credentials else [],
            Code(client),
            8,
        ),
        client_call=statement(
            call(client, list(builder.client_arguments())), 12, "return "
        ),
        resources=resources,
        found=_annotated(
            "found: dict[str, DltResource] = ",
            mapping(
                (each.name, identifier(builder.variable(each.method)))
                for each in connector.resources
            ),
            8,
        ),
        parallelized=(
            bracketed("(", builder.parallelized(connector), ")")
            if any(each.table.parallelized for each in connector.resources)
            else None
        ),
        children=tuple(
            literal(each.name) for each in connector.resources if each.in_parts
        ),
        imports=imports.code(),
        load=load,
    )


def _annotated(prefix: str, value: Code, indent: int = 0) -> Code:
    return Code(f"{prefix}{fitted(value, indent, len(prefix))}")


@dataclass(frozen=True, slots=True)
class _Source:
    connector: ir.Connector
    imports: Imports

    def configured(self, setting: ir.Setting) -> Code:
        """The argument's value, else what dlt's configuration says."""
        if not setting.from_config or setting.default is not None:
            return Code(setting.name)
        key = literal(f"sources.{self.connector.name}.{setting.key}")
        if setting.type == "Sequence[str]":
            self.imports.add("._runtime.configured", "configured_list")
            return Code(f"{setting.name} or {call('configured_list', [key])}")
        return Code(f"{setting.name} or {call('dlt.config.get', [key, Code('str')])}")

    def signature(self) -> Code:
        parameters = list(self.parameters())
        if windowed(self.connector):
            self.imports.add("._runtime.windows", "Window")
            parameters.append(parameter("window", Code("Window | None"), _NONE))
        name = f"{self.connector.name}_source"
        return signature(name, [Code("*"), *parameters], Code("DltSource"))

    def parameters(self) -> Iterator[Code]:
        """What the caller may give, apart from windows."""
        connector = self.connector
        parameters = list(common_parameters(connector))
        required = [code for code in parameters if " = " not in code]
        optional = [code for code in parameters if " = " in code]
        names = parameter(
            "resources", Code("Sequence[ResourceName]"), Code("RESOURCES")
        )
        optional.insert(0, names)
        optional.extend(
            optional_setting(each) for each in connector.settings if not each.client
        )
        optional.extend(self.since())
        if connector.credentials:
            optional.append(
                parameter(
                    "credentials", Code(f"{connector.prefix}Credentials | None"), _NONE
                )
            )
        if rotates(connector):
            self.imports.add("collections.abc", "Callable")
            optional.append(
                parameter("on_rotated", Code("Callable[[str], None] | None"), _NONE)
            )
        self.imports.add("._runtime.http", "Transport")
        optional.append(parameter("transport", Code("Transport | None"), _NONE))
        if any("AuthMethod" in code for code in optional):
            self.imports.add(".client", "AuthMethod")
        yield from (*required, *optional)

    def source_text(self) -> str:
        connector = self.connector
        lines = [connector.description or f"The {connector.name} API as a dlt source."]
        told = ["Building it does no I/O."]
        if connector.credentials:
            told = [
                "Building it does no I/O; dlt fills the credentials when a resource runs."
            ]
        if self.cursor_types():
            told.append("`since` is the first lower bound of incremental resources.")
        if windowed(connector):
            names = ", ".join(each.name for each in windowed(connector))
            told.append(
                f"`window` is the range of which {names} is read, from the first moment up to "
                "the second; without it the whole range is read at once."
            )
        told.append("Records that do not fit their model go to `rejected_records`.")
        return "\n\n".join([*lines, " ".join(told)])

    def since(self) -> Iterator[Code]:
        """The arguments that start incremental resources, by the types of their cursors."""
        types = self.cursor_types()
        times = [name for name in ("datetime", "date") if name in types][:1]
        if times:
            self.imports.add("datetime", *times)
        if types - {"int"}:
            yield parameter("since", Code(" | ".join([*times, "str", "None"])), _NONE)
        if "int" in types:
            name = "since_number" if len(types) > 1 else "since"
            yield parameter(name, Code("int | None"), _NONE)

    def client_arguments(self) -> Iterator[Argument]:
        if self.connector.credentials:
            yield Code("credentials or found.given()")
        settings = {each.name: each for each in self.connector.settings}
        for name in shared_arguments(self.connector):
            yield name, (
                self.configured(settings[name]) if name in settings else Code(name)
            )
        yield "on_rejected", Code("rejected.put")
        yield "transport", Code("transport")

    # ---- resources

    def variable(self, method: str) -> str:
        """The function of a resource, named apart from arguments and imports."""
        methods = {each.method for each in self.connector.resources}
        taken = CLIENT_ARGUMENTS | {each.name for each in self.connector.settings}
        if method not in taken:
            return method
        name = f"{method}_resource"
        while name in methods or name in taken:
            name += "_"
        return name

    def resource(self, resource: ir.Resource) -> SourceResource:
        parameters: list[Code] = []
        if resource.parent is not None:
            parameters.append(parameter("parents", Code("list[dict[str, Any]]")))
        if resource.incremental is not None and not has_parent_cursors(resource):
            parameters.append(self.incremental(resource.incremental))
        if self.connector.credentials:
            spec = Code(f"{self.connector.prefix}SourceCredentials")
            parameters.append(parameter("credentials", spec, Code("dlt.secrets.value")))
        kind = "dlt.transformer" if resource.parent else "dlt.resource"
        decorator = fitted(call(kind, list(self.hints(resource))), 8, 1)
        return SourceResource(
            name=literal(resource.name),
            decorator=decorator,
            signature=signature(self.variable(resource.method), parameters, _ROWS, 8),
            docstring=docstring(
                resource.description or f"All records of {resource.name}.", 12
            ),
            loop=tuple(self.loop(resource)),
        )

    def parallelized(self, connector: ir.Connector) -> Iterator[Code]:
        for each in connector.resources:
            if each.table.parallelized:
                yield identifier(self.variable(each.method))

    def hints(self, resource: ir.Resource) -> Iterator[Argument]:
        table = resource.table
        if resource.parent is not None:
            yield "data_from", identifier(self.variable(resource.parent.method))
        yield "name", literal(resource.name)
        if table.name:
            yield "table_name", literal(table.name)
        yield "write_disposition", table.write_disposition
        for key, fields in (
            ("primary_key", table.primary_key),
            ("merge_key", table.merge_key),
        ):
            if fields:
                yield key, literal(fields[0] if len(fields) == 1 else list(fields))
        if table.columns:
            constant = columns_name(resource)
            self.imports.add(".columns", constant)
            yield "columns", Code(constant)
        if table.max_nesting is not None:
            yield "max_table_nesting", literal(table.max_nesting)
        yield from table.hints

    def incremental(self, incremental: ir.Incremental) -> Code:
        """The parameter that dlt fills with the cursor's last value."""
        arguments: list[Argument] = [literal(incremental.cursor)]
        arguments.append(("initial_value", self.initial(incremental)))
        end = self.end(incremental)
        if end is not None:
            arguments.append(("end_value", end))
        arguments.extend(self.options(incremental))
        if incremental.primary_key:
            arguments.append(("primary_key", literal(incremental.primary_key)))
        if incremental.on_missing != "raise":
            arguments.append(
                ("on_cursor_value_missing", literal(incremental.on_missing))
            )
        if incremental.type in {"datetime", "date"}:
            self.imports.add("datetime", incremental.type)
        kind = Code(f"dlt.sources.incremental[{incremental.type}]")
        prefix = f"cursor: {kind} = "
        made = call("dlt.sources.incremental", arguments)
        return Code(f"{prefix}{fitted(made, 12, len(prefix), 1)}")

    def end(self, incremental: ir.Incremental) -> Code | None:
        """The upper bound: what the spec says, or the end of the window."""
        if incremental.window:
            return window_bound(incremental, Code("last"), self.imports)
        if incremental.end is None:
            return None
        return self.converted(incremental.type, incremental.end)

    def options(self, incremental: ir.Incremental) -> Iterator[Argument]:
        """What dlt is told of the cursor besides its bounds."""
        option = incremental.option
        falling = option.pop("last_value_func", "max") == "min"
        if incremental.type == "str" and incremental.lag is None:
            self.imports.add("._runtime.latest", "latest")
            given: list[Argument] = [cursor_reader(incremental, self.imports)]
            if falling:
                given.append(("falling", literal(True)))
            yield "last_value_func", call("latest", given)
        elif falling:
            yield "last_value_func", Code("min")
        for name, value in option.items():
            yield name, literal(value)

    def initial(self, incremental: ir.Incremental) -> Code:
        """The first lower bound: the window's, else as given by the caller or the spec."""
        if not incremental.window:
            return self.given(incremental)
        if incremental.type == "int":
            given = self.given(incremental)
            return window_bound(incremental, Code("first"), self.imports, given)
        first = Code(f"first or {self.text(incremental)}")
        return window_bound(incremental, first, self.imports)

    def text(self, incremental: ir.Incremental) -> Code:
        """The first lower bound, not converted to the cursor's type."""
        default = incremental.initial
        for setting in self.connector.settings:
            if default is not None and str(default) == setting.name:
                default = self.configured(setting)
        return Code("since") if default is None else Code(f"since or {default}")

    def given(self, incremental: ir.Incremental) -> Code:
        """The first lower bound: what the caller gives, else what the spec says."""
        kind, default = incremental.type, incremental.initial
        types = self.cursor_types()
        since = Code("since_number" if kind == "int" and len(types) > 1 else "since")
        if kind == "int":
            return (
                since
                if default is None
                else Code(f"{default} if {since} is None else {since}")
            )
        given = self.text(incremental)
        if kind == "str" and types & {"datetime", "date"}:
            self.imports.add("._runtime.moments_text", "iso_text")
            return call("iso_text", [given])
        return self.converted(kind, given)

    def converted(self, kind: str, value: Code) -> Code:
        """A bound as the cursor's type."""
        modules = {"datetime": ("moments", "instant"), "date": ("days", "day")}
        if kind not in modules:
            return value
        module, function = modules[kind]
        self.imports.add(f"._runtime.{module}", function)
        return call(function, [value])

    def cursor_types(self) -> set[str]:
        return {
            each.incremental.type
            for each in self.connector.resources
            if each.incremental
        }

    def loop(self, resource: ir.Resource) -> Iterator[Code]:
        """The loop over pages, each line with its indentation inside the function."""
        found = "client(credentials)" if self.connector.credentials else "client()"
        arguments: list[Argument] = []
        incremental, parent = resource.incremental, resource.parent
        if parent is not None:
            arguments.extend(self.parent_value(value) for value in parent.values)
        arguments.extend(Code(each.argument) for each in resource.each)
        if incremental is not None and takes_start(incremental):
            arguments.append(("since", Code(f"cursor.{_start(resource)}")))
        if incremental is not None and incremental.takes_end:
            arguments.append(("until", Code(f"cursor.{_end(resource)}")))
        own = incremental if has_parent_cursors(resource) else None
        if own is not None:
            yield assign("cursors", self.parent_cursors(resource, own), 16)
        depth = 0
        if parent is not None:
            yield Code("for parent in parents:")
            depth = 1
        for each in parts_loop(resource, found):
            yield Code(f"{'    ' * depth}{each}")
            depth += 1
        pad = "    " * depth
        if own is not None:
            values = [each for each in arguments if not isinstance(each, tuple)]
            cursor = assign("cursor", call("cursors.of", values), 16 + 4 * depth)
            yield Code(f"{pad}{cursor}")
        # `client(...)` is no dotted name, so the call is put together around it.
        pages = bracketed(
            f"{found}.{resource.method}_pages(",
            [_keyword(each) for each in arguments],
            ")",
        )
        column = 16 + 4 * depth
        yield Code(f"{pad}for page in {fitted(pages, column, 12, 1)}:")
        yielded = [Code("page")]
        if resource.table.columns:
            yielded.append(Code(columns_name(resource)))
        made = call("rows", yielded)
        if parent is not None and parent.include:
            self.imports.add("._runtime.including", "including")
            included = [(each.column, self.included(each)) for each in parent.include]
            made = call("including", [made, mapping(included)])
        if resource.links or resource.remembers:
            self.imports.add("._runtime.lineage", "linked")
            known: list[Argument] = [made]
            if resource.links:
                known.append(Code("parent") if parent is not None else Code("None"))
            if resource.remembers:
                known.append(("page", Code("page")))
            made = call("linked", known)
        if own is not None:
            made = call("cursor.new", [made])
        yield Code(f"{pad}    {statement(made, column + 4, 'yield ')}")
        if own is not None:
            yield Code(f"{pad}cursor.done()")
        if incremental is not None and incremental.window:
            self.imports.add("._runtime.windows", "finished")
            given: list[Argument] = [literal(resource.name), Code("window")]
            if str(resource.table.write_disposition) == '"append"':
                given.append(("appends", literal(True)))
            yield statement(call("finished", given), 16)

    def ancestor(self, level: int) -> Code:
        """The row of the parent, or of one above it."""
        if level == 0:
            return Code("parent")
        self.imports.add("._runtime.lineage", "above")
        levels = [literal(level)] if level > 1 else []
        return call("above", [Code("parent"), *levels])

    def parent_value(self, value: ir.ParentValue) -> Code:
        """What a child's request takes from the row of an ancestor."""
        row = self.ancestor(value.level)
        if value.as_sent:
            self.imports.add("._runtime.lineage", "record_of")
            self.imports.add("._runtime.remembering", "as_sent")
            keys = [literal(each) for each in value.as_sent]
            return call("as_sent", [call("record_of", [row]), *keys])
        key = literal(value.field)
        return Code(f"{row}.get({key})" if value.nullable else f"{row}[{key}]")

    def included(self, included: ir.Included) -> Code:
        row = self.ancestor(included.level)
        if len(included.path) == 1:
            return Code(f"{row}.get({literal(included.path[0])})")
        self.imports.add("._runtime.values", "get")
        return call("get", [row, *map(literal, included.path)])

    def parent_cursors(
        self, resource: ir.Resource, incremental: ir.Incremental
    ) -> Code:
        """The last values of a child resource, one for each parent."""
        self.imports.add("._runtime.parent_cursors", "ParentCursors")
        state = call("dlt.current.resource_state", [literal(resource.name)])
        arguments: list[Argument] = [
            state,
            literal(incremental.steps),
            cursor_reader(incremental, self.imports),
            ("initial", self.initial(incremental)),
        ]
        end = self.end(incremental)
        if end is not None:
            arguments.append(("end", end))
        if incremental.on_missing != "raise":
            arguments.append(("missing", literal(incremental.on_missing)))
        option = incremental.option
        for name in ("lag", "range_start", "range_end"):
            if name in option:
                arguments.append((name, literal(option[name])))
        if option.get("last_value_func") == "min":
            arguments.append(("falling", literal(True)))
        unique = incremental.primary_key or resource.table.primary_key
        if unique:
            arguments.append(("unique", literal(unique)))
        kind = incremental.type
        if kind in {"datetime", "date"}:
            self.imports.add("datetime", kind)
        return call("ParentCursors", arguments)


def _start(resource: ir.Resource) -> str:
    return "start" if has_parent_cursors(resource) else "start_value"


def _end(resource: ir.Resource) -> str:
    return "end" if has_parent_cursors(resource) else "end_value"


def _keyword(argument: Argument) -> Code:
    if isinstance(argument, tuple):
        return Code(f"{identifier(argument[0])}={argument[1]}")
    return argument


def _parents_first(connector: ir.Connector) -> Iterator[ir.Resource]:
    """The resources in the spec's order, but each after its parent."""
    by_name = {each.name: each for each in connector.resources}
    printed: set[str] = set()
    for resource in connector.resources:
        line = [resource]
        while line[-1].parent is not None:
            line.append(by_name[line[-1].parent.resource])
        for each in reversed(line):
            if each.name not in printed:
                printed.add(each.name)
                yield each


def columns_name(resource: ir.Resource) -> str:
    """The constant in columns.py."""
    name = (snake(resource.name) or "resource").upper()
    return f"{name}_" if name == "RESOURCES" else name
