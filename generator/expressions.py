"""Expression text of a spec to a checked Python expression over one answer of the API.

The grammar is Jinja's expression grammar, parsed by Jinja itself; the names and functions are a
closed set. Nothing is evaluated at run time: the result is source code for the generated file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from generator.ir import Condition
from generator.pysource import Code, literal

_BRACED = re.compile(r"\s*\{\{(?P<inner>(?:(?!\}\}).)*)\}\}\s*", re.DOTALL)
_FUNCTIONS = {"len": "length", "length": "length", "int": "number", "str": "text"}
_FILTERS = {"length": "length", "count": "length", "int": "number", "string": "text"}
_COMPARISONS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
}
_ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}
_MAX_DEPTH = 40
_MAX_LENGTH = 2000


class ExpressionError(ValueError):
    """The text is no expression of the language; the message says what to write instead."""


@cache
def parser() -> Environment:
    """Jinja as a parser; it renders nothing."""
    return Environment()


def parse(text: str) -> nodes.Expr:
    """The syntax tree of an expression, with or without braces."""
    braced = _BRACED.fullmatch(text)
    inner = braced["inner"] if braced else text
    if len(inner) > _MAX_LENGTH:
        raise ExpressionError(f"an expression is at most {_MAX_LENGTH} characters long")
    if not braced and ("{{" in text or "}}" in text or "{%" in text):
        raise ExpressionError("write one expression, without text around the braces")
    try:
        body = parser().parse("{{ " + inner + " }}").body
    except (TemplateSyntaxError, RecursionError) as error:
        reason = getattr(error, "message", None) or "nested too deeply"
        raise ExpressionError(f"not an expression: {reason}") from None
    output = body[0] if len(body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        raise ExpressionError("write one expression")
    return output.nodes[0]


def compile_condition(text: str) -> Condition:
    """An expression over `response`, `headers` and `last_record`, as Python.

    The code reads `response` (the answer), `body` (its JSON) and `records` (the page's records).
    Raises ExpressionError for whatever is not in the language.
    """
    compiler = _Compiler()
    code = compiler.value(parse(text))
    return Condition(
        Code(code), tuple(sorted(compiler.helpers)), compiler.body, text.strip()
    )


def path_condition(path: tuple[str | int, ...], text: str) -> Condition:
    """The value at a path of the answer's body, as a compiled expression."""
    keys = ", ".join(literal(step) for step in path)
    return Condition(Code(f"get(body, {keys})"), ("get",), True, text)


def is_constant(text: str) -> bool:
    """Whether the expression never looks at the answer, such as `none`."""
    return isinstance(parse(text), nodes.Const)


@dataclass(slots=True)
class _Compiler:
    helpers: set[str] = field(default_factory=set[str])
    body: bool = False
    depth: int = 0

    def use(self, helper: str, *arguments: str) -> str:
        self.helpers.add(helper)
        return f"{helper}({', '.join(arguments)})"

    def value(self, node: nodes.Expr) -> str:
        """The node as a Python expression."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ExpressionError("the expression is nested too deeply")
        try:
            return self._value(node)
        finally:
            self.depth -= 1

    def _value(self, node: nodes.Expr) -> str:
        match node:
            case nodes.Const():
                return literal(node.value)
            case nodes.List() | nodes.Tuple() | nodes.Dict():
                return self._container(node)
            case nodes.Not():
                return self._not(node)
            case nodes.And():
                return f"{self.operand(node.left)} and {self.operand(node.right)}"
            case nodes.Or():
                return f"{self.operand(node.left)} or {self.operand(node.right)}"
            case nodes.Compare():
                return self._compare(node)
            case nodes.Test():
                return self._test(node, negated=False)
            case nodes.Filter():
                return self._filter(node)
            case nodes.CondExpr():
                return self._choice(node)
            case nodes.Neg():
                return f"-{self.number(node.node)}"
            case nodes.Add() | nodes.Sub() | nodes.Mul():
                symbol = _ARITHMETIC[type(node)]
                return f"{self.number(node.left)} {symbol} {self.number(node.right)}"
            case nodes.Concat():
                return " + ".join(self.use("text", self.value(n)) for n in node.nodes)
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() | nodes.Call():
                return self._lookup(node)
            case _:
                raise ExpressionError(f"{type(node).__name__} is not supported")

    def operand(self, node: nodes.Expr) -> str:
        """The node with parentheses where precedence needs them."""
        code = self.value(node)
        loose = (
            nodes.And,
            nodes.Or,
            nodes.Not,
            nodes.CondExpr,
            nodes.Compare,
            nodes.Test,
        )
        arithmetic = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Concat, nodes.Neg)
        return f"({code})" if isinstance(node, (*loose, *arithmetic)) else code

    def number(self, node: nodes.Expr) -> str:
        if isinstance(node, nodes.Const) and type(node.value) in (int, float):
            return literal(node.value)
        code = self.value(node)
        if code.startswith(("length(", "number(", "len(")) and code.endswith(")"):
            return code
        return self.use("number", code)

    def _container(self, node: nodes.Literal) -> str:
        try:
            return literal(node.as_const())
        except (nodes.Impossible, TypeError, ValueError):
            raise ExpressionError("lists and mappings hold constants only") from None

    def _not(self, node: nodes.Not) -> str:
        inner = node.node
        if isinstance(inner, nodes.Test):
            return self._test(inner, negated=True)
        if isinstance(inner, nodes.Compare) and len(inner.ops) == 1:
            flipped = {"in": "notin", "notin": "in", "eq": "ne", "ne": "eq"}
            operation = inner.ops[0]
            if operation.op in flipped:
                operand = nodes.Operand(flipped[operation.op], operation.expr)
                return self._compare(nodes.Compare(inner.expr, [operand]))
        return f"not {self.operand(inner)}"

    def _compare(self, node: nodes.Compare) -> str:
        if len(node.ops) != 1:
            raise ExpressionError("write chained comparisons with `and`")
        operation = node.ops[0]
        left, right = node.expr, operation.expr
        if operation.op in {"in", "notin"}:
            held = self.use("contains", self.value(right), self.value(left))
            return held if operation.op == "in" else f"not {held}"
        symbol = _COMPARISONS[operation.op]
        if symbol in {"==", "!="}:
            if isinstance(right, nodes.Const) and (
                right.value is None or isinstance(right.value, bool)
            ):
                return self._identity(left, right.value, symbol == "!=")
            return f"{self.operand(left)} {symbol} {self.operand(right)}"
        return f"{self.number(left)} {symbol} {self.number(right)}"

    def _identity(self, node: nodes.Expr, value: object, negated: bool) -> str:
        word = "is not" if negated else "is"
        return f"{self.operand(node)} {word} {literal(value)}"

    def _test(self, node: nodes.Test, *, negated: bool) -> str:
        name = node.name.lower()
        constants = {"none": None, "true": True, "false": False, "undefined": None}
        if name in constants:
            return self._identity(node.node, constants[name], negated)
        if name == "defined":
            return self._identity(node.node, None, not negated)
        raise ExpressionError(f"the test `is {node.name}` is not supported")

    def _filter(self, node: nodes.Filter) -> str:
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ExpressionError(f"the filter `{node.name}` is not supported here")
        inner = self.value(node.node)
        arguments = node.args
        if node.name in _FILTERS and not arguments:
            return self.use(_FILTERS[node.name], inner)
        if node.name in {"first", "last"} and not arguments:
            return self.use("get", inner, "0" if node.name == "first" else "-1")
        if node.name in {"default", "d"} and len(arguments) == 1:
            return f"{self.operand(node.node)} or {self.operand(arguments[0])}"
        if node.name in {"lower", "upper", "trim"} and not arguments:
            method = {"trim": "strip"}.get(node.name, node.name)
            return f"{self.use('text', inner)}.{method}()"
        if node.name == "regex_search" and len(arguments) == 1:
            return self._search(inner, arguments[0])
        raise ExpressionError(
            f"the filter `{node.name}` is not supported; there are default, first, int, last, "
            "length, lower, regex_search, string, trim, upper"
        )

    def _search(self, subject: str, pattern: nodes.Expr) -> str:
        if not isinstance(pattern, nodes.Const) or not isinstance(pattern.value, str):
            raise ExpressionError("regex_search takes a quoted pattern")
        try:
            re.compile(pattern.value)
        except re.error as error:
            raise ExpressionError(f"not a regular expression: {error}") from None
        return self.use("search", literal(pattern.value), subject)

    def _choice(self, node: nodes.CondExpr) -> str:
        otherwise = "None" if node.expr2 is None else self.operand(node.expr2)
        return (
            f"{self.operand(node.expr1)} if {self.operand(node.test)} else {otherwise}"
        )

    def _lookup(self, node: nodes.Expr) -> str:
        """A name, or a chain of `.key`, `[key]`, `.get(key, default)` and a few methods."""
        keys: list[str | int] = []
        default: object = None
        current: nodes.Expr = node
        while not isinstance(current, nodes.Name):
            if isinstance(current, nodes.Getattr):
                keys.insert(0, current.attr)
                current = current.node
            elif isinstance(current, nodes.Getitem):
                keys.insert(0, _key(current.arg))
                current = current.node
            elif isinstance(current, nodes.Call):
                method = current.node
                if not isinstance(method, nodes.Getattr) or method.attr not in {
                    "get",
                    "json",
                }:
                    return self._call(current, keys)
                if method.attr == "get":
                    key, fallback = _get_arguments(current)
                    default = fallback if not keys else default
                    keys.insert(0, key)
                current = method.node
            elif keys:
                return self._get(self.value(current), keys, default)
            else:
                return self.value(current)
        return self._rooted(current.name, keys, default)

    def _rooted(self, name: str, keys: list[str | int], default: object) -> str:
        if name == "response" and keys and keys[0] == "headers":
            name, keys = "headers", keys[1:]
        if name == "headers":
            return self._header(keys)
        if name == "last_page_size" and not keys:
            return "len(records)"
        if name == "last_record":
            return self._get("records", [-1, *keys], default)
        if name in {
            "config",
            "incremental",
            "page",
            "record",
            "resources",
            "dlt",
            "secrets",
        }:
            raise ExpressionError(
                f"`{name}` is not supported here; read `response` or `headers`"
            )
        self.body = True
        if name != "response":
            keys = [name, *keys]
        return self._get("body", keys, default) if keys else "body"

    def _get(self, subject: str, keys: list[str | int], default: object) -> str:
        arguments = [subject, *(literal(key) for key in keys)]
        if default not in (None, {}, []):
            arguments.append(f"default={literal(default)}")
        return self.use("get", *arguments)

    def _header(self, keys: list[str | int]) -> str:
        names = [key for key in keys if key != "string"]
        if not names or not all(isinstance(key, str) for key in names):
            raise ExpressionError("name the header: `headers['Link']`")
        if len(names) == 1:
            return f"response.header({literal(names[0])})"
        if str(names[0]).lower() == "link" and len(names) <= 3:
            return f"response.link({', '.join(literal(key) for key in names[1:])})"
        raise ExpressionError(
            "a header is text: write `headers['name']`, or `headers.link.next.url` for `Link`"
        )

    def _call(self, node: nodes.Call, keys: list[str | int]) -> str:
        if keys or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ExpressionError("only `.get(key)` can be called within a lookup")
        target = node.node
        if (
            isinstance(target, nodes.Name)
            and target.name in _FUNCTIONS
            and len(node.args) == 1
        ):
            return self.use(_FUNCTIONS[target.name], self.value(node.args[0]))
        if isinstance(target, nodes.Getattr):
            subject = self.value(target.node)
            if target.attr == "regex_search" and len(node.args) == 1:
                return self._search(subject, node.args[0])
            if target.attr in {"lower", "upper", "strip"} and not node.args:
                return f"{self.use('text', subject)}.{target.attr}()"
            if target.attr in {"startswith", "endswith"} and len(node.args) == 1:
                argument = self.use("text", self.value(node.args[0]))
                return f"{self.use('text', subject)}.{target.attr}({argument})"
            raise ExpressionError(
                f"the method `{target.attr}` is not supported; there are endswith, get, lower, "
                "regex_search, startswith, strip, upper"
            )
        name = target.name if isinstance(target, nodes.Name) else "that"
        raise ExpressionError(
            f"the function `{name}` is not supported; there are int, len, str"
        )


def _key(node: nodes.Expr) -> str | int:
    if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
        value = node.node.value
        if type(value) is int:
            return -value
    if isinstance(node, nodes.Const) and type(node.value) in (str, int):
        key: str | int = node.value
        return key
    raise ExpressionError("a key in brackets is a quoted text or a whole number")


def _get_arguments(node: nodes.Call) -> tuple[str | int, object]:
    if not 1 <= len(node.args) <= 2 or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise ExpressionError("`get` takes a key and at most a default")
    if len(node.args) == 1:
        return _key(node.args[0]), None
    try:
        default: object = node.args[1].as_const()
        literal(default)
    except (nodes.Impossible, TypeError, ValueError):
        raise ExpressionError("the default of `get` is a constant") from None
    return _key(node.args[0]), default
