"""Manifests of invented APIs: the parts of the language that real ones use most."""

from __future__ import annotations

_HEAD = """
version: 6.0.0
type: DeclarativeSource
check: {type: CheckStream, stream_names: [users]}
spec:
  connection_specification:
    type: object
    required: [api_key, start_date]
    properties:
      api_key: {type: string, airbyte_secret: true}
      start_date: {type: string, format: date-time}
      region: {type: string, default: eu}
definitions:
  requester:
    type: HttpRequester
    url_base: https://api.example.com/{{ config['region'] }}/
    authenticator: {type: BearerAuthenticator, api_token: "{{ config['api_key'] }}"}
    error_handler:
      response_filters:
        - {http_codes: [429], action: RATE_LIMITED}
        - {predicate: "{{ response.get('code') == 17 }}", action: FAIL, error_message: refused}
      backoff_strategies: [{type: WaitTimeFromHeader, header: Retry-After}]
  selector: {extractor: {field_path: [data]}}
  schema:
    type: InlineSchemaLoader
    schema:
      type: object
      properties:
        id: {type: integer}
        name: {type: [string, "null"]}
        tags: {type: array, items: {type: object, properties: {id: {type: string}}}}
        updated: {type: string}
  stream:
    type: DeclarativeStream
    primary_key: id
    schema_loader: {$ref: "#/definitions/schema"}
    retriever:
      requester: {$ref: "#/definitions/requester", path: "{{ parameters['path'] }}"}
      record_selector: {$ref: "#/definitions/selector"}
"""

MANIFESTS = {
    "pages": _HEAD
    + """
streams:
  - $ref: "#/definitions/stream"
    name: users
    $parameters: {path: users}
    retriever:
      $ref: "#/definitions/stream/retriever"
      paginator:
        type: DefaultPaginator
        page_size_option: {type: RequestOption, inject_into: request_parameter, field_name: limit}
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy: {type: PageIncrement, page_size: 2, start_from_page: 1}
    transformations:
      - type: AddFields
        fields: [{path: [region], value: "{{ config['region'] }}"}]
      - {type: RemoveFields, field_pointers: [[name]]}
  - $ref: "#/definitions/stream"
    name: queries
    $parameters: {path: queries}
    retriever:
      requester:
        $ref: "#/definitions/requester"
        path: query
        request_parameters:
          query: "SELECT * AT {{ (next_page_token.next_page_token or 0) + 1 }} MAX 2"
      record_selector: {$ref: "#/definitions/selector"}
      paginator:
        type: DefaultPaginator
        pagination_strategy: {type: OffsetIncrement, page_size: 2}
""",
    "cursors": _HEAD
    + """
streams:
  - $ref: "#/definitions/stream"
    name: users
    $parameters: {path: users}
    retriever:
      $ref: "#/definitions/stream/retriever"
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: after}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ response['next'] }}"
          stop_condition: "{{ not response['more'] }}"
    transformations:
      - type: AddFields
        fields:
          - {path: [tag_ids], value: "{{ record.tags | map(attribute='id') | list }}"}
          - {path: [digest], value: "{{ record['name'] | hash('md5') }}"}
          - {path: [about], value: "{{ {'id': record.id, 'of': record.name} }}"}
  - $ref: "#/definitions/stream"
    name: links
    $parameters: {path: links}
    retriever:
      $ref: "#/definitions/stream/retriever"
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestPath}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ headers['link']['next']['url'] }}"
          stop_condition: "{{ 'next' not in headers['link'] }}"
  - $ref: "#/definitions/stream"
    name: scrolled
    $parameters: {path: scrolled}
    retriever:
      requester:
        $ref: "#/definitions/requester"
        path: scrolled
        request_parameters:
          scroll: "{{ next_page_token['next_page_token'] if next_page_token else '1' }}"
      record_selector: {$ref: "#/definitions/selector"}
      paginator:
        type: DefaultPaginator
        pagination_strategy: {type: CursorPagination, cursor_value: "{{ response.scroll }}"}
""",
    "increments": _HEAD
    + """
streams:
  - $ref: "#/definitions/stream"
    name: users
    $parameters: {path: users}
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated
      datetime_format: "%s"
      start_datetime: {datetime: "{{ config['start_date'] }}", datetime_format: "%Y-%m-%dT%H:%M:%SZ"}
      start_time_option: {inject_into: request_parameter, field_name: since}
  - $ref: "#/definitions/stream"
    name: numbers
    $parameters: {path: numbers}
    schema_loader:
      type: InlineSchemaLoader
      schema:
        type: object
        properties: {id: {type: string}, at: {type: integer}, meta: {type: object}}
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: at
      datetime_format: "%ms"
      start_datetime: "{{ format_datetime(config.get('start_date', '2024-01-01T00:00:00Z'), '%ms') }}"
      start_time_option: {inject_into: request_parameter, field_name: since}
""",
    "parents": _HEAD
    + """
streams:
  - $ref: "#/definitions/stream"
    name: users
    $parameters: {path: users}
  - $ref: "#/definitions/stream"
    name: posts
    retriever:
      requester:
        $ref: "#/definitions/requester"
        path: "users/{{ stream_partition.user }}/posts"
        request_parameters: {kind: "{{ stream_partition['kind'] }}"}
      record_selector:
        extractor: {field_path: [data, items]}
        record_filter: {condition: "{{ record.id != 0 }}"}
      partition_router:
        - type: SubstreamPartitionRouter
          parent_stream_configs:
            - {stream: {$ref: "#/streams/0"}, parent_key: id, partition_field: user}
        - {type: ListPartitionRouter, values: [open, closed], cursor_field: kind}
  - $ref: "#/definitions/stream"
    name: things
    primary_key: tags
    $parameters: {path: things}
""",
}
