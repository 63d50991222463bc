"""dlt's vocabulary of tables: hints, contracts, merge strategies, threads."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.sources.rest_api import rest_api_source

from tests.functional.conftest import Make
from tests.refused import refused
from tests.scripted import Api, Call, Route
from tests.support import run, source_of, table

HEAD = """
connector: shops
silence: [no-auth, no-schema, no-primary-key, no-data-selector]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { paginator: single_page } }
resources:
"""
SCHEMA = """
    schema: { type: object, required: [id, name], properties: { id: { type: integer }, name: { type: string } } }
"""


def spec(options: str, schema: str = SCHEMA) -> str:
    lines = "".join(f"    {line}\n" for line in options.splitlines())
    return f"{HEAD}  - name: things\n{lines}{schema}"


def answer(rows: list[Any]) -> Route:
    return lambda call: rows


def theirs(api: Api, **options: Any) -> Any:
    """dlt's own source of the same resource."""
    config: Any = {
        "client": {"base_url": api.url, "paginator": "single_page"},
        "resources": [{"name": "things", **options}],
    }
    return rest_api_source(config, name="theirs")


def columns(pipeline: dlt.Pipeline, name: str = "things") -> dict[str, Any]:
    return dict(pipeline.default_schema.tables[name]["columns"])


def type_of(pipeline: dlt.Pipeline, column: str) -> str:
    with pipeline.sql_client() as client:
        found = client.execute_sql(
            "select data_type from information_schema.columns"
            f" where table_name = 'things' and column_name = '{column}'"
        )
    assert found
    return str(found[0][0])


GOOD: list[Any] = [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]


# ---- columns


def test_columns_go_before_the_schema(package: Make, api: Api, folder: Path) -> None:
    """D53: with precision and scale no digit is lost, unlike with dlt's types of a model."""
    amount = "12345678901234567890.1234567891"
    api.routes["/things"] = answer(
        [{"id": 1, "name": "one", "amount": amount, "at": "2026-01-01T00:00:00Z"}]
    )
    text = """
columns:
  amount: { data_type: decimal, precision: 30, scale: 10 }
  name: { description: What it is called, x-note: 1 }
  id: { unique: true, nullable: false }
  _shop: { data_type: text }
""".strip()
    schema = """
    schema: { type: object, properties: { id: { type: integer }, name: { type: string }, amount: { type: string, format: decimal } } }
"""
    loaded = run(source_of(package(spec(text, schema)), api.url), folder)
    (row,) = table(loaded, "things")
    assert row["amount"] == Decimal(amount)
    assert type_of(loaded, "amount") == "DECIMAL(30,10)"
    found = columns(loaded)
    assert found["name"]["description"] == "What it is called"
    assert found["name"]["data_type"] == "text" and found["name"]["x-note"] == 1
    assert found["id"]["unique"] and found["id"]["nullable"] is False
    assert "_shop" in found


def test_columns_as_a_list_are_the_same(package: Make, api: Api, folder: Path) -> None:
    api.routes["/things"] = answer([{"id": 1, "v": 5}])
    text = "columns: [{ name: v, data_type: text }, { name: id, primary_key: true }]"
    mine = run(source_of(package(spec(text, "")), api.url), folder)
    hints: Any = [
        {"name": "v", "data_type": "text"},
        {"name": "id", "primary_key": True},
    ]
    other = run(theirs(api, columns=hints), folder, "theirs")
    assert table(mine, "things") == table(other, "things") == [{"id": 1, "v": "5"}]
    assert columns(mine)["id"]["primary_key"] and columns(other)["id"]["primary_key"]


def test_moments_have_a_type(package: Make, api: Api, folder: Path) -> None:
    """D54: dlt makes text of a model's `AwareDatetime`."""
    api.routes["/things"] = answer([{"at": "2026-01-31T10:00:00+02:00"}])
    schema = """
    schema: { type: object, properties: { at: { type: string, format: date-time } } }
"""
    loaded = run(source_of(package(spec("selected: true", schema)), api.url), folder)
    (row,) = table(loaded, "things")
    assert row["at"].astimezone(UTC) == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert type_of(loaded, "at") == "TIMESTAMP WITH TIME ZONE"


def test_hints_and_rows_have_one_name(package: Make, api: Api, folder: Path) -> None:
    """D55: an alias names the attribute only; the column is the API's field."""
    api.routes["/things"] = answer([{"class": "a", "out-name": 1}])
    schema = """
    schema: { type: object, required: [out-name], properties: { class: { type: string }, out-name: { type: integer } } }
    aliases: { out-name: sal }
"""
    loaded = run(source_of(package(spec("selected: true", schema)), api.url), folder)
    assert table(loaded, "things") == [{"class": "a", "out_name": 1}]


def test_absent_keys_are_not_in_a_row(package: Make, api: Api) -> None:
    """D56."""
    api.routes["/things"] = answer([{"id": 1}, {"id": 2, "name": None}])
    schema = """
    schema: { type: object, properties: { id: { type: integer }, name: { type: [string, "null"] }, size: { type: integer } } }
"""
    source = source_of(package(spec("selected: true", schema)), api.url)
    assert list(source.things) == [{"id": 1}, {"id": 2, "name": None}]


# ---- contracts


BAD: list[Any] = [*GOOD, {"id": "x", "name": "three"}, {"name": "four"}]


def test_a_bare_discard_row_loses_nothing(
    package: Make, api: Api, folder: Path
) -> None:
    """D48, D50: bad rows go to `rejected_records`; dlt drops all, the good ones too."""
    api.routes["/things"] = answer(BAD)
    text = "schema_contract: { data_type: discard_row }"
    loaded = run(source_of(package(spec(text)), api.url), folder)
    assert table(loaded, "things", "id") == GOOD
    rejected = table(loaded, "rejected_records")
    assert [json.loads(row["record"]) for row in rejected] == BAD[2:]
    other = run(theirs(api, schema_contract="discard_row"), folder, "theirs")
    assert table(other, "things") == []


def test_a_bare_freeze_loads_the_first_run(
    package: Make, api: Api, folder: Path
) -> None:
    """D49: columns and types are frozen, not the table itself."""
    api.routes["/things"] = answer(GOOD)
    module = package(spec("schema_contract: freeze"))
    loaded = run(source_of(module, api.url), folder)
    assert table(loaded, "things", "id") == GOOD
    api.routes["/things"] = answer([{"id": 3, "name": "three", "extra": 1}])
    with pytest.raises(Exception, match="[Ff]rozen|freeze"):
        run(source_of(module, api.url), folder)
    with pytest.raises(Exception, match="frozen"):
        run(theirs(api, schema_contract="freeze"), folder, "theirs")


@pytest.mark.parametrize(
    ("contract", "code"),
    [
        ("discard_row", "data-loss"),
        ("discard_value", "data-loss"),
        ("{ columns: discard_row }", "data-loss"),
        ("{ columns: discard_value }", "data-loss"),
        ("{ data_type: discard_value }", "data-loss"),
        ("{ tables: freeze }", "data-loss"),
        ("{ tables: discard_row }", "data-loss"),
        ("{ column: freeze }", "unknown-key"),
        ("{ columns: frozen }", "wrong-value"),
    ],
)
def test_contracts_that_lose_rows_are_refused(contract: str, code: str) -> None:
    """D50, D52."""
    found = refused(spec(f"schema_contract: {contract}"))
    assert {each.code for each in found} == {code}


def test_rows_of_an_open_resource_cannot_be_checked() -> None:
    found = refused(spec("schema_contract: { data_type: discard_row }", ""))
    assert "rejected_records" in found[0].hint


@pytest.mark.parametrize("contract", ["evolve", "{ data_type: evolve }"])
def test_evolve_is_what_happens_anyway(
    contract: str, package: Make, api: Api, folder: Path
) -> None:
    """D51: a bad row is rejected, nothing is stuck."""
    api.routes["/things"] = answer(BAD)
    loaded = run(
        source_of(package(spec(f"schema_contract: {contract}")), api.url), folder
    )
    assert table(loaded, "things", "id") == GOOD
    assert not loaded.has_pending_data


# ---- write dispositions


def test_scd2(package: Make, api: Api, folder: Path) -> None:
    text = """
write_disposition:
  disposition: merge
  strategy: scd2
  validity_column_names: [valid_from, valid_to]
  active_record_timestamp: "9999-12-31T00:00:00Z"
  boundary_timestamp: "2026-01-01T00:00:00Z"
""".strip()
    module = package(spec(text))
    api.routes["/things"] = answer(GOOD)
    run(source_of(module, api.url), folder)
    api.routes["/things"] = answer([{"id": 1, "name": "uno"}, GOOD[1]])
    loaded = run(source_of(module, api.url), folder)
    rows = table(loaded, "things", "id, name")
    assert [(row["name"], row["valid_to"].year) for row in rows] == [
        ("one", 2026),
        ("uno", 9999),
        ("two", 9999),
    ]


@pytest.mark.parametrize(
    ("strategy", "names"),
    [
        ("strategy: upsert", ["uno", "two"]),
        ("strategy: delete-insert, deduplicated: true", ["uno", "two"]),
        ("strategy: insert-only", ["one", "two"]),
    ],
)
def test_merge_strategies_as_dlt(
    strategy: str, names: list[str], package: Make, api: Api, folder: Path
) -> None:
    text = f"primary_key: id\nwrite_disposition: {{ disposition: merge, {strategy} }}"
    words = dict(part.split(": ") for part in strategy.split(", "))
    mapping: Any = {"disposition": "merge", **words}
    if "deduplicated" in mapping:
        mapping["deduplicated"] = True
    for rows in (GOOD, [{"id": 1, "name": "uno"}]):
        api.routes["/things"] = answer(rows)
        mine = run(source_of(package(spec(text)), api.url), folder)
        hints = {"primary_key": "id", "write_disposition": mapping}
        other = run(theirs(api, **hints), folder, "theirs")
    assert [row["name"] for row in table(mine, "things", "id")] == names
    assert [row["name"] for row in table(other, "things", "id")] == names


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("{ disposition: merge, strategy: scd }", "wrong-value"),
        ("{ disposition: append, strategy: upsert }", "conflict"),
        ("{ disposition: merge, strategy: upsert, deduplicated: true }", "unknown-key"),
        (
            "{ disposition: merge, strategy: scd2, validity_column_names: [a] }",
            "wrong-type",
        ),
        (
            "{ disposition: merge, strategy: scd2, boundary_timestamp: soon }",
            "wrong-type",
        ),
    ],
)
def test_wrong_dispositions(words: str, code: str) -> None:
    found = refused(spec(f"primary_key: id\nwrite_disposition: {words}"))
    assert [each.code for each in found] == [code]


# ---- other hints


def test_other_hints(package: Make, api: Api, folder: Path) -> None:
    api.routes["/things"] = answer([{"id": 1, "tags": [{"n": 5, "v": "a"}]}])
    text = """
file_format: parquet
table_format: native
references: [{ referenced_table: others, columns: [id], referenced_columns: [thing_id] }]
nested_hints:
  tags: { columns: { n: { data_type: text } }, file_format: jsonl }
""".strip()
    loaded = run(source_of(package(spec(text, "")), api.url), folder)
    found = loaded.default_schema.tables["things"]
    assert (found["file_format"], found["table_format"]) == ("parquet", "native")
    assert found["references"][0]["referenced_table"] == "others"
    assert [row["n"] for row in table(loaded, "things__tags")] == ["5"]
    columns_by_name: Any = {"tags": {"columns": {"n": {"data_type": "text"}}}}
    with pytest.raises(Exception, match="'name'"):  # dlt wants it inside as well
        run(theirs(api, nested_hints=columns_by_name), folder, "theirs")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("columns: { a: { data_type: varchar } }", "wrong-value"),
        ("columns: { a: { primry_key: true } }", "unknown-key"),
        ("columns: { a: { nullable: 1 } }", "wrong-type"),
        ("columns: { a: { precision: many } }", "wrong-type"),
        ("columns: { a: { name: b } }", "conflict"),
        ("columns: [{ data_type: text }]", "wrong-value"),
        ("columns: [{ name: a }, { name: a }]", "conflict"),
        ("file_format: excel", "wrong-value"),
        ("table_format: parquet", "wrong-value"),
        ("references: [{ referenced_table: a, columns: [b] }]", "missing-key"),
        (
            "references: [{ referenced_table: a, columns: [b], "
            "referenced_columns: [c], cardinality: many }]",
            "wrong-value",
        ),
        ("nested_hints: { a: { select: [b] } }", "unknown-key"),
        ("nested_hints: { a: { schema_contract: discard_row } }", "data-loss"),
        ("parent_table_name: a", "no-meaning"),
    ],
)
def test_wrong_hints(text: str, code: str) -> None:
    assert code in {each.code for each in refused(spec(text))}


# ---- threads


MANY = HEAD + "".join(
    f"  - {{ name: r{number}, parallelized: true }}\n" for number in range(4)
)


class Busy:
    """Counts how many requests are answered at one time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Any:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.3)
        with self._lock:
            self.now -= 1
        return [{"path": call.path}]


def test_parallelized_resources_are_read_at_once(
    package: Make, api: Api, folder: Path
) -> None:
    """D60: dlt takes the word and reads one after the other."""
    busy, serial = Busy(), Busy()
    api.routes.update({f"/r{number}": busy for number in range(4)})
    loaded = run(source_of(package(MANY), api.url), folder)
    assert busy.most >= 3
    assert all(len(table(loaded, f"r{number}")) == 1 for number in range(4))
    api.routes.update({f"/r{number}": serial for number in range(4)})
    config: Any = {
        "client": {"base_url": api.url, "paginator": "single_page"},
        "resources": [{"name": f"r{n}", "parallelized": True} for n in range(4)],
    }
    run(rest_api_source(config, name="theirs"), folder, "theirs")
    assert serial.most == 1


CHAIN = HEAD + """
  - name: a
  - name: b
    parallelized: true
    endpoint: { path: "a/{resources.a.id}/b" }
  - name: c
    parallelized: true
    include_from_parent: [resources.a.id]
    schema: { type: object, required: [n], properties: { n: { type: integer } } }
    endpoint: { path: "a/{resources.a.id}/b/{resources.b.id}" }
"""


def test_a_chain_in_threads_keeps_its_values(
    package: Make, api: Api, folder: Path
) -> None:
    """Ancestors, counts and rejected records are right however the threads run."""

    def answers(call: Call) -> Any:
        steps = call.path.strip("/").split("/")
        time.sleep(0.005)
        if len(steps) == 1:
            return [{"id": number} for number in range(12)]
        if len(steps) == 3:
            return [{"id": int(steps[1]) * 10 + number} for number in range(3)]
        return [{"n": int(steps[3])}, {"n": "bad"} if steps[3] == "110" else {"n": 7}]

    api.routes["/a"] = answers
    for a in range(12):
        api.routes[f"/a/{a}/b"] = answers
        for b in range(3):
            api.routes[f"/a/{a}/b/{a * 10 + b}"] = answers
    loaded = run(source_of(package(CHAIN), api.url), folder)
    rows = table(loaded, "c", "n")
    assert len(rows) == 12 * 3 * 2 - 1
    assert all(row["n"] // 10 == row["_a_id"] for row in rows if row["n"] > 9)
    assert len(table(loaded, "rejected_records")) == 1
    paths = [call.path for call in api.calls]
    assert len(paths) == len(set(paths)) == 1 + 12 + 36
