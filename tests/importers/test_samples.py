"""Recorded answers to specs: lists, selectors, paginators, keys, parents, credentials."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator.cli import cli
from generator.diagnostics import SpecError
from generator.importers import ImportOptions
from generator.importers.draft import todos
from generator.importers.samples import read
from generator.importers.yamlout import to_yaml
from tests.importers.recorded import (
    drafted,
    endpoint,
    entry,
    har,
    resource,
    rows,
    saved,
)


def paginator(draft: Any) -> Any:
    told = endpoint(draft).get("paginator")
    return {"type": told} if isinstance(told, str) else told


TOKEN = "b3BhcXVl"

PAGES: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    # O1: an offset that is a token.
    ([entry("/t?limit=2", {"data": rows(2), "next_page": {"offset": TOKEN}}), entry(f"/t?limit=2&offset={TOKEN}", {"data": rows(1, 2), "next_page": None})],
     {"type": "cursor", "cursor_path": "next_page.offset", "cursor_param": "offset", "limit": 2, "limit_param": "limit"}),
    ([entry(f"/t?page={TOKEN}", {"data": rows(2), "next_page": TOKEN + "2"}), entry(f"/t?page={TOKEN}2", {"data": rows(1, 2), "next_page": None})],
     {"type": "cursor", "cursor_path": "next_page", "cursor_param": "page"}),
    # O2: a URL, a path, a token in an object, a number.
    ([entry("/t", {"data": rows(2), "next": "https://api.acme.com/v2/t?p=2"}), entry("/t?p=2", {"data": rows(1, 2), "next": None})],
     {"type": "json_link", "next_url_path": "next"}),
    ([entry("/t", {"data": rows(2), "next_page_uri": "/v2/t?p=2"}), entry("/t?p=2", {"data": rows(1, 2)})],
     {"type": "json_link", "next_url_path": "next_page_uri"}),
    ([entry("/t", {"data": rows(2), "paging": {"next": {"after": "17"}}}), entry("/t?after=17", {"data": rows(1, 2)})],
     {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"}),
    ([entry("/t?page=1", {"data": rows(2), "next_page": 2}), entry("/t?page=2", {"data": rows(1, 2), "next_page": None})],
     {"type": "page_number", "page_param": "page", "base_page": 1}),
    # O3: what the server hands out beats what the client counts.
    ([entry("/t?page=1", rows(2), headers={"Link": '<https://api.acme.com/v2/t?page=2>; rel="next"'}), entry("/t?page=2", rows(1, 2))],
     {"type": "header_link"}),
    # O4: the key of the last record.
    ([entry("/t?limit=2", {"data": rows(2), "has_more": True}), entry("/t?limit=2&starting_after=1", {"data": rows(1, 2), "has_more": False})],
     {"type": "cursor", "cursor_path": "last_record.id", "cursor_param": "starting_after", "limit": 2, "limit_param": "limit", "has_more_path": "has_more"}),
    # O5, O6: the token has another name than the list; forward only.
    ([entry("/t", {"data": rows(2), "list_metadata": {"before": None, "after": "tok_1"}}), entry("/t?after=tok_1", {"data": rows(1, 2), "list_metadata": {"before": "tok_0", "after": None}})],
     {"type": "cursor", "cursor_path": "list_metadata.after", "cursor_param": "after"}),
    ([entry("/t", {"data": rows(2), "meta": {"x": {"y": "tok_1"}}}), entry("/t?resume=tok_1", {"data": rows(1, 2)})],
     {"type": "cursor", "cursor_path": "meta.x.y", "cursor_param": "resume"}),
    # Counted by the client.
    ([entry("/t?offset=0", {"data": rows(3), "total": 5}), entry("/t?offset=3", {"data": rows(2, 3), "total": 5})],
     {"type": "offset", "offset_param": "offset"}),
    ([entry("/t?startIndex=1", {"data": rows(3)}), entry("/t?startIndex=4", {"data": rows(2, 3)})],
     {"type": "offset", "offset_param": "startIndex", "offset": 1}),
    ([entry("/t?from=0&n=3", {"data": rows(3)}), entry("/t?from=3&n=3", {"data": rows(2, 3)})],
     {"type": "offset", "offset_param": "from"}),
    ([entry("/t?page=0", {"data": rows(2)}), entry("/t?page=1", {"data": rows(1, 2)})],
     {"type": "page_number", "page_param": "page", "base_page": 0}),
    ([entry("/t", {"data": rows(2)}), entry("/t?page=2", {"data": rows(1, 2)})],
     {"type": "page_number", "page_param": "page", "base_page": 1}),
    ([entry("/t", {"data": rows(2)}), entry("/t?page=1", {"data": rows(1, 2)})],
     {"type": "page_number", "page_param": "page", "base_page": 0}),
    # Handed out by a header.
    ([entry("/t", rows(2), headers={"X-Next-Cursor": TOKEN}), entry(f"/t?c={TOKEN}", rows(1, 2))],
     {"type": "cursor", "cursor_path": "headers.x-next-cursor", "cursor_param": "c"}),
    # In the body of a POST (O12).
    ([entry("/t/search", {"data": rows(2), "cursor": TOKEN}, method="POST", posted={"limit": 2}), entry("/t/search", {"data": rows(1, 2)}, method="POST", posted={"limit": 2, "cursor": TOKEN})],
     {"type": "cursor", "cursor_path": "cursor", "cursor_body_path": "cursor", "limit": 2, "limit_body_path": "limit"}),
    ([entry("/t/search", {"data": rows(2)}, method="POST", posted={"page": {"offset": 0, "limit": 2}}), entry("/t/search", {"data": rows(1, 2)}, method="POST", posted={"page": {"offset": 2, "limit": 2}})],
     {"type": "offset", "offset_body_path": "page.offset", "limit": 2, "limit_body_path": "page.limit"}),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "wanted"), PAGES)
def test_a_second_request_shows_how_pages_go_on(
    tmp_path: Path, entries: list[dict[str, Any]], wanted: dict[str, Any]
) -> None:
    draft = drafted(har(tmp_path, entries))
    assert paginator(draft) == wanted
    assert "further requests" in to_yaml(draft.spec)
    assert draft.found[0].confidence == "high"


ALONE: list[tuple[Any, str, dict[str, Any] | None, int]] = [
    ({"data": rows(2), "next": "https://x.example/t?page=2"}, "", {"type": "json_link", "next_url_path": "next"}, 0),
    ({"data": rows(2), "next_cursor": TOKEN}, "", {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"}, 1),
    ({"data": rows(2), "next_cursor": TOKEN}, "?cursor=", {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"}, 0),
    ({"data": rows(2), "more": True, "total": None}, "?offset=0&limit=2", {"type": "offset", "offset_param": "offset", "limit": 2, "limit_param": "limit", "has_more_path": "more"}, 0),
    ({"data": rows(2)}, "?page=1&per_page=2", {"type": "page_number", "page_param": "page", "base_page": 1, "limit": 2, "limit_param": "per_page"}, 0),
    ({"data": rows(2)}, "?page=3", {"type": "page_number", "page_param": "page", "base_page": 1}, 1),
    # O13: no sign is no proof, a sign without a way is left open.
    ({"data": rows(2)}, "", {"type": "single_page"}, 0),
    ({"data": rows(2), "has_more": True}, "", None, 1),
    ({"data": rows(2), "next": None}, "", None, 1),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "query", "wanted", "open_"), ALONE)
def test_one_answer_alone(
    tmp_path: Path, answer: Any, query: str, wanted: dict[str, Any] | None, open_: int
) -> None:
    """What names and values say, with a TODO for what they do not."""
    draft = drafted(
        har(tmp_path, [entry(f"/t{query}", answer, sent={"X-Api-Key": "k"})])
    )
    assert paginator(draft) == wanted
    assert len(list(todos(draft.spec))) == open_
    assert draft.found[0].confidence != "high"


def test_a_way_that_not_all_requests_went_is_told(tmp_path: Path) -> None:
    entries = [entry(f"/t?offset={n}", {"data": rows(3, n)}) for n in (0, 3, 6, 100)]
    draft = drafted(har(tmp_path, entries))
    assert paginator(draft) == {"type": "offset", "offset_param": "offset"}
    assert any("1 of 3 further requests" in todo for todo in todos(draft.spec))


def test_a_cap_on_pages_is_never_written(tmp_path: Path) -> None:
    entries = [
        entry(f"/t?page={n}", {"data": rows(1, n), "pages": 3}) for n in (1, 2, 3)
    ]
    assert "max" not in json.dumps(drafted(har(tmp_path, entries)).spec)


# ---- where the records are


@pytest.mark.parametrize(
    ("answer", "selector"),
    [
        (rows(3), ""),
        ({"data": rows(3)}, "data"),
        ({"tickets": rows(3), "total": 3}, "tickets"),
        # O14: what stands beside the records.
        ({"errors": [{"id": 1}], "tickets": rows(3)}, "tickets"),
        ({"links": [{"href": "x"}], "tickets": rows(3)}, "tickets"),
        ({"data": rows(3), "included": [{"id": "9"}]}, "data"),
        # O15: never below a metadata object.
        ({"meta": {"hints": [{"a": 1}]}, "data": rows(2)}, "data"),
        # O16: two levels.
        ({"data": {"items": rows(3), "next_cursor": None}}, "data.items"),
        ({"odd name": rows(3), "total": 3}, "['odd name']"),
    ],
)
def test_where_the_records_are(tmp_path: Path, answer: Any, selector: str) -> None:
    draft = drafted(har(tmp_path, [entry("/tickets", answer)]))
    assert endpoint(draft)["data_selector"] == selector
    assert resource(draft).get("selected", True)


def test_two_lists_that_fit_alike_are_left_to_a_person(tmp_path: Path) -> None:
    answer = {"results": rows(2), "entries": rows(2), "total": 2}
    draft = drafted(har(tmp_path, [entry("/things", answer)]))
    assert resource(draft)["selected"] is False
    assert any("data_selector" in todo for todo in todos(draft.spec))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"id": 1, "name": "a", "lines": rows(2)}, "one record with lists in it"),
        ({"id": 1, "name": "a"}, "one record, no list"),
        ([1, 2, 3], "a list of values"),
        ([], "a list without records"),
        ("text", "neither a list nor an object"),
        (None, "neither a list nor an object"),
    ],
)
def test_what_is_no_list_is_left_out(tmp_path: Path, answer: Any, reason: str) -> None:
    entries = [entry("/tickets", rows(2)), entry("/other", json.dumps(answer))]
    draft = drafted(har(tmp_path, entries))
    assert [each.name for each in draft.found if each.written] == ["tickets"]
    assert reason in draft.found[1].reason
    with pytest.raises(SpecError) as error:
        read(saved(tmp_path, "other.json", json.dumps(answer)), ImportOptions())
    assert error.value.diagnostics[0].code == "no-list"


# ---- resources, keys, parents


def test_paths_of_one_list_are_put_together(tmp_path: Path) -> None:
    """O19: the parent is the list that has the key, whatever that is called."""
    projects = [{"gid": "p-a", "name": "A"}, {"gid": "p-b", "name": "B"}]
    entries = [
        entry("/projects/p-a/tasks?offset=0", {"data": rows(2)}),
        entry("/projects/p-a/tasks?offset=2", {"data": rows(1, 2)}),
        entry("/projects/p-b/tasks?offset=0", {"data": rows(2, 10)}),
        entry("/projects", {"data": projects}),
        entry("/users/17/logins", rows(2)),
        entry("/users/18/logins", rows(2)),
        entry("/projects/p-a", projects[0]),
    ]
    draft = drafted(har(tmp_path, entries))
    paths = {r["name"]: r["endpoint"]["path"] for r in _resources(draft)}
    assert paths == {
        "tasks": "/projects/{resources.projects.gid}/tasks",
        "projects": "/projects",
        "logins": "/users/{user_id}/logins",
    }
    assert resource(draft)["include_from_parent"] == ["gid"]
    assert paginator(draft) == {"type": "offset", "offset_param": "offset"}
    assert "17" not in to_yaml(draft.spec).replace("2017", "")


def _resources(draft: Any) -> list[Any]:
    found: list[Any] = draft.spec["resources"]
    return found


@pytest.mark.parametrize(
    ("records", "key", "words"),
    [
        (rows(5), "id", "unique in 5 records"),
        ([{"uuid": str(n), "a": 1} for n in range(3)], "uuid", "unique in 3"),
        ([{"ticket_id": n} for n in range(3)], "ticket_id", "by its name, unique in 3"),
        ([{"id": 1, "a": 1}, {"id": 1, "a": 2}], None, "`id` is not unique in the 2 records"),
        ([{"id": 1}, {"a": 2}], None, "`id` is missing in some of the 2 records"),
        ([{"a": 1}], None, "no field is known to be a key"),
    ],
)  # fmt: skip
def test_the_key_is_unique(
    tmp_path: Path, records: list[Any], key: str | None, words: str
) -> None:
    draft = drafted(har(tmp_path, [entry("/tickets", records)]))
    assert resource(draft).get("primary_key") == key
    assert resource(draft)["write_disposition"] == ("merge" if key else "replace")
    assert words in to_yaml(draft.spec)


def test_a_page_that_was_recorded_twice_counts_once(tmp_path: Path) -> None:
    draft = drafted(har(tmp_path, [entry("/tickets", rows(5))] * 2))
    assert resource(draft)["primary_key"] == "id"
    assert draft.found[0].decisions["seen"] == "5/1"


def test_only_one_host_is_taken_and_the_rest_is_told(tmp_path: Path) -> None:
    entries = [
        entry("https://tracker.example/hits", rows(2)),
        entry("/tickets", rows(2)),
        entry("/agents", rows(2)),
        entry("/page", "<html>", kind="text/html"),
        entry("/gone", {"error": "x"}, status=404),
    ]
    draft = drafted(har(tmp_path, entries))
    assert draft.spec["client"]["base_url"] == "https://api.acme.com/v2"  # type: ignore[index]
    assert [r["name"] for r in _resources(draft)] == ["tickets", "agents"]
    (left,) = (each for each in draft.found if not each.written)
    assert left.reason == "another host: tracker.example"
    chosen = drafted(har(tmp_path, entries), url="https://tracker.example/")
    assert [r["name"] for r in _resources(chosen)] == ["hits"]


def test_include_and_exclude(tmp_path: Path) -> None:
    entries = [entry("/tickets", rows(2)), entry("/agents", rows(2))]
    draft = drafted(har(tmp_path, entries), include=("tick*",))
    assert [r["name"] for r in _resources(draft)] == ["tickets"]
    draft = drafted(har(tmp_path, entries), exclude=("/tick*",))
    assert [r["name"] for r in _resources(draft)] == ["agents"]


# ---- what requests carry


SECRET = "s3cr3tvalue"


@pytest.mark.parametrize(
    ("sent", "query", "auth"),
    [
        ({"Authorization": f"Bearer {SECRET}"}, "", {"type": "bearer", "token": 'dlt.secrets["token"]'}),
        ({"Authorization": f"bearer {SECRET}"}, "", {"type": "bearer", "token": 'dlt.secrets["token"]'}),
        ({"Authorization": f"Basic {SECRET}"}, "", {"type": "basic", "username": 'dlt.secrets["username"]', "password": 'dlt.secrets["password"]'}),
        ({"Authorization": f"SSWS {SECRET}"}, "", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "Authorization", "location": "header", "prefix": "SSWS "}),
        ({"Authorization": f"Token token={SECRET}"}, "", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "Authorization", "location": "header", "prefix": "Token token="}),
        ({"Authorization": SECRET}, "", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "Authorization", "location": "header"}),
        ({"X-Shop-Access-Token": SECRET}, "", {"type": "api_key", "api_key": 'dlt.secrets["x_shop_access_token"]', "name": "X-Shop-Access-Token", "location": "header"}),
        ({}, f"?api_key={SECRET}", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "api_key", "location": "query"}),
        ({}, f"?key={SECRET}&token={SECRET}", {"type": "api_keys", "keys": [{"api_key": 'dlt.secrets["key"]', "name": "key", "location": "query"}, {"api_key": 'dlt.secrets["token"]', "name": "token", "location": "query"}]}),
        ({"Cookie": f"session={SECRET}"}, "", "none"),
        ({"Accept": "application/json"}, "", "none"),
        ({"Authorization": f"AWS4-HMAC-SHA256 Credential={SECRET}"}, "", {"type": "none"}),
    ],
)  # fmt: skip
def test_credentials_are_named_and_never_written(
    tmp_path: Path, sent: dict[str, str], query: str, auth: Any
) -> None:
    draft = drafted(har(tmp_path, [entry(f"/tickets{query}", rows(2), sent=sent)]))
    client: Any = draft.spec["client"]
    assert client["auth"] == auth
    asked = [todo for todo in todos(draft.spec)]
    assert bool(asked) == (auth in ("none", {"type": "none"}))
    assert SECRET not in to_yaml(draft.spec)
    assert SECRET not in repr(draft)


def test_nothing_secret_is_written_or_printed(tmp_path: Path) -> None:
    """Wherever a credential stands in a recording: in URLs, headers, cookies, bodies."""
    long = "sk7f83hf9w8hf29fh2938fh2938fhwef9"
    sent = {
        "Authorization": f"Bearer {SECRET}",
        "X-Csrf-Token": SECRET,
        "X-Custom": long,
        "Cookie": SECRET,
    }
    entries = [
        entry(f"https://ann:{SECRET}@api.acme.com/v2/tickets?sig={SECRET}&w={long}", rows(2), sent=sent),
        entry("/tickets/search", {"data": rows(2)}, method="POST", posted={"page": 1, "password": SECRET}, sent=sent),
        entry(f"/bot:{SECRET}/updates", rows(2), sent=sent, headers={"Set-Cookie": SECRET}),
        entry("/broken", f'{{"token": "{SECRET}",}}', sent=sent),
    ]  # fmt: skip
    source = har(tmp_path, entries)
    words = ["import", "sample", str(source), "-o", str(tmp_path / "shop.yaml")]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    listed = CliRunner().invoke(cli, [*words, "--list"], standalone_mode=False)
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    assert "entry 4 (GET /v2/broken): not valid JSON" in result.output
    for value in (SECRET, long):
        assert value not in text + result.output + listed.output


def test_parameters_that_are_no_paging(tmp_path: Path) -> None:
    entries = [
        entry("/tickets?expand=owner&sort=id&ts=1&since=2026-01-01&page=1", rows(2)),
        entry("/tickets?expand=owner&sort=id&ts=2&since=2026-01-01&page=2", rows(1, 2)),
    ]
    draft = drafted(har(tmp_path, entries))
    assert endpoint(draft)["params"] == {"expand": "owner", "sort": "id"}
    text = to_yaml(draft.spec)
    assert "# in all 2 requests" in text
    asked = " ".join(todos(draft.spec))
    assert "`ts` was sent with different values" in asked
    assert "`since` was sent with a time" in asked


def test_values_that_mean_something_in_a_spec_are_not_taken(tmp_path: Path) -> None:
    odd = "a=%7B%7Bsecrets%7D%7D&b=dlt.secrets%5B%22x%22%5D&c=%7Bconfig.x%7D"
    draft = drafted(har(tmp_path, [entry(f"/tickets?{odd}&d=1", rows(2))]))
    assert endpoint(draft)["params"] == {"d": "1"}


def test_versions_and_media_types_are_kept(tmp_path: Path) -> None:
    sent = {"Accept": "application/vnd.acme+json", "Acme-Version": "2026-01-01", "User-Agent": "x"}  # fmt: skip
    draft = drafted(har(tmp_path, [entry("/tickets", rows(2), sent=sent)]))
    client: Any = draft.spec["client"]
    assert client["headers"] == {
        "Accept": "application/vnd.acme+json",
        "Acme-Version": "2026-01-01",
    }


def test_incremental_is_a_hint(tmp_path: Path) -> None:
    records = rows(3, updated_at="2026-01-01T00:00:00Z")
    draft = drafted(
        har(tmp_path, [entry("/tickets?updated_since=2026-01-01", records)])
    )
    assert "incremental" not in endpoint(draft)
    text = " ".join(to_yaml(draft.spec).replace("#", "").split())
    assert "`updated_at` may serve as a cursor (in 3 of 3 records)" in text
    assert "`updated_since` asks for what changed since" in text


def test_a_paginator_that_most_share_is_the_clients(tmp_path: Path) -> None:
    """O11: and the lists of another style have their own."""
    entries = [
        entry(f"/{name}?offset={n}", {"data": rows(3, n)})
        for name in ("a", "b", "c")
        for n in (0, 3)
    ]
    entries += [entry(f"/d?page={n}", {"data": rows(3, n)}) for n in (1, 2)]
    draft = drafted(har(tmp_path, entries))
    client: Any = draft.spec["client"]
    assert client["paginator"] == {"type": "offset", "offset_param": "offset"}
    assert "paginator" not in endpoint(draft, 0)
    assert endpoint(draft, 3)["paginator"]["type"] == "page_number"


# ---- JSON and JSON lines


def test_a_json_file_has_no_url(tmp_path: Path) -> None:
    draft = drafted(saved(tmp_path, "tickets.json", {"data": rows(3)}))
    assert draft.spec["client"]["base_url"] == "https://{host}"  # type: ignore[index]
    assert endpoint(draft)["path"] == "/tickets"
    assert len(list(todos(draft.spec))) == 3
    url = "https://api.acme.com/v2/tickets?page=1"
    draft = drafted(saved(tmp_path, "x.json", {"data": rows(3)}), url=url)
    assert draft.spec["client"]["base_url"] == "https://api.acme.com/v2"  # type: ignore[index]
    assert endpoint(draft)["path"] == "/tickets"
    assert paginator(draft)["type"] == "page_number"


def test_files_of_one_list_are_pages_and_a_folder_is_an_api(tmp_path: Path) -> None:
    saved(tmp_path, "tickets-1.json", {"data": rows(3)})
    saved(tmp_path, "tickets-2.json", {"data": rows(2, 3)})
    saved(tmp_path, "agents (page 1).json", rows(4))
    saved(tmp_path, "notes.txt", "nothing")
    draft = drafted(tmp_path, url="https://api.acme.com/v2")
    assert [r["name"] for r in _resources(draft)] == ["agents", "tickets"]
    assert [each.decisions["seen"] for each in draft.found] == ["4/1", "5/2"]
    assert draft.spec["client"]["base_url"] == "https://api.acme.com/v2"  # type: ignore[index]
    assert endpoint(draft)["path"] == "/agents"


def test_json_lines_are_records(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(each) for each in rows(40)) + "\n"
    for name in ("tickets.jsonl", "tickets.ndjson", "tickets.json"):
        draft = drafted(saved(tmp_path, name, lines))
        assert endpoint(draft)["decoder"] == {"type": "jsonl"}
        assert draft.found[0].decisions["seen"] == "40/1"
        assert resource(draft)["primary_key"] == "id"


def test_json_lines_may_be_answers(tmp_path: Path) -> None:
    pages = [{"data": rows(3, n), "total": 6} for n in (0, 3)]
    lines = "\n".join(map(json.dumps, pages))
    draft = drafted(saved(tmp_path, "tickets.jsonl", lines))
    assert endpoint(draft)["data_selector"] == "data"
    assert draft.found[0].decisions["seen"] == "6/2"


def test_lines_of_a_har(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, rows(3)))
    draft = drafted(har(tmp_path, [entry("/t", lines, kind="application/x-ndjson")]))
    assert endpoint(draft)["decoder"] == {"type": "jsonl"}


def test_contents_in_base64_and_contents_that_are_missing(tmp_path: Path) -> None:
    one = entry("/tickets", rows(2))
    text = one["response"]["content"]["text"].encode()
    one["response"]["content"] |= {"text": base64.b64encode(text).decode(), "encoding": "base64"}  # fmt: skip
    two = entry("/agents", rows(2))
    del two["response"]["content"]["text"]
    draft = drafted(har(tmp_path, [one, two]))
    assert [r["name"] for r in _resources(draft)] == ["tickets"]
    (problem,) = draft.diagnostics
    assert problem.code == "no-contents" and problem.severity == "warning"


# ---- hostile


BAD: list[tuple[str, bytes, str, int, int]] = [
    ("a.json", b'{"data": [\n {"id": 1 2}]}', "not valid JSON", 2, 11),
    ("a.json", b'{"data": [\n {"id": NaN}]}', "NaN is no JSON", 2, 9),
    ("a.json", b'{"NaN": [\n {"id": -Infinity}]}', "-Infinity is no JSON", 2, 9),
    ("a.json", b'[{"a": 1e400}]', "too large", 1, 8),
    ("a.json", b'[{"a": ' + b"9" * 5000 + b"}]", "a number of 5000 digits", 1, 8),
    ("a.json", b"[" * 100_000, "nested too deep", 1, 201),
    ("a.json", b"[" * 300 + b"]" * 300, "nested deeper than 200", 1, 201),
    ("a.json", b'{"a":\n "\xff"}', "not UTF-8 text: byte 0xff", 2, 3),
    ("a.json", b"", "not valid JSON", 1, 1),
    ("a.json", b"<html>", "not valid JSON", 1, 1),
    ("a.jsonl", b'{"id": 1}\n{"id": }\n', "not valid JSON", 2, 8),
    ("a.jsonl", b'{"id": 1}\n{"id": NaN}\n', "NaN is no JSON", 2, 8),
    ("a.har", b'{"log": {"entries": [}}', "not valid JSON", 1, 22),
]


@pytest.mark.parametrize(("name", "content", "message", "line", "column"), BAD)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, name: str, content: bytes, message: str, line: int, column: int
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    words = ["import", "sample", str(path), "-o", str(tmp_path / "x.yaml")]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.return_value == 1
    first = result.output.splitlines()[0]
    assert first.startswith(f"{path}:{line}:{column}: error[") and message in first
    assert len(result.output) < 2_000
    assert not (tmp_path / "x.yaml").exists()


def test_a_key_that_is_there_twice_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path, "a.json", '[{"id": 1,\n "x": "{", "id": 2}]')
    (problem,) = drafted(path).diagnostics
    assert (problem.code, problem.severity) == ("duplicate-key", "warning")
    assert (problem.location.line, problem.location.column) == (2, 12)


def test_text_that_is_no_text_reaches_no_spec(tmp_path: Path) -> None:
    """Lone surrogates, control characters, names that are none: loaded, but not declared."""
    odd = '[{"id": 1, "\\ud800": 1, "a\\u0000b": 2, "\\u202e": 3, "ok": "\\udfff", "": 4}]'
    draft = drafted(saved(tmp_path, "a.json", odd))
    definitions: Any = draft.spec["definitions"]
    assert list(definitions["A"]["properties"]) == ["id", "ok"]
    to_yaml(draft.spec).encode("utf-8")


def test_hostile_names_do_not_break_out(tmp_path: Path) -> None:
    name = 'x"""\nimport os  # {{ 1 }}'
    record = {"id": 1, name: 1, "class": 2, "__init__": 3, "model_config": 4, "$ref": 5}
    entries = [entry("/t'%22%7B%7Bx/" + "y" * 300, [record]), entry("/ok", [record])]
    draft = drafted(har(tmp_path, entries))
    to_yaml(draft.spec)


def test_samples_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from generator.importers.samples import reading

    monkeypatch.setattr(reading, "MAX_BYTES", 1_000)
    source = saved(tmp_path, "a.json", rows(200))
    with pytest.raises(SpecError) as error:
        read(source, ImportOptions())
    assert error.value.diagnostics[0].code == "too-large"


@pytest.mark.parametrize("what", ["missing.json", "", "a\0b"])
def test_a_source_that_is_not_there(tmp_path: Path, what: str) -> None:
    with pytest.raises(SpecError) as error:
        read(tmp_path / what, ImportOptions())
    assert error.value.diagnostics[0].code in ("missing", "no-answer", "unreadable")


def test_several_sources_are_for_samples_only(tmp_path: Path) -> None:
    words = ["import", "openapi", "a.json", "b.json"]
    assert CliRunner().invoke(cli, words).exit_code == 2


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    entries = [e for pages, _ in PAGES[:6] for e in pages]
    source = har(tmp_path, entries)
    assert to_yaml(drafted(source).spec) == to_yaml(drafted(source).spec)
