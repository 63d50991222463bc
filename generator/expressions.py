"""Expression text of a spec to a checked Python expression over one answer of the API.

The names and functions are a closed set. Nothing is evaluated at run time: the result is source
code for the generated file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from jinja2 import nodes

from generator.expression_text import ExpressionError, constant, lookup_key, parse
from generator.ir import Condition
from generator.pysource import Code, literal

_FUNCTIONS = {"len": "length", "length": "length", "int": "number", "str": "text"}
_FILTERS = {"length": "length", "count": "length", "int": "number", "string": "text"}
_COMPARISONS = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}
_OPPOSITES = {"in": "notin", "notin": "in", "eq": "ne", "ne": "eq"}
_CASES = {"lower": "lower", "upper": "upper", "trim": "strip", "strip": "strip"}
_MAX_DEPTH = 40

# How tightly an expression binds, as in Python's grammar.
_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)

Kind = Literal["json", "text or nothing", "text", "number", "bool", "nothing"]
_KINDS: dict[type, Kind] = {str: "text", int: "number", float: "number", bool: "bool"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A compiled part: its code, how tightly it binds, and what it gives."""

    code: str
    level: int = _ATOM
    kind: Kind = "json"
    constant: bool = False


def compile_condition(text: str) -> Condition:
    """An expression over `response`, `headers` and `last_record`, as Python.

    The code reads `response` (the answer), `body` (its JSON) and `records` (the page's records).
    Raises ExpressionError for whatever is not in the language.
    """
    compiler = _Compiler()
    piece = compiler.piece(parse(text))
    return Condition(
        code=Code(piece.code),
        helpers=tuple(sorted(compiler.helpers)),
        places=tuple(sorted(compiler.places)),
        text=text.strip(),
        is_flag=piece.kind == "bool",
    )


def path_condition(path: tuple[str | int, ...], text: str) -> Condition:
    """The value at a path of the answer's body, as a compiled expression."""
    keys = ", ".join(literal(step) for step in path)
    place = ".".join(("body", *map(str, path)))
    return Condition(Code(f"get(body, {keys})"), ("get",), (place,), text)


@dataclass(slots=True)
class _Compiler:
    helpers: set[str] = field(default_factory=set[str])
    places: set[str] = field(default_factory=set[str])
    """The parts of the answer that are read, such as `body.links.next` and `header.link`."""
    depth: int = 0

    def use(self, helper: str, *arguments: str, kind: Kind = "json") -> _Piece:
        self.helpers.add(helper)
        return _Piece(f"{helper}({', '.join(arguments)})", kind=kind)

    def piece(self, node: nodes.Expr) -> _Piece:
        """The node as a Python expression."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ExpressionError("the expression is nested too deeply")
        try:
            return self._piece(node)
        finally:
            self.depth -= 1

    def _piece(self, node: nodes.Expr) -> _Piece:
        match node:
            case nodes.Const() | nodes.List() | nodes.Tuple() | nodes.Dict():
                return _constant(node)
            case nodes.Not():
                return self._not(node)
            case nodes.And():
                return self._both(node, " and ", _AND)
            case nodes.Or():
                return self._both(node, " or ", _OR)
            case nodes.Compare():
                return self._compare(node)
            case nodes.Test():
                return self._test(node, negated=False)
            case nodes.Filter():
                return self._filter(node)
            case nodes.CondExpr():
                return self._choice(node)
            case nodes.Neg():
                code = _within(self.number(node.node), _SIGN)
                return _Piece(f"-{code}", _SIGN, "number")
            case nodes.Add() | nodes.Sub() | nodes.Mul():
                level = _PRODUCT if isinstance(node, nodes.Mul) else _SUM
                left = _within(self.number(node.left), level)
                right = _within(self.number(node.right), level + 1)
                symbol = _ARITHMETIC[type(node)]
                return _Piece(f"{left} {symbol} {right}", level, "number")
            case nodes.Concat():
                texts = [_within(self.text(each), _SUM) for each in node.nodes]
                return _Piece(" + ".join(texts), _SUM, "text")
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() | nodes.Call():
                return self._lookup(node)
            case _:
                raise ExpressionError(f"{type(node).__name__} is not supported")

    def code(self, node: nodes.Expr) -> str:
        """The node as the argument of a call."""
        return self.piece(node).code

    def number(self, node: nodes.Expr) -> _Piece:
        """The node as a number."""
        return self._as_number(self.piece(node))

    def _as_number(self, piece: _Piece) -> _Piece:
        if piece.kind == "number":
            return piece
        if piece.constant or piece.kind in {"bool", "nothing"}:
            raise ExpressionError(
                f"{piece.code} is no number: `<`, `>`, `+`, `-` and `*` take numbers, `~` "
                "joins text"
            )
        return self.use("number", piece.code, kind="number")

    def text(self, node: nodes.Expr) -> _Piece:
        """The node as text that is surely there."""
        piece = self.piece(node)
        if piece.kind == "text":
            return piece
        return self.use("text", piece.code, kind="text")

    def _both(self, node: nodes.And | nodes.Or, word: str, level: int) -> _Piece:
        left, right = self.piece(node.left), self.piece(node.right)
        kind: Kind = "bool" if left.kind == right.kind == "bool" else "json"
        codes = [
            each.code if each.level == level else _within(each, _NOT)
            for each in (left, right)
        ]
        return _Piece(word.join(codes), level, kind)

    def _not(self, node: nodes.Not) -> _Piece:
        inner = node.node
        if isinstance(inner, nodes.Test):
            return self._test(inner, negated=True)
        if isinstance(inner, nodes.Compare) and len(inner.ops) == 1:
            operation = inner.ops[0]
            if operation.op in _OPPOSITES:
                operand = nodes.Operand(_OPPOSITES[operation.op], operation.expr)
                return self._compare(nodes.Compare(inner.expr, [operand]))
        return _Piece(f"not {_within(self.piece(inner), _COMPARE)}", _NOT, "bool")

    def _compare(self, node: nodes.Compare) -> _Piece:
        if len(node.ops) != 1:
            raise ExpressionError("write chained comparisons with `and`")
        operation = node.ops[0]
        if operation.op in {"in", "notin"}:
            return self._contains(operation.expr, node.expr, operation.op == "notin")
        if operation.op in _COMPARISONS:
            left, right = self.number(node.expr), self.number(operation.expr)
            symbol = _COMPARISONS[operation.op]
            code = f"{_within(left, _SUM)} {symbol} {_within(right, _SUM)}"
            return _Piece(code, _COMPARE, "bool")
        left, right = self.piece(node.expr), self.piece(operation.expr)
        return self._equal(left, right, operation.op == "ne")

    def _contains(
        self, container: nodes.Expr, item: nodes.Expr, negated: bool
    ) -> _Piece:
        others, self.places = self.places, set[str]()
        subject = self.code(container)
        if isinstance(item, nodes.Const):
            self.places |= {f"{place}.{item.value}" for place in self.places}
        self.places |= others
        held = self.use("contains", subject, self.code(item)).code
        if negated:
            return _Piece(f"not {held}", _NOT, "bool")
        return _Piece(held, kind="bool")

    def _equal(self, left: _Piece, right: _Piece, negated: bool) -> _Piece:
        if left.constant and not right.constant:
            left, right = right, left
        if right.constant and right.kind in {"bool", "nothing"}:
            return _identity(left, right, negated)
        if {left.kind, right.kind} in (
            {"number", "text"},
            {"number", "text or nothing"},
        ):
            left, right = self._as_number(left), self._as_number(right)
        kinds = {left.kind, right.kind}
        if "bool" in kinds and not kinds <= {"bool", "json"}:
            raise ExpressionError(f"{left.code} is never equal to {right.code}")
        symbol = "!=" if negated else "=="
        code = f"{_within(left, _SUM)} {symbol} {_within(right, _SUM)}"
        return _Piece(code, _COMPARE, "bool")

    def _test(self, node: nodes.Test, *, negated: bool) -> _Piece:
        name = node.name.lower()
        values = {"none": None, "true": True, "false": False, "undefined": None}
        if name == "defined":
            name, negated = "none", not negated
        if name not in values or node.args:
            raise ExpressionError(f"the test `is {node.name}` is not supported")
        value = _constant(nodes.Const(values[name]))
        return _identity(self.piece(node.node), value, negated)

    def _filter(self, node: nodes.Filter) -> _Piece:
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ExpressionError(f"the filter `{node.name}` is not supported here")
        arguments = node.args
        if node.name in {"default", "d"} and len(arguments) == 1:
            return self._lookup(node.node, constant(arguments[0]))
        if node.name == "regex_search" and len(arguments) == 1:
            return self._search(node.node, arguments[0])
        if not arguments and node.name in _FILTERS:
            return self._converted(_FILTERS[node.name], node.node)
        if not arguments and node.name in {"first", "last"}:
            index = "0" if node.name == "first" else "-1"
            return self.use("get", self.code(node.node), index)
        if not arguments and node.name in _CASES:
            return self._method(node.node, _CASES[node.name])
        raise ExpressionError(
            f"the filter `{node.name}` is not supported; there are default, first, int, last, "
            "length, lower, regex_search, string, trim, upper"
        )

    def _converted(self, helper: str, node: nodes.Expr) -> _Piece:
        if helper == "number":
            return self.number(node)
        if helper == "text":
            return self.text(node)
        return self.use(helper, self.code(node), kind="number")

    def _method(self, subject: nodes.Expr, name: str, *arguments: str) -> _Piece:
        code = _within(self.text(subject), _ATOM)
        return _Piece(f"{code}.{name}({', '.join(arguments)})", kind="text")

    def _search(self, subject: nodes.Expr, pattern: nodes.Expr) -> _Piece:
        if not isinstance(pattern, nodes.Const) or not isinstance(pattern.value, str):
            raise ExpressionError("regex_search takes a quoted pattern")
        try:
            re.compile(pattern.value)
        except (re.error, OverflowError, RecursionError) as error:
            raise ExpressionError(f"not a regular expression: {error}") from None
        arguments = literal(pattern.value), self.code(subject)
        return self.use("search", *arguments, kind="text or nothing")

    def _choice(self, node: nodes.CondExpr) -> _Piece:
        test = _within(self.piece(node.test), _OR)
        one = _within(self.piece(node.expr1), _OR)
        other = "None" if node.expr2 is None else _within(self.piece(node.expr2), _OR)
        return _Piece(f"{one} if {test} else {other}", _CHOICE)

    def _lookup(self, node: nodes.Expr, default: object = None) -> _Piece:
        """A name, or a chain of `.key`, `[key]`, `.get(key, default)` and a few methods."""
        keys: list[str | int] = []
        current = node
        while not isinstance(current, nodes.Name):
            match current:
                case nodes.Getattr(attr=str() as attribute, node=inner):
                    keys.insert(0, attribute)
                case nodes.Getitem(arg=argument, node=inner):
                    keys.insert(0, lookup_key(argument))
                case nodes.Call(node=nodes.Getattr(attr="get", node=inner)):
                    name, fallback = _get_arguments(current)
                    default = fallback if not keys and default is None else default
                    keys.insert(0, name)
                case nodes.Call(node=nodes.Getattr(attr="json", node=inner), args=[]):
                    pass
                case _:
                    return self._below(current, keys, default)
            current = inner
        return self._rooted(current.name, keys, default)

    def _below(
        self, node: nodes.Expr, keys: list[str | int], default: object
    ) -> _Piece:
        """Keys of a value that is calculated."""
        if keys:
            return self._get(self.code(node), keys, default)
        if default is not None:
            raise ExpressionError("`default` follows a lookup, as in `response.x`")
        return self._call(node) if isinstance(node, nodes.Call) else self.piece(node)

    def _rooted(self, name: str, keys: list[str | int], default: object) -> _Piece:
        if name == "response" and keys and keys[0] == "headers":
            name, keys = "headers", keys[1:]
        if name == "headers":
            return self._header(keys, default)
        if name == "last_page_size" and not keys:
            self.places.add("records")
            return _Piece("len(records)", kind="number")
        if name == "last_record":
            self.places.add("records")
            return self._get("list(records)", [-1, *keys], default)
        if name in _ELSEWHERE:
            raise ExpressionError(
                f"`{name}` is not supported here; read `response` or `headers`"
            )
        if name != "response":
            keys = [name, *keys]
        self.places.add(".".join(("body", *map(str, keys))))
        return self._get("body", keys, default) if keys else _Piece("body")

    def _get(self, subject: str, keys: list[str | int], default: object) -> _Piece:
        arguments = [subject, *(literal(key) for key in keys)]
        # Nothing is looked up in an empty default, and it is as false as None.
        if default not in (None, {}, []):
            arguments.append(f"default={literal(default)}")
        return self.use("get", *arguments)

    def _header(self, keys: list[str | int], default: object) -> _Piece:
        names = [key for key in keys if key != "string"]
        if not names or not all(isinstance(key, str) for key in names):
            raise ExpressionError("name the header: `headers['Link']`")
        if default:
            raise ExpressionError("the default of a header is not supported")
        header = str(names[0]).lower()
        self.places.add(f"header.{header}")
        if len(names) == 1:
            code = f"response.header({literal(names[0])})"
        elif header == "link" and len(names) <= 3:
            # The target of the link is its `url`; other names are its parameters.
            wanted = names[1:2] if names[2:] == ["url"] else names[1:]
            code = f"response.link({', '.join(literal(key) for key in wanted)})"
        else:
            raise ExpressionError(
                "a header is text: write `headers['name']`, or `headers.link.next.url` for "
                "`Link`"
            )
        return _Piece(code, kind="text or nothing")

    def _call(self, node: nodes.Call) -> _Piece:
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ExpressionError("arguments have no names and no stars")
        match node.node, node.args:
            case nodes.Name(name=name), [argument] if name in _FUNCTIONS:
                return self._converted(_FUNCTIONS[name], argument)
            case nodes.Name(name=name), _:
                raise ExpressionError(
                    f"the function `{name}` is not supported; there are int, len, str, each "
                    "with one argument"
                )
            case nodes.Getattr(attr="regex_search", node=subject), [pattern]:
                return self._search(subject, pattern)
            case (
                nodes.Getattr(attr="lower" | "upper" | "strip" as name, node=subject),
                [],
            ):
                return self._method(subject, name)
            case nodes.Getattr(attr="startswith" | "endswith" as name, node=subject), [
                argument
            ]:
                tested = self._method(subject, name, self.text(argument).code)
                return _Piece(tested.code, kind="bool")
            case nodes.Getattr(attr=name), _:
                raise ExpressionError(
                    f"the method `{name}` is not supported here; there are endswith, get, "
                    "lower, regex_search, startswith, strip, upper"
                )
            case _:
                raise ExpressionError("only functions and methods can be called")


_ELSEWHERE = frozenset(
    "config dlt incremental page record resources secrets stream_slice".split()
)
"""Names that mean something in other parts of a spec."""


def _within(piece: _Piece, level: int) -> str:
    """The code, in parentheses where it binds less tightly than its surroundings."""
    return piece.code if piece.level >= level else f"({piece.code})"


def _identity(left: _Piece, value: _Piece, negated: bool) -> _Piece:
    possible = {"nothing": {"json", "text or nothing"}, "bool": {"json", "bool"}}
    if left.constant or left.kind not in possible[value.kind]:
        raise ExpressionError(f"{left.code} is never {value.code}")
    word = "is not" if negated else "is"
    return _Piece(f"{_within(left, _SUM)} {word} {value.code}", _COMPARE, "bool")


def _constant(node: nodes.Expr) -> _Piece:
    value = constant(node)
    kind = "nothing" if value is None else _KINDS.get(type(value), "json")
    return _Piece(literal(value), kind=kind, constant=True)


def _get_arguments(node: nodes.Call) -> tuple[str | int, object]:
    if not 1 <= len(node.args) <= 2 or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise ExpressionError("`get` takes a key and at most a default")
    default = constant(node.args[1]) if len(node.args) == 2 else None
    return lookup_key(node.args[0]), default
