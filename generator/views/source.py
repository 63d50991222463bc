"""source.py: the dlt source, its typed credentials and one resource function an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator import ir
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
from generator.views.bounds import has_parent_cursors
from generator.views.common import Imports, header
from generator.views.source_cursors import Cursors
from generator.views.source_resources import ResourceFunctions, SourceResource
from generator.views.windows import LoadView, load_view, windowed

_NONE = Code("None")


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
    books: Code
    function: Code
    load: LoadView | None


def source_view(connector: ir.Connector) -> SourceView:
    imports = Imports()
    imports.add("dlt")
    imports.add("collections.abc", "Iterator", "Sequence")
    imports.add("typing", "Any", "Literal")
    imports.add("dlt.sources", "DltResource", "DltSource")
    imports.add("._runtime.books", "Books")
    cursors = Cursors(connector, imports)
    functions = ResourceFunctions(connector, imports, cursors)
    builder = _Source(connector, imports, cursors)
    load = None
    if not windowed(connector):
        imports.add("._runtime.running", "loader")
    else:
        load = load_view(connector, list(builder.parameters()), cursors)
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
    resources = tuple(functions.all())
    names = [literal(each.name) for each in connector.resources]
    selected = [
        literal(each.name) for each in connector.resources if each.table.selected
    ]
    exports = ["RESOURCES", "ResourceName", f"{connector.name}_source", "load"]
    if connector.credentials:
        exports.append(spec)
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
            "found: list[DltResource] = ",
            bracketed(
                "[",
                [
                    identifier(functions.variable(each.method))
                    for each in connector.resources
                ],
                "]",
            ),
            8,
        ),
        parallelized=(
            bracketed("(", parallelized, ")")
            if (parallelized := list(functions.parallelized()))
            else None
        ),
        books=_books(connector),
        function=identifier(f"{connector.name}_source"),
        imports=imports.code(),
        load=load,
    )


def _books(connector: ir.Connector) -> Code:
    """The accounts of a run."""
    parts = [each.name for each in connector.resources if each.in_parts]
    narrowed = [each.name for each in connector.resources if has_parent_cursors(each)]
    arguments: list[Argument] = [
        (name, literal(names))
        for name, names in (("parts", parts), ("narrowed", narrowed))
        if names
    ]
    return assign("books", call("Books", arguments), 8)


def _annotated(prefix: str, value: Code, indent: int = 0) -> Code:
    return Code(f"{prefix}{fitted(value, indent, len(prefix))}")


@dataclass(frozen=True, slots=True)
class _Source:
    connector: ir.Connector
    imports: Imports
    cursors: Cursors

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
        optional.extend(self.cursors.since())
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
        if self.cursors.types():
            told.append("`since` is the first lower bound of incremental resources.")
        if windowed(connector):
            names = ", ".join(each.name for each in windowed(connector))
            told.append(
                f"`window` is the range of which {names} is read, from the first moment up to "
                "the second; without it the whole range is read at once."
            )
        told.append("Records that do not fit their model go to `rejected_records`.")
        return "\n\n".join([*lines, " ".join(told)])

    def client_arguments(self) -> Iterator[Argument]:
        if self.connector.credentials:
            plain = f"{self.connector.prefix}Credentials"
            yield Code(f"credentials or {plain}(**found)")
        settings = {each.name: each for each in self.connector.settings}
        for name in shared_arguments(self.connector):
            yield name, (
                self.cursors.configured(settings[name])
                if name in settings
                else Code(name)
            )
        yield "on_rejected", Code("books.rejected")
        yield "transport", Code("transport")
