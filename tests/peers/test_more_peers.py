"""Generated connectors against json-server, localstripe, moto, oidc-provider and WireMock."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import yaml

from tests.peers.applications import (
    WHOLE,
    Row,
    call,
    free_port,
    node_with,
    python_with,
    running,
)
from tests.scripted import Answer, Call, serving
from tests.support import imported, load, part

HERE = Path(__file__).parent
SPECS = HERE / "more"
JSON_SERVER = "json-server@0.17.4"
JSON_SERVER_1 = "json-server@1.0.0-beta.15"
LOCALSTRIPE = "localstripe==1.15.10"
OIDC = "oidc-provider@9.13.3"
MOTO = "moto[server]==5.2.5"
WIREMOCK = "wiremock@3.13.2"
ROWS = 105
"""Five whole pages of 20 and a short one; the second count below ends with a whole page."""


def tickets(count: int = ROWS) -> list[Row]:
    return [
        {"id": str(n), "subject": f"Ticket {n}: ü & <t>"} for n in range(1, count + 1)
    ]


def ids(rows: list[Row]) -> list[str]:
    """As text and in order, so that a row that came twice shows."""
    return sorted((str(row["id"]) for row in rows), key=lambda each: (len(each), each))


@pytest.mark.parametrize(
    ("package", "spec"),
    [(JSON_SERVER, "json_server.yaml"), (JSON_SERVER_1, "json_server_1.yaml")],
)
@pytest.mark.parametrize("count", [0, 1, 20, 100, ROWS])
def test_json_server(package: str, spec: str, count: int, tmp_path: Path) -> None:
    command = node_with(package) / "node_modules" / ".bin" / "json-server"
    port = free_port()
    (tmp_path / "db.json").write_text(json.dumps({"tickets": tickets(count)}))
    url = f"http://127.0.0.1:{port}"
    with running(
        [str(command), "--port", str(port), "db.json"], tmp_path, f"{url}/tickets"
    ):
        loaded = load(SPECS / spec, url, {}, {})
    del loaded["rejected_records"], loaded["record_counts"]
    assert len(loaded) > 1
    for resource, rows in loaded.items():
        assert ids(rows) == ids(tickets(count)), resource


def test_localstripe(tmp_path: Path) -> None:
    python = python_with(LOCALSTRIPE)
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    # Its state is a file in the folder for temporary files: one of its own.
    command = ["env", f"TMPDIR={tmp_path}", str(python), "-m", "localstripe"]
    options = ["--from-scratch", "--port", str(port)]
    with running([*command, *options], tmp_path, f"{url}/customers"):
        held = [form(f"{url}/customers", {"email": f"u{n}@x.org"}) for n in range(35)]
        loaded = load(SPECS / "localstripe.yaml", url, {"key": "sk_test_12345"}, {})
    assert ids(loaded["customers"]) == ids(held)


@pytest.mark.parametrize("count", [0, 1, 10, 35])
def test_moto(count: int, tmp_path: Path) -> None:
    """The cursor stands in the body of a POST, and answers are JSON that says it is HTML."""
    if not WHOLE:
        pytest.skip(f"{MOTO}: run by `make peers`")
    python = python_with(MOTO)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(python), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    headers: dict[str, str] = yaml.safe_load((SPECS / "moto.yaml").read_text())[
        "client"
    ]["headers"]
    headers["X-Amz-Target"] = "Logs_20140328.CreateLogGroup"
    headers["Content-Type"] = "application/x-amz-json-1.1"
    with running(command, tmp_path, f"{url}/moto-api/data.json"):
        names = [f"group-{number:02}" for number in range(count)]
        for name in names:
            body = json.dumps({"logGroupName": name}).encode()
            made = urllib.request.Request(url, body, headers, method="POST")
            urllib.request.urlopen(made, timeout=30).close()
        loaded = load(SPECS / "moto.yaml", url, {}, {})
    assert sorted(row["log_group_name"] for row in loaded["log_groups"]) == names


def form(url: str, fields: Mapping[str, str], key: str = "sk_test_12345") -> Any:
    request = urllib.request.Request(url, urlencode(fields).encode())
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


@pytest.fixture(scope="module")
def oidc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of an OAuth2 server whose tokens last two seconds."""
    modules = node_with(OIDC)
    port = free_port()
    # Node looks for packages beside the program.
    program = modules / f"oidc-{port}.mjs"
    shutil.copyfile(HERE / "oidc.mjs", program)
    url = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("oidc")
    try:
        probe = f"{url}/.well-known/openid-configuration"
        with running(["node", str(program), str(port)], folder, probe):
            yield url
    finally:
        program.unlink()


class Stay(urllib.request.HTTPRedirectHandler):
    """Gives redirects back instead of following them."""

    def redirect_request(self, *args: Any, **named: Any) -> None:
        return None


def first_refresh_token(url: str) -> str:
    """What a browser does: log in, consent, and exchange the code."""
    cookies = urllib.request.HTTPCookieProcessor(CookieJar())
    browser = urllib.request.build_opener(cookies, Stay())
    callback = "http://127.0.0.1:9/cb"
    asked = {
        "client_id": "web",
        "response_type": "code",
        "scope": "openid offline_access",
        "prompt": "consent",
        "redirect_uri": callback,
    }
    target, sent = f"{url}/auth?{urlencode(asked)}", None
    forms = iter(
        [
            {"prompt": "login", "login": "alice", "password": "x"},
            {"prompt": "consent"},
        ]
    )
    while not target.startswith(callback):
        try:
            page = browser.open(target, sent, timeout=30).read().decode()
        except urllib.error.HTTPError as redirect:
            target, sent = urljoin(target, redirect.headers["Location"]), None
        else:
            action = re.search(r'<form[^>]* action="([^"]+)"', page)
            assert action, page
            target, sent = urljoin(target, action[1]), urlencode(next(forms)).encode()
    code = parse_qs(urlsplit(target).query)["code"][0]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
    }
    login = {"client_id": "web", "client_secret": "web-secret"}
    token: str = form(f"{url}/token", {**fields, **login}, "")["refresh_token"]
    return token


@pytest.mark.slow
@pytest.mark.parametrize("client", ["post", "web"])
def test_tokens_of_oidc_provider(oidc: str, client: str, tmp_path: Path) -> None:
    """Every page takes half a second, so tokens end several times while reading."""
    login = {"client_id": client, "client_secret": f"{client}-secret"}
    used: set[str] = set()
    rotated: list[str] = []

    def page(request: Call) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        used.add(token)
        active = form(f"{oidc}/token/introspection", {"token": token, **login}, "")
        if not active["active"]:
            return Answer({"error": "invalid_token"}, 401)
        time.sleep(0.5)
        start = (int(request.query["page"]) - 1) * 10
        return Answer({"data": tickets()[start : start + 10]})

    module = imported(SPECS / "guarded.yaml", tmp_path)
    credentials = {**login, "token_url": f"{oidc}/token"}
    if client == "web":
        credentials["refresh_token"] = first_refresh_token(oidc)
    with serving() as api:
        api.routes["/tickets"] = page
        reader = part(module, "Client")(
            part(module, "Credentials")(**credentials),
            base_url=api.url,
            on_rotated=rotated.append,
        )
        found = [record.id for record in reader.tickets()]
    assert found == [row["id"] for row in tickets()]
    assert len(used) > 2
    assert bool(rotated) == (client == "web")
    assert len(set(rotated)) == len(rotated)


@pytest.fixture(scope="module")
def wiremock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of an API that answers once with 429, and of its broken paths."""
    if shutil.which("java") is None:
        pytest.skip(f"{WIREMOCK} needs java")
    jars = node_with(WIREMOCK) / "node_modules" / "wiremock" / "build"
    folder = tmp_path_factory.mktemp("wiremock")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / "mappings").mkdir()
    (folder / "mappings" / "all.json").write_text(json.dumps({"mappings": mappings()}))
    [jar] = jars.glob("*.jar")
    command = ["java", "-jar", str(jar), "--bind-address", "127.0.0.1"]
    options = ["--port", str(port), "--root-dir", str(folder)]
    with running([*command, *options], folder, f"{url}/__admin/mappings"):
        yield url


def mappings() -> list[dict[str, Any]]:
    url = "{{request.baseUrl}}/v1/tickets?page={{math request.query.page.0 '+' 1}}"
    pages = (
        '{"data": [{"id": {{request.query.page}} }], "next": '
        "{{#eq request.query.page.0 '3'}}null{{else}}" + f'"{url}"' + "{{/eq}} }"
    )
    tickets = {"method": "GET", "urlPath": "/v1/tickets"}
    key = {"headers": {"Authorization": {"equalTo": "Bearer k"}}}
    refused = {"status": 429, "headers": {"Retry-After": "1"}, "body": "{}"}
    answered = {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "transformers": ["response-template"],
        "body": pages,
    }
    limit = {"scenarioName": "limit", "newScenarioState": "open"}
    faults = {
        "reset": "CONNECTION_RESET_BY_PEER",
        "garbage": "MALFORMED_RESPONSE_CHUNK",
        "nothing": "EMPTY_RESPONSE",
    }
    return [
        {
            **limit,
            "requiredScenarioState": "Started",
            "request": tickets,
            "response": refused,
        },
        {
            "scenarioName": "limit",
            "requiredScenarioState": "open",
            "request": {**tickets, **key},
            "response": answered,
        },
        *(
            {"request": {"urlPath": f"/v1/{path}"}, "response": {"fault": fault}}
            for path, fault in faults.items()
        ),
    ]


@pytest.mark.slow
def test_wiremock(wiremock: str, tmp_path: Path) -> None:
    """A refusal is waited for; what stays broken is an error that says where."""
    module = imported(SPECS / "wiremock.yaml", tmp_path)
    credentials = part(module, "Credentials")(key="k")
    client = part(module, "Client")(credentials, base_url=f"{wiremock}/v1")
    assert [record.id for record in client.tickets()] == [1, 2, 3]
    asked = call("GET", f"{wiremock}/__admin/requests")["requests"]
    assert sorted(each["response"]["status"] for each in asked) == [200, 200, 200, 429]
    for name in ("reset", "garbage", "nothing"):
        with pytest.raises(
            Exception, match=f"^{name}, page 1, GET .*/v1/{name}"
        ) as caught:
            list(getattr(client, name)())
        assert type(caught.value).__name__ == "TransportError"
        assert "after 1 retries" in str(caught.value)
