"""A document against what its API answers: open decisions are settled, differences told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import cli
from generator.diagnostics import SpecError
from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.draft import Draft, Section, todos
from generator.importers.openapi import read
from generator.importers.samples.compare import compared
from generator.importers.yamlout import to_yaml
from tests.importers.recorded import endpoint, entry, har, resource, rows, saved
from tests.importers.test_openapi_traps import (
    FLAG,
    NUMBER,
    TEXT,
    document,
    envelope,
    listing,
    query,
)

FIELDS = {"id": NUMBER, "name": TEXT, "at": {**TEXT, "format": "date-time"}, "state": {**TEXT, "enum": ["open", "done"]}}  # fmt: skip
ITEM = {"type": "object", "required": ["id", "name"], "properties": FIELDS}


def drawn(
    folder: Path, data: dict[str, Any], entries: list[dict[str, Any]], **more: Any
) -> Draft:
    """The draft of a document after a comparison with a recording; all of it compiles."""
    source = saved(folder, "api.json", data)
    draft = compared(read(source, ImportOptions()), [har(folder, entries)], **more)
    assert checked(draft) is draft
    return draft


def messages(draft: Draft) -> list[str]:
    return [d.message for d in draft.diagnostics if d.code == "sample-differs"]


def fine(count: int, start: int = 0) -> list[dict[str, Any]]:
    return rows(count, start, at="2026-01-01T00:00:00Z", state="open")


def test_where_both_agree_nothing_is_said(tmp_path: Path) -> None:
    data = listing(envelope("things", ITEM), query("offset", NUMBER))
    pages = [entry(f"/things?offset={n}", {"things": fine(3, n)}) for n in (0, 3)]
    before = read(saved(tmp_path, "api.json", data), ImportOptions())
    draft = drawn(tmp_path, data, pages)
    assert not draft.diagnostics
    assert to_yaml(draft.spec) == to_yaml(before.spec)
    assert draft.found[0].decisions["sample"] == "agrees"


def test_an_open_paginator_is_settled(tmp_path: Path) -> None:
    data = listing(envelope("things", ITEM, has_more=FLAG), query("limit", NUMBER))
    pages = [
        entry("/things", {"things": fine(2), "has_more": True}),
        entry("/things?starting_after=1", {"things": fine(1, 2), "has_more": False}),
    ]
    draft = drawn(tmp_path, data, pages)
    assert endpoint(draft)["paginator"] == {
        "type": "cursor",
        "cursor_path": "last_record.id",
        "cursor_param": "starting_after",
        "has_more_path": "has_more",
    }
    assert "paginator settled" in draft.found[0].decisions["sample"]
    assert not [todo for todo in todos(draft.spec) if "pages" in todo]


def test_a_selector_that_was_open_is_settled(tmp_path: Path) -> None:
    data = listing(
        envelope(
            "entries", ITEM, results={"type": "array", "items": ITEM}, total=NUMBER
        )
    )
    draft = drawn(tmp_path, data, [entry("/things", {"results": fine(3), "total": 3})])
    assert endpoint(draft)["data_selector"] == "results"
    assert "selected" not in resource(draft)
    assert "data_selector settled" in draft.found[0].decisions["sample"]


def test_a_selector_that_is_wrong_is_told_and_kept(tmp_path: Path) -> None:
    data = listing(envelope("data", ITEM))
    draft = drawn(tmp_path, data, [entry("/things", {"things": fine(3)})])
    assert endpoint(draft)["data_selector"] == "data"
    assert "things: `data_selector`: records are at `things`" in messages(draft)
    assert "sample: records are at `things`" in todos(draft.spec)


def test_a_paginator_that_is_wrong_is_told_and_kept(tmp_path: Path) -> None:
    data = listing(envelope("things", ITEM), query("page", {**NUMBER, "default": 1}))
    pages = [
        entry("/things", {"things": fine(2), "cursor": "tok_1"}),
        entry("/things?after=tok_1", {"things": fine(1, 2)}),
    ]
    draft = drawn(tmp_path, data, pages)
    assert endpoint(draft)["paginator"]["type"] == "page_number"
    (told,) = messages(draft)
    assert "`paginator`: pages go on in another way: `cursor` goes into `after`" in told


def test_two_ways_that_both_work_are_no_difference(tmp_path: Path) -> None:
    data = listing(envelope("things", ITEM), query("page", {**NUMBER, "default": 1}))
    link = {"Link": '<https://api.acme.com/v2/things?page=2>; rel="next"'}
    pages = [
        entry("/things?page=1", {"things": fine(2)}, headers=link),
        entry("/things?page=2", {"things": fine(1, 2)}),
    ]
    assert messages(drawn(tmp_path, data, pages)) == []


def test_a_schema_and_a_key_that_were_missing_come_from_the_sample(
    tmp_path: Path,
) -> None:
    data = listing(envelope("things", {"type": "object"}))
    draft = drawn(tmp_path, data, [entry("/things", {"things": fine(3)})])
    assert resource(draft)["schema"] == "#/definitions/Thing"
    assert resource(draft)["primary_key"] == "id"
    assert resource(draft)["write_disposition"] == "merge"
    definitions: Any = draft.spec["definitions"]
    assert list(definitions["Thing"]["properties"]) == ["id", "name", "at", "state"]


DIFFERENT: list[tuple[dict[str, Any], str]] = [
    ({"id": "x"}, "`id`: string (3), not integer"),
    ({"id": 1.5}, "`id`: number (3), not integer"),
    ({"name": None}, "`name`: null in 3 of 3 records, though it is required"),
    ({"at": "yesterday"}, "`at`: text that is not always a date-time"),
    ({"at": {"time": 1}}, "`at`: object (3), not string"),
    ({"state": "stuck"}, "`state`: values that are not listed: 'stuck'"),
    ({"extra": 1}, "fields that were not declared are added: `extra`"),
    ({"at": None, "state": None}, ""),  # what is optional may be null
]


@pytest.mark.parametrize(("change", "told"), DIFFERENT)
def test_fields_that_differ(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    data = listing(envelope("things", ITEM))
    records = [{**each, **change} for each in fine(3)]
    draft = drawn(tmp_path, data, [entry("/things", {"things": records})])
    assert messages(draft) == ([f"things: {told}"] if told else [])
    definitions: Any = draft.spec["definitions"]
    fields = definitions["Thing"]["properties"]
    assert {
        name: fields[name] for name in FIELDS
    } == FIELDS, "the document's word counts"
    text = to_yaml(draft.spec)
    if "extra" in change:
        assert fields["extra"] == {"type": "integer"}
        assert "# sample: not declared; in 3 of 3 records" in text
    else:
        assert text.count("# TODO: sample:") == bool(told)


def test_a_required_field_that_is_not_there(tmp_path: Path) -> None:
    data = listing(envelope("things", ITEM))
    records = [{"id": n} for n in range(3)]
    draft = drawn(tmp_path, data, [entry("/things", {"things": records})])
    assert messages(draft) == ["things: `name`: required, but in 0 of 3 records only"]


def test_what_is_inside_of_fields_is_compared_too(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"n": TEXT}}
    item = {"type": "object", "properties": {"id": NUMBER, "one": inner, "many": {"type": "array", "items": inner}}}  # fmt: skip
    data = listing(envelope("things", item))
    records = [{"id": 1, "one": {"n": 1}, "many": [{"n": "a", "more": 1}]}]
    draft = drawn(tmp_path, data, [entry("/things", {"things": records})])
    assert set(messages(draft)) == {
        "things: `n`: integer (1), not string",
        "things: fields that were not declared are added: `many.more`",
    }


def test_credentials_and_a_host_that_were_missing(tmp_path: Path) -> None:
    data = {**listing(envelope("things", ITEM)), "servers": [{"url": "/v2"}]}
    sent = {"Authorization": "Bearer s3cret"}
    draft = drawn(tmp_path, data, [entry("/things", {"things": fine(3)}, sent=sent)])
    client: Any = draft.spec["client"]
    assert client["base_url"] == "https://api.acme.com/v2"
    assert client["auth"] == {"type": "bearer", "token": 'dlt.secrets["token"]'}
    assert draft.found[0].decisions["auth"] == "bearer"
    assert not [todo for todo in todos(draft.spec) if "host" in todo]
    assert "s3cret" not in to_yaml(draft.spec)


def test_paths_with_placeholders_and_files_by_name(tmp_path: Path) -> None:
    """A recording goes to the resource whose path it has, a file to the one of its name."""
    get = {"get": listing(envelope("data", ITEM))["paths"]["/things"]["get"]}
    data = document({"/shops": get, "/shops/{shop_id}/things": get, "/shops/top": get})
    entries = [entry("/shops/17/things", {"data": [{**fine(1)[0], "id": "x"}]}), entry("/shops/top", {"data": fine(2)})]  # fmt: skip
    draft = drawn(tmp_path, data, entries)
    told = {each.name: each.decisions.get("sample") for each in draft.found}
    assert told == {"shops": None, "things": "id differs", "top": "agrees"}
    source = saved(tmp_path, "api.json", data)
    pages = [saved(tmp_path, f"shops-{n}.json", {"data": fine(2, n)}) for n in (1, 2)]
    draft = compared(read(source, ImportOptions()), pages)
    assert [e.name for e in draft.found if "sample" in e.decisions] == ["shops"]


def test_a_recording_that_belongs_to_nothing_is_told(tmp_path: Path) -> None:
    data = listing(envelope("things", ITEM))
    draft = drawn(tmp_path, data, [entry("/other", {"things": fine(3)})])
    (problem,) = draft.diagnostics
    assert problem.code == "unknown-sample" and "GET '/v2/other'" in problem.message
    with pytest.raises(SpecError):
        compared(draft, [saved(tmp_path, "broken.json", "{")])


def test_schemas_that_stand_in_the_resource(tmp_path: Path) -> None:
    """As importers of other kinds write them: plain mappings, paginators of dlt's defaults."""
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"id": {"type": ["null", "string"]}, "o": {"type": "object", "properties": {"n": {"type": "string"}}}},
    }  # fmt: skip
    spec = Section({"version": 1, "connector": "shop"})
    spec["client"] = {"base_url": "https://api.acme.com/v2", "paginator": "auto"}
    spec["resources"] = [
        {"name": "things", "schema": schema, "endpoint": {"path": "things"}}
    ]
    pages = [
        entry("/things?offset=0", {"data": [{"id": 1, "o": {"n": 2}}]}),
        entry("/things?offset=1", {"data": [{"id": 2, "o": {"n": 3}}]}),
    ]
    draft = compared(Draft(spec), [har(tmp_path, pages)])
    assert endpoint(draft) == {
        "path": "things",
        "data_selector": "data",
        "paginator": {"type": "offset", "offset_param": "offset"},
    }
    assert messages(draft) == [
        "things: `id`: integer (2), not string",
        "things: `n`: integer (2), not string",
    ]


def run(folder: Path, *words: str) -> Result:
    command = [
        "import",
        "openapi",
        str(folder / "api.json"),
        "-o",
        str(folder / "s.yaml"),
    ]
    return CliRunner().invoke(cli, [*command, *words], standalone_mode=False)


def test_the_command_compares(tmp_path: Path) -> None:
    saved(tmp_path, "api.json", listing(envelope("things", ITEM)))
    records = [{**each, "id": str(each["id"])} for each in fine(3)]
    sample = saved(tmp_path, "things.json", json.dumps({"things": records}))
    result = run(tmp_path, "--sample", str(sample))
    assert result.return_value == 0
    told = f"{sample}: warning[sample-differs]: things: `id`: string (3), not integer"
    assert told in result.output
    assert "TODO: sample: string (3), not integer" in result.output
    listed = run(tmp_path, "--sample", str(sample), "--list")
    assert "id differs" in listed.output
