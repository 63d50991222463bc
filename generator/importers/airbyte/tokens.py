"""Texts of a request that are the token of the page, and what they are without one."""

from __future__ import annotations

import re

from jinja2 import nodes

from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.pieces import chain
from generator.importers.airbyte.templates import parsed

_NAME = "next_page_token"


MARK = "\ue000"
"""Stands where a count is within a text, until its paginator is known."""
_BLOCK = re.compile(r"\{\{[^{}]*next_page_token[^{}]*\}\}")


def marked(text: str) -> str:
    """The text with a mark in the place of a count: of the token, or the token and a number."""
    found = _BLOCK.search(text)
    if found is None or first_count(text) is None:
        return text
    return text[: found.start()] + MARK + text[found.end() :]


def first_count(text: str) -> tuple[int, int] | None:
    """What stands for no token in that place, and what is added to each."""
    found = _BLOCK.findall(text)
    if len(found) != 1 or found[0] == text.strip():
        return None
    try:
        statements = parsed(found[0])
    except Untranslatable:
        return None
    match statements:
        case [nodes.Output(nodes=[node])]:
            return _count(node)
        case _:
            return None


def _count(node: nodes.Node) -> tuple[int, int] | None:
    match node:
        case nodes.Add(left=left, right=nodes.Const(value=int() as more)):
            found = _count(left)
            return None if found is None else (found[0], found[1] + more)
        case _:
            found_ = _without(node)
            value = found_[0] if found_ is not None else None
            return (value, 0) if isinstance(value, int) else None


def is_token(text: str) -> bool:
    """Whether the text is the token, perhaps with a constant where there is none."""
    return _NAME in text and _found(text) is not None


def first(text: str) -> object:
    """What such a text is in the first request."""
    found = _found(text)
    return found[0] if found is not None else None


def _found(text: str) -> tuple[object] | None:
    try:
        statements = parsed(text.strip())
    except Untranslatable:
        return None
    match statements:
        case [nodes.Output(nodes=[node])]:
            return _without(node)
        case _:
            return None


def _without(node: nodes.Node) -> tuple[object] | None:
    """The constant for no token; None where the node is something else."""
    match node:
        case nodes.Or(left=left, right=nodes.Const(value=value)) if _reads(left):
            return (value,)
        case nodes.CondExpr(test=test, expr1=one, expr2=other):
            there = _tested(test)
            if there is None:
                return None
            given, constant = (one, other) if there else (other, one)
            if given is None or _without(given) is None:
                return None
            match constant:
                case None:
                    return (None,)
                case nodes.Const(value=value):
                    return (value,)
                case _:
                    return None
        case _:
            return (None,) if _reads(node) else None


def _reads(node: nodes.Node) -> bool:
    return chain(node) == [_NAME, _NAME]


def _tested(node: nodes.Node) -> bool | None:
    """Whether the test is true where there is a token; None for another test."""
    match node:
        case nodes.Not(node=inner):
            found = _tested(inner)
            return None if found is None else not found
        case nodes.Test(node=inner, name="none"):
            return False if _tested(inner) else None
        case nodes.Test(node=inner, name="defined"):
            return True if _tested(inner) else None
        case _:
            return True if chain(node)[:1] == [_NAME] else None
