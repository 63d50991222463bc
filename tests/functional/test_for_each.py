"""`for_each`: a resource that is read for each of a list of values, or of a product of lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import Client, Make
from tests.refused import refused
from tests.scripted import Api, Call
from tests.support import run, source_of, table

HEAD = """
connector: shops
silence: [no-auth, no-schema, no-primary-key, no-data-selector]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { data_selector: data, paginator: single_page } }
resources:
"""

PRODUCT = HEAD + """
  - name: sales
    for_each: { region: [eu, us], kind: [1, true, 2.5] }
    endpoint:
      method: POST
      path: "r/{region}/sales"
      params: { kind: "{kind}", text: "k-{kind}" }
      headers: { X-Kind: "{kind}" }
      json: { kind: "{kind}", in: { text: "of {kind}" } }
      paginator: { type: offset, limit: 2, total_path: null }
"""


def _sales(call: Call) -> Any:
    rows = [
        {"n": number, "kind": call.query["kind"], "path": call.path}
        for number in range(3)
    ]
    start = int(call.query.get("offset", 0))
    return {"data": rows[start : start + 2]}


@pytest.fixture
def sales(api: Api) -> Api:
    api.routes.update({f"/r/{region}/sales": _sales for region in ("eu", "us")})
    return api


def test_a_product_of_lists_with_pages(client: Client, sales: Api) -> None:
    made = client(PRODUCT)
    assert len(list(made.sales())) == 2 * 3 * 3
    assert made.counts["sales"].yielded == 18
    bodies = [call.json for call in sales.called("/r/eu/sales")[::3]]
    assert bodies == [
        {"kind": 1, "in": {"text": "of 1"}},
        {"kind": True, "in": {"text": "of true"}},
        {"kind": 2.5, "in": {"text": "of 2.5"}},
    ]
    call = sales.called("/r/us/sales")[3]
    assert (call.query["kind"], call.query["text"]) == ("true", "k-true")
    assert call.headers["x-kind"] == "true"
    assert list(made.sales_parts())[:2] == [("eu", 1), ("eu", True)]
    assert len(list(made.sales_pages("eu", 1))) == 2


def test_a_product_of_lists_in_a_table(
    package: Make, sales: Api, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    loaded = run(source_of(package(PRODUCT), sales.url), folder)
    assert len(table(loaded, "sales")) == 18
    ends = [line for line in caplog.messages if line.startswith("sales: ")]
    assert ends == [
        line for line in ends if line.startswith("sales: 18 received = 18 yielded")
    ]
    assert len(ends) == 1


PARENTS = HEAD + """
  - name: shops
    for_each: { country: [de, fr] }
    endpoint: { params: { country: "{country}" } }
  - name: items
    for_each: { kind: 'dlt.config["kinds"]' }
    include_from_parent: [id]
    endpoint: { path: "shops/{resources.shops.id}/items", params: { kind: "{kind}" } }
  - name: prices
    endpoint: { path: "shops/{resources.shops.id}/items/{resources.items.id}" }
"""


@pytest.fixture
def shops(api: Api) -> Api:
    def items(call: Call) -> Any:
        return {"data": [{"id": call.query["kind"]}]}

    def prices(call: Call) -> Any:
        return {"data": [{"path": call.path}]}

    api.routes["/shops"] = lambda call: {"data": [{"id": call.query["country"]}]}
    for country in ("de", "fr"):
        api.routes[f"/shops/{country}/items"] = items
        for kind in ("a", "b"):
            api.routes[f"/shops/{country}/items/{kind}"] = prices
    return api


def test_lists_of_parents_and_children(client: Client, shops: Api) -> None:
    made = client(PARENTS, kinds=["a", "b"])
    assert [record.model_extra["path"] for record in made.prices()] == [
        *("/shops/de/items/a", "/shops/de/items/b"),
        *("/shops/fr/items/a", "/shops/fr/items/b"),
    ]
    assert len(shops.calls) == 2 + 4 + 4


def test_lists_of_parents_and_children_in_tables(
    package: Make, shops: Api, folder: Path
) -> None:
    loaded = run(source_of(package(PARENTS), shops.url, kinds=["a", "b"]), folder)
    assert len(table(loaded, "prices")) == 4
    assert [row["_shops_id"] for row in table(loaded, "items", '"_shops_id"')] == [
        *("de", "de", "fr", "fr")
    ]
    assert len(shops.calls) == 2 + 4 + 4


def test_values_from_dlts_configuration(
    package: Make, shops: Api, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SHOPS__KINDS", '["a"]')
    loaded = run(source_of(package(PARENTS), shops.url), folder)
    assert len(table(loaded, "prices")) == 2


def test_values_that_nobody_gives(client: Client, shops: Api) -> None:
    with pytest.raises(Exception, match="needs the argument kinds="):
        list(client(PARENTS).items())


def test_the_seeds_spelling(client: Client, sales: Api) -> None:
    spec = HEAD + """
  - name: sales
    endpoint:
      path: "r/{region}/sales"
      params: { kind: "{kind}" }
      partition_router:
        - { type: list, values: [eu, us], cursor_field: region }
        - { type: list, values: [x], cursor_field: kind }
"""
    assert len(list(client(spec).sales())) == 4


def test_names_that_the_method_needs_itself(client: Client, sales: Api) -> None:
    spec = HEAD + """
  - name: sales
    for_each: { page: [eu], class: [x], since: [y] }
    endpoint:
      path: "r/{page}/sales"
      params: { kind: "{class}", since: "{since}" }
"""
    assert len(list(client(spec).sales())) == 2
    assert sales.calls[0].query == {"kind": "x", "since": "y"}


@pytest.mark.parametrize(
    ("lists", "codes"),
    [
        ("{ a: [] }", ["wrong-value"]),
        ("{ a: [x, x] }", ["wrong-value"]),
        ("{ a: [x, null] }", ["wrong-value"]),
        ("{ a: text }", ["wrong-type"]),
        ("{ a: [x], b: [y] }", ["unused-list"]),
        ("""{ a: 'dlt.config.get("a", "x")' }""", ["wrong-value"]),
        ("""{ a: 'dlt.config["q"]' }""", ["conflict"]),
    ],
)
def test_lists_that_make_no_sense(lists: str, codes: list[str]) -> None:
    spec = HEAD + f"""
  - name: sales
    for_each: {lists}
    endpoint: {{ path: "r/{{a}}", params: {{ q: 'dlt.config["q"]' }} }}
"""
    assert [each.code for each in refused(spec)] == codes
