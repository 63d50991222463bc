"""Shapes of records by the values in them."""

from __future__ import annotations

from tests.equality.shape import (
    DAY,
    FLAG,
    INTEGER,
    MOMENT,
    NUMBER,
    TEXT,
    Shape,
    listed,
    one_page,
    or_null,
    things,
)

OPEN = [
    Shape(
        "changing",
        (
            [
                [{"id": 1, "a": 1, "b": 1.5, "c": True, "d": "x", "e": 1}],
                [{"id": 2, "a": "text", "b": "y", "c": 2, "d": 7, "e": 2.5}],
            ],
            [[{"id": 3, "a": "more", "b": None, "c": "z", "d": False, "e": {"x": 1}}]],
            [[{"id": 4, "a": 5, "b": 2, "c": False, "d": "w", "e": [1]}]],
        ),
        things(name=TEXT),
    ),
    Shape(
        "changing_at_once",
        one_page(
            [
                {"id": 1, "a": 1, "b": "1", "c": 1.0},
                {"id": 2, "a": "x", "b": 2, "c": "2"},
                {"id": 3, "a": 2.5, "b": True, "c": None},
            ],
            [{"id": 4, "a": {"deep": 1}, "b": ["x"], "c": 3}],
        ),
    ),
    Shape(
        "texts_like_moments",
        one_page(
            [
                {"id": 1, "a": "2024-01-31T10:00:00Z", "b": "2024-01-31", "c": "10:00"},
                {
                    "id": 2,
                    "a": "2024-01-31T10:00:00+02:00",
                    "d": "2024-13-41T99:00:00Z",
                },
                {
                    "id": 3,
                    "a": "2024-01-31T10:00:00.123456Z",
                    "e": "20240131",
                    "f": "2024",
                },
                {"id": 4, "a": "no moment at all", "g": "2024-01-31 10:00:00"},
            ],
            [{"id": 5, "a": "2024-02-01T00:00:00Z", "b": "today", "g": "x"}],
        ),
        dicts="texts in a column of moments",
    ),
    Shape(
        "moments_then_text",
        (
            [[{"id": 1, "at": "2024-01-31T10:00:00Z"}], [{"id": 2, "at": "soon"}]],
            [[{"id": 3, "at": "2024-02-01T10:00:00Z"}, {"id": 4, "at": 5}]],
        ),
        things(name=TEXT),
    ),
    Shape(
        "all_null",
        one_page(
            [{"id": 1, "name": None, "note": None}, {"id": 2, "name": None}],
            [{"id": 3, "name": None, "note": None, "other": None}],
            [{"id": 4, "name": "a", "note": 5}],
        ),
        things(name=or_null(TEXT), count=or_null(INTEGER)),
    ),
    Shape(
        "large_numbers",
        one_page(
            [
                {"id": 1, "a": 2**53 + 1, "b": 2**63 - 1, "c": -(2**63)},
                {"id": 2, "a": -(2**53) - 1, "d": 1.7976931348623157e308, "e": 5e-324},
            ],
            [{"id": 3, "a": 10**18}],
        ),
    ),
    Shape(
        "beyond_64_bits",
        one_page([{"id": 1, "a": 1, "b": 2**64}, {"id": 2, "a": 1, "b": 2**62}]),
    ),
    Shape(
        "whole_floats",
        one_page(
            [{"id": 1, "a": 1.0, "b": 1, "c": 1e3}, {"id": 2, "a": 2, "b": 2.0}],
            [{"id": 3, "a": 1, "b": 0.1, "c": -0.0}],
        ),
        things(a=NUMBER, b=NUMBER),
    ),
    Shape(
        "whole_floats_undeclared",
        one_page(
            [{"id": 1, "a": 1.0, "b": 1}, {"id": 2, "a": 2, "b": 2.0}],
            [{"id": 3, "a": 1, "b": 0.1}],
        ),
        dicts="a float in a column of integers",
    ),
    Shape(
        "no_numbers",
        (['[{"id":1,"a":NaN},{"id":2,"a":1.5,"b":NaN},{"id":3,"b":-Infinity}]'],),
        things(a=NUMBER),
        dicts="what is no number",
    ),
    Shape(
        "no_text_of_c",
        one_page([{"id": 1, "name": "a\0b"}, {"id": 2, "name": "c"}]),
        things(name=TEXT),
    ),
    Shape(
        "unicode",
        one_page(
            [
                {"id": 1, "name": "Zoë 测试 🚲 \u200f\u202e", "Größe": "naïve"},
                {"id": 2, "name": "", "Größe": " \t\n\r\"'\\ "},
                {"id": 3, "name": "e\u0301 \ufeff\x7f\x01", "日本": 1},
            ],
            [{"id": 1, "name": "🚲" * 2000}],
        ),
        things(name=TEXT),
    ),
]
"""Values of fields that mostly are not declared."""
_AMOUNT = {"type": "string", "format": "decimal"}

TYPED = [
    Shape(
        "decimals",
        one_page(
            [
                {
                    "id": 1,
                    "a": "12345678901234567890.1234567891",
                    "b": "0.10",
                    "c": 1.5,
                },
                {"id": 2, "a": "-0.0000000001", "b": "7", "c": 2},
            ],
            [{"id": 3, "a": "1E+5", "b": None, "c": 0.1}],
        ),
        things(a=_AMOUNT, b=or_null(_AMOUNT), c=NUMBER),
        {
            "columns": {
                "a": {"data_type": "decimal", "precision": 30, "scale": 10},
                "b": {"data_type": "decimal"},
                "c": {"data_type": "decimal", "precision": 10, "scale": 2},
            }
        },
        dicts="text in a column of decimals",
    ),
    Shape(
        "decimals_by_schema",
        one_page([{"id": 1, "a": "1.50", "b": 1.5}], [{"id": 2, "a": "2", "b": 2}]),
        things(a=_AMOUNT, b={"type": "number", "format": "decimal"}),
    ),
    Shape(
        "moments",
        one_page(
            [
                {"id": 1, "at": "2024-01-31T10:00:00", "maybe": None},
                {"id": 2, "at": "2024-01-31T10:00:00+05:30", "maybe": "2024-01-31"},
                {"id": 3, "at": "2024-01-31T10:00:00.123456Z"},
                {"id": 4, "at": "1969-12-31T23:59:59.9Z", "maybe": 0},
            ],
            [{"id": 5, "at": "0001-01-01T00:00:00Z"}, {"id": 6, "at": 1700000000}],
        ),
        things(at=MOMENT, maybe=or_null(MOMENT)),
    ),
    Shape(
        "formats",
        one_page(
            [
                {
                    "id": 1,
                    "day": "2024-02-29",
                    "time": "10:00:00",
                    "uuid": "123e4567-e89b-12d3-a456-426614174000",
                    "bytes": "AAEC/w==",
                    "raw": "x",
                    "mail": "a@example.com",
                    "link": "https://example.com/a?b=c",
                    "span": "P1DT2H",
                    "address": "127.0.0.1",
                },
                {"id": 2, "day": "1969-12-31", "time": "10:00:00.5+02:00"},
            ],
            [{"id": 3, "uuid": "123E4567-E89B-12D3-A456-426614174000"}],
        ),
        things(
            day=DAY,
            time={"type": "string", "format": "time"},
            uuid={"type": "string", "format": "uuid"},
            bytes={"type": "string", "format": "byte"},
            raw={"type": "string", "format": "binary"},
            mail={"type": "string", "format": "email"},
            link={"type": "string", "format": "uri"},
            span={"type": "string", "format": "duration"},
            address={"type": "string", "format": "ipv4"},
        ),
    ),
    Shape(
        "enums",
        one_page(
            [
                {"id": 1, "state": "open", "level": 1, "kind": "thing", "mixed": "a"},
                {"id": 2, "state": None, "level": 2, "mixed": 1},
            ],
            [{"id": 3, "state": "closed", "mixed": None}],
        ),
        things(
            state={"type": ["string", "null"], "enum": ["open", "closed", None]},
            level={"type": "integer", "enum": [1, 2]},
            kind={"const": "thing"},
            mixed={"enum": ["a", 1, None]},
        ),
    ),
    Shape(
        "hinted",
        one_page(
            [
                {"id": 1, "a": 5, "b": 1700000000, "c": [1, {"x": 2}], "d": {"x": 1}},
                {
                    "id": 2,
                    "a": "x",
                    "b": None,
                    "c": [],
                    "e": "5",
                    "f": True,
                    "g": "YQ==",
                },
            ],
            [{"id": 3, "a": 1.5, "c": [[1]], "d": {}, "e": 6, "f": 0}],
        ),
        None,
        {
            "columns": {
                "a": {"data_type": "text"},
                "b": {"data_type": "timestamp"},
                "c": {"data_type": "json"},
                "d": {"data_type": "json"},
                "e": {"data_type": "bigint"},
                "f": {"data_type": "bool", "nullable": True},
                "g": {"data_type": "binary"},
                "id": {"nullable": False, "description": "The key"},
                "unseen": {"data_type": "double"},
            }
        },
        dicts="values of other types than the hints",
    ),
    Shape(
        "hinted_against_schema",
        one_page(
            [{"id": 1, "n": 5, "at": "2024-01-31T10:00:00Z", "flag": True, "t": "5"}],
            [{"id": 2, "n": 6, "at": "2024-02-01T10:00:00+02:00"}],
        ),
        things(n=INTEGER, at=MOMENT, flag=FLAG, t=TEXT),
        {
            "columns": {
                "n": {"data_type": "text"},
                "at": {"data_type": "text"},
                "flag": {"data_type": "bigint"},
                "t": {"data_type": "bigint"},
            }
        },
        dicts="values of other types than the hints",
    ),
    Shape(
        "precise_moments",
        one_page(
            [
                {
                    "id": 1,
                    "a": "2024-01-31T10:00:00.123456Z",
                    "b": "2024-01-31T10:00:00Z",
                }
            ],
            [{"id": 2, "a": "2024-01-31T10:00:00", "b": "2024-01-31T10:00:00+02:00"}],
        ),
        things(a=MOMENT, b=MOMENT),
        {
            "columns": {
                "a": {"data_type": "timestamp", "precision": 3},
                "b": {"data_type": "timestamp", "timezone": False},
            }
        },
        dicts="moments with a precision",
    ),
    Shape(
        "moments_below",
        one_page(
            [{"id": 1, "all": ["2024-01-31T10:00:00", "2024-01-31T10:00:00+02:00"]}],
            [{"id": 2, "all": ["2024-01-31T10:00:00.1Z"], "one": {"at": "2024-01-31"}}],
        ),
        things(
            all=listed(MOMENT), one={"type": "object", "properties": {"at": MOMENT}}
        ),
    ),
]
"""Values of fields that have a type."""
