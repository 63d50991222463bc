"""Random text, random values and random damage anywhere: never a traceback, never a break-out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from .effort import COMPILING
from .judge import (
    Importer,
    Outcome,
    outcome,
    outcome_of_text,
    places,
    renamed,
    replaced,
)
from .maximal import SPECS
from .payloads import PAYLOADS, VALUES

pytestmark = pytest.mark.hostile

ODD = "\"'\\{}%$#`<>|[]()\n\r\t\x00\x0b\x0c\x1b\x85\u2028\u2029\u202e\ufeff\ud800\uff43;:,.=&*!@/ "
TEXT = st.one_of(
    st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=60),
    st.lists(st.sampled_from(sorted(PAYLOADS.values(), key=len)[:120]), max_size=3).map(
        "".join
    ),
    st.from_regex(r"\{\{? ?[a-z_.\[\]'\"()|=<> 0-9]{0,30} ?\}?\}", fullmatch=True),
)
JSON = st.recursive(
    st.one_of(st.sampled_from(list(VALUES.values())), st.floats(allow_nan=False), TEXT),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(sorted(SPECS))


def judged(found: Outcome, importer: Importer) -> None:
    assert not found.problems, found.problems
    if found.package is not None:
        importer.add(found.package, f"{found.label} {len(importer.labels)}")


def test_text_in_places(tmp_path: Path) -> None:
    importer = Importer(tmp_path / "packages")

    @COMPILING
    @given(st.data(), NAMES, st.lists(TEXT, min_size=1, max_size=3))
    def check(data: st.DataObject, name: str, texts: list[str]) -> None:
        spec = SPECS[name]
        for text in texts:
            pointer, value = data.draw(st.sampled_from(list(places(spec))))
            if isinstance(value, str):
                spec = replaced(spec, pointer, text)
            elif isinstance(pointer[-1], str):
                spec = renamed(spec, pointer, text)
        judged(outcome(spec, name, tmp_path / "specs"), importer)

    check()
    assert importer.problems() == []


def test_values_in_places(tmp_path: Path) -> None:
    importer = Importer(tmp_path / "packages")

    @COMPILING
    @given(st.data(), NAMES, st.lists(JSON, min_size=1, max_size=4))
    def check(data: st.DataObject, name: str, values: list[Any]) -> None:
        spec = SPECS[name]
        for value in values:
            pointer, _ = data.draw(st.sampled_from(list(places(spec))))
            spec = replaced(spec, pointer, value)
        judged(outcome(spec, name, tmp_path / "specs"), importer)

    check()
    assert importer.problems() == []


def test_parts_that_move(tmp_path: Path) -> None:
    """A part of one spec at a place of another, and parts that are missing."""
    importer = Importer(tmp_path / "packages")

    @COMPILING
    @given(st.data(), NAMES, NAMES)
    def check(data: st.DataObject, name: str, other: str) -> None:
        spec = copy.deepcopy(SPECS[name])
        _, part = data.draw(st.sampled_from(list(places(SPECS[other]))))
        pointer, _ = data.draw(st.sampled_from(list(places(spec))))
        spec = replaced(spec, pointer, copy.deepcopy(part))
        pointer, _ = data.draw(st.sampled_from(list(places(spec))))
        inner: Any = spec
        for step in pointer[:-1]:
            inner = inner[step]
        del inner[pointer[-1]]
        judged(outcome(spec, name, tmp_path / "specs"), importer)

    check()
    assert importer.problems() == []


def test_damaged_documents(tmp_path: Path) -> None:
    """YAML text with characters cut, doubled and put in."""
    importer = Importer(tmp_path / "packages")

    @COMPILING
    @given(st.data(), NAMES, st.integers(1, 4))
    def check(data: st.DataObject, name: str, count: int) -> None:
        text = yaml.safe_dump(SPECS[name], sort_keys=False)
        for _ in range(count):
            start = data.draw(st.integers(0, len(text)))
            end = data.draw(st.integers(start, min(len(text), start + 12)))
            piece = data.draw(st.one_of(TEXT, st.just(text[start:end] * 2)))
            text = text[:start] + piece + text[end:]
        judged(outcome_of_text(text, name, tmp_path / "specs" / "spec.yaml"), importer)

    check()
    assert importer.problems() == []


def test_bytes(tmp_path: Path) -> None:
    @COMPILING
    @given(st.binary(max_size=200))
    def check(content: bytes) -> None:
        found = outcome_of_text(content, "bytes", tmp_path / "spec.yaml")
        assert found.package is None
        assert not found.problems

    check()
