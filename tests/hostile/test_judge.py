"""The hostile tests can fail: a generator that is broken on purpose is found out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from generator import contract, pipeline, pysource
from generator.diagnostics import Collector, Location, SpecError
from generator.lowering import text
from generator.package import Package
from generator.pysource import Code

from . import judge
from .judge import Importer, outcome, package_problems, shape, texts
from .payloads import CANARY, PAYLOADS
from .test_inert import data_problems, plain, request
from .test_named import spec

pytestmark = pytest.mark.hostile


def found_out(make: Callable[[str], Any], word: str, folder: Path) -> bool:
    """Whether the tests say anything against the package of a spec with the payload."""
    payload = PAYLOADS[word]
    found = outcome(make(payload), word, folder / "specs")
    baseline = outcome(make("text"), "baseline", folder / "specs").package
    if found.problems or found.package is None or baseline is None:
        return bool(found.problems)
    if make is plain and list(data_problems(found.package, payload)):
        return True
    return shape(found.package) != shape(baseline)


def test_as_it_is_nothing_is_found_out(tmp_path: Path) -> None:
    for word in ("string-breakout", "docstring-breakout", "both-quotes", "html"):
        assert not found_out(plain, word, tmp_path)
        assert not found_out(request, word, tmp_path)


@pytest.mark.parametrize(
    ("word", "broken"),
    [
        ("string-breakout", lambda text: f'"{text}"'),
        ("double-quote", lambda text: f'"{text}"'),
        ("backslash", lambda text: '"' + text.replace('"', '\\"') + '"'),
        ("newline", lambda text: '"' + text.replace("\\", "\\\\") + '"'),
        ("single-quote", lambda text: f"'{text}'"),
    ],
)
def test_literals_without_escapes(
    word: str,
    broken: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pysource, "_quoted", broken)
    monkeypatch.setattr(contract, "check", lambda path, text: [])
    assert found_out(plain, word, tmp_path)


@pytest.mark.parametrize(
    "word",
    ["docstring-breakout", "triple-double", "ends-in-backslash", "unicode-escape"],
)
def test_docstrings_without_escapes(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pysource, "_escaped", lambda text: text)
    assert found_out(plain, word, tmp_path)


def test_escapes_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = pysource._quoted
    monkeypatch.setattr(
        pysource, "_quoted", lambda text: right(text.replace("\\", "\\\\"))
    )
    assert found_out(plain, "backslash", tmp_path)


@pytest.mark.parametrize("word", ["html", "markdown-link", "markdown-table"])
def test_readme_without_escapes(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.views import package

    monkeypatch.setattr(package, "markdown", lambda text: Code(" ".join(text.split())))
    assert found_out(plain, word, tmp_path)


def test_formatted_text_without_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(payload: str) -> Any:
        return spec(endpoint={"params": {"a": payload + " {account}"}})

    monkeypatch.setattr(contract, "check", lambda path, text: [])
    assert not found_out(made, "string-breakout", tmp_path)
    monkeypatch.setattr(text, "_escaped", lambda text: text)
    assert found_out(made, "string-breakout", tmp_path)


def test_crash_and_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(path: Path) -> Package:
        raise RecursionError

    monkeypatch.setattr(pipeline, "compile_spec", crash)
    assert outcome(plain("text"), "crash", tmp_path).problems

    def hang(path: Path) -> Package:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        raise SpecError([])

    monkeypatch.setattr(judge, "SECONDS", 0.01)
    monkeypatch.setattr(pipeline, "compile_spec", hang)
    assert "took too long" in outcome(plain("text"), "hang", tmp_path).problems


def test_refusals_without_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> Package:
        collector = Collector()
        collector.error(Location(str(path)), "name", "wrong")
        raise SpecError(collector.sorted())

    monkeypatch.setattr(pipeline, "compile_spec", refuse)
    assert outcome(plain("text"), "refused", tmp_path).problems


@pytest.fixture
def package(tmp_path: Path) -> Package:
    found = outcome(plain("text"), "package", tmp_path / "specs").package
    assert found is not None
    return found


def changed(package: Package, path: str, old: str, new: str) -> Package:
    text = package.files[path]
    assert old in text
    return replace(package, files={**package.files, path: text.replace(old, new, 1)})


@pytest.mark.parametrize(
    "act",
    [
        f"open({CANARY!r}, 'w').close()",
        "__import__('os').system('true')",
        "__import__('subprocess').run(['true'])",
        "__import__('socket').create_connection(('127.0.0.1', 9), 0.1)",
        "1 / 0",
        "__import__('os')._exit(0)",
    ],
)
def test_importing_that_acts(act: str, package: Package, tmp_path: Path) -> None:
    bad = changed(package, "models.py", "__all__", f"_x = {act}\n__all__")
    assert list(package_problems(bad)) or "1 / 0" in act
    importer = Importer(tmp_path / "packages")
    importer.add(package, "good")
    importer.add(bad, "bad")
    try:
        found = importer.problems()
    except AssertionError:
        return
    assert len(found) == 1
    assert found[0].startswith("bad: ")


def test_names_that_hide_others(package: Package, tmp_path: Path) -> None:
    bad = changed(package, "source.py", "def tickets(", "def client(")
    importer = Importer(tmp_path / "packages")
    importer.add(bad, "bad")
    assert importer.problems()


def test_other_files(package: Package) -> None:
    files = {**package.files, "setup.py": ""}
    assert list(package_problems(replace(package, files=files)))


def test_texts_are_those_of_the_code(package: Package) -> None:
    assert "text" in set(texts(package))
    assert "no such text" not in set(texts(package))
