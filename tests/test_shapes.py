"""The shapes of the seeds' kind of document: each compiles, or is refused with what to write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.diagnostics import SpecError


def secret(name: str) -> str:
    """A secret, as such documents name it."""
    return f"dlt.secrets['{name}']"


def spec(
    auth: Any = None,
    endpoint: dict[str, Any] | None = None,
    resource: dict[str, Any] | None = None,
    defaults: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None,
) -> dict[str, Any]:
    path = {"path": "/items", "data_selector": "data", **(endpoint or {})}
    return {
        "client": {
            "base_url": "https://api.example.com",
            "auth": auth or {"type": "bearer", "token": secret("t")},
            **(client or {}),
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            **(defaults or {}),
        },
        "resources": [{"name": "items", "endpoint": path, **(resource or {})}],
    }


def pg(**paginator: Any) -> dict[str, Any]:
    return spec(endpoint={"paginator": paginator})


SHAPES: dict[str, dict[str, Any]] = {
    "auth api_key header": spec(
        {"type": "api_key", "name": "X-K", "api_key": secret("k"), "location": "header"}
    ),
    "auth api_key query": spec(
        {"type": "api_key", "name": "k", "api_key": secret("k"), "location": "query"}
    ),
    "auth api_key body": spec(
        {"type": "api_key", "name": "k", "api_key": secret("k"), "location": "body"}
    ),
    "auth api_key bare": spec({"type": "api_key", "api_key": secret("k")}),
    "auth bearer": spec({"type": "bearer", "token": secret("k")}),
    "auth bearer api_key": spec({"type": "bearer", "api_key": secret("k")}),
    "auth bearer f": spec({"type": "bearer", "token": "f\"{dlt.secrets['k']}\""}),
    "auth basic": spec(
        {"type": "basic", "username": secret("u"), "password": secret("p")}
    ),
    "auth basic empty": spec(
        {"type": "basic", "username": secret("u"), "password": ""}
    ),
    "auth basic b64": spec(
        {
            "type": "api_key",
            "name": "Authorization",
            "api_key": "Basic {{ (dlt.secrets['u'] ~ ':') | base64encode }}",
            "location": "header",
        }
    ),
    "auth oauth2": spec(
        {
            "type": "oauth2",
            "client_id": secret("a"),
            "client_secret": secret("b"),
            "token_url": "https://a.example.com/t",
            "refresh_token": secret("r"),
            "grant_type": "refresh_token",
            "scopes": ["a", "b"],
        }
    ),
    "auth oauth2 scopes str": spec(
        {
            "type": "oauth2",
            "client_id": secret("a"),
            "client_secret": secret("b"),
            "token_url": "https://a.example.com/t",
            "grant_type": "client_credentials",
            "scopes": "a b",
        }
    ),
    "auth oauth2 auth code": spec(
        {
            "type": "oauth2",
            "client_id": secret("a"),
            "client_secret": secret("b"),
            "token_url": "https://a.example.com/t",
            "grant_type": "authorization_code",
        }
    ),
    "auth none": spec({"type": "none"}),
    "auth custom": spec({"type": "custom", "class_name": "x.Y"}),
    "auth session": spec(
        {
            "type": "session_token",
            "login": {"url": "/login", "json": {"u": secret("u")}},
            "token_path": "token",
        }
    ),
    "auth session bare": spec({"type": "session_token", "token": secret("t")}),
    "client headers": spec(
        client={"headers": {"Accept": "application/json", "X-V": 2}}
    ),
    "default endpoint": spec(
        defaults={
            "endpoint": {
                "params": {"limit": 100},
                "paginator": {"type": "offset", "limit": 100},
            }
        }
    ),
    "selector *": spec(endpoint={"data_selector": "*"}),
    "selector []": spec(endpoint={"data_selector": []}),
    "selector str []": spec(endpoint={"data_selector": "[]"}),
    "selector empty": spec(endpoint={"data_selector": ""}),
    "selector response.": spec(endpoint={"data_selector": "response.data"}),
    "selector dotted": spec(endpoint={"data_selector": "a.b.c"}),
    "selector list": spec(endpoint={"data_selector": ["a", "b"]}),
    "selector star in": spec(endpoint={"data_selector": "data.*.items"}),
    "selector $": spec(endpoint={"data_selector": "$.data[*]"}),
    "POST body": spec(endpoint={"method": "POST", "body": {"q": "x", "page": 1}}),
    "post lower": spec(endpoint={"method": "post"}),
    "params": spec(
        endpoint={
            "params": {"expand": "a", "since": "dlt.config['start']", "n": 5, "b": True}
        }
    ),
    "headers": spec(endpoint={"headers": {"X-A": secret("h")}}),
    "incr ep": spec(
        endpoint={
            "incremental_sync": {
                "type": "DatetimeBasedCursor",
                "cursor_field": "updated_at",
                "start_datetime": "2024-01-01T00:00:00Z",
                "datetime_format": "%Y-%m-%dT%H:%M:%SZ",
            }
        }
    ),
    "incr granularity": spec(
        resource={
            "incremental_sync": {
                "cursor_field": "updated_at",
                "start_datetime": "dlt.config['start_date']",
                "datetime_format": "%s",
                "step": "P30D",
                "cursor_granularity": "PT1S",
                "lookback_window": "P1D",
                "start_time_option": {
                    "field_name": "since",
                    "inject_into": "request_parameter",
                },
                "end_time_option": {
                    "field_name": "until",
                    "inject_into": "request_parameter",
                },
            }
        }
    ),
    "incr end": spec(
        resource={
            "incremental_sync": {
                "cursor_field": "updated_at",
                "start_datetime": "2024-01-01",
                "end_datetime": "{{ now_utc().strftime('%Y-%m-%d') }}",
                "datetime_format": "%Y-%m-%d",
                "cursor_datetime_formats": ["%Y-%m-%dT%H:%M:%S.%fZ"],
            }
        }
    ),
    "incr ms": spec(
        resource={
            "incremental_sync": {
                "cursor_field": "updated_at",
                "start_datetime": "2024-01-01",
                "datetime_format": "%ms",
            }
        }
    ),
    "incr minmax": spec(
        resource={
            "incremental_sync": {
                "cursor_field": "updated_at",
                "start_datetime": {
                    "type": "MinMaxDatetime",
                    "datetime": "2024-01-01",
                    "datetime_format": "%Y-%m-%d",
                },
                "datetime_format": "%Y-%m-%d",
            }
        }
    ),
    "incr partition field": spec(
        resource={
            "incremental_sync": {
                "cursor_field": "updated_at",
                "start_datetime": "2024-01-01",
                "datetime_format": "%Y-%m-%d",
                "partition_field_start": "start",
                "partition_field_end": "end",
            }
        }
    ),
    "router": {
        **spec(),
        "resources": [
            {"name": "a", "endpoint": {"path": "/a", "data_selector": "d"}},
            {
                "name": "b",
                "endpoint": {
                    "path": "/a/{id}/b",
                    "data_selector": "d",
                    "partition_router": {
                        "type": "substream",
                        "parent_stream": "a",
                        "parent_key": "id",
                        "partition_field": "id",
                    },
                },
            },
        ],
    },
    "router configs": {
        **spec(),
        "resources": [
            {"name": "a", "endpoint": {"path": "/a", "data_selector": "d"}},
            {
                "name": "b",
                "endpoint": {
                    "path": "/a/{id}/b",
                    "data_selector": "d",
                    "partition_router": {
                        "type": "SubstreamPartitionRouter",
                        "parent_stream_configs": [
                            {"stream": "a", "parent_key": "id", "partition_field": "id"}
                        ],
                    },
                },
            },
        ],
    },
    "router list": spec(
        endpoint={
            "path": "/items/{kind}",
            "partition_router": {
                "type": "list",
                "values": ["a", "b"],
                "cursor_field": "kind",
            },
        }
    ),
    "router list option": spec(
        endpoint={
            "partition_router": {
                "type": "ListPartitionRouter",
                "values": ["a", "b"],
                "cursor_field": "kind",
                "request_option": {
                    "field_name": "kind",
                    "inject_into": "request_parameter",
                },
            }
        }
    ),
    "filter": spec(endpoint={"record_filter": {"condition": "{{ record['x'] > 1 }}"}}),
    "filter str": spec(endpoint={"record_filter": "record.x == 'a'"}),
    "page bare": pg(type="page_number"),
    "page": pg(
        type="page_number",
        page_param="p",
        limit=50,
        limit_param="per_page",
        start_from_page=1,
    ),
    "page size key": pg(
        type="page_number", page_param="p", page_size=50, start_from_page=1
    ),
    "page body": spec(
        endpoint={
            "method": "POST",
            "paginator": {
                "type": "page_number",
                "page_param": "page",
                "limit": 10,
                "inject_into": "body",
            },
        }
    ),
    "cursor both": pg(type="cursor", cursor_param="c", cursor_path="meta.next"),
    "cursor headers": pg(type="cursor", cursor_param="c", cursor_path="headers.x-next"),
    "cursor headers link": pg(type="cursor", cursor_path="headers.link.next.url"),
    "cursor headers Link": pg(
        type="cursor", cursor_path="headers['link']['next']['url']"
    ),
    "cursor response": pg(
        type="cursor", cursor_param="c", cursor_path="response.meta.next"
    ),
    "cursor response jinja": pg(
        type="cursor", cursor_param="c", cursor_path="{{ response.meta.next }}"
    ),
    "cursor stop": pg(
        type="cursor", cursor_param="c", stop_condition="{{ not response.meta.next }}"
    ),
    "cursor stop bare": pg(
        type="cursor",
        cursor_param="c",
        cursor_path="m.n",
        stop_condition="not response.get('m', {}).get('n')",
    ),
    "cursor stop flag": pg(
        type="cursor",
        cursor_param="c",
        cursor_path="m.n",
        stop_condition="response.has_more is false",
    ),
    "cursor stop ==": pg(
        type="cursor",
        cursor_param="c",
        cursor_path="m.n",
        stop_condition="response['has_more'] == False",
    ),
    "cursor stop len": pg(
        type="cursor",
        cursor_param="c",
        cursor_path="m.n",
        stop_condition="response.data | length < 100",
    ),
    "cursor stop cnt": pg(
        type="cursor",
        cursor_param="c",
        cursor_path="m.n",
        stop_condition="response.page + response.size >= response.total",
    ),
    "cursor value": pg(
        type="cursor", cursor_param="c", cursor_value="{{ response.meta.next }}"
    ),
    "cursor value last": pg(
        type="cursor", cursor_param="c", cursor_value="{{ last_record['id'] }}"
    ),
    "cursor value expr": pg(
        type="cursor",
        cursor_param="page",
        cursor_value="{{ response.page + 1 }}",
        stop_condition="{{ response.page >= response.pages }}",
    ),
    "cursor value regex": pg(
        type="cursor",
        cursor_param="page",
        cursor_value="{{ headers.Link | regex_search('page=([0-9]+)') }}",
    ),
    "cursor nothing": pg(type="cursor"),
    "cursor limit": pg(type="cursor", limit=100, cursor_param="c"),
    "cursor limit_param": pg(
        type="cursor", limit=100, limit_param="n", cursor_param="c", cursor_path="x"
    ),
    "cursor url only": pg(type="cursor", cursor_path="links.next"),
    "cursor token option": pg(
        type="cursor",
        cursor_path="x",
        page_token_option={"inject_into": "request_parameter", "field_name": "c"},
    ),
    "offset bare": pg(type="offset"),
    "offset": pg(type="offset", limit=100),
    "offset names": pg(
        type="offset", limit=100, offset_param="skip", limit_param="take"
    ),
    "offset null total": pg(type="offset", limit=100, total_path=None),
    "single": pg(type="single_page"),
    "none": pg(type="none"),
    "json_link": pg(type="json_link", next_url_path="links.next"),
    "json_response": pg(type="json_response", next_url_path="links.next"),
    "header_link": pg(type="header_link"),
    "errors": spec(
        endpoint={
            "error_handler": {
                "retry_on_status_codes": [429],
                "max_retries": 3,
                "backoff_factor": 2,
                "ignore_status_codes": [404],
            }
        }
    ),
    "errors classes": spec(
        endpoint={
            "error_handler": {"retry_on_status_codes": ["429", "5xx"], "max_retries": 3}
        }
    ),
    "errors msg": spec(
        endpoint={
            "error_handler": {"retry_on_status_codes": [429], "error_message": "limits"}
        }
    ),
    "errors backoff": spec(
        endpoint={
            "error_handler": {"retry_on_status_codes": [429], "backoff": "exponential"}
        }
    ),
    "errors strategy": spec(
        endpoint={
            "error_handler": {
                "retry_on_status_codes": [429],
                "backoff_strategy": "exponential",
            }
        }
    ),
    "no endpoint auth none str": spec("none"),
    "resource path": spec(resource={"path": "/x"}),
    "transformations": spec(resource={"transformations": [{"type": "AddFields"}]}),
    "schema prose": spec(
        resource={
            "schema": {"type": "object", "properties": {"id": {"type": "string"}}}
        }
    ),
    "placeholder": spec(endpoint={"path": "/a/{account_id}/items"}),
    "placeholder cfg": spec(endpoint={"path": "/a/{{ config['account_id'] }}/items"}),
    "base cfg": {
        **spec(),
        "client": {
            "base_url": "https://{{ config['domain'] }}.example.com",
            "auth": {"type": "none"},
        },
    },
    "base dlt": {
        **spec(),
        "client": {"base_url": "dlt.secrets['base_url']", "auth": {"type": "none"}},
    },
    "rate limit": spec(client={"rate_limit": {"requests": 10, "per": 60}}),
}
REFUSED = {
    "auth api_key body": "write json or form",
    "auth oauth2 auth code": "write `refresh_token`",
    "auth custom": "signs requests",
    "auth session bare": "write `login:",
    "incr granularity": "windows do not overlap here",
    "incr minmax": "write the time itself",
    "incr partition field": "{incremental.start_value}",
    "router configs": "write `parent_stream`",
    "router list option": "as a placeholder",
    "page body": "`page_body_path`",
    "cursor token option": "`cursor_param`",
    "errors classes": "500, 502",
    "errors backoff": "{ type: exponential }",
    "errors strategy": "`backoff: {",
    "resource path": "the resource's `endpoint`",
    "transformations": "write `add`",
}
"""Shapes that are not in the language, and a part of the hint."""


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(SHAPES[name]))
    if name not in REFUSED:
        assert pipeline.compile_spec(path).files
        return
    with pytest.raises(SpecError) as caught:
        pipeline.compile_spec(path)
    errors = [each for each in caught.value.diagnostics if each.severity == "error"]
    assert all(each.location.line and each.location.column for each in errors)
    assert any(REFUSED[name] in each.hint for each in errors), errors


def test_every_refused_shape_is_tried() -> None:
    assert REFUSED.keys() <= SHAPES.keys()
