"""Where credentials go, and where they never show: D22 to D28, A16 and A18, beside dlt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source

from tests.functional.conftest import Client, Make
from tests.scripted import Answer, Api, Call, serving
from tests.support import run, source_of

SECRET = "s3cret/key+1"
CUSTOM = {"X-Custom-Key": 'dlt.secrets["custom"]'}
LINKS = {
    "body": {"type": "json_link", "next_url_path": "next"},
    "header": "header_link",
}
AUTHS: dict[str, tuple[Any, Any, dict[str, str]]] = {
    "bearer": (
        {"type": "bearer"},
        {"type": "bearer", "token": SECRET},
        {"token": SECRET},
    ),
    "api_key": (
        {"type": "api_key", "name": "X-Key"},
        {"type": "api_key", "name": "X-Key", "api_key": SECRET},
        {"api_key": SECRET},
    ),
    "oauth2": (
        {"type": "oauth2", "token_url": "/token"},
        {
            "type": "oauth2_client_credentials",
            "access_token_url": "/token",
            "client_id": "me",
            "client_secret": SECRET,
        },
        {"client_id": "me", "client_secret": SECRET},
    ),
}
"""The auth of the spec, the same for dlt, and the credentials."""


@pytest.fixture
def other() -> Iterator[Api]:
    """A server that the spec does not name."""
    with serving() as api:
        api.routes["/things"] = lambda call: {"data": [{"id": 2}]}
        yield api


def spec(auth: object, *resources: object, **endpoint: object) -> str:
    """A spec as JSON, which is YAML."""
    return json.dumps(
        {
            "connector": "hosts",
            "silence": ["no-schema", "no-primary-key", "no-auth"],
            "client": {
                "base_url": "https://api.example.com",
                "headers": CUSTOM,
                **({"auth": auth} if auth else {}),
            },
            "resource_defaults": {
                "endpoint": {
                    "data_selector": "data",
                    "paginator": "single_page",
                    "error_handler": {"max_retries": 0},
                    **endpoint,
                }
            },
            "resources": list(resources) or ["things"],
        }
    )


def dlt_rows(
    api: Api, auth: Any, *resources: Any, name: str = "things", **endpoint: Any
) -> list[Any]:
    """What dlt's own source makes of the same."""
    if auth and "access_token_url" in auth:
        auth = {**auth, "access_token_url": f"{api.url}/token"}
    config: Any = {
        "client": {
            "base_url": api.url,
            "headers": {"X-Custom-Key": SECRET},
            **({"auth": auth} if auth else {}),
        },
        "resource_defaults": {
            "endpoint": {
                "data_selector": "data",
                "paginator": "single_page",
                **endpoint,
            }
        },
        "resources": list(resources) or ["things"],
    }
    source = rest_api_source(config)
    return list(source.resources[name].add_limit(20))


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kind", AUTHS)
def test_a_next_url_on_another_host(
    client: Client, api: Api, other: Api, link: str, kind: str
) -> None:
    """D22, A16."""
    there = f"{other.url}/things"

    def first(call: Call) -> Any:
        header = {"Link": f'<{there}>; rel="next"'} if link == "header" else {}
        body = {"data": [{"id": 1}], "next": there if link == "body" else None}
        return Answer(body, headers=header)

    api.routes["/things"] = first
    api.routes["/token"] = lambda call: {"access_token": "t-secret"}
    ours, theirs, credentials = AUTHS[kind]
    text = spec(ours, paginator=LINKS[link])
    made = client(text, credentials={**credentials, "custom": "custom-secret"})
    records = made.things()
    assert next(records).id == 1
    with pytest.raises(Exception, match="name it in allowed_hosts") as caught:
        next(records)
    assert type(caught.value).__name__ == "HostError"
    assert other.calls == []

    rows = dlt_rows(api, theirs, paginator=LINKS[link])
    assert [row["id"] for row in rows] == [1, 2]
    sent = other.calls[0].headers
    assert SECRET in sent["x-custom-key"]
    assert sent.get("authorization", sent.get("x-key")) in (
        f"Bearer {SECRET}",
        "Bearer t-secret",
        SECRET,
    )


def test_a_host_that_the_spec_names(client: Client, api: Api, other: Api) -> None:
    host = other.url.removeprefix("http://")
    body = {"data": [{"id": 1}], "next": f"{other.url}/things"}
    api.routes["/things"] = lambda call: body
    text = spec("bearer", paginator=LINKS["body"])
    text = text.replace('"headers":', f'"allowed_hosts": ["{host}"], "headers":')
    given = {"token": SECRET, "custom": "c"}
    found = [record.id for record in client(text, credentials=given).things()]
    assert found == [1, 2]
    assert other.calls[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_to_another_host(
    client: Client, api: Api, other: Api, status: int
) -> None:
    """D23."""
    target = {"Location": f"{other.url}/things"}
    api.routes["/things"] = lambda call: Answer({}, status, target)
    made = client(spec("bearer"), credentials={"token": SECRET, "custom": SECRET})
    with pytest.raises(Exception, match="name it in allowed_hosts") as caught:
        list(made.things())
    assert type(caught.value).__name__ == "HostError"
    assert other.calls == []

    dlt_rows(api, {"type": "bearer", "token": SECRET})
    assert other.calls[0].headers["x-custom-key"] == SECRET


def test_an_absolute_url_from_a_record(client: Client, api: Api, other: Api) -> None:
    """D24: refused before anything is sent there."""
    api.routes["/p"] = lambda call: {"data": [{"id": 1, "url": f"{other.url}/things"}]}
    parts = ["p", {"name": "kids", "endpoint": {"path": "{resources.p.url}"}}]
    made = client(spec("bearer", *parts), credentials={"token": SECRET, "custom": "c"})
    with pytest.raises(Exception, match="name it in allowed_hosts") as caught:
        list(made.kids())
    assert type(caught.value).__name__ == "HostError"
    assert other.calls == []

    dlt_rows(api, {"type": "bearer", "token": SECRET}, *parts, name="kids")
    assert other.calls[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("name", ["api_key", "apiToken", "apiKey"])
def test_a_key_in_the_query_and_an_error(
    client: Client, api: Api, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """D25, D26, A18: whatever the key is called, and where the server repeats it."""
    caplog.set_level(logging.DEBUG)
    api.routes["/things"] = lambda call: Answer({"was": call.query[name]}, 404)
    auth = {"type": "api_key", "name": name, "location": "query"}
    made = client(spec(auth), credentials={"api_key": SECRET, "custom": "c"})
    with pytest.raises(Exception, match=r"status 404: .*\*\*\*") as caught:
        list(made.things())
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {caplog.text}"
    assert SECRET not in shown
    assert "s3cret" not in shown
    assert api.calls[0].query[name] == SECRET

    with pytest.raises(Exception, match="404") as theirs:
        dlt_rows(api, {**auth, "api_key": SECRET})
    assert ("s3cret" in str(theirs.value)) == (name == "apiToken")
    actions = [{"status_code": 500, "action": "ignore"}]
    with pytest.raises(Exception, match="404") as theirs:
        dlt_rows(api, {**auth, "api_key": SECRET}, response_actions=actions)
    assert "s3cret" in str(theirs.value)


def test_a_composed_key_is_redacted_in_its_parts(client: Client, api: Api) -> None:
    api.routes["/things"] = lambda call: Answer({"error": "no part-one here"}, 404)
    auth = {"type": "api_key", "api_key": "{{ secrets.a }}:{{ secrets.b }}"}
    given = {"a": "part-one", "b": "part-two", "custom": "c"}
    with pytest.raises(Exception, match=r"no \*\*\* here"):
        list(client(spec(auth), credentials=given).things())


def test_a_closed_port(client: Client, api: Api) -> None:
    """D27."""
    auth = {"type": "api_key", "name": "apiToken", "location": "query"}
    with serving() as gone:
        api.url = gone.url
    made = client(spec(auth), credentials={"api_key": SECRET, "custom": "c"})
    with pytest.raises(
        Exception, match="things, page 1, GET .*: NewConnectionError"
    ) as caught:
        list(made.things())
    assert type(caught.value).__name__ == "TransportError"
    assert "s3cret" not in str(caught.value)

    with pytest.raises(Exception, match="s3cret"):
        dlt_rows(api, {**auth, "api_key": SECRET})


def test_a_key_in_a_cookie(client: Client, api: Api) -> None:
    """D28."""
    api.routes["/things"] = lambda call: {"data": [{"id": 1}]}
    auth = {"type": "api_key", "name": "sid", "location": "cookie"}
    list(client(spec(auth), credentials={"api_key": SECRET, "custom": "c"}).things())
    assert api.calls[0].headers["cookie"] == f"sid={SECRET}"

    with pytest.raises(Exception, match="things") as theirs:
        dlt_rows(api, {**auth, "api_key": SECRET})
    assert isinstance(theirs.value.__cause__, NotImplementedError)


def test_nothing_secret_in_a_load(
    package: Make, api: Api, folder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the pipeline's error nor the log has a credential or the token."""
    caplog.set_level(logging.DEBUG)
    api.routes["/token"] = lambda call: {"access_token": "t-secret"}
    api.routes["/things"] = lambda call: Answer(dict(call.headers), 404)
    module = package(spec({"type": "oauth2", "token_url": "/token"}))
    credentials = {"client_id": "me", "client_secret": SECRET, "custom": "custom-1"}
    with pytest.raises(Exception, match="status 404") as caught:
        run(source_of(module, api.url, credentials=credentials), folder)
    shown = f"{caught.value} {caplog.text}"
    assert not any(each in shown for each in ("t-secret", "s3cret", "custom-1"))
