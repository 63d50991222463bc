"""Paths: expressions that are steps of them, and those that hold parameters as well.

`{{ 'users?team=' + team if team else 'users' }}` is the path `users`, and a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from jinja2 import nodes

from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.pieces import Piece, constant
from generator.importers.airbyte.rewriting import Rewriter
from generator.importers.airbyte.templates import (
    Texts,
    code_of,
    is_template,
    joined,
    parsed,
    value_of,
    written,
)

_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MARK = re.compile(r"\x00(\d+)\x00")

_STEPS = re.compile(r"""(?:^|if | else |~ |\()"[^"]*/[^"]*\"""")
"""A constant of several steps that is, or may be, part of the text."""

Split = tuple[str, dict[str, object]]
"""A path, and the parameters behind it."""
_Pieces = tuple[list[Piece], dict[str, object]]


def read(texts: Texts, text: str) -> Split:
    """The path that a text gives, and the parameters that its expressions hold.

    Raises Untranslatable where a choice is between different paths.
    """
    params: dict[str, object] = {}
    match parsed(text) if is_template(text) else []:
        case [nodes.Output(nodes=found)]:
            texts.names.variables.clear()
            texts.names.variables.update(texts.given)
            rewriter = Rewriter(texts.names)
            if any("?" in each for each in _EXPRESSION.findall(text)):
                path, params = _whole(rewriter, found)
            else:
                path = [piece for node in found for piece in _texts(rewriter, node)]
        case _:
            made = texts.pieces(text)
            path = [constant(each) if isinstance(each, str) else each for each in made]
    if any(_STEPS.search(each.text) for each in path if not each.is_constant):
        # An expression is one step of a path: what it gives is percent-encoded.
        raise _refused()
    return "".join(map(written, path)).strip(), params


def _whole(rewriter: Rewriter, found: list[nodes.Expr]) -> _Pieces:
    """The parts of a path; only the last of them holds parameters."""
    path = [piece for node in found[:-1] for piece in _texts(rewriter, node)]
    if any("?" in str(each.constant) for each in path if each.is_constant):
        raise _refused()
    last, params = _chosen(rewriter, found[-1])
    return [*path, *last], params


def _chosen(rewriter: Rewriter, node: nodes.Expr) -> _Pieces:
    """A choice between a path with parameters and the same path without."""
    if not isinstance(node, nodes.CondExpr):
        return _cut([*_texts(rewriter, node)])
    test = rewriter.truth(node.test)
    second = node.expr2 or nodes.Const("")
    if test.is_constant:
        return _chosen(rewriter, node.expr1 if test.constant else second)
    path, params = _chosen(rewriter, node.expr1)
    other, others = _chosen(rewriter, second)
    if joined([*path]).text != joined([*other]).text:
        raise _refused()
    made: dict[str, object] = {}
    for name in dict.fromkeys((*params, *others)):
        one, two = code_of(params.get(name)), code_of(others.get(name))
        made[name] = value_of(
            Piece(f"{one.inner} if {test.inner} else {two.inner}", False)
        )
    return path, made


def _texts(rewriter: Rewriter, node: nodes.Expr) -> Iterator[Piece]:
    """The texts that an expression puts after each other."""
    match node:
        case nodes.TemplateData(data=text):
            yield constant(text)
        case nodes.Add(left=left, right=right):
            yield from _texts(rewriter, left)
            yield from _texts(rewriter, right)
        case nodes.Concat(nodes=inner):
            for each in inner:
                yield from _texts(rewriter, each)
        case nodes.Call(node=nodes.Name(name="sanitize_url"), args=[value]):
            # Every expression of a path is percent-encoded.
            yield rewriter.piece(value)
        case _:
            yield rewriter.piece(node)


def _cut(found: list[Piece]) -> _Pieces:
    """Texts before and behind the `?`; names of parameters are constants."""
    path: list[Piece] = []
    query = ""
    for number, piece in enumerate(found):
        text = str(piece.constant) if piece.is_constant else ""
        before, sign, after = text.partition("?")
        if query:
            query += text if piece.is_constant else f"\x00{number}\x00"
        elif sign:
            path += [constant(before)] if before else []
            query = f"&{after}"
        elif text or not piece.is_constant:
            path.append(piece)
    params: dict[str, object] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if _MARK.search(name):
            raise _refused()
        parts = [
            found[int(each)] if index % 2 else constant(each)
            for index, each in enumerate(_MARK.split(value))
            if each
        ]
        params[name] = value_of(joined([*parts]))
    return path, params


def _refused() -> Untranslatable:
    told = "an expression that gives several steps of a path, or parameters with them"
    return Untranslatable("path-steps", told)
