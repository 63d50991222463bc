"""shaping.py: a function for each resource whose records are filtered or changed; and hooks.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator import ir
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
from generator.views.common import Imports, header, import_helpers

_ROW = Code("dict[str, JSON]")
_MAYBE = Code("dict[str, JSON] | None")
_ROWS = Code("list[JSON]")
_RECORD = Code("record")


class FunctionView(NamedTuple):
    """One function: its first line, its docstring, its statements."""

    signature: Code
    docstring: Code
    lines: tuple[Code, ...] = ()


class ShapingView(NamedTuple):
    """What shaping.py.j2 prints."""

    header: Code
    docstring: Code
    imports: Code
    exports: Code
    functions: tuple[FunctionView, ...]


class HooksView(NamedTuple):
    """What hooks.py.j2 prints."""

    docstring: Code
    imports: Code
    functions: tuple[FunctionView, ...]


def shaped(connector: ir.Connector) -> list[ir.Resource]:
    """The resources that have a function of their own."""
    return [each for each in connector.resources if each.shape and not each.shape.hook]


def shape_name(resource: ir.Resource) -> str:
    return f"shape_{resource.method}"


def shape_code(resource: ir.Resource, imports: Imports) -> Code | None:
    """What the client gives to the reader."""
    shape = _shape_code(resource, imports)
    digits = _digits(resource)
    if not digits:
        return shape
    imports.add("._runtime.digits", "fitting")
    return call("fitting", [literal(digits), *([shape] if shape else [])])


def _shape_code(resource: ir.Resource, imports: Imports) -> Code | None:
    shape = resource.shape
    if shape is None:
        return None
    if shape.hook:
        imports.add(".", "hooks")
        return Code(f"hooks.{identifier(shape.hook)}")
    name = shape_name(resource)
    imports.add(".shaping", name)
    given: list[Argument] = [(each.name, each.value) for each in shape.arguments]
    return partial(Code(name), given, imports)


def _digits(resource: ir.Resource) -> tuple[tuple[str, object, object], ...]:
    """What decimal columns hold; dlt's defaults where the spec gives less."""
    return tuple(
        (each.name, hints.get("precision") or 38, hints.get("scale", 9))
        for each in resource.table.columns
        if (hints := dict(each.hints)).get("data_type") == "decimal"
    )


def partial(function: Code, arguments: list[Argument], imports: Imports) -> Code:
    """The function with some of its arguments, if there are any."""
    if not arguments:
        return function
    imports.add("functools", "partial")
    return call("partial", [function, *arguments])


def shaping_view(connector: ir.Connector) -> ShapingView:
    imports = Imports()
    imports.add("._runtime.values", "JSON")
    resources = shaped(connector)
    functions = tuple(_function(each, imports) for each in resources)
    names = sorted(shape_name(each) for each in resources)
    return ShapingView(
        header=header(connector),
        docstring=docstring(
            f"Records of the {connector.name} API made into those that are loaded."
        ),
        imports=imports.code(),
        exports=assign("__all__", literal(names)),
        functions=functions,
    )


def _function(resource: ir.Resource, imports: Imports) -> FunctionView:
    shape = resource.shape
    assert shape is not None
    given = [parameter(each.name, Code(each.type)) for each in shape.arguments]
    star = [Code("*"), *given] if given else []
    lines = tuple(_lines(shape, imports))
    import_helpers(imports, _codes(shape))
    returns = _ROWS if shape.splits else _MAYBE
    return FunctionView(
        signature(shape_name(resource), [parameter("record", _ROW), *star], returns),
        docstring(_purpose(resource.name, shape), 4),
        lines,
    )


def _codes(shape: ir.Shape) -> Iterator[Code]:
    if shape.left_out is not None:
        yield shape.left_out
    yield from (code for _, code in shape.add)
    yield from (each.code for each in shape.steps if each.kind == "condition")


def _purpose(name: str, shape: ir.Shape) -> str:
    conditions = any(
        each.kind in {"condition", "filter", "record"} for each in shape.steps
    )
    if shape.splits:
        return f"What a record of {name} becomes, as it is loaded."
    if shape.left_out is not None or conditions:
        return f"A record of {name} as it is loaded; None where it is left out."
    return f"A record of {name} as it is loaded."


def _lines(shape: ir.Shape, imports: Imports) -> Iterator[Code]:
    """The statements in their fixed order: filter, add, fields, steps."""
    nothing = "return []" if shape.splits else "return None"
    if shape.left_out is not None:
        yield from _leaves_out(shape.left_out, nothing)
    if shape.add:
        prefix = "added: dict[str, JSON] = "
        added = fitted(mapping(shape.add), 4, len(prefix))
        yield Code(f"{prefix}{added}")
    for made in _fields(shape):
        name = str(made).partition("(")[0]
        below = "_below" if name.endswith("_below") else ""
        imports.add(f"._runtime.shaping{below}", name)
        yield assign("record", made, 4)
    joined = Code("{**record, **added}")
    if shape.add and not shape.steps:
        yield Code(f"return {joined}")
        return
    if shape.add:
        yield Code(f"record = {joined}")
    if shape.splits:
        yield Code("records: list[JSON] = []")
    loops = 0
    for step in shape.steps:
        indent = "    " * loops
        if step.kind == "condition":
            for line in _leaves_out(step.code, "continue" if loops else nothing):
                yield Code(f"{indent}{line}")
            continue
        imports.add(".", "hooks")
        called = call(f"hooks.{step.code}", [_RECORD])
        if step.kind == "filter":
            left_out = Code(f"not {called}")
            for line in _leaves_out(left_out, "continue" if loops else nothing):
                yield Code(f"{indent}{line}")
        elif step.kind == "map":
            yield Code(f"{indent}{assign('record', called, 4 + len(indent))}")
        elif step.kind == "yield_map":
            yield Code(f"{indent}for record in {called}:")
            loops += 1
        elif not shape.splits:
            yield statement(called, 4, "return ")
            return
        else:
            # It is the last step, so it stands in a loop.
            yield Code(f"{indent}made = {called}")
            yield Code(f"{indent}if made is not None:")
            yield Code(f"{indent}    records.append(made)")
    if shape.splits and shape.steps[-1].kind == "record":
        yield Code("return records")
    elif shape.splits:
        yield Code(f"{'    ' * loops}records.append(record)")
        yield Code("return records")
    else:
        yield Code("return record")


def _leaves_out(condition: Code, nothing: str) -> Iterator[Code]:
    yield Code(f"if {condition}:")
    yield Code(f"    {nothing}")


def _fields(shape: ir.Shape) -> Iterator[Code]:
    if shape.select is not None:
        if all(len(path) == 1 for path in shape.select):
            names = tuple(name for path in shape.select for name in path)
            yield call("selected", [_RECORD, literal(names)])
        else:
            yield call("selected_below", [_RECORD, literal(_tree(shape.select))])
    for path in shape.drop:
        yield call("dropped", [_RECORD, *map(literal, path)])
    for name, prefix in shape.flatten:
        yield call("flattened", [_RECORD, literal(name), literal(prefix)])
    renamed: dict[tuple[str, ...], dict[str, str]] = {}
    for path, new in shape.rename:
        renamed.setdefault(path[:-1], {})[path[-1]] = new
    # The deepest first: their paths have the old names.
    for above in sorted(renamed, key=len, reverse=True):
        given = literal(renamed[above])
        if above:
            yield call("renamed_below", [_RECORD, literal(above), given])
        else:
            yield call("renamed", [_RECORD, given])


Tree = dict[str, "Tree"]


def _tree(paths: Iterable[tuple[str, ...]]) -> Tree:
    """Names below names; a whole field goes before a part of it."""
    tree: Tree = {}
    whole = dict.fromkeys(paths)
    for path in whole:
        if any(path[:size] in whole for size in range(1, len(path))):
            continue
        inner = tree
        for name in path:
            inner = inner.setdefault(name, {})
    return tree


_SIGNATURES = {
    "record": ([parameter("record", _ROW)], _MAYBE),
    "map": ([parameter("record", _ROW)], _ROW),
    "yield_map": ([parameter("record", _ROW)], Code("Iterable[dict[str, JSON]]")),
    "filter": ([parameter("record", _ROW)], Code("bool")),
    "request": ([parameter("request", Code("Request"))], Code("Request")),
    "response": ([parameter("response", Code("Response"))], Code("list[JSON]")),
    "page": (
        [
            parameter("request", Code("Request")),
            parameter("response", Code("Response")),
            parameter("records", Code("Sequence[JSON]")),
        ],
        Code("Request | None"),
    ),
}
_PURPOSES = {
    "record": "A record of {users} as it is loaded; None leaves it out, counted.",
    "map": "A record of {users}, changed.",
    "yield_map": "The records that a record of {users} becomes: several, one or none.",
    "convert": "A bound of the cursor of {users}, as a request carries it.",
    "filter": "Whether a record of {users} is loaded.",
    "request": "A request of {users} before credentials are added, as it is sent.",
    "response": "The records of one answer of {users}.",
    "page": "The request that follows a page of {users}; None at the end.",
}


def hooks_view(connector: ir.Connector) -> HooksView:
    imports = Imports()
    for hook in connector.hooks:
        if hook.kind in {"request", "response"}:
            imports.add("._runtime.http", hook.kind.capitalize())
        if hook.kind == "page":
            imports.add("._runtime.http", "Request", "Response")
            imports.add("collections.abc", "Sequence")
        if hook.kind == "yield_map":
            imports.add("collections.abc", "Iterable")
        if hook.type in {"datetime", "date"}:
            imports.add("datetime", hook.type)
        if hook.kind not in {"request", "convert"}:
            imports.add("._runtime.values", "JSON")
    return HooksView(
        docstring=docstring(
            f"Hooks of the {connector.name} connector: written once by gen-connector, yours from "
            "then on."
        ),
        imports=imports.code(),
        functions=tuple(_stub(each) for each in connector.hooks),
    )


def _stub(hook: ir.Hook) -> FunctionView:
    if hook.kind == "convert":
        parameters, returns = [parameter("value", Code(hook.type))], Code("str | int")
    else:
        parameters, returns = _SIGNATURES[hook.kind]
    text = _PURPOSES[hook.kind].format(users=_listed(hook.users))
    if not hook.users:
        text = "Any request with its credentials, as it is sent."
    return FunctionView(signature(hook.name, parameters, returns), docstring(text, 4))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
