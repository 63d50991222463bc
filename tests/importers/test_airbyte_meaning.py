"""Places where a manifest means something else than its words say, as Airbyte reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.importers.airbyte.connector import common_base
from generator.importers.draft import Draft
from generator.importers.yamlout import to_yaml
from tests.importers.test_airbyte import (
    HEAD,
    draft,
    imported,
    resources,
    stream,
    written,
)
from tests.scripted import Answer, serving
from tests.support import run, source_of, table


def cursor(value: str, stop: str) -> str:
    return f"""paginator:
            type: DefaultPaginator
            page_token_option: {{inject_into: request_parameter, field_name: after}}
            pagination_strategy:
              type: CursorPagination
              cursor_value: "{{{{ {value} }}}}"
              stop_condition: "{{{{ {stop} }}}}"
"""


@pytest.mark.parametrize(
    ("value", "stop", "expected"),
    [
        ("response.next", "not response.next", "not response.next"),
        ("response.next", "response['next'] is none", None),
        ("response.get('meta', {}).get('next')", "not response.get('meta')", None),
        (
            "response.next",
            "last_page_size == 0",
            "last_page_size == 0 or not response.next",
        ),
        (
            "response.next",
            "response['data'] | length < 5",
            "(response.data | length) < 5 or not response.next",
        ),
        (
            "response.next",
            "not response['data']",
            "not response.data or not response.next",
        ),
        ("response.next", "not response.more", "not response.more"),
        ("response.next", "response.next == 'x'", 'response.next == "x"'),
    ],
)
def test_a_missing_cursor_ends_the_data_unless_a_flag_says_more(
    tmp_path: Path, value: str, stop: str, expected: str | None
) -> None:
    made = draft(stream(cursor(value, stop)), tmp_path)
    paginator: Any = resources(made)["users"]["endpoint"]["paginator"]
    assert paginator.get("stop_condition") == expected
    assert imported(written(made, tmp_path), tmp_path / "out")


def test_headers_in_a_body_are_not_those_of_http(tmp_path: Path) -> None:
    value = "response.get('headers', {}).get('Link', {})"
    made = draft(stream(cursor(value, f"not {value}")), tmp_path)
    assert not made.diagnostics
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/users"] = lambda call: Answer(
            (
                {"data": [{"id": 2}]}
                if call.query
                else {"data": [{"id": 1}], "headers": {"Link": "b"}}
            ),
            headers={"Link": "no token"},
        )
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        loaded = run(source, tmp_path)
    assert [row["id"] for row in table(loaded, "users", "id")] == [1, 2]
    assert [call.query for call in api.calls] == [{}, {"after": "b"}]

    made = draft(stream(cursor(value, "response.headers.more")), tmp_path)
    assert [each.code for each in made.diagnostics] == ["body-headers"]


def test_the_last_page_has_records_and_no_cursor(tmp_path: Path) -> None:
    made = draft(stream(cursor("response.next", "last_page_size == 0")), tmp_path)
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/users"] = lambda call: (
            {"data": [{"id": 2}]} if call.query else {"data": [{"id": 1}], "next": "b"}
        )
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        loaded = run(source, tmp_path)
    assert [row["id"] for row in table(loaded, "users", "id")] == [1, 2]


def test_constants_of_a_json_body_have_the_types_that_are_sent(tmp_path: Path) -> None:
    body = """, http_method: POST, request_body_json: {
            kinds: '[ "ITEM" ]', size: "50", rate: "1.5", code: "007", word: "a", day: "2026-01-01",
            inner: {more: '{"a": 1}'}}"""
    made = draft(stream(rest=body), tmp_path)
    assert resources(made)["users"]["endpoint"]["json"] == {
        "kinds": ["ITEM"],
        "size": 50,
        "rate": 1.5,
        "code": "007",
        "word": "a",
        "day": "2026-01-01",
        "inner": {"more": {"a": 1}},
    }


def test_quotes_around_a_template_are_those_of_python(tmp_path: Path) -> None:
    text = stream().rstrip() + """
        transformations:
          - type: AddFields
            fields:
              - {path: [bare], value: "'{{ record['at'] }}'"}
              - {path: [both], value: "'{{ record['at'] }}' or '{{ record['id'] }}'"}
"""
    added = resources(draft(text, tmp_path))["users"]["add"]
    assert added["bare"] == "{{ record.at }}"
    assert "or" in added["both"]


@pytest.mark.parametrize(
    ("path", "team", "expected"),
    [
        (
            "{{ 'users?team=' + config['team'] if config['team'] else 'users' }}",
            "a b",
            "a b",
        ),
        (
            "{{ 'users?team=' + config['team'] if config['team'] else 'users' }}",
            "",
            None,
        ),
        ("{{ 'users' }}{{ '?team=x' + config['team'] ~ '&on=1' }}", "y", "xy"),
        ("{{ 'us' + 'ers?team=' + sanitize_url(config['team']) }}", "a/b", "a/b"),
    ],
)
def test_parameters_within_the_expression_of_a_path(
    tmp_path: Path, path: str, team: str, expected: str | None
) -> None:
    made = draft(stream().replace("path: /users", f'path: "{path}"'), tmp_path)
    assert not made.diagnostics
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/users"] = lambda call: {"data": [{"id": 1}]}
        source = source_of(
            module, f"{api.url}/v1", credentials={"api_key": "k"}, team=team
        )
        run(source, tmp_path)
    assert api.calls[0].query.get("team") == expected


def test_lists_of_the_settings(tmp_path: Path) -> None:
    """Alone they are sent several times, joined once; a filter looks into them."""
    head = HEAD.replace(
        "team: {type: string}",
        "teams: {type: array, items: {type: string}}\n          sizes: {type: array, items: {type: integer}}",
    ).replace("[api_key, start_date]", "[api_key, start_date, teams]")
    rest = """, request_parameters: {
            team: "{{ config['teams'] }}", joined: "{{ ','.join(config.get('teams', [])) }}",
            some: "{{ 'yes' if config.teams else 'no' }}", x: "{{ 'y' if 'x' in config.teams else 'n' }}"}"""
    kept = "{{ not config['teams'] or record.team in config.teams }}"
    text = stream(rest=rest).replace(
        "{extractor: {field_path: [data]}}",
        f'{{extractor: {{field_path: [data]}}, record_filter: {{condition: "{kept}"}}}}',
    )
    made = draft(text, tmp_path, head)
    assert not made.diagnostics
    assert "the list teams may be left out" in to_yaml(made.spec)
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        rows = [{"id": 1, "team": "a"}, {"id": 2, "team": "b"}]
        api.routes["/v1/users"] = lambda call: {"data": rows}
        source = source_of(
            module, f"{api.url}/v1", credentials={"api_key": "k"}, teams=["b", "c"]
        )
        loaded = run(source, tmp_path)
    assert [row["id"] for row in table(loaded, "users", "id")] == [2]
    expected = {"team": "c", "joined": "b,c", "some": "yes", "x": "n"}
    assert api.calls[0].query == expected

    (told,) = draft(text.replace(".teams", ".sizes"), tmp_path, head).diagnostics[:1]
    assert told.code == "config-list"


def test_a_choice_without_else_within_a_text_is_empty(tmp_path: Path) -> None:
    rest = """, request_parameters: {where: "{{ 'team-' if config['team'] }}all"}"""
    made = draft(stream(rest=rest), tmp_path)
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/users"] = lambda call: {"data": []}
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        run(source, tmp_path)
    assert api.calls[0].query == {"where": "all"}


def test_an_expression_is_one_step_of_a_path_or_several_that_are_joined(
    tmp_path: Path,
) -> None:
    path = "{{ 'teams/' + config['team'] + '/users' }}"
    made = draft(stream().replace("path: /users", f'path: "{path}"'), tmp_path)
    expected = 'teams/{{ config.get("team", "") }}/users'
    assert resources(made)["users"]["endpoint"]["path"] == expected


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("{{ 'a?b=1' if config['team'] else 'c' }}", "path-steps"),
        ("{{ 'teams/a' if config['team'] else 'users' }}", "path-steps"),
        ("users/{{ stream_partition.nowhere }}", "name-stream_partition"),
        ("users/{{ unknown(config) }}", "function-unknown"),
    ],
)
def test_a_stream_whose_path_is_not_known_is_left_out(
    tmp_path: Path, path: str, kind: str
) -> None:
    """It would ask for the base URL: the others still work."""
    bad = stream(name="bad").replace("path: /bad", f'path: "{path}"').rstrip()
    made = draft(bad + stream().replace("streams:", ""), tmp_path)
    assert {*resources(made)} == {"users"}
    (told,) = made.diagnostics
    lines = (tmp_path / "manifest.yaml").read_text().splitlines()
    assert (told.code, told.severity) == (kind, "error")
    assert told.message.startswith("bad: path: ")
    assert path in lines[told.location.line - 1]
    assert made.is_partial and "# TODO: the stream bad (line" in to_yaml(made.spec)
    assert imported(written(made, tmp_path), tmp_path / "out")


@pytest.mark.parametrize(
    ("bases", "expected"),
    [
        (["https://a.example/v1", "https://a.example/v1/"], "https://a.example/v1"),
        (["{{ config.url }}/api/one", "{{ config.url }}/api"], "{{ config.url }}/api"),
        (["{{ config.url }}/v1", "{{ config.url }}/v2"], "{{ config.url }}"),
        (["{{ config.url }}/v1", "{{ config.other }}/v1"], "{{ config.url }}/v1"),
    ],
)
def test_the_base_of_most_streams(bases: list[str], expected: str) -> None:
    assert common_base(bases) == expected


def test_a_date_or_else_a_number_is_a_number(tmp_path: Path) -> None:
    text = stream().rstrip() + """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: id
          datetime_format: "%s"
          start_datetime:
            type: MinMaxDatetime
            datetime: "{{ config.get('team', day_delta(-90, format='%Y-%m-%dT%H:%M:%SZ')) }}"
            datetime_format: "%Y-%m-%dT%H:%M:%SZ"
"""
    endpoint = resources(draft(text, tmp_path))["users"]["endpoint"]
    assert endpoint["incremental"]["initial_value"] == (
        '{{ format_datetime(config.get("team", ""), "%s") '
        'if config.get("team", "") else day_delta(-90, format="%s") }}'
    )


def router(stream: str, field: str) -> str:
    return f"""
            - type: SubstreamPartitionRouter
              parent_stream_configs:
                - {{type: ParentStreamConfig, stream: "#/definitions/{stream}", parent_key: id, partition_field: {field}}}"""


FAMILY = HEAD.replace(
    "    definitions:\n",
    """    definitions:
      teams:
        type: DeclarativeStream
        name: teams
        primary_key: id
        schema_loader: {$ref: "#/definitions/schema"}
        retriever:
          requester: {$ref: "#/definitions/requester", path: /teams}
          record_selector: {extractor: {field_path: [data]}}
      members:
        type: DeclarativeStream
        name: members
        primary_key: id
        schema_loader: {$ref: "#/definitions/schema"}
        retriever:
          requester: {$ref: "#/definitions/requester", path: "/teams/{{ stream_partition.team }}/members"}
          record_selector: {extractor: {field_path: [data]}}
          partition_router:
            - type: SubstreamPartitionRouter
              parent_stream_configs:
                - {type: ParentStreamConfig, stream: "#/definitions/teams", parent_key: id, partition_field: team}
""",
)


def notes(made: Draft) -> list[str]:
    text = to_yaml(made.spec).replace("\n  # ", " ").replace("\n# ", " ")
    told = ("not of every one", "read once: nothing of", "a last value for each parent")
    return [each for each in told if each in text]


def test_a_parent_and_its_own_parent_are_read_together(tmp_path: Path) -> None:
    routers = router("teams", "team") + router("members", "member")
    path = (
        "teams/{{ stream_partition.team }}/members/{{ stream_partition.member }}/users"
    )
    text = stream(f"partition_router:{routers}").replace("/users}", f'"{path}"}}')
    made = draft(text, tmp_path, FAMILY)
    assert not made.diagnostics
    assert notes(made) == ["not of every one"]


def test_a_parent_that_the_request_uses_nothing_of(tmp_path: Path) -> None:
    made = draft(
        stream(f"partition_router:{router('teams', 'team')}"), tmp_path, FAMILY
    )
    assert notes(made) == ["read once: nothing of"]
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/teams"] = lambda call: {"data": [{"id": 1}, {"id": 2}]}
        api.routes["/v1/users"] = lambda call: {"data": [{"id": 3}]}
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        run(source, tmp_path)
    assert len(api.called("/v1/users")) == 1


def test_no_parent_s_records_are_older_than_another_s(tmp_path: Path) -> None:
    """Airbyte's one cursor for all parents: dlt would drop the first record of the second."""
    path = "teams/{{ stream_partition.team }}/users"
    cursor = """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: at
          start_datetime: "2026-01-01T00:00:00Z"
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          global_substream_cursor: true
"""
    text = stream(f"partition_router:{router('teams', 'team')}")
    text = text.replace("/users}", f'"{path}"}}').rstrip() + cursor
    made = draft(text, tmp_path, FAMILY)
    assert notes(made) == ["a last value for each parent"]
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/teams"] = lambda call: {"data": [{"id": 1}, {"id": 2}]}
        for team in (1, 2):
            rows = [
                {"id": 10 * team + day, "at": f"2026-02-0{day}T00:00:00Z"}
                for day in (1, 2)
            ]
            api.routes[f"/v1/teams/{team}/users"] = lambda call, rows=rows: {
                "data": rows
            }
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        loaded = run(source, tmp_path)
    assert [row["id"] for row in table(loaded, "users", "id")] == [11, 12, 21, 22]


def test_a_cursor_of_seconds_without_a_schema_is_a_number(tmp_path: Path) -> None:
    text = stream().replace('schema_loader: {$ref: "#/definitions/schema"}', "")
    text = text.rstrip() + """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: changed
          start_datetime:
            {type: MinMaxDatetime, datetime: "{{ config['start_date'] }}", datetime_format: "%Y-%m-%dT%H:%M:%SZ"}
          datetime_format: "%s"
          start_time_option: {inject_into: request_parameter, field_name: since}
"""
    made = draft(text, tmp_path)
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/users"] = lambda call: {
            "data": [{"id": 1, "changed": 1800000000}]
        }
        source = source_of(
            module,
            f"{api.url}/v1",
            credentials={"api_key": "k"},
            start_date="2026-01-01T00:00:00Z",
        )
        loaded = run(source, tmp_path)
    assert len(table(loaded, "users")) == 1
    assert api.calls[0].query == {"since": "1767225600"}


def test_a_switch_that_nobody_touched_is_off(tmp_path: Path) -> None:
    head = HEAD.replace("start_date: {type: string}", "start_date: {type: boolean}")
    rest = """, request_parameters: {all: "{{ 'yes' if config['start_date'] else 'no' }}"}"""
    made = draft(stream(rest=rest), tmp_path, head)
    module = imported(written(made, tmp_path), tmp_path)
    with serving() as api:
        api.routes["/v1/users"] = lambda call: {"data": []}
        source = source_of(module, f"{api.url}/v1", credentials={"api_key": "k"})
        run(source, tmp_path)
    assert api.calls[0].query == {"all": "no"}
