"""Parts of a rewritten expression, and what is known of them beforehand."""

from __future__ import annotations

from typing import NamedTuple

from jinja2 import nodes

from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.settings import Setting
from generator.plain import is_list, is_mapping
from generator.pysource import literal

_UNKNOWN = object()


class Piece(NamedTuple):
    """A part of an expression of the spec."""

    text: str
    atom: bool = True
    """It needs no parentheses inside of another expression."""
    constant: object = _UNKNOWN
    setting: Setting | None = None
    secret: bool = False

    @property
    def is_constant(self) -> bool:
        return self.constant is not _UNKNOWN

    @property
    def inner(self) -> str:
        return self.text if self.atom else f"({self.text})"


def constant(value: object) -> Piece:
    """A constant of an expression."""
    if value is None or isinstance(value, bool):
        return Piece({None: "none", True: "true", False: "false"}[value], True, value)
    if isinstance(value, int | float):
        return Piece(str(value), value >= 0, value)
    if isinstance(value, str):
        return Piece(str(literal(value)), True, value)
    if is_list(value):
        return Piece(f"[{', '.join(constant(v).text for v in value)}]", True, value)
    if is_mapping(value):
        pairs = (f"{constant(k).text}: {constant(v).text}" for k, v in value.items())
        return Piece("{" + ", ".join(pairs) + "}", True, value)
    raise Untranslatable("constant", "a constant of this kind")


def folded(left: Piece, op: str, right: Piece) -> bool | None:
    """A comparison of constants."""
    if not (left.is_constant and right.is_constant):
        return None
    one, other = left.constant, right.constant
    match op:
        case "eq":
            return one == other
        case "ne":
            return one != other
        case "in" | "notin":
            held = is_list(other) and one in other
            held = held or (is_mapping(other) and one in other)
            held = held or (isinstance(other, str) and str(one) in other)
            return held == (op == "in")
        case _:
            return None


def at(value: object, keys: list[str | int]) -> object:
    for key in keys:
        if is_mapping(value) and isinstance(key, str):
            value = value.get(key)
        elif (
            is_list(value) and isinstance(key, int) and -len(value) <= key < len(value)
        ):
            value = value[key]
        else:
            return None
    return value


def chain(node: nodes.Node) -> list[str]:
    """`a.b["c"]` as its names; empty for anything else."""
    match node:
        case nodes.Name(name=name):
            return [name]
        case nodes.Getattr(node=inner, attr=key):
            above = chain(inner)
            return [*above, key] if above else []
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as key)):
            above = chain(inner)
            return [*above, key] if above else []
        case nodes.Call(
            node=nodes.Getattr(attr="get", node=inner),
            args=[nodes.Const(value=str() as key), *_],
        ):
            above = chain(inner)
            return [*above, key] if above else []
        case _:
            return []


def step(key: str | int) -> str:
    if isinstance(key, str) and key.isascii() and key.isidentifier():
        # `items` and its kin are methods of a mapping where Jinja reads them after a dot.
        return f".{key}"
    return f"[{literal(key)}]"
