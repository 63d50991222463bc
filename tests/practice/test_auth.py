"""The practice API admits the spec's credentials and nobody else."""

from __future__ import annotations

import time
from typing import Any

import pytest
import urllib3
from .api import Api, Start, resource, spec

OAUTH = {
    "type": "oauth2",
    "client_id": 'dlt.secrets["client_id"]',
    "client_secret": "dlt.secrets['secret_key']",
    "token_url": "https://auth.example.com/getAccess",
}
CLIENT = {"client_id": "practice-client-id", "client_secret": "practice-secret-key"}
GRANT = {**CLIENT, "grant_type": "client_credentials"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_auth_everybody_is_admitted(start: Start) -> None:
    assert start(spec(resource())).ask("/items").status == 200


def test_bearer(start: Start) -> None:
    api = start(
        spec(resource(), auth={"type": "bearer", "token": "dlt.secrets['key']"})
    )
    assert api.server.credentials == {"key": "practice-key"}
    assert api.ask("/items", headers=bearer("practice-key")).status == 200
    assert api.ask("/items", headers=bearer("other")).status == 401
    refused = api.ask("/items")
    assert refused.status == 401
    assert refused.body == {"error": "wrong or missing credentials"}


@pytest.mark.parametrize("name", ["X-Key", "api_key", "Authorization"])
def test_api_key_in_a_header_with_prefix(start: Start, name: str) -> None:
    auth = {"type": "api_key", "name": name, "prefix": "Token "}
    api = start(spec(resource(), auth=auth))
    assert api.ask("/items", headers={name: "Token practice-api-key"}).status == 200
    assert api.ask("/items", headers={name: "practice-api-key"}).status == 401


@pytest.mark.parametrize("location", ["query", "param"])
def test_api_key_in_the_query(start: Start, location: str) -> None:
    auth = {"type": "api_key", "name": "key", "location": location}
    api = start(spec(resource(), auth=auth))
    assert api.ask("/items", {"key": "practice-api-key"}).status == 200
    assert api.ask("/items", {"key": "wrong"}).status == 401


def test_api_key_in_a_cookie(start: Start) -> None:
    auth = {"type": "api_key", "name": "key", "location": "cookie"}
    api = start(spec(resource(), auth=auth))
    assert api.ask("/items", headers={"Cookie": "key=practice-api-key"}).status == 200
    assert api.ask("/items", headers={"Cookie": "key=wrong"}).status == 401


def test_basic_with_a_fixed_password(start: Start) -> None:
    auth = {"type": "basic", "username": "dlt.secrets['api_key']", "password": "x"}
    api = start(spec(resource(), auth=auth))
    right = urllib3.make_headers(basic_auth="practice-api-key:x")
    wrong = urllib3.make_headers(basic_auth="practice-api-key:y")
    assert api.server.credentials == {"api_key": "practice-api-key"}
    assert api.ask("/items", headers=right).status == 200
    assert api.ask("/items", headers=wrong).status == 401


def test_oauth2_client_credentials(start: Start) -> None:
    api = start(spec(resource(), auth=OAUTH))
    assert api.server.token_url.endswith("/oauth/token")
    answer = api.post_form(api.server.token_url, GRANT)
    assert answer.status == 200
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["expires_in"] == 3600
    token = answer.body["access_token"]
    assert api.ask("/items", headers=bearer(token)).status == 200
    assert api.ask("/items", headers=bearer("made-up")).status == 401


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "write"}, 400, "invalid_scope"),
        ({"audience": "other"}, 400, "invalid_request"),
    ],
)
def test_oauth2_refusals(
    start: Start, change: dict[str, str], status: int, error: str
) -> None:
    extra = {
        "scopes": ["read", "all"],
        "access_token_request_data": {"audience": "api"},
    }
    api = start(spec(resource(), auth={**OAUTH, **extra}))
    form = {**GRANT, "scope": "read all", "audience": "api"}
    assert api.post_form(api.server.token_url, form).status == 200
    refused = api.post_form(api.server.token_url, {**form, **change})
    assert (refused.status, refused.body["error"]) == (status, error)


def test_oauth2_client_in_the_header(start: Start) -> None:
    api = start(spec(resource(), auth={**OAUTH, "client_auth": "basic"}))
    header = urllib3.make_headers(basic_auth=":".join(CLIENT.values()))
    grant = {"grant_type": "client_credentials"}
    assert api.post_form(api.server.token_url, grant, header).status == 200
    assert api.post_form(api.server.token_url, GRANT).status == 401


@pytest.mark.parametrize(
    ("token_url", "path"),
    [
        ("https://api.example.com/oauth2/token", "/oauth2/token"),
        ("https://other.example.com/oauth2/token", "/oauth/token"),
        ("oauth/new", "/v1/oauth/new"),
        ("dlt.secrets['token_endpoint']", "/oauth/token"),
    ],
)
def test_path_of_the_token_endpoint(start: Start, token_url: str, path: str) -> None:
    api = start(spec(resource(), auth={**OAUTH, "token_url": token_url}))
    assert api.server.token_url == api.server.url.removesuffix("/v1") + path
    assert api.post_form(api.server.token_url, GRANT).status == 200
    told = api.server.credentials.get("token_endpoint", api.server.token_url)
    assert told == api.server.token_url


def test_tokens_expire(start: Start) -> None:
    api = start(spec(resource(), auth=OAUTH), token_lifetime=0.2)
    token = api.post_form(api.server.token_url, GRANT).body["access_token"]
    assert api.ask("/items", headers=bearer(token)).status == 200
    time.sleep(0.25)
    assert api.ask("/items", headers=bearer(token)).status == 401


REFRESH = {**OAUTH, "refresh_token": "dlt.secrets['refresh_token']"}


def refresh(api: Api, token: str) -> Any:
    form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": token}
    return api.post_form(api.server.token_url, form)


def test_refresh_token_stays(start: Start) -> None:
    api = start(spec(resource(), auth=REFRESH))
    first = refresh(api, "practice-refresh-token")
    assert first.status == 200
    assert "refresh_token" not in first.body
    assert refresh(api, "practice-refresh-token").status == 200
    assert refresh(api, "wrong").body["error"] == "invalid_grant"
    assert api.post_form(api.server.token_url, GRANT).status == 400


def test_refresh_token_rotates(start: Start) -> None:
    api = start(spec(resource(), auth=REFRESH), rotate_refresh_tokens=True)
    first = refresh(api, "practice-refresh-token")
    assert refresh(api, "practice-refresh-token").status == 400
    assert refresh(api, first.body["refresh_token"]).status == 200


def test_each_alternative_is_accepted(start: Start) -> None:
    header = {"type": "api_key", "name": "X-Key"}
    query = {"type": "api_key", "name": "key", "location": "query"}
    methods = {"oauth": OAUTH, "header": header, "query": query}
    api = start(spec(resource(), auth={"methods": methods}))
    token = api.post_form(api.server.token_url, GRANT).body["access_token"]
    assert api.ask("/items", headers=bearer(token)).status == 200
    assert api.ask("/items", headers={"X-Key": "practice-api-key"}).status == 200
    assert api.ask("/items", {"key": "practice-api-key"}).status == 200
    assert api.ask("/items", {"key": "wrong"}).status == 401


def test_another_word_than_bearer(start: Start) -> None:
    auth = {"type": "bearer", "token": "dlt.secrets['key']", "prefix": "Token "}
    api = start(spec(resource(), auth=auth))
    assert api.ask("/items", headers={"Authorization": "Token practice-key"}).ok
    assert api.ask("/items", headers=bearer("practice-key")).status == 401


def test_api_key_in_the_body(start: Start) -> None:
    auth = {"type": "api_key", "name": "key", "location": "json"}
    api = start(spec(resource(method="POST"), auth=auth))
    assert api.ask("/items", method="POST", json={"key": "practice-api-key"}).ok
    assert api.ask("/items", method="POST", json={"key": "wrong"}).status == 401
    assert api.ask("/items", method="POST", json=["key"]).status == 401


def test_several_keys(start: Start) -> None:
    keys = [
        {"name": "X-App", "api_key": "{{ secrets.app }}"},
        {
            "name": "key",
            "api_key": "{{ secrets.a }}:{{ secrets.b }}",
            "location": "query",
        },
    ]
    api = start(spec(resource(), auth={"type": "api_keys", "keys": keys}))
    header = {"X-App": "practice-app"}
    assert api.ask("/items", {"key": "practice-a:practice-b"}, headers=header).ok
    assert api.ask("/items", {"key": "practice-a:practice-b"}).status == 401
    assert api.ask("/items", headers=header).status == 401


def test_password_grant_with_names_of_its_own(start: Start) -> None:
    auth = {
        **OAUTH,
        "grant_type": "password",
        "grant_type_name": "kind",
        "client_id_name": "app",
        "token_request": "json",
        "token_headers": {"X-Tenant": "t1"},
        "access_token_path": "data.token",
        "send": {"name": "X-Token"},
    }
    api = start(spec(resource(), auth=auth))
    given = {
        "kind": "password",
        "app": "practice-client-id",
        "client_secret": "practice-secret-key",
        "username": "practice-username",
        "password": "practice-password",
    }
    url, headers = api.server.token_url, {"X-Tenant": "t1"}
    assert api.ask(url, method="POST", json=given).status == 400
    wrong = {**given, "password": "x"}
    assert api.ask(url, method="POST", json=wrong, headers=headers).status == 400
    answer = api.ask(url, method="POST", json=given, headers=headers)
    token = answer.body["data"]["token"]
    assert api.ask("/items", headers={"X-Token": token}).ok
    assert api.ask("/items", headers=bearer(token)).status == 401


SESSION = {
    "type": "session_token",
    "login": {
        "path": "login",
        "json": {"user": "{{ secrets.user }}", "device": {"kind": "pc"}},
        "auth": {"type": "basic"},
    },
    "token_path": "session.token",
    "send": {"name": "sid", "location": "cookie"},
}


def test_session_token(start: Start) -> None:
    api = start(spec(resource(), auth=SESSION))
    body = {"user": "practice-user", "device": {"kind": "pc"}}
    login = urllib3.make_headers(basic_auth="practice-username:practice-password")
    assert api.ask("/login", method="POST", json=body).status == 401
    assert api.ask("/login", method="POST", json={}, headers=login).status == 401
    assert api.ask("/login", headers=login).status == 405
    answer = api.ask("/login", method="POST", json=body, headers=login)
    token = answer.body["session"]["token"]
    assert api.ask("/items", headers={"Cookie": f"sid={token}"}).ok
    assert api.ask("/items").status == 401


def test_auth_of_an_endpoint(start: Start) -> None:
    own = {"type": "api_key", "name": "X-Key", "api_key": "dlt.secrets['own']"}
    resources = [
        resource("items"),
        resource("open", auth={"type": "none"}),
        resource("other", auth=own),
    ]
    api = start(spec(*resources, auth={"type": "bearer"}))
    assert api.ask("/items").status == 401
    assert api.ask("/open").ok
    assert api.ask("/other", headers=bearer("practice-token")).status == 401
    assert api.ask("/other", headers={"X-Key": "practice-own"}).ok


def test_assertions_are_not_served(start: Start) -> None:
    auth = {"type": "jwt_bearer", "token_url": "/token"}
    with pytest.raises(ValueError, match="jwt_bearer"):
        start(spec(resource(), auth=auth))
