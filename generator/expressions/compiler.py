"""Expression text of a spec to checked Python: over an answer, a request's values or a record.

The names and functions are a closed set. Nothing is evaluated at run time: the result is source
code for the generated file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jinja2 import nodes

from generator.expressions.calls import filtered, function, mapped, method, written
from generator.expressions.operators import (
    arithmetic,
    as_number,
    as_text,
    equal,
    ordered,
)
from generator.expressions.pieces import (
    AND,
    ATOM,
    CHOICE,
    COMPARE,
    NOT,
    OR,
    SAID,
    SIGN,
    SUM,
    TIMES,
    Kind,
    Piece,
    constant_piece,
    identity,
    within,
)
from generator.expressions.scopes import AnswerScope, Reference, RequestScope, Scope
from generator.expressions.text import (
    ExpressionError,
    constant,
    lookup_key,
    parse,
    unbraced,
)
from generator.ir import Condition
from generator.pysource import Code, literal

_COMPARISONS = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ARITHMETIC: dict[type[nodes.BinExpr], str] = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
}
_OPPOSITES = {"in": "notin", "notin": "in", "eq": "ne", "ne": "eq"}
_MAX_DEPTH = 40


def compile_condition(text: str) -> Condition:
    """An expression over `response`, `headers` and `last_record`, as Python.

    The code reads `response` (the answer), `body` (its JSON) and `records` (the page's records).
    Raises ExpressionError for whatever is not in the language.
    """
    compiler = _Compiler(AnswerScope())
    piece = compiler.finished(compiler.piece(parse(text)))
    return Condition(
        code=Code(piece.code),
        helpers=tuple(sorted(compiler.helpers)),
        places=tuple(sorted(compiler.places)),
        text=unbraced(text),
        is_flag=piece.kind == "bool",
    )


def compile_value(
    node: nodes.Expr, reference: Reference, *, records: bool = False
) -> Piece:
    """An expression over the references of a request, as Python.

    `records`: the code may read the variable `record` (a dict) as well.
    """
    compiler = _Compiler(RequestScope(reference, records=records))
    return compiler.finished(compiler.piece(node))


def path_condition(path: tuple[str | int, ...], text: str) -> Condition:
    """The value at a path of the answer's body, as a compiled expression."""
    keys = ", ".join(literal(step) for step in path)
    place = ".".join(("body", *map(str, path)))
    return Condition(Code(f"get(body, {keys})"), ("get",), (place,), text)


@dataclass(slots=True)
class _Compiler:
    """Writes a syntax tree as Python, and keeps what that needs."""

    scope: Scope
    helpers: set[str] = field(default_factory=set[str])
    places: set[str] = field(default_factory=set[str])
    """The parts of the answer that are read, such as `body.links.next` and `header.link`."""
    depth: int = 0

    @property
    def strict(self) -> bool:
        return self.scope.strict

    def use(self, helper: str, *arguments: str, kind: Kind = "json") -> Piece:
        self.helpers.add(helper)
        return Piece(f"{helper}({', '.join(arguments)})", kind=kind)

    def read(self, place: str) -> None:
        self.places.add(place)

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
            case nodes.List() if any(not _is_constant(each) for each in node.items):
                items = ", ".join(self.code(each) for each in node.items)
                return Piece(f"[{items}]", kind="list")
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
                return self._arithmetic(node)
            case nodes.Div() | nodes.FloorDiv() | nodes.Mod():
                return self._arithmetic(node)
            case nodes.Concat():
                texts = [within(self.text(each), SUM) for each in node.nodes]
                return Piece(" + ".join(texts), SUM, "text")
            case nodes.Getitem(arg=nodes.Slice() as part, node=subject):
                return self._slice(subject, part)
            case nodes.Name() | nodes.Getattr() | nodes.Getitem() | nodes.Call():
                return self._lookup(node)
            case _:
                raise ExpressionError(f"{type(node).__name__} is not supported")

    def _slice(self, subject: nodes.Expr, part: nodes.Slice) -> Piece:
        """`text[:10]`: a part of a text."""
        told = "a part of a text is written with numbers: `[:10]`"
        try:
            ends = [
                None if end is None else constant(end)
                for end in (part.start, part.stop)
            ]
        except ExpressionError:
            raise ExpressionError(told) from None
        if part.step is not None or not all(
            end is None or type(end) is int for end in ends
        ):
            raise ExpressionError(told)
        first, last = ("" if end is None else str(end) for end in ends)
        text = within(self.text(subject), ATOM)
        return Piece(f"{text}[{first}:{last}]", kind="text")

    def finished(self, piece: Piece) -> Piece:
        """The piece as a value of JSON: a time becomes text."""
        if piece.kind in TIMES:
            return written(self, piece, TIMES[piece.kind])
        if piece.kind == "duration":
            raise ExpressionError(
                "a duration is added to a time: `now_utc() - duration('P1D')`"
            )
        return piece

    def code(self, node: nodes.Expr) -> str:
        """The node as the argument of a call."""
        return self.finished(self.piece(node)).code

    def number(self, node: nodes.Expr) -> Piece:
        """The node as a number."""
        return as_number(self, self.piece(node))

    def text(self, node: nodes.Expr) -> Piece:
        """The node as text that is surely there."""
        return as_text(self, self.finished(self.piece(node)))

    def _arithmetic(self, node: nodes.BinExpr) -> Piece:
        left, right = self.piece(node.left), self.piece(node.right)
        return arithmetic(self, left, right, _ARITHMETIC[type(node)])

    def _both(self, node: nodes.And | nodes.Or, word: str, level: int) -> Piece:
        left = self.finished(self.piece(node.left))
        right = self.finished(self.piece(node.right))
        kind: Kind = left.kind if left.kind == right.kind else "json"
        if (word, left.kind, right.kind) == (" or ", "text or nothing", "text"):
            kind = "text"
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
            left, right = ordered(
                self, self.piece(node.expr), self.piece(operation.expr)
            )
            symbol = _COMPARISONS[operation.op]
            code = f"{within(left, SUM)} {symbol} {within(right, SUM)}"
            return Piece(code, COMPARE, "bool")
        left = self.finished(self.piece(node.expr))
        right = self.finished(self.piece(operation.expr))
        return equal(self, left, right, operation.op == "ne")

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
        if node.node is None or node.dyn_args or node.dyn_kwargs:
            raise ExpressionError(f"the filter `{node.name}` is not supported here")
        if node.name == "map":
            return mapped(self, node.node, node.args, node.kwargs)
        if node.kwargs:
            raise ExpressionError(f"the filter `{node.name}` is not supported here")
        if node.name in {"default", "d"} and len(node.args) == 1:
            return self._lookup(node.node, constant(node.args[0]))
        return filtered(self, node.name, [node.node, *node.args])

    def _choice(self, node: nodes.CondExpr) -> Piece:
        test = within(self.piece(node.test), OR)
        one = self.finished(self.piece(node.expr1))
        if node.expr2 is None:
            other = Piece("None", kind="nothing", constant=True)
        else:
            other = self.finished(self.piece(node.expr2))
        kinds = {one.kind, other.kind}
        kind: Kind = one.kind if len(kinds) == 1 else "json"
        if kinds == {"text", "nothing"}:
            kind = "text or nothing"
        code = f"{within(one, OR)} if {test} else {within(other, OR)}"
        return Piece(code, CHOICE, kind)

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
        return self.scope.root(self, current.name, keys, default)

    def _below(self, node: nodes.Expr, keys: list[str | int], default: object) -> Piece:
        """Keys of a value that is calculated."""
        if default is not None and not keys:
            raise ExpressionError("`default` follows a lookup, as in `response.x`")
        piece = self._call(node) if isinstance(node, nodes.Call) else self.piece(node)
        if not keys:
            return piece
        is_list = piece.kind == "list" and isinstance(keys[0], int)
        if piece.kind != "json" and not is_list:
            raise ExpressionError(f"{SAID[piece.kind]} has no {literal(keys[0])}")
        return self.lookup(piece.code, keys, default)

    def lookup(
        self, subject: str, keys: list[str | int], default: object = None
    ) -> Piece:
        arguments = [subject, *(literal(key) for key in keys)]
        # Nothing is looked up in an empty default, and it is as false as None.
        if default not in (None, {}, []):
            arguments.append(f"default={literal(default)}")
        return self.use("get", *arguments)

    def _call(self, node: nodes.Call) -> Piece:
        if node.dyn_args or node.dyn_kwargs:
            raise ExpressionError("arguments have no names and no stars")
        named = {each.key: each.value for each in node.kwargs}
        match node.node:
            case nodes.Name(name=name):
                return function(self, name, node.args, named)
            case nodes.Getattr(attr=name, node=subject):
                if named:
                    raise ExpressionError("arguments have no names and no stars")
                return method(self, name, [subject, *node.args])
            case _:
                raise ExpressionError("only functions and methods can be called")


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


def _is_constant(node: nodes.Expr) -> bool:
    try:
        constant(node)
    except ExpressionError:
        return False
    return True
