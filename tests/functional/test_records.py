"""Which records are loaded, and with which fields: selectors, filters, shaping, counts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.diagnostics import SpecError
from tests.functional.conftest import Client, Make
from tests.scripted import Api, Call
from tests.support import run, source_of, table

HEAD = """
connector: shaped
silence: [no-auth, no-schema, no-primary-key]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { paginator: single_page, data_selector: data } }
"""

SHAPED = f"""{HEAD}
resources:
  - name: orders
    filter: "{{{{ record.status != 'void' and record.amount > 0 }}}}"
    add:
      source: demo
      version: 2
      tags: [a, "{{{{ record.status | upper }}}}"]
      total: "{{{{ record.amount * record.count }}}}"
      label: "{{{{ record.status }}}}-{{{{ record.id }}}}"
      code: "{{{{ record.code }}}}"
      region: "{{config.region}}"
      country: "{{{{ config.region | upper if record.meta.home else 'XX' }}}}"
      nothing: null
      year: "{{{{ format_datetime(record.meta.at, '%Y') }}}}"
      who: "{{{{ [record.first, record.last] | join(' ') }}}}"
      id: "{{{{ record.id + 1000 }}}}"
    select: [id, status, code, meta, lines, extra]
    drop: [extra, lines.secret, meta.at]
    flatten: [meta]
    rename: {{ status: state, meta_home: home }}
    endpoint: /orders
"""

ORDER: dict[str, Any] = {
    "id": 1,
    "status": "open",
    "amount": "2.5",
    "count": 4,
    "code": "1e5",
    "first": "Ann",
    "last": "Lee",
    "lost": True,
    "extra": 1,
    "meta": {"at": "2026-03-04", "home": False, "deep": {"x": 1}},
    "lines": [{"sku": "a", "secret": 1}, {"sku": "b"}],
}
LOADED = {
    "id": 1001,
    "state": "open",
    "code": "1e5",
    "home": False,
    "meta_deep": {"x": 1},
    "lines": [{"sku": "a"}, {"sku": "b"}],
    "source": "demo",
    "version": 2,
    "tags": ["a", "OPEN"],
    "total": 10.0,
    "label": "open-1",
    "region": "eu",
    "country": "XX",
    "nothing": None,
    "year": "2026",
    "who": "Ann Lee",
}


def answers(*records: Any) -> Any:
    return lambda call: {"data": list(records)}


def dumped(records: Any) -> list[dict[str, Any]]:
    return [each.model_dump(by_alias=True) for each in records]


def test_fields_are_shaped(client: Client, api: Api) -> None:
    api.routes["/orders"] = answers(ORDER)
    made = client(SHAPED, region="eu")
    assert dumped(made.orders()) == [LOADED]


def test_filtered_and_rejected_records_are_counted(
    client: Client, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    void = {**ORDER, "status": "void", "amount": None}
    free = {**ORDER, "amount": 0}
    unknown = {**ORDER, "amount": None}
    nameless = {**ORDER, "last": None}
    lifted = {**ORDER, "meta": [1]}
    api.routes["/orders"] = answers(ORDER, void, free, unknown, nameless, lifted)
    rejected: list[Any] = []
    made = client(SHAPED, region="eu", on_rejected=rejected.append)
    with caplog.at_level(logging.INFO):
        assert dumped(made.orders()) == [LOADED]
    counts = made.counts["orders"]
    assert (counts.received, counts.yielded) == (6, 1)
    assert (counts.rejected, counts.filtered) == (3, 2)
    assert caplog.messages[-1] == (
        "orders: 6 received = 1 yielded + 3 rejected + 2 filtered, 1 pages"
    )
    assert [each.errors for each in rejected] == [
        "null is no number",
        "null is no text: write `or` and what stands for it",
        "null that is no date",
    ]
    assert rejected[0].record == unknown


PAGED = f"""{HEAD}
resources:
  - name: events
    endpoint:
      path: /events
      record_filter: {{ condition: "{{{{ record['kind'] == 'real' }}}}" }}
      paginator: {{ type: page_number, base_page: 1, page_param: page }}
"""


def test_a_page_that_is_filtered_wholly_is_not_the_end(
    client: Client, api: Api
) -> None:
    pages = [[{"id": 1, "kind": "test"}], [{"id": 2, "kind": "real"}], []]
    api.routes["/events"] = lambda call: {"data": pages[int(call.query["page"]) - 1]}
    made = client(PAGED)
    assert [each.id for each in made.events()] == [2]
    assert made.counts["events"].filtered == 1


CHILD = f"""{HEAD}
resources:
  - {{ name: shops, primary_key: id, endpoint: /shops }}
  - name: sales
    add: {{ shop: "{{resources.shops.id}}", key: "{{{{ resources.shops.id ~ '/' ~ record.no }}}}" }}
    filter: record.no is not none
    processing_steps: [{{ filter: "{{{{ record.shop == 2 or record.no > 1 }}}}" }}]
    endpoint: "shops/{{resources.shops.id}}/sales"
"""


def test_parents_values_through_dlt(package: Make, api: Api, folder: Path) -> None:
    api.routes.update(
        {
            "/shops": answers({"id": 1}, {"id": 2}),
            "/shops/1/sales": answers({"no": 1}, {"no": 2}, {"no": None}),
            "/shops/2/sales": answers({"no": 1}),
        }
    )
    loaded = run(source_of(package(CHILD), api.url), folder)
    assert table(loaded, "sales", "key") == [
        {"no": 2, "shop": 1, "key": "1/2"},
        {"no": 1, "shop": 2, "key": "2/1"},
    ]


SELECTORS = """
connector: picking
silence: [no-auth, no-schema, no-primary-key]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { paginator: single_page } }
resources:
  - { name: wildcard, endpoint: { path: body, data_selector: "groups.*.items" } }
  - { name: quoted, endpoint: { path: body, data_selector: "['a.b']['c d']" } }
  - { name: annotated, endpoint: { path: body, data_selector: "@odata.value" } }
  - { name: values, endpoint: { path: body, data_selector: "map.*" } }
  - { name: indexed, endpoint: { path: body, data_selector: "groups[1].items" } }
  - { name: single, endpoint: { path: body, data_selector: one } }
  - { name: texts, endpoint: { path: body, data_selector: names } }
  - { name: each_id, endpoint: { path: body, data_selector: "groups.*.items.*.id" } }
  - { name: whole, endpoint: { path: body, data_selector: "" } }
  - { name: root, endpoint: { path: list, data_selector: "$" } }
  - { name: plain, endpoint: { path: body, data_selector: message } }
"""
BODY: dict[str, Any] = {
    "groups": [{"items": [{"id": 1}]}, {"items": [{"id": 2}, {"id": 3}]}],
    "a.b": {"c d": [{"id": 4}]},
    "@odata.value": [{"id": 5}],
    "map": {"x": {"id": 6}, "y": {"id": 7}},
    "one": {"id": 8},
    "names": ["a", 2, None, False],
    "message": "no such thing",
}


@pytest.mark.parametrize(
    ("resource", "records"),
    [
        ("wildcard", [{"id": 1}, {"id": 2}, {"id": 3}]),
        ("quoted", [{"id": 4}]),
        ("annotated", [{"id": 5}]),
        ("values", [{"id": 6}, {"id": 7}]),
        ("indexed", [{"id": 2}, {"id": 3}]),
        ("single", [{"id": 8}]),
        ("each_id", [{"value": 1}, {"value": 2}, {"value": 3}]),
        ("whole", [BODY]),
        ("root", [{"value": "x"}, {"id": 9}]),
    ],
)
def test_selectors(client: Client, api: Api, resource: str, records: Any) -> None:
    api.routes.update(
        {"/body": lambda call: BODY, "/list": lambda call: ["x", {"id": 9}]}
    )
    assert dumped(getattr(client(SELECTORS), resource)()) == records


def test_null_is_no_record(client: Client, api: Api) -> None:
    api.routes["/body"] = lambda call: BODY
    rejected: list[Any] = []
    made = client(SELECTORS, on_rejected=rejected.append)
    values = [{"value": "a"}, {"value": 2}, {"value": False}]
    assert dumped(made.texts()) == values
    assert [each.record for each in rejected] == [None]


def test_a_text_where_records_belong_is_an_error(client: Client, api: Api) -> None:
    api.routes["/body"] = lambda call: BODY
    with pytest.raises(Exception, match="plain, .*valid dictionary"):
        list(client(SELECTORS).plain())


BOUND = f"""{HEAD}
resources:
  - name: rows
    add: {{ read_since: "{{{{ incremental.start_value }}}}" }}
    endpoint:
      data_selector: ""
      paginator: single_page
      incremental: {{ cursor_path: at, initial_value: "2026-01-01T00:00:00Z" }}
"""


def test_a_bound_that_only_records_carry(client: Client, api: Api) -> None:
    api.routes["/rows"] = lambda call: [{"at": "2026-02-01T00:00:00Z"}]
    [row] = client(BOUND).rows(since="2026-01-05T00:00:00Z")
    assert row.read_since == "2026-01-05T00:00:00Z"


WRONG = [
    ("filter: \"{{ status == 'x' }}\"", "write `record.status`"),
    ('filter: "{{ response.x }}"', "over a record there are record.x"),
    ('filter: "{{ record.x is string }}"', "the test `is string`"),
    ('add: { a: "{{ secrets.x ~ record.a }}" }', "its own fields, settings"),
    ('add: { a: "{{ incremental.start_value }}" }', "has no `incremental`"),
    ('add: { a: "{{ record.a | batch }}" }', "the filter `batch`"),
    ("drop: ['a[0]']", "`drop` names a field"),
    ("rename: { a: c, b: c }", "both become 'c'"),
    ("processing_steps: [{}]", "a step is one of `filter`, `map`"),
    ("hooks: { record: 'os.system' }", "cannot be the name of a function"),
    ("hooks: { record: same, request: same }", "is for a request and for a record"),
    ("hooks: { response: rows }", "`data_selector` would do nothing"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=lambda text: text[:30])
def test_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"{HEAD}resources:\n  - name: things\n    {text}\n")
    with pytest.raises(SpecError) as caught:
        pipeline.compile_spec(path)
    assert message in " ".join(each.message for each in caught.value.diagnostics)


NESTED = f"""{HEAD}
resources:
  - name: orders
    select: [id, owner.name, owner.home.town, lines.sku, "['a.b']", whole, whole.part]
    rename: {{ owner.home.town: city, owner.home: place, lines.sku: article, owner: person }}
    endpoint: /orders
"""


def test_fields_below_others(client: Client, api: Api) -> None:
    order = {
        "id": 1,
        "owner": {"name": "Ann", "age": 3, "home": {"town": "Graz", "zip": 1}},
        "lines": [{"sku": "a", "n": 1}, [{"sku": "b"}], "odd"],
        "a.b": 2,
        "a": {"b": 3},
        "whole": {"part": 1, "other": 2},
    }
    bare = {"id": 2, "owner": None, "lines": {"sku": "c"}}
    api.routes["/orders"] = answers(order, bare)
    assert dumped(client(NESTED).orders()) == [
        {
            "id": 1,
            "person": {"name": "Ann", "place": {"city": "Graz"}},
            "lines": [{"article": "a"}, [{"article": "b"}], "odd"],
            "a.b": 2,
            "whole": {"part": 1, "other": 2},
        },
        {"id": 2, "person": None, "lines": {"article": "c"}},
    ]


def test_a_new_name_below_that_is_taken(client: Client, api: Api) -> None:
    api.routes["/orders"] = answers({"owner": {"a": 1, "b": 2}})
    text = f"{HEAD}\nresources: [{{ name: orders, rename: {{ owner.a: b }} }}]"
    with pytest.raises(Exception, match="a field of the new name already"):
        list(client(text).orders())


@pytest.mark.parametrize(
    ("shaping", "message"),
    [
        ("select: ['a[0]']", "`select` names a field"),
        ("drop: ['']", "must not be empty"),
        ("rename: { 'a[': b }", "`rename`: write keys with dots"),
        ("rename: { a.x: c, a.y: c }", "'a.y' and 'a.x' both become 'c'"),
    ],
)
def test_paths_of_shaping_that_are_none(
    tmp_path: Path, shaping: str, message: str
) -> None:
    path = tmp_path / "shaped.yaml"
    path.write_text(f"{HEAD}\nresources: [{{ name: orders, {shaping} }}]")
    with pytest.raises(SpecError) as caught:
        pipeline.compile_spec(path)
    assert any(message in each.message for each in caught.value.diagnostics)
