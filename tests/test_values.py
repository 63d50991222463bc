"""Texts of requests: literal text, and the references in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.expressions.text import ExpressionError
from generator.values import (
    Bound,
    Computed,
    Config,
    Now,
    ParentField,
    Part,
    Placeholder,
    Secret,
    parts,
    references,
)

PARTS: list[tuple[str, list[Part]]] = [
    ("", []),
    ("plain text", ["plain text"]),
    ("50% {of} all", ["50% ", Placeholder("of"), " all"]),
    ("{a}{b}", [Placeholder("a"), Placeholder("b")]),
    ("{ spaced }", [Placeholder("spaced")]),
    ("{1} {} {a b}", ["{1} {} {a b}"]),
    ('dlt.secrets["key"]', [Secret("key")]),
    ("dlt.secrets['my key']", [Secret("my key")]),
    ("  dlt.secrets.key ", [Secret("key")]),
    ('dlt.secrets.get("key")', [Secret("key")]),
    ('dlt.config["region"]', [Config("region")]),
    ("dlt.config.region", [Config("region")]),
    ('dlt.config.get("region")', [Config("region")]),
    ('dlt.config.get("region", "eu")', [Config("region", "eu")]),
    ("dlt.config.get('rows', -50)", [Config("rows", -50)]),
    ("dlt.config.get('rows', None)", [Config("rows")]),
    ("{config.region}", [Config("region")]),
    ("{{ config.region }}/x", [Config("region"), "/x"]),
    ("{{ config['region'] }}", [Config("region")]),
    ('{{ config.get("region", "eu") }}', [Config("region", "eu")]),
    ("{{ dlt.config.region }}", [Config("region")]),
    ("key {{ dlt.secrets['key'] }}", ["key ", Secret("key")]),
    ("{{ secrets.key }}", [Secret("key")]),
    ("forms/{resources.forms.id}/x", ["forms/", ParentField("forms", "id"), "/x"]),
    ("{resources.forms.owner.id}", [ParentField("forms", "owner.id")]),
    ("{{ resources.forms['id'] }}", [ParentField("forms", "id")]),
    ("at>{incremental.start_value}", ["at>", Bound("start_value")]),
    ("{{ incremental.last_value }}", [Bound("last_value")]),
    ("{stream_partition.form_id}", [Placeholder("form_id")]),
    ("{{ stream_slice['form_id'] }}", [Placeholder("form_id")]),
    ("{{ form_id }}", [Placeholder("form_id")]),
    ("{{ '{' }}{{ 5 }}", ["{", "5"]),
    ("{{ now_utc() }}", [Now("%Y-%m-%dT%H:%M:%SZ")]),
    ("{{ today_utc() }}", [Now("%Y-%m-%d")]),
    ("{{ now_utc().strftime('%s') }}", [Now("epoch")]),
    ("f'{config.region}-x'", [Config("region"), "-x"]),
]

COMPUTED = [
    ("{{ secrets.a ~ ':' ~ secrets.b }}", [Secret("a"), Secret("b")]),
    ("{{ (config.u ~ ':' ~ secrets.b) | base64encode }}", [Config("u"), Secret("b")]),
    ("{{ config.get('size', 5) * 2 }}", [Config("size", 5)]),
    ("{{ 'a' if config.x == 'y' else b }}", [Config("x"), Placeholder("b")]),
    ("{{ resources.p.id | upper }}", [ParentField("p", "id")]),
    (
        "{{ a ~ incremental.start_value }}",
        [Placeholder("a"), Bound("start_value")],
    ),
    ("{{ day_delta(-30) }}", []),
]

REFUSED = [
    ("token dlt.secrets['key']", "alone; with text around it"),
    ("dlt.config.get('x', [1])", "a quoted text or a number"),
    ("dlt.config.get('x', " + "9" * 5000 + ")", "a quoted text or a number"),
    ("{% if x %}a{% endif %}", "statements are not supported"),
    ("{{ a", "not an expression"),
    ("{{ a | pop }}", "the filter `pop`"),
    ("{{ response.x }}", "in a request there are"),
    ("{{ secrets }}", "in a request there are"),
    ("{{ config.get(x) }}", "a quoted name and a constant default"),
    ("{{ record.x }}", "in a request there are"),
    ("{{ now_utc(1) }}", "takes 0 arguments"),
    ("{{ config.x | default([1]) }}", "text or a number"),
    ("{{ secrets.x | default('y') }}", "`default` follows config.x"),
    ("{{ config.x ** 2 }}", "Pow is not supported"),
    ("{{ now_utc() - 5 }}", "`time - duration`"),
    ("{{ duration('P1M') }}", "months and years have no fixed length"),
    ("{{ duration('P1D') }}", "is added to a time"),
    ("{{ now_utc().year }}", "a time has no"),
    ("{{ timedelta(years=1) }}", "`timedelta` has no `years`"),
    ("{{ config.x | round(config.y) }}", "a whole number of digits"),
    ("{{ format_datetime(config.x, config.y) }}", "the format of a date"),
]


@pytest.mark.parametrize(("text", "expected"), PARTS, ids=lambda value: str(value)[:40])
def test_parts(text: str, expected: list[Part]) -> None:
    found = list(parts(text))
    assert found == expected
    # Named tuples of different classes are equal.
    assert [type(each) for each in found] == [type(each) for each in expected]


@pytest.mark.parametrize(("text", "read"), COMPUTED, ids=lambda value: str(value)[:40])
def test_expressions_over_references(text: str, read: list[Part]) -> None:
    (part,) = parts(text)
    assert isinstance(part, Computed)
    assert sorted(map(repr, references([part]))) == sorted(map(repr, read))


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=lambda value: value[:30])
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parts(text)
    assert message in str(caught.value)


@given(st.text(st.characters(exclude_characters="{}f")))
def test_text_without_references_stays_as_it_is(text: str) -> None:
    if "dlt." not in text:
        assert "".join(map(str, parts(text))) == text


TOKENS = st.lists(
    st.sampled_from(
        "{ } {{ }} {% %} dlt. secrets config ['x'] .get( 'a' , 1 ) f' ' now_utc() .strftime( "
        'resources.a.b incremental.start_value stream_slice \\ " | - ~'.split(" ")
    ),
    max_size=10,
).map("".join)


@given(st.text() | TOKENS)
def test_arbitrary_text_is_cut_or_refused(text: str) -> None:
    try:
        found = parts(text)
    except ExpressionError as error:
        assert str(error)
    else:
        assert all(found)
