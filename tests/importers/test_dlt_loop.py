"""dlt's configurations from end to end: dlt itself and the connector load the same."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import dlt
import pytest

from generator.diagnostics import Collector
from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.dlt import read
from generator.importers.dlt.build import Builder, listed
from generator.importers.dlt.launch import record
from generator.importers.dlt.sources import Sources
from generator.importers.draft import Draft, todos
from generator.importers.samples.compare import compared
from generator.importers.yamlout import to_yaml
from tests.differential import configs_client, configs_requests, configs_suite
from tests.differential.harness import (
    WHOLE,
    Case,
    Outcome,
    config_for,
    outcome,
    theirs,
)
from tests.differential.server import Shop, serving
from tests.support import compiled, imported, part, run, table

MODULE = """
import dlt
from dlt.sources.rest_api import rest_api_resources
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

URL = "{url}"


@dlt.source(name="shop")
def shop(token: str = dlt.secrets.value):
    yield from rest_api_resources({{
        "client": {{"base_url": URL, "auth": BearerTokenAuth(token)}},
        "resource_defaults": {{"primary_key": "id", "write_disposition": "merge"}},
        "resources": [
            {{"name": "items", "endpoint": {{
                "path": "secure/bearer/items", "data_selector": "data", "paginator": "single_page"}},
             "processing_steps": [{{"filter": lambda row: row["id"] != 3}}]}},
            {{"name": "paged", "endpoint": {{
                "path": "cursor/items", "data_selector": "data",
                "paginator": JSONResponseCursorPaginator("cursors.next")}}}},
            {{"name": "shops", "endpoint": {{"data_selector": "$", "paginator": "single_page"}}}},
            {{"name": "orders", "include_from_parent": ["code"], "endpoint": {{
                "path": "shops/{{resources.shops.id}}/orders", "data_selector": "data",
                "paginator": "single_page"}}}},
        ],
    }})
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with serving() as server:
        yield server


def rows(pipeline: dlt.Pipeline) -> dict[str, list[dict[str, Any]]]:
    names = ("items", "items__tags", "paged", "shops", "orders", "orders__lines")
    return {name: table(pipeline, name, order="1, 2") for name in names}


def test_the_same_rows_are_loaded(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop_pipeline.py"
    path.write_text(MODULE.format(url=shop.url), encoding="utf-8")
    draft = checked(read(path, ImportOptions()))
    assert not draft.diagnostics
    spec = tmp_path / "shop.yaml"
    spec.write_text(to_yaml(draft.spec), encoding="utf-8")
    connector = imported(spec, tmp_path / "out")
    credentials = part(connector, "Credentials")(token="t0ken")
    ours = run(connector.shop_source(credentials=credentials), tmp_path, "ours")

    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("shop_pipeline")
    first = run(module.shop(token="t0ken"), tmp_path, "theirs")
    wanted = rows(first)
    assert [len(each) for each in wanted.values()] == [12, 24, 13, 3, 9, 9]
    assert rows(ours) == wanted


OWN = """
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from dlt.sources.rest_api import rest_api_source


class Shelves(BasePaginator):
    def __init__(self, key):
        super().__init__()
        self.key = key

    def update_state(self, response, data=None):
        self._next = response.json()["cursors"].get(self.key)
        self._has_next_page = bool(self._next)

    def update_request(self, request):
        request.params = {{**(request.params or {{}}), "cursor": self._next}}


def shop():
    return rest_api_source({{
        "client": {{"base_url": "{url}", "paginator": Shelves("next")}},
        "resources": [{{"name": "paged", "primary_key": "id", "endpoint": {{
            "path": "cursor/items", "data_selector": "data"}}}}],
    }})


shop()
"""
OWN_HOOK = """

from ._runtime.values import get


def shelves(
    request: Request, response: Response, records: Sequence[JSON]
) -> Request | None:
    following = get(response.json, "cursors", "next")
    return request.with_params({"cursor": str(following)}) if following else None
"""


def test_a_paginator_of_ones_own_is_written_as_a_hook(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own_pipeline.py"
    path.write_text(OWN.format(url=shop.url), encoding="utf-8")
    draft = checked(read(path, ImportOptions(name="shelved")))
    assert [each for each in todos(draft.spec) if "hooks.py" in each] == [
        "write `shelves` in hooks.py: the next request, as Shelves (own_pipeline.py:6) with"
        " key='next' made it"
    ]
    spec = tmp_path / "shelved.yaml"
    spec.write_text(to_yaml(draft.spec), encoding="utf-8")
    hooks = tmp_path / "out" / "shelved" / "hooks.py"
    compiled(spec, tmp_path / "out")
    hooks.write_text(hooks.read_text().partition("\n\n\n")[0] + OWN_HOOK)
    connector = imported(spec, tmp_path / "out")
    shop.calls.clear()
    ours = run(connector.shelved_source(), tmp_path, "ours")
    asked = [call.sent() for call in shop.calls]
    shop.calls.clear()
    monkeypatch.syspath_prepend(str(tmp_path))
    first = run(__import__("own_pipeline").shop(), tmp_path, "theirs")
    assert len(table(ours, "paged")) == 13
    assert table(ours, "paged", "id") == table(first, "paged", "id")
    assert asked == [call.sent() for call in shop.calls]


def test_recorded_answers_settle_what_dlt_detects(tmp_path: Path, shop: Shop) -> None:
    """A configuration that leaves all to dlt, and two answers of the API."""
    from urllib.request import urlopen

    path = tmp_path / "pipeline.py"
    text = f"""
    from dlt.sources.rest_api import rest_api_source
    rest_api_source({{"client": {{"base_url": "{shop.url}"}}, "resources": ["cursor/items"]}})
    """
    path.write_text(dedent(text), encoding="utf-8")
    draft = read(path, ImportOptions(name="shop"))
    assert len([*todos(draft.spec)]) == 3
    with urlopen(f"{shop.url}/cursor/items") as answer:
        (tmp_path / "items.json").write_bytes(answer.read())
    draft = checked(
        compared(draft, [tmp_path / "items.json"], f"{shop.url}/cursor/items")
    )
    assert not draft.is_partial
    (resource,) = listed_of(draft)
    assert resource["endpoint"]["data_selector"] == "data"
    assert resource["schema"].startswith("#/definitions/")
    assert resource["endpoint"]["paginator"]["type"] == "cursor"


def listed_of(draft: Draft) -> list[Any]:
    found: Any = draft.spec["resources"]
    return list(found)


# ---- every configuration of the comparison with dlt

CASES = [
    case
    for module in (configs_client, configs_requests, configs_suite)
    for case in module.CASES
    if not case.difference
]
SECRETS = {
    "token": "t0ken",
    "api_key": "k3y",
    "password": "s3cret",
    "client_secret": "cs3cret",
    "access_token": "issued",
}
PART = CASES if WHOLE else CASES[::9]


@pytest.fixture(scope="module")
def specs(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The specs of all of them: one module passes them to dlt one after the other."""
    folder = tmp_path_factory.mktemp("specs")
    module = folder / "pipeline.py"
    configs = [[case.stem, config_for(case, shop)] for case in CASES]
    (folder / "configs.json").write_text(json.dumps(configs))
    module.write_text(
        "import json\nfrom dlt.sources.rest_api import rest_api_source\n"
        "for name, config in json.load(open('configs.json')):\n"
        "    rest_api_source(config, name=name)\n"
    )
    recording = record(module, sys.executable)
    assert recording.done and len(recording.configs) == len(CASES)
    made: dict[str, Path] = {}
    for case, config in zip(CASES, recording.configs, strict=True):
        builder = Builder(recording, config, Sources(module), Collector())
        names = {str(each["name"]) for each in listed(config)}
        spec, _ = builder.spec(case.stem, names)
        made[case.stem] = folder / f"{case.stem}.yaml"
        made[case.stem].write_text(to_yaml(spec), encoding="utf-8")
    return made


def test_each_compiles(specs: dict[str, Path], tmp_path: Path) -> None:
    for spec in specs.values():
        compiled(spec, tmp_path)
    assert len(specs) == 256


@pytest.mark.parametrize("case", PART, ids=lambda case: case.name)
def test_each_gives_the_same_rows(
    case: Case,
    specs: dict[str, Path],
    shop: Shop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "1")
    for name, value in case.env:
        monkeypatch.setenv(name, value)
    first = theirs(case, shop)
    connector = imported(specs[case.stem], tmp_path)
    second = ours(connector, shop)
    assert not first.error and not second.error, second.error
    assert second.rows == first.rows
    if case.wire:
        assert second.sent == first.sent


def ours(connector: ModuleType, shop: Shop) -> Outcome:
    names: list[str] = connector.__all__
    given: dict[str, Any] = {}
    if any(name.endswith("Credentials") for name in names):
        cls = part(connector, "Credentials")
        keys = inspect.signature(cls).parameters
        given["credentials"] = cls(**{key: SECRETS[key] for key in keys})
    return outcome(shop, lambda: part(connector, "_source")(**given))
