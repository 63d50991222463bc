"""From a document to rows: imported by the command, compiled, loaded from a server over loopback."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.cli import cli
from generator.pipeline import compile_spec
from tests.importers.test_openapi_traps import (
    KEY,
    NUMBER,
    TEXT,
    THING,
    answer,
    document,
    envelope,
    query,
)
from tests.peers.applications import call, free_port, python_with, running
from tests.peers.test_peers import KINTO, KINTO_INI, KINTO_MAXIMUM
from tests.scripted import Answer, Api, Call, serving
from tests.support import load


def spec_of(source: Path, *options: str) -> Path:
    """The spec that the command writes for a document."""
    target = source.parent / f"{source.stem}_spec.yaml"
    words = ["import", "openapi", str(source), "-o", str(target), *options]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.return_value == 0, result.output
    return target


def shop() -> dict[str, Any]:
    """Orders by page, their lines by cursor, behind a key."""
    page = query("page", {**NUMBER, "default": 1})
    size = query("limit", {**NUMBER, "maximum": 10})
    line = {"type": "object", "properties": {"sku": TEXT, "count": NUMBER}}
    return document(
        {
            "/orders": {
                "get": {
                    "parameters": [page, size],
                    "responses": answer(envelope("orders", total=NUMBER)),
                }
            },
            "/orders/{order_id}/lines": {
                "get": {
                    "parameters": [query("cursor"), size],
                    "responses": answer(envelope("lines", line, next_cursor=TEXT)),
                }
            },
        },
        components={"securitySchemes": {"a": {**KEY, "name": "X-Key"}}},
        security=[{"a": []}],
    )


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as found:
        yield found


def test_a_document_becomes_rows(tmp_path: Path, api: Api) -> None:
    orders = [{"id": f"o{n}", "name": f"Order {n}", "more": n} for n in range(23)]

    def order_page(call: Call) -> Any:
        if call.headers.get("x-key") != "k1":
            return Answer({"error": "no key"}, 401)
        start = (int(call.query["page"]) - 1) * 10
        return {"orders": orders[start : start + 10], "total": len(orders)}

    def line_page(number: int) -> Any:
        def page(call: Call) -> Any:
            start = int(call.query.get("cursor", "0"))
            end = min(start + 1, number % 3)
            lines = [{"sku": f"s{each}", "count": each} for each in range(start, end)]
            return {
                "lines": lines,
                "next_cursor": str(end) if end < number % 3 else None,
            }

        return page

    api.routes["/orders"] = order_page
    for number in range(23):
        api.routes[f"/orders/o{number}/lines"] = line_page(number)
    source = tmp_path / "shop.json"
    source.write_text(json.dumps(shop()), encoding="utf-8")
    rows = load(spec_of(source), api.url, {"api_key": "k1"}, {})
    assert len(rows["orders"]) == 23
    assert sorted(row["more"] for row in rows["orders"]) == list(range(23))
    assert len(rows["lines"]) == sum(number % 3 for number in range(23))
    assert {row["_orders_id"] for row in rows["lines"]} == {
        f"o{number}" for number in range(23) if number % 3
    }


def test_the_list_shows_what_was_decided(tmp_path: Path) -> None:
    source = tmp_path / "shop.json"
    source.write_text(json.dumps(shop()), encoding="utf-8")
    result = CliRunner().invoke(cli, ["import", "openapi", str(source), "--list"])
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert lines[1][:6] == ["orders", "GET", "/orders", "orders", "page", "page"]
    assert "orders" in lines[2] and "high" in lines[2]
    assert not (tmp_path / "specs").exists()


def test_a_spec_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "shop.json"
    source.write_text(json.dumps(shop()), encoding="utf-8")
    target = spec_of(source)
    target.write_text("mine", encoding="utf-8")
    words = ["import", "openapi", str(source), "-o", str(target)]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.return_value == 3
    assert target.read_text(encoding="utf-8") == "mine"


def test_imported_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "shop.json"
    source.write_text(json.dumps(shop()), encoding="utf-8")
    first = spec_of(source).read_bytes()
    (tmp_path / "shop_spec.yaml").unlink()
    assert spec_of(source).read_bytes() == first


def test_an_argument_may_be_called_as_a_credential(tmp_path: Path) -> None:
    """`{username}` of a path is another thing than the name that a person logs in with."""
    schemes = {name: {"type": "http", "scheme": name} for name in ("basic", "bearer")}
    paths = {"/users/{username}/things": {"get": {"responses": answer(envelope())}}, "/things": {"get": {"responses": answer(envelope())}}}  # fmt: skip
    data = document(
        paths,
        components={"securitySchemes": schemes},
        security=[{name: []} for name in schemes],
    )
    source = tmp_path / "shop.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    code = compile_spec(spec_of(source)).files["client.py"]
    assert "def _auth(credentials: ShopSpecCredentials) -> Auth:" in code
    assert "auth=_auth(credentials)," in code


@pytest.fixture(scope="module")
def kinto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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


@pytest.mark.slow
def test_an_application_is_imported_from_its_own_document(
    tmp_path: Path, kinto: str
) -> None:
    """Kinto's document says nothing of credentials and of the header that leads to the next page:
    the spec asks for both, a person answers, and every row arrives."""
    user = "ann:secret"
    call("PUT", f"{kinto}/accounts/ann", {"data": {"password": "secret"}})
    counts = {"tickets": 40, "agents": 17}
    call("PUT", f"{kinto}/buckets/desk", user=user)
    for name, count in counts.items():
        call("PUT", f"{kinto}/buckets/desk/collections/{name}", user=user)
        for number in range(count):
            path = f"/buckets/desk/collections/{name}/records/{name}-{number}"
            body = {"data": {"subject": f"{name} {number}", "number": number}}
            call("PUT", f"{kinto}{path}", body, user)
    source = tmp_path / "kinto.json"
    source.write_text(json.dumps(call("GET", f"{kinto}/__api__")), encoding="utf-8")
    spec = spec_of(source)
    text = spec.read_text(encoding="utf-8")
    assert text.count("# TODO: the document declares no credentials") == 1
    assert text.count("# TODO: how pages go on is not documented") == 5
    answers = """\
  auth: { type: basic }
  paginator: { type: cursor, cursor_path: headers.next-page }
"""
    spec.write_text(text.replace("  auth: none\n", answers), encoding="utf-8")
    rows = load(spec, kinto, {"username": "ann", "password": "secret"}, {})
    found = {name: len(rows[name]) for name in ("buckets", "collections", "records")}
    assert found == {"buckets": 1, "collections": 2, "records": sum(counts.values())}
    for name, count in counts.items():
        mine = [row for row in rows["records"] if str(row["id"]).startswith(name)]
        served = call("GET", f"{kinto}/buckets/desk/collections/{name}/records?_limit=1", user=user)  # fmt: skip
        assert len(mine) == count and served["data"][0]["id"] in {r["id"] for r in mine}
