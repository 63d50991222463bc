"""Expressions over settings, secrets and times in the texts of requests."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import Client, Make
from tests.refused import refused
from tests.scripted import Api, Call
from tests.support import run, source_of, table

SPEC = """
connector: computed
silence: [no-schema, open-placeholder]
client:
  base_url: https://{{ 'sandbox' if config.mode == 'test' else 'api' }}.example.com
  auth:
    type: api_key
    api_key: "{{ (config.user ~ ':' ~ secrets.password) | base64encode }}"
    prefix: "Basic "
  headers:
    X-Joined: "{{ secrets.password ~ '/' ~ config.user | upper }}"
    X-Part: "v{{ 'a' if config.mode == 'test' else 'b' }}-{{ config.mode | length }}"
resource_defaults: { primary_key: id, endpoint: { paginator: single_page, data_selector: data } }
resources:
  - name: things
    endpoint:
      path: "/things/{{ config.user.replace('n', '/') }}"
      params:
        day: "{{ day_delta(-30, '%Y-%m-%d') }}"
        year: "{{ now_utc().strftime('%Y') }}"
        before: "{{ now_utc() - duration('PT36H') }}"
        today: "{{ today_utc() - timedelta(days=1) }}"
        seconds: "{{ (now_utc() - duration('P1D')).timestamp() }}"
        parsed: "{{ format_datetime('2026-01-31T10:00:00+02:00', '%Y/%m/%d %H') }}"
        read: "{{ str_to_datetime('31.01.2026', '%d.%m.%Y') | timestamp }}"
        doubled: "{{ config.get('size', 25) * 2 }}"
        halved: "{{ config.get('size', 25) / 2 }}"
        rest: "{{ (config.get('size', 25) % 7) ~ '' }}"
        round: "{{ (10 / 3) | round(2) }}"
        whole: "{{ '7.9' | int }}"
        absolute: "{{ -5 | abs }}"
        first: "{{ config.user.split('-')[0] }}"
        last: "{{ config.user.split('-') | last }}"
        found: "{{ config.user | regex_search('[a-z]+$') }}"
        never: "{{ config.user | regex_search('[0-9]+$') }}"
        left: "{{ config.mode if config.mode == 'live' else none }}"
        joined: "{{ ['a', config.user] | join('+') }}"
        flag: "{{ 'n' in config.user and config.mode != 'live' }}"
      headers: { X-Rest: "{{ config.get('size', 25) // 2 }}" }
  - name: searches
    endpoint:
      method: POST
      json: { size: "{{ config.get('size', 25) + 1 }}", tags: ["{{ config.user.lower() }}"], text: "from {{ config.get('size', 25) // 2 }}" }
  - name: changes
    endpoint:
      method: POST
      data: 'from {{ (incremental.start_value | int) * 1000 }} to {{ incremental.end_value | int }}'
      incremental: { cursor_path: at, format: epoch }
  - name: spans
    schema: { type: object, properties: { id: { type: integer }, at: { type: integer } } }
    endpoint:
      method: POST
      data: 'from {{ incremental.start_value | int }} to {{ (incremental.end_value | int) * 1000 }}'
      incremental: { cursor_path: at, format: epoch, end_value: now, window: P1D, initial_value: 1 }
  - name: newest
    endpoint:
      method: POST
      data: "{incremental.start_value}"
      incremental: { cursor_path: at, format: epoch }
"""


def request(client: Client, api: Api, resource: str) -> Call:
    def answer(call: Call) -> Any:
        return {"data": [{"id": 1}]}

    api.routes.update({"/things/A%2F-B%2F": answer, "/searches": answer})
    made = client(
        SPEC, credentials={"password": "pw"}, user="An-Bn", mode="test", size=25
    )
    assert len(list(getattr(made, resource)())) == 1
    return api.calls[-1]


def test_headers_and_auth(client: Client, api: Api) -> None:
    headers = request(client, api, "things").headers
    encoded = b64encode(b"An-Bn:pw").decode()
    assert headers["authorization"] == f"Basic {encoded}"
    assert headers["x-joined"] == "pw/AN-BN"
    assert headers["x-part"] == "va-4"
    assert headers["x-rest"] == "12"


def test_parameters(client: Client, api: Api) -> None:
    query = dict(request(client, api, "things").query)
    now = datetime.now(UTC)
    assert query.pop("day") == (now - timedelta(days=30)).strftime("%Y-%m-%d")
    assert query.pop("year") == str(now.year)
    assert query.pop("today") == (now - timedelta(days=1)).strftime("%Y-%m-%d")
    before = datetime.strptime(query.pop("before"), "%Y-%m-%dT%H:%M:%S%z")
    assert abs(now - timedelta(hours=36) - before) < timedelta(minutes=1)
    seconds = int(query.pop("seconds"))
    assert abs(now.timestamp() - 86400 - seconds) < 60
    assert query == {
        "parsed": "2026/01/31 08",
        "read": "1769817600",
        "doubled": "50",
        "halved": "12.5",
        "rest": "4",
        "round": "3.33",
        "whole": "7",
        "absolute": "5",
        "first": "An",
        "last": "Bn",
        "found": "n",
        "joined": "a+An-Bn",
        "flag": "true",
    }


def test_values_keep_their_type_in_bodies(client: Client, api: Api) -> None:
    call = request(client, api, "searches")
    assert call.json == {"size": 26, "tags": ["an-bn"], "text": "from 12"}


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("changes", rb"from 1700000000000 to \d{10}"),
        ("spans", rb"from 1700000000 to \d{10}000"),
        ("newest", b"1700000000"),
    ],
)
def test_a_bound_in_a_body_of_text(
    client: Client, api: Api, resource: str, body: bytes
) -> None:
    """Without its bound the text is left out, as a parameter is."""
    api.routes[f"/{resource}"] = lambda call: {"data": [{"id": 1}]}
    made = client(SPEC, credentials={"password": "pw"}, user="a", mode="test")
    read: Any = getattr(made, resource)
    assert list(read()) == list(read(since=1_700_000_000))
    without, given = api.calls
    assert without.body == b""
    assert re.fullmatch(body, given.body)


LISTED = """
connector: listed
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { paginator: single_page, data_selector: data } }
resources:
  - name: things
    filter: "{{ not config.get('kinds', []) or record.kind in config.kinds }}"
    add: { wanted: "{{ config.get('kinds', []) }}" }
    endpoint:
      path: "things/{{ config.get('kinds', []) | join('+') or 'all' }}"
      params:
        kind: "{{ config.get('kinds', []) }}"
        joined: "{{ ','.join(config.kinds) }}"
        number: "{{ config.kinds | length }}"
        both: "{{ config.kinds + config.get('others', []) }}"
  - name: searches
    endpoint: { method: POST, json: { kinds: "{{ config.get('kinds', []) }}" } }
  - name: forms
    endpoint: { method: POST, data: { kind: "{{ config.get('kinds', []) }}" } }
  - name: texts
    endpoint: { method: POST, data: "kinds {{ config.kinds | join }}" }
"""
"""A setting that is a list of texts."""


def answered(call: Call) -> Any:
    return {"data": [{"id": 1, "kind": "a"}, {"id": 2, "kind": "c"}]}


@pytest.mark.parametrize(
    ("kinds", "path", "query", "ids"),
    [
        (
            ["a", "b"],
            "/things/a%2Bb",
            {"kind": "b", "joined": "a,b", "number": "2", "both": "c"},
            [1],
        ),
        ((), "/things/all", {"joined": "", "number": "0"}, [1, 2]),
    ],
)
def test_a_list_of_texts(
    client: Client,
    api: Api,
    kinds: list[str],
    path: str,
    query: dict[str, str],
    ids: list[int],
) -> None:
    for each in (path, "/searches", "/forms", "/texts"):
        api.routes[each] = answered
    made = client(LISTED, kinds=kinds, others=["c"] if kinds else [])
    found = [(each.id, each.wanted) for each in made.things()]
    assert found == [(each, list(kinds)) for each in ids]
    assert api.calls[-1].query == query
    for name in ("searches", "forms", "texts"):
        assert len(list(getattr(made, name)())) == 2
    searched, form, text = api.calls[-3:]
    assert searched.json == {"kinds": list(kinds)}
    assert form.body.decode() == "&".join(f"kind={each}" for each in kinds)
    assert text.body.decode() == f"kinds {''.join(kinds)}"


def test_a_list_from_dlts_configuration(
    package: Make, api: Api, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.routes["/things/c"] = answered
    source = source_of(package(LISTED), api.url, resources=["things"])
    monkeypatch.setenv("SOURCES__LISTED__KINDS", '["c"]')
    assert len(table(run(source, folder), "things")) == 1


@pytest.mark.parametrize(
    "place",
    [
        "path: 'things/{{ config.kinds }}'",
        "headers: { X-Kinds: '{{ config.kinds }}' }",
        "params: { kind: 'of {{ config.kinds }}' }",
        "params: { kind: ['{{ config.get(\"kinds\", []) }}'] }",
        "params: { kind: '{{ config.kinds }}' }",
        "data: '{{ config.kinds }}'",
        "incremental: { cursor_path: at, initial_value: '{{ config.kinds }}' }",
    ],
)
def test_a_list_is_no_single_value(place: str) -> None:
    text = LISTED.partition("  - name: searches")[0] + f"""
  - name: searches
    endpoint: {{ method: POST, {place} }}
"""
    (error,) = refused(text)
    assert error.code == "conflict" and "is a list" in error.message


WRONG = """
connector: wrong
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resources:
  - name: things
    primary_key: id
    endpoint:
      path: /things
      data_selector: data
      paginator: single_page
      params: { since: "{{ format_datetime(config.begin, '%Y') }}", n: "{{ config.n | int }}" }
"""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"begin": "yesterday", "n": "1"}, "a str that is no date"),
        ({"begin": "2026-01-01", "n": "one"}, "a str is no number"),
    ],
)
def test_values_of_the_wrong_kind(
    client: Client, api: Api, given: dict[str, str], said: str
) -> None:
    made = client(WRONG, **given)
    with pytest.raises(Exception, match=re.escape(said)) as caught:
        list(made.things())
    assert type(caught.value).__name__ == "ExpressionError"
    assert not api.calls
