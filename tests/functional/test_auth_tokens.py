"""Tokens while a connector runs: D29 to D34 and A19, beside dlt."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source

from tests.functional.conftest import Client, Make
from tests.scripted import Answer, Api, Call
from tests.support import part, run, source_of, table

CLIENT = {"client_id": "me", "client_secret": "s3cret"}
PAGES = 5


class Tokens:
    """A token endpoint (`t1`, `t2` …), and an API of five pages that takes only good ones."""

    def __init__(self, api: Api, **answer: Any) -> None:
        self.answer = answer
        self.revoked: set[str] = set()
        self.issued = 0
        self._lock = threading.Lock()
        api.routes["/token"] = self.token
        self.api = api

    def token(self, call: Call) -> Any:
        with self._lock:
            self.issued += 1
            return {"access_token": f"t{self.issued}", **self.answer}

    def page(self, call: Call) -> Any:
        token = call.headers["authorization"].removeprefix("Bearer ")
        if token in self.revoked:
            return Answer({"error": "expired"}, 401)
        page = int(call.query.get("page", "1"))
        following = f"/things?page={page + 1}" if page < PAGES else None
        return {"data": [{"id": page}], "next": following}


def spec(auth: Any, *resources: object, **endpoint: object) -> str:
    """A spec as JSON, which is YAML."""
    return json.dumps(
        {
            "connector": "tokens",
            "silence": ["no-schema", "no-primary-key"],
            "client": {"base_url": "https://api.example.com", "auth": auth},
            "resource_defaults": {
                "endpoint": {
                    "data_selector": "data",
                    "paginator": {"type": "json_link", "next_url_path": "next"},
                    **endpoint,
                }
            },
            "resources": list(resources) or ["things"],
        }
    )


OAUTH = {"type": "oauth2", "token_url": "/token"}


def dlt_source(api: Api, *resources: Any, **auth: Any) -> Any:
    """dlt's own source for the same."""
    config: Any = {
        "client": {
            "base_url": api.url,
            "auth": {
                "type": "oauth2_client_credentials",
                "access_token_url": f"{api.url}/token",
                **CLIENT,
                **auth,
            },
        },
        "resource_defaults": {
            "endpoint": {
                "data_selector": "data",
                "paginator": {"type": "json_link", "next_url_path": "next"},
            }
        },
        "resources": list(resources) or ["things"],
    }
    return rest_api_source(config)


def test_a_token_revoked_in_mid_run(client: Client, api: Api) -> None:
    """D29, A19: one renewal, and the request is replayed once."""
    tokens = Tokens(api)

    def route(call: Call) -> Any:
        if call.query.get("page") == "3":
            tokens.revoked.add("t1")
        return tokens.page(call)

    api.routes["/things"] = route
    found = [record.id for record in client(spec(OAUTH), credentials=CLIENT).things()]
    assert found == [1, 2, 3, 4, 5]
    assert tokens.issued == 2
    assert len(api.called("/things")) == PAGES + 1

    tokens.revoked.clear()
    tokens.issued = 0
    with pytest.raises(Exception, match="401"):
        list(dlt_source(api).resources["things"])
    assert tokens.issued == 1


def test_a_401_that_stays(client: Client, api: Api) -> None:
    tokens = Tokens(api)
    tokens.revoked |= {"t1", "t2"}
    api.routes["/things"] = tokens.page
    with pytest.raises(Exception, match="things, page 1, GET .* status 401"):
        list(client(spec(OAUTH), credentials=CLIENT).things())
    assert tokens.issued == 2
    assert len(api.called("/things")) == 2


def test_a_retry_carries_the_token_of_its_time(client: Client, api: Api) -> None:
    """D30."""
    tokens = Tokens(api, expires_in=1)
    sent: list[str] = []

    def route(call: Call) -> Any:
        sent.append(call.headers["authorization"])
        if len(sent) == 1:
            return Answer({}, 429, {"Retry-After": "2"})
        return {"data": [{"id": 1}], "next": None}

    api.routes["/things"] = route
    list(client(spec(OAUTH), credentials=CLIENT).things())
    assert sent == ["Bearer t1", "Bearer t2"]

    sent.clear()
    tokens.issued = 0
    list(dlt_source(api).resources["things"])
    assert sent == ["Bearer t1", "Bearer t1"]


def test_a_token_is_renewed_ahead_of_its_end(client: Client, api: Api) -> None:
    """The server keeps it for a second, the client for nine tenths of that."""
    tokens = Tokens(api, expires_in=1)
    issued: dict[str, float] = {}

    def token(call: Call) -> Any:
        answer = tokens.token(call)
        issued[answer["access_token"]] = time.monotonic()
        return answer

    def route(call: Call) -> Any:
        name = call.headers["authorization"].removeprefix("Bearer ")
        if time.monotonic() - issued[name] > 1:
            return Answer({}, 401)
        time.sleep(0.35)
        return tokens.page(call)

    api.routes.update({"/token": token, "/things": route})
    assert len(list(client(spec(OAUTH), credentials=CLIENT).things())) == PAGES
    assert len(api.called("/things")) == PAGES  # no 401
    assert tokens.issued == 2


class Rotating(Tokens):
    """Each refresh token works once."""

    def token(self, call: Call) -> Any:
        if call.form.get("refresh_token") != f"r{self.issued}":
            return Answer({"error": "invalid_grant"}, 400)
        return {**super().token(call), "refresh_token": f"r{self.issued}"}


@pytest.mark.parametrize(
    "auth",
    [
        {**OAUTH, "refresh_token": 'dlt.secrets["refresh_token"]'},
        {
            "type": "oauth2_client_credentials",
            "access_token_url": "/token",
            "access_token_request_data": {
                "grant_type": "refresh_token",
                "refresh_token": 'dlt.secrets["refresh_token"]',
            },
        },
    ],
)
def test_a_rotated_refresh_token(
    package: Make, client: Client, api: Api, tmp_path: Path, auth: Any
) -> None:
    """D31: kept in a file, so that the next process goes on from there."""
    tokens = Rotating(api)

    def route(call: Call) -> Any:
        tokens.revoked.add("t1")
        return tokens.page(call)

    api.routes["/things"] = route
    module = package(spec(auth))
    path = tmp_path / "token"
    for run_ in (1, 2):
        first, keep = module.token_file(path, "r0")
        given = {**CLIENT, "refresh_token": first}
        made = client(spec(auth), credentials=given, on_rotated=keep)
        assert len(list(made.things())) == PAGES
        assert tokens.issued == run_ + 1
    assert path.read_text() == "r3"

    tokens.issued = 0
    tokens.revoked.clear()
    api.routes["/things"] = tokens.page
    extra = {"grant_type": "refresh_token", "refresh_token": "r0"}
    source = dlt_source(
        api, access_token_request_data=extra, default_token_expiration=0
    )
    with pytest.raises(Exception, match="400"):
        list(source.resources["things"])


def test_no_token_in_the_answer(client: Client, api: Api) -> None:
    """D32."""
    api.routes["/token"] = lambda call: {"error": "invalid_client"}
    sent: list[str] = []

    def route(call: Call) -> Any:
        sent.append(call.headers["authorization"])
        return {"data": [{"id": 1}], "next": None}

    api.routes["/things"] = route
    with pytest.raises(Exception, match="no access token: invalid_client") as caught:
        list(client(spec(OAUTH), credentials=CLIENT).things())
    assert type(caught.value).__name__ == "AuthError"
    assert sent == []

    list(dlt_source(api).resources["things"])
    assert sent == ["Bearer None"]


NAMES = [f"things{number}" for number in range(6)]


def test_one_token_for_all_resources(package: Make, api: Api, folder: Path) -> None:
    """D33: through dlt, whose threads share the source's client."""
    tokens = Tokens(api)
    for name in NAMES:
        api.routes[f"/{name}"] = lambda call: {"data": [{"id": 1}], "next": None}
    source = source_of(package(spec(OAUTH, *NAMES)), api.url, credentials=CLIENT)
    pipeline = run(source.parallelize(), folder)
    assert all(len(table(pipeline, name)) == 1 for name in NAMES)
    assert tokens.issued == 1

    tokens.issued = 0
    source = dlt_source(api, *NAMES)
    assert len([row for name in NAMES for row in source.resources[name]]) == 6
    assert tokens.issued == 6


def test_one_token_for_all_threads(package: Make, api: Api) -> None:
    """D34: 40 children at once take one token, and one more when it is revoked."""
    tokens = Tokens(api)
    issue = tokens.token

    def slow(call: Call) -> Any:
        time.sleep(0.05)
        return issue(call)

    def route(call: Call) -> Any:
        page = tokens.page(call)
        return page if isinstance(page, Answer) else {"data": [{"id": 1}], "next": None}

    api.routes.update({"/token": slow, "/things": route})
    module = package(spec(OAUTH))
    made = part(module, "Client")(
        part(module, "Credentials")(**CLIENT), base_url=api.url
    )

    def read(number: int) -> int:
        return len(list(made.things()))

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(read, range(40))) == 40
        assert tokens.issued == 1
        tokens.revoked.add("t1")
        assert sum(pool.map(read, range(40))) == 40
    assert tokens.issued == 2


def test_dlt_takes_a_token_for_each_thread(api: Api) -> None:
    """D34 in dlt, so that a lock there is noticed."""
    tokens = Tokens(api)
    issue = tokens.token

    def slow(call: Call) -> Any:
        time.sleep(0.05)
        return issue(call)

    api.routes["/token"] = slow
    parents = [{"id": number} for number in range(10)]
    api.routes["/parents"] = lambda call: {"data": parents, "next": None}
    for number in range(10):
        api.routes[f"/kids/{number}"] = lambda call: {"data": [{"id": 1}], "next": None}
    kids = {"path": "kids/{resources.parents.id}"}
    source = dlt_source(
        api, "parents", {"name": "kids", "endpoint": kids, "parallelized": True}
    )
    assert len(list(source.with_resources("kids"))) == 10
    assert tokens.issued > 2
