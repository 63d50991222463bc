"""What the reference page shows of each part of the language: its place and a value for every key."""

from __future__ import annotations

from typing import NamedTuple

from generator.spec.auth import (
    ApiKeyAuth,
    ApiKeysAuth,
    AuthMethods,
    BasicAuth,
    BearerAuth,
    JwtBearerAuth,
    Login,
    NoAuth,
    OAuth2Auth,
    OneKey,
    Send,
    SessionTokenAuth,
)
from generator.spec.base import SpecModel
from generator.spec.document import Client, Resource, ResourceDefaults, Spec
from generator.spec.endpoint import (
    Endpoint,
    Incremental,
    IncrementalSync,
    PartitionRouter,
    TimeOption,
)
from generator.spec.errors import (
    Backoff,
    ErrorHandler,
    ErrorRule,
    RateLimit,
    ResponseAction,
    WaitHeader,
)
from generator.spec.paginator import (
    AutoPaginator,
    CursorPaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    JsonLinkPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)
from generator.spec.shaping import ClientHooks, Decoder, Hooks, RecordFilter, Step


class Holder(NamedTuple):
    """Where a model of the language stands in a spec."""

    title: str
    section: str
    line: str
    """The line above its keys."""
    item: bool = False
    """It is an item of a list."""


class Section(NamedTuple):
    """A part of the page."""

    title: str
    text: str
    models: tuple[type[SpecModel], ...]
    shared: bool = False
    """The models after the first one repeat its keys."""


SECTIONS = (
    Section("Spec", "The top of the file.", (Spec,)),
    Section("Client", "What all requests share.", (Client,)),
    Section(
        "Auth",
        'How requests are authenticated. Secrets are named, never written: `dlt.secrets["token"]` '
        "is a field of the credentials class, which dlt fills or plain Python constructs.",
        (
            NoAuth,
            BearerAuth,
            ApiKeyAuth,
            ApiKeysAuth,
            OneKey,
            BasicAuth,
            OAuth2Auth,
            JwtBearerAuth,
            SessionTokenAuth,
            Login,
            Send,
            AuthMethods,
        ),
    ),
    Section(
        "Resource defaults",
        "Options of resources that say nothing else.",
        (ResourceDefaults,),
    ),
    Section(
        "Resource",
        "An endpoint, its records and the table they go to. A bare name is short for `{name: …}`.",
        (Resource,),
    ),
    Section(
        "Endpoint",
        "One request, its pages and where its records are. A bare path is short for `{path: …}`.",
        (Endpoint,),
    ),
    Section(
        "Paginator",
        "How further pages are asked for. A bare kind is short for `{type: …}`. Every way of paging ends: "
        "a repeated cursor, URL or page is an error.",
        (
            OffsetPaginator,
            PageNumberPaginator,
            CursorPaginator,
            JsonLinkPaginator,
            HeaderLinkPaginator,
            HeaderCursorPaginator,
            SinglePagePaginator,
            AutoPaginator,
        ),
        shared=True,
    ),
    Section(
        "Errors and limits",
        "What is done with answers that are errors, and how many requests are made.",
        (ErrorHandler, ErrorRule, Backoff, WaitHeader, RateLimit, ResponseAction),
    ),
    Section(
        "Records",
        "How bodies are decoded and records changed before they are checked against the schema, in a "
        "fixed order: `filter`, `add` (computed from the API's record), `select`, `drop`, `flatten`, "
        "`rename`, the added fields, `processing_steps`, the hook. What is left out is counted.",
        (Hooks, ClientHooks, Decoder, Step, RecordFilter),
    ),
    Section("Incremental", "Which records are new since the last run.", (Incremental,)),
    Section(
        "Other spellings",
        "What some other tools write, read as its plain equivalent.",
        (IncrementalSync, TimeOption, PartitionRouter),
    ),
)

HOLDERS: dict[type[SpecModel], Holder] = {
    Spec: Holder("spec", "Spec", "version: 1"),
    Client: Holder("client", "Client", "client:"),
    AuthMethods: Holder("auth methods", "Auth", "auth:"),
    OneKey: Holder("one of several keys", "Auth", "keys:", item=True),
    Login: Holder("login", "Auth", "login:"),
    Send: Holder("send", "Auth", "send:"),
    ResourceDefaults: Holder(
        "resource defaults", "Resource defaults", "resource_defaults:"
    ),
    Resource: Holder("resource", "Resource", "resources:", item=True),
    Endpoint: Holder("endpoint", "Endpoint", "endpoint:"),
    ErrorHandler: Holder("error handler", "Errors and limits", "error_handler:"),
    ErrorRule: Holder("error rule", "Errors and limits", "rules:", item=True),
    Backoff: Holder("backoff", "Errors and limits", "backoff:"),
    WaitHeader: Holder("wait header", "Errors and limits", "wait_header:"),
    RateLimit: Holder("rate limit", "Errors and limits", "rate_limit:"),
    ResponseAction: Holder(
        "response action", "Errors and limits", "response_actions:", item=True
    ),
    Hooks: Holder("hooks of a resource", "Records", "hooks:"),
    ClientHooks: Holder("hooks of the client", "Records", "hooks:"),
    Decoder: Holder("decoder", "Records", "decoder:"),
    Step: Holder("processing step", "Records", "processing_steps:", item=True),
    RecordFilter: Holder("record_filter", "Records", "record_filter:"),
    Incremental: Holder("incremental", "Incremental", "incremental:"),
    IncrementalSync: Holder("incremental_sync", "Other spellings", "incremental_sync:"),
    TimeOption: Holder("time option", "Other spellings", "start_time_option:"),
    PartitionRouter: Holder("partition_router", "Other spellings", "partition_router:"),
}


def holder_of(model: type[SpecModel]) -> Holder:
    """Where the model stands: kinds of one section all stand at the same key."""
    if model in HOLDERS:
        return HOLDERS[model]
    section = next(each for each in SECTIONS if model in each.models)
    key = section.title.lower()
    return Holder(key, section.title, f"{key}:")


_SECRET = 'dlt.secrets["{}"]'

EXAMPLES: dict[tuple[str, str], object] = {
    ("Backoff", "seconds"): 2,
    ("Backoff", "max"): 120,
    ("WaitHeader", "name"): "X-RateLimit-Reset",
    ("WaitHeader", "format"): "epoch",
    ("WaitHeader", "regex"): "[0-9]+",
    ("WaitHeader", "max"): 600,
    ("ErrorRule", "statuses"): [403],
    ("ErrorRule", "message"): "plan",
    ("ErrorRule", "when"): "response.error.code == 17",
    ("ErrorRule", "action"): "retry",
    ("ErrorRule", "error_message"): "the plan does not have this",
    ("ResponseAction", "status_code"): 404,
    ("ResponseAction", "content"): "not found",
    ("ResponseAction", "action"): "ignore",
    ("ErrorHandler", "backoff"): {"type": "constant", "seconds": 5},
    ("ErrorHandler", "wait_header"): {"name": "X-RateLimit-Reset", "format": "epoch"},
    ("ErrorHandler", "rules"): [{"statuses": [404], "action": "ignore"}],
    ("ErrorHandler", "ignore_status_codes"): [404],
    ("RateLimit", "requests"): 100,
    ("RateLimit", "per"): 60,
    ("RateLimit", "concurrent"): 4,
    ("Decoder", "delimiter"): ";",
    ("Decoder", "encoding"): "latin-1",
    ("Decoder", "gzip"): True,
    ("Hooks", "record"): "normalise_ticket",
    ("Hooks", "response"): "rows_of_report",
    ("Hooks", "request"): "add_checksum",
    ("ClientHooks", "request"): "sign",
    ("RecordFilter", "condition"): "{{ record.status != 'void' }}",
    ("Step", "filter"): "{{ record.amount > 0 }}",
    ("Step", "map"): "normalise_ticket",
    ("Client", "rate_limit"): {"requests": 100, "per": 60},
    ("Client", "hooks"): {"request": "sign"},
    ("Endpoint", "data"): {"status": "open"},
    ("Endpoint", "rate_limit"): {"concurrent": 2},
    ("Endpoint", "response_actions"): [{"status_code": 404, "action": "ignore"}],
    ("Endpoint", "decoder"): "jsonl",
    ("Endpoint", "record_filter"): "{{ record.status != 'void' }}",
    ("_Paged", "limit_header"): "X-Page-Size",
    ("_Paged", "is_last_path"): "meta.last",
    ("_Paged", "stop_after_short_page"): True,
    ("OffsetPaginator", "first_page_sent"): False,
    ("PageNumberPaginator", "first_page_sent"): False,
    ("PageNumberPaginator", "total_is"): "rows",
    ("PageNumberPaginator", "total"): "exact",
    ("CursorPaginator", "cursor_header"): "X-Cursor",
    ("CursorPaginator", "relative_to"): "base_url",
    ("JsonLinkPaginator", "relative_to"): "base_url",
    ("ResourceOptions", "columns"): {"amount": {"data_type": "decimal", "scale": 2}},
    ("ResourceOptions", "schema_contract"): "freeze",
    ("ResourceOptions", "parallelized"): True,
    ("ResourceOptions", "table_format"): "iceberg",
    ("ResourceOptions", "file_format"): "parquet",
    ("ResourceOptions", "references"): [
        {
            "referenced_table": "users",
            "columns": ["user_id"],
            "referenced_columns": ["id"],
        }
    ],
    ("ResourceOptions", "nested_hints"): {
        "lines": {"columns": {"qty": {"data_type": "bigint"}}}
    },
    ("ResourceOptions", "parent_table_name"): "orders",
    ("ResourceOptions", "processing_steps"): [{"map": "normalise_ticket"}],
    ("Resource", "for_each"): {"region": ["eu", "us"]},
    ("Resource", "filter"): "{{ record.status != 'void' }}",
    ("Resource", "select"): ["id", "status"],
    ("Resource", "drop"): ["internal", "user.password_hash"],
    ("Resource", "flatten"): {"meta": "meta_"},
    ("Resource", "rename"): {"createdAt": "created_at"},
    ("Resource", "add"): {
        "source": "desk",
        "total": "{{ record.price * record.count }}",
    },
    ("Resource", "hooks"): {"record": "normalise_ticket"},
    ("Spec", "version"): 1,
    ("Spec", "connector"): "tickets",
    ("Spec", "description"): "A help desk.",
    ("Spec", "docs"): "https://docs.example.com/api",
    ("Spec", "client"): {"base_url": "https://api.example.com/v1"},
    ("Spec", "definitions"): {"Money": {"type": "string"}},
    ("Spec", "resource_defaults"): {"primary_key": "id"},
    ("Spec", "resources"): [{"name": "tickets", "endpoint": "tickets"}],
    ("Spec", "silence"): ["no-primary-key"],
    ("Client", "base_url"): "https://api.example.com/v1",
    ("Client", "environments"): {
        "live": "https://api.example.com",
        "test": "https://sandbox.example.com",
    },
    ("Client", "auth"): {"type": "bearer"},
    ("Client", "headers"): {"X-Tenant": "acme"},
    ("Client", "paginator"): {"type": "json_link", "next_url_path": "links.next"},
    ("Client", "error_handler"): {"max_retries": 3},
    ("Client", "allowed_hosts"): ["files.example.com"],
    ("Client", "timeout"): 30,
    ("BearerAuth", "token"): _SECRET.format("token"),
    ("ApiKeyAuth", "api_key"): _SECRET.format("api_key"),
    ("ApiKeyAuth", "name"): "X-API-Key",
    ("ApiKeyAuth", "location"): "query",
    ("ApiKeyAuth", "prefix"): "Token ",
    ("BasicAuth", "username"): _SECRET.format("username"),
    ("BasicAuth", "password"): _SECRET.format("password"),
    ("OAuth2", "token_url"): "https://login.example.com/token",
    ("OAuth2", "client_id"): _SECRET.format("client_id"),
    ("OAuth2Auth", "client_secret"): _SECRET.format("client_secret"),
    ("OAuth2Auth", "refresh_token"): _SECRET.format("refresh_token"),
    ("OAuth2Auth", "grant_type"): "client_credentials",
    ("OAuth2Auth", "client_auth"): "basic",
    ("OAuth2", "scopes"): ["read", "offline_access"],
    ("OAuth2", "access_token_request_data"): {"audience": "api"},
    ("OAuth2", "default_token_expiration"): 1800,
    ("BearerAuth", "prefix"): "Token ",
    ("ApiKeysAuth", "keys"): [{"name": "X-App", "api_key": _SECRET.format("app")}],
    ("OneKey", "api_key"): _SECRET.format("app"),
    ("OneKey", "name"): "X-App",
    ("OneKey", "location"): "query",
    ("OneKey", "prefix"): "App ",
    ("_TokenAuth", "send"): {"name": "X-Access-Token"},
    ("Send", "location"): "query",
    ("Send", "name"): "X-Access-Token",
    ("Send", "prefix"): "Token ",
    ("OAuth2", "token_headers"): {"X-Tenant": "acme"},
    ("OAuth2", "access_token_path"): "data.token",
    ("OAuth2", "expires_in_path"): "data.expires_in",
    ("OAuth2Auth", "username"): _SECRET.format("username"),
    ("OAuth2Auth", "password"): _SECRET.format("password"),
    ("OAuth2Auth", "access_token"): _SECRET.format("access_token"),
    ("OAuth2Auth", "token_request"): "json",
    ("OAuth2Auth", "grant_type_name"): "grant",
    ("OAuth2Auth", "client_id_name"): "app_id",
    ("OAuth2Auth", "client_secret_name"): "app_secret",
    ("OAuth2Auth", "refresh_token_name"): "refreshToken",
    ("JwtBearerAuth", "private_key"): _SECRET.format("private_key"),
    ("JwtBearerAuth", "private_key_passphrase"): _SECRET.format("passphrase"),
    ("JwtBearerAuth", "claims"): {"sub": "reports@example.com"},
    ("SessionTokenAuth", "login"): {
        "path": "/login",
        "json": {"user": _SECRET.format("user")},
    },
    ("SessionTokenAuth", "token_path"): "session.token",
    ("SessionTokenAuth", "expires_in"): 1800,
    ("Login", "url"): "/login",
    ("Login", "method"): "GET",
    ("Login", "params"): {"version": 2},
    ("Login", "headers"): {"X-App": "acme"},
    ("Login", "json_body"): {"user": _SECRET.format("user")},
    ("Login", "form"): {"user": _SECRET.format("user")},
    ("Login", "auth"): {"type": "basic"},
    ("Endpoint", "auth"): "none",
    ("AuthMethods", "methods"): {
        "key": {"type": "api_key"},
        "login": {"type": "basic"},
    },
    ("ResourceOptions", "primary_key"): "id",
    ("ResourceOptions", "merge_key"): "day",
    ("ResourceOptions", "write_disposition"): "merge",
    ("ResourceOptions", "include_from_parent"): ["id"],
    ("ResourceOptions", "max_table_nesting"): 1,
    ("ResourceOptions", "on_invalid"): "fail",
    ("ResourceOptions", "table_name"): "all_tickets",
    ("ResourceOptions", "selected"): False,
    ("ResourceDefaults", "endpoint"): {"params": {"per_page": 100}},
    ("Resource", "name"): "tickets",
    ("Resource", "description"): "A request of a customer.",
    ("Resource", "record_schema"): "#/definitions/Ticket",
    ("Resource", "model"): "HelpTicket",
    ("Resource", "aliases"): {"created-at": "created_at"},
    ("Resource", "endpoint"): {"path": "tickets", "data_selector": "data"},
    ("Resource", "incremental_sync"): {"cursor_field": "updated_at"},
    ("Resource", "silence"): ["no-primary-key"],
    ("Endpoint", "path"): "users/{resources.users.id}/tickets",
    ("Endpoint", "method"): "POST",
    ("Endpoint", "params"): {"status": "open", "per_page": 100},
    ("Endpoint", "json_body"): {"filter": {"status": "open"}},
    ("Endpoint", "headers"): {"X-Version": "2"},
    ("Endpoint", "paginator"): {"type": "offset", "limit": 100},
    ("Endpoint", "data_selector"): "data.items",
    ("Endpoint", "missing_data"): "empty",
    ("Endpoint", "error_handler"): {"max_retries": 3},
    ("Endpoint", "incremental"): {
        "cursor_path": "updated_at",
        "start_param": "since",
    },
    ("Endpoint", "incremental_sync"): {"cursor_field": "updated_at"},
    ("Endpoint", "partition_router"): {
        "type": "substream",
        "parent_stream": "users",
        "parent_key": "id",
    },
    ("Endpoint", "timeout"): 120,
    ("_Paged", "limit"): 100,
    ("_Paged", "limit_param"): "per_page",
    ("_Paged", "limit_body_path"): "page.size",
    ("_Paged", "stop_condition"): "not response.has_more",
    ("_Paged", "max_pages"): 1000,
    ("_Paged", "has_more_path"): "meta.has_more",
    ("_Paged", "stop_after_empty_page"): False,
    ("OffsetPaginator", "offset"): 1,
    ("OffsetPaginator", "offset_param"): "start",
    ("OffsetPaginator", "offset_body_path"): "page.start",
    ("OffsetPaginator", "total_path"): "meta.total",
    ("OffsetPaginator", "total"): "exact",
    ("OffsetPaginator", "maximum_offset"): 10000,
    ("PageNumberPaginator", "base_page"): 1,
    ("PageNumberPaginator", "page"): 3,
    ("PageNumberPaginator", "page_param"): "page_no",
    ("PageNumberPaginator", "page_body_path"): "page.number",
    ("PageNumberPaginator", "total_path"): "meta.pages",
    ("PageNumberPaginator", "maximum_page"): 500,
    ("CursorPaginator", "cursor_path"): "meta.next_cursor",
    ("CursorPaginator", "cursor_value"): "{{ response.ids[-1] }}",
    ("CursorPaginator", "cursor_param"): "cursor",
    ("CursorPaginator", "cursor_body_path"): "page.cursor",
    ("JsonLinkPaginator", "next_url_path"): "links.next",
    ("HeaderLinkPaginator", "links_next_key"): "next",
    ("HeaderCursorPaginator", "cursor_key"): "X-Next",
    ("HeaderCursorPaginator", "cursor_param"): "cursor",
    ("ErrorHandler", "retry_on_status_codes"): [429, 503],
    ("ErrorHandler", "max_retries"): 8,
    ("ErrorHandler", "backoff_factor"): 2,
    ("ErrorHandler", "error_message"): "the help desk does not answer",
    ("Incremental", "cursor_path"): "updated_at",
    ("Incremental", "initial_value"): "2026-01-01T00:00:00Z",
    ("Incremental", "end_value"): "2026-02-01T00:00:00Z",
    ("Incremental", "start_param"): "since",
    ("Incremental", "end_param"): "until",
    ("Incremental", "format"): "epoch",
    ("Incremental", "primary_key"): "id",
    ("Incremental", "on_cursor_value_missing"): "include",
    ("Incremental", "last_value_func"): "min",
    ("Incremental", "lookback"): "P7D",
    ("Incremental", "lag"): 3600,
    ("Incremental", "range_start"): "open",
    ("Incremental", "range_end"): "closed",
    ("Incremental", "row_order"): "desc",
    ("Incremental", "client_side"): True,
    ("Incremental", "cursor_formats"): ["%d/%m/%Y %H:%M"],
    ("Incremental", "window"): "P30D",
    ("Incremental", "per_parent"): False,
    ("Incremental", "allow_external_schedulers"): True,
    ("TimeOption", "field_name"): "since",
    ("TimeOption", "inject_into"): "header",
    ("IncrementalSync", "type"): "DatetimeBasedCursor",
    ("IncrementalSync", "cursor_field"): "updated_at",
    ("IncrementalSync", "start_datetime"): "2026-01-01T00:00:00Z",
    ("IncrementalSync", "end_datetime"): "now",
    ("IncrementalSync", "datetime_format"): "%Y-%m-%d",
    ("IncrementalSync", "step"): "P30D",
    ("IncrementalSync", "cursor_datetime_formats"): ["%d/%m/%Y"],
    ("IncrementalSync", "lookback_window"): "P1D",
    ("IncrementalSync", "is_data_feed"): True,
    ("IncrementalSync", "is_client_side_incremental"): True,
    ("IncrementalSync", "start_time_option"): {"field_name": "since"},
    ("IncrementalSync", "end_time_option"): {"field_name": "until"},
    ("PartitionRouter", "parent_stream"): "users",
    ("PartitionRouter", "parent_key"): "id",
    ("PartitionRouter", "partition_field"): "user_id",
    ("PartitionRouter", "values"): ["eu", "us"],
    ("PartitionRouter", "cursor_field"): "region",
}
