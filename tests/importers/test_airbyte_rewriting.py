"""Templates of Airbyte to expressions of a spec."""

from __future__ import annotations

import pytest

from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.names import Names, Place
from generator.importers.airbyte.settings import settings
from generator.importers.airbyte.templates import Texts

SPECIFICATION = {
    "type": "object",
    "required": ["start_date", "account"],
    "properties": {
        "api_key": {"type": "string", "airbyte_secret": True},
        "start_date": {"type": "string"},
        "account": {"type": "string"},
        "team": {"type": "string"},
        "size": {"type": "integer", "default": 50},
        "sandbox": {"type": "boolean"},
        "credentials": {
            "oneOf": [
                {"properties": {"client_id": {"type": "string"}}},
                {"properties": {"token": {"type": "string", "airbyte_secret": True}}},
            ]
        },
    },
}


def texts(place: Place = "request") -> Texts:
    return Texts(
        Names(
            settings(SPECIFICATION, iter(())),
            place,
            parameters={"path": "users", "deep": {"x": 1}},
            partitions={
                "user_id": "resources.users.id",
                "kind": "stream_partition.kind",
            },
            bounds={"start_time": "start_value", "end_time": "end_value"},
        )
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", "plain"),
        ("{{ config['account'] }}", 'dlt.config["account"]'),
        ("{{ config['api_key'] }}", 'dlt.secrets["api_key"]'),
        ("{{ config.credentials.token }}", 'dlt.secrets["token"]'),
        ("{{ config.get('size') }}", '{{ config.get("size", 50) }}'),
        ("{{ config['team'] }}", '{{ config.get("team", "") }}'),
        ("{{ parameters.path }}/{{ parameters['deep']['x'] }}", "users/1"),
        ("a/{{ stream_partition.user_id }}/b", "a/{resources.users.id}/b"),
        ("{{ stream_slice['kind'] }}", "{kind}"),
        ("{{ stream_interval.start_time }}", "{incremental.start_value}"),
        ("{{ 'a' if parameters.path == 'users' else 'b' }}", "a"),
        (
            "{{ 'a' if 'team' in config else 'b' }}",
            TEAM := '{{ "a" if (config.get("team", "") != "") else "b" }}',
        ),
        ("{% if config.get('team') is defined %}a{% else %}b{% endif %}", TEAM),
        ("{% set x = 'k' %}{{ x ~ config.account }}", '{{ "k" ~ config.account }}'),
        (
            "{{ max(config.account, 'b') }}",
            '{{ config.account if config.account > "b" else "b" }}',
        ),
        (
            "{{ {'a': 1, 'b': 2}[config.account] }}",
            '{{ 1 if config.account == "a" else (2) }}',
        ),
        ("{{ stream_slice.end_time[:-2] }}", "{{ incremental.end_value[:-2] }}"),
        ("{{ now_utc() - duration('P1Y') }}", '{{ now_utc() - duration("P365D") }}'),
        ("literal {braces}", 'literal {{ "{braces}" }}'),
    ],
)
def test_request(text: str, wanted: str) -> None:
    assert texts().text(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ record['a'].get('b', {}).c }}", "record.a.b.c"),
        ("{{ record.get('a', 'none') }}", 'record.a | default("none")'),
        ("{{ record['a b'] is not none }}", 'not (record["a b"] is none)'),
        ("{{ record.x and true }}", "record.x"),
    ],
)
def test_record(text: str, wanted: str) -> None:
    assert texts("record").expression(text).text == wanted


@pytest.mark.parametrize(
    ("place", "text", "kind"),
    [
        ("request", "{{ stream_state.x }}", "name-stream_state"),
        ("request", "{{ config.credentials }}", "config-object"),
        ("request", "{{ x | tojson }}", "name-x"),
        ("request", "{{ config.account | tojson }}", "filter-tojson"),
        ("request", "{{ sanitize_url(config.account) }}", "function-sanitize_url"),
        ("request", "{{ '", "template-syntax"),
        ("request", "{% for x in [1] %}{{ x }}{% endfor %}", "statement-for"),
        ("request", "{{ config.get('api_key') is defined }}", "secret-tested"),
        ("record", "{{ config.api_key }}", "secret-place"),
        ("answer", "{{ config.account }}", "config-answer"),
        ("answer", "{{ record.x }}", "name-record"),
    ],
)
def test_what_cannot_be_said(place: Place, text: str, kind: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        texts(place).text(text)
    assert caught.value.kind == kind


def test_a_mapping_that_a_template_gives() -> None:
    made = texts().mapping("{{ {'a': config.account} if config.team else {} }}")
    assert made == {"a": '{{ config.account if config.get("team", "") else none }}'}


def test_a_body_that_is_written_as_json() -> None:
    made = texts().json(
        '{"a": {"b": "{{ config.account }}", "c": [1, "x{{ config.account }}"]}}'
    )
    assert made == {
        "a": {"b": 'dlt.config["account"]', "c": [1, "x{{ config.account }}"]}
    }
