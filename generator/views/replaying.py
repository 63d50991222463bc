"""replaying.py: what rejected records are made with when they are loaded again."""

from __future__ import annotations

from typing import NamedTuple

from generator import ir
from generator.pysource import (
    Code,
    call,
    docstring,
    fitted,
    identifier,
    literal,
)
from generator.views.common import Imports, header
from generator.views.shaping import shape_code


class ReplayingView(NamedTuple):
    """What replaying.py.j2 prints."""

    header: Code
    docstring: Code
    imports: Code
    source: Code
    entries: tuple[Code, ...]


def replayed(connector: ir.Connector) -> list[ir.Resource]:
    """The resources each of whose rows is made of one record alone."""
    return [
        each
        for each in connector.resources
        if not (each.parent and each.parent.include)
        and not (each.shape and (each.shape.arguments or each.shape.splits))
    ]


def replaying_view(connector: ir.Connector) -> ReplayingView:
    imports = Imports()
    imports.add("._runtime.replaying", "Replayable", "replayer")
    imports.add(".source", f"{connector.name}_source")
    entries: list[Code] = []
    for each in replayed(connector):
        imports.add(".models", each.model)
        shape = shape_code(each, imports)
        given = [identifier(each.model), *([shape] if shape else [])]
        prefix = f"{literal(each.name)}: "
        value = fitted(call("Replayable", given), 8, len(prefix), 1)
        entries.append(Code(f"{prefix}{value}"))
    return ReplayingView(
        header=header(connector),
        docstring=docstring(
            f"Loads rejected records of the {connector.name} API again, once they fit."
        ),
        imports=imports.code(),
        source=identifier(f"{connector.name}_source"),
        entries=tuple(entries),
    )
