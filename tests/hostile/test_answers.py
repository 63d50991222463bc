"""An API that wants to be harmful: its answers reach no terminal, no other host and no secret."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest

from tests.scripted import Answer, Api, serving
from tests.support import imported, part

pytestmark = pytest.mark.hostile

USER, SECRET = "some-user", "pa/ss<&>word+1"
PAIR = f"{USER}:{SECRET}"
SPEC = {
    "connector": "victim",
    "silence": ["no-schema", "no-primary-key"],
    "client": {
        "base_url": "https://api.example.com",
        "auth": {
            "type": "session_token",
            "login": {
                "url": "/login",
                "headers": {
                    "X-Key": "Basic {{ (secrets.user ~ ':' ~ secrets.key) | base64encode }}"
                },
                "json": {"user": 'dlt.secrets["user"]', "key": 'dlt.secrets["key"]'},
            },
            "token_path": "token",
        },
        "error_handler": {"max_retries": 0},
    },
    "resources": [
        {
            "name": "things",
            "endpoint": {
                "data_selector": "data",
                "paginator": {"type": "json_link", "next_url_path": "next"},
                "headers": {
                    "X-Pair": "{{ (secrets.user ~ ':' ~ secrets.key) | base64encode }}"
                },
            },
        },
        {
            "name": "parts",
            "endpoint": {
                "path": "{resources.things.url}",
                "data_selector": "data",
                "paginator": "single_page",
            },
        },
    ],
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("victim")
    path = Path(folder, "victim.yaml")
    path.write_text(json.dumps(SPEC))
    module: ModuleType = imported(path, folder)
    return module


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as api:
        api.routes["/login"] = lambda call: {"token": "the-token-1"}
        yield api


@pytest.fixture
def other() -> Iterator[Api]:
    with serving() as api:
        yield api


def failing(package: ModuleType, api: Api, resource: str = "things") -> str:
    """The message of the error that reading ends with, which is one of the connector's."""
    credentials = part(package, "Credentials")(user=USER, key=SECRET)
    client = part(package, "Client")(credentials, base_url=api.url)
    with pytest.raises(Exception) as caught:
        list(getattr(client, resource)())
    assert caught.type.__module__ == f"{package.__name__}._runtime.errors"
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 8_000
    return message


ECHOES = [
    *(SECRET, quote(SECRET, safe=""), json.dumps(SECRET), escape(SECRET)),
    json.dumps(SECRET).replace("/", "\\/"),
    json.dumps(SECRET)
    .replace("<", "\\u003c")
    .replace("&", "\\u0026")
    .replace(">", "\\u003e"),
    *(b64encode(PAIR.encode()).decode(), urlsafe_b64encode(PAIR.encode()).decode()),
    quote(b64encode(PAIR.encode()).decode(), safe=""),
    b64encode(f"x{PAIR}".encode()).decode(),
]


@pytest.mark.parametrize("place", ["login", "things"])
@pytest.mark.parametrize("echo", ECHOES)
def test_echoed_secrets_are_not_shown(
    package: ModuleType, api: Api, echo: str, place: str
) -> None:
    body = f"you sent <{echo}>, which is wrong".encode()
    api.routes[f"/{place}"] = lambda call: Answer(body, 400)
    message = failing(package, api)
    assert "which is wrong" in message
    assert echo.strip('"') not in message and SECRET not in message


def test_a_login_that_refuses_cannot_flood_the_terminal(
    package: ModuleType, api: Api
) -> None:
    said = {"error": "no", "error_description": f"\x1b[2J{SECRET}\n" + "a" * 100_000}
    api.routes["/login"] = lambda call: said
    message = failing(package, api)
    assert SECRET not in message and len(message) < 1_000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_login_is_not_redirected(
    package: ModuleType, api: Api, other: Api, status: int
) -> None:
    target = {"Location": f"{other.url}/login"}
    api.routes["/login"] = lambda call: Answer({}, status, target)
    failing(package, api)
    assert not other.calls


def test_a_records_url_stays_on_the_host(
    package: ModuleType, api: Api, other: Api
) -> None:
    for url in (
        f"{other.url}/x",
        f"//{other.url.partition('//')[2]}/x",
        "file:///etc/x",
    ):
        api.routes["/things"] = lambda call, url=url: {"data": [{"url": url}]}
        failing(package, api, "parts")
    assert not other.calls


ANSWERS: dict[str, Any] = {
    "next URL": {"data": [{"id": 1}], "next": "/x\x1b[31m\nERROR: all is lost\r"},
    "long next URL": {"data": [{"id": 1}], "next": "/" + "x" * 50_000},
    "keys": {"\x1b[2J" + "k" * 1_000: 1 for _ in range(3)},
    "error": {"data": [], "error": "x"},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_cannot_write_to_the_terminal(
    package: ModuleType, api: Api, name: str
) -> None:
    api.routes["/things"] = lambda call: ANSWERS[name]
    failing(package, api)


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "1e999",
        "nan",
        "-1",
        "9" * 5_000,
        "\u0661",
        "Sun, 31 Feb 2026 00:00:00 GMT",
    ],
)
def test_strange_waits_are_no_crash(package: ModuleType, api: Api, value: str) -> None:
    headers = {"Retry-After": value.encode("utf-8").decode("latin-1")}
    api.routes["/things"] = lambda call: Answer({}, 429, headers)
    assert "status 429" in failing(package, api)


def test_a_token_for_an_endless_time(package: ModuleType, api: Api) -> None:
    api.routes["/login"] = lambda call: {"token": "the-token-1", "expires_in": 10**400}
    api.routes["/things"] = lambda call: Answer({}, 403)
    assert "status 403" in failing(package, api)
