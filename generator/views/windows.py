"""The package's `load()`: one dlt run for each window of the resources that have windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator import ir
from generator.pysource import (
    Argument,
    Code,
    bracketed,
    call,
    docstring,
    literal,
    mapping,
    parameter,
    signature,
    statement,
)
from generator.views.bounds import epoch_factor
from generator.views.common import coded
from generator.views.source_cursors import Cursors

_NONE = Code("None")


class LoadView(NamedTuple):
    """What source.py.j2 prints of `load()`."""

    signature: Code
    docstring: Code
    inner: Code
    """Signature of the function that makes a source, indented by 4."""
    made: Code
    result: Code


def windowed(connector: ir.Connector) -> list[ir.Resource]:
    """The resources that are read window by window."""
    return [
        each
        for each in connector.resources
        if each.incremental is not None and each.incremental.window
    ]


def load_view(
    connector: ir.Connector, parameters: list[Code], cursors: Cursors
) -> LoadView:
    """`parameters` are those of the source function, apart from windows."""
    imports = cursors.imports
    imports.add("datetime", "date", "datetime")
    imports.add("dlt.common.pipeline", "LoadInfo")
    imports.add("._runtime.windows", "Range", "Windowed", "load_windows")
    times = Code("datetime | date | str | None")
    names = [str(code).partition(":")[0] for code in parameters]
    arguments: list[Argument] = [
        (name, Code("names" if name == "resources" else name)) for name in names
    ]
    arguments.append(("window", Code("window")))
    resources = [each.name for each in windowed(connector)]
    result: list[Argument] = [
        Code("pipeline"),
        Code("source"),
        literal(connector.name),
        Code("resources"),
        bracketed("[", list(_entries(connector, cursors)), "]"),
        Code("start"),
        Code("end"),
    ]
    return LoadView(
        signature=signature(
            "load",
            [
                parameter("pipeline", Code("dlt.Pipeline")),
                Code("*"),
                *[each for each in parameters if " = " not in each],
                parameter("start", times, _NONE),
                parameter("end", times, _NONE),
                *[each for each in parameters if " = " in each],
            ],
            Code("list[LoadInfo]"),
        ),
        docstring=docstring(
            f"Loads {', '.join(resources)} window by window, each in a run of its own, and "
            "the other resources in one run.\n\n"
            "`start` and `end` are the range, up to now; what was loaded of it is not read "
            "again, so a load that failed goes on with the window it was in. Without `start` "
            "it goes on where the last one ended, at first from `since`.",
            4,
        ),
        inner=signature(
            "source",
            [
                parameter("names", Code("Sequence[ResourceName]")),
                parameter("window", Code("Range | None")),
            ],
            Code("DltSource"),
            4,
        ),
        made=statement(call(f"{connector.name}_source", arguments), 8, "return "),
        result=statement(call("load_windows", result), 4, "return "),
    )


def _entries(connector: ir.Connector, cursors: Cursors) -> Iterator[Code]:
    for resource in windowed(connector):
        incremental = resource.incremental
        if incremental is None:
            continue
        width = mapping((unit, coded(number)) for unit, number in incremental.window)
        arguments: list[Argument] = [
            literal(resource.name),
            width,
            _first(incremental, cursors),
        ]
        children = tuple(_descendants(connector, resource.name))
        if children:
            arguments.append(("children", literal(children)))
        lookback = _lookback(incremental)
        if lookback:
            arguments.append(("lookback", coded(lookback)))
        if incremental.type == "date":
            arguments.append(("whole_days", literal(True)))
        yield call("Windowed", arguments)


def _first(incremental: ir.Incremental, cursors: Cursors) -> Code:
    """The first moment of the first window, where the caller gives no `start`."""
    if incremental.type != "int":
        cursors.imports.add("._runtime.windows", "moment")
        return call("moment", [cursors.text(incremental)])
    cursors.imports.add("._runtime.windows", "from_epoch")
    return call("from_epoch", [cursors.given(incremental), epoch_factor(incremental)])


def _lookback(incremental: ir.Incremental) -> int | Code:
    """In seconds."""
    lag = incremental.lag or 0
    if isinstance(lag, Code):
        match incremental.type, incremental.format:
            case "date", _:
                return Code(f"{lag} * 86400")
            case "int", "epoch_ms":
                return Code(f"{lag} // 1000")
            case _:
                return lag
    match incremental.type, incremental.format:
        case "date", _:
            return int(lag * 86400)
        case "int", "epoch_ms":
            return int(lag / 1000)
        case _:
            return int(lag)


def _descendants(connector: ir.Connector, name: str) -> Iterator[str]:
    for each in connector.resources:
        if each.parent is not None and each.parent.resource == name:
            yield each.name
            yield from _descendants(connector, each.name)
