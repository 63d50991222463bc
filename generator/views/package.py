"""The small files: __init__.py, columns.py and README.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from generator import ir
from generator.pysource import (
    Code,
    assign,
    docstring,
    fitted,
    from_import,
    identifier,
    join,
    literal,
    mapping,
    markdown,
    markdown_code,
)
from generator.views.arguments import ambiguous, rotates, token_urls
from generator.views.common import columns_name, header
from generator.views.replaying import replayed
from generator.views.windows import windowed


class InitView(NamedTuple):
    """What __init__.py.j2 prints."""

    header: Code
    docstring: Code
    imports: tuple[Code, ...]
    exports: Code
    source: Code
    source_name: Code
    names: Code
    """What type checkers import from the source."""
    replays: bool


def init_view(connector: ir.Connector, models: str) -> InitView:
    client = [f"{connector.prefix}Client"]
    if connector.credentials:
        client.append(f"{connector.prefix}Credentials")
    records = model_names(models)
    source = f"{connector.name}_source"
    entries = [source, "load"]
    text = connector.description or f"Connector for the {connector.name} API."
    imports = [from_import(".client", sorted(client))]
    if records:
        imports.append(from_import(".models", records))
    replays = bool(replayed(connector))
    extra = ["replay"] if replays else []
    if rotates(connector):
        imports.insert(0, from_import("._runtime.token_file", ["token_file"]))
        extra.append("token_file")
    return InitView(
        header=header(connector),
        docstring=docstring(text),
        imports=tuple(imports),
        exports=assign(
            "__all__", literal(sorted([*client, *records, *entries, *extra]))
        ),
        source=identifier(source),
        source_name=literal(source),
        names=join([identifier(each) for each in sorted(entries)]),
        replays=replays,
    )


def model_names(models: str) -> list[str]:
    """The public names of models.py, from its `__all__`."""
    for node in ast.parse(models).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "__all__":
                names: list[str] = ast.literal_eval(node.value)
                return sorted(names)
    return []


class TableColumns(NamedTuple):
    """The columns of one table."""

    name: Code
    type: Code
    entries: tuple[Code, ...]


class ColumnsView(NamedTuple):
    """What columns.py.j2 prints."""

    header: Code
    exports: Code
    imports: Code
    tables: tuple[TableColumns, ...]


def columns_view(connector: ir.Connector) -> ColumnsView:
    tables = [each for each in connector.resources if each.table.columns]
    types = [_columns_type(each.table) for each in tables]
    imports: list[Code] = []
    if "dict[str, Any]" in types:
        imports.append(from_import("typing", ["Any"]))
    if "TTableSchemaColumns" in types:
        imports.append(from_import("dlt.common.schema.typing", ["TTableSchemaColumns"]))
    return ColumnsView(
        header=header(connector),
        exports=assign(
            "__all__", literal(sorted(columns_name(each) for each in tables))
        ),
        imports=join(imports, "\n\n"),
        tables=tuple(
            TableColumns(
                identifier(columns_name(each)),
                Code(_columns_type(each.table)),
                tuple(_column(column) for column in each.table.columns),
            )
            for each in tables
        ),
    )


def _columns_type(table: ir.Table) -> str:
    """dlt's own type, which has no `x-` hints."""
    hints = (name for column in table.columns for name, _ in column.hints)
    own = any(name.startswith("x-") for name in hints)
    return "dict[str, Any]" if own else "TTableSchemaColumns"


def _column(column: ir.Column) -> Code:
    prefix = f"{literal(column.name)}: "
    entry = mapping((hint, literal(value)) for hint, value in column.hints)
    return Code(f"{prefix}{fitted(entry, 4, len(prefix), 1)}")


class ReadmeResource(NamedTuple):
    """A row of the table of resources."""

    name: Code
    request: Code
    model: Code
    key: Code
    loading: Code
    description: Code


class ReadmeView(NamedTuple):
    """What README.md.j2 prints."""

    title: Code
    name: Code
    prefix: Code
    description: Code
    docs: Code | None
    resources: tuple[ReadmeResource, ...]
    edges: tuple[Code, ...]
    secrets: tuple[Code, ...]
    required: Code
    """The arguments that the source does not do without."""
    settings: tuple[Code, ...]
    methods: tuple[Code, ...]
    """What each of several auth methods needs."""
    rotates: bool
    environments: Code | None
    token_urls: Code
    first_method: Code
    dlt: Code
    windowed: Code | None
    replays: bool


def readme_view(connector: ir.Connector) -> ReadmeView:
    names = ", ".join(str(markdown_code(each.name)) for each in connector.environments)
    edges: list[Code] = []
    for index, each in enumerate(connector.resources):
        node = f"r{index}"
        edges.append(Code(f"{node}[{identifier(each.method)}]"))
        origin = "api"
        if each.parent is not None:
            parents = [other.name for other in connector.resources]
            origin = f"r{parents.index(each.parent.resource)}"
        edges.append(Code(f"{origin} --> {node}"))
    urls = token_urls(connector)
    return ReadmeView(
        title=markdown(connector.name),
        name=identifier(connector.name),
        prefix=identifier(connector.prefix),
        description=markdown(
            connector.description or f"Connector for the {connector.name} API."
        ),
        docs=markdown(connector.docs) if connector.docs else None,
        resources=tuple(_readme_resource(each) for each in connector.resources),
        edges=tuple(edges),
        secrets=tuple(identifier(each.name) for each in connector.credentials),
        required=join(
            [Code(f'{each.name}="..."') for each in connector.settings if each.required]
        ),
        settings=tuple(_setting(connector, each) for each in connector.settings),
        methods=tuple(_methods(connector)),
        rotates=rotates(connector),
        environments=Code(names) if connector.environments else None,
        token_urls=join(
            [markdown_code(f"{name}=") for name in dict.fromkeys(urls.values())],
            " and ",
        ),
        first_method=identifier(connector.resources[0].method),
        dlt=Code(f"{_oldest_dlt(connector)} or later"),
        windowed=(
            join([markdown_code(each.name) for each in windowed(connector)])
            if windowed(connector)
            else None
        ),
        replays=bool(replayed(connector)),
    )


def _oldest_dlt(connector: ir.Connector) -> str:
    """The first dlt that does all that the connector asks of it."""
    incrementals = [each.incremental for each in connector.resources]
    if any(
        each and "allow_external_schedulers" in each.option for each in incrementals
    ):
        return "1.26"
    if any(
        '"insert-only"' in each.table.write_disposition for each in connector.resources
    ):
        return "1.24"
    return "1.20"


def _setting(connector: ir.Connector, setting: ir.Setting) -> Code:
    """An argument, and what happens without it."""
    name = f"`{identifier(setting.name)}`"
    if setting.required:
        return Code(f"{name}, required")
    if setting.default is not None and setting.type != "Sequence[str]":
        return Code(f"{name}, default {markdown_code(str(setting.default))}")
    if setting.from_config:
        key = markdown_code(f"sources.{connector.name}.{setting.key}")
        last = ", else an empty list" if setting.default is not None else ""
        return Code(f"{name}, else {key} of `.dlt/config.toml`{last}")
    users = [
        markdown_code(each.name)
        for each in connector.resources
        if setting.name in each.settings
    ]
    return Code(f"{name}, for {join(users)}")


def _methods(connector: ir.Connector) -> Iterator[Code]:
    if len(connector.auth) > 1:
        for method in connector.auth:
            needs = join(
                [Code(f"`{identifier(each)}`") for each in method.needs], " and "
            )
            chosen = f" (`auth={literal(method.name)}`)" if ambiguous(connector) else ""
            yield Code(f"{needs}{chosen}")


def _readme_resource(resource: ir.Resource) -> ReadmeResource:
    loading = resource.table.write_disposition
    if resource.incremental is not None:
        loading = Code(
            f"{markdown_code(str(loading).strip(chr(34)))}, new since `{markdown(resource.incremental.cursor)}`"
        )
    else:
        loading = markdown_code(str(loading).strip('"'))
    return ReadmeResource(
        name=markdown_code(resource.name),
        request=markdown_code(f"{resource.http_method} {resource.path_text}"),
        model=markdown_code(resource.model),
        key=markdown(", ".join(resource.table.primary_key) or "none"),
        loading=loading,
        description=markdown(resource.description),
    )
