"""Every payload in every place of every key: diagnostics with a place, or a harmless package."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generator.spec import Spec, SpecModel

from .effort import LONG
from .judge import Importer, Pointer, outcome, places, renamed, replaced
from .maximal import SPECS
from .payloads import PAYLOADS, VALUES

pytestmark = pytest.mark.hostile

PER_PLACE = 10 if LONG else 1
"""Payloads for each text, key and value; all of them take some hours."""

Case = tuple[str, Callable[[], Any]]


def cases(name: str) -> Iterator[Case]:
    """The label of each case and what makes its spec."""
    spec = SPECS[name]
    for pointer, value in places(spec):
        place = f"{name}:{'/'.join(map(str, pointer))}"
        if isinstance(value, str):
            for word, text in chosen(PAYLOADS, place):
                yield f"{place} = {word}", written(spec, pointer, text)
        if isinstance(pointer[-1], str):
            for word, text in chosen(PAYLOADS, f"{place} (key)"):
                yield f"{place} called {word}", called(spec, pointer, text)
        for word, other in chosen(VALUES, f"{place} (value)"):
            yield f"{place} is {word}", written(spec, pointer, other)


def chosen(texts: dict[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    """Some of the texts, other ones at each place, the same ones in each run."""
    words = list(texts)
    start = zlib.crc32(place.encode())
    for number in range(min(PER_PLACE, len(words))):
        word = words[(start + number * 7) % len(words)]
        yield word, texts[word]


def written(spec: Any, pointer: Pointer, value: Any) -> Callable[[], Any]:
    return lambda: replaced(spec, pointer, value)


def called(spec: Any, pointer: Pointer, key: str) -> Callable[[], Any]:
    return lambda: renamed(spec, pointer, key)


@pytest.mark.parametrize("name", SPECS)
def test_nothing_gets_out_of_its_place(name: str, tmp_path: Path) -> None:
    problems: list[str] = []
    importer = Importer(tmp_path / "packages")
    known: set[int] = set()
    compiled = refused = 0
    for label, make in cases(name):
        found = outcome(make(), label, tmp_path / "specs")
        problems.extend(f"{label}: {each}" for each in found.problems)
        compiled += found.package is not None
        refused += found.package is None
        if found.package is None or found.problems:
            continue
        code = hash(
            tuple(t for p, t in found.package.files.items() if p.endswith(".py"))
        )
        if code not in known:
            known.add(code)
            importer.add(found.package, label)
    problems.extend(importer.problems())
    assert not problems, "\n".join(problems)
    assert compiled and refused


@pytest.mark.parametrize("name", SPECS)
def test_the_specs_compile_as_they_are(name: str, tmp_path: Path) -> None:
    found = outcome(SPECS[name], name, tmp_path)
    assert found.package is not None, found.errors
    assert not found.problems


def test_the_specs_use_every_key_of_the_language() -> None:
    used: set[tuple[str, str]] = set()
    models: set[type[SpecModel]] = set()

    def note(value: object) -> None:
        if isinstance(value, SpecModel):
            models.add(type(value))
            used.update(owned(type(value), each) for each in value.model_fields_set)
            for field in type(value).model_fields:
                note(getattr(value, field))
        elif isinstance(value, dict):
            for inner in value.values():
                note(inner)
        elif isinstance(value, list):
            for inner in value:
                note(inner)

    for spec in SPECS.values():
        note(Spec.model_validate(spec))
    known = {owned(model, name) for model in models for name in model.model_fields}
    assert sorted(known - used) == []


def owned(model: type[SpecModel], name: str) -> tuple[str, str]:
    """A key by the class that declares it: paginators have most of theirs in common."""
    owners = [
        each
        for each in model.__mro__
        if name in each.__dict__.get("__annotations__", {})
    ]
    return owners[-1].__name__, name
