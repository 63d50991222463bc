"""What requests carry: parameters, bodies, arguments, bounds, and values of parents."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from tests.functional.conftest import Client, Make
from tests.refused import refused, warned
from tests.scripted import Api, Call
from tests.support import part, source_of

REQUESTS = """
connector: request_parts
silence: [no-auth, no-schema, open-placeholder]
client:
  base_url: https://{tenant}.example.com
  headers: { X-Region: 'dlt.config["region"]', X-Version: 'dlt.config.get("version", 2)' }
resource_defaults: { primary_key: id, endpoint: { paginator: single_page, data_selector: data } }
resources:
  - name: things
    endpoint:
      path: "/things?fixed=a%20b"
      params: { active: true, ratio: 0.5, ids: [1, 2], none: null, text: "a&b=c {{ '{x}' }}", size: 'dlt.config.get("size", 50)' }
  - name: searches
    endpoint:
      method: POST
      json: { query: { text: "\\"quoted\\"", tags: [a, null] }, on: "{{ today_utc() }}", at: "{{ now_utc().strftime('%H') }}h" }
  - { name: accounts, endpoint: { path: "/accounts/{account_id}" } }
"""


def things(call: Call) -> Any:
    return {"data": [{"id": 1}]}


def request_of(client: Client, api: Api, resource: str, **arguments: Any) -> Call:
    api.routes.update({f"/{resource}": things, "/accounts/a%2Fb": things})
    made = client(REQUESTS, tenant="t", region="eu", **arguments)
    assert len(list(getattr(made, resource)())) == 1
    return api.calls[-1]


def test_parameters_and_headers(client: Client, api: Api) -> None:
    call = request_of(client, api, "things", size=20)
    assert call.query == {
        "fixed": "a b",
        "active": "true",
        "ratio": "0.5",
        "ids": "2",
        "text": "a&b=c {x}",
        "size": "20",
    }
    assert call.headers["x-region"] == "eu"
    assert call.headers["x-version"] == "2"


def test_body(client: Client, api: Api) -> None:
    body = request_of(client, api, "searches").json
    today, hour = body.pop("on"), body.pop("at")
    assert body == {"query": {"text": '"quoted"', "tags": ["a", None]}}
    assert date.fromisoformat(today) and re.fullmatch(r"\d\dh", hour)


PLAIN = r"""
connector: plain
silence: [no-auth, no-schema, no-primary-key, open-placeholder]
client: { base_url: https://api.example.com, auth: { type: api_key, name: X-Key, api_key: 'dlt.secrets["key"]' } }
resources:
  - name: things
    endpoint:
      method: POST
      data: 'fields id,name; for {who}; é"; key {{ secrets.key }}'
      headers: { Content-Type: text/plain }
      paginator: single_page
      data_selector: data
"""


def test_a_body_of_plain_text(client: Client, api: Api) -> None:
    api.routes["/things"] = things
    made = client(PLAIN, who="me", credentials={"key": "s3cr3t-k3y"})
    assert len(list(made.things())) == 1
    text = 'fields id,name; for me; é"; key s3cr3t-k3y'
    assert api.calls[0].body.decode() == text
    assert api.calls[0].headers["content-type"] == "text/plain"
    api.routes["/things"] = lambda call: []
    with pytest.raises(
        Exception, match="things, page 1, POST .*fields id,name"
    ) as caught:
        list(made.things())
    assert "s3cr3t-k3y" not in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        "json: { a: 1 }",
        "paginator: { type: cursor, cursor_path: next, cursor_body_path: after }",
        "paginator: { type: offset, limit: 5, limit_body_path: size }",
    ],
)
def test_nothing_is_put_into_plain_text(more: str) -> None:
    text = PLAIN.replace("      paginator: single_page\n", f"      {more}\n")
    assert "conflict" in {each.code for each in refused(text)}


SHARED = """
connector: shared
silence: [no-auth, no-schema, no-primary-key, no-data-selector]
client: { base_url: https://api.example.com, paginator: single_page }
resources:
  - { name: repositories, endpoint: { path: "orgs/ORG/repos" } }
  - { name: teams, endpoint: { path: "teams-of/{org}" } }
"""


def test_a_placeholder_in_unrelated_paths(client: Client, api: Api) -> None:
    """An argument for each of them, unless the spec says that they are one."""
    hint = "`{{ config.org }}` is one argument wherever it is written"
    apart = SHARED.replace("ORG", "{org}")
    found = {each.message.rpartition(" ")[2]: each.hint for each in warned(apart)}
    assert found == {"`repositories_org`": hint, "`teams_org`": hint}
    api.routes["/orgs/me/repos"] = api.routes["/teams-of/me"] = things
    made = client(SHARED.replace("ORG", "{{ config.org }}"), org="me")
    assert len([*made.repositories(), *made.teams()]) == 2


def test_several_methods_of_auth_are_no_list() -> None:
    (found,) = refused(SHARED.replace("paginator", "auth: [bearer], paginator"))
    assert found.code == "wrong-type"
    assert "`methods: { first: …, second: … }`" in found.hint


def test_path_values_are_escaped(client: Client, api: Api) -> None:
    call = request_of(client, api, "accounts", account_id="a/b")
    assert call.path == "/accounts/a%2Fb"


@pytest.mark.parametrize("account_id", ["", "..", None])
def test_path_values_that_cannot_be_sent(
    client: Client, api: Api, account_id: str | None
) -> None:
    with pytest.raises(Exception, match=r"account_id") as caught:
        request_of(client, api, "accounts", account_id=account_id)
    assert type(caught.value).__name__ == "SettingError"
    assert not api.calls


def test_an_argument_of_one_resource_is_needed_by_that_resource(
    client: Client, api: Api
) -> None:
    assert request_of(client, api, "things")
    with pytest.raises(Exception, match="needs the argument account_id="):
        request_of(client, api, "accounts")


def test_arguments_of_the_whole_client_are_required(client: Client) -> None:
    with pytest.raises(TypeError, match="tenant"):
        client(REQUESTS, region="eu")
    with pytest.raises(Exception, match="needs the argument region="):
        client(REQUESTS, tenant="t")


ENVIRONMENTS = """
connector: places
silence: [no-auth, no-schema]
client:
  environments: { production: "https://api.example.com", sandbox: "http://127.0.0.1:1" }
  error_handler: { max_retries: 0 }
resource_defaults: { primary_key: id, endpoint: { paginator: single_page, data_selector: data } }
resources: [things]
"""


def test_unknown_environments_and_resources(package: Make) -> None:
    module = package(ENVIRONMENTS)
    with pytest.raises(
        Exception, match="no environment staging; there are production, sandbox"
    ):
        part(module, "Client")(environment="staging")
    with pytest.raises(Exception, match="no resource thigns; there are things"):
        source_of(module, "http://127.0.0.1:1", resources=["thigns"])


def test_an_environment_is_a_base_url(package: Make) -> None:
    made = part(package(ENVIRONMENTS), "Client")(environment="sandbox")
    with pytest.raises(Exception, match="GET http://127.0.0.1:1/things"):
        list(made.things())
