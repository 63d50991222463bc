"""Functions of the user's become names in hooks.py, or expressions where they are simple."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass, field

from generator.expressions import compile_value
from generator.expressions.text import ExpressionError
from generator.importers.dlt.recording import Function
from generator.importers.dlt.values import Values
from generator.lowering.shaping import RESERVED_HOOKS
from generator.naming import snake
from generator.value_parts import Part
from generator.values import computed

_PLAIN = (
    ast.Expression | ast.BoolOp | ast.UnaryOp | ast.Compare | ast.Subscript | ast.Name
    | ast.Constant | ast.List | ast.Tuple | ast.boolop | ast.unaryop | ast.cmpop
    | ast.expr_context
)  # fmt: skip
"""Of a lambda: what means the same in the language."""


@dataclass(slots=True)
class Hooks:
    """The names of one connector's hooks."""

    values: Values
    names: dict[str, str] = field(default_factory=dict[str, str])
    """Name to its kind: one name has one kind."""
    functions: dict[tuple[str, Function], str] = field(
        default_factory=dict[tuple[str, Function], str]
    )

    def name(self, function: Function, kind: str, otherwise: str) -> str:
        """The name of a function; `otherwise` for one that has no name, or a foreign one."""
        known = self.functions.get((kind, function))
        if known is not None and function.name != "<lambda>":
            return known
        own = snake(function.name) or ""
        usable = own.isidentifier() and function.name not in ("<lambda>", "__call__")
        base = own if usable else otherwise
        base = f"{base}_" if keyword.iskeyword(base) or base in RESERVED_HOOKS else base
        name, number = base, 2
        while name in self.names:
            name, number = f"{base}_{number}", number + 1
        self.names[name] = kind
        self.functions[kind, function] = name
        return name

    def condition(self, function: Function) -> str | None:
        """The filter as an expression over `record`, where it is simple enough to mean the same."""
        node = self.values.sources.lambda_of(function)
        if node is None or len(node.args.args) != 1:
            return None
        name = node.args.args[0].arg
        renamed = _Renamed(name).visit(ast.parse(ast.unparse(node.body), mode="eval"))
        if not all(isinstance(each, _PLAIN) for each in ast.walk(renamed)):
            return None
        names = {each.id for each in ast.walk(renamed) if isinstance(each, ast.Name)}
        text = ast.unparse(renamed)
        if names != {"record"} or text.isidentifier():
            return None
        try:
            found = computed(text, records=True)
            compile_value(found.node, _nothing, records=True)
        except ExpressionError:
            return None
        return text


def _nothing(part: Part) -> tuple[str, str]:
    del part
    return "value", "JSON"


class _Renamed(ast.NodeTransformer):
    """The argument of a lambda is called `record`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id == self._name:
            return ast.Name("record", node.ctx)
        return ast.Name("_", node.ctx) if node.id == "record" else node
