"""Reading and writing untyped JSON."""

from __future__ import annotations

import pytest
from _runtime.errors import SettingError
from _runtime.expression_contains import contains
from _runtime.expression_length import length
from _runtime.paths import segment
from _runtime.values import JSON, Selector, get, select, text
from _runtime.wildcards import select_all


@pytest.mark.parametrize(
    ("value", "keys", "expected"),
    [
        ({"a": {"b": 1}}, ("a", "b"), 1),
        ({"a": None}, ("a",), None),
        ({"a": None}, ("a", "b"), "default"),
        ({"a": 1}, ("a", "b"), "default"),
        ({}, ("a",), "default"),
        ([1, 2], (1,), 2),
        ([1, 2], (-1,), 2),
        ([1, 2], (2,), "default"),
        ([1, 2], ("1",), "default"),
        ({"0": 1}, (0,), "default"),
        ("text", (0,), "default"),
        (7, (), 7),
    ],
)
def test_get(value: JSON, keys: tuple[str | int, ...], expected: JSON) -> None:
    assert get(value, *keys, default="default") == expected


def test_contains_is_false_where_python_would_raise() -> None:
    assert contains({"cursor": 1}, "cursor")
    assert not contains({"cursor": 1}, ["cursor"])
    assert contains("cursor", "curs")
    assert not contains("cursor", 1)
    assert contains([1, "a"], "a")
    assert not contains(None, "a")
    assert not contains(5, 5)


def test_length() -> None:
    values: list[JSON] = [[1], {"a": 1, "b": 2}, "abc", None, 9, True]
    assert [length(value) for value in values] == [1, 2, 3, 0, 0, 0]


def test_text_is_json_except_for_text() -> None:
    values: list[JSON] = ["a b", True, False, 5, 1.5, [1, {"a": True}]]
    shown = ["a b", "true", "false", "5", "1.5", '[1,{"a":true}]']
    assert [text(value) for value in values] == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a/b", "a%2Fb"),
        ("x?admin=1", "x%3Fadmin%3D1"),
        ("../secrets", "..%2Fsecrets"),
        ("c#d", "c%23d"),
        (7, "7"),
        (0, "0"),
        (False, "false"),
        ("é", "%C3%A9"),
    ],
)
def test_path_values_are_escaped(value: JSON, shown: str) -> None:
    assert segment(value, "id") == shown


@pytest.mark.parametrize("value", [None, "", ".", "..", ["a"], {"a": 1}])
def test_path_values_without_a_safe_form_are_refused(value: JSON) -> None:
    with pytest.raises(SettingError, match="{id}"):
        segment(value, "id")


@pytest.mark.parametrize(
    ("body", "selector", "records"),
    [
        ([{"a": 1}], (), [{"a": 1}]),
        ({"a": 1}, (), [{"a": 1}]),
        (None, (), []),
        (3, (), [3]),
        ({"data": [1, "a"]}, ("data",), [{"value": 1}, {"value": "a"}]),
        ({"data": {"id": 1}}, ("data",), [{"id": 1}]),
        ({"data": None}, ("data",), []),
        ({"data": 0}, ("data",), [0]),
        ({"data": []}, ("data",), []),
        ({}, ("data",), None),
        ([], ("data",), None),
        ({"data": None}, ("data", "items"), None),
        (
            {"data": [{"items": [1]}, {"items": [2, 3]}]},
            ("data", 1, "items"),
            [{"value": 2}, {"value": 3}],
        ),
        ({"data": [{"items": [1]}]}, ("data", 5, "items"), None),
        (
            {"data": [{"items": [1]}, {"items": [{"a": 2}]}]},
            ("data", "*", "items"),
            [{"value": 1}, {"a": 2}],
        ),
        ({"data": [{"items": [[1], None]}, {}]}, ("data", "*", "items"), [[1], None]),
        ({"data": [{"itms": [1]}]}, ("data", "*", "items"), None),
        ({"data": []}, ("data", "*", "items"), []),
        ({"data": None}, ("data", "*", "items"), []),
        ({"data": 5}, ("data", "*"), None),
        (
            {"days": {"mon": [1], "tue": {"x": 2}}},
            ("days", "*"),
            [{"value": 1}, {"x": 2}],
        ),
        ({"days": {"mon": None}}, ("days", "*"), []),
        ({"@odata.value": [{"a": 1}]}, ("@odata.value",), [{"a": 1}]),
        (
            {"data": [{"id": 1}, {"id": False}]},
            ("data", "*", "id"),
            [{"value": 1}, {"value": False}],
        ),
    ],
)
def test_select(body: JSON, selector: Selector, records: list[JSON] | None) -> None:
    find = select_all if "*" in selector else select
    assert find(body, selector) == records
