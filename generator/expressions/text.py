"""Expression text of a spec to a syntax tree; the grammar is that of Jinja's expressions."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, TemplateSyntaxError, nodes

_BRACED = re.compile(r"\s*\{\{(?P<inner>(?:(?!\}\}).)*)\}\}\s*", re.DOTALL)
_MAX_LENGTH = 2000


class ExpressionError(ValueError):
    """The text is no expression of the language; the message says what to write instead."""


@cache
def parser() -> Environment:
    """Jinja as a parser; it renders nothing."""
    return Environment()


def unbraced(text: str) -> str:
    """The expression within `{{ }}`; text that has none is the expression itself."""
    braced = _BRACED.fullmatch(text)
    return (braced["inner"] if braced else text).strip()


def parse(text: str) -> nodes.Expr:
    """The syntax tree of an expression, with or without braces."""
    inner = unbraced(text)
    if len(inner) > _MAX_LENGTH:
        raise ExpressionError(f"an expression is at most {_MAX_LENGTH} characters long")
    if "{{" in inner or "}}" in inner or "{%" in inner:
        raise ExpressionError("write one expression, without text around the braces")
    try:
        body = parser().parse("{{ " + inner + " }}").body
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise ExpressionError(syntax_problem(error)) from None
    output = body[0] if len(body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        raise ExpressionError("write one expression")
    return output.nodes[0]


def syntax_problem(error: Exception) -> str:
    """What Jinja's parser has to say; ValueError is a number that Python refuses to read."""
    match error:
        case TemplateSyntaxError(message=str() as message):
            # Jinja counts characters from the braces, which the spec may not have.
            told = re.sub(r" at [0-9]+$", "", message)
            told = told.replace("token 'end of print statement'", "its end")
            told = told.replace("'end of print statement'", "its end")
            if "end of template" in told:
                return "not an expression: `}}` is missing"
            return f"not an expression: {told}"
        case RecursionError():
            return "not an expression: nested too deeply"
        case _:
            return "not an expression: a number in it is too long"


def constant(node: nodes.Node) -> object:
    """The value of a constant; nothing is calculated."""
    match node:
        case nodes.Const(value=str() | int() | None):
            value: object = node.value
            return value
        case nodes.Const(value=float() as number) if abs(number) < float("inf"):
            return number
        case nodes.Neg():
            positive = constant(node.node)
            if isinstance(positive, int | float):
                return -positive
            raise ExpressionError("a minus stands before a number")
        case nodes.List(items=items) | nodes.Tuple(items=items):
            return [constant(item) for item in items]
        case nodes.Dict(items=pairs):
            return {str(lookup_key(pair.key)): constant(pair.value) for pair in pairs}
        case _:
            raise ExpressionError(
                "defaults, lists and mappings hold constants only: text, numbers, true, none"
            )


def lookup_key(node: nodes.Expr) -> str | int:
    """What stands in brackets or in `.get()`."""
    match node:
        case nodes.Const(value=bool()):
            pass
        case nodes.Const(value=str() | int() as key):
            return key
        case nodes.Neg(node=nodes.Const(value=int() as index)):
            return -index
        case _:
            pass
    raise ExpressionError("a key in brackets is a quoted text or a whole number")
