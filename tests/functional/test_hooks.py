"""Hooks: a file that is written once and then the user's, and what its functions do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source

from generator import output, pipeline
from tests.scripted import Api, Call
from tests.support import ROOT, imported, part, run, source_of, table

SPEC = """
connector: hooked
silence: [no-schema, no-primary-key]
client:
  base_url: https://api.example.com
  auth: { type: api_key, name: X-Key }
  hooks: { request: sign }
resource_defaults: { endpoint: { paginator: single_page, data_selector: data } }
resources:
  - name: tickets
    hooks: { record: normalise, request: ask }
    endpoint: /tickets
  - name: notes
    rename: { text: body }
    processing_steps:
      - { filter: is_long }
      - { map: shorten }
      - { filter: "{{ record.body != 'xx' }}" }
    hooks: { record: normalise }
    endpoint: /notes
  - name: report
    hooks: { response: rows_of }
    endpoint: { path: /report, data_selector: null }
  - name: orders
    add: { shop: main }
    processing_steps:
      - { yield_map: lines }
      - { filter: "record.amount > 0" }
      - { map: rounded }
    hooks: { record: normalise }
    endpoint: /orders
  - name: days
    schema: { properties: { at: { type: string, format: date-time } } }
    endpoint:
      path: /days
      incremental: { cursor_path: at, start_param: from, end_param: to, convert: spoken }
  - name: numbers
    endpoint:
      path: /numbers
      params: { q: "n>{incremental.start_value}" }
      incremental: { cursor_path: n, initial_value: 1, convert: doubled }
"""

HOOKS = '''"""Mine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ._runtime.http import Request, Response
from ._runtime.values import JSON, get


def sign(request: Request) -> Request:
    name = request.headers["X-Key"] + request.target.rpartition("/")[2]
    digest = hashlib.sha256(name.encode()).hexdigest()
    return request.with_headers({"X-Signature": digest})


def ask(request: Request) -> Request:
    return replace(request, params={**request.params, "asked": "yes"})


def normalise(record: dict[str, JSON]) -> dict[str, JSON] | None:
    if record.get("hidden"):
        return None
    return {**record, "seen": True}


def is_long(record: dict[str, JSON]) -> bool:
    return len(str(record["body"])) > 1


def shorten(record: dict[str, JSON]) -> dict[str, JSON]:
    return {**record, "body": str(record["body"])[:2]}


def rows_of(response: Response) -> list[JSON]:
    names = get(response.json, "header")
    rows = get(response.json, "rows")
    assert isinstance(names, list) and isinstance(rows, list)
    found: list[JSON] = []
    for row in rows:
        assert isinstance(row, list)
        found.append({str(name): value for name, value in zip(names, row)})
    return found


def lines(record: dict[str, JSON]) -> Iterable[dict[str, JSON]]:
    found = record["lines"]
    assert isinstance(found, list)
    for line in found:
        assert isinstance(line, dict)
        yield {"order": record["id"], "shop": record["shop"], **line}


def rounded(record: dict[str, JSON]) -> dict[str, JSON]:
    amount = record["amount"]
    assert isinstance(amount, float)
    return {**record, "amount": round(amount)}


def spoken(value: datetime) -> str:
    return f"{value:%d.%m.%Y %H:%M}"


def doubled(value: int) -> int:
    return 2 * value
'''


def written(folder: Path, spec: str = SPEC) -> Path:
    path = folder / "hooked.yaml"
    path.write_text(spec)
    output.write(folder, pipeline.compile_spec(path))
    return folder / "hooked"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("hooks")
    place = written(folder)
    (place / "hooks.py").write_text(HOOKS)
    return imported(folder / "hooked.yaml", folder)


@pytest.fixture
def client(package: ModuleType, api: Api) -> Any:
    def rows(*records: Any) -> Any:
        return lambda call: {"data": list(records)}

    def report(call: Call) -> Any:
        return {"header": ["id", "n"], "rows": [[1, "a"], [2, "b"]]}

    api.routes["/tickets"] = rows({"id": 1}, {"id": 2, "hidden": True})
    api.routes["/notes"] = rows(
        {"text": "abc"}, {"text": "x"}, {"text": "xxx"}, {"text": "de", "hidden": 1}
    )
    api.routes["/report"] = report
    credentials = part(package, "Credentials")(api_key="k")
    return part(package, "Client")(credentials, base_url=api.url)


def test_records_are_changed_left_out_and_counted(client: Any) -> None:
    assert [each.model_dump() for each in client.tickets()] == [{"id": 1, "seen": True}]
    notes = [each.model_dump() for each in client.notes()]
    assert notes == [{"body": "ab", "seen": True}]
    assert client.counts["tickets"].filtered == 1
    assert (client.counts["notes"].received, client.counts["notes"].filtered) == (4, 3)


def test_requests_are_changed_before_and_after_the_credentials(
    client: Any, api: Api
) -> None:
    list(client.tickets())
    call = api.calls[0]
    assert call.query == {"asked": "yes"}
    signed = sha256(b"ktickets?asked=yes").hexdigest()
    assert (call.headers["x-key"], call.headers["x-signature"]) == ("k", signed)


def test_requests_with_auth_of_their_own_are_changed_too(
    tmp_path: Path, api: Api
) -> None:
    auth = """{ type: api_key, name: X-Key, api_key: 'dlt.secrets["own"]' }"""
    own = f"endpoint: {{ path: /report, auth: {auth}"
    place = written(
        tmp_path,
        SPEC.replace("endpoint: { path: /report", own).replace(
            "endpoint: /tickets", "endpoint: { path: /tickets, auth: none }"
        ),
    )
    (place / "hooks.py").write_text(HOOKS.replace('["X-Key"]', '.get("X-Key", "")'))
    module = imported(tmp_path / "hooked.yaml", tmp_path)
    api.routes["/report"] = lambda call: {"header": ["id"], "rows": [[1]]}
    api.routes["/tickets"] = lambda call: {"data": [{"id": 1}]}
    credentials = part(module, "Credentials")(api_key="k", own="own")
    client = part(module, "Client")(credentials, base_url=api.url)
    assert len(list(client.report())) == len(list(client.tickets())) == 1
    report, tickets = (call.headers for call in api.calls)
    assert report["x-key"] == "own"
    assert report["x-signature"] == sha256(b"ownreport").hexdigest()
    assert "x-key" not in tickets
    assert tickets["x-signature"] == sha256(b"tickets?asked=yes").hexdigest()


def test_rows_of_an_answer(client: Any) -> None:
    rows = [each.model_dump() for each in client.report()]
    assert rows == [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]


def test_a_record_becomes_several(client: Any, api: Api) -> None:
    def line(amount: float, **more: Any) -> dict[str, Any]:
        return {"amount": amount, **more}

    broken: dict[str, Any] = {"amount": "none"}
    api.routes["/orders"] = lambda call: {
        "data": [
            {"id": 1, "lines": [line(1.2), line(-1.0), line(2.7, hidden=True)]},
            {"id": 2, "lines": []},
            {"id": 3, "lines": [line(3.1), line(4.0)]},
        ]
    }
    rows = [each.model_dump() for each in client.orders()]
    assert [(row["order"], row["amount"]) for row in rows] == [(1, 1), (3, 3), (3, 4)]
    assert all(row["shop"] == "main" and row["seen"] for row in rows)
    counts = client.counts["orders"]
    assert (counts.received, counts.yielded, counts.filtered) == (4, 3, 1)
    api.routes["/orders"] = lambda call: {"data": [{"id": 4, "lines": [broken]}]}
    with pytest.raises(Exception, match="page 1, record 0: .*is no number"):
        list(client.orders())


def test_bounds_are_written_by_a_hook(client: Any, api: Api) -> None:
    api.routes["/days"] = api.routes["/numbers"] = lambda call: {"data": []}
    list(client.days(since="2026-01-31T01:00:00+01:00"))
    list(client.days())
    list(client.numbers(since=4))
    list(client.numbers())
    first, second = api.called("/days")
    assert first.query["from"] == "31.01.2026 01:00"
    assert datetime.strptime(first.query["to"], "%d.%m.%Y %H:%M").year >= 2026
    assert second.query.keys() == {"to"}
    assert [call.query for call in api.called("/numbers")] == [{"q": "n>8"}, {}]


def test_split_records_through_dlt(
    package: ModuleType, client: Any, api: Api, folder: Path
) -> None:
    api.routes["/orders"] = lambda call: {
        "data": [{"id": 1, "lines": [{"amount": 1.0}, {"amount": 2.0}]}]
    }
    api.routes["/numbers"] = lambda call: {"data": [{"n": 3}, {"n": 7}]}
    for _ in range(2):
        source = source_of(
            package,
            api.url,
            credentials={"api_key": "k"},
            resources=["orders", "numbers"],
        )
        loaded = run(source, folder)
    assert [row["amount"] for row in table(loaded, "orders", "amount")] == [1, 1, 2, 2]
    counts = table(loaded, "record_counts", "resource")[-1]
    assert (counts["resource"], counts["received"], counts["yielded"]) == (
        "orders",
        2,
        2,
    )
    assert [call.query["q"] for call in api.called("/numbers")] == ["n>2", "n>14"]


def test_through_dlt(package: ModuleType, client: Any, api: Api, folder: Path) -> None:
    names = ["tickets", "notes", "report"]
    source = source_of(package, api.url, credentials={"api_key": "k"}, resources=names)
    loaded = run(source, folder)
    assert table(loaded, "tickets") == [{"id": 1, "seen": True}]
    assert table(loaded, "report", "id") == [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]


def test_stubs_say_that_they_are_to_be_written(tmp_path: Path, api: Api) -> None:
    written(tmp_path)
    module = imported(tmp_path / "hooked.yaml", tmp_path)
    made = part(module, "Client")(
        part(module, "Credentials")(api_key="k"), base_url=api.url
    )
    with pytest.raises(NotImplementedError):
        list(made.tickets())


def test_the_same_rows_as_dlts_callables_give(client: Any, api: Api) -> None:
    orders = [{"id": 1, "lines": [{"amount": 1.0}, {"amount": 2.0}]}]
    api.routes["/orders"] = lambda call: {"data": orders}
    api.routes["/numbers"] = lambda call: {"data": [{"n": 3}]}

    def lines(order: Any) -> Iterator[Any]:
        for line in order["lines"]:
            yield {"order": order["id"], **line}

    config: Any = {
        "client": {"base_url": api.url, "paginator": "single_page"},
        "resources": [
            {
                "name": "orders",
                "endpoint": {"path": "orders", "data_selector": "data"},
                "processing_steps": [{"yield_map": lines}],
            },
            {
                "name": "numbers",
                "endpoint": {
                    "path": "numbers",
                    "data_selector": "data",
                    "params": {"q": "n>{incremental.start_value}"},
                    "incremental": {
                        "cursor_path": "n",
                        "initial_value": 1,
                        "convert": lambda value: 2 * value,
                    },
                },
            },
        ],
    }
    source = rest_api_source(config)
    theirs = [(row["order"], row["amount"]) for row in source.resources["orders"]]
    assert [row["n"] for row in source.resources["numbers"]] == [3]
    ours = [each.model_dump() for each in client.orders()]
    assert [(row["order"], row["amount"]) for row in ours] == theirs
    assert [each.model_dump() for each in client.numbers(since=1)] == [{"n": 3}]
    sent = [call.query for call in api.called("/numbers")]
    assert sent == [{"q": "n>2"}, {"q": "n>2"}]


# ---- the file


def gen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = [*arguments, str(folder / "hooked.yaml"), "-o", str(folder)]
    command = [sys.executable, "-m", "generator", *given]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_file_is_written_once(tmp_path: Path) -> None:
    place = written(tmp_path)
    stubs = (place / "hooks.py").read_text()
    assert stubs.count("raise NotImplementedError") == 10
    assert "hooks.py" not in (place / ".gen-connector.json").read_text()
    assert gen(tmp_path, "--check").returncode == 0
    (place / "hooks.py").write_text(HOOKS)
    os.utime(place / "hooks.py", (1, 1))
    for options in (["--force"], ["--check"]):
        done = gen(tmp_path, *options)
        assert done.returncode == 0, done.stdout + done.stderr
    # A change of the spec leaves it alone too.
    written(tmp_path, SPEC.replace("name: report", "name: reports"))
    assert (place / "hooks.py").read_text() == HOOKS


def test_the_file_stays_when_no_hook_is_named(tmp_path: Path) -> None:
    place = written(tmp_path)
    (place / "hooks.py").write_text(HOOKS)
    plain = """
connector: hooked
client: { base_url: https://api.example.com }
resources: [things]
"""
    written(tmp_path, plain)
    assert (place / "hooks.py").read_text() == HOOKS
    assert "hooks" not in (place / "client.py").read_text()


def test_a_file_that_was_deleted_is_missed(tmp_path: Path) -> None:
    place = written(tmp_path)
    (place / "hooks.py").unlink()
    done = gen(tmp_path, "--check")
    assert done.returncode == 3 and "+def sign(" in done.stdout
    assert gen(tmp_path).returncode == 0
    assert (place / "hooks.py").exists()


@pytest.mark.parametrize(
    ("options", "module", "names"),
    [
        ([], HOOKS.replace("def ask", "def asks"), "ask"),
        (
            ["--check"],
            "from os import path as ask, sep as sign\nshorten = ask",
            "normalise, is_long, rows_of, lines, rounded, spoken, doubled",
        ),
        (
            ["--check"],
            "def (",
            "sign, ask, normalise, is_long, shorten, rows_of, lines, rounded, spoken, doubled",
        ),
    ],
)
def test_functions_that_are_missing_are_named(
    tmp_path: Path, options: list[str], module: str, names: str
) -> None:
    place = written(tmp_path)
    (place / "hooks.py").write_text(module)
    done = gen(tmp_path, *options)
    assert done.returncode == 1
    said = f"error[hook-missing]: the spec names hooks that are not there: {names}\n"
    assert said in done.stderr
    assert (place / "hooks.py").read_text() == module


@pytest.mark.slow
def test_a_wrong_signature_is_a_type_error(tmp_path: Path) -> None:
    place = written(tmp_path)
    right = "def shorten(record: dict[str, JSON])"
    wrong = HOOKS.replace(right, "def shorten(record: str)")
    for text, expected in ((HOOKS, False), (wrong, True)):
        (place / "hooks.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "hooked"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        found = 'hooked/shaping.py:19: error: Argument 1 to "shorten"' in done.stdout
        assert found is expected, done.stdout
