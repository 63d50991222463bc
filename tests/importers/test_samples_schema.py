"""Schemas of recorded records: what is in them, and that every record fits."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator.importers.samples import record_schema
from generator.importers.samples.shape import formats_of
from tests.importers.recorded import drafted, saved
from tests.support import compiled

KEYS = st.sampled_from(["id", "name", "a b", "class", "é", "_x", "1st", "model_config"]) | st.text(max_size=6)  # fmt: skip
TEXTS = (
    st.text(max_size=12)
    | st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    | st.dates().map(str)
    | st.uuids().map(str)
    | st.sampled_from(["open", "closed", "", "https://a.example/x", "a@b.example"])
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=1, max_size=5)


def bare(schema: Any) -> Any:
    """The schema without the comments that it carries."""
    if isinstance(schema, dict):
        return {k: bare(v) for k, v in schema.items() if k not in ("x-why", "x-from")}
    return [bare(each) for each in schema] if isinstance(schema, list) else schema


@settings(deadline=None)
@given(RECORDS)
def test_every_record_fits_the_schema_that_was_made_of_it(records: list[Any]) -> None:
    schema = record_schema(records)
    Draft202012Validator.check_schema(bare(schema))
    validator = Draft202012Validator(schema)
    for record in records:
        validator.validate(record)


@settings(deadline=None)
@given(RECORDS, st.integers(30, 40))
def test_the_same_of_many_records(records: list[Any], times: int) -> None:
    """With many records fields are required and values enumerated: they fit all the same."""
    many = (records * times)[: max(times, 30)]
    validator = Draft202012Validator(record_schema(many))
    for record in records[: len(many)]:
        validator.validate(record)


@pytest.mark.slow
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(RECORDS)
def test_every_record_fits_the_compiled_model(records: list[Any]) -> None:
    records = held(records)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = saved(folder, "things.json", {"data": records, "has_more": False})
        draft = drafted(source, name="shop")
        from generator.importers.yamlout import to_yaml

        spec = folder / "shop.yaml"
        spec.write_text(to_yaml(draft.spec), encoding="utf-8")
        compiled(spec, folder / "made")
        models = _models(folder / "made")
        model = getattr(models, "Thing", None)
        assert model is not None or not any(records)
        for record in records if model is not None else []:
            kept = json.loads(json.dumps(record))
            model.model_validate(kept)


def held(value: Any) -> Any:
    """The value with numbers that a column holds, for all others are refused."""
    if isinstance(value, list):
        return [held(each) for each in value]
    if isinstance(value, dict):
        return {key: held(each) for key, each in value.items()}
    return value % 2**53 if type(value) is int else value


def _models(folder: Path) -> Any:
    for name in [each for each in sys.modules if each.split(".")[0] == "shop"]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module("shop.models")
    finally:
        sys.path.remove(str(folder))


def fields(*values: Any, count: int = 1) -> Any:
    """The schema of a field that has these values, one a record."""
    schema: Any = record_schema([{"f": value} for value in values] * count)
    return bare(schema["properties"]["f"])


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([1, 2], {"type": "integer"}),
        ([1, 2.5], {"type": "number"}),
        ([1.0], {"type": "number"}),
        ([1, None], {"type": ["integer", "null"]}),
        ([None], {}),
        ([2**70], {}),
        ([True, 1], {"type": ["integer", "boolean"]}),
        ([1, "a"], {"type": ["string", "integer"]}),
        (["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.123+02:00"], {"type": "string", "format": "date-time"}),
        (["2026-01-01T10:00:00Z", "soon"], {"type": "string"}),
        (["2026-01-01", "2026-01-02"], {"type": "string", "format": "date"}),
        (["2026-01-01", "2026-02-30"], {"type": "string"}),
        (["2026-01-01", "2026-01-01T10:00:00Z"], {"type": "string"}),
        (["2026-01-01", ""], {"type": "string"}),
        (["0b7b5a5e-8d1c-4e2a-9b0e-2f1d3c4b5a69"], {"type": "string", "format": "uuid"}),
        (["https://a.example/x?y=1"], {"type": "string", "format": "uri"}),
        (["ann@mail.example"], {"type": "string", "format": "email"}),
        ([[1], []], {"type": "array", "items": {"type": "integer"}}),
        ([[]], {"type": "array"}),
        ([[1, "a", None]], {"type": "array", "items": {"type": ["string", "integer", "null"]}}),
        ([{"a": 1}, {}], {"type": "object", "properties": {"a": {"type": "integer"}}}),
        ([{}, None], {"type": ["object", "null"]}),
        ([{"a": 1}, "x"], {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "integer"}}}]}),
        ([{"2026-01-01": 1}, {"2026-01-02": 2}], {"type": "object", "additionalProperties": {"type": "integer"}}),
        ([{"17": {"a": 1}, "18": {"a": None}}], {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}}),
    ],
)  # fmt: skip
def test_what_a_field_is(values: list[Any], schema: Any) -> None:
    assert fields(*values) == schema


@pytest.mark.parametrize(
    ("name", "values", "is_enum"),
    [
        ("status", ["open", "closed"] * 20, True),
        ("order_state", ["OPEN", "IN_PROGRESS", "DONE"] * 20, True),
        ("status", ["open"] * 40, False),  # one value says nothing
        ("status", ["open", "closed"] * 14, False),  # few records
        ("status", ["open"] * 39 + ["closed"], False),  # a rare value: there are more
        ("status", [f"s{n}" for n in range(40)], False),
        ("status", ["Waiting for Ann", "Waiting for Bob"] * 20, False),  # prose
        ("city", ["berlin", "paris"] * 20, False),  # a name that promises nothing
        ("currency", ["EUR", "USD"] * 40, False),
    ],
)
def test_an_enumeration_only_where_it_is_clear(
    name: str, values: list[str], is_enum: bool
) -> None:
    schema: Any = record_schema([{name: value} for value in values])
    field = schema["properties"][name]
    assert field.get("enum") == (sorted(set(values)) if is_enum else None)


def test_required_is_what_all_of_many_records_have() -> None:
    many = [{"a": n, "b": n, "c": None, **({"d": 1} if n else {})} for n in range(30)]
    schema: Any = record_schema(many)
    assert schema["required"] == ["a", "b"]
    assert "required" not in record_schema(many[:29])
    assert schema["properties"]["d"]["x-why"] == "in 29 of 30 records"
    assert schema["properties"]["c"]["x-why"] == "always null"


@pytest.mark.parametrize("text", ["2026-13-01", "0000-01-01", "2026-01-01T25:00:00Z"])
def test_a_date_that_is_none_is_text(text: str) -> None:
    assert formats_of(text) == frozenset()


def test_time_and_memory_are_bounded() -> None:
    deep: Any = {"a": 1}
    for _ in range(150):
        deep = {"a": deep, "b": [deep] if _ < 5 else []}
    wide = {f"field{n}": n for n in range(5_000)}
    keys = [{f"k{n}x{m}": m for m in range(100)} for n in range(300)]
    begin = time.process_time()
    for records in ([deep], [wide], [{"m": each} for each in keys]):
        schema = record_schema(records)
        assert Draft202012Validator(schema).is_valid(records[0])
        assert len(json.dumps(schema)) < 3_000_000
    assert time.process_time() - begin < 10
