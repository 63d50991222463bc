"""Configs whose meaning shows in the tables: keys, write dispositions, names, nesting, hints.

They are loaded on two days: on the second, records were changed, added and deleted.
"""

from __future__ import annotations

from typing import Any

from tests.differential.configs_requests import DATA, ROOT, SHOPS
from tests.differential.harness import Case, one, same, several


def _items(**resource: Any) -> dict[str, Any]:
    return one({"path": "single/items", **DATA}, **resource)


def _versions(**resource: Any) -> dict[str, Any]:
    return one({"path": "versions", **DATA}, **resource)


def _merge(**options: Any) -> dict[str, Any]:
    return {"disposition": "merge", **options}


MERGE: dict[str, Any] = {"write_disposition": "merge", "primary_key": "id"}
NUMBER = {"cursor_path": "number", "initial_value": 1}

WRITES = [
    same("append", _items()),
    same("append_named", _items(write_disposition="append")),
    same("append_mapping", _items(write_disposition={"disposition": "append"})),
    same("replace", _items(write_disposition="replace")),
    same("replace_and_key", _items(write_disposition="replace", primary_key="id")),
    same("merge", _versions(**MERGE)),
    same("merge_nested", _items(**MERGE)),
    same(
        "merge_two_keys", _items(write_disposition="merge", primary_key=["id", "group"])
    ),
    same("merge_key", _versions(write_disposition="merge", merge_key="bag")),
    same(
        "merge_both_keys",
        _versions(write_disposition="merge", primary_key="id", merge_key="bag"),
    ),
    same(
        "merge_delete_insert",
        _versions(write_disposition=_merge(strategy="delete-insert"), primary_key="id"),
    ),
    same(
        "merge_upsert",
        _versions(write_disposition=_merge(strategy="upsert"), primary_key="id"),
    ),
    same(
        "merge_insert_only",
        _versions(write_disposition=_merge(strategy="insert-only"), primary_key="id"),
    ),
]

SHAPES = [
    same("table_name", _items(table_name="things")),
    same("table_name_and_merge", _items(table_name="things", **MERGE)),
    same("table_name_odd", _items(table_name="The Things")),
    same(
        "resource_name_odd",
        several([{"name": "All Items", "endpoint": {"path": "single/items", **DATA}}]),
    ),
    same("names_odd", one({"path": "odd", **DATA})),
    same("nesting_0", _items(max_table_nesting=0)),
    same("nesting_1", one({"path": "odd", **DATA}, max_table_nesting=1)),
    same(
        "nesting_0_and_replace",
        _items(max_table_nesting=0, write_disposition="replace"),
    ),
    same(
        "not_selected",
        several([{**SHOPS, "selected": False}, {"name": "status", "endpoint": ROOT}]),
    ),
    same(
        "columns",
        _items(
            columns={
                "price": {"data_type": "decimal"},
                "made_on": {"data_type": "date"},
            }
        ),
    ),
    same(
        "columns_list",
        _items(
            columns=[
                {"name": "price", "data_type": "text"},
                {"name": "more", "data_type": "bigint"},
            ]
        ),
    ),
    same(
        "columns_hard_delete",
        _versions(columns={"gone": {"hard_delete": True}}, **MERGE),
    ),
    same(
        "columns_dedup_sort",
        _versions(columns={"value": {"dedup_sort": "desc"}}, **MERGE),
    ),
    same(
        "columns_and_defaults",
        several(
            [
                {
                    "name": "items",
                    "endpoint": {"path": "single/items"},
                    "columns": {"price": {"data_type": "text"}},
                }
            ],
            resource_defaults={
                "endpoint": DATA,
                "columns": {
                    "price": {"data_type": "decimal"},
                    "name": {"unique": True},
                },
            },
        ),
    ),
    same("schema_contract", _items(schema_contract={"columns": "evolve"})),
    same("schema_contract_word", _items(schema_contract="evolve")),
    same("file_format", _items(file_format="parquet")),
    same(
        "file_format_and_table_name",
        _items(file_format="jsonl", table_name="things"),
    ),
    same(
        "references",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                    "references": [
                        {
                            "referenced_table": "shops",
                            "columns": ["shop"],
                            "referenced_columns": ["id"],
                        }
                    ],
                },
            ]
        ),
    ),
    same(
        "nested_hints",
        _items(
            nested_hints={
                "parts": {"columns": {"n": {"name": "n", "data_type": "double"}}}
            }
        ),
    ),
    same("table_format", _items(table_format="native")),
    same("parallelized", _items(parallelized=True)),
]

TOGETHER = [
    same(
        "child_merge",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                    "include_from_parent": ["id", "region"],
                    **MERGE,
                },
            ]
        ),
    ),
    same(
        "child_merge_with_parent_key",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                    "include_from_parent": ["id"],
                    "write_disposition": "merge",
                    "primary_key": ["_shops_id", "id"],
                },
            ]
        ),
    ),
    same(
        "defaults_merge",
        several(
            [
                {"name": "versions"},
                {
                    "name": "items",
                    "endpoint": {"path": "single/items"},
                    "write_disposition": "replace",
                },
            ],
            resource_defaults={**MERGE, "endpoint": DATA},
        ),
    ),
    same(
        "defaults_nesting_and_table_name",
        several(
            [
                {
                    "name": "items",
                    "endpoint": {"path": "single/items"},
                    "max_table_nesting": 1,
                }
            ],
            resource_defaults={"max_table_nesting": 0, "endpoint": DATA},
        ),
    ),
    same(
        "defaults_key_reset",
        several(
            [{"name": "versions", "primary_key": None, "write_disposition": "append"}],
            resource_defaults={**MERGE, "endpoint": DATA},
        ),
    ),
    same("incremental_append", one({"path": "events", **DATA, "incremental": NUMBER})),
    same(
        "incremental_merge",
        one({"path": "events", **DATA, "incremental": NUMBER}, **MERGE),
    ),
    same(
        "incremental_start_param_next_run",
        one(
            {
                "path": "events/filtered",
                **DATA,
                "incremental": {**NUMBER, "start_param": "since"},
            },
            **MERGE,
        ),
    ),
    same(
        "incremental_template_next_run",
        one(
            {
                "path": "events/filtered",
                **DATA,
                "params": {"since": "{incremental.start_value}"},
                "incremental": {
                    "cursor_path": "at",
                    "initial_value": "2024-03-01T00:00:00Z",
                },
            },
            primary_key="id",
        ),
    ),
    same(
        "incremental_in_params_next_run",
        one(
            {
                "path": "events/filtered",
                **DATA,
                "params": {"since": {"type": "incremental", **NUMBER}},
            }
        ),
    ),
    same(
        "incremental_lag_next_run",
        one({"path": "events", **DATA, "incremental": {**NUMBER, "lag": 1}}, **MERGE),
    ),
    same(
        "incremental_missing_included_next_run",
        one(
            {
                "path": "events/holes",
                **DATA,
                "incremental": {**NUMBER, "on_cursor_value_missing": "include"},
            }
        ),
    ),
    same(
        "pages_merge",
        one(
            {"path": "cursor/items", "data_selector": "data", "paginator": "cursor"},
            **MERGE,
        ),
    ),
]

GROUPS: dict[str, list[Case]] = {
    "writes": WRITES,
    "shapes": SHAPES,
    "together": TOGETHER,
}
