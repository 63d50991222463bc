"""Expression text of a spec to a checked Python expression over one answer of the API.

The names and functions are a closed set. Nothing is evaluated at run time: the result is source
code for the generated file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jinja2 import nodes

from generator.expression_text import (
    ExpressionError,
    constant,
    lookup_key,
    parse,
    unbraced,
)
from generator.expression_pieces import (
    AND,
    ATOM,
    CHOICE,
    COMPARE,
    NOT,
    OR,
    PRODUCT,
    SAID,
    SIGN,
    SUM,
    Kind,
    Piece,
    constant_piece,
    identity,
    within,
)
from generator.ir import Condition
from generator.pysource import Code, literal

_FUNCTIONS = {"len": "length", "length": "length", "int": "number", "str": "text"}
_FILTERS = {"length": "length", "count": "length", "int": "number", "string": "text"}
_COMPARISONS = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*"}
_OPPOSITES = {"in": "notin", "notin": "in", "eq": "ne", "ne": "eq"}
_CASES = {"lower": "lower", "upper": "upper", "trim": "strip", "strip": "strip"}
_MAX_DEPTH = 40


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
        text=unbraced(text),
        is_flag=piece.kind == "bool",
    )


def path_condition(path: tuple[str | int, ...], text: str) -> Condition:
    """The value at a path of the answer's body, as a compiled expression."""
    keys = ", ".join(literal(step) for step in path)
    place = ".".join(("body", *map(str, path)))
    return Condition(Code(f"get(body, {keys})"), ("get",), (place,), text)


@dataclass(slots=True)
class _Compiler:
    """Writes a syntax tree as Python, and keeps what that needs."""

    helpers: set[str] = field(default_factory=set[str])
    places: set[str] = field(default_factory=set[str])
    """The parts of the answer that are read, such as `body.links.next` and `header.link`."""
    depth: int = 0

    def use(self, helper: str, *arguments: str, kind: Kind = "json") -> Piece:
        self.helpers.add(helper)
        return Piece(f"{helper}({', '.join(arguments)})", kind=kind)

    def piece(self, node: nodes.Expr) -> Piece:
        """The node as a Python expression."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ExpressionError("the expression is nested too deeply")
        try:
            return self._piece(node)
        finally:
            self.depth -= 1

    def _piece(self, node: nodes.Expr) -> Piece:
        match node:
            case nodes.Const() | nodes.List() | nodes.Tuple() | nodes.Dict():
                return constant_piece(node)
            case nodes.Not():
                return self._not(node)
            case nodes.And():
                return self._both(node, " and ", AND)
            case nodes.Or():
                return self._both(node, " or ", OR)
            case nodes.Compare():
                return self._compare(node)
            case nodes.Test():
                return self._test(node, negated=False)
            case nodes.Filter():
                return self._filter(node)
            case nodes.CondExpr():
                return self._choice(node)
            case nodes.Neg():
                code = within(self.number(node.node), SIGN)
                return Piece(f"-{code}", SIGN, "number")
            case nodes.Sub() if _is_header(node.left) and isinstance(
                node.right, nodes.Name
            ):
                raise ExpressionError(
                    "a header's name with a hyphen is quoted: `headers['X-Next']`"
                )
            case nodes.Add() | nodes.Sub() | nodes.Mul():
                level = PRODUCT if isinstance(node, nodes.Mul) else SUM
                left = within(self.number(node.left), level)
                right = within(self.number(node.right), level + 1)
                symbol = _ARITHMETIC[type(node)]
                return Piece(f"{left} {symbol} {right}", level, "number")
            case nodes.Concat():
                texts = [within(self.text(each), SUM) for each in node.nodes]
                return Piece(" + ".join(texts), SUM, "text")
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() | nodes.Call():
                return self._lookup(node)
            case _:
                raise ExpressionError(f"{type(node).__name__} is not supported")

    def code(self, node: nodes.Expr) -> str:
        """The node as the argument of a call."""
        return self.piece(node).code

    def number(self, node: nodes.Expr) -> Piece:
        """The node as a number."""
        return self._as_number(self.piece(node))

    def _as_number(self, piece: Piece) -> Piece:
        if piece.kind == "number":
            return piece
        if piece.constant or piece.kind in {"bool", "nothing"}:
            raise ExpressionError(
                f"{piece.code} is no number: `<`, `>`, `+`, `-` and `*` take numbers, `~` "
                "joins text"
            )
        return self.use("number", piece.code, kind="number")

    def text(self, node: nodes.Expr) -> Piece:
        """The node as text that is surely there."""
        piece = self.piece(node)
        if piece.kind == "text":
            return piece
        return self.use("text", piece.code, kind="text")

    def _both(self, node: nodes.And | nodes.Or, word: str, level: int) -> Piece:
        left, right = self.piece(node.left), self.piece(node.right)
        kind: Kind = "bool" if left.kind == right.kind == "bool" else "json"
        codes = [
            each.code if each.level == level else within(each, NOT)
            for each in (left, right)
        ]
        return Piece(word.join(codes), level, kind)

    def _not(self, node: nodes.Not) -> Piece:
        inner = node.node
        if isinstance(inner, nodes.Test):
            return self._test(inner, negated=True)
        if isinstance(inner, nodes.Compare) and len(inner.ops) == 1:
            operation = inner.ops[0]
            if operation.op in _OPPOSITES:
                operand = nodes.Operand(_OPPOSITES[operation.op], operation.expr)
                return self._compare(nodes.Compare(inner.expr, [operand]))
        return Piece(f"not {within(self.piece(inner), COMPARE)}", NOT, "bool")

    def _compare(self, node: nodes.Compare) -> Piece:
        if len(node.ops) != 1:
            raise ExpressionError("write chained comparisons with `and`")
        operation = node.ops[0]
        if operation.op in {"in", "notin"}:
            return self._contains(operation.expr, node.expr, operation.op == "notin")
        if operation.op in _COMPARISONS:
            left, right = self.number(node.expr), self.number(operation.expr)
            symbol = _COMPARISONS[operation.op]
            code = f"{within(left, SUM)} {symbol} {within(right, SUM)}"
            return Piece(code, COMPARE, "bool")
        left, right = self.piece(node.expr), self.piece(operation.expr)
        return self._equal(left, right, operation.op == "ne")

    def _contains(
        self, container: nodes.Expr, item: nodes.Expr, negated: bool
    ) -> Piece:
        others, self.places = self.places, set[str]()
        subject = self.code(container)
        if isinstance(item, nodes.Const):
            self.places |= {f"{place}.{item.value}" for place in self.places}
        self.places |= others
        held = self.use("contains", subject, self.code(item)).code
        if negated:
            return Piece(f"not {held}", NOT, "bool")
        return Piece(held, kind="bool")

    def _equal(self, left: Piece, right: Piece, negated: bool) -> Piece:
        if left.constant and not right.constant:
            left, right = right, left
        if right.constant and right.kind in {"bool", "nothing"}:
            return identity(left, right, negated)
        if {left.kind, right.kind} in (
            {"number", "text"},
            {"number", "text or nothing"},
        ):
            left, right = self._as_number(left), self._as_number(right)
        kinds = {left.kind, right.kind}
        if "bool" in kinds and not kinds <= {"bool", "json"}:
            raise ExpressionError(
                f"{SAID[left.kind]} is never equal to {SAID[right.kind]}"
            )
        symbol = "!=" if negated else "=="
        code = f"{within(left, SUM)} {symbol} {within(right, SUM)}"
        return Piece(code, COMPARE, "bool")

    def _test(self, node: nodes.Test, *, negated: bool) -> Piece:
        name = node.name.lower()
        values = {"none": None, "true": True, "false": False, "undefined": None}
        if name == "defined":
            name, negated = "none", not negated
        if name not in values or node.args:
            raise ExpressionError(f"the test `is {node.name}` is not supported")
        value = constant_piece(nodes.Const(values[name]))
        return identity(self.piece(node.node), value, negated)

    def _filter(self, node: nodes.Filter) -> Piece:
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

    def _converted(self, helper: str, node: nodes.Expr) -> Piece:
        if helper == "number":
            return self.number(node)
        if helper == "text":
            return self.text(node)
        return self.use(helper, self.code(node), kind="number")

    def _method(self, subject: nodes.Expr, name: str, *arguments: str) -> Piece:
        code = within(self.text(subject), ATOM)
        return Piece(f"{code}.{name}({', '.join(arguments)})", kind="text")

    def _search(self, subject: nodes.Expr, pattern: nodes.Expr) -> Piece:
        if not isinstance(pattern, nodes.Const) or not isinstance(pattern.value, str):
            raise ExpressionError("regex_search takes a quoted pattern")
        try:
            re.compile(pattern.value)
        except (re.error, OverflowError, RecursionError) as error:
            raise ExpressionError(f"not a regular expression: {error}") from None
        arguments = literal(pattern.value), self.code(subject)
        return self.use("search", *arguments, kind="text or nothing")

    def _choice(self, node: nodes.CondExpr) -> Piece:
        test = within(self.piece(node.test), OR)
        one = within(self.piece(node.expr1), OR)
        other = "None" if node.expr2 is None else within(self.piece(node.expr2), OR)
        return Piece(f"{one} if {test} else {other}", CHOICE)

    def _lookup(self, node: nodes.Expr, default: object = None) -> Piece:
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

    def _below(self, node: nodes.Expr, keys: list[str | int], default: object) -> Piece:
        """Keys of a value that is calculated."""
        if keys:
            return self._get(self.code(node), keys, default)
        if default is not None:
            raise ExpressionError("`default` follows a lookup, as in `response.x`")
        return self._call(node) if isinstance(node, nodes.Call) else self.piece(node)

    def _rooted(self, name: str, keys: list[str | int], default: object) -> Piece:
        if name == "response" and keys and keys[0] == "headers":
            name, keys = "headers", keys[1:]
        if name == "headers":
            return self._header(keys, default)
        if name == "last_page_size" and not keys:
            self.places.add("records")
            return Piece("len(records)", kind="number")
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
        return self._get("body", keys, default) if keys else Piece("body")

    def _get(self, subject: str, keys: list[str | int], default: object) -> Piece:
        arguments = [subject, *(literal(key) for key in keys)]
        # Nothing is looked up in an empty default, and it is as false as None.
        if default not in (None, {}, []):
            arguments.append(f"default={literal(default)}")
        return self.use("get", *arguments)

    def _header(self, keys: list[str | int], default: object) -> Piece:
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
        return Piece(code, kind="text or nothing")

    def _call(self, node: nodes.Call) -> Piece:
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
                return Piece(tested.code, kind="bool")
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


def _is_header(node: nodes.Expr) -> bool:
    """`headers.x`, and what stands before the last hyphen of `headers.X-Next-Page`."""
    while isinstance(node, nodes.Sub):
        node = node.left
    if not isinstance(node, nodes.Getattr):
        return False
    holder = node.node
    return holder == nodes.Name("headers", "load") or (
        isinstance(holder, nodes.Getattr) and holder.attr == "headers"
    )


def _get_arguments(node: nodes.Call) -> tuple[str | int, object]:
    if not 1 <= len(node.args) <= 2 or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise ExpressionError("`get` takes a key and at most a default")
    default = constant(node.args[1]) if len(node.args) == 2 else None
    return lookup_key(node.args[0]), default
