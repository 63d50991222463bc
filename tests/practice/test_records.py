"""Made-up records obey their schema and their key, and are the same every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from .api import Start, resource, spec

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "email": {"type": "string", "format": "email"},
        "firstName": {"type": ["string", "null"], "maxLength": 20},
        "country": {"type": "string"},
        "createdTime": {"type": "string", "format": "date-time"},
        "birthday": {"type": ["null", "string"], "format": "date"},
        "state": {"enum": ["open", "closed", None]},
        "kind": {"const": "person"},
        "age": {"type": "integer", "minimum": 18, "exclusiveMaximum": 99},
        "score": {"type": "number", "minimum": -1, "maximum": 1},
        "steps": {"type": "integer", "multipleOf": 5, "minimum": 3, "maximum": 100},
        "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3,5}$"},
        "choice": {"type": "string", "pattern": "^(\\d{4}-\\d{2}-\\d{2}|never)$"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "flags": {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True},
        "home": {"$ref": "#/definitions/Address"},
        "work": {"anyOf": [{"$ref": "#/definitions/Address"}, {"type": "null"}]},
        "contact": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["a"],
                    "properties": {"a": {"const": 1}},
                },
                {
                    "type": "object",
                    "required": ["b"],
                    "properties": {"b": {"const": 2}},
                },
            ]
        },
        "boss": {"$ref": "#/definitions/Node"},
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "allOf": [{"properties": {"vip": {"type": "boolean"}}, "required": ["vip"]}],
}
DEFINITIONS: dict[str, Any] = {
    "Address": {
        "type": "object",
        "required": ["city"],
        "properties": {
            "city": {"type": "string", "minLength": 2},
            "zip": {"type": "string", "nullable": True},
        },
    },
    "Node": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "next": {"$ref": "#/definitions/Node"},
            "all": {"type": "array", "items": {"$ref": "#/definitions/Node"}},
        },
    },
}


def people(schema: Any = PERSON) -> dict[str, Any]:
    raw = spec({**resource("people"), "schema": schema})
    return {**raw, "definitions": DEFINITIONS}


def test_records_obey_their_schema(start: Start) -> None:
    api = start(people())
    # `nullable` is OpenAPI's word, which JSON Schema does not know.
    known = json.loads(json.dumps(DEFINITIONS))
    known["Address"]["properties"]["zip"]["type"] = ["string", "null"]
    validator: Any = jsonschema.Draft7Validator(
        {**PERSON, "definitions": known}, format_checker=jsonschema.FormatChecker()
    )
    records = api.server.records["people"]
    assert len(records) == 250
    for record in records:
        assert [error.message for error in validator.iter_errors(record)] == []
    assert {
        record["createdTime"][-1] for record in records if "createdTime" in record
    } == {"Z"}


def test_optional_and_nullable_vary(start: Start) -> None:
    records = start(people()).server.records["people"]
    for name in ("firstName", "birthday", "work", "state"):
        left_out = sum(name not in record for record in records)
        null = sum(record.get(name, 0) is None for record in records)
        assert 5 < left_out < 75, name
        assert null < 75, name
    assert any(record.get("firstName", 0) is None for record in records)
    assert any(record.get("work", 0) is None for record in records)
    assert {tuple(record["contact"]) for record in records if "contact" in record} == {
        ("a",),
        ("b",),
    }


def test_extras(start: Start) -> None:
    def carrying(schema: Any = PERSON, **options: bool) -> int:
        api = start(people(schema), records=60, **options)
        return sum("custom_note" in record for record in api.server.records["people"])

    assert carrying() == 18
    assert carrying(extras=False) == 0
    assert carrying({**PERSON, "additionalProperties": False}) == 0


def test_open_records(start: Start) -> None:
    records = start(spec(resource())).server.records["items"]
    assert [record["id"] for record in records] == list(range(1, 251))
    assert set(records[2]) == {"id", "name", "created_at"}


@pytest.mark.parametrize("declared", ["people.json", "people.json#/definitions/Person"])
def test_schema_files(start: Start, declared: str) -> None:
    person = {
        "type": "object",
        "required": ["home"],
        "properties": {"home": {"$ref": "#/definitions/Home"}},
    }
    home = {"type": "object", "required": ["x"], "properties": {"x": {"const": 5}}}
    document = {**person, "definitions": {"Person": person, "Home": home}}
    api = start(people(declared), files={"people.json": document}, records=3)
    assert all(record["home"] == {"x": 5} for record in api.server.records["people"])


def unique(start: Start, key: list[str], **properties: Any) -> list[dict[str, Any]]:
    item = {
        "name": "rows",
        "primary_key": key,
        "schema": {"type": "object", "properties": properties},
    }
    records = start(spec(item)).server.records["rows"]
    keys = [tuple(record[name] for name in key) for record in records]
    assert len(set(keys)) == len(keys)
    assert all(value is not None for each in keys for value in each)
    return records


@pytest.mark.parametrize(
    "field",
    [
        {"type": "integer"},
        {"type": ["null", "integer"], "minimum": 100},
        {"type": "string"},
        {"type": "string", "maxLength": 4},
        {"type": "string", "pattern": "^[A-Z]{3}\\d$"},
        {"type": "string", "pattern": "^cus_[a-z0-9]+$"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "email"},
        {"type": "string", "format": "uri"},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    ],
)
def test_keys_are_unique(start: Start, field: dict[str, Any]) -> None:
    records = unique(start, ["ref"], ref=field)
    assert len(records) == 250
    validator: Any = jsonschema.Draft7Validator(field)
    assert all(validator.is_valid(record["ref"]) for record in records)


def test_composite_keys(start: Start) -> None:
    source = {"enum": ["ads", "mail", "search"]}
    date = {"type": "string", "format": "date"}
    records = unique(start, ["date", "source"], date=date, source=source)
    assert len(records) == 250
    assert [record["source"] for record in records[:3]] == ["ads", "mail", "search"]
    assert len({record["date"] for record in records}) == 84


def test_composite_keys_without_few_values(start: Start) -> None:
    text: dict[str, Any] = {"type": "string"}
    date = {"type": "string", "format": "date"}
    records = unique(
        start, ["date", "site", "source"], date=date, site=text, source=text
    )
    assert len(records) == 250
    assert len({(record["site"], record["source"]) for record in records}) == 4
    dates = [record["date"] for record in records]
    assert dates == sorted(dates)


def test_keys_that_hold_the_parents(start: Start) -> None:
    lines = resource("lines", path="bills/{resources.bills.id}/lines")
    lines |= {"primary_key": ["_bills_id", "at"], "include_from_parent": ["id"]}
    api = start(spec(resource("bills"), lines), records=20)
    first, second, *_ = [
        [line["at"] for line in api.server.records_of("lines", bill["id"])]
        for bill in api.server.records["bills"]
    ]
    assert len(set(first)) == len(first) == 10
    assert set(second) <= set(first)
    assert all("_bills_id" not in line for line in api.server.records["lines"])


def test_small_keys_limit_the_records(start: Start) -> None:
    records = unique(
        start, ["on", "size"], on={"type": "boolean"}, size={"enum": [1, 2, 3]}
    )
    assert len(records) == 6


def test_a_cursor_that_is_part_of_the_key(start: Start) -> None:
    item = {
        "name": "rows",
        "primary_key": ["site", "date"],
        "schema": {
            "type": "object",
            "properties": {
                "site": {"enum": ["a", "b"]},
                "date": {"type": "string", "format": "date"},
            },
        },
        "endpoint": {"incremental": {"cursor_path": "date", "start_param": "from"}},
    }
    records = start(spec(item)).server.records["rows"]
    assert len({(record["site"], record["date"]) for record in records}) == 250
    dates = [record["date"] for record in records]
    assert dates == sorted(dates)


def test_a_few_records_are_the_first_of_many(start: Start) -> None:
    many = start(people()).server.records["people"]
    assert start(people(), records=7).server.records["people"] == many[:7]
    assert start(people(), records=7, seed=1).server.records["people"] != many[:7]


SCRIPT = """
import json, sys
from generator.practice import Options, PracticeServer
from generator.spec import Spec
raw = json.loads(sys.stdin.read())
with PracticeServer(Spec.model_validate(raw), raw, Options(records=40)) as server:
    print(json.dumps([server.records, server.credentials]))
"""


def test_the_same_in_every_process(start: Start) -> None:
    raw = people()
    raw["resources"] += [
        {**resource("notes", path="people/{resources.people.id}/notes")},
        {**resource("rows"), "primary_key": ["b", "a"], "include_from_parent": ["z"]},
    ]
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=json.dumps(raw),
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, zone, language in [("1", "UTC", "C"), ("2", "Asia/Tokyo", "C.UTF-8")]
    }
    assert len(printed) == 1
    records, _ = json.loads(printed.pop())
    assert records == start(raw, records=40).server.records
