"""Shapes that are about names, keys, cursors, parents and what a user adds to a resource."""

from __future__ import annotations

from typing import Any

from tests.equality.shape import (
    INTEGER,
    MOMENT,
    NUMBER,
    TEXT,
    Run,
    Shape,
    fields,
    listed,
    one_page,
    things,
)

_LONG = "a_very_long_name_" * 7

NAMES = [
    Shape(
        "odd_names",
        one_page(
            [
                {
                    "id": 1,
                    "camelCase": 1,
                    "with space": 2,
                    "2nd": 3,
                    "dash-ed": 4,
                    "dot.ted": 5,
                    "UPPER": 6,
                    "$dollar": 7,
                    "trailing_": 8,
                    "__under": 9,
                    "naïve": 10,
                    "select": 11,
                    "nested Object": {"inner Field": 1, "2": 2},
                    "some List": [{"inner Field": 1}],
                }
            ],
            [{"id": 2, "New Field": "x", "some List": [{"other-Field": [1]}]}],
        ),
        things(
            **{
                "camelCase": INTEGER,
                "with space": INTEGER,
                "2nd": INTEGER,
                "dash-ed": INTEGER,
                "dot.ted": INTEGER,
                "nested Object": fields(**{"inner Field": INTEGER}),
                "some List": listed(fields(**{"inner Field": INTEGER})),
            }
        ),
    ),
    Shape(
        "colliding_names",
        one_page(
            [{"id": 1, "someName": 1}, {"id": 2, "some_name": 2}],
            [{"id": 3, "some-name": 3, "someName": None}],
        ),
        things(someName=INTEGER),
    ),
    Shape(
        "colliding_at_once",
        one_page(
            [{"id": 1, "someName": 1, "some_name": "x"}, {"id": 2, "some_name": "y"}],
            [{"id": 3, "some_name": "z", "someName": 3}],
        ),
        dicts="two fields in one column",
    ),
    Shape(
        "colliding_paths",
        one_page(
            [{"id": 1, "a": {"b": 1}}, {"id": 2, "a__b": 2}, {"id": 3, "a": {"b": 4}}],
            [{"id": 4, "l": {"m": [1]}}, {"id": 5, "l__m": [2, 3]}],
        ),
        dicts="two fields in one column",
    ),
    Shape(
        "long_names",
        one_page(
            [{"id": 1, _LONG: 1, "x": {_LONG: {"y": 2}}, "z": [{_LONG: [3]}]}],
            [{"id": 2, _LONG + "x": 1}],
        ),
        things(**{_LONG: INTEGER}),
    ),
    Shape(
        "own_names",
        one_page(
            [{"id": 1, "value": 1, "list": [1], "values": [{"value": 2, "list": [3]}]}],
            [{"id": 2, "value": "x", "values": [{"value": [4]}, 5]}],
        ),
        things(value={"type": ["integer", "string"]}),
    ),
    Shape(
        "names_of_dlt",
        one_page(
            [
                {"id": 1, "_dlt_id": "mine1", "lines": [{"n": 1}]},
                {"id": 2, "_dlt_id": "mine2", "lines": []},
            ],
            [{"id": 2, "_dlt_id": "mine3", "lines": [{"n": 3}]}, {"id": 3}],
        ),
        dicts="a name of dlt's own",
    ),
    Shape(
        "ids_below",
        one_page([{"id": 1, "lines": [{"_dlt_id": "mine"}]}]),
        dicts="a name of dlt's own",
    ),
    Shape(
        "load_of_dlt",
        one_page([{"id": 1, "_dlt_load_id": "7", "lines": [{"_dlt_list_idx": 9}]}]),
        dicts="a name of dlt's own",
    ),
    Shape(
        "empty_names",
        one_page([{"id": 1, "": 1, " ": 2, "a": {"": 3}}]),
        dicts="a field without a name",
    ),
    Shape(
        "shaped",
        one_page(
            [
                {"id": 1, "oldName": "a", "secret": 1, "meta": {"x": 1}, "tags": ["a"]},
                {"id": 2, "oldName": "b", "secret": 2, "meta": {"x": 2}, "keep": False},
                {"id": 3, "oldName": "c", "keep": True},
            ],
            [{"id": 4, "oldName": "d", "keep": True, "meta": {"y": 1}}],
        ),
        things(new_name=TEXT, meta_x=INTEGER, tags=listed(TEXT)),
        {
            "rename": {"oldName": "new_name"},
            "drop": ["secret"],
            "flatten": ["meta"],
            "filter": "record.keep != false",
            "add": {"origin": "test", "twice": "{{ record.id * 2 }}"},
        },
    ),
]
"""Names that dlt changes, shortens or uses itself."""


def _events(*numbers: int, name: str = "a") -> list[dict[str, Any]]:
    return [
        {"id": n, "at": f"2024-01-{n // 2 + 1:02}T10:00:00Z", "name": name, "l": [n]}
        for n in numbers
    ]


_EVENT = things(at=MOMENT, name=TEXT, l=listed(INTEGER))
_CURSOR = {"cursor_path": "at", "initial_value": "2024-01-01", "start_param": "from"}

KEYS = [
    Shape(
        "two_keys",
        one_page(
            [{"shop": s, "no": n, "lines": [{"n": n}]} for s in "ab" for n in (1, 2)],
            [{"shop": "a", "no": 1, "lines": []}, {"shop": "a", "no": 3}],
            [{"shop": "b", "no": 2, "lines": [{"n": 7}, {"n": 8}]}],
        ),
        fields("shop", "no", shop=TEXT, no=INTEGER, lines=listed(fields(n=INTEGER))),
        key=("shop", "no"),
    ),
    Shape(
        "same_key_twice",
        one_page(
            [{"id": 1, "name": "old", "l": [1]}, {"id": 1, "name": "new", "l": [2, 3]}],
            [{"id": 1, "name": "newest", "l": []}],
        ),
        things(name=TEXT, l=listed(INTEGER)),
        {"columns": {"name": {"dedup_sort": "desc"}}},
        only="merge",
    ),
    Shape(
        "deleted",
        one_page(
            [{"id": n, "gone": False, "l": [n]} for n in (1, 2, 3)],
            [{"id": 1, "gone": True}, {"id": 2, "gone": False, "l": []}],
        ),
        things(gone={"type": "boolean"}, l=listed(INTEGER)),
        {"columns": {"gone": {"hard_delete": True}}},
        only="merge",
    ),
    Shape(
        "merge_key",
        one_page(
            [{"id": n, "day": n % 2, "l": [n]} for n in range(4)],
            [{"id": 9, "day": 1, "l": [9, 9]}],
        ),
        things(day=INTEGER, l=listed(INTEGER)),
        {"merge_key": "day"},
        key=None,
        only="merge",
    ),
    Shape(
        "cursor",
        ([_events(1, 2), _events(3, 4, 5)], [_events(4, 5, 6)], [_events(5, 6, 7)]),
        _EVENT,
        endpoint={"incremental": _CURSOR},
    ),
    Shape(
        "cursor_changed",
        one_page(_events(2, 3, 4, 5), _events(4, 5, 6, name="b"), _events(1, 6)),
        _EVENT,
        endpoint={"incremental": _CURSOR},
    ),
    Shape(
        "cursor_of_numbers",
        one_page(
            [{"id": n, "seq": n} for n in (1, 3, 2)],
            [{"id": n, "seq": n} for n in (2, 3, 4)],
        ),
        things(seq=INTEGER),
        endpoint={"incremental": {"cursor_path": "seq", "initial_value": 0}},
    ),
    Shape(
        "cursor_of_text",
        one_page(_events(2, 3, 4), _events(4, 5)),
        endpoint={"incremental": {"cursor_path": "at"}},
    ),
    Shape(
        "cursor_below",
        one_page(
            [{"id": n, "meta": {"seq": n}} for n in (1, 2)],
            [{"id": n, "meta": {"seq": n}} for n in (2, 3)],
        ),
        things(meta=fields(seq=INTEGER)),
        endpoint={"incremental": {"cursor_path": "meta.seq", "initial_value": 0}},
    ),
    Shape(
        "cursor_missing",
        one_page([{"id": 1, "seq": 1}, {"id": 2}], [{"id": 2}, {"id": 3, "seq": 3}]),
        things(seq=INTEGER),
        endpoint={
            "incremental": {
                "cursor_path": "seq",
                "initial_value": 0,
                "on_cursor_value_missing": "include",
            }
        },
    ),
    Shape(
        "cursor_range",
        one_page(_events(1, 2, 3, 4, 5, 6, 7, 8)),
        _EVENT,
        endpoint={"incremental": {**_CURSOR, "end_value": "2024-01-03"}},
    ),
]
"""Keys that rows are merged by, and cursors with rows at the boundary."""


def _orders(parent: int) -> tuple[Run, ...]:
    return one_page(
        [{"id": parent * 10 + n, "lines": [{"n": n}]} for n in range(parent)],
        [{"id": parent * 10, "lines": []}],
    )


def _mapped(resource: Any) -> None:
    def changed(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "name": str(row["name"]).upper(), "length": len(row["name"])}

    resource.add_map(changed)


def _filtered(resource: Any) -> None:
    resource.add_filter(lambda row: row["id"] % 2)


def _split(resource: Any) -> None:
    def halves(row: dict[str, Any]) -> Any:
        yield {**row, "half": 1}
        yield {**row, "id": row["id"] + 1000, "half": 2}

    resource.add_yield_map(halves)


def _limited(resource: Any) -> None:
    resource.add_limit(1)


def _hinted(resource: Any) -> None:
    resource.apply_hints(
        table_name="renamed_hints", columns={"name": {"description": "hinted"}}
    )


def _dispatched(resource: Any) -> None:
    resource.apply_hints(table_name=lambda row: f"dispatched_{row['name']}")


def _nesting(resource: Any) -> None:
    resource.max_table_nesting = 0


def _named(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": n, "name": f"n{n % 3}", "l": [n, {"m": [n]}]} for n in numbers]


_NAMED = things(name=TEXT)


def _changed(name: str, change: Any, dicts: str = "") -> Shape:
    runs = ([_named(1, 2, 3), _named(4, 5)], [_named(2, 6)])
    return Shape(name, runs, _NAMED, change=change, dicts=dicts)


TABLES = [
    *(
        Shape(
            f"nesting_{depth}",
            one_page(
                [{"id": 1, "o": {"p": {"q": 1}}, "l": [{"m": [{"n": [1]}]}], "k": [1]}],
                [{"id": 2, "o": {"p": {}}, "l": [], "k": []}, {"id": 1, "o": {"r": 1}}],
            ),
            things(l=listed(fields(m=listed(fields(n=listed(INTEGER)))))),
            {"max_table_nesting": depth},
            dicts="nesting is limited",
        )
        for depth in (0, 1, 2)
    ),
    Shape(
        "nested_hints",
        one_page([{"id": 1, "tags": [{"n": 5, "v": "a"}]}], [{"id": 2, "tags": [{}]}]),
        things(tags=listed(fields(n=INTEGER, v=TEXT))),
        {"nested_hints": {"tags": {"columns": {"n": {"data_type": "text"}}}}},
        dicts="hints of nested tables",
    ),
    Shape(
        "called_otherwise",
        one_page([{"id": 1, "tags": ["a"]}], [{"id": 2, "tags": ["b"]}]),
        things(tags=listed(TEXT)),
        {"table_name": "called_otherwise_too"},
    ),
    Shape(
        "frozen",
        one_page([{"id": 1, "n": 1.5}], [{"id": 2, "n": 2}]),
        things(n=NUMBER),
        {"schema_contract": "freeze"},
        dicts="a schema contract",
    ),
    Shape(
        "as_lines",
        one_page([{"id": 1, "l": [1]}], [{"id": 2, "l": []}]),
        things(l=listed(INTEGER)),
        {"file_format": "jsonl"},
        dicts="a file format",
    ),
    Shape(
        "in_threads",
        ([_named(1, 2), _named(3, 4), _named(5)], [_named(6)]),
        _NAMED,
        {"parallelized": True},
    ),
    Shape(
        "parents",
        one_page(
            [{"id": n, "name": f"p{n}", "l": [n]} for n in range(4)],
            [{"id": n, "name": f"p{n}"} for n in range(2)],
        ),
        things(name=TEXT, l=listed(INTEGER)),
        more=(
            Shape(
                "parents_orders",
                (),
                things(lines=listed(fields(n=INTEGER))),
                {"include_from_parent": ["resources.parents.name"]},
                {"path": "parents/{resources.parents.id}/orders"},
            ),
        ),
        routes={f"parents/{parent}/orders": _orders(parent) for parent in range(4)},
    ),
    _changed("mapped", _mapped),
    _changed("filtered", _filtered),
    _changed("split", _split, "rows one by one"),
    _changed("limited", _limited),
    _changed("renamed_hints", _hinted),
    _changed("dispatched", _dispatched, "a table for each row"),
    _changed("flat_by_user", _nesting, "nesting is limited"),
]
"""Hints of tables, parents, and what a user does to a resource."""
