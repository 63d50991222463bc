"""Every proved fault of dlt (D1 to D63) and of Airbyte's runtime (A1 to A20) has a test.

A test says which one it shows by its name (`test_d9_…`) or its docstring (`D22 to D28, A16`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FOLDERS = ("differential", "functional", "honesty", "peers")
"""Tests that run a generated connector against a server on loopback."""

WANTED = [f"D{number}" for number in range(1, 64)]
WANTED += [f"A{number}" for number in range(1, 21)]

_RANGE = re.compile(r"\b([DA])(\d+)(?: to \1(\d+))?\b")


def _numbers(text: str) -> Iterator[str]:
    for letter, first, last in _RANGE.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"{letter}{number}"


def _named(function: ast.FunctionDef) -> Iterator[str]:
    for word in function.name.upper().split("_"):
        yield from _numbers(word)
    yield from _numbers(ast.get_docstring(function) or "")


def _shown(path: Path) -> Iterator[str]:
    """The faults that the tests of a file show, and those of configs that are run through dlt too."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef() if node.name.startswith("test_"):
                yield from _named(node)
            case ast.Call(
                func=ast.Name(id="differs"), args=[ast.Constant(value=str(text)), *_]
            ):
                yield from _numbers(text)
            case _:
                pass


@pytest.fixture(scope="module")
def covered() -> set[str]:
    files = [path for folder in FOLDERS for path in TESTS.joinpath(folder).glob("*.py")]
    return {fault for path in files for fault in _shown(path)}


@pytest.mark.parametrize("fault", WANTED)
def test_has_a_test(fault: str, covered: set[str]) -> None:
    assert fault in covered


def test_numbers_are_known(covered: set[str]) -> None:
    assert covered <= set(WANTED)


def test_documented_differences_have_tests(covered: set[str]) -> None:
    text = (TESTS.parent / "docs" / "differences-from-dlt.md").read_text()
    assert set(_numbers(text)) <= covered
