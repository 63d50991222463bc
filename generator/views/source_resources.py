"""The resource functions of source.py: decorator, signature, and the loop over pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator import ir
from generator.lowering.context import CLIENT_ARGUMENTS
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
from generator.views.bounds import has_parent_cursors, takes_start
from generator.views.common import Imports, columns_name
from generator.views.methods import parts_loop
from generator.views.parallel import pages_ahead, reads_together
from generator.views.source_cursors import Cursors

_ROWS = Code("Iterator[list[dict[str, Any]]]")


class SourceResource(NamedTuple):
    """One resource function."""

    name: Code
    decorator: Code
    signature: Code
    docstring: Code
    simple: Code | None
    """The only statement of a resource that is one read."""
    loop: tuple[Code, ...]
    """What else reads it."""


@dataclass(frozen=True, slots=True)
class ResourceFunctions:
    """Writes the resource functions of one source."""

    connector: ir.Connector
    imports: Imports
    cursors: Cursors

    def all(self) -> Iterator[SourceResource]:
        """In the spec's order, but each after its parent."""
        for each in _parents_first(self.connector):
            yield self.resource(each)

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
            parameters.append(self.cursors.incremental(resource.incremental))
        if self.connector.credentials:
            spec = Code(f"{self.connector.prefix}SourceCredentials")
            parameters.append(parameter("credentials", spec, Code("dlt.secrets.value")))
        kind = "dlt.transformer" if resource.parent else "dlt.resource"
        decorator = fitted(call(kind, list(self.hints(resource))), 8, 1)
        simple = None
        if not self.is_loop(resource):
            pages = self.pages(resource, list(self.bounds(resource)))
            rows = call("books.rows", [literal(resource.name), pages])
            simple = statement(rows, 12, "yield from ")
        return SourceResource(
            name=literal(resource.name),
            decorator=decorator,
            signature=signature(self.variable(resource.method), parameters, _ROWS, 8),
            docstring=docstring(
                resource.description or f"All records of {resource.name}.", 12
            ),
            simple=simple,
            loop=() if simple else tuple(self.loop(resource)),
        )

    def parallelized(self) -> Iterator[Code]:
        together = reads_together(self.connector)
        for each in self.connector.resources:
            told = each.table.parallelized
            if told or (told is None and together and each.parent is None):
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

    def is_loop(self, resource: ir.Resource) -> bool:
        """More is done than to read pages once."""
        windowed = resource.incremental is not None and resource.incremental.window
        made = self.made(resource, Code("page"))
        return bool(resource.in_parts or windowed or made != "page")

    def client(self) -> str:
        return "client(credentials)" if self.connector.credentials else "client()"

    def pages(self, resource: ir.Resource, arguments: list[Argument]) -> Code:
        # `client(...)` is no dotted name, so the call is put together around it.
        return bracketed(
            f"{self.client()}.{resource.method}_pages(",
            [_keyword(each) for each in arguments],
            ")",
        )

    def bounds(self, resource: ir.Resource) -> Iterator[Argument]:
        incremental = resource.incremental
        if incremental is not None and takes_start(incremental):
            yield "since", Code(f"cursor.{_start(resource)}")
        if incremental is not None and incremental.takes_end:
            yield "until", Code(f"cursor.{_end(resource)}")

    def loop(self, resource: ir.Resource) -> Iterator[Code]:
        """The loop over pages, each line with its indentation inside the function."""
        found = self.client()
        arguments: list[Argument] = []
        incremental, parent = resource.incremental, resource.parent
        if parent is not None:
            arguments.extend(self.parent_value(value) for value in parent.values)
        arguments.extend(Code(each.argument) for each in resource.each)
        arguments.extend(self.bounds(resource))
        own = incremental if has_parent_cursors(resource) else None
        if own is not None:
            yield assign("cursors", self.cursors.parent_cursors(resource, own), 16)
        together = self.together(resource, found)
        loops = list(parts_loop(resource, found))
        if parent is not None:
            loops.insert(0, Code("for parent in parents:"))
        if together is not None:
            loops[0] = together[0]
            yield Code("")
        depth = 0
        for each in loops:
            yield Code(f"{'    ' * depth}{each}")
            depth += 1
        pad = "    " * depth
        if own is not None:
            values = [each for each in arguments if not isinstance(each, tuple)]
            cursor = assign("cursor", call("cursors.of", values), 16 + 4 * depth)
            yield Code(f"{pad}{cursor}")
        pages = self.pages(resource, arguments)
        column = 16 + 4 * depth
        # Values that are sent on as they came are those of the models.
        if not resource.remembers:
            self.imports.add("._runtime.books", "rows")
            pages = bracketed("rows(", [pages], ")")
        made = self.made(resource, Code("page"))
        if own is not None:
            made = call("cursor.new", [made])
        if made == "page":
            yield Code(f"{pad}yield from {fitted(pages, column, 11)}")
        else:
            yield Code(f"{pad}for page in {fitted(pages, column, 12, 1)}:")
            yield Code(f"{pad}    {statement(made, column + 4, 'yield ')}")
        if own is not None:
            yield Code(f"{pad}cursor.done()")
        if together is not None:
            yield Code("")
            yield together[1]
        if incremental is not None and incremental.window:
            self.imports.add("._runtime.windows", "finished")
            given: list[Argument] = [literal(resource.name), Code("window")]
            if str(resource.table.write_disposition) == '"append"':
                given.append(("appends", literal(True)))
            yield statement(call("finished", given), 16)

    def together(self, resource: ir.Resource, found: str) -> tuple[Code, Code] | None:
        """The function that reads one of the parts, and the statement that reads them all."""
        most = pages_ahead(self.connector, resource)
        if most == 1 or not resource.in_parts:
            return None
        self.imports.add("._runtime.interleaving", "interleaved")
        parameters = [parameter("parent", Code("dict[str, Any]"))]
        parts = call("map", [Code("read"), Code("parents")])
        if resource.parent is None:
            parameters = [
                parameter(one.argument, Code(one.type)) for one in resource.each
            ]
            each_of = "map"
            if len(parameters) > 1:
                self.imports.add("itertools")
                each_of = "itertools.starmap"
            values = Code(f"{found}.{resource.method}_parts()")
            parts = bracketed(f"{each_of}(", [Code("read"), values], ")")
        reads = call("interleaved", [parts, literal(most)])
        return (
            signature("read", parameters, _ROWS, 16),
            statement(reads, 16, "yield from "),
        )

    def made(self, resource: ir.Resource, page: Code) -> Code:
        """The rows of a page with what they get from their parent."""
        made, parent = page, resource.parent
        if resource.remembers:
            self.imports.add("._runtime.remembering", "dumped")
            made = call("dumped", [page])
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
                known.append(("page", page))
            made = call("linked", known)
        return made

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
