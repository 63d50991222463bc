"""Small specs with the keys of auth, tables, shaping, lists and windows."""

from __future__ import annotations

from .parts import Mapping, resource, spec_of, with_auth

_USER = 'dlt.secrets["user"]'
_KEY = 'dlt.secrets["key"]'

MORE: dict[str, Mapping] = {
    "bearer": with_auth(
        "users",
        {
            "type": "bearer",
            "token": _KEY,
            "prefix": "Token ",
            "name": "Authorization",
            "location": "header",
        },
        timeout=3.0,
    ),
    "keys": with_auth(
        "users",
        {
            "type": "api_keys",
            "keys": [
                {"api_key": _KEY, "name": "X-Key"},
                {
                    "api_key": _USER,
                    "name": "app",
                    "location": "cookie",
                    "prefix": "App ",
                },
            ],
        },
    ),
    "password": with_auth(
        "users",
        {
            "type": "oauth2",
            "auth_endpoint": "https://auth.example.com/token",
            "grant_type": "password",
            "client_id": "{{ secrets.user }}@{{ config.tenant }}",
            "username": _USER,
            "password": 'dlt.secrets["password"]',
            "access_token": 'dlt.secrets["first"]',
            "token_request": "json",
            "grant_type_name": "grant",
            "client_id_name": "app_id",
            "client_secret_name": "app_secret",
            "refresh_token_name": "renew",
            "token_headers": {
                "Authorization": "Basic {{ (secrets.user ~ ':' ~ secrets.key) | base64encode }}"
            },
            "access_token_path": "data.token",
            "expires_in_path": "data.seconds",
            "send": {"location": "query", "name": "token", "prefix": "t-"},
        },
    ),
    "assertion": with_auth(
        "users",
        {
            "type": "jwt_bearer",
            "token_url": "https://auth.example.com/token",
            "private_key": 'dlt.secrets["pem"]',
            "private_key_passphrase": 'dlt.secrets["passphrase"]',
            "claims": {"sub": "reports@example.com", "level": 3, "iss": None},
        },
    ),
    "session": with_auth(
        "users",
        {
            "type": "session_token",
            "login": {
                "url": "/login",
                "method": "POST",
                "params": {"version": 2},
                "headers": {"X-App": "demo {{ config.app }}"},
                "json": {"user": _USER, "more": [{"password": _KEY}]},
                "auth": {"type": "basic", "username": _USER, "password": _KEY},
            },
            "token_path": "data.token",
            "expires_in": 600,
            "send": {"name": "X-Session"},
        },
    ),
    "session-form": spec_of(
        resource(
            "users",
            auth={
                "type": "session_token",
                "login": {"path": "/login", "method": "GET", "form": {"user": _USER}},
                "token_path": "token",
            },
        ),
        resource("pages", auth="none"),
        resource("notes", auth={"type": "api_key", "location": "json", "name": "key"}),
    ),
    "hints": spec_of(
        {
            **resource("tickets"),
            "columns": {
                "id": {"data_type": "bigint", "nullable": False, "x-kept": "yes"},
                "price": {"data_type": "decimal", "precision": 9, "scale": 2},
                "day": {"partition": True, "description": "The day.", "name": "day"},
            },
            "schema_contract": {"columns": "freeze", "data_type": "evolve"},
            "parallelized": True,
            "table_format": "delta",
            "file_format": "parquet",
            "references": [
                {
                    "referenced_table": "people",
                    "columns": ["owner"],
                    "referenced_columns": ["id"],
                    "label": "owner",
                    "cardinality": "many_to_one",
                }
            ],
            "nested_hints": {
                "tags": {
                    "columns": {"value": {"data_type": "text"}},
                    "primary_key": "value",
                    "merge_key": ["value"],
                    "write_disposition": "append",
                    "schema_contract": "evolve",
                    "references": [
                        {
                            "referenced_table": "words",
                            "columns": ["value"],
                            "referenced_columns": ["word"],
                        }
                    ],
                }
            },
        },
        {**resource("people"), "columns": [{"name": "id", "data_type": "text"}]},
        {
            **resource("states"),
            "write_disposition": {
                "disposition": "merge",
                "strategy": "scd2",
                "validity_column_names": ["since", "until"],
                "active_record_timestamp": "9999-12-31T00:00:00Z",
                "row_version_column_name": "version",
            },
        },
        resource_defaults={"parent_table_name": None, "schema_contract": "evolve"},
    ),
    "lists": spec_of(
        {
            **resource(
                "reports",
                path="/{region}/reports/{level}",
                params={"account": "{account}", "pair": "{{ region }}-{{ level }}"},
            ),
            "for_each": {
                "region": ["eu", "us"],
                "level": [1, 2.5, True],
                "account": 'dlt.config["accounts"]',
            },
        },
        resource(
            "sites",
            path="/sites/{site}",
            partition_router=[
                {"type": "list", "values": ["a", "b"], "cursor_field": "site"}
            ],
        ),
    ),
    "windows": spec_of(
        {
            **resource(
                "tickets",
                params={"from": "{incremental.start_value}"},
                incremental={
                    "cursor_path": "updated_at",
                    "initial_value": "2024-01-01T00:00:00Z",
                    "end_param": "until",
                    "window": "P30D",
                    "lookback": "P1D",
                    "range_start": "closed",
                    "range_end": "open",
                    "last_value_func": "max",
                    "allow_external_schedulers": False,
                },
            ),
            "schema": {
                "properties": {"updated_at": {"type": "string", "format": "date-time"}}
            },
        },
        resource(
            "events",
            incremental={
                "cursor_path": "at",
                "cursor_formats": ["%d/%m/%Y %H:%M"],
                "initial_value": "01/02/2024 00:00",
                "client_side": True,
                "row_order": "desc",
            },
        ),
        resource(
            "logs",
            incremental={
                "cursor_path": "number",
                "initial_value": 5,
                "start_param": "after",
                "lag": 2.0,
            },
        ),
    ),
    "functions": spec_of(
        {
            **resource(
                "orders",
                incremental={
                    "cursor_path": "at",
                    "initial_value": "2024-01-01",
                    "start_param": "after",
                    "convert": "spoken",
                },
            ),
            "processing_steps": [{"yield_map": "lines"}],
        },
        resource(
            "audits",
            paginator={
                "type": "offset",
                "limit": 50,
                "limit_param": "limit",
                "max_limit": 100,
                "start_time_option": {
                    "field_name": "from",
                    "inject_into": "request_parameter",
                },
                "end_time_option": {"field_name": "X-Until", "inject_into": "header"},
            },
        ),
    ),
    "sync-more": spec_of(
        resource(
            "audits",
            incremental_sync={
                "cursor_field": "at",
                "start_datetime": "2024-01-01",
                "datetime_format": "%Y-%m-%d",
                "cursor_datetime_formats": ["%Y-%m-%d"],
                "lookback_window": "P1D",
                "is_data_feed": True,
                "is_client_side_incremental": True,
            },
        ),
    ),
}
