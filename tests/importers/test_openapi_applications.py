"""Running applications are imported from the document that they serve, and loaded: every row arrives."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.importers.test_openapi_loop import spec_of
from tests.peers.applications import WHOLE, call, free_port, python_with, running
from tests.support import load

FASTAPI = ("fastapi==0.150.0", "uvicorn==0.54.0")
JUPYTER = "jupyter-server==2.21.1"
PREFECT = "prefect==3.9.1"
TOKEN = "t0k"
TERMINALS = 4
FLOWS = 27
RUNS = 23


def document_of(url: str, target: Path, **headers: str) -> Path:
    """The document that a server answers with, as a file."""
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        target.write_bytes(response.read())
    return target


def edited(spec: Path, *changes: tuple[str, str]) -> Path:
    """The spec after a person answered what it leaves open."""
    text = spec.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    spec.write_text(text, encoding="utf-8")
    return spec


@pytest.mark.slow
def test_fastapi(tmp_path: Path) -> None:
    """Five ways of paging, parents, a POST that only asks: only the host is left to a person."""
    python = python_with(*FASTAPI)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder = Path(__file__).parent
    server = [str(python), "-B", "-m", "uvicorn", "shop_app:app", "--port", str(port)]
    command = ["env", f"SHOP_TOKEN={TOKEN}", *server, "--app-dir", str(folder)]
    with running(command, tmp_path, f"{url}/openapi.json"):
        source = document_of(f"{url}/openapi.json", tmp_path / "shop.json")
        spec = edited(spec_of(source), ("https://{host}", url))
        rows = load(spec, url, {"token": TOKEN}, {})
    numbers = {name: [row["id"] for row in rows[name]] for name in COUNTS}
    assert numbers == {name: [*range(1, count + 1)] for name, count in COUNTS.items()}
    pairs = sorted((row["_orders_id"], row["line"]) for row in rows["lines"])
    assert pairs == [(order, line) for order in range(1, 24) for line in range(3)]


COUNTS = {
    "orders": 23,
    "customers": 31,
    "products": 47,
    "events": 18,
    "notes_search": 12,
}
"""As in shop_app.py."""


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make coverage`")
def test_jupyter_server(tmp_path: Path) -> None:
    """Swagger 2.0 as YAML, which names neither the host nor the credentials."""
    python = python_with(JUPYTER)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = [str(python), "-m", "jupyter_server", "--allow-root", f"--port={port}"]
    command = [*server, "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    with running(command, tmp_path, f"{url}/api/"):
        key = {"Authorization": f"token {TOKEN}"}
        for _ in range(TERMINALS):
            made = urllib.request.Request(
                f"{url}/api/terminals", headers=key, method="POST"
            )
            urllib.request.urlopen(made, timeout=30).close()
        source = document_of(f"{url}/api/spec.yaml", tmp_path / "jupyter.yaml", **key)
        auth = "auth: { type: api_key, name: Authorization, prefix: 'token ' }"
        spec = edited(
            spec_of(source, "--exclude", "checkpoints"),
            ("auth: none", auth),
            ("https://{host}", url),
        )
        rows = load(spec, url, {"api_key": TOKEN}, {})
        asked = urllib.request.Request(f"{url}/api/terminals", headers=key)
        with urllib.request.urlopen(asked, timeout=30) as response:
            served = [each["name"] for each in json.load(response)]
    assert len(served) == TERMINALS
    assert sorted(row["name"] for row in rows["terminals"]) == sorted(served)


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make coverage`")
def test_prefect(tmp_path: Path) -> None:
    """Lists are POSTs with the offset in the body; the page size is made small to have several."""
    python = python_with(PREFECT)
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    settings = [
        f"PREFECT_HOME={tmp_path}",
        "PREFECT_SERVER_ANALYTICS_ENABLED=false",
        "DO_NOT_TRACK=1",
        "PREFECT_UI_ENABLED=false",
    ]
    program = str(python.parent / "prefect")
    server = [program, "server", "start", "--no-services", "--host", "127.0.0.1"]
    command = ["env", *settings, str(python), *server, "--port", str(port)]
    with running(command, tmp_path, f"{url}/health", seconds=300):
        flows = [call("POST", f"{url}/flows/", {"name": f"f{n}"}) for n in range(FLOWS)]
        for number in range(RUNS):
            body = {"flow_id": flows[number]["id"], "state": {"type": "SCHEDULED"}}
            call("POST", f"{url}/flow_runs/", body)
        source = document_of(f"{url}/openapi.json", tmp_path / "prefect.json")
        wanted = ("--include", "/flows/filter", "--include", "/flow_runs/filter")
        offset = "        offset_body_path: offset\n"
        size = "        limit: 10\n        limit_body_path: limit\n"
        answers = (offset, offset + size), ("https://{host}/api", url)
        spec = edited(spec_of(source, *wanted), *answers)
        rows = load(spec, url, {}, {})
        counts: Callable[[str], Any] = lambda name: call(
            "POST", f"{url}/{name}/count", {}
        )
        assert {name: len(rows[name]) for name in ("flows", "flow_runs")} == {
            "flows": counts("flows"),
            "flow_runs": counts("flow_runs"),
        }
    assert (len(rows["flows"]), len(rows["flow_runs"])) == (FLOWS, RUNS)
