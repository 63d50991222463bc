"""Keys and values of other tools' documents, and what says the same in a spec."""

from __future__ import annotations

FOREIGN_KEYS = {
    "backoff_strategies": "write `backoff: { type: exponential, seconds: 2 }`",
    "backoff_strategy": "write `backoff: { type: exponential, seconds: 2 }`",
    "cursor_granularity": "leave it out: windows do not overlap here",
    "extractor": "write `data_selector`, the path of the records",
    "http_codes": "write `statuses`",
    "inject_into": "write the place as a key, such as `page_body_path`",
    "page_size_option": "write `limit_param`, `limit_body_path` or `limit_header`",
    "page_token_option": "write `cursor_param`, `cursor_body_path` or `cursor_header`",
    "pagination_strategy": "write its keys into `paginator`, beside `type`",
    "parent_stream_configs": "write `parent_stream`, `parent_key` and `partition_field`; "
    "several parents are a list of routers",
    "partition_field_end": "write {incremental.end_value} where the request has it",
    "partition_field_start": "write {incremental.start_value} where the request has it",
    "record_selector": "write `data_selector`, the path of the records",
    "request_option": "write the value as a placeholder into the path or a parameter",
    "response_filters": "write `rules`",
    "transformations": "write `add`, `drop`, `rename` or `flatten`",
}
FOREIGN_WORDS = {
    "authorization_code": "consent is given elsewhere: write `refresh_token`",
    "location=body": "write json or form",
    "paginator=custom": "write `{ type: hook, function: next_page }`, the name of a function in hooks.py",
    "custom": "write `auth: none`, and a function that signs requests as `hooks: { request: … }` of "
    "the client",
    "delete-insert": "write { disposition: merge, strategy: delete-insert }",
    "insert-only": "write { disposition: merge, strategy: insert-only }",
    "scd2": "write { disposition: merge, strategy: scd2 }",
    "upsert": "write { disposition: merge, strategy: upsert }",
}
