"""Airbyte manifests end to end: imported, generated, loaded from a loopback server."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from generator.diagnostics import SpecError
from generator.importers import ImportOptions
from generator.importers.airbyte import drafted
from generator.importers.draft import Draft
from generator.importers.yamlout import to_yaml
from tests.scripted import Answer, Call, serving
from tests.support import compiled, imported, run, source_of, table

HEAD = """
    version: 6.0.0
    type: DeclarativeSource
    check: {type: CheckStream, stream_names: [users]}
    spec:
      connection_specification:
        type: object
        required: [api_key, start_date]
        properties:
          api_key: {type: string, airbyte_secret: true, title: The key}
          start_date: {type: string}
          region: {type: string, default: eu}
          team: {type: string}
    definitions:
      requester:
        type: HttpRequester
        url_base: https://api.example.com/v1/
        authenticator: {type: BearerAuthenticator, api_token: "{{ config['api_key'] }}"}
      schema:
        type: InlineSchemaLoader
        schema:
          type: object
          properties:
            id: {type: integer}
            at: {type: [string, "null"]}
"""


def draft(text: str, folder: Path, head: str = HEAD) -> Draft:
    path = folder / "manifest.yaml"
    path.write_text(dedent(head) + dedent(text), encoding="utf-8")
    return drafted(path, ImportOptions(name="people"))[0]


def resources(made: Draft) -> dict[str, Any]:
    listed: Any = made.spec["resources"]
    return {each["name"]: each for each in listed}


def written(made: Draft, folder: Path) -> Path:
    spec = folder / "people.yaml"
    spec.write_text(to_yaml(made.spec), encoding="utf-8")
    return spec


def stream(retriever: str = "", rest: str = "", name: str = "users") -> str:
    """A manifest with one stream; the texts are YAML in flow style."""
    return f"""
    streams:
      - type: DeclarativeStream
        name: {name}
        primary_key: id
        schema_loader: {{$ref: "#/definitions/schema"}}
        retriever:
          requester: {{$ref: "#/definitions/requester", path: /{name}{rest}}}
          record_selector: {{extractor: {{field_path: [data]}}}}
          {retriever}
"""


def test_a_manifest_is_loaded(tmp_path: Path) -> None:
    text = """
    streams:
      - type: DeclarativeStream
        name: users
        primary_key: id
        schema_loader: {$ref: "#/definitions/schema"}
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: at
          start_datetime: "{{ config['start_date'] }}"
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_time_option: {inject_into: request_parameter, field_name: since}
        transformations:
          - type: AddFields
            fields: [{path: [region], value: "{{ config.get('region') }}"}]
          - type: RemoveFields
            field_pointers: [[secret]]
        retriever:
          requester: {$ref: "#/definitions/requester", path: /users}
          record_selector: {extractor: {field_path: [data]}}
          paginator:
            type: DefaultPaginator
            page_size_option: {inject_into: request_parameter, field_name: limit}
            page_token_option: {inject_into: request_parameter, field_name: page}
            pagination_strategy: {type: PageIncrement, page_size: 2, start_from_page: 1}
      - type: DeclarativeStream
        name: posts
        primary_key: id
        schema_loader: {$ref: "#/definitions/schema"}
        retriever:
          requester:
            $ref: "#/definitions/requester"
            path: "users/{{ stream_partition.user_id }}/posts"
          record_selector: {extractor: {field_path: []}}
          partition_router:
            type: SubstreamPartitionRouter
            parent_stream_configs:
              - stream: "#/streams/0"
                parent_key: id
                partition_field: user_id
    """
    made = draft(text, tmp_path)
    assert not made.diagnostics
    rows = [
        {"id": n, "at": f"2026-01-0{n}T00:00:00Z", "secret": "x"} for n in (1, 2, 3)
    ]

    def users(call: Call) -> Any:
        page = int(call.query.get("page", "1"))
        return {"data": rows[2 * page - 2 : 2 * page]}

    with serving() as api:
        api.routes["/v1/users"] = users
        for row in rows:
            path = f"/v1/users/{row['id']}/posts"
            api.routes[path] = lambda call, row=row: [{"id": row["id"] * 10}]
        module = imported(written(made, tmp_path), tmp_path)
        source = source_of(
            module,
            f"{api.url}/v1",
            credentials={"api_key": "k"},
            start_date="2025-01-01T00:00:00Z",
        )
        loaded = run(source, tmp_path)
        first = api.called("/v1/users")[0]
    assert first.headers["authorization"] == "Bearer k"
    assert first.query == {"limit": "2", "since": "2025-01-01T00:00:00Z"}
    found = table(loaded, "users", "id")
    assert [(row["id"], row["region"]) for row in found] == [
        (n, "eu") for n in (1, 2, 3)
    ]
    assert "secret" not in found[0]
    assert [row["id"] for row in table(loaded, "posts", "id")] == [10, 20, 30]


def test_the_next_url_is_followed(tmp_path: Path) -> None:
    made = draft(
        stream("""paginator:
            type: DefaultPaginator
            page_token_option: {type: RequestPath}
            pagination_strategy:
              type: CursorPagination
              cursor_value: "{{ response.get('links', {}).get('next') }}"
              stop_condition: "{{ not response.links.next }}"
"""),
        tmp_path,
    )
    assert not made.diagnostics
    with serving() as api:
        following = f"{api.url}/v1/users?after=1"
        api.routes["/v1/users"] = lambda call: (
            {"data": [{"id": 2}]}
            if call.query
            else {"data": [{"id": 1}], "links": {"next": following}}
        )
        module = imported(written(made, tmp_path), tmp_path)
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        loaded = run(source, tmp_path)
    assert [row["id"] for row in table(loaded, "users", "id")] == [1, 2]


def test_an_ignored_error_is_no_data(tmp_path: Path) -> None:
    handler = (
        "error_handler: {response_filters: [{http_codes: [404], action: IGNORE},"
        ' {predicate: "{{ response.code == 17 }}", action: FAIL, error_message: broken}]}'
    )
    made = draft(stream(rest=f", {handler}"), tmp_path)
    assert resources(made)["users"]["endpoint"]["error_handler"]["rules"] == [
        {"statuses": [404], "action": "ignore"},
        {"when": "response.code == 17", "action": "fail", "error_message": "broken"},
    ]
    with serving() as api:
        api.routes["/v1/users"] = lambda call: Answer({}, 404)
        module = imported(written(made, tmp_path), tmp_path)
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        assert table(run(source, tmp_path), "users") == []


def test_a_list_of_partitions_is_for_each(tmp_path: Path) -> None:
    made = draft(
        stream(
            "partition_router: {type: ListPartitionRouter, values: [a, b],"
            " cursor_field: kind, request_option:"
            " {inject_into: request_parameter, field_name: kind}}"
        ),
        tmp_path,
    )
    users = resources(made)["users"]
    assert users["for_each"] == {"kind": ["a", "b"]}
    assert users["endpoint"]["params"] == {"kind": "{{ stream_partition.kind }}"}


def test_a_start_that_is_calculated(tmp_path: Path) -> None:
    made = draft(
        stream() + """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: at
          start_datetime: "{{ config.get('team') or day_delta(-30, '%Y-%m-%dT%H:%M:%SZ') }}"
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_time_option: {inject_into: request_parameter, field_name: since}
""",
        tmp_path,
    )
    assert not made.diagnostics
    with serving() as api:
        api.routes["/v1/users"] = lambda call: {"data": []}
        module = imported(written(made, tmp_path), tmp_path)
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        run(source, tmp_path)
        (call,) = api.called("/v1/users")
    assert call.query["since"][:2] == "20" and len(call.query["since"]) == 20


def test_python_becomes_a_hook_with_its_place(tmp_path: Path) -> None:
    made = draft(
        stream().replace(
            "{field_path: [data]}",
            "{type: CustomRecordExtractor, class_name: source_x.components.Rows}",
        ),
        tmp_path,
    )
    users = resources(made)["users"]
    assert users["hooks"] == {"response": "records_of_users"}
    (found,) = made.diagnostics
    assert found.severity == "warning" and "Rows" in found.message
    assert found.location.line > 1
    assert imported(written(made, tmp_path), tmp_path)


@pytest.mark.parametrize(
    "paginator",
    [
        """paginator:
            type: DefaultPaginator
            page_size_option: {inject_into: request_parameter, field_name: size}
            pagination_strategy:
              {type: CustomPaginationStrategy, class_name: source_x.components.Pages, page_size: 2}""",
        "paginator: {type: CustomPaginator, class_name: source_x.components.Pages}",
    ],
)
def test_python_that_pages_becomes_a_function_of_the_next_request(
    tmp_path: Path, paginator: str
) -> None:
    """Written anew it reads on; the page size is sent from the first request on."""
    made = draft(stream(paginator), tmp_path)
    endpoint = resources(made)["users"]["endpoint"]
    assert endpoint["paginator"] == {"type": "hook", "function": "page_after_users"}
    assert ("size" in endpoint.get("params", {})) is ("page_size" in paginator)
    (found,) = made.diagnostics
    assert found.severity == "warning" and "Pages" in found.message
    spec = written(made, tmp_path)
    hooks = tmp_path / compiled(spec, tmp_path).name / "hooks.py"
    text = hooks.read_text(encoding="utf-8")
    start = text.index("raise NotImplementedError")
    end = text.index("\n", start)
    body = "return request.with_params({'after': 2}) if len(records) == 2 else None"
    hooks.write_text(text[:start] + body + text[end:], encoding="utf-8")
    with serving() as api:
        api.routes["/v1/users"] = lambda call: {
            "data": [{"id": 3}] if "after" in call.query else [{"id": 1}, {"id": 2}]
        }
        source = source_of(
            imported(spec, tmp_path), f"{api.url}/v1", credentials={"api_key": "k"}
        )
        assert len(table(run(source, tmp_path), "users")) == 3
        sizes = {call.query.get("size") for call in api.called("/v1/users")}
    assert sizes == ({"2"} if "page_size" in paginator else {None})


def test_a_status_that_is_none_is_told(tmp_path: Path) -> None:
    handler = ", error_handler: {response_filters: [{http_codes: [404, x, []], action: IGNORE}]}"
    made = draft(stream(rest=handler), tmp_path)
    assert [each.code for each in made.diagnostics] == ["status", "status"]
    (rule,) = resources(made)["users"]["endpoint"]["error_handler"]["rules"]
    assert rule["statuses"] == [404]


def test_what_has_no_translation_is_told_and_the_rest_works(tmp_path: Path) -> None:
    other = stream(name="things").replace("streams:", "")
    text = stream().rstrip() + other.replace("[data]", "['**']")
    made = draft(text, tmp_path)
    assert {*resources(made)} == {"users", "things"}
    (found,) = made.diagnostics
    assert (found.code, found.severity) == ("selector-glob", "error")
    assert made.is_partial
    text = to_yaml(made.spec)
    assert "# TODO:" in text


def test_what_does_not_compile_is_taken_out(tmp_path: Path) -> None:
    text = stream().replace(
        "{extractor: {field_path: [data]}}",
        """{extractor: {field_path: [data]}, record_filter: {condition: "{{ record.at | regex_search('(') }}"}}""",
    )
    made = draft(text, tmp_path)
    assert "filter" not in resources(made)["users"]
    assert [each.code for each in made.diagnostics] == ["expression"]
    imported(written(made, tmp_path), tmp_path / "out")


def test_no_key_is_made_of_an_object(tmp_path: Path) -> None:
    text = stream().replace("primary_key: id", "primary_key: at")
    head = HEAD.replace('at: {type: [string, "null"]}', "at: {type: object}")
    made = draft(text, tmp_path, head)
    assert "primary_key" not in resources(made)["users"]
    assert resources(made)["users"]["write_disposition"] == "replace"
    assert not made.diagnostics


BOMB = "definitions:\n" + "".join(
    f"  l{n}: [{', '.join([f'{chr(34)}#/definitions/l{n - 1}{chr(34)}'] * 10)}]\n"
    for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{BOMB}  l0: {{a: b}}\nstreams: "#/definitions/l11"', "too large"),
        ('streams: ["#/nowhere"]', "leads nowhere"),
        (
            'definitions: {a: {$ref: "#/definitions/a"}}\nstreams: ["#/definitions/a"]',
            "itself",
        ),
        ('streams: [{$ref: "other.yaml#/x"}]', "out of the manifest"),
        ("streams: [", ""),
        ("[]", "top level"),
    ],
)
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        drafted(path, ImportOptions())
    assert message in caught.value.diagnostics[0].message
    assert caught.value.diagnostics[0].location.file == str(path)


def test_a_schema_file_is_read_only_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    schema = '{"type": "object", "properties": {"id": {"type": "integer"}}}'
    (tmp_path / "schemas" / "users.json").write_text(schema)
    text = stream().replace('{$ref: "#/definitions/schema"}', "{file_path: FILE}")
    made = draft(text.replace("FILE", "./schemas/users.json"), tmp_path)
    assert resources(made)["users"]["schema"]["properties"] == {
        "id": {"type": "integer"}
    }
    made = draft(text.replace("FILE", "../../etc/users.json"), tmp_path)
    assert "schema" not in resources(made)["users"]
    assert [each.code for each in made.diagnostics] == ["schema-file"]


def test_widths_from_settings_and_a_part_of_a_bound(tmp_path: Path) -> None:
    text = (
        stream(
            rest=", request_parameters: {day: '{{ stream_interval.start_time[:10] }}'}"
        )
        + """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: at
          start_datetime: "{{ config['start_date'] }}"
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          lookback_window: "P{{ config.get('back', 2) }}D"
"""
    )
    made = draft(text, tmp_path)
    assert not made.diagnostics
    with serving() as api:
        rows = [{"id": 1, "at": "2026-01-31T00:00:00Z"}]
        api.routes["/v1/users"] = lambda call: {"data": rows}
        module = imported(written(made, tmp_path), tmp_path)
        for back in (2, 10):
            source = source_of(
                module,
                f"{api.url}/v1",
                credentials={"api_key": "k"},
                start_date="2026-01-01T00:00:00Z",
                back=back,
            )
            run(source, tmp_path)
        days = [call.query["day"] for call in api.called("/v1/users")]
    assert days == ["2026-01-01", "2026-01-21"]
