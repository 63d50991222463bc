"""Every kind of auth against a server that looks at the credentials, and retries."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call

METHODS = """
connector: methods
silence: [no-schema]
client:
  base_url: https://api.example.com
  headers: { X-Shared: 'dlt.secrets["shared"]' }
  auth:
    methods:
      app: { type: oauth2, token_url: /token, scopes: [read, write], access_token_request_data: { audience: api, level: 2 } }
      person: { type: basic }
      header: { type: api_key, name: X-Key, prefix: "Key " }
      query: { type: api_key, name: key, location: query }
      cookie: { type: api_key, name: sid, location: cookie, api_key: 'dlt.secrets["session"]' }
      token: { type: bearer, token: 'dlt.secrets["access_token"]' }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources: [things]
"""

BASIC = "Basic " + base64.b64encode("ann:secret:1".encode()).decode()


def things(call: Call) -> Any:
    return {"data": [{"id": 1}]}


@pytest.mark.parametrize(
    ("credentials", "arguments", "sent"),
    [
        ({"username": "ann", "password": "secret:1"}, {}, {"authorization": BASIC}),
        ({"api_key": "k1"}, {}, {"x-key": "Key k1"}),
        ({"api_key": "k1"}, {"auth": "query"}, {"key": "k1"}),
        ({"session": "s1"}, {}, {"cookie": "sid=s1"}),
        ({"access_token": "t1"}, {}, {"authorization": "Bearer t1"}),
        ({"api_key": "k1", "session": "s1"}, {}, {"x-key": "Key k1"}),
        ({"api_key": "k1", "session": "s1"}, {"auth": "cookie"}, {"cookie": "sid=s1"}),
    ],
)
def test_what_is_sent(
    client: Client,
    api: Api,
    credentials: dict[str, str],
    arguments: dict[str, str],
    sent: dict[str, str],
) -> None:
    api.routes["/things"] = things
    given = {"shared": "all", **credentials}
    list(client(METHODS, credentials=given, **arguments).things())
    call = api.calls[0]
    found = {**call.headers, **call.query}
    assert {**sent, "x-shared": "all"}.items() <= found.items()
    others = {"authorization", "x-key", "key", "cookie"} - set(sent)
    assert not others & set(found)


@pytest.mark.parametrize("arguments", [{}, {"auth": "query"}])
def test_no_credentials(client: Client, arguments: dict[str, str]) -> None:
    with pytest.raises(
        Exception, match="give client_id and client_secret, or username"
    ):
        client(METHODS, credentials={"shared": "all"}, **arguments)


def test_a_secret_that_every_method_needs_is_required(client: Client) -> None:
    with pytest.raises(TypeError, match="shared"):
        client(METHODS, credentials={"api_key": "k1"})


def tokens(api: Api, **more: Any) -> None:
    """A token endpoint that gives `t1`, `t2` and so on; only the newest is taken."""

    def token(call: Call) -> Any:
        return {"access_token": f"t{len(api.called('/token'))}", **more}

    def route(call: Call) -> Any:
        newest = f"Bearer t{len(api.called('/token'))}"
        if call.headers.get("authorization") == newest:
            return things(call)
        return Answer({"error": "expired"}, 401)

    api.routes.update({"/token": token, "/things": route})


def test_client_credentials(client: Client, api: Api) -> None:
    tokens(api)
    given = {"shared": "all", "client_id": "me", "client_secret": "s3cret"}
    assert len(list(client(METHODS, credentials=given).things())) == 1
    assert api.called("/token")[0].form == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s3cret",
        "scope": "read write",
        "audience": "api",
        "level": "2",
    }
    assert "x-shared" not in api.called("/token")[0].headers


def test_an_expired_token_is_renewed(client: Client, api: Api) -> None:
    tokens(api)
    given = {"shared": "all", "client_id": "me", "client_secret": "s3cret"}
    made = client(METHODS, credentials=given)
    list(made.things())
    api.calls.append(Call("/token", {}, {}, b""))  # the server forgets the first token
    assert len(list(made.things())) == 1
    assert api.calls[-1].headers["authorization"] == "Bearer t3"


REFRESH = """
connector: refresh
silence: [no-schema]
client:
  base_url: https://api.example.com
  auth:
    type: oauth2
    token_url: dlt.secrets["token_url"]
    secret_key: dlt.secrets["secret_key"]
    refresh_token: dlt.secrets["refresh_token"]
    client_auth: basic
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources: [things]
"""


def refresh(client: Client, api: Api, **arguments: Any) -> Any:
    given = {
        "token_url": f"{api.url}/token",
        "client_id": "me",
        "secret_key": "s3cret",
        "refresh_token": "r0",
    }
    return client(REFRESH, credentials=given, **arguments)


def test_refresh_token(client: Client, api: Api) -> None:
    tokens(api)
    assert len(list(refresh(client, api).things())) == 1
    call = api.called("/token")[0]
    assert call.form == {"grant_type": "refresh_token", "refresh_token": "r0"}
    assert call.headers["authorization"] == BASIC.replace(
        BASIC[6:], base64.b64encode(b"me:s3cret").decode()
    )


def test_a_replaced_refresh_token_is_kept(client: Client, api: Api) -> None:
    tokens(api, refresh_token="r1")
    kept: list[str] = []
    list(refresh(client, api, on_rotated=kept.append).things())
    assert kept == ["r1"]


def test_a_replaced_refresh_token_with_nowhere_to_keep_it(
    client: Client, api: Api
) -> None:
    tokens(api, refresh_token="r1")
    with pytest.raises(Exception, match="give on_rotated=") as caught:
        list(refresh(client, api).things())
    assert "r1" not in str(caught.value)


def test_another_token_url(client: Client, api: Api) -> None:
    tokens(api)
    api.routes["/elsewhere"] = api.routes.pop("/token")
    made = refresh(client, api, token_url=f"{api.url}/elsewhere")
    assert len(list(made.things())) == 1
    assert len(api.called("/elsewhere")) == 1


RETRIES = """
connector: retries
silence: [no-auth, no-schema]
client:
  base_url: https://api.example.com
  error_handler: { retry_on_status_codes: [429, 503], max_retries: 2, backoff_factor: 0, error_message: Rate limits hit }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - things
  - { name: patient, endpoint: { error_handler: { retry_on_status_codes: [500], max_retries: 4, backoff_factor: 0 } } }
"""


@pytest.mark.parametrize(
    ("resource", "status", "failures", "calls"),
    [("things", 429, 2, 3), ("things", 503, 1, 2), ("patient", 500, 4, 5)],
)
def test_retried(
    client: Client, api: Api, resource: str, status: int, failures: int, calls: int
) -> None:
    def route(call: Call) -> Any:
        return things(call) if len(api.calls) > failures else Answer({}, status)

    api.routes[f"/{resource}"] = route
    assert len(list(getattr(client(RETRIES), resource)())) == 1
    assert len(api.calls) == calls


@pytest.mark.parametrize(
    ("resource", "status", "calls", "message"),
    [
        ("things", 429, 3, "status 429 after 2 retries: Rate limits hit"),
        ("things", 500, 1, "status 500: Rate limits hit"),
        ("patient", 429, 1, "status 429: Rate limits hit"),
    ],
)
def test_given_up(
    client: Client, api: Api, resource: str, status: int, calls: int, message: str
) -> None:
    api.routes[f"/{resource}"] = lambda call: Answer({"error": "no"}, status)
    with pytest.raises(
        Exception, match=f"{resource}, page 1, GET .*{message}"
    ) as caught:
        list(getattr(client(RETRIES), resource)())
    assert type(caught.value).__name__ == "HTTPError"
    assert len(api.calls) == calls
    assert ("Rate limits hit" in str(caught.value)) == ("Rate" in message)


def test_the_server_says_how_long_to_wait(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        if len(api.calls) > 1:
            return things(call)
        return Answer({}, 429, {"Retry-After": "0.01"})

    api.routes["/things"] = route
    assert len(list(client(RETRIES).things())) == 1
