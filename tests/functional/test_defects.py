"""Faults of dlt (D) and of Airbyte's runtime (A) that belong to no other file of these tests.

Where dlt's result is asserted, a fix in dlt shows as a failing test.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.sources.helpers.requests import Response
from dlt.sources.rest_api import rest_api_source

from tests.functional.conftest import Client, Make
from tests.rest_api import dlt_rows
from tests.scripted import Answer, Api, Call, Route
from tests.support import part, source_of


def spec(**endpoint: Any) -> str:
    """A spec of one resource `things`, as JSON, which is YAML."""
    return json.dumps(
        {
            "connector": "things",
            "silence": ["no-auth", "no-schema", "no-data-selector"],
            "client": {"base_url": "https://api.example.com"},
            "resources": [
                {"name": "things", "primary_key": "id", "endpoint": endpoint}
            ],
        }
    )


def rows(records: Any) -> list[Any]:
    return [record.model_dump() for record in records]


def then(*answers: Any) -> Route:
    """One answer after the other."""
    left = list(answers)
    return lambda call: left.pop(0)


# ---- where the records are


def test_d11_a_selector_that_is_misspelt(client: Client, api: Api) -> None:
    api.routes["/things"] = lambda call: {"data": [{"id": 1}]}
    endpoint = {"data_selector": "dta", "paginator": "single_page"}
    with pytest.raises(
        Exception, match="no data at dta: .* has the keys data"
    ) as caught:
        list(client(spec(**endpoint)).things())
    assert type(caught.value).__name__ == "MissingDataError"
    assert dlt_rows(api.url, endpoint) == []


def test_d15_two_lists_in_an_answer(client: Client, api: Api) -> None:
    """Nothing is guessed: without a selector the answer is the record."""
    body = {"errors": [], "tickets": [{"id": 1}]}
    api.routes["/things"] = lambda call: body
    assert dlt_rows(api.url, {}) == []
    assert rows(client(spec(paginator="single_page")).things()) == [body]
    named = {"data_selector": "tickets", "paginator": "single_page"}
    assert rows(client(spec(**named)).things()) == [{"id": 1}]


def test_d16_a_list_inside_of_one_object(client: Client, api: Api) -> None:
    body = {"id": 7, "tags": ["a", "b"]}
    api.routes["/things"] = lambda call: body
    assert dlt_rows(api.url, {}) == ["a", "b"]
    assert rows(client(spec(paginator="single_page")).things()) == [body]


NOTHING: dict[str, Any] = {
    "204": Answer(b"", 204),
    "null": {"data": None, "next": "c2"},
    "absent": {"next": "c2"},
    "null beside an error": {"data": None, "error": {"code": 17}},
    "no records beside an error": {"data": [], "error": {"code": 17}},
}
PAGES = {"type": "cursor", "cursor_path": "next", "cursor_param": "after"}


@pytest.mark.parametrize("nothing", NOTHING)
def test_a2_no_data_in_the_middle(client: Client, api: Api, nothing: str) -> None:
    """D10: an error, unless the spec says that it means an empty page."""
    first = {"data": [{"id": 1}], "next": "c1"}
    api.routes["/things"] = then(first, NOTHING[nothing])
    endpoint = {"data_selector": "data", "paginator": PAGES}
    with pytest.raises(Exception, match="things, page 2, .*no data at data") as caught:
        list(client(spec(**endpoint)).things())
    assert type(caught.value).__name__ == "MissingDataError"
    api.routes["/things"] = then(first, NOTHING[nothing], {"data": [{"id": 2}]})
    made = client(spec(**endpoint, missing_data="empty"))
    goes_on = (
        "next" in NOTHING[nothing] if isinstance(NOTHING[nothing], dict) else False
    )
    assert [record.id for record in made.things()] == ([1, 2] if goes_on else [1])


def test_d37_no_start_value(client: Client, api: Api) -> None:
    """The parameter is left out; dlt sends the word None."""
    api.routes["/things"] = lambda call: {"data": [{"id": 1, "at": "2026-01-01"}]}
    endpoint: dict[str, Any] = {
        "data_selector": "data",
        "paginator": "single_page",
        "params": {"since": "{incremental.start_value}"},
        "incremental": {"cursor_path": "at"},
    }
    list(client(spec(**endpoint)).things())
    assert api.calls.pop().query == {}
    dlt_rows(api.url, endpoint)
    assert api.calls.pop().query == {"since": "None"}


def test_d47_nothing_is_kept_by_dlt(api: Api, folder: Path) -> None:
    """Ours: windows, each of them loaded on its own (`test_windows.py`)."""

    def route(call: Call) -> Any:
        page = int(call.query.get("page", "0"))
        return Answer({}, 400) if page == 9 else [{"id": page}]

    api.routes["/things"] = route
    paginator = {"type": "page_number", "total_path": None}
    config: Any = {
        "client": {"base_url": api.url},
        "resources": [{"name": "things", "endpoint": {"paginator": paginator}}],
    }
    pipeline = dlt.pipeline("d47", destination="duckdb", pipelines_dir=str(folder))
    for _ in (1, 2):
        with pytest.raises(Exception, match="400"):
            pipeline.run(rest_api_source(config))
        assert not pipeline.has_pending_data
    assert [call.query["page"] for call in api.calls].count("0") == 2


# ---- workers, and work that is done once

KEYED = """
connector: things
silence: [no-schema]
client:
  base_url: https://api.example.com
  auth: { type: api_key, name: X-Key, api_key: 'dlt.secrets["key"]' }
resources:
  - name: things
    primary_key: id
    endpoint: { data_selector: data, paginator: single_page }
"""
WORKER = """
import importlib, pickle, sys
name, credentials, url = pickle.loads(sys.stdin.buffer.read())
module = importlib.import_module(name)
source = module.things_source(credentials=pickle.loads(credentials), base_url=url)
print([row["id"] for row in source.resources["things"]])
"""


def test_d62_a_worker_builds_the_source(package: Make, api: Api) -> None:
    """What it takes can be pickled: the source's function, its credentials and arguments."""
    api.routes["/things"] = lambda call: {"data": [{"id": call.headers["x-key"]}]}
    module = package(KEYED)
    credentials = part(module, "Credentials")(key="k3y")
    made = part(module, "_source")
    assert pickle.loads(pickle.dumps(made)) is made
    assert pickle.loads(pickle.dumps(credentials)) == credentials
    given = pickle.dumps((module.__name__, pickle.dumps(credentials), api.url))
    path = module.__path__[0]
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        input=given,
        capture_output=True,
        env={"PYTHONPATH": str(Path(path).parent)},
    )
    assert done.stdout.decode().strip() == "['k3y']", done.stderr.decode()


def test_d62_errors_come_back_from_a_worker(client: Client, api: Api) -> None:
    """A pool hands an error over as a pickle: with its message, status and request."""
    api.routes["/things"] = lambda call: Answer({"error": "gone"}, 410)
    with pytest.raises(Exception, match="status 410") as caught:
        list(client(KEYED, credentials={"key": "k3y"}).things())
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))
    assert again.status == 410


def counted(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> Callable[[], int]:
    calls: list[object] = []
    original = getattr(owner, name)

    def call(*args: Any, **options: Any) -> Any:
        calls.append(args)
        return original(*args, **options)

    monkeypatch.setattr(owner, name, call)
    return lambda: len(calls)


def test_d63_a_page_is_parsed_once(
    package: Make, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a total, a flag and a rule that all read the same answer."""

    def route(call: Call) -> Any:
        start = int(call.query["offset"])
        page = [{"id": start + number} for number in range(2)]
        return {"data": page, "total": 6, "more": start < 4}

    api.routes["/things"] = route
    paginator = {
        "type": "offset",
        "limit": 2,
        "total_path": "total",
        "has_more_path": "more",
    }
    endpoint: dict[str, Any] = {"data_selector": "data", "paginator": paginator}
    rule = {"when": "response.error == 'busy'", "action": "retry"}
    module = package(spec(**endpoint, error_handler={"rules": [rule]}))
    runtime = sys.modules[f"{module.__name__}._runtime.request"]
    parsed = counted(monkeypatch, runtime, "from_json")
    served = source_of(module, api.url)
    assert len(list(served.resources["things"])) == 6
    answers = [each for each in api.calls if each.path == "/things"]
    assert parsed() == len(answers) == 3

    theirs = counted(monkeypatch, Response, "json")
    assert len(dlt_rows(api.url, endpoint)) == 6
    assert theirs() == 9
