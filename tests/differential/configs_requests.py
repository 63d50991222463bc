"""Configs about requests, records, parents and incremental loading: alone and in pairs."""

from __future__ import annotations

from typing import Any

from tests.differential.harness import Case, one, same, several

DATA: dict[str, Any] = {"data_selector": "data", "paginator": "single_page"}
ROOT: dict[str, Any] = {"data_selector": "$", "paginator": "single_page"}

REQUESTS = [
    same("path_default", several([{"name": "shops", "endpoint": ROOT}])),
    same(
        "resource_as_name",
        several(["shops"], {"paginator": "single_page"}),
    ),
    same(
        "endpoint_as_path",
        several(
            [{"name": "branches", "endpoint": "shops"}], {"paginator": "single_page"}
        ),
    ),
    same(
        "path_of_params",
        one({"path": "shops/{key}/orders", "params": {"key": 2}, **DATA}),
    ),
    same("path_with_query", one({"path": "echo?fixed=1", **DATA})),
    same(
        "path_with_query_and_params",
        one({"path": "echo?fixed=1", "params": {"more": "2"}, **DATA}),
    ),
    same("method_get", one({"path": "echo", "method": "GET", **DATA})),
    same("method_post", one({"path": "echo", "method": "POST", **DATA})),
    same("params", one({"path": "echo", "params": {"q": "a b&c", "n": 3}, **DATA})),
    same("params_decimal", one({"path": "echo", "params": {"n": 1.5}, **DATA})),
    same("params_empty", one({"path": "echo", "params": {}, **DATA})),
    same("params_empty_text", one({"path": "echo", "params": {"q": ""}, **DATA})),
    same("params_null", one({"path": "echo", "params": {"q": None, "a": 1}, **DATA})),
    same("params_list", one({"path": "echo", "params": {"ids": [1, 2]}, **DATA})),
    same("params_unicode", one({"path": "echo", "params": {"q": "Zoë 测试"}, **DATA})),
    same("json", one({"path": "echo", "method": "POST", "json": {"a": 1}, **DATA})),
    same("json_empty", one({"path": "echo", "method": "POST", "json": {}, **DATA})),
    same("json_get", one({"path": "echo", "json": {"a": 1}, **DATA})),
    same(
        "json_types",
        one(
            {
                "path": "echo",
                "method": "POST",
                "json": {
                    "text": "x",
                    "none": None,
                    "yes": True,
                    "n": [1, 2.5, {"deep": ["kept"]}],
                },
                **DATA,
            }
        ),
    ),
    same(
        "json_and_params",
        one(
            {
                "path": "echo",
                "method": "POST",
                "json": {"a": 1},
                "params": {"b": 2},
                **DATA,
            }
        ),
    ),
    same(
        "data_form",
        one({"path": "echo", "method": "POST", "data": {"a": "1", "b": "x y"}, **DATA}),
    ),
    same(
        "data_text",
        one({"path": "echo", "method": "POST", "data": "raw text", **DATA}),
    ),
    same(
        "data_and_headers",
        one(
            {
                "path": "echo",
                "method": "POST",
                "data": "a;b",
                "headers": {"Content-Type": "text/csv"},
                **DATA,
            }
        ),
    ),
    same("headers", one({"path": "echo", "headers": {"X-Own": "1"}, **DATA})),
    same(
        "headers_empty",
        one({"path": "echo", "headers": {"X-A": "", "X-B": "b"}, **DATA}),
    ),
    same(
        "headers_and_method",
        one({"path": "echo", "method": "POST", "headers": {"X-Own": "1"}, **DATA}),
    ),
]

RECORDS = [
    same("data_selector_root", one({"path": "plain/items", **ROOT})),
    same("data_selector_key", one({"path": "single/items", **DATA})),
    same(
        "data_selector_json_path",
        one({"path": "single/items", **DATA, "data_selector": "$.data"}),
    ),
    same(
        "data_selector_nested",
        one(
            {
                "path": "nested/items",
                "data_selector": "response.result.'many-items'",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "data_selector_quoted",
        one(
            {
                "path": "nested/items",
                "data_selector": "response.result['many-items']",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "data_selector_dashed",
        one(
            {
                "path": "nested/items",
                "data_selector": "response.result.many-items",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "data_selector_wildcard",
        one(
            {
                "path": "wrapped/items",
                "data_selector": "rows[*].node",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "data_selector_wildcard_dollar",
        one(
            {
                "path": "wrapped/items",
                "data_selector": "$.rows[*].node",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "data_selector_star",
        one(
            {
                "path": "single/items",
                "data_selector": "data[*]",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "data_selector_index",
        one(
            {
                "path": "groups/items",
                "data_selector": "groups[0].items",
                "paginator": "single_page",
            }
        ),
    ),
    same("data_selector_object", one({"path": "status", **ROOT})),
    same(
        "data_selector_inner_object",
        one({"path": "status", "data_selector": "limits", "paginator": "single_page"}),
    ),
    same("records_odd", one({"path": "odd", **DATA})),
]

SHOPS = {"name": "shops", "endpoint": ROOT}


def _child(endpoint: Any, **resource: Any) -> dict[str, Any]:
    return several([SHOPS, {"name": "orders", "endpoint": endpoint, **resource}])


KEY = {"type": "resolve", "resource": "shops", "field": "id"}

PARENTS = [
    same(
        "parent_in_path", _child({"path": "shops/{resources.shops.id}/orders", **DATA})
    ),
    same(
        "parent_resolve",
        _child({"path": "shops/{key}/orders", "params": {"key": KEY}, **DATA}),
    ),
    same(
        "parent_resolve_and_params",
        _child(
            {
                "path": "shops/{key}/orders",
                "params": {"key": KEY, "state": "paid"},
                **DATA,
            }
        ),
    ),
    same(
        "parent_resolve_two",
        _child(
            {
                "path": "echo/{key}/{code}",
                "params": {"key": KEY, "code": {**KEY, "field": "code"}},
                **DATA,
            }
        ),
    ),
    same(
        "parent_resolve_dotted",
        _child(
            {
                "path": "regions/{name}/orders",
                "params": {"name": {**KEY, "field": "region.name"}},
                **ROOT,
            }
        ),
    ),
    same(
        "parent_dotted",
        _child({"path": "regions/{resources.shops.region.name}/orders", **ROOT}),
    ),
    same(
        "parent_in_params",
        _child(
            {"path": "orders", "params": {"shop_id": "{resources.shops.id}"}, **DATA}
        ),
    ),
    same(
        "parent_in_params_and_more",
        _child(
            {
                "path": "echo",
                "params": {
                    "shop_id": "{resources.shops.id}",
                    "sort": "desc",
                    "empty": "",
                    "label": "shop-{resources.shops.code}",
                },
                **DATA,
            }
        ),
    ),
    same(
        "parent_in_json",
        _child(
            {
                "path": "orders",
                "method": "POST",
                "json": {"shop_id": "{resources.shops.id}"},
                **DATA,
            }
        ),
    ),
    same(
        "parent_in_json_keeps_types",
        _child(
            {
                "path": "echo/{resources.shops.id}",
                "method": "POST",
                "json": {
                    "id": "{resources.shops.id}",
                    "text": "n {resources.shops.id}",
                    "more": {
                        "code": "{resources.shops.code}",
                        "open": "{resources.shops.open}",
                    },
                    "list": ["{resources.shops.id}", "kept"],
                    "limit": 5,
                },
                **DATA,
            }
        ),
    ),
    same(
        "parent_in_headers",
        _child(
            {"path": "orders", "headers": {"X-Shop": "{resources.shops.id}"}, **DATA}
        ),
    ),
    same(
        "parent_in_headers_and_more",
        _child(
            {
                "path": "echo",
                "headers": {
                    "X-Static": "1",
                    "X-Shop": "{resources.shops.id}",
                    "X-Code": "{resources.shops.code}",
                },
                **DATA,
            }
        ),
    ),
    same(
        "parent_in_data",
        _child(
            {
                "path": "orders",
                "method": "POST",
                "data": {"shop_id": "{resources.shops.id}"},
                **DATA,
            }
        ),
    ),
    same(
        "parent_single_object", _child({"path": "shops/{resources.shops.id}", **ROOT})
    ),
    same(
        "parent_with_pages",
        _child(
            {
                "path": "shops/{resources.shops.id}/numbered",
                "data_selector": "data",
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "total_path": "total_pages",
                },
            }
        ),
    ),
    same(
        "include_from_parent",
        _child(
            {"path": "shops/{resources.shops.id}/orders", **DATA},
            include_from_parent=["id", "code"],
        ),
    ),
    same(
        "include_from_parent_nested",
        _child(
            {"path": "shops/{resources.shops.id}/orders", **DATA},
            include_from_parent=["region", "rank"],
        ),
    ),
    same(
        "include_from_parent_and_defaults",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": "shops/{resources.shops.id}/orders",
                    "include_from_parent": ["code"],
                },
            ],
            resource_defaults={"endpoint": DATA, "primary_key": "id"},
        ),
    ),
    same(
        "parent_not_selected",
        several(
            [
                {**SHOPS, "selected": False},
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                },
            ]
        ),
    ),
    same(
        "children_of_one_parent",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                },
                {
                    "name": "detail",
                    "endpoint": {"path": "shops/{resources.shops.id}", **ROOT},
                },
            ]
        ),
    ),
    same(
        "child_before_parent",
        several(
            [
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                },
                SHOPS,
            ]
        ),
    ),
    same(
        "grandchildren",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                    "include_from_parent": ["id"],
                },
                {
                    "name": "lines",
                    "endpoint": {
                        "path": "shops/{resources.orders._shops_id}/orders/{resources.orders.id}/lines",
                        **ROOT,
                    },
                    "include_from_parent": ["id", "_shops_id"],
                },
            ]
        ),
    ),
    same(
        "grandchildren_resolved",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {"path": "shops/{resources.shops.id}/orders", **DATA},
                },
                {
                    "name": "lines",
                    "endpoint": {
                        "path": "shops/{shop}/orders/{order}/lines",
                        "params": {
                            "shop": {
                                "type": "resolve",
                                "resource": "orders",
                                "field": "shop",
                            },
                            "order": {
                                "type": "resolve",
                                "resource": "orders",
                                "field": "id",
                            },
                        },
                        **ROOT,
                    },
                },
            ]
        ),
    ),
    same(
        "parent_parallelized",
        _child(
            {"path": "shops/{resources.shops.id}/orders", **DATA},
            parallelized=True,
        ),
    ),
    same(
        "parent_auth_and_headers",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {
                        "path": "echo/{resources.shops.id}",
                        "headers": {"X-Shop": "{resources.shops.code}"},
                        **DATA,
                    },
                },
            ],
            {"auth": {"token": "t0ken"}, "headers": {"X-Team": "blue"}},
        ),
    ),
]


def _sparse(kind: str, actions: Any) -> dict[str, Any]:
    return several(
        [
            SHOPS,
            {
                "name": "notes",
                "endpoint": {
                    "path": f"sparse/{kind}/{{resources.shops.id}}",
                    "response_actions": actions,
                    **ROOT,
                },
            },
        ]
    )


def _ignored(status: int) -> dict[str, Any]:
    return {"status_code": status, "action": "ignore"}


ACTIONS = [
    same("action_ignore_404", _sparse("404", [_ignored(404)])),
    same("action_ignore_204", _sparse("204", [_ignored(204)])),
    same(
        "action_ignore_two",
        _sparse("both", [_ignored(422), _ignored(404)]),
    ),
    same(
        "action_ignore_two_turned",
        _sparse("both", [_ignored(404), _ignored(422)]),
    ),
    same(
        "action_content",
        _sparse("404", [{"content": "no note", "action": "ignore"}]),
    ),
    same(
        "action_status_and_content",
        _sparse(
            "404", [{"status_code": 404, "content": "no note", "action": "ignore"}]
        ),
    ),
    same(
        "action_status_that_never_comes",
        several(
            [
                {
                    "name": "shops",
                    "endpoint": {**ROOT, "response_actions": [_ignored(404)]},
                }
            ]
        ),
    ),
]


def _events(
    incremental: Any = None, path: str = "filtered", **endpoint: Any
) -> dict[str, Any]:
    more = {} if incremental is None else {"incremental": incremental}
    return one({"path": f"events/{path}", **DATA, **endpoint, **more})


AT = {"cursor_path": "at", "initial_value": "2024-03-02T00:00:00Z"}
NUMBER = {"cursor_path": "number", "initial_value": 2}

INCREMENTAL = [
    same("incremental", _events(AT)),
    same("incremental_number", _events(NUMBER)),
    same("incremental_start_param", _events({**AT, "start_param": "since"})),
    same(
        "incremental_start_param_and_params",
        _events({**AT, "start_param": "since"}, params={"sort": "at"}),
    ),
    same(
        "incremental_end",
        _events(
            {
                **AT,
                "end_value": "2024-03-03T00:00:00Z",
                "start_param": "since",
                "end_param": "until",
            }
        ),
    ),
    same(
        "incremental_end_number",
        _events({**NUMBER, "end_value": 3, "start_param": "since"}),
    ),
    same("incremental_end_without_param", _events({**NUMBER, "end_value": 3})),
    same(
        "incremental_in_params",
        _events(params={"since": {"type": "incremental", **NUMBER}}),
    ),
    same(
        "incremental_in_params_and_more",
        _events(params={"since": {"type": "incremental", **AT}, "sort": "at"}),
    ),
    same(
        "incremental_template",
        _events(AT, params={"since": "{incremental.start_value}"}),
    ),
    same(
        "incremental_initial_template",
        _events(AT, params={"since": "{incremental.initial_value}"}),
    ),
    same(
        "incremental_last_template",
        _events(AT, params={"since": "{incremental.last_value}"}),
    ),
    same(
        "incremental_end_template",
        _events(
            {**AT, "end_value": "2024-03-03T00:00:00Z"},
            params={
                "since": "{incremental.start_value}",
                "until": "{incremental.end_value}",
            },
        ),
    ),
    same(
        "incremental_text_template",
        _events(NUMBER, params={"q": "number>={incremental.start_value}"}),
    ),
    same(
        "incremental_in_json",
        _events(
            NUMBER,
            method="POST",
            json={
                "since": "{incremental.start_value}",
                "l": ["{incremental.start_value}", "x"],
            },
        ),
    ),
    same(
        "incremental_in_headers",
        _events(AT, headers={"X-Since": "{incremental.start_value}"}),
    ),
    same(
        "incremental_in_path",
        one(
            {
                "path": "echo/{incremental.start_value}",
                **DATA,
                "incremental": {"cursor_path": "id", "initial_value": 1},
            }
        ),
    ),
    same("incremental_row_order", _events({**NUMBER, "row_order": "asc"})),
    same(
        "incremental_last_value_func",
        _events({**NUMBER, "last_value_func": "max"}),
    ),
    same(
        "incremental_range_start_open",
        _events({**NUMBER, "range_start": "open"}),
    ),
    same(
        "incremental_range_end_closed",
        _events({**NUMBER, "end_value": 3, "range_end": "closed"}),
    ),
    same("incremental_lag", _events({**NUMBER, "lag": 1})),
    same("incremental_primary_key", _events({**NUMBER, "primary_key": "id"})),
    same("incremental_no_deduplication", _events({**NUMBER, "primary_key": []})),
    same(
        "incremental_missing_included",
        _events({**AT, "on_cursor_value_missing": "include"}, path="holes"),
    ),
    same(
        "incremental_missing_excluded",
        _events({**AT, "on_cursor_value_missing": "exclude"}, path="holes"),
    ),
    same(
        "incremental_of_child",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {
                        "path": "shops/{resources.shops.id}/orders",
                        "incremental": {
                            "cursor_path": "id",
                            "initial_value": 20,
                            "start_param": "from",
                        },
                        **DATA,
                    },
                },
            ]
        ),
    ),
    same(
        "incremental_allow_external_schedulers",
        _events({**NUMBER, "allow_external_schedulers": True}),
        env={
            "DLT_INTERVAL_START": "1970-01-01T00:00:02Z",
            "DLT_INTERVAL_END": "1970-01-01T00:01:00Z",
        },
    ),
]

DEFAULTS = [
    same(
        "defaults_endpoint",
        several(["plain/items"], resource_defaults={"endpoint": ROOT}),
    ),
    same(
        "defaults_params",
        several(
            [{"name": "echo", "endpoint": {"params": {"a": 1, "b": 2}}}],
            resource_defaults={"endpoint": {**DATA, "params": {"a": 9, "c": 3}}},
        ),
    ),
    same(
        "defaults_json",
        several(
            [{"name": "echo", "endpoint": {"json": {"a": 1, "b": {"x": 1}}}}],
            resource_defaults={
                "endpoint": {
                    **DATA,
                    "method": "POST",
                    "json": {"a": 9, "b": {"y": 2}, "c": 3},
                }
            },
        ),
    ),
    same(
        "defaults_paginator",
        several(
            [
                {"name": "cursor/items", "endpoint": {}},
                {
                    "name": "b",
                    "endpoint": {"path": "single/items", "paginator": "single_page"},
                },
            ],
            resource_defaults={
                "endpoint": {"data_selector": "data", "paginator": "cursor"}
            },
        ),
    ),
    same(
        "defaults_paginator_reset",
        several(
            [{"name": "cursor/items", "endpoint": {"paginator": None}}],
            {"paginator": "cursor"},
            resource_defaults={
                "endpoint": {"data_selector": "data", "paginator": "single_page"}
            },
        ),
    ),
    same(
        "defaults_data_selector_reset",
        several(
            [{"name": "status", "endpoint": {"data_selector": None, "path": "status"}}],
            {"paginator": "single_page"},
            resource_defaults={"endpoint": {"data_selector": "limits"}},
        ),
    ),
    same(
        "defaults_incremental",
        several(
            [
                {
                    "name": "events",
                    "endpoint": {"incremental": {**NUMBER, "start_param": "from"}},
                }
            ],
            resource_defaults={
                "endpoint": {
                    **DATA,
                    "incremental": {**AT, "start_param": "a", "end_param": "b"},
                }
            },
        ),
    ),
]

CASES: list[Case] = [
    *REQUESTS,
    *RECORDS,
    *PARENTS,
    *ACTIONS,
    *INCREMENTAL,
    *DEFAULTS,
]
