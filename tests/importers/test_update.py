"""Importing again: what the source changed is taken, what a person changed stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from generator.cli import cli
from generator.importers.update import merged, with_patterns, without_patterns
from tests.importers.test_openapi_traps import TEXT, answer, document, envelope

LINES = st.lists(st.sampled_from("abcdef"), max_size=12).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(LINES, LINES)
def test_one_side_that_changed_nothing_gives_the_other(base: str, other: str) -> None:
    assert merged(base, base, other).text == other
    assert merged(base, other, base).text == other
    assert merged(base, other, other).text == other


@given(LINES, LINES, LINES)
def test_no_line_of_a_person_is_lost(base: str, mine: str, theirs: str) -> None:
    result = merged(base, mine, theirs)
    if result.conflicts:
        kept = [x for x in result.text.split("\n") if not x.startswith("#")]
        assert len(kept) >= 1
    added = set(mine.split("\n")) - set(base.split("\n"))
    assert added <= set(result.text.split("\n"))


def run(source: Path, target: Path, *options: str) -> tuple[int, str]:
    words = ["import", "openapi", str(source), "-o", str(target), *options]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value, result.output


def things(*names: str, fields: tuple[str, ...] = ("id",)) -> dict[str, Any]:
    item = {"type": "object", "properties": dict.fromkeys(fields, TEXT)}
    many = {"get": {"responses": answer(envelope(item=item))}}
    return document({f"/{name}": many for name in names})


def test_an_update_keeps_what_a_person_wrote(tmp_path: Path) -> None:
    source, target = tmp_path / "api.json", tmp_path / "things.yaml"
    source.write_text(json.dumps(things("users", "orders")))
    assert run(source, target)[0] == 0
    text = target.read_text()
    edited = text.replace("  auth: none\n", "  # ours\n  auth: bearer\n")
    edited = edited.replace(
        "      data_selector: data\n", "      data_selector: rows\n", 1
    )
    target.write_text(edited)
    source.write_text(
        json.dumps(things("users", "orders", "items", fields=("id", "x")))
    )
    code, output = run(source, target, "--update")
    assert code == 0, output
    assert "0 conflicts" in output
    found = target.read_text()
    assert "# ours\n  auth: bearer" in found
    assert "data_selector: rows" in found
    assert "- name: items" in found
    assert "x: { type: string }" in found
    code, output = run(source, target, "--update")
    first, *left = output.splitlines()
    assert (code, first) == (0, f"{target}: nothing changed, 0 conflicts, 2 TODOs")
    assert left == [
        f"  {target}:8: TODO: this is an example of a URL: write your own",
        f"  {target}:10: TODO: the document declares no credentials: say which, or remove this line",
    ]


def test_conflicts_are_shown_and_the_person_wins(tmp_path: Path) -> None:
    source, target = tmp_path / "api.json", tmp_path / "things.yaml"
    source.write_text(json.dumps(things("users")))
    assert run(source, target)[0] == 0
    line = '  base_url: "https://api.example.com/v1"\n'
    text = target.read_text()
    assert line in text
    target.write_text(text.replace(line, '  base_url: "https://mine.example.com"\n'))
    changed = things("users")
    changed["servers"] = [{"url": "https://api.example.com/v2"}]
    source.write_text(json.dumps(changed))
    code, output = run(source, target, "--update")
    assert code == 3
    number = next(n for n, each in enumerate(target.read_text().split("\n"), 1) if "not taken" in each)  # fmt: skip
    assert (
        f"1 conflict, 3 TODOs\n  {target}:{number}: both changed: yours is kept"
        in output
    )
    assert (
        "TODO: the document declares no credentials: say which, or remove this line\n"
        in output
    )
    found = target.read_text()
    assert '  base_url: "https://mine.example.com"\n' in found
    assert '#   base_url: "https://api.example.com/v2"\n' in found


def test_without_a_base_nothing_is_merged(tmp_path: Path) -> None:
    source, target = tmp_path / "api.json", tmp_path / "things.yaml"
    source.write_text(json.dumps(things("users")))
    target.write_text("mine")
    assert run(source, target, "--update")[0] == 1
    assert target.read_text() == "mine"


def test_an_update_goes_by_the_patterns_of_the_import(tmp_path: Path) -> None:
    """Else what was excluded would come in."""
    source, target = tmp_path / "api.json", tmp_path / "things.yaml"
    source.write_text(json.dumps(things("users", "orders")))
    assert run(source, target, "--exclude", "orders")[0] == 0
    text = target.read_text()
    assert "orders" not in text
    source.write_text(json.dumps(things("users", "orders", "items")))
    assert run(source, target, "--update")[0] == 0
    assert run(source, target, "--update")[0] == 0
    found = target.read_text()
    assert "- name: items" in found and "orders" not in found
    assert run(source, target, "--update", "--exclude", "items")[0] == 0
    assert "- name: orders" in target.read_text()


@pytest.mark.parametrize("pattern", ["orders", "", '"', "# imported with [", "ü\n*"])
def test_patterns_are_read_as_they_were_written(pattern: str) -> None:
    for patterns in (((pattern,), ()), ((), (pattern, "b"))):
        text = "version: 1\n"
        assert without_patterns(with_patterns(text, patterns)) == (text, patterns)
    assert without_patterns(with_patterns("a: 1\n", ((), ()))) == ("a: 1\n", ((), ()))
