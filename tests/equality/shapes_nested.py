"""Shapes of records with objects and lists inside."""

from __future__ import annotations

from typing import Any

from tests.equality.shape import (
    DAY,
    INTEGER,
    MOMENT,
    NUMBER,
    TEXT,
    Shape,
    fields,
    listed,
    one_page,
    or_null,
    things,
)

_ADDRESS = fields(city=or_null(TEXT), place=fields(lat=NUMBER, zone=fields(n=INTEGER)))

OBJECTS = [
    Shape(
        "deep",
        one_page(
            [
                {
                    "id": 1,
                    "home": {"city": "A", "place": {"lat": 1.5, "zone": {"n": 1}}},
                },
                {"id": 2, "home": {"city": None, "place": {"lat": 2, "zone": {}}}},
            ],
            [
                {
                    "id": 1,
                    "home": {"city": "B", "place": {"zone": {"n": 9, "new": "x"}}},
                },
                {"id": 3, "home": {"place": {"lat": -0.0, "more": {"deeper": True}}}},
            ],
        ),
        things(home=_ADDRESS),
    ),
    Shape(
        "optional_objects",
        (
            [
                [{"id": 1, "home": None}, {"id": 2}, {"id": 3, "home": {}}],
                [{"id": 4, "home": {"city": "A"}}, {"id": 5, "home": {"place": None}}],
            ],
            [[{"id": 1, "home": {"city": "C"}}, {"id": 4, "home": None}, {"id": 2}]],
        ),
        things(home={"anyOf": [_ADDRESS, {"type": "null"}]}),
    ),
    Shape(
        "never_objects",
        one_page([{"id": 1, "home": None}, {"id": 2}], [{"id": 3, "home": {}}]),
        things(home={"anyOf": [_ADDRESS, {"type": "null"}]}),
    ),
    Shape(
        "free_objects",
        one_page(
            [
                {
                    "id": 1,
                    "labels": {"a": 1, "b": 2},
                    "any": {"x": [1], "y": {"z": "t"}},
                },
                {"id": 2, "labels": {}, "any": {}},
                {"id": 3, "labels": {"c": 3}},
            ],
            [{"id": 1, "labels": {"d": 4}, "any": {"x": {"w": 1}}}, {"id": 2}],
        ),
        things(
            labels={"type": "object", "additionalProperties": INTEGER},
            any={"type": "object", "additionalProperties": True},
        ),
    ),
    Shape(
        "open_objects",
        one_page(
            [
                {"id": 1, "name": "a", "home": {"city": "A", "lat": 1.5}},
                {"id": 2, "home": {"city": "B", "lat": 2.5}, "tags": ["x", "y"]},
            ],
            [{"id": 2, "home": None, "tags": []}, {"id": 3, "lines": [{"n": 1}]}],
        ),
    ),
    Shape(
        "undeclared",
        one_page(
            [
                {"id": 1, "name": "a", "home": {"city": "A"}, "tags": [1], "n": 1},
                {"id": 2, "name": "b"},
            ],
            [{"id": 3, "name": "c", "home": {"zip": 1}, "lines": [{"n": 1, "m": [2]}]}],
        ),
        things(name=TEXT),
    ),
    Shape(
        "unions",
        one_page(
            [{"id": 1, "owner": {"name": "a", "n": 1}}, {"id": 2, "owner": "b"}],
            [{"id": 1, "owner": "c"}, {"id": 3, "owner": {"name": "d"}}, {"id": 4}],
        ),
        things(owner={"anyOf": [fields("name", name=TEXT, n=INTEGER), TEXT]}),
    ),
    Shape(
        "unions_of_plain",
        one_page(
            [{"id": 1, "value": 1}, {"id": 2, "value": "x"}, {"id": 3, "value": None}],
            [{"id": 4, "value": "y"}, {"id": 5, "value": 2}],
        ),
        things(value={"type": ["integer", "string", "null"]}),
        dicts="a value of another type than the first",
    ),
    Shape(
        "lists_or_one",
        one_page(
            [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": "c"}],
            [{"id": 1, "tags": "d"}, {"id": 2, "tags": []}],
        ),
        things(tags={"anyOf": [listed(TEXT), TEXT]}),
    ),
    Shape(
        "trees",
        one_page(
            [
                {"id": 1, "root": {"n": 1, "below": [{"n": 2, "below": [{"n": 3}]}]}},
                {"id": 2, "root": {"n": 4, "below": []}},
            ],
            [
                {"id": 1, "root": {"n": 1, "below": [{"n": 5}]}},
                {"id": 3, "root": {"n": 1, "below": [{"below": [{"below": [{}]}]}]}},
            ],
        ),
        {
            **things(root={"$ref": "#/$defs/node"}),
            "$defs": {
                "node": fields(n=INTEGER, below=listed({"$ref": "#/$defs/node"}))
            },
        },
    ),
]
"""Objects in records: declared, free, missing, or something else at times."""

_LINE = fields("sku", sku=TEXT, count=INTEGER, notes=listed(TEXT), at=MOMENT)

LISTS = [
    Shape(
        "scalars",
        one_page(
            [
                {"id": 1, "tags": ["a", "b", "a"], "counts": [1, 2], "rates": [1, 2.5]},
                {"id": 2, "tags": [], "counts": [None, 3, None]},
                {"id": 3, "tags": None, "days": ["2024-01-31"]},
                {"id": 4},
            ],
            [
                {"id": 1, "tags": ["b"], "counts": []},
                {"id": 2, "tags": ["c"]},
                {"id": 3},
                {"id": 5, "moments": ["2024-01-31T10:00:00+02:00"]},
            ],
            [{"id": 1, "tags": []}, {"id": 5, "tags": None}],
        ),
        things(
            tags={"anyOf": [listed(TEXT), {"type": "null"}]},
            counts=listed(or_null(INTEGER)),
            rates=listed(NUMBER),
            days=listed(DAY),
            moments=listed(MOMENT),
        ),
    ),
    Shape(
        "lines",
        (
            [
                [{"id": 1, "lines": [{"sku": "a", "count": 1}, {"sku": "b"}]}],
                [{"id": 2, "lines": [{"sku": "c", "notes": ["x", "y"]}]}, {"id": 3}],
                [{"id": 4, "lines": []}],
            ],
            [
                [
                    {"id": 1, "lines": [{"sku": "b", "new": {"x": 1}}]},
                    {"id": 2, "lines": []},
                ]
            ],
            [[{"id": 1, "lines": []}, {"id": 4, "lines": [{"sku": "z", "notes": []}]}]],
        ),
        things(lines=listed(_LINE)),
    ),
    Shape(
        "emptied",
        one_page(
            [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": ["c"]}],
            [],
            [{"id": 3, "tags": ["d"]}],
        ),
        things(tags=listed(TEXT), lines=listed(_LINE)),
    ),
    Shape(
        "empty_lists",
        one_page(
            [{"id": 1, "tags": [], "lines": []}, {"id": 2, "tags": []}],
            [{"id": 3, "tags": [], "lines": [{"sku": "a"}]}],
            [{"id": 3, "tags": ["late"], "lines": []}],
        ),
        things(tags=listed(TEXT), lines=listed(_LINE)),
    ),
    Shape(
        "empty_lists_and_odd_ones",
        one_page([{"id": 1, "tags": [], "bag": [1, "a"]}]),
        dicts="values of several types in a list",
    ),
    Shape(
        "grids",
        one_page(
            [{"id": 1, "grid": [[1, 2], [], [3]]}, {"id": 2, "grid": []}],
            [{"id": 1, "grid": [[4]]}, {"id": 3, "grid": [[]]}],
        ),
        things(grid=listed(listed(INTEGER))),
    ),
    Shape(
        "cubes",
        one_page(
            [{"id": 1, "cube": [[[1], [2, 3]], []]}, {"id": 2, "cube": [[], [[]]]}],
            [{"id": 1, "cube": [[[9]]]}],
        ),
        things(cube=listed(listed(listed(INTEGER)))),
    ),
    Shape(
        "lists_below",
        one_page(
            [
                {
                    "id": 1,
                    "order": {"lines": [{"sku": "a", "notes": ["x"], "at": None}]},
                },
                {"id": 2, "order": {"lines": [{"sku": "b", "parts": [{"n": 1}]}]}},
                {"id": 3, "order": {"lines": []}},
                {"id": 4, "order": {}},
            ],
            [{"id": 1, "order": {"lines": []}}, {"id": 2}],
        ),
        things(
            order=fields(
                lines=listed(
                    fields(
                        sku=TEXT,
                        notes=listed(TEXT),
                        at=or_null(MOMENT),
                        parts=listed(fields(n=INTEGER)),
                    )
                )
            )
        ),
    ),
    Shape(
        "open_lists",
        one_page(
            [{"id": 1, "bag": [1, "a", None, {"x": 1}, [2], True, 1.5]}],
            [{"id": 1, "bag": ["b", {"x": "y", "z": [1]}]}, {"id": 2, "bag": [[[1]]]}],
        ),
        dicts="values of several types in a list",
    ),
    Shape(
        "nulls_in_lists",
        one_page(
            [
                {"id": 1, "lines": [None, {"sku": "a"}, None]},
                {"id": 2, "lines": [None]},
            ],
            [{"id": 1, "lines": [None]}],
        ),
        things(lines=listed({"anyOf": [_LINE, {"type": "null"}]})),
    ),
    Shape(
        "mixed_lists",
        one_page(
            [{"id": 1, "items": [1, "a", {"n": 1}]}, {"id": 2, "items": [{"n": 2}]}],
            [{"id": 2, "items": ["b"]}],
        ),
        things(items=listed({"anyOf": [INTEGER, TEXT, fields(n=INTEGER)]})),
        dicts="values of several types in a list",
    ),
]
"""Lists in records, and in lists."""


def _many(first: int) -> list[dict[str, Any]]:
    return [
        {"id": first + n, "name": f"n{n}", "tags": [f"t{m}" for m in range(n % 4)]}
        for n in range(50)
    ]


PAGES = [
    Shape(
        "many_pages",
        ([_many(50 * n) for n in range(6)], [_many(100), _many(500)]),
        things(name=TEXT, tags=listed(TEXT)),
    ),
    Shape(
        "unequal_pages",
        (
            [_many(0)[:1], _many(100), _many(200)[:2], [], _many(300)],
            [_many(0)[:2], _many(400)],
        ),
        things(name=TEXT, tags=listed(TEXT)),
    ),
    Shape(
        "first_nothing",
        ([[]], [[{"id": 1, "name": "a", "tags": ["x"]}]], [[]]),
        things(name=TEXT, tags=listed(TEXT)),
    ),
    Shape(
        "always_nothing",
        ([[]], [[]]),
        things(name=TEXT),
        dicts="no rows",
    ),
    Shape(
        "some_rejected",
        (
            [[{"id": n, "name": None if n == 3 else "a"} for n in range(30)]],
            [[{"id": "x", "name": "a"}, {"id": 2, "name": "b"}]],
        ),
        things(name=TEXT),
    ),
    Shape(
        "late_columns",
        (
            [
                [{"id": n} for n in range(20)],
                [{"id": 20 + n, "late": n, "later": {"x": n}} for n in range(20)],
                [{"id": 40 + n, "latest": [n]} for n in range(20)],
            ],
            [[{"id": 1, "last": "x"}]],
        ),
        things(name=TEXT),
    ),
]
"""Batches of different sizes, and none."""
