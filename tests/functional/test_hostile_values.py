"""Expressions over values that no API should send: a rejected record or a named error, never a crash."""

from __future__ import annotations

import json
import math
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.expressions.calls import CALLS
from tests.support import imported

VALUE = "VALUE"
OVER: tuple[str, ...] = (
    "VALUE + 1",
    "VALUE - 0.5",
    "VALUE * VALUE",
    "VALUE * VALUE / 3",
    "VALUE * 0.5",
    "-VALUE",
    "7 / VALUE",
    "7 // VALUE",
    "7 % VALUE",
    "VALUE // 2",
    "VALUE % 7",
    "VALUE < 3",
    "VALUE >= 'b' if VALUE == 'a' else none",
    "VALUE == 3",
    "VALUE == '3'",
    "VALUE ~ 'x'",
    "'a' in VALUE",
    "VALUE in [1, 'a']",
    "VALUE is none",
    "not VALUE",
    "VALUE or 'x'",
    "VALUE.get('a', 1).b",
    "VALUE[0]",
    "VALUE[:10]",
    "VALUE | abs",
    "abs(VALUE)",
    "VALUE | float",
    "float(VALUE)",
    "length(VALUE)",
    "VALUE | format_datetime('%Y')",
    "VALUE | str_to_datetime",
    "VALUE | timestamp",
    "VALUE | float * 10",
    "VALUE | int",
    "int(VALUE) + 1",
    "VALUE | round",
    "VALUE | round(2)",
    "round(VALUE * VALUE)",
    "round(VALUE, -300)",
    "VALUE | length",
    "VALUE | count",
    "len(VALUE)",
    "VALUE | string",
    "str(VALUE)",
    "VALUE | lower",
    "VALUE.upper()",
    "VALUE | trim",
    "VALUE | replace('a', VALUE)",
    "VALUE | split(',')",
    "VALUE.split()",
    "VALUE.strip()",
    "VALUE.startswith('a')",
    "VALUE.endswith(VALUE)",
    "VALUE | join('-')",
    "','.join(VALUE)",
    "VALUE | first",
    "VALUE | last",
    "VALUE | base64encode",
    "VALUE | regex_search('([a-z]*)[0-9]+')",
    "VALUE | default('x')",
    "VALUE | hash('sha256')",
    "VALUE | map(attribute='a') | join(',')",
    "VALUE | string | length",
    "str_to_datetime(VALUE)",
    "str_to_datetime(VALUE, '%Y-%m-%d') - timedelta(days=1)",
    "format_datetime(VALUE, '%Y')",
    "format_datetime(VALUE, '%s', '%d/%m/%Y')",
    "str_to_datetime(VALUE).strftime('%Y-%m')",
    "str_to_datetime(VALUE).isoformat()",
    "timestamp(VALUE)",
    "str_to_datetime(VALUE).timestamp() * 1000",
    "now_utc() + timedelta(days=VALUE)",
    "str_to_datetime(VALUE) + timedelta(hours=VALUE, seconds=1)",
    "today_utc() - timedelta(weeks=VALUE)",
    "day_delta(VALUE)",
    "day_delta(VALUE, '%Y')",
    "now_utc() - duration('P900000D')",
)
"""Every function, filter, method and operator, each over hostile values."""

HOSTILE: list[Any] = [
    *(None, True, False, 0, -0.0, 1, -1, 2**63, 10**400, -(10**299), 1e308, 5e-324),
    *(math.inf, -math.inf, math.nan),
    *("", " ", "a", "3", "nan", "inf", "-Infinity", "1e999", "1" * 400, "1_0", "٣"),
    *("\ud800", "a\x00b", "é" * 100, "a" * 20_000, "99999-12-31", "0001-01-01"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "2026-02-30"),
    *([], [None], ["a", 1], [[]], {}, {"a": 1}, {"a": {"b": math.inf}}),
]
VALUES = st.one_of(
    st.sampled_from(HOSTILE),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=5),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
)


def test_every_call_is_among_the_expressions() -> None:
    text = " ".join(OVER)
    for kind, names in CALLS.items():
        for name in names:
            shown = {"functions": f"{name}(", "filters": f"| {name}"}
            if kind != "methods":
                assert shown[kind] in text or f"{name}(" in text, name
            elif name != "regex_search":
                assert f".{name}(" in text or f"| {name}" in text, name


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("hostile_values")
    paged = [text for text in OVER if _gives_a_cursor(text)]
    spec: dict[str, Any] = {
        "connector": "values",
        "silence": ["no-schema", "no-primary-key", "no-paginator", "duplicate-path"],
        "client": {"base_url": "https://api.example.com", "auth": "none"},
        "resources": [
            {
                "name": f"r{index}",
                "add": {"made": "{{ " + text.replace(VALUE, "record.x") + " }}"},
                "endpoint": {"path": "/", "data_selector": "data"},
            }
            for index, text in enumerate(OVER)
        ],
    }
    for index, text in enumerate(paged):
        spec["resources"].append(
            {
                "name": f"c{index}",
                "endpoint": {
                    "path": "/",
                    "data_selector": "data",
                    "paginator": {
                        "type": "cursor",
                        "cursor_param": "c",
                        "cursor_value": text.replace(VALUE, "response.x"),
                    },
                    "error_handler": {
                        "rules": [
                            {
                                "when": text.replace(VALUE, "response.x"),
                                "action": "retry",
                            }
                        ]
                    },
                },
            }
        )
    path = folder / "values.yaml"
    path.write_text(json.dumps(spec))
    return imported(path, folder)


def _gives_a_cursor(text: str) -> bool:
    from generator.expressions import compile_condition
    from generator.expressions.text import ExpressionError

    try:
        found = compile_condition(text.replace(VALUE, "response.x"))
    except ExpressionError:
        return False
    return bool(found.places) and not found.is_flag


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_over_records(package: ModuleType, value: Any) -> None:
    shaping = import_module(f"{package.__name__}.shaping")
    checking = import_module(f"{package.__name__}._runtime.checking")
    for index in range(len(OVER)):
        rejected: list[Exception] = []
        shape = getattr(shaping, f"shape_r{index}")
        made = list(
            checking.shaped_by(
                shape,
                [(0, {"x": value})],
                lambda _, error, rejected=rejected: rejected.append(error),
                Counter(),
            )
        )
        assert len(made) + len(rejected) == 1, OVER[index]
        assert all(str(error) for error in rejected)


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_over_answers(package: ModuleType, value: Any) -> None:
    base = f"{package.__name__}._runtime"
    request = import_module(f"{base}.request")
    sending = import_module(f"{base}.sending")
    errors = import_module(f"{base}.errors")
    sends = import_module(f"{base}.http")
    http = sends.Http(base_url="http://x", user_agent="x")
    paginators = import_module(f"{package.__name__}.paginators")
    response = request.Response(200, {}, b"", "http://x")
    vars(response)["json"] = {"x": value, "data": []}
    asked = request.Request("GET", "/")
    place = sends.Place(http, asked, "things")
    for name in paginators.__all__:
        paginator = getattr(paginators, name)()
        try:
            with sending.named(place):
                paginator.following(asked, response, [{}])
        except errors.ConnectorError as error:
            assert str(error).startswith("things, GET http://x/")
