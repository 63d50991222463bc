"""Packages stay small: reached numbers of lines are ceilings, and nothing shared is idle."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.pipeline import compile_spec
from tests.benchmarks.package_size import ONE_RESOURCE, SPECS, measured, total
from tests.support import ROOT

CEILINGS = {
    "accounting": (537, 3401),
    "commerce": (471, 3479),
    "site_analytics": (354, 3389),
    "tickets": (365, 3478),
    "web_analytics": (465, 3392),
    "one_resource": (195, 3336),
}
"""Lines that are specific to the API, and lines of the files that connectors share."""

PACKAGES = sorted(
    path.parent / "spec.yaml" for path in ROOT.glob("tests/goldens/*/package")
)
FOR_THE_USER = {"errors.py", "token_file.py"}
"""Files whose names are there for code that uses the package."""
UNSET = "UNSET"  # a package whose credentials are all optional has nothing to mark


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.stem))
def test_size(spec: Path) -> None:
    size = measured(spec)
    specific, shared = CEILINGS[spec.stem]
    assert total(size.specific.values()).physical <= specific
    assert total(size.shared.values()).physical <= shared


def test_one_resource_is_below_200_lines() -> None:
    assert total(measured(ONE_RESOURCE).specific.values()).physical < 200


@pytest.mark.parametrize(
    "spec", [*SPECS, *PACKAGES], ids=lambda spec: f"{spec.parent.name}-{spec.stem}"
)
def test_nothing_shared_is_unused(spec: Path) -> None:
    """Every function, class and constant of a shared file is named somewhere else."""
    files = {
        path: ast.parse(text).body
        for path, text in compile_spec(spec).files.items()
        if path.endswith(".py")
    }
    uses = Counter(
        name for body in files.values() for node in body for name in _used(node)
    )
    shared = {
        path: body
        for path, body in files.items()
        if path.startswith("_runtime/") and Path(path).name not in FOR_THE_USER
    }
    unused = [
        f"{path}: {name}"
        for path, body in shared.items()
        for node in body
        for name in _defined(node)
        if uses[name] <= (name in _used(node)) and name != UNSET
    ]
    assert unused == []


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _used(node: ast.stmt) -> set[str]:
    """Names that a statement reads, also those of attributes."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return set()
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return names | {
        each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)
    }
