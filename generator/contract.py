"""The last gate: what a generated Python file may import, state and name."""

from __future__ import annotations

import ast
import bisect
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from generator.templates import FOLDER

FORBIDDEN_NAMES = frozenset(
    "__import__ breakpoint compile delattr eval exec globals locals open setattr vars".split()
)
"""Builtins that generated code does not read, so no argument may have such a name."""

_DUNDERS = frozenset(
    "__all__ __annotations__ __init__ __name__ __pydantic_extra__ __slots__ __version__".split()
)

_ATTRIBUTES = frozenset(
    "ag_frame cr_frame f_back f_builtins f_globals f_locals gi_frame tb_frame".split()
)
"""Ways from a frame to everything else; generated code has no use for frames."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one kind of file imports, from elsewhere and from its package."""

    modules: frozenset[str]
    relative: frozenset[str] = frozenset()


def _kind(modules: str, relative: str = "") -> _Kind:
    return _Kind(
        frozenset(("__future__ " + modules).split()), frozenset(relative.split())
    )


_KINDS = {
    "__init__.py": _kind(
        "typing", "client models paginators replaying source _runtime"
    ),
    "models.py": _kind(
        "datetime decimal pydantic typing typing_extensions uuid", "_runtime"
    ),
    "columns.py": _kind("dlt.common.schema.typing typing"),
    "paginators.py": _kind("collections.abc datetime", "_runtime hooks models"),
    "client.py": _kind(
        "collections.abc dataclasses datetime functools itertools typing urllib.parse",
        "_runtime hooks models paginators shaping",
    ),
    "shaping.py": _kind("datetime", "_runtime hooks"),
    "replaying.py": _kind("", "_runtime hooks models shaping source"),
    "hooks.py": _kind("collections.abc datetime", "_runtime"),
    "source.py": _kind(
        "collections.abc datetime dlt dlt.common.configuration"
        " dlt.common.configuration.specs dlt.common.pipeline dlt.common.typing"
        " dlt.sources itertools typing",
        "_runtime client columns models paginators",
    ),
}

_RUNTIME = "_runtime/"
_UNUSUAL = re.compile("[^ -~]")


def check(path: str, text: str) -> list[str]:
    """What in a generated Python file breaks the contract, as `path:line: problem`.

    `path` is relative to the package. A file of the runtime has to be the template as
    it stands; every other file has to be of a known kind and keep that kind's rules.
    """
    if path.startswith(_RUNTIME):
        return _check_copy(path, text)
    kind = _KINDS.get(path)
    if kind is None:
        return [f"{path}: a file that no template makes"]
    try:
        tree = ast.parse(text, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return [f"{path}:{line}: does not parse: {type(error).__name__}"]
    problems = [*_characters(text, tree), *_statements(tree), *_nodes(tree, kind)]
    return [f"{path}:{line}: {problem}" for line, problem in sorted(problems)]


_Problem = tuple[int, str]


def _check_copy(path: str, text: str) -> list[str]:
    template = os.path.join(FOLDER, "package", *path.split("/"))
    try:
        with open(template, encoding="utf-8", newline="") as file:
            same = file.read() == text
    except OSError:
        return [f"{path}: a file that no template makes"]
    return [] if same else [f"{path}: differs from its template"]


def _characters(text: str, tree: ast.Module) -> Iterator[_Problem]:
    """Non-ASCII only inside of strings, and nowhere what cannot be seen."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    strings = sorted(
        (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        for node in _walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    for number, line in enumerate(text.split("\n"), 1):
        for match in _UNUSUAL.finditer(line):
            column = len(line[: match.start()].encode())
            before = bisect.bisect(strings, (number, column + 1)) - 1
            inside = before >= 0 and (number, column) < strings[before][2:]
            if not inside or unicodedata.category(match[0])[0] == "C":
                yield number, f"the character {ascii(match[0])}"


def _statements(tree: ast.Module) -> Iterator[_Problem]:
    for node in tree.body:
        if not _is_statement_of_a_module(node):
            yield node.lineno, f"{type(node).__name__} at the top of the file"


def _is_statement_of_a_module(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.ClassDef() | ast.FunctionDef():
            return True
        case ast.Assign(targets=targets):
            return all(isinstance(target, ast.Name) for target in targets)
        case ast.AnnAssign(target=ast.Name()):
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(), attr="model_rebuild"),
                args=[],
                keywords=[],
            )
        ):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=[]):
            return all(isinstance(each, ast.ImportFrom) for each in body)
        case ast.If(
            test=ast.UnaryOp(op=ast.Not(), operand=ast.Name(id="TYPE_CHECKING")),
            body=[ast.FunctionDef(name="__getattr__")],
            orelse=[],
        ):
            return True
        case _:
            return False


def _nodes(tree: ast.Module, kind: _Kind) -> Iterator[_Problem]:
    """Imports and names, wherever in the file they are."""
    for node in _walk(tree):
        match node:
            case ast.Name(id=name, ctx=context):
                if name in FORBIDDEN_NAMES and not isinstance(context, ast.Store):
                    yield node.lineno, f"the name {name}"
                elif _is_dunder(name):
                    yield node.lineno, f"the name {name}"
            case ast.Attribute(attr=name):
                if _is_dunder(name) or name in _ATTRIBUTES:
                    yield node.lineno, f"the attribute {name}"
            case ast.FunctionDef(name=name):
                if name not in ("__init__", "__getattr__") and _is_dunder(name):
                    yield node.lineno, f"the function {name}"
            case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=arguments):
                if not _names_a_public_attribute(arguments):
                    yield node.lineno, "getattr of something other than a public name"
            case ast.Import(names=names):
                for each in names:
                    if each.name not in kind.modules:
                        yield node.lineno, f"the import of {each.name}"
            case ast.ImportFrom():
                yield from _import_from(node, kind)
            case _:
                pass


def _walk(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node in no particular order, in half the time of `ast.walk`."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        for value in node.__dict__.values():
            if isinstance(value, ast.AST):
                stack.append(value)
            elif isinstance(value, list):
                items = cast("list[object]", value)
                stack.extend(each for each in items if isinstance(each, ast.AST))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _DUNDERS


def _names_a_public_attribute(arguments: list[ast.expr]) -> bool:
    match arguments:
        case [_, ast.Constant(value=str(name)), *_]:
            return not name.startswith("_")
        case _:
            return False


def _import_from(node: ast.ImportFrom, kind: _Kind) -> Iterator[_Problem]:
    module = node.module or ""
    names = [each.name for each in node.names]
    source = "." * node.level + module
    if "*" in names:
        yield node.lineno, f"everything from {source}"
    elif node.level > 1:
        yield node.lineno, f"the import from {source}"
    elif node.level == 1:
        for name in [module.split(".")[0]] if module else names:
            if name not in kind.relative:
                yield node.lineno, f"the import from .{name}"
    elif module not in kind.modules:
        yield node.lineno, f"the import from {source}"
    elif module == "pydantic" and "ImportString" in names:
        yield node.lineno, "the import of ImportString"
