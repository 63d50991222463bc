"""Faults, threads, and the command's front end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3
from .api import Api, Reply, Start, paged, resource, spec

from generator.practice import PracticeServer
from generator.spec import Spec


def statuses(api: Api, count: int) -> list[int]:
    return [api.ask("/items").status for _ in range(count)]


def test_rate_limit(start: Start) -> None:
    api = start(spec(resource()), rate_limit_every=3)
    replies = [api.ask("/items") for _ in range(6)]
    assert [reply.status for reply in replies] == [200, 200, 429, 200, 200, 429]
    assert replies[2].headers["Retry-After"] == "1"
    assert replies[2].body == {"error": "too many requests"}


def test_server_errors_are_evenly_spread(start: Start) -> None:
    api = start(spec(resource()), fail_rate=0.25)
    found = statuses(api, 12)
    assert [status >= 500 for status in found] == [False, False, False, True] * 3
    assert statuses(start(spec(resource()), fail_rate=1.0), 3) == [502, 503, 504]


def test_latency(start: Start) -> None:
    api = start(spec(resource()), latency=0.15)
    began = time.monotonic()
    api.ask("/items")
    assert time.monotonic() - began >= 0.15


def test_many_clients_at_once(start: Start) -> None:
    child = resource("notes", path="items/{resources.items.id}/notes")
    api = start(spec(paged(type="offset", limit=10), child), rate_limit_every=5)

    def page(at: int) -> tuple[int, Reply]:
        return at, api.ask("/items", {"offset": at})

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(page, range(0, 250, 5)))
    assert sum(reply.status == 429 for _, reply in found) == 10
    records = api.server.records["items"]
    for at, reply in found:
        if reply.status == 200:
            assert reply.body["data"] == records[at : at + 10]


def test_environments_have_their_own_prefix(start: Start) -> None:
    raw = spec(resource())
    raw["client"] = {
        "environments": {"live": "https://a.example/v2/", "test": "https://b.example"}
    }
    api = start(raw)
    assert api.server.url.endswith("/v2")
    assert api.ask("/items").status == 200
    assert api.ask(api.server.url.removesuffix("/v2") + "/items").status == 200


def test_it_stops_and_frees_its_port() -> None:
    raw = spec(resource())
    with PracticeServer(Spec.model_validate(raw), raw) as server:
        url = server.url
        pool = urllib3.PoolManager(retries=False)
        assert pool.request("GET", f"{url}/items").status == 200
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", f"{url}/items", retries=False)
    with pytest.raises(RuntimeError):
        _ = server.url
    port = int(url.split(":")[2].split("/")[0])
    with PracticeServer(Spec.model_validate(raw), raw, port=port) as again:
        assert again.url == url
        with pytest.raises(OSError, match="in use"):
            PracticeServer(Spec.model_validate(raw), raw, port=port).__enter__()


def test_circles_are_an_error() -> None:
    raw = spec(
        resource("a", path="b/{resources.b.id}"),
        resource("b", path="a/{resources.a.id}"),
    )
    with pytest.raises(ValueError, match="own ancestor"):
        PracticeServer(Spec.model_validate(raw), raw)


SCRIPT = """
import json, sys
from generator.practice import Options, serve_forever
from generator.spec import Spec
raw = json.loads(sys.argv[1])
serve_forever(Spec.model_validate(raw), raw, Options(), 0, lambda line: print(line, flush=True))
"""


def test_serve_forever_tells_all_and_stops() -> None:
    auth = {
        "type": "oauth2",
        "client_id": "dlt.secrets['client_id']",
        "client_secret": "dlt.secrets['secret key']",
        "token_url": "dlt.secrets['token_endpoint']",
    }
    child = resource("notes", path="items/{resources.items.id}/notes", method="POST")
    raw = spec(resource(), child, auth=auth)
    raw["resources"][0]["schema"] = {
        "type": "object",
        "properties": {"id": {"enum": [1, 2]}},
    }
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, json.dumps(raw)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        lines: list[str] = []
        while not lines or "notes" not in lines[-1]:
            lines.append(process.stdout.readline().rstrip("\n"))
        text = "\n".join(lines)
        origin = lines[0].split(" at ")[1].split("/v1")[0]
        assert urllib3.request("GET", f"{origin}/v1/items").status == 401
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == "Stopped.\n"
        assert process.wait(10) == 0
    assert f"Token URL: {origin}/oauth/token" in lines
    assert "  export SOURCES__SHOP__CREDENTIALS__CLIENT_ID=practice-client-id" in lines
    toml = text.split("secrets.toml:\n")[1].split("\n\n")[0]
    assert tomllib.loads(toml)["sources"]["shop"]["credentials"] == {
        "client_id": "practice-client-id",
        "secret key": "practice-secret-key",
        "token_endpoint": f"{origin}/oauth/token",
    }
    assert "  items  GET  /items  (2 records)" in lines
    assert "  notes  POST /items/{...}/notes  (250 records)" in lines
