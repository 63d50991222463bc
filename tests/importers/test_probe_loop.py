"""From a live API to rows: probed, compiled, loaded; the counts equal the server's."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.cli import cli
from generator.importers.probe import asking
from generator.practice import Options, PracticeServer
from generator.spec import Spec
from tests.peers.applications import Peer
from tests.peers.test_peers import datasette, kinto, kinto_server
from tests.support import load

__all__ = ["datasette", "kinto", "kinto_server"]  # fixtures


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE", 0.0)


def probed(folder: Path, url: str, *options: str) -> Path:
    spec = folder / "probed.yaml"
    words = ["probe", url, "-o", str(spec), "--yes", *options]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.return_value == 0, result.output
    return spec


SCHEMA = {
    "type": "object",
    "required": ["id", "opened_at", "status"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "subject": {"type": "string"},
        "status": {"type": "string", "enum": ["open", "done"]},
        "opened_at": {"type": "string", "format": "date-time"},
        "minutes": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "requester": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}
PAGINATORS: list[dict[str, Any]] = [
    {"type": "cursor", "cursor_path": "meta.next_cursor", "cursor_param": "cursor", "limit": 10, "limit_param": "limit"},
    {"type": "offset", "offset_param": "offset", "limit": 10, "limit_param": "limit"},
    {"type": "header_link", "limit": 10, "limit_param": "limit"},
]  # fmt: skip


@pytest.mark.parametrize("paginator", PAGINATORS, ids=[p["type"] for p in PAGINATORS])
def test_a_practice_api(tmp_path: Path, paginator: dict[str, Any]) -> None:
    """The practice server knows nothing of the probe: it answers as a spec says."""
    raw: dict[str, Any] = {
        "connector": "desk",
        "client": {
            "base_url": "https://api.example.com/v1",
            "auth": {"type": "bearer"},
        },
        "resources": [
            {
                "name": "tickets",
                "primary_key": "id",
                "schema": SCHEMA,
                "endpoint": {
                    "path": "tickets",
                    "data_selector": "data",
                    "paginator": paginator,
                },
            }
        ],
    }
    server = PracticeServer(Spec.model_validate(raw), raw, Options(records=53))
    with server:
        token = server.credentials["token"]
        spec = probed(
            tmp_path,
            f"{server.url}/tickets?{paginator['limit_param']}=10",
            "--header",
            f"Authorization: Bearer {token}",
        )
        text = spec.read_text(encoding="utf-8")
        assert token not in text and "# TODO" not in text
        loaded = load(spec, server.url, {"token": token}, {})
        held = server.records["tickets"]
    assert loaded["rejected_records"] == []
    assert len(loaded["tickets"]) == len(held) == 53
    assert {row["id"] for row in loaded["tickets"]} == {row["id"] for row in held}
    for name in ("subject", "status"):
        loaded_ = {(row["id"], row[name]) for row in loaded["tickets"]}
        assert loaded_ == {(row["id"], row.get(name)) for row in held}


@pytest.mark.slow
def test_kinto(tmp_path: Path, kinto: Peer) -> None:
    """Its header `Next-Page` leads on, which no document of it says."""
    name, password = kinto.credentials["username"], kinto.credentials["password"]
    basic = base64.b64encode(f"{name}:{password}".encode()).decode()
    bucket = kinto.settings["bucket"]
    for collection, rows in kinto.rows.items():
        folder = tmp_path / collection
        folder.mkdir()
        path = f"/buckets/{bucket}/collections/{collection}/records"
        spec = probed(
            folder,
            f"{kinto.base_url}{path}",
            "--header",
            f"Authorization: Basic {basic}",
        )
        assert "headers.next-page" in spec.read_text(encoding="utf-8")
        loaded = load(spec, kinto.base_url, kinto.credentials, {})
        assert loaded["rejected_records"] == []
        assert {row["id"] for row in loaded["records"]} == {row["id"] for row in rows}
        assert len(loaded["records"]) == len(rows)


@pytest.mark.slow
def test_datasette(tmp_path: Path, datasette: Peer) -> None:
    for table, rows in datasette.rows.items():
        folder = tmp_path / table
        folder.mkdir()
        url = f"{datasette.base_url}/desk/{table}.json?_shape=objects&_size=20"
        spec = probed(folder, url)
        assert "next_url_path: next_url" in spec.read_text(encoding="utf-8")
        loaded = load(spec, datasette.base_url, {}, {})
        assert loaded["rejected_records"] == []
        found = loaded[table]
        assert {str(row["id"]) for row in found} == {str(row["id"]) for row in rows}
        assert len(found) == len(rows)
