"""docs/spec.md tells of every key of the language, with examples that are valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml

from generator.expressions.text import parse
from generator.expressions import compile_condition, compile_value
from generator.spec import Spec, SpecModel
from generator.spec.examples import EXAMPLES, SECTIONS
from generator.spec.reference import example, example_value, reference
from generator.spec.reference_expressions import EXAMPLES as EXPRESSIONS
from generator.spec.reference_expressions import Example as Expression
from generator.spec.schema import descriptions
from generator.values import parts
from tests.support import ROOT


def _models(annotation: Any) -> Iterator[type[SpecModel]]:
    if isinstance(annotation, type) and issubclass(annotation, SpecModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _reachable() -> dict[type[SpecModel], None]:
    """Every model that a spec can hold, in the order in which they are met."""
    found: dict[type[SpecModel], None] = {Spec: None}
    waiting: list[type[SpecModel]] = [Spec]
    while waiting:
        for field in waiting.pop(0).model_fields.values():
            for model in _models(field.annotation):
                if model not in found:
                    found[model] = None
                    waiting.append(model)
    return found


def _keys() -> Iterator[tuple[type[SpecModel], str]]:
    for model in _reachable():
        for name in model.model_fields:
            if name != "type":
                yield model, name


def test_the_page_is_what_the_language_says() -> None:
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    assert page == reference(), "run `make docs`"


def test_every_model_has_a_section() -> None:
    told = {model for section in SECTIONS for model in section.models}
    assert set(_reachable()) - told == set()
    assert told - set(_reachable()) == set()


@pytest.mark.parametrize(
    ("model", "name"),
    [pytest.param(*each, id=f"{each[0].__name__}.{each[1]}") for each in _keys()],
)
def test_every_key_has_a_meaning_and_a_valid_example(
    model: type[SpecModel], name: str
) -> None:
    key = next(iter(descriptions(model).keys() & _spellings(model, name)), "")
    assert key, "no docstring below the field"
    entries = example_value(model, name)
    if model is Spec:
        entries = {
            **example_value(Spec, "client"),
            **example_value(Spec, "resources"),
            **entries,
        }
    assert model.model_validate(entries)
    lines = example(model, name)
    assert len(lines) == 2
    assert yaml.safe_load("\n".join(lines))


def _spellings(model: type[SpecModel], name: str) -> set[str]:
    from generator.spec import field_keys

    return set(field_keys(name, model.model_fields[name]))


@pytest.mark.parametrize("example", EXPRESSIONS, ids=lambda each: str(each.text))
def test_the_expressions_of_the_page_compile(example: Expression) -> None:
    match example.scope:
        case "answer":
            assert compile_condition(example.text).code
        case "request":
            assert parts(example.text)
        case "record":
            tree = parse(example.text)
            assert compile_value(tree, lambda part: ("x", "str"), records=True).code


def test_no_example_is_of_a_key_that_is_gone() -> None:
    known = {
        (base.__name__, name)
        for model in _reachable()
        for base in model.__mro__
        if issubclass(base, SpecModel)
        for name in base.model_fields
    }
    assert set(EXAMPLES) - known == set()
