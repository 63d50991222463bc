"""Makes a module stable under black; black itself runs only over what is not known to be."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

LINE_LENGTH = 88

_SINGLE_QUOTED = re.compile(r"(?<![\w\"])'")
"""The start of a string that black may write with double quotes."""

_Unit = tuple[int, int, bool]
"""First and last line of a statement, from 1, and whether it stands in a class."""


def stable(text: str) -> str:
    """The module as black leaves it (88 columns, Python 3.11), every other byte as it is.

    The text must be laid out as black does it, except for statements with lines that are
    too long or strings in single quotes. Raises SyntaxError for what is not Python.
    """
    lines = text.split("\n")
    marked = [
        number
        for number, line in enumerate(lines, 1)
        if len(line) > LINE_LENGTH or _SINGLE_QUOTED.search(line)
    ]
    if not marked:
        return text
    units = list(_units(ast.parse(text).body, marked, in_class=False))
    for first, last, in_class in reversed(units):
        code = "\n".join(lines[first - 1 : last])
        lines[first - 1 : last] = _formatted(code, in_class).split("\n")
    return "\n".join(lines)


def _units(
    body: Sequence[ast.stmt], marked: Sequence[int], *, in_class: bool
) -> Iterator[_Unit]:
    """The statements with marked lines; of a class only those in it, where that is enough."""
    for node in body:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)])
        last = node.end_lineno or node.lineno
        inside = marked[bisect_left(marked, first) : bisect_right(marked, last)]
        if not inside or _is_docstring(node):
            continue
        if isinstance(node, ast.ClassDef) and inside[0] >= node.body[0].lineno:
            yield from _units(node.body, inside, in_class=True)
        else:
            yield first, last, in_class


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@lru_cache(maxsize=1024)
def _formatted(code: str, in_class: bool) -> str:
    """One statement as black formats it where it stands."""
    from black import format_str
    from black.mode import Mode, TargetVersion

    mode = Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
    opening = "class _:\n" if in_class else ""
    result = format_str(f"{opening}{code}\n", mode=mode)
    return result.removeprefix(opening).removesuffix("\n")
