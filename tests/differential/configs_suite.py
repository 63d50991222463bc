"""The shapes of config that dlt tests its `rest_api` with, as far as JSON can hold them.

Names and values are our own. Where dlt's tests leave paging and the place of the records to
detection, these name both; what detection does is in `configs_differences`.
"""

from __future__ import annotations

from typing import Any

from tests.differential.harness import BASE, Case, differs, one, same, several

PAGED: dict[str, Any] = {
    "type": "page_number",
    "base_page": 1,
    "total_path": "total_pages",
}
LIST: dict[str, Any] = {"data_selector": "data", "paginator": PAGED}
DATA: dict[str, Any] = {"data_selector": "data", "paginator": "single_page"}
ROOT: dict[str, Any] = {"data_selector": "$", "paginator": "single_page"}
SHOPS = {"name": "shops", "endpoint": ROOT}
KEY = {"type": "resolve", "resource": "shops", "field": "id"}
SINCE = {"type": "incremental", "cursor_path": "id", "initial_value": 1}
BOUNDS = {
    "start_param": "since",
    "end_param": "until",
    "cursor_path": "id",
    "initial_value": 1,
    "end_value": 10,
}


# ---- one resource: what is in the query of every page

_QUERIES: dict[str, dict[str, Any]] = {
    "static_params": {"params": {"sort": "desc", "locale": "en"}},
    "empty_params": {"params": {}},
    "one_empty_param": {"params": {"sort": "desc", "locale": ""}},
    "page_param_given": {"params": {"sort": "desc", "page": "100"}},
    "incremental_in_endpoint": {"incremental": BOUNDS},
    "incremental_and_static": {
        "incremental": BOUNDS,
        "params": {"sort": "desc", "locale": "en"},
    },
    "incremental_in_params": {"params": {"sort": "desc", "since": SINCE}},
    "incremental_alone_in_params": {"params": {"since": SINCE}},
}

QUERIES = [
    same(
        f"query_{name}",
        several(
            [
                {
                    "name": "items",
                    "endpoint": {
                        "path": "pages/1/items",
                        "data_selector": "data",
                        **more,
                    },
                }
            ],
            {"paginator": PAGED},
        ),
    )
    for name, more in _QUERIES.items()
]


# ---- a dependent resource: the same, and where the parent's value goes

_CHILDREN: dict[str, dict[str, Any]] = {
    **_QUERIES,
    "no_params": {},
    "three_params": {"params": {"a": 1, "b": "two", "c": 3.5}},
}

CHILD_QUERIES = [
    same(
        f"child_query_{name}",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {
                        "path": "shops/{shop_id}/numbered",
                        **LIST,
                        **{
                            key: value for key, value in more.items() if key != "params"
                        },
                        "params": {"shop_id": KEY, **more.get("params", {})},
                    },
                },
            ]
        ),
    )
    for name, more in _CHILDREN.items()
]

_VALUES: dict[str, dict[str, Any]] = {
    "path_resolve": {"path": "shops/{shop_id}/orders", "params": {"shop_id": KEY}},
    "path": {"path": "shops/{resources.shops.id}/orders"},
    "query": {"path": "orders", "params": {"shop_id": "{resources.shops.id}"}},
    "query_and_static": {
        "path": "orders",
        "params": {"shop_id": "{resources.shops.id}", "sort": "desc"},
    },
    "query_and_empty": {
        "path": "orders",
        "params": {"shop_id": "{resources.shops.id}", "locale": ""},
    },
    "json": {
        "path": "orders",
        "method": "POST",
        "json": {"shop_id": "{resources.shops.id}"},
    },
    "json_nested": {
        "path": "orders",
        "method": "POST",
        "json": {"filter": {"shop": "{resources.shops.id}"}, "limit": 5},
    },
    "headers": {"path": "orders", "headers": {"X-Shop": "{resources.shops.id}"}},
    "form": {
        "path": "orders",
        "method": "POST",
        "data": {"shop_id": "{resources.shops.id}"},
    },
    "path_and_json": {
        "path": "echo/{resources.shops.id}",
        "method": "POST",
        "json": {
            "shop_id": "{resources.shops.id}",
            "more": {"title": "{resources.shops.code}"},
            "more_array": ["{resources.shops.id}"],
        },
    },
    "path_and_headers": {
        "path": "shops/{resources.shops.id}/orders",
        "headers": {"X-Code": "{resources.shops.code}"},
    },
    "text_around": {
        "path": "echo",
        "params": {"q": "shop:{resources.shops.id} or all"},
    },
    "no_json_get": {"path": "shops/{resources.shops.id}/orders", "method": "GET"},
    "empty_json_get": {"path": "shops/{resources.shops.id}/orders", "json": {}},
}

PLACES = [
    same(
        f"value_in_{name}",
        several([SHOPS, {"name": "orders", "endpoint": {**DATA, **more}}]),
    )
    for name, more in _VALUES.items()
]

_DETAILS: dict[str, Any] = {
    "resolved": {"path": "shops/{key}", "params": {"key": KEY}},
    "interpolated": {"path": "shops/{resources.shops.id}"},
    "paginator_null": {
        "path": "shops/{resources.shops.id}",
        "paginator": None,
        "data_selector": "$",
    },
}

DETAILS = [
    same(
        f"three_resources_{name}",
        several(
            [
                "shops",
                {
                    "name": "orders",
                    "endpoint": {
                        "path": "shops/{resources.shops.id}/orders",
                        "data_selector": "data",
                    },
                },
                {"name": "details", "endpoint": details},
            ],
            {"paginator": "single_page"},
        ),
    )
    for name, details in _DETAILS.items()
]


# ---- the lists of valid configs

FORMS = [
    same(
        "names_dicts_and_paths",
        several(
            ["shops", {"name": "status"}, {"name": "plain", "endpoint": "plain/items"}],
            {"paginator": "single_page", "headers": {"X-Team": "blue"}},
        ),
    ),
    same(
        "endpoint_empty",
        several([{"name": "shops", "endpoint": {}}], {"paginator": "single_page"}),
    ),
    same(
        "typed_dicts_resolve",
        several(
            [
                "shops",
                {
                    "name": "orders",
                    "endpoint": {
                        "path": "shops/{shop_id}/orders",
                        "params": {"shop_id": KEY},
                        "data_selector": "data",
                    },
                },
            ],
            {"paginator": "single_page"},
        ),
    ),
    same(
        "params_in_path",
        several(
            [
                {
                    "name": "echoed",
                    "endpoint": {
                        "path": "echo/{org}/{repo}/list",
                        "params": {"org": "acme", "repo": "tools"},
                        **DATA,
                    },
                }
            ]
        ),
    ),
    same(
        "params_in_path_and_query",
        several(
            [
                {
                    "name": "echoed",
                    "endpoint": {
                        "path": "echo/{org}",
                        "params": {"org": 7, "q": "x"},
                        **DATA,
                    },
                }
            ]
        ),
    ),
    same(
        "params_in_path_and_parent",
        several(
            [
                SHOPS,
                {
                    "name": "echoed",
                    "endpoint": {
                        "path": "echo/{org}/{id}",
                        "params": {"org": "acme", "id": KEY},
                        **DATA,
                    },
                },
            ]
        ),
    ),
    same(
        "limit_and_json_link",
        one(
            {
                "path": "json-link/items",
                "data_selector": "data",
                "params": {"limit": 100},
                "paginator": "json_link",
            }
        ),
    ),
    same(
        "limit_and_single_page",
        one({"path": "plain/items", **ROOT, "params": {"limit": 1}}),
    ),
    same(
        "json_link_and_incremental",
        one(
            {
                "path": "json-link/items",
                "data_selector": "data",
                "paginator": "json_link",
                "params": {
                    "limit": 100,
                    "since": {
                        "type": "incremental",
                        "cursor_path": "made_at",
                        "initial_value": "2024-01-05T00:00:00Z",
                    },
                },
            }
        ),
    ),
    same(
        "json_link_and_bounds",
        one(
            {
                "path": "json-link/items",
                "data_selector": "data",
                "paginator": "json_link",
                "incremental": {
                    "cursor_path": "made_at",
                    "initial_value": "2024-01-05T00:00:00Z",
                    "start_param": "since",
                },
            }
        ),
    ),
    same(
        "other_key",
        one(
            {
                "path": "nested/items",
                "data_selector": "response.result.many-items",
                "paginator": "single_page",
            }
        ),
    ),
    same(
        "root_list_and_header_link",
        several(
            [
                {
                    "name": "items",
                    "endpoint": {"path": "header-link/items", "data_selector": "$"},
                }
            ],
            {"paginator": "header_link"},
        ),
    ),
    same(
        "post_search",
        one(
            {
                "path": "pages-post/items",
                "method": "POST",
                "data_selector": "data",
                "json": {"ids_greater_than": 50, "page_size": 25},
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "page_body_path": "page",
                },
            }
        ),
        wire=False,
    ),
    same(
        "json_empty_and_incremental",
        one(
            {
                "path": "echo",
                "method": "POST",
                "json": {},
                **DATA,
                "incremental": {"cursor_path": "id", "initial_value": 1},
            }
        ),
    ),
    same(
        "json_with_initial_value",
        one(
            {
                "path": "echo",
                "method": "POST",
                "json": {
                    "v": "{incremental.initial_value}",
                    "nested": {"v": "{incremental.initial_value}"},
                    "list": ["{incremental.initial_value}", "x"],
                },
                **DATA,
                "incremental": {"cursor_path": "id", "initial_value": 1},
            }
        ),
    ),
    same(
        "headers_plain",
        one(
            {
                "path": "echo",
                "headers": {"X-Custom-Header": "test", "X-Another-Header": "another"},
                **DATA,
            }
        ),
    ),
    same(
        "headers_with_bounds",
        one(
            {
                "path": "echo",
                **DATA,
                "headers": {
                    "X-Initial": "{incremental.initial_value}",
                    "X-Start": "{incremental.start_value}",
                    "X-End": "{incremental.end_value}",
                },
                "incremental": {
                    "cursor_path": "id",
                    "initial_value": 1,
                    "end_value": 10,
                },
            }
        ),
    ),
    same(
        "params_with_all_of_incremental",
        one(
            {
                "path": "echo",
                **DATA,
                "params": {
                    "a": "{incremental.initial_value}",
                    "b": "{incremental.start_value}",
                    "c": "{incremental.end_value}",
                },
                "incremental": {
                    "cursor_path": "id",
                    "initial_value": 1,
                    "end_value": 10,
                },
            }
        ),
    ),
    same(
        "incremental_filters_quietly",
        one(
            {
                "path": "pages/1/items",
                **LIST,
                "incremental": {"cursor_path": "id", "initial_value": 5},
            }
        ),
    ),
    same(
        "two_children_of_one_parent",
        several(
            [
                SHOPS,
                {
                    "name": "a",
                    "endpoint": {"path": "shops/{k}", "params": {"k": KEY}, **ROOT},
                },
                {
                    "name": "b",
                    "endpoint": {
                        "path": "shops/{k}/orders",
                        "params": {"k": KEY},
                        **DATA,
                    },
                },
            ]
        ),
    ),
    same(
        "several_values_of_one_parent",
        several(
            [
                SHOPS,
                {
                    "name": "a",
                    "endpoint": {
                        "path": "echo/{k}/{c}",
                        "params": {"k": KEY, "c": {**KEY, "field": "code"}},
                        **DATA,
                    },
                },
            ]
        ),
    ),
    same(
        "child_of_a_child",
        several(
            [
                SHOPS,
                {
                    "name": "a",
                    "endpoint": {"path": "shops/{k}", "params": {"k": KEY}, **ROOT},
                },
                {
                    "name": "b",
                    "endpoint": {
                        "path": "shops/{k}/orders",
                        "params": {"k": {**KEY, "resource": "a"}},
                        **DATA,
                    },
                },
            ]
        ),
    ),
    same(
        "defaults_of_params",
        several(
            [
                {
                    "name": "echo",
                    "endpoint": {
                        "path": "echo",
                        "params": {"sort": "updated", "state": "open"},
                    },
                }
            ],
            resource_defaults={
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {**DATA, "params": {"per_page": 30}},
            },
        ),
    ),
    same(
        "defaults_of_params_overwritten",
        several(
            [
                {
                    "name": "echo",
                    "endpoint": {"path": "echo", "params": {"per_page": 50}},
                }
            ],
            resource_defaults={
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {**DATA, "params": {"per_page": 30}},
            },
        ),
    ),
    same(
        "defaults_of_params_alone",
        several(
            [{"name": "echo", "endpoint": {"path": "echo"}}],
            resource_defaults={"endpoint": {**DATA, "params": {"per_page": 30}}},
        ),
    ),
    same(
        "defaults_without_params",
        several(
            [
                {
                    "name": "echo",
                    "endpoint": {"path": "echo", "params": {"per_page": 50}, **DATA},
                }
            ],
            resource_defaults={"primary_key": "id", "write_disposition": "merge"},
        ),
    ),
    same(
        "defaults_of_json_and_params",
        several(
            [
                {
                    "name": "echo",
                    "endpoint": {
                        "method": "POST",
                        "json": {"a": "A", "b": "B"},
                        "params": {"a": "A", "b": "B"},
                    },
                }
            ],
            resource_defaults={
                "endpoint": {
                    **DATA,
                    "json": {"a": "X", "c": "Y"},
                    "params": {"a": "X", "c": "Y"},
                }
            },
        ),
    ),
    same(
        "defaults_not_merged_deeply",
        several(
            [
                {
                    "name": "cursor/items",
                    "max_table_nesting": 5,
                    "write_disposition": "append",
                    "endpoint": {
                        "paginator": {
                            "type": "cursor",
                            "cursor_path": "next_token",
                            "cursor_param": "cursor",
                        }
                    },
                }
            ],
            resource_defaults={
                "max_table_nesting": 1,
                "write_disposition": "replace",
                "endpoint": {
                    "data_selector": "data",
                    "paginator": {"type": "header_link"},
                },
            },
        ),
    ),
    same(
        "hints_all_together",
        one(
            {"path": "plain/items", **ROOT, "params": {"limit": 100}},
            table_name="a_table",
            max_table_nesting=2,
            write_disposition="merge",
            columns={"a_text": {"name": "a_text", "data_type": "text"}},
            primary_key="id",
            merge_key="group",
            schema_contract={"tables": "evolve"},
        ),
    ),
]


# ---- paginators and auth by their types

_KINDS: dict[str, tuple[str, Any]] = {
    "single_page": ("single/items", {"type": "single_page"}),
    "page_number": ("pages/1/items", {"type": "page_number", "page": 2, "base_page": 1, "total_path": "meta.pages"}),
    "page_number_param": ("pages/1/items", {"type": "page_number", "page_param": "p", "total_path": "meta.pages", "base_page": 1, "maximum_page": 5}),
    "offset": ("offset/items", {"type": "offset", "limit": 100, "maximum_offset": 1000, "total_path": "total"}),
    "json_link": ("json-link/items", {"type": "json_link", "next_url_path": "links.next"}),
    "json_response": ("json-link/items", {"type": "json_response", "next_url_path": "links.next"}),
    "cursor": ("cursor/items", {"type": "cursor", "cursor_param": "cursor"}),
    "bare_single_page": ("single/items", "single_page"),
    "bare_json_link": ("json-link/items", "json_link"),
    "bare_json_response": ("json-link/items", "json_response"),
    "bare_cursor": ("cursor/items", "cursor"),
}  # fmt: skip

KINDS = [
    *(
        same(
            f"kind_{name}",
            one({"path": path, "data_selector": "data", "paginator": paginator}),
        )
        for name, (path, paginator) in _KINDS.items()
    ),
    same(
        "kind_header_link",
        one(
            {
                "path": "header-link/next_page/items",
                "data_selector": "$",
                "paginator": {"type": "header_link", "links_next_key": "next_page"},
            }
        ),
    ),
    same(
        "kind_bare_header_link",
        one(
            {
                "path": "header-link/items",
                "data_selector": "$",
                "paginator": "header_link",
            }
        ),
    ),
    same(
        "kind_bare_header_cursor",
        one(
            {
                "path": "header-cursor/items",
                "data_selector": "$",
                "paginator": "header_cursor",
            }
        ),
    ),
    same(
        "kind_bare_page_number",
        one(
            {
                "path": "pages/0/items",
                "data_selector": "data",
                "paginator": "page_number",
            }
        ),
        wire=False,
    ),
]


# ---- configs that dlt refuses

_EXPECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no_resources", {"client": {"base_url": BASE}}, "resources", "missing-key"),
    ("no_client", {"resources": ["shops"]}, "client", "missing-key"),
    ("unknown_key_of_client", several(["shops"], {"invalid_key": "x"}), "invalid_key", "unknown-key"),
    ("unknown_paginator", several(["shops"], {"paginator": "invalid_one"}), "invalid_one", "wrong-value"),
    ("unknown_paginator_type", several(["shops"], {"paginator": {"type": "invalid_one"}}), "paginator", "wrong-value"),
    ("unknown_auth_type", several(["shops"], {"auth": {"type": "magic"}}), "auth", "wrong-value"),
    ("unknown_auth_word", several(["shops"], {"auth": "magic"}), "auth", "wrong"),
    ("unknown_key_of_auth", several(["shops"], {"auth": {"type": "bearer", "place": "header", "token": "t"}}), "place", "unknown-key"),
    ("unknown_key_of_endpoint", one({"path": "shops", "pth": "x"}), "pth|resources", "unknown-key"),
    ("unknown_key_of_resource", one("shops", nme="x"), "nme|resources", "unknown-key"),
    ("unknown_parent", several([SHOPS, {"name": "a", "endpoint": {"path": "a/{k}", "params": {"k": {**KEY, "resource": "shopss"}}}}]), "shopss", "unknown-parent"),
    ("unknown_parent_in_path", several([SHOPS, {"name": "a", "endpoint": "a/{resources.shopss.id}"}]), "shopss", "unknown-parent"),
    ("unused_resolve", several([SHOPS, {"name": "a", "endpoint": {"path": "shops", "params": {"k": KEY}}}]), "not bound in path", "unused-parent"),
    ("circular_parents", several([{"name": "hen", "endpoint": "hen/{resources.egg.id}"}, {"name": "egg", "endpoint": "egg/{resources.hen.id}"}]), "cycle", "cycle|circular|parent"),
    ("own_parent", several([{"name": "hen", "endpoint": "hen/{resources.hen.id}"}]), "cycle", "unknown-parent"),
    ("two_incrementals", one({"path": "shops", **ROOT, "params": {"a": SINCE, "b": {**SINCE, "cursor_path": "x"}}}), "single incremental", "conflict"),
    ("param_type_unknown", one({"path": "shops", **ROOT, "params": {"a": {"type": "no_incremental"}}}), "no_incremental|type", "wrong-type"),
    ("include_without_parent", one({"path": "shops", **ROOT}, include_from_parent=["id"]), "include_from_parent", "unknown-parent"),
    ("method_unknown", one({"path": "shops", "method": "FETCH", **ROOT}), "method|resources", "wrong-value"),
    ("name_twice", several(["shops", "shops"]), "already defined", "duplicate-resource"),
    ("resource_without_name", several([{"endpoint": "shops"}]), "name", "missing-key"),
    ("write_disposition_unknown", one("shops", write_disposition="upsert"), "upsert|resources", "wrong"),
]  # fmt: skip

REFUSED = [
    differs(
        "both",
        f"refused_{name}",
        config,
        reason="both refuse it",
        theirs=theirs,
        ours=ours,
    )
    for name, config, theirs, ours in _EXPECTED
]

# ---- configs that dlt refuses and a connector takes, or the other way round

TAKEN = [
    differs("limit", "offset_without_limit", several([{"name": "offset/items", "endpoint": {"data_selector": "data"}}], {"paginator": "offset"}), reason="the page size of `offset` may be the server's: offsets grow by the rows received", theirs="offset", ours={"offset/items": 13}),
    differs("D38", "two_parents", several([SHOPS, "status", {"name": "a", "endpoint": {"path": "echo/{resources.shops.id}/{resources.status.id}", **DATA}}], {"paginator": "single_page"}), reason="values of two parents: allowed through the chain of parents", theirs="Multiple parent", ours="parents"),
    differs("open placeholder", "unbound_placeholder", one({"path": "{org}/list", **DATA}), reason="a placeholder that nothing resolves is an argument of the source", theirs="requires a param", ours="org"),
    differs("open placeholder", "unknown_context", one({"path": "echo", "params": {"q": "{unknown.shops.id}"}, **DATA}), reason="a placeholder that nothing resolves is an argument of the source", theirs="not valid", ours="unknown_shops_id"),
    differs("open placeholder", "unknown_context_in_json", one({"path": "echo", "method": "POST", "json": {"q": "{unknown.shops.id}"}, **DATA}), reason="a placeholder that nothing resolves is an argument of the source", theirs="not valid", ours="unknown_shops_id"),
    differs("resources", "no_resource", several([]), reason="a connector has at least one resource", theirs={}, ours="resources"),
    differs("no key", "merge_without_key", one({"path": "plain/items", **ROOT}, write_disposition="merge"), reason="merge without a key is an append: refused", theirs={"items": 13}, ours="merge-without-key"),
]  # fmt: skip

CASES: list[Case] = [
    *QUERIES,
    *CHILD_QUERIES,
    *PLACES,
    *DETAILS,
    *FORMS,
    *KINDS,
    *REFUSED,
    *TAKEN,
]
