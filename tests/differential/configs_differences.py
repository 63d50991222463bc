"""Where dlt and a connector differ on purpose: the table behind `docs/differences-from-dlt.md`.

`theirs` and `ours` are rows of each resource, or a pattern of the error.
"""

from __future__ import annotations

from typing import Any

from tests.differential.harness import Case, differs, one, several

DATA: dict[str, Any] = {"data_selector": "data", "paginator": "single_page"}
ROOT: dict[str, Any] = {"data_selector": "$", "paginator": "single_page"}
SHOPS = {"name": "shops", "endpoint": ROOT}


def _pages(path: str, paginator: Any, **endpoint: Any) -> dict[str, Any]:
    return one(
        {"path": path, "data_selector": "data", "paginator": paginator, **endpoint}
    )


def _echo(**endpoint: Any) -> dict[str, Any]:
    return one({"path": "echo", **DATA, **endpoint})


NO_TOTAL = {"type": "offset", "limit": 5, "total_path": None}

CASES: list[Case] = [
    # ---- paging
    differs(
        "D1",
        "repeated_cursor",
        _pages("cursor-forever/items", "cursor"),
        reason="a cursor that repeats is an error",
        theirs={"items": 60},
        ours="the same 1 records|leads back to this request",
    ),
    differs(
        "D7",
        "offset_ignored",
        _pages("single/items", {**NO_TOTAL, "limit": 13}),
        reason="a page that repeats is an error",
        theirs={"items": 60 * 13},
        ours="the same 13 records",
    ),
    differs(
        "D9",
        "page_capped_by_server",
        _pages("capped/items", {"type": "offset", "limit": 10}),
        reason="offsets grow by the rows received",
        theirs={"items": 8},
        ours={"items": 13},
    ),
    differs(
        "D10",
        "error_with_status_200",
        _pages("offset-breaks/items", NO_TOTAL),
        reason="a missing data path is an error",
        theirs={"items": 10},
        ours="no data at data",
    ),
    differs(
        "D10",
        "last_page_null",
        _pages("cursor-null/items", "cursor"),
        reason="after the first page null is an empty page only with `missing_data: empty`",
        theirs={"items": 13},
        ours="no data at data",
    ),
    differs(
        "D11",
        "selector_misspelt",
        one({"path": "single/items", **DATA, "data_selector": "dta"}),
        reason="a missing data path is an error",
        theirs={"items": 0},
        ours="no data at dta",
    ),
    differs(
        "D13",
        "pages_not_named",
        one({"path": "pages/1/items", "data_selector": "data"}),
        reason="paging is not guessed: an answer that announces more is an error",
        theirs={"items": 15},
        ours="has_more",
    ),
    differs(
        "D8",
        "next_link_not_named",
        one({"path": "json-link/items", "data_selector": "data"}),
        reason="paging is not guessed: an answer that announces more is an error",
        theirs={"items": 13},
        ours="paginator",
    ),
    differs(
        "D8",
        "paginator_auto",
        one({"path": "json-link/items", "data_selector": "data", "paginator": "auto"}),
        reason="paging is not guessed",
        theirs={"items": 13},
        ours="paginator-auto",
    ),
    differs(
        "D15",
        "selector_not_named",
        one({"path": "single/items", "paginator": "single_page"}),
        reason="the place of the records is not guessed: the whole answer is one record",
        theirs={"items": 13},
        ours={"items": 1},
    ),
    differs(
        "D14",
        "path_ends_in_placeholder",
        several(
            [
                SHOPS,
                {
                    "name": "orders",
                    "endpoint": {
                        "path": "numbered/{resources.shops.id}",
                        "data_selector": "data",
                    },
                },
            ],
            {
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "total_path": "total_pages",
                }
            },
        ),
        reason="a path that ends in a placeholder does not switch paging off",
        theirs={"shops": 3, "orders": 6},
        ours={"shops": 3, "orders": 9},
    ),
    differs(
        "D18",
        "next_url_empty",
        _pages("json-link-empty/items", "json_link"),
        reason="an empty next URL ends the data",
        theirs="Invalid URL",
        ours={"items": 13},
    ),
    differs(
        "D19",
        "no_content",
        one({"path": "no-content", **ROOT}),
        reason="204 is an empty page",
        theirs="JSON|Expecting value",
        ours={"items": 0},
    ),
    differs(
        "D20",
        "total_not_there",
        one(
            {
                "path": "offset-bare/items",
                "data_selector": "$",
                "paginator": {"type": "offset", "limit": 5},
            }
        ),
        reason="no total is expected that the config does not name",
        theirs="Total 'items'|total",
        ours={"items": 13},
    ),
    differs(
        "D20",
        "ended_by_default_total",
        _pages(
            "offset/items",
            {"type": "offset", "limit": 5, "stop_after_empty_page": False},
        ),
        reason="a total that ends the data has to be named: `total_path: total`",
        theirs={"items": 13},
        ours="endless",
    ),
    differs(
        "seed",
        "cursor_path_without_param",
        _pages("cursor/items", {"type": "cursor", "cursor_path": "next_token"}),
        reason="`cursor_path` without `cursor_param` is the next URL; here it is none",
        theirs={"items": 13},
        ours="is no URL or path",
    ),
    # ---- requests
    differs(
        "braces",
        "doubled_braces",
        _echo(params={"q": "{{not_this}}"}),
        reason="`{{ }}` holds an expression; braces themselves are `{{ '{' }}`",
        theirs={"items": 1},
        ours="not_this",
    ),
    differs(
        "braces",
        "nested_doubled_braces",
        _echo(params={"q": "{{a {{and}} {{b}}}}"}),
        reason="`{{ }}` holds an expression; braces themselves are `{{ '{' }}`",
        theirs={"items": 1},
        ours="expression",
    ),
    differs(
        "braces",
        "doubled_braces_in_json",
        _echo(method="POST", json={"a": {"b": ["{{not_this}}"]}}),
        reason="`{{ }}` holds an expression; braces themselves are `{{ '{' }}`",
        theirs={"items": 1},
        ours="not_this",
    ),
    differs(
        "braces",
        "braces_in_header_name",
        _echo(headers={"X-{{escaped}}": "1"}),
        reason="a header's name is a token (RFC 9110)",
        theirs={"items": 1},
        ours="header",
    ),
    differs(
        "D28",
        "auth_cookie",
        one(
            {"path": "secure/cookie/items", **DATA},
            {
                "auth": {
                    "type": "api_key",
                    "name": "session",
                    "api_key": "k3y",
                    "location": "cookie",
                }
            },
        ),
        reason="a key in a cookie works",
        theirs="NotImplementedError",
        ours={"items": 13},
    ),
    differs(
        "D35",
        "path_values_escaped",
        several(
            [
                {"name": "tangled", "endpoint": ROOT},
                {
                    "name": "echoed",
                    "endpoint": {"path": "echo/{resources.tangled.id}/x", **DATA},
                },
            ]
        ),
        reason="values in a path are percent-encoded",
        theirs={"tangled": 2, "echoed": 2},
        ours={"tangled": 2, "echoed": 2},
    ),
    differs(
        "D36",
        "parent_value_null",
        several(
            [
                {"name": "holed", "endpoint": ROOT},
                {
                    "name": "echoed",
                    "endpoint": {"path": "echo/{resources.holed.id}", **DATA},
                },
            ]
        ),
        reason="a parent whose value is null is skipped and counted",
        theirs={"holed": 2, "echoed": 2},
        ours={"holed": 2, "echoed": 1},
    ),
    differs(
        "D39",
        "child_not_found",
        several(
            [
                SHOPS,
                {
                    "name": "notes",
                    "endpoint": {"path": "sparse/404/{resources.shops.id}", **ROOT},
                },
            ]
        ),
        reason="both fail unless the config says what to do; ours names resource and page",
        theirs="404",
        ours="404",
    ),
    differs(
        "D37",
        "no_start_value",
        one(
            {
                "path": "events/filtered",
                **DATA,
                "params": {"since": "{incremental.start_value}"},
                "incremental": {"cursor_path": "at"},
            }
        ),
        reason="a bound that there is not yet is left out; dlt sends `since=None`",
        theirs={"items": 0},
        ours={"items": 3},
    ),
    # ---- defaults
    differs(
        "headers",
        "defaults_headers",
        several(
            [{"name": "echo", "endpoint": {"headers": {"X-A": "1"}}}],
            resource_defaults={"endpoint": {**DATA, "headers": {"X-B": "2"}}},
        ),
        reason="headers of `resource_defaults` are joined key by key, as `params` are",
        theirs={"echo": 1},
        ours={"echo": 1},
    ),
    # ---- tables
    differs(
        "D50",
        "values_discarded",
        one(
            {"path": "single/items", **DATA},
            schema_contract={"columns": "discard_value"},
            columns={"id": {"data_type": "bigint"}, "name": {"data_type": "text"}},
        ),
        reason="values that would vanish without a trace are refused",
        theirs={"items": 13},
        ours="data-loss",
    ),
    differs(
        "nested",
        "parent_table_name",
        one({"path": "single/items", **DATA}, parent_table_name="shops"),
        reason="dlt takes the key, and fails when a resource is made of it",
        theirs="parent_table_name",
        ours="no-meaning",
    ),
    # ---- actions
    differs(
        "D43",
        "action_unknown",
        one(
            {
                "path": "single/items",
                **DATA,
                "response_actions": [{"status_code": 403, "action": "retry_later"}],
            }
        ),
        reason="an unknown action is an error when the spec is read",
        theirs={"items": 13},
        ours="action|retry_later",
    ),
]
