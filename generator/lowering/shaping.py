"""The shaping of a resource's records: filters, fields, steps, decoder and hooks."""

from __future__ import annotations

import codecs
import keyword
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jinja2 import nodes

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.expressions.text import ExpressionError
from generator.lowering.context import Context, Source
from generator.lowering.text import Value, computed, expression
from generator.paths import parse_path
from generator.plain import is_list, is_mapping
from generator.pysource import Code, bracketed, call, literal, mapping
from generator.spec import Decoder, Hooks, RecordFilter, Step
from generator.values import (
    Computed,
    Now,
    Part,
    Secret,
    parts,
)
from generator.values import computed as parsed

RESERVED_HOOKS = frozenset(
    "Iterable JSON Request Response Sequence annotations date datetime dict int list str".split()
)
"""What hooks.py imports or reads itself."""

_ACCEPTED = {"jsonl": "application/x-ndjson, application/jsonl", "csv": "text/csv"}


def shaping_references(source: Source) -> Iterator[tuple[Pointer, tuple[Part, ...]]]:
    """What the texts of the resource's shaping read, for the arguments they need."""
    for pointer, text in _conditions(source):
        try:
            yield pointer, (parsed(text, records=True),)
        except ExpressionError:
            continue  # reported where it is lowered
    for pointer, text in _texts(source.resource.add, (*source.pointer, "add")):
        try:
            yield pointer, parts(text, records=True)
        except ExpressionError:
            continue


def _conditions(source: Source) -> Iterator[tuple[Pointer, str]]:
    if source.resource.filter is not None:
        yield (*source.pointer, "filter"), source.resource.filter
    given = source.part("record_filter")
    pointer = (*source.endpoint_pointer, "record_filter")
    if isinstance(given, RecordFilter):
        yield (*pointer, "condition"), given.condition
    elif isinstance(given, str):
        yield pointer, given
    for index, step in enumerate(_steps(source)):
        if step.filter is not None and not step.filter.isidentifier():
            yield (*source.pointer, "processing_steps", index, "filter"), step.filter


def _steps(source: Source) -> list[Step]:
    found = source.option("processing_steps")
    steps = found if is_list(found) else []
    return [each for each in steps if isinstance(each, Step)]


def _texts(value: object, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif is_mapping(value):
        for key, inner in value.items():
            yield from _texts(inner, (*pointer, key))
    elif is_list(value):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*pointer, index))


def hook_name(context: Context, name: str, pointer: Pointer) -> str:
    """The name of a function in hooks.py."""
    plain = name.isascii() and name.isidentifier() and not name.startswith("_")
    if not plain or keyword.iskeyword(name) or name in RESERVED_HOOKS:
        context.error(
            pointer,
            "hook",
            f"{shown(name)} cannot be the name of a function in hooks.py",
            "write small letters, digits and `_`",
        )
        return "hook"
    return name


def lower_decoder(context: Context, source: Source) -> ir.Decoder | None:
    """The function that reads the body; None for plain JSON."""
    decoder = source.part("decoder")
    if not isinstance(decoder, Decoder):
        return None
    pointer = (*source.endpoint_pointer, "decoder")
    options: list[tuple[str, Code]] = []
    if decoder.type == "csv" and decoder.delimiter != ",":
        options.append(("delimiter", literal(decoder.delimiter)))
    try:
        encoding = codecs.lookup(decoder.encoding).name
    except (LookupError, ValueError):
        context.error(
            (*pointer, "encoding"),
            "wrong-value",
            f"{shown(decoder.encoding)} is no encoding that Python knows",
        )
        encoding = "utf-8"
    if decoder.delimiter in '"\r\n':
        context.error(
            (*pointer, "delimiter"), "wrong-value", "this cannot be a delimiter"
        )
    if encoding != "utf-8" and decoder.type != "json":
        options.append(("encoding", literal(encoding)))
    if decoder.gzip:
        options.append(("gzip", literal(True)))
    if decoder.type == "json":
        return ir.Decoder("json_body", tuple(options)) if decoder.gzip else None
    if decoder.type == "csv":
        if source.part("missing_data") == "empty":
            options.append(("missing", literal(True)))
        return ir.Decoder("csv_rows", tuple(options))
    return ir.Decoder("json_lines", tuple(options))


def accepted(source: Source) -> str:
    """The `Accept` header that the decoder asks for, where the spec names none."""
    decoder = source.part("decoder")
    named = any(name.lower() == "accept" for name in source.headers)
    if not isinstance(decoder, Decoder) or named:
        return ""
    if decoder.type == "json":
        return "application/gzip" if decoder.gzip else ""
    return _ACCEPTED[decoder.type]


@dataclass(slots=True)
class Shaping:
    """Lowers the shaping of one resource."""

    context: Context
    source: Source
    reference: Callable[[Part, Pointer], Value]
    """A setting's or parent's value in the client's method."""
    arguments: dict[str, ir.ShapeArgument] = field(
        default_factory=dict[str, ir.ShapeArgument]
    )

    def lower(self) -> ir.Shape | None:
        select = self.select()
        shape = ir.Shape(
            left_out=self.left_out(),
            select=select,
            drop=tuple(self.drop()),
            flatten=tuple(self.flatten()),
            rename=tuple(self.rename()),
            add=tuple(self.add()),
            steps=tuple(self.steps()),
            arguments=(),
        )
        if not any(shape) and select is None:
            return None
        return shape._replace(arguments=tuple(self.arguments.values()))

    def left_out(self) -> Code | None:
        tests = [
            (pointer, text)
            for pointer, text in _conditions(self.source)
            if "processing_steps" not in pointer
        ]
        if len(tests) > 1:
            self.context.error(
                tests[1][0], "conflict", "`filter` and `record_filter` mean the same"
            )
        return self.condition(*tests[0]) if tests else None

    def condition(self, pointer: Pointer, text: str) -> Code:
        """True of the records that the filter leaves out."""
        try:
            part = parsed(text, records=True)
        except ExpressionError as error:
            self.context.error(pointer, "expression", str(error))
            return literal(False)
        negated = Computed(nodes.Not(part.node), part.references)
        return self.named(negated, pointer).code

    def select(self) -> tuple[tuple[str, ...], ...] | None:
        given = self.source.resource.select
        if given is None:
            return None
        paths = [self.field("select", text, index) for index, text in enumerate(given)]
        return tuple(path for path in paths if path)

    def drop(self) -> Iterator[tuple[str, ...]]:
        for index, text in enumerate(self.source.resource.drop or ()):
            path = self.field("drop", text, index)
            if path:
                yield path

    def field(self, key: str, text: str, step: str | int) -> tuple[str, ...]:
        """The path of a field; empty after an error."""
        pointer = (*self.source.pointer, key, step)
        told = f"`{key}` names a field: a, or a.b for one of an object or of a list's items"
        try:
            steps = parse_path(text)
        except ValueError as error:
            told = f"`{key}`: {error}"
            steps = ()
        names = tuple(str(each) for each in steps if each != "*")
        if not names or any(isinstance(each, int) for each in steps):
            self.context.error(pointer, "path", told, key=isinstance(step, str))
            return ()
        return names

    def flatten(self) -> Iterator[tuple[str, str]]:
        given = self.source.resource.flatten
        if isinstance(given, dict):
            yield from given.items()
        else:
            yield from ((name, f"{name}_") for name in given or ())

    def rename(self) -> Iterator[tuple[tuple[str, ...], str]]:
        seen: dict[tuple[str, ...], str] = {}
        for old, new in (self.source.resource.rename or {}).items():
            path = self.field("rename", old, old)
            made = (*path[:-1], new)
            if made in seen:
                self.context.error(
                    (*self.source.pointer, "rename", old),
                    "name-collision",
                    f"{shown(old)} and {shown(seen[made])} both become {shown(new)}",
                )
            seen[made] = old
            if path:
                yield path, new

    def add(self) -> Iterator[tuple[str, Code]]:
        for name, value in (self.source.resource.add or {}).items():
            yield name, self.value(value, (*self.source.pointer, "add", name))

    def value(self, value: object, pointer: Pointer) -> Code:
        if isinstance(value, str):
            try:
                found = parts(value, records=True)
            except ExpressionError as error:
                self.context.error(pointer, "expression", str(error))
                return literal("")
            joined = len(found) > 1

            def reference(part: Part) -> Value:
                value = self.named(part, pointer)
                if joined and value.type not in {"str", "int"}:
                    return Value(call("as_text", [value.code]))
                return value

            return expression(found, reference)
        if is_list(value):
            items = [self.value(each, (*pointer, i)) for i, each in enumerate(value)]
            return bracketed("[", items, "]")
        if is_mapping(value):
            return mapping(
                (str(key), self.value(each, (*pointer, key)))
                for key, each in value.items()
            )
        return literal(value)

    def named(self, part: Part, pointer: Pointer) -> Value:
        """The value of a reference in the function that shapes a record."""
        match part:
            case str():
                return Value(literal(part))
            case Computed():
                return computed(
                    self.context,
                    part,
                    pointer,
                    lambda inner: self.named(inner, pointer),
                    records=True,
                )
            case Now():
                return Value(call("now_text", [literal(part.format)]))
            case Secret():
                self.context.error(
                    pointer,
                    "expression",
                    "a record is shaped by its own fields, settings and its parent's values",
                )
                return Value(literal(""))
            case _:
                value = self.reference(part, pointer)
                name = value.name or str(value.code).rpartition(".")[2].lstrip("_")
                if not name.isidentifier():
                    return value
                kind = "JSON" if value.name else value.type
                argument = ir.ShapeArgument(name, kind, value.code)
                self.arguments.setdefault(name, argument)
                return Value(Code(name), value.type)

    def steps(self) -> Iterator[ir.Step]:
        for index, step in enumerate(_steps(self.source)):
            pointer: Pointer = (*self.source.pointer, "processing_steps", index)
            if len(step.model_fields_set) != 1:
                message = "a step is one of `filter`, `map` and `yield_map`"
                self.context.error(pointer, "missing-key", message)
            elif step.map is not None:
                name = hook_name(self.context, step.map, (*pointer, "map"))
                yield ir.Step("map", Code(name))
            elif step.yield_map is not None:
                place = (*pointer, "yield_map")
                name = hook_name(self.context, step.yield_map, place)
                yield ir.Step("yield_map", Code(name))
            elif step.filter is not None and step.filter.isidentifier():
                name = hook_name(self.context, step.filter, (*pointer, "filter"))
                yield ir.Step("filter", Code(name))
            elif step.filter is not None:
                code = self.condition((*pointer, "filter"), step.filter)
                yield ir.Step("condition", code)
        hooks = self.source.resource.hooks
        if hooks is not None and hooks.record is not None:
            pointer = (*self.source.pointer, "hooks", "record")
            yield ir.Step(
                "record", Code(hook_name(self.context, hooks.record, pointer))
            )


def lower_hook(context: Context, source: Source, kind: str) -> str:
    """The name of a resource's `request` or `response` hook; empty for none."""
    hooks = source.resource.hooks or Hooks()
    name = hooks.request if kind == "request" else hooks.response
    if name is None:
        return ""
    pointer = (*source.pointer, "hooks", kind)
    if kind == "response":
        for key in ("decoder", "data_selector"):
            if source.part(key):
                context.error(
                    pointer,
                    "conflict",
                    f"the hook gives the records: `{key}` would do nothing",
                    "leave one of the two out",
                )
    return hook_name(context, name, pointer)


def collect_hooks(
    context: Context,
    client_hook: str,
    resources: list[tuple[ir.Resource, ir.Pages]],
) -> tuple[ir.Hook, ...]:
    """Every hook once, with its users; a name has one kind."""
    found: dict[str, ir.Hook] = {}
    if client_hook:
        found[client_hook] = ir.Hook(client_hook, "request", ())
    for index, (resource, pages) in enumerate(resources):
        for name, kind, type_ in _hooks(resource, pages):
            known = found.get(name)
            if known is None:
                found[name] = ir.Hook(name, kind, (resource.name,), type_)
            elif (known.kind, known.type) != (kind, type_):
                uses = [f"{known.kind} {known.type}", f"{kind} {type_}"]
                context.error(
                    ("resources", index, "name"),
                    "hook",
                    f"the hook {shown(name)} is for a {uses[0].strip()} and for a "
                    f"{uses[1].strip()}",
                    "give the two functions two names",
                )
            elif resource.name not in known.users and known.users:
                found[name] = known._replace(users=(*known.users, resource.name))
    return tuple(found.values())


def _hooks(
    resource: ir.Resource, pages: ir.Pages
) -> Iterator[tuple[str, ir.HookKind, str]]:
    if resource.request_hook:
        yield resource.request_hook, "request", ""
    if resource.response_hook:
        yield resource.response_hook, "response", ""
    if isinstance(pages, ir.HookedPages):
        yield pages.function, "page", ""
    if resource.incremental is not None and resource.incremental.convert:
        yield resource.incremental.convert, "convert", resource.incremental.type
    for step in resource.shape.steps if resource.shape else ():
        if step.kind != "condition":
            yield str(step.code), step.kind, ""
