"""Kinds of auth beside the plain ones, as a generated client sends them."""

from __future__ import annotations

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from generator import pipeline
from generator.diagnostics import SpecError
from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call, serving


def spec(auth: object, *resources: object, client: str = "") -> str:
    """A spec with an `auth`, as JSON, which is YAML."""
    return json.dumps(
        {
            "connector": "kinds",
            "silence": ["no-schema", "no-primary-key", "secret-in-spec"],
            "client": {"base_url": "https://api.example.com", "auth": auth},
            "resource_defaults": {
                "endpoint": {"data_selector": "data", "paginator": "single_page"}
            },
            "resources": list(resources) or ["things"],
        }
    )


def things(call: Call) -> Any:
    return {"data": [{"id": 1}]}


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("auth", "credentials", "sent"),
    [
        ("bearer", {"token": "t"}, {"authorization": "Bearer t"}),
        (
            {"type": "bearer", "prefix": "Token "},
            {"token": "t"},
            {"authorization": "Token t"},
        ),
        (
            {"type": "api_key", "api_key": "Token {{ secrets.x }}"},
            {"x": "t"},
            {"authorization": "Token t"},
        ),
        (
            {"type": "api_key", "name": "key", "location": "param"},
            {"api_key": "t"},
            {"key": "t"},
        ),
        (
            {"type": "api_key", "api_key": "{{ secrets.a }}:{{ secrets.b }}"},
            {"a": "1", "b": "2"},
            {"authorization": "1:2"},
        ),
        (
            {
                "type": "api_keys",
                "keys": [
                    {"name": "X-App", "api_key": 'dlt.secrets["app"]'},
                    {"name": "key", "api_key": "{{ secrets.k }}", "location": "query"},
                    {"name": "a", "api_key": "{{ secrets.a }}", "location": "cookie"},
                    {"name": "b", "api_key": "{{ secrets.b }}", "location": "cookie"},
                ],
            },
            {"app": "1", "k": "2", "a": "3", "b": "4"},
            {"x-app": "1", "key": "2", "cookie": "a=3; b=4"},
        ),
        (
            {"type": "basic", "password": ""},
            {"username": "key"},
            {"authorization": basic("key:")},
        ),
        (
            {"type": "http_basic", "username": ""},
            {"password": "key"},
            {"authorization": basic(":key")},
        ),
        (
            {"type": "basic", "username": "{{ secrets.user }}/token", "password": "x"},
            {"user": "ann"},
            {"authorization": basic("ann/token:x")},
        ),
    ],
)
def test_what_is_sent(
    client: Client, api: Api, auth: object, credentials: Any, sent: dict[str, str]
) -> None:
    api.routes["/things"] = things
    list(client(spec(auth), credentials=credentials).things())
    (call,) = api.calls
    assert sent.items() <= {**call.headers, **call.query}.items()


@pytest.mark.parametrize("auth", ["none", {"type": "none"}])
def test_no_auth(client: Client, api: Api, auth: object) -> None:
    api.routes["/things"] = things
    list(client(spec(auth)).things())
    assert "authorization" not in api.calls[0].headers


def test_a_key_in_the_body(client: Client, api: Api) -> None:
    auth = {"type": "api_key", "name": "key", "location": "json", "prefix": "k-"}
    post = {"name": "things", "endpoint": {"method": "POST", "json": {"q": [1]}}}
    api.routes["/things"] = things
    list(client(spec(auth, post), credentials={"api_key": "1"}).things())
    assert api.calls[0].json == {"q": [1], "key": "k-1"}


def test_a_key_in_a_form(client: Client, api: Api) -> None:
    auth = {"type": "api_key", "name": "key", "location": "form"}
    post = {"name": "things", "endpoint": {"method": "POST"}}
    api.routes["/things"] = things
    list(client(spec(auth, post), credentials={"api_key": "a&b"}).things())
    assert api.calls[0].form == {"key": "a&b"}


# ---- OAuth2


def tokens(api: Api, answer: Any = None, path: str = "/token") -> None:
    """A token endpoint; the API tells what it was sent."""
    api.routes[path] = lambda call: answer or {"access_token": "t1"}
    api.routes["/things"] = things


OAUTH = {"type": "oauth2", "token_url": "/token"}
CLIENT = {"client_id": "me", "client_secret": "s3cret"}


def ask(client: Client, api: Api, auth: object, credentials: Any) -> tuple[Call, Call]:
    """The token request and the one with the token."""
    list(client(spec(auth), credentials=credentials).things())
    first, second = api.calls
    return first, second


def test_password_grant(client: Client, api: Api) -> None:
    tokens(api)
    auth = {**OAUTH, "grant_type": "password", "scopes": "all"}
    person = {"username": "ann", "password": "pa ss"}
    asked, sent = ask(client, api, auth, {**CLIENT, **person})
    assert asked.form == {**CLIENT, **person, "grant_type": "password", "scope": "all"}
    assert sent.headers["authorization"] == "Bearer t1"


def test_password_grant_without_a_client(client: Client, api: Api) -> None:
    tokens(api)
    auth = {**OAUTH, "grant_type": "password", "client_id": "", "client_secret": ""}
    person = {"username": "ann", "password": "pa ss"}
    asked, _ = ask(client, api, auth, person)
    assert asked.form == {**person, "grant_type": "password"}


def test_extra_fields_come_last(client: Client, api: Api) -> None:
    """As dlt spreads them."""
    tokens(api)
    extra = {"grant_type": "account_credentials", "account_id": "{{ secrets.account }}"}
    auth = {**OAUTH, "access_token_request_data": extra}
    asked, _ = ask(client, api, auth, {**CLIENT, "account": "a1"})
    assert asked.form == {
        **CLIENT,
        "grant_type": "account_credentials",
        "account_id": "a1",
    }


def test_the_client_in_the_header(client: Client, api: Api) -> None:
    tokens(api)
    auth = {**OAUTH, "client_auth": "basic"}
    asked, _ = ask(client, api, auth, {"client_id": "a:b", "client_secret": "c d"})
    assert asked.form == {"grant_type": "client_credentials"}
    assert asked.headers["authorization"] == basic("a%3Ab:c+d")


NAMED = {
    **OAUTH,
    "grant_type_name": "grant",
    "client_id_name": "app",
    "client_secret_name": "key",
    "access_token_path": "data[0].token",
    "expires_in_path": "data[0].lives",
    "token_headers": {"X-Tenant": "{{ secrets.tenant }}"},
    "send": {"name": "X-Access-Token", "prefix": "T "},
}
RENAMED = {"grant": "client_credentials", "app": "me", "key": "s3cret"}


@pytest.mark.parametrize("kind", ["form", "json", "query"])
def test_names_of_its_own(client: Client, api: Api, kind: str) -> None:
    tokens(api, {"data": [{"token": "t1", "lives": 60}]})
    auth = {**NAMED, "token_request": kind}
    asked, sent = ask(client, api, auth, {**CLIENT, "tenant": "a"})
    given = {"form": asked.form, "query": asked.query}
    assert (asked.json if kind == "json" else given[kind]) == RENAMED
    assert asked.headers["x-tenant"] == "a"
    assert sent.headers["x-access-token"] == "T t1"
    assert "authorization" not in sent.headers


@pytest.mark.parametrize(
    ("location", "sent"), [("query", {"tok": "t1"}), ("cookie", {"cookie": "tok=t1"})]
)
def test_where_the_token_is_sent(
    client: Client, api: Api, location: str, sent: dict[str, str]
) -> None:
    tokens(api)
    auth = {**OAUTH, "send": {"name": "tok", "location": location}}
    _, call = ask(client, api, auth, CLIENT)
    assert sent.items() <= {**call.headers, **call.query}.items()


def test_a_token_to_begin_with(client: Client, api: Api) -> None:
    """It is used until the server refuses it."""
    refused: list[str] = []

    def route(call: Call) -> Any:
        token = call.headers["authorization"]
        return Answer({}, 401) if token in refused else things(call)

    api.routes["/token"] = lambda call: {"access_token": "t1"}
    api.routes["/things"] = route
    auth = {**OAUTH, "access_token": 'dlt.secrets["access_token"]'}
    made = client(spec(auth), credentials={**CLIENT, "access_token": "t0"})
    list(made.things())
    assert api.called("/token") == []
    refused.append("Bearer t0")
    list(made.things())
    assert api.calls[-1].headers["authorization"] == "Bearer t1"


# ---- a signed assertion


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def pem(key: RSAPrivateKey, passphrase: bytes = b"") -> str:
    encryption: Any = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


def claims(key: RSAPrivateKey, assertion: str) -> dict[str, Any]:
    """The claims, after the signature was checked."""
    signed, _, signature = assertion.rpartition(".")
    public = key.public_key()
    public.verify(decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    header, payload = signed.split(".")
    assert json.loads(decoded(header)) == {"alg": "RS256", "typ": "JWT"}
    found: dict[str, Any] = json.loads(decoded(payload))
    return found


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


JWT = {
    "type": "jwt_bearer",
    "auth_endpoint": "https://login.example.com/token",
    "scopes": ["read", "write"],
    "headers": {"X-Tenant": "a"},
}


def test_a_signed_assertion(client: Client, api: Api, key: RSAPrivateKey) -> None:
    tokens(api)
    given = {"client_id": "me", "private_key": pem(key)}
    url = f"{api.url}/token"
    list(client(spec(JWT), credentials=given, token_url=url).things())
    asked, sent = api.calls
    form = asked.form
    found = claims(key, form.pop("assertion"))
    assert form == {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    assert abs(found.pop("iat") - time.time()) < 60
    assert abs(found.pop("exp") - time.time() - 3600) < 60
    assert found == {
        "iss": "me",
        "sub": "me",
        "aud": "https://login.example.com/token",
        "scope": "read write",
    }
    assert asked.headers["x-tenant"] == "a"
    assert sent.headers["authorization"] == "Bearer t1"


def test_other_claims_and_a_passphrase(
    client: Client, api: Api, key: RSAPrivateKey
) -> None:
    tokens(api)
    auth = {
        **JWT,
        "token_url": "/token",
        "private_key_passphrase": "{{ secrets.passphrase }}",
        "claims": {"sub": None, "aud": "all", "user": "{{ secrets.user }}", "exp": 9},
    }
    del auth["auth_endpoint"]
    given = {"client_id": "me", "private_key": pem(key, b"open"), "user": "ann"}
    asked, _ = ask(client, api, auth, {**given, "passphrase": "open"})
    found = claims(key, asked.form["assertion"])
    del found["iat"]
    wanted = {"iss": "me", "aud": "all", "user": "ann", "exp": 9}
    assert found == {**wanted, "scope": "read write"}
    with pytest.raises(Exception, match="no PEM private key that the passphrase"):
        ask(client, api, auth, {**given, "passphrase": "shut"})


def test_a_key_that_is_none(client: Client, api: Api) -> None:
    made = client(spec(JWT), credentials={"client_id": "me", "private_key": "n0 key"})
    with pytest.raises(Exception, match="no PEM private key") as caught:
        list(made.things())
    assert "n0 key" not in str(caught.value)
    assert type(caught.value).__name__ == "CredentialsError"


def test_signing_without_the_package(
    client: Client, key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"client_id": "me", "private_key": pem(key)}
    made = client(spec(JWT), credentials=given)
    name = "cryptography.hazmat.primitives.asymmetric.rsa"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Exception, match="pip install cryptography"):
        list(made.things())


# ---- session tokens


SESSION = {
    "type": "session_token",
    "login": {
        "path": "login",
        "json": {"user": "{{ secrets.user }}", "password": "{{ secrets.password }}"},
        "params": {"v": 2},
        "headers": {"X-App": "a"},
    },
    "token_path": "session.token",
    "send": {"location": "header", "name": "X-Session"},
}
PERSON = {"user": "ann", "password": "pa ss"}


def test_session_token(client: Client, api: Api) -> None:
    """One login for all, and another one when the server ends the session."""
    ended: list[str] = []
    token = {"session": {"token": "first"}}

    def route(call: Call) -> Any:
        sent = call.headers["x-session"]
        return Answer({}, 401) if sent in ended else things(call)

    api.routes.update({"/login": lambda call: token, "/things": route})
    made = client(spec(SESSION), credentials=PERSON)
    list(made.things())
    list(made.things())
    (login,) = api.called("/login")
    assert login.json == PERSON
    assert login.query == {"v": "2"}
    assert login.headers["x-app"] == "a"
    assert "x-session" not in login.headers
    ended.append("first")
    token["session"]["token"] = "second"
    list(made.things())
    assert len(api.called("/login")) == 2
    assert api.calls[-1].headers["x-session"] == "second"


def test_a_session_that_ends_by_the_clock(client: Client, api: Api) -> None:
    tokens(api, {"session": {"token": "t"}}, "/login")
    made = client(spec({**SESSION, "expires_in": 1}), credentials=PERSON)
    list(made.things())
    time.sleep(0.95)
    list(made.things())
    assert len(api.called("/login")) == 2


@pytest.mark.parametrize(
    ("login", "credentials", "sent"),
    [
        (
            {"auth": {"type": "basic"}},
            {"username": "a", "password": "b"},
            {"authorization": basic("a:b")},
        ),
        (
            {"auth": {"type": "api_key", "name": "X-Key"}},
            {"api_key": "k"},
            {"x-key": "k"},
        ),
        ({"method": "GET", "params": {"k": "{{ secrets.k }}"}}, {"k": "1"}, {"k": "1"}),
    ],
)
def test_how_a_session_begins(
    client: Client, api: Api, login: Any, credentials: Any, sent: dict[str, str]
) -> None:
    tokens(api, {"token": "t"}, "/login")
    auth = {
        "type": "session_token",
        "login": {"url": "/login", **login},
        "token_path": "token",
    }
    asked, call = ask(client, api, auth, credentials)
    assert sent.items() <= {**asked.headers, **asked.query}.items()
    assert call.headers["authorization"] == "Bearer t"


def test_a_login_by_form(client: Client, api: Api) -> None:
    tokens(api, {"token": "t"}, "/login")
    form = {"user": "{{ secrets.user }}", "n": 1}
    login = {"url": "/login", "form": form}
    auth = {"type": "session_token", "login": login, "token_path": "token"}
    asked, _ = ask(client, api, auth, {"user": "a b"})
    assert asked.form == {"user": "a b", "n": "1"}


def test_a_refused_login(client: Client, api: Api) -> None:
    said = {"error": "wrong password pa ss of ann"}
    api.routes["/login"] = lambda call: Answer(said, 403)
    with pytest.raises(
        Exception, match=r"access token: POST .*login.* status 403"
    ) as e:
        list(client(spec(SESSION), credentials=PERSON).things())
    assert "pa ss" not in str(e.value)
    api.routes["/login"] = lambda call: {"session": {}}
    with pytest.raises(Exception, match=r"no access token at session\.token"):
        list(client(spec(SESSION), credentials=PERSON).things())


# ---- auth of an endpoint


def test_an_endpoint_has_its_own_auth(client: Client, api: Api) -> None:
    own = {"type": "api_key", "name": "X-Key", "api_key": 'dlt.secrets["own"]'}
    resources = [
        "things",
        {"name": "open", "endpoint": {"auth": "none"}},
        {"name": "other", "endpoint": {"auth": own}},
    ]
    for name in ("things", "open", "other"):
        api.routes[f"/{name}"] = things
    made = client(
        spec("bearer", *resources), credentials={"token": "t", "own": "o-key"}
    )
    for name in ("things", "open", "other"):
        list(getattr(made, name)())
    sent = [
        {name: call.headers.get(name) for name in ("authorization", "x-key")}
        for call in api.calls
    ]
    assert sent == [
        {"authorization": "Bearer t", "x-key": None},
        {"authorization": None, "x-key": None},
        {"authorization": None, "x-key": "o-key"},
    ]
    api.routes["/other"] = lambda call: Answer({"was": "o-key"}, 404)
    with pytest.raises(Exception, match="status 404") as caught:
        list(made.other())
    assert "o-key" not in str(caught.value)


def test_endpoints_with_the_same_auth_share_its_token(client: Client, api: Api) -> None:
    own = {**OAUTH, "token_url": "/own"}
    resources = [
        "things",
        *({"name": name, "endpoint": {"auth": own}} for name in ("a", "b")),
    ]
    tokens(api)
    tokens(api, {"access_token": "t2"}, "/own")
    api.routes.update({"/a": things, "/b": things})
    made = client(spec(OAUTH, *resources), credentials=CLIENT)
    for name in ("things", "a", "b", "things"):
        list(getattr(made, name)())
    asked = ["/token", "/things", "/own", "/a", "/b", "/things"]
    assert [call.path for call in api.calls] == asked
    assert api.called("/b")[0].headers["authorization"] == "Bearer t2"


def test_the_caller_says_where_endpoints_get_their_tokens(
    client: Client, api: Api
) -> None:
    far = {**OAUTH, "token_url": "https://login.example.com/a"}
    farther = {**OAUTH, "token_url": "https://login.example.com/b"}
    resources = [
        {"name": "a", "endpoint": {"auth": far}},
        {"name": "b", "endpoint": {"auth": farther}},
        {"name": "c", "endpoint": {"auth": farther}},
    ]
    tokens(api, {"access_token": "t1"}, "/first")
    tokens(api, {"access_token": "t2"}, "/second")
    for name in "abc":
        api.routes[f"/{name}"] = things
    with serving() as other:
        tokens(other, {"access_token": "t1"}, "/first")
        made = client(
            spec("none", *resources),
            credentials=CLIENT,
            token_url=f"{other.url}/first",
            b_token_url=f"{api.url}/second",
        )
        for name in "abc":
            list(getattr(made, name)())
        assert [call.path for call in other.calls] == ["/first"]
    sent = [(call.path, call.headers.get("authorization")) for call in api.calls]
    assert sent == [
        ("/a", "Bearer t1"),
        ("/second", None),
        ("/b", "Bearer t2"),
        ("/c", "Bearer t2"),
    ]


def test_token_url_reaches_endpoints_that_share_the_clients(
    client: Client, api: Api
) -> None:
    far = {**OAUTH, "token_url": "https://login.example.com/token"}
    own = {**far, "scopes": "other"}
    tokens(api, {"access_token": "t"}, "/mine")
    api.routes["/other"] = things
    text = spec(far, "things", {"name": "other", "endpoint": {"auth": own}})
    made = client(text, credentials=CLIENT, token_url=f"{api.url}/mine")
    list(made.other())
    assert [call.path for call in api.calls] == ["/mine", "/other"]
    assert api.calls[0].form["scope"] == "other"


# ---- what a spec cannot say


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({**OAUTH, "session": {}}, "`session` is a Python object"),
        ({**OAUTH, "access_token_path": "a.*"}, "names one value"),
        ({**OAUTH, "token_headers": {"a b": "c"}}, "no name of a header"),
        ({**OAUTH, "send": {"name": "a b"}}, "no name of a header"),
        ({"type": "api_key", "location": "cookie", "name": "a;b"}, "name of a cookie"),
        ({"type": "api_key", "location": "body"}, "'body' is not one of header"),
        ({"type": "oauth2_password"}, "is not one of"),
        ({"type": "api_keys", "keys": []}, "must not be empty"),
        ({"type": "api_keys", "keys": [{"name": "a"}]}, "`api_key` is missing"),
        ({"type": "session_token"}, "`login` is missing"),
        (
            {**SESSION, "login": {"url": "/l", "auth": OAUTH}},
            "'oauth2' is not one of bearer, api_key, basic",
        ),
        (
            {**SESSION, "login": {"url": "/l", "json": {}, "form": {}}},
            "a JSON body and a form",
        ),
        ({**SESSION, "login": {"url": "https://u:p@h/l"}}, "user name or password"),
        (
            {
                "methods": {
                    "app": {**OAUTH},
                    "person": {**OAUTH, "grant_type": "password"},
                }
            },
            "'person' is never used",
        ),
    ],
)
def test_diagnostics(tmp_path: Path, auth: object, message: str) -> None:
    path = tmp_path / "kinds.yaml"
    path.write_text(spec(auth))
    with pytest.raises(SpecError) as caught:
        pipeline.compile_spec(path)
    errors = [each for each in caught.value.diagnostics if each.severity == "error"]
    assert message in " | ".join(each.message for each in errors)
    assert all(each.location.line for each in errors)
