"""Secrets and patterns where they do not belong: refused, or sent as the credential that they are."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from generator.package import Package
from generator.patterns import regex_problem, strftime_problem, strptime_problem

from .judge import Pointer, outcome, places, replaced
from .maximal import SPECS

pytestmark = pytest.mark.hostile

REFERENCES = ("{{ secrets.canary }}", 'dlt.secrets["canary"]')
DATA = {"definitions", "description", "docs", "schema", "resolve"}
"""Parts whose texts only people read, or that are the API's data."""


def literal(package: Package) -> bool:
    """Whether the reference is plain text in the code, docstrings aside."""
    for path, text in package.files.items():
        if not path.endswith(".py") or path.startswith("_runtime/"):
            continue
        tree = ast.parse(text)
        shown = {id(e.value) for e in ast.walk(tree) if isinstance(e, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if "secrets" in node.value and id(node) not in shown:
                    return True
    return False


def plain(spec: Any, pointer: Pointer) -> bool:
    """It is sent or names something, and is not the name of a record's field in a parameter."""
    field = pointer[-1] in ("field", "cursor_path") and pointer[-3] == "params"
    return not DATA & set(pointer) and not field


@pytest.mark.parametrize("name", SPECS)
def test_a_secret_is_never_taken_for_text(name: str, tmp_path: Path) -> None:
    spec = SPECS[name]
    found: list[str] = []
    for pointer, value in places(spec):
        if isinstance(value, str) and plain(spec, pointer):
            for text in REFERENCES:
                label = "/".join(map(str, pointer))
                package = outcome(
                    replaced(spec, pointer, text), label, tmp_path
                ).package
                if package is not None and literal(package):
                    found.append(f"{label} = {text}")
    assert not found


def with_record_part(**parts: Any) -> Any:
    spec = replaced(SPECS["bearer"], ("resources", 0, "silence"), ["no-schema"])
    spec["resources"][0].update(parts)
    return spec


@pytest.mark.parametrize(
    "parts",
    [
        {"add": {"x": "{{ secrets.token }}"}},
        {"add": {"x": [{"y": 'dlt.secrets["token"]'}]}},
        {"add": {"x": "{{ (secrets.token ~ 'a') | base64encode }}"}},
        {"add": {"x": "{{ record.id if secrets.token else 1 }}"}},
        {"filter": "record.id == secrets.token"},
        {"processing_steps": [{"filter": "record.id != secrets.token"}]},
        {"for_each": {"x": 'dlt.secrets["token"]'}},
        {"for_each": {"x": ["{{ secrets.token }}"]}},
        {"rename": {"id": "{{ secrets.token }}"}},
        {"table_name": "{{ secrets.token }}"},
        {"hooks": {"record": "os.system"}},
        {"hooks": {"record": "__import__"}},
        {"hooks": {"record": "import"}},
        {"hooks": {"record": "Request"}},
        {"processing_steps": [{"map": "eval('1')"}]},
        {"columns": {"id": {"data_type": ["text"]}}},
        {"columns": {"id": {"data_type": {"a": 1}}}},
        {"nested_hints": {"tags": {"primary_key": {"a": 1}}}},
        {
            "references": [
                {"referenced_table": 1, "columns": ["a"], "referenced_columns": ["b"]}
            ]
        },
    ],
    ids=str,
)
def test_what_a_record_or_table_must_not_hold(
    parts: dict[str, Any], tmp_path: Path
) -> None:
    found = outcome(with_record_part(**parts), "case", tmp_path)
    assert found.package is None
    assert not found.problems


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+", "(a|a)*b", "((ab)?)+", "(a?){30}b", "(?:(x+)y){2}", "(?i:a+)*"),
        *("(?P<x>a+)*", "(a+){1,}", "(", "a{9999999999}", "(?x)( a+ )+", "(?#x)a"),
    ],
)
def test_regular_expressions_that_are_refused(pattern: str) -> None:
    assert regex_problem(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("[0-9]+", "<(.*)>; rel=", "(a+)?", "[(a+)+]", r"\(a+\)+", "(a+){1}"),
        *("(ab)+", r"(\d{3}){2}", "a|b+", "[]a)+]", "x*?y", "(a)(b+)c*"),
    ],
)
def test_regular_expressions_that_are_fine(pattern: str) -> None:
    assert not regex_problem(pattern)


def test_date_patterns() -> None:
    assert strftime_problem("%99999d") and strftime_problem("%Y%")
    assert not strftime_problem("%Y-%m-%dT%H:%M:%S%z %-d %%")
    assert strptime_problem("%d%d") and strptime_problem("%Q") and strptime_problem("%")
    assert not strptime_problem("%d/%m/%Y %H:%M")
