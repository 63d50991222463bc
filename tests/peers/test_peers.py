"""Generated connectors against applications that others wrote: Kinto and Datasette."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.peers.applications import (
    Peer,
    Row,
    call,
    free_port,
    python_with,
    running,
)
from tests.support import load

HERE = Path(__file__).parent
KINTO = "kinto==26.5.0"
DATASETTE = "datasette==0.65.5"
# More than two pages of each spec's size, and of the maximum that Kinto is started with.
TICKETS = 95
AGENTS = 45
KINTO_MAXIMUM = 15

KINTO_INI = """\
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = {secret}
kinto.includes = kinto.plugins.accounts
multiauth.policies = account
multiauth.policy.account.use = \
kinto.plugins.accounts.authentication.AccountsAuthenticationPolicy
kinto.account_create_principals = system.Everyone
kinto.bucket_create_principals = system.Authenticated
kinto.paginate_by = {maximum}
"""


def kinto_records() -> dict[str, list[Row]]:
    tickets: list[Row] = [
        {
            "id": f"ticket-{number:03}",
            "subject": f"Ticket {number}: ü, “quotes” & <tags>",
            "priority": (None, "low", "high")[number % 3],
            "minutes": None if number % 5 == 0 else number / 4,
            "is_open": number % 2 == 0,
            "tags": [f"tag-{each}" for each in range(number % 4)],
            "requester": {"name": f"Person {number}", "email": None},
        }
        for number in range(TICKETS)
    ]
    agents: list[Row] = [
        {
            "id": f"agent-{number:03}",
            "name": f"Agent {number}",
            "team": None if number % 4 == 0 else f"team {number % 4}",
        }
        for number in range(AGENTS)
    ]
    return {"tickets": tickets, "agents": agents}


def by_id(rows: Sequence[Row]) -> list[Row]:
    def identifier(row: Row) -> Any:
        return row["id"]

    return sorted(rows, key=identifier)


@pytest.fixture(scope="module")
def kinto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a Kinto without data."""
    python = python_with(KINTO)
    folder = tmp_path_factory.mktemp("kinto")
    port = free_port()
    settings = KINTO_INI.format(
        port=port, secret=secrets.token_hex(8), maximum=KINTO_MAXIMUM
    )
    (folder / "kinto.ini").write_text(settings, encoding="utf-8")
    base_url = f"http://127.0.0.1:{port}/v1"
    command = [str(python), "-m", "pyramid.scripts.pserve", "kinto.ini"]
    with running(command, folder, f"{base_url}/__heartbeat__"):
        yield base_url


@pytest.fixture
def kinto(kinto_server: str) -> Peer:
    """A bucket of its own with tickets and agents, and the user who may read it."""
    bucket = f"b{secrets.token_hex(4)}"
    name, password = f"user-{bucket}", secrets.token_hex(8)
    user = f"{name}:{password}"
    call("PUT", f"{kinto_server}/accounts/{name}", {"data": {"password": password}})
    call("PUT", f"{kinto_server}/buckets/{bucket}", user=user)
    rows: dict[str, list[Row]] = {}
    for collection, records in kinto_records().items():
        path = f"/buckets/{bucket}/collections/{collection}"
        call("PUT", f"{kinto_server}{path}", user=user)
        rows[collection] = []
        # Kinto takes at most 25 requests in a batch.
        for start in range(0, len(records), 25):
            batch = {
                "defaults": {"method": "POST", "path": f"/v1{path}/records"},
                "requests": [
                    {"body": {"data": record}} for record in records[start : start + 25]
                ],
            }
            answer = call("POST", f"{kinto_server}/batch", batch, user)
            stored = [each["body"]["data"] for each in answer["responses"]]
            rows[collection] += stored
    return Peer(
        spec=HERE / "kinto.yaml",
        base_url=kinto_server,
        credentials={"username": name, "password": password},
        settings={"bucket": bucket},
        rows={collection: by_id(found) for collection, found in rows.items()},
    )


def fill(database: Path) -> dict[str, list[Row]]:
    """Writes the tables that Datasette serves, and returns their rows."""
    tickets: list[Row] = [
        {
            "id": number,
            "subject": f"Ticket {number}: ü, “quotes” & <tags>",
            "priority": (None, "low", "high")[number % 3],
            "minutes": None if number % 5 == 0 else number / 4,
            "is_open": number % 2,
            "tags": json.dumps([f"tag-{each}" for each in range(number % 4)]),
            # Three tickets each share a moment, so pages are cut within one.
            "updated_at": f"2026-02-{1 + number // 3 % 28:02}T12:00:00Z",
        }
        for number in range(1, TICKETS + 1)
    ]
    agents: list[Row] = [
        {
            # Characters that a cursor in a URL has to escape.
            "id": f"agent/{number:03}, ü&=",
            "name": f"Agent {number}",
            "team": None if number % 4 == 0 else f"team {number % 4}",
        }
        for number in range(AGENTS)
    ]
    connection = sqlite3.connect(database)
    connection.executescript("""
        create table tickets (
            id integer primary key, subject text not null, priority text,
            minutes real, is_open integer not null, tags text not null,
            updated_at text not null
        );
        create table agents (id text primary key, name text not null, team text);
        """)
    for table, rows in {"tickets": tickets, "agents": agents}.items():
        places = ", ".join(f":{column}" for column in rows[0])
        connection.executemany(f"insert into {table} values ({places})", rows)
    connection.commit()
    connection.close()
    return {"tickets": tickets, "agents": agents}


@pytest.fixture(scope="module")
def datasette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A Datasette that serves the database `desk` to everybody."""
    python = python_with(DATASETTE)
    folder = tmp_path_factory.mktemp("datasette")
    rows = fill(folder / "desk.db")
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    command = [str(python), "-m", "datasette", "serve", "desk.db"]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    with running([*command, *address], folder, f"{base_url}/desk.json"):
        yield Peer(
            spec=HERE / "datasette.yaml",
            base_url=base_url,
            credentials={},
            settings={},
            rows={table: by_id(found) for table, found in rows.items()},
        )


def test_kinto_serves_pages(kinto: Peer) -> None:
    """The server cuts pages below the size of the spec, so paging is really needed."""
    user = f"{kinto.credentials['username']}:{kinto.credentials['password']}"
    bucket = kinto.settings["bucket"]
    for collection, rows in kinto.rows.items():
        path = f"/buckets/{bucket}/collections/{collection}/records"
        page = call("GET", f"{kinto.base_url}{path}?_limit=20", user=user)["data"]
        assert len(page) == KINTO_MAXIMUM
        assert len(rows) > 2 * len(page)
        assert all(row in rows for row in page)


def test_datasette_serves_pages(datasette: Peer) -> None:
    for table, rows in datasette.rows.items():
        url = f"{datasette.base_url}/desk/{table}.json?_shape=objects&_size=40"
        answer = call("GET", url)
        assert answer["next_url"]
        assert all(row in rows for row in answer["rows"])
        assert len(rows) > len(answer["rows"])


def as_sent(value: Any) -> Any:
    """A value of the table as the application's JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


@pytest.mark.parametrize("name", ["kinto", "datasette"])
def test_every_row_is_loaded(name: str, request: pytest.FixtureRequest) -> None:
    """Compiled from its spec, loaded through dlt into DuckDB, equal to what the peer holds."""
    peer: Peer = request.getfixturevalue(name)
    loaded = load(peer.spec, peer.base_url, peer.credentials, peer.settings)
    assert loaded["rejected_records"] == []
    for resource, rows in peer.rows.items():
        found = sorted(loaded[resource], key=lambda row: str(row["id"]))
        held = sorted(rows, key=lambda row: str(row["id"]))
        assert [row["id"] for row in found] == [row["id"] for row in held]
        for row, expected in zip(found, held, strict=True):
            scalars = {k: v for k, v in expected.items() if isinstance(v, str | int)}
            assert {k: as_sent(row[k]) for k in scalars} == scalars
