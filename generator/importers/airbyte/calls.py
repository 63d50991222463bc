"""Filters, functions and methods of Airbyte's templates as those of a spec."""

from __future__ import annotations

import re
from typing import Protocol

from jinja2 import nodes

from generator.importers.airbyte.names import Names
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.patterns import length
from generator.importers.airbyte.pieces import Piece, constant

_FILTERS = frozenset(
    "abs base64encode count first float hash int join last length lower regex_search replace"
    " round split string strip trim upper".split()
)
_METHODS = frozenset(
    "endswith get isoformat join lower regex_search replace split startswith strftime strip"
    " timestamp upper".split()
)
_FUNCTIONS = frozenset(
    "abs day_delta duration float format_datetime int len now_utc round str str_to_datetime"
    " timedelta timestamp today_utc".split()
)
_DATES = {"%epoch_microseconds", "%s_as_float", "%_ms"}


class Rewrites(Protocol):
    """What they need of the rewriter."""

    @property
    def names(self) -> Names: ...

    def piece(self, node: nodes.Node) -> Piece: ...

    def joined(self, sign: str, made: list[Piece]) -> Piece: ...

    def lookup(self, node: nodes.Node) -> Piece: ...


def filtered(rewriter: Rewrites, node: nodes.Filter) -> Piece:
    name = "default" if node.name == "d" else node.name
    if node.node is None or node.dyn_args or node.dyn_kwargs:
        raise Untranslatable(f"filter-{name}", f"the filter `{name}`")
    if name == "map" and [each.key for each in node.kwargs] == ["attribute"]:
        made, wanted = rewriter.piece(node.node), rewriter.piece(node.kwargs[0].value)
        return Piece(f"{made.inner} | map(attribute={wanted.text})", False)
    if node.kwargs:
        raise Untranslatable(f"filter-{name}", f"the filter `{name}`")
    if name == "default" and node.args:
        return _default(rewriter, node.node, node.args)
    made = rewriter.piece(node.node)
    if name == "list" and made.text.endswith(")") and " | map(" in made.text:
        return made
    if name in {"string", "trim", "list"} and made.is_constant:
        return made if name == "list" else constant(str(made.constant).strip())
    if name == "int" and made.is_constant:
        try:
            return constant(int(str(made.constant)))
        except ValueError:
            raise Untranslatable("constant", "text that is no number") from None
    if name not in _FILTERS:
        raise Untranslatable(f"filter-{name}", f"the filter `{name}`")
    if made.setting is not None and name == "string":
        if made.setting.property.kind == "array":
            raise Untranslatable(
                "filter-string", "a list that is written as Python's text"
            )
        return made
    arguments = ", ".join(rewriter.piece(each).text for each in node.args)
    text = f"{made.inner} | {name}" + (f"({arguments})" if node.args else "")
    return Piece(text, False, secret=made.secret)


def _default(rewriter: Rewrites, subject: nodes.Node, args: list[nodes.Expr]) -> Piece:
    made, other = rewriter.piece(subject), rewriter.piece(args[0])
    if made.is_constant:
        return made if made.constant else other
    if made.setting is not None:
        if not made.setting.absent:
            return made
        return rewriter.joined(" or ", [made, other])
    if other.is_constant and rewriter.names.place != "request":
        return Piece(f"{made.inner} | default({other.text})", False)
    return rewriter.joined(" or ", [made, other])


def called(rewriter: Rewrites, node: nodes.Call) -> Piece:
    if node.dyn_args or node.dyn_kwargs:
        raise Untranslatable("call", "a call with stars")
    match node.node:
        case nodes.Name(name="duration"):
            return _duration(rewriter, node)
        case nodes.Name(name=("max" | "min") as name):
            return _extreme(rewriter, name, node.args)
        case nodes.Name(name=name):
            if name not in _FUNCTIONS:
                raise Untranslatable(f"function-{name}", f"the function `{name}`")
            _check_dates(node)
            given = [rewriter.piece(each).text for each in node.args]
            given += [f"{k.key}={rewriter.piece(k.value).text}" for k in node.kwargs]
            return Piece(f"{name}({', '.join(given)})")
        case nodes.Getattr(attr="get", node=_):
            return rewriter.lookup(node)
        case nodes.Getattr(attr=name, node=subject):
            if name == "isoformat":
                made = rewriter.piece(subject)
                return Piece(f"{made.inner}.isoformat()")
            if name == "format" and not node.kwargs:
                return _format(rewriter, subject, node.args)
            if name not in _METHODS or node.kwargs:
                raise Untranslatable(f"method-{name}", f"the method `{name}`")
            _check_dates(node)
            made = rewriter.piece(subject)
            given = [rewriter.piece(each).text for each in node.args]
            return Piece(f"{made.inner}.{name}({', '.join(given)})")
        case _:
            raise Untranslatable("call", "a call of something calculated")


def _format(rewriter: Rewrites, subject: nodes.Node, args: list[nodes.Expr]) -> Piece:
    """`"a{}b".format(x)` as texts that are joined."""
    text = rewriter.piece(subject).constant
    parts = text.split("{}") if isinstance(text, str) else []
    if len(parts) != len(args) + 1 or any(re.search(r"[{}]", p) for p in parts):
        raise Untranslatable("method-format", "the method `format`")
    made = [constant(parts[0])]
    for each, after in zip(args, parts[1:]):
        made += [rewriter.piece(each), constant(after)]
    return rewriter.joined(" ~ ", [each for each in made if each.constant != ""])


def _duration(rewriter: Rewrites, node: nodes.Call) -> Piece:
    """A length of time; a month counts as 30 days, a year as 365."""
    given = rewriter.piece(node.args[0]) if node.args else constant(None)
    if not isinstance(given.constant, str):
        raise Untranslatable("duration", "a length of time that is calculated")
    text = given.constant
    if "Y" in text or "M" in text.partition("T")[0]:
        text = f"P{length(text) // 86400}D"
    return Piece(f"duration({constant(text).text})")


def _extreme(rewriter: Rewrites, name: str, args: list[nodes.Expr]) -> Piece:
    items = args
    if len(args) == 1 and isinstance(args[0], nodes.List | nodes.Tuple):
        items = args[0].items
    if len(items) != 2:
        raise Untranslatable(f"function-{name}", f"`{name}` of other than two")
    one, other = (rewriter.piece(each) for each in items)
    sign = ">" if name == "max" else "<"
    text = f"{one.inner} if {one.inner} {sign} {other.inner} else {other.inner}"
    return Piece(text, False)


def _check_dates(node: nodes.Call) -> None:
    for each in node.args:
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            if any(word in each.value for word in _DATES):
                told = f"the date format `{each.value}`"
                raise Untranslatable("date-format", told)
