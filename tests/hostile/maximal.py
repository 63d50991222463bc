"""Small specs that together use every key of the language: what the tests write into."""

from __future__ import annotations

from .maximal_more import MORE
from .parts import Mapping, resource, spec_of, with_auth

_TICKETS = {**resource("tickets"), "primary_key": "id"}

_RECORD: Mapping = {
    "title": "Ticket",
    "description": "A request of a customer.",
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "integer", "description": "Identifier.", "minimum": 1},
        "status": {"type": "string", "enum": ["open", "closed"]},
        "kind": {"const": "ticket"},
        "subject": {
            "type": "string",
            "title": "Subject",
            "description": "What it is about.",
            "default": "none",
            "pattern": "^[a-z]+$",
            "minLength": 1,
            "maxLength": 99,
        },
        "score": {"type": "number", "maximum": 9.5, "multipleOf": 0.5},
        "rank": {"type": ["integer", "null"], "exclusiveMinimum": 0},
        "rating": {"$ref": "#/definitions/rating"},
        "owner": {"$ref": "#/definitions/person"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 9},
        "closed": {
            "type": "object",
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "by": {"type": "string", "format": "email"},
            },
        },
        "open": {"type": "boolean", "default": True, "nullable": True},
        "day": {"type": "string", "format": "date"},
    },
}

_DEFINITIONS: Mapping = {
    "rating": {"type": "string", "enum": ["good", "bad"], "description": "A rating."},
    "person": {
        "type": "object",
        "description": "Somebody.",
        "properties": {"name": {"type": "string"}},
    },
}

SPECS: dict[str, Mapping] = {
    "top": spec_of(
        "bare",
        {
            "name": "settings",
            "description": "All settings of the desk.",
            "endpoint": "/settings",
        },
        version=1,
        description="A help desk.",
        docs="https://docs.example.com/api",
        silence=["no-primary-key"],
        client={
            "environments": {
                "production": "https://api.example.com/v1",
                "sandbox": "https://sandbox.example.com/{tenant}",
            },
            "headers": {"X-App": "demo", "X-Account": 'dlt.secrets["account"]'},
            "paginator": {"type": "json_link", "next_url_path": "links.next"},
            "error_handler": {
                "retry_on_status_codes": [429, 503],
                "max_retries": 3,
                "backoff_factor": 2.0,
                "error_message": "The desk is closed.",
                "wait_header": {
                    "name": "X-Reset",
                    "format": "epoch",
                    "regex": "[0-9]+",
                    "max": 60.0,
                },
                "ignore_status_codes": [410],
                "rules": [
                    {
                        "statuses": [200, 403],
                        "message": "no plan",
                        "when": "response.error.code == 17",
                        "action": "fail",
                        "error_message": "No plan.",
                    }
                ],
            },
            "rate_limit": {"requests": 100, "per": 60.0, "concurrent": 4},
            "allowed_hosts": ["files.example.com"],
            "timeout": 30.0,
        },
    ),
    "records": spec_of(
        {
            **resource("tickets", record_filter={"condition": "record.kind == 'a'"}),
            "select": ["id", "meta", "old"],
            "drop": ["meta.secret"],
            "flatten": {"meta": "m_"},
            "rename": {"old": "new"},
            "add": {"label": "n{{ record.id }}", "tags": ["a", {"b": 1}]},
            "processing_steps": [{"filter": "record.id > 1"}, {"map": "tidy"}],
            "hooks": {"record": "normalise", "request": "ask"},
        },
        {**resource("notes"), "filter": "record.id is not none"},
        {
            "name": "report",
            "hooks": {"response": "rows_of"},
            "endpoint": {"path": "/report", "paginator": "single_page"},
        },
        {
            "name": "lines",
            "endpoint": {
                "path": "/lines",
                "paginator": "single_page",
                "decoder": {
                    "type": "csv",
                    "delimiter": ";",
                    "encoding": "latin-1",
                    "gzip": True,
                },
            },
        },
        client={"hooks": {"request": "sign"}},
    ),
    "table": spec_of(
        {
            **resource("tickets"),
            "description": "All tickets of the desk.",
            "primary_key": ["id"],
            "merge_key": "day",
            "write_disposition": {"disposition": "merge", "strategy": "upsert"},
            "max_table_nesting": 2,
            "on_invalid": "fail",
            "max_rejected": 0.2,
            "table_name": "desk_tickets",
            "selected": True,
            "silence": ["limit-not-sent"],
        },
        resource_defaults={
            "primary_key": "id",
            "write_disposition": "append",
            "on_invalid": "quarantine",
            "endpoint": {
                "params": {"expand": "agent"},
                "headers": {"X-Trace": "on"},
                "missing_data": "error",
            },
        },
    ),
    "oauth": with_auth(
        "users",
        {
            "type": "oauth2",
            "token_url": "https://auth.example.com/token",
            "client_id": 'dlt.secrets["client_id"]',
            "client_secret": 'dlt.secrets["client_secret"]',
            "refresh_token": 'dlt.secrets["refresh_token"]',
            "grant_type": "refresh_token",
            "client_auth": "basic",
            "scopes": ["read", "write"],
            "access_token_request_data": {"audience": "api", "level": 3},
            "default_token_expiration": 600,
        },
        base_url="https://api.example.com/{tenant}",
    ),
    "oauth-path": with_auth(
        "users", {"type": "oauth2", "token_url": "/token", "scopes": "read"}
    ),
    "methods": with_auth(
        "users",
        {
            "methods": {
                "header_key": {
                    "type": "api_key",
                    "api_key": 'dlt.secrets["api_key"]',
                    "name": "X-Key",
                    "location": "header",
                    "prefix": "Token ",
                },
                "query_key": {"api_key": 'dlt.secrets["api_key"]', "location": "query"},
                "login": {
                    "type": "basic",
                    "username": 'dlt.secrets["username"]',
                    "password": 'dlt.secrets["password"]',
                },
                "bearer": {"type": "bearer", "token": 'dlt.secrets["token"]'},
            }
        },
    ),
    "schema": spec_of(
        {
            **_TICKETS,
            "schema": _RECORD,
            "model": "Ticket",
            "aliases": {"open": "is_open"},
        },
        {**resource("people"), "schema": "#/definitions/person"},
        definitions=_DEFINITIONS,
    ),
    "shapes": spec_of(
        {
            **_TICKETS,
            "schema": {
                "properties": {
                    "pair": {"type": "array", "prefixItems": [{"type": "string"}]},
                    "labels": {
                        "type": "object",
                        "additionalProperties": {"type": "string"},
                    },
                    "either": {
                        "anyOf": [
                            {"type": "string"},
                            {
                                "title": "Wrapped",
                                "properties": {"text": {"type": "string"}},
                            },
                        ]
                    },
                    "one": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
                    "both": {
                        "allOf": [
                            {"$ref": "#/$defs/person"},
                            {"properties": {"role": {"type": "string"}}},
                        ]
                    },
                },
                "$defs": {"person": {"properties": {"name": {"type": "string"}}}},
            },
        }
    ),
    "request": spec_of(
        resource(
            "tickets",
            path="/tickets/{account_id}/all",
            method="GET",
            params={
                "view": "all",
                "config": 'dlt.config["region"]',
                "choice": "{{ config.get('choice', 'first') }}",
                "key": "{{ secrets.account }}",
                "now": "{{ now_utc().strftime('%Y-%m-%d') }}",
                "many": ["a", "b"],
                "number": 3,
                "flag": True,
                "formatted": "f\"{dlt.config.get('start', 'x')}-{kind}\"",
            },
            headers={"Accept": "application/json"},
            missing_data="empty",
            error_handler={
                "error_message": "No tickets.",
                "max_retries": 1,
                "backoff": {"type": "constant", "seconds": 1.5, "max": 9.0},
            },
            rate_limit={"concurrent": 1},
            response_actions=[
                {"status_code": 404, "content": "gone", "action": "ignore"}
            ],
            timeout=10.0,
        ),
        resource("files", path="https://files.example.com/files"),
        client={"allowed_hosts": ["files.example.com"]},
    ),
    "body": spec_of(
        resource(
            "searches",
            method="POST",
            json={"query": {"text": "all", "of": ["{account_id}", 1, None]}},
        ),
        resource("answers", http_method="POST", body=[{"a": "b"}]),
    ),
    "parents": spec_of(
        {**_TICKETS, "schema": {"properties": {"id": {"type": "integer"}}}},
        {
            **resource(
                "comments",
                path="/tickets/{resources.tickets.id}/comments",
                data_selector=["data", 0, "*"],
            ),
            "include_from_parent": ["id"],
        },
        resource(
            "replies",
            path="/tickets/{ticket}/replies",
            partition_router={
                "type": "substream",
                "parent_stream": "tickets",
                "parent_key": "id",
                "partition_field": "ticket",
            },
        ),
        resource(
            "links",
            path="/tickets/{ticket_id}/links",
            params={
                "ticket_id": {"type": "resolve", "resource": "tickets", "field": "id"}
            },
        ),
    ),
    "offset": spec_of(
        resource(
            "tickets",
            paginator={
                "type": "offset",
                "limit": 50,
                "limit_param": "limit",
                "offset": 0,
                "offset_param": "offset",
                "total_path": "meta.total",
                "total": "exact",
                "maximum_offset": 10000,
                "stop_condition": "{{ response.get('meta', {}).get('done') == 'yes' }}",
                "max_pages": 100,
                "has_more_path": "meta.more",
                "stop_after_empty_page": True,
            },
        ),
        resource(
            "answers",
            method="POST",
            paginator={
                "type": "offset",
                "offset_body_path": "page.offset",
                "limit": 5,
                "limit_body_path": "page.limit",
            },
        ),
    ),
    "page-number": spec_of(
        resource(
            "tickets",
            paginator={
                "type": "page_number",
                "start_from_page": 1,
                "page_param": "page",
                "page_size": 20,
                "size_param": "per_page",
                "total_path": "pages",
                "maximum_page": 9,
            },
        ),
        resource(
            "answers",
            method="POST",
            paginator={
                "type": "page_number",
                "page": 1,
                "page_body_path": "page.number",
            },
        ),
    ),
    "cursor": spec_of(
        resource(
            "searches",
            method="POST",
            json={"page": {"size": 1}},
            paginator={
                "type": "cursor",
                "cursor_path": "meta['next.cursor']",
                "cursor_body_path": "page.cursor",
                "limit": 10,
                "limit_body_path": "page.size",
            },
            data_selector="data.*.item",
        ),
        resource(
            "audits",
            paginator={
                "type": "cursor",
                "cursor_value": "{{ last_record['id'] }}",
                "cursor_param": "after",
                "stop_condition": "headers['X-Done'] or response.count|int > 3",
            },
        ),
        resource(
            "records",
            paginator={"type": "cursor", "cursor_param": "next", "limit": 5},
        ),
    ),
    "links": spec_of(
        resource(
            "tickets", paginator={"type": "header_link", "links_next_key": "next"}
        ),
        resource(
            "events",
            paginator={
                "type": "header_cursor",
                "cursor_key": "X-Next",
                "cursor_param": "cursor",
            },
        ),
        resource("tasks", paginator={"type": "cursor", "cursor_path": "links.next"}),
    ),
    "paging-places": spec_of(
        resource(
            "searches",
            method="POST",
            data={"query": "all", "of": ["{account_id}", 1], "none": None},
            paginator={
                "type": "cursor",
                "cursor_path": "next",
                "cursor_body_path": "page[after]",
                "limit": 10,
                "limit_header": "X-Size",
                "is_last_path": "meta.last",
            },
        ),
        resource(
            "tickets",
            paginator={
                "type": "cursor",
                "cursor_path": "meta.next",
                "cursor_header": "X-Cursor",
                "relative_to": "base_url",
            },
        ),
        resource(
            "tasks",
            paginator={
                "type": "json_link",
                "next_url_path": "links.next",
                "relative_to": "base_url",
            },
        ),
        resource(
            "audits",
            paginator={
                "type": "page_number",
                "start_from_page": 1,
                "first_page_sent": False,
                "limit": 10,
                "limit_param": "size",
                "stop_after_short_page": True,
                "total_path": "headers.X-Total",
                "total_is": "rows",
                "total": "exact",
            },
        ),
        resource(
            "events",
            path="events/{offset}",
            paginator={"type": "offset", "inject_on_first_request": False},
        ),
    ),
    "incremental": spec_of(
        {
            **resource(
                "tickets",
                params={"from": "from {incremental.start_value}"},
                incremental={
                    "cursor_path": "updated_at",
                    "initial_value": "2024-01-01T00:00:00Z",
                    "end_value": "2030-01-01T00:00:00Z",
                    "start_param": "updated_since",
                    "end_param": "updated_until",
                    "format": "%Y-%m-%d",
                    "primary_key": "id",
                    "on_cursor_value_missing": "include",
                },
            ),
            "schema": {
                "properties": {"updated_at": {"type": "string", "format": "date-time"}}
            },
        },
        resource(
            "forms",
            params={
                "since": {
                    "type": "incremental",
                    "cursor_path": "changed",
                    "initial_value": "2024-01-01",
                }
            },
        ),
    ),
    "sync": spec_of(
        resource(
            "audits",
            incremental_sync={
                "type": "datetime",
                "cursor_field": "at",
                "start_datetime": 'dlt.config["start_date"]',
                "end_datetime": "now",
                "datetime_format": "%Y-%m-%dT%H:%M:%SZ",
                "step": "P1D",
                "start_time_option": {"field_name": "from", "inject_into": "query"},
                "end_time_option": {"field_name": "to"},
            },
        ),
        {
            **resource("events"),
            "incremental_sync": {"cursor_field": "at", "start_datetime": "2024-01-01"},
        },
    ),
    **MORE,
}
"""By what each is about."""
