"""Configs about the client and how it signs, and about paging: alone and in pairs."""

from __future__ import annotations

from typing import Any

from tests.differential.harness import BASE, Case, one, same, several

DATA: dict[str, Any] = {"data_selector": "data", "paginator": "single_page"}


def _secure(kind: str, auth: Any, **endpoint: Any) -> dict[str, Any]:
    return one({"path": f"secure/{kind}/items", **DATA, **endpoint}, {"auth": auth})


BEARER = {"type": "bearer", "token": "t0ken"}
NAMED = {"type": "api_key", "name": "X-Api-Key", "api_key": "k3y"}
BASIC = {"type": "http_basic", "username": "ann", "password": "s3cret"}
OAUTH = {
    "type": "oauth2_client_credentials",
    "access_token_url": f"{BASE}/oauth/token",
    "client_id": "cid",
    "client_secret": "cs3cret",
}

CLIENT = [
    same("base_url", one({"path": "single/items", **DATA})),
    same(
        "base_url_slash",
        one({"path": "single/items", **DATA}, {"base_url": f"{BASE}/"}),
    ),
    same("path_slash", one({"path": "/single/items", **DATA})),
    same(
        "base_url_path", one({"path": "items", **DATA}, {"base_url": f"{BASE}/single"})
    ),
    same(
        "base_url_path_and_slashes",
        one({"path": "/items", **DATA}, {"base_url": f"{BASE}/single/"}),
    ),
    same(
        "client_headers", one({"path": "echo", **DATA}, {"headers": {"X-Team": "blue"}})
    ),
    same(
        "client_and_endpoint_headers",
        one(
            {"path": "echo", "headers": {"X-Own": "1", "X-Team": "red"}, **DATA},
            {"headers": {"X-Team": "blue", "X-Other": "2"}},
        ),
    ),
    same(
        "client_headers_and_auth",
        one({"path": "echo", **DATA}, {"headers": {"X-Team": "blue"}, "auth": BEARER}),
    ),
    same("auth_bearer", _secure("bearer", BEARER)),
    same("auth_bearer_without_type", _secure("bearer", {"token": "t0ken"})),
    same(
        "auth_api_key_header", _secure("header", {"type": "api_key", "api_key": "k3y"})
    ),
    same("auth_api_key_named", _secure("named", NAMED)),
    same(
        "auth_api_key_located",
        _secure("named", {**NAMED, "location": "header"}),
    ),
    same(
        "auth_api_key_query",
        _secure("query", {**NAMED, "name": "api_key", "location": "query"}),
    ),
    same(
        "auth_api_key_param",
        _secure("query", {**NAMED, "name": "api_key", "location": "param"}),
    ),
    same(
        "auth_api_key_query_and_params",
        one(
            {"path": "echo", "params": {"q": "x"}, **DATA},
            {"auth": {**NAMED, "name": "api_key", "location": "query"}},
        ),
    ),
    same(
        "auth_api_key_query_and_pages",
        one(
            {"path": "cursor/items", "data_selector": "data", "paginator": "cursor"},
            {"auth": {**NAMED, "name": "api_key", "location": "query"}},
        ),
    ),
    same("auth_http_basic", _secure("basic", BASIC)),
    same("auth_oauth2_client_credentials", _secure("oauth", OAUTH)),
    same(
        "auth_oauth2_request_data",
        _secure(
            "oauth",
            {
                **OAUTH,
                "access_token_request_data": {"audience": "shop", "scope": "read"},
                "default_token_expiration": 60,
            },
        ),
    ),
    same(
        "auth_oauth2_access_token",
        _secure("oauth", {**OAUTH, "access_token": "issued"}),
        wire=False,
    ),
    same(
        "auth_of_endpoint",
        one({"path": "secure/bearer/items", "auth": BEARER, **DATA}),
    ),
    same(
        "auth_of_endpoint_over_client",
        several(
            [
                {
                    "name": "a",
                    "endpoint": {"path": "secure/basic/items", **DATA, "auth": BASIC},
                },
                {"name": "b", "endpoint": {"path": "secure/bearer/items", **DATA}},
            ],
            {"auth": BEARER},
        ),
    ),
    same(
        "auth_without_type_of_endpoint",
        one({"path": "secure/bearer/items", "auth": {"token": "t0ken"}, **DATA}),
    ),
    same(
        "client_paginator",
        one({"path": "cursor/items", "data_selector": "data"}, {"paginator": "cursor"}),
    ),
    same(
        "client_paginator_and_endpoint_paginator",
        several(
            [
                {
                    "name": "a",
                    "endpoint": {"path": "cursor/items", "data_selector": "data"},
                },
                {"name": "b", "endpoint": {"path": "single/items", **DATA}},
            ],
            {"paginator": {"type": "cursor"}},
        ),
    ),
]


def _pages(path: str, paginator: Any, **endpoint: Any) -> dict[str, Any]:
    return one(
        {"path": path, "data_selector": "data", "paginator": paginator, **endpoint}
    )


def _rooted(path: str, paginator: Any) -> dict[str, Any]:
    return one({"path": path, "data_selector": "$", "paginator": paginator})


# Where `wire` is false, dlt reads `total` without being told (D20) or steps over a short
# page (D9): the last request is one more, or another one.
PAGING = [
    same("single_page", _pages("single/items", "single_page")),
    same("single_page_typed", _pages("single/items", {"type": "single_page"})),
    same("offset", _pages("offset/items", {"type": "offset", "limit": 5}), wire=False),
    same(
        "offset_named",
        _pages(
            "offset/items",
            {
                "type": "offset",
                "limit": 4,
                "offset_param": "skip",
                "limit_param": "size",
            },
        ),
        wire=False,
    ),
    same(
        "offset_started",
        _pages("offset/items", {"type": "offset", "limit": 5, "offset": 3}),
        wire=False,
    ),
    same(
        "offset_total_path",
        _pages(
            "offset/items", {"type": "offset", "limit": 5, "total_path": "meta.count"}
        ),
    ),
    same(
        "offset_no_total",
        _pages("offset/items", {"type": "offset", "limit": 5, "total_path": None}),
        wire=False,
    ),
    same(
        "offset_no_total_list",
        _rooted(
            "offset-bare/items", {"type": "offset", "limit": 5, "total_path": None}
        ),
        wire=False,
    ),
    same(
        "offset_has_more",
        _pages(
            "offset/items",
            {
                "type": "offset",
                "limit": 5,
                "total_path": None,
                "has_more_path": "has_more",
            },
        ),
    ),
    same(
        "offset_has_more_text",
        _pages(
            "offset/items",
            {
                "type": "offset",
                "limit": 5,
                "total_path": None,
                "has_more_path": "more_text",
            },
        ),
    ),
    same(
        "offset_maximum",
        _pages(
            "offset/items",
            {"type": "offset", "limit": 5, "maximum_offset": 10, "total_path": None},
        ),
    ),
    same(
        "offset_maximum_and_total",
        _pages("offset/items", {"type": "offset", "limit": 5, "maximum_offset": 10}),
    ),
    same(
        "offset_in_body",
        _pages(
            "offset-post/items",
            {
                "type": "offset",
                "limit": 5,
                "offset_body_path": "offset",
                "limit_body_path": "limit",
            },
            method="POST",
        ),
        wire=False,
    ),
    same(
        "offset_in_nested_body",
        _pages(
            "offset-post/items",
            {
                "type": "offset",
                "limit": 5,
                "offset_body_path": "paging.offset",
                "limit_body_path": "paging.limit",
            },
            method="POST",
            json={"query": "all", "paging": {"sort": "id"}},
        ),
        wire=False,
    ),
    same("page_number", _pages("pages/0/items", {"type": "page_number"}), wire=False),
    same(
        "page_number_base",
        _pages("pages/1/items", {"type": "page_number", "base_page": 1}),
        wire=False,
    ),
    same(
        "page_number_named",
        _pages(
            "pages/1/items",
            {
                "type": "page_number",
                "base_page": 1,
                "page_param": "p",
                "total_path": "meta.pages",
            },
        ),
    ),
    same(
        "page_number_started",
        _pages("pages/1/items", {"type": "page_number", "base_page": 1, "page": 2}),
        wire=False,
    ),
    same(
        "page_number_no_total",
        _pages(
            "pages/1/items", {"type": "page_number", "base_page": 1, "total_path": None}
        ),
    ),
    same(
        "page_number_maximum",
        _pages(
            "pages/1/items",
            {
                "type": "page_number",
                "base_page": 1,
                "maximum_page": 3,
                "total_path": None,
            },
        ),
    ),
    same(
        "page_number_maximum_and_total",
        _pages(
            "pages/1/items",
            {
                "type": "page_number",
                "base_page": 1,
                "maximum_page": 3,
                "total_path": "total_pages",
            },
        ),
    ),
    same(
        "page_number_has_more",
        _pages(
            "pages/1/items",
            {
                "type": "page_number",
                "base_page": 1,
                "total_path": None,
                "has_more_path": "has_more",
            },
        ),
    ),
    same(
        "page_number_in_body",
        _pages(
            "pages-post/items",
            {"type": "page_number", "base_page": 1, "page_body_path": "page"},
            method="POST",
        ),
        wire=False,
    ),
    same(
        "page_number_in_nested_body",
        _pages(
            "pages-post/items",
            {"type": "page_number", "base_page": 1, "page_body_path": "paging.page"},
            method="POST",
            json={"filter": {"active": True}},
        ),
        wire=False,
    ),
    same("cursor", _pages("cursor/items", "cursor")),
    same("cursor_typed", _pages("cursor/items", {"type": "cursor"})),
    same(
        "cursor_named",
        _pages(
            "cursor/items",
            {
                "type": "cursor",
                "cursor_path": "meta.page.after",
                "cursor_param": "after",
            },
        ),
    ),
    same(
        "cursor_param_alone",
        _pages("cursor/items", {"type": "cursor", "cursor_param": "after"}),
    ),
    same(
        "cursor_has_more",
        _pages("cursor/items", {"type": "cursor", "has_more_path": "has_more"}),
    ),
    same(
        "cursor_stopped_by_empty_page",
        _pages("cursor/items", {"type": "cursor", "stop_after_empty_page": True}),
    ),
    same(
        "cursor_with_params",
        _pages("cursor/items", "cursor", params={"limit": 5, "sort": "id"}),
    ),
    same(
        "cursor_in_body",
        _pages(
            "cursor-post/items",
            {"type": "cursor", "cursor_body_path": "cursor"},
            method="POST",
        ),
    ),
    same(
        "cursor_in_nested_body",
        _pages(
            "cursor-post/items",
            {"type": "cursor", "cursor_body_path": "page.after"},
            method="POST",
            json={"page": {"size": 5}},
        ),
    ),
    same("json_link", _pages("json-link/items", "json_link")),
    same(
        "json_link_path",
        _pages("json-link/items", {"type": "json_link", "next_url_path": "links.next"}),
    ),
    same(
        "json_link_quoted",
        _pages(
            "json-link/items",
            {"type": "json_link", "next_url_path": "['@odata.nextLink']"},
        ),
    ),
    same("json_link_relative", _pages("json-link-relative/items", "json_link")),
    same(
        "json_link_drops_params",
        _pages("json-link/items", "json_link", params={"sort": "id"}),
    ),
    same(
        "json_response",
        _pages(
            "json-link/items", {"type": "json_response", "next_url_path": "links.next"}
        ),
    ),
    same("header_link", _rooted("header-link/items", "header_link")),
    same(
        "header_link_rel",
        _rooted(
            "header-link/after/items",
            {"type": "header_link", "links_next_key": "after"},
        ),
    ),
    same("header_cursor", _rooted("header-cursor/items", "header_cursor")),
    same(
        "header_cursor_named",
        _rooted(
            "header-cursor/items",
            {"type": "header_cursor", "cursor_key": "X-After", "cursor_param": "after"},
        ),
    ),
    same(
        "pages_with_headers",
        _pages("offset/items", {"type": "offset", "limit": 5}, headers={"X-Own": "1"}),
        wire=False,
    ),
    same(
        "pages_of_nested_data",
        one(
            {
                "path": "json-link/items",
                "data_selector": "$.data",
                "paginator": {"type": "json_link", "next_url_path": "$.links.next"},
            }
        ),
    ),
]

CASES: list[Case] = [*CLIENT, *PAGING]
