"""Through dlt into DuckDB: parents and children, records that do not fit, fields nobody declared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import Client, Make
from tests.scripted import Api, Call, Route
from tests.support import run, source_of, table

CHILDREN = """
connector: blogs
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - name: comments
    primary_key: [_posts_id, id]
    include_from_parent: [id, title]
    schema: &row { type: object, properties: { id: { type: integer } } }
    model: Comment
    endpoint: { path: "posts/{resources.posts.key}/comments" }
  - name: posts
    schema: { type: object, required: [id], properties: { id: { type: integer }, key: { type: [string, "null"] }, title: { type: string } } }
    endpoint: { path: "blogs/{resources.blogs.id}/posts", params: { lang: "{resources.blogs.lang}" } }
  - name: blogs
    schema: *row
    model: Blog
"""


@pytest.fixture
def blogs(api: Api) -> Api:
    """Two blogs, one without the value that its posts are read by; a post without a key."""
    posts: list[dict[str, Any]] = [
        {"id": 10, "key": "a/b", "title": "First"},
        {"id": 11, "key": None, "title": "Draft"},
        {"id": 12, "title": "No key"},
    ]
    answers: dict[str, list[dict[str, Any]]] = {
        "/blogs": [{"id": 1, "lang": "en"}, {"id": 2}],
        "/blogs/1/posts": posts,
        "/posts/a%2Fb/comments": [{"id": 1}, {"id": 2}],
    }
    api.routes.update({path: answer(rows) for path, rows in answers.items()})
    return api


def answer(rows: list[dict[str, Any]]) -> Route:
    return lambda call: {"data": rows}


def test_children_of_children(client: Client, blogs: Api) -> None:
    made = client(CHILDREN)
    assert [record.id for record in made.comments()] == [1, 2]
    counts = made.counts
    assert (counts["blogs"].yielded, counts["blogs"].events["parents skipped"]) == (
        2,
        0,
    )
    assert (counts["posts"].yielded, counts["posts"].events["parents skipped"]) == (
        3,
        1,
    )
    assert (
        counts["comments"].yielded,
        counts["comments"].events["parents skipped"],
    ) == (2, 2)
    assert blogs.called("/blogs/1/posts")[0].query == {"lang": "en"}


def test_children_in_tables(package: Make, blogs: Api, folder: Path) -> None:
    loaded = run(source_of(package(CHILDREN), blogs.url), folder)
    assert [row["id"] for row in table(loaded, "blogs", "id")] == [1, 2]
    assert [row["id"] for row in table(loaded, "posts", "id")] == [10, 11, 12]
    assert table(loaded, "comments", "id") == [
        {"id": 1, "_posts_id": 10, "_posts_title": "First"},
        {"id": 2, "_posts_id": 10, "_posts_title": "First"},
    ]


def test_a_child_alone_reads_its_parents(
    package: Make, blogs: Api, folder: Path
) -> None:
    source = source_of(package(CHILDREN), blogs.url, resources=["comments"])
    loaded = run(source, folder)
    assert len(table(loaded, "comments")) == 2
    assert table(loaded, "posts") == []


RECORDS = """
connector: records
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - name: things
    schema: &thing { type: object, required: [id, name], properties: { id: { type: integer }, name: { type: string } } }
    model: Thing
  - name: strict
    schema: *thing
    model: Strict
    on_invalid: fail
  - name: hopeless
    schema: *thing
    model: Hopeless
"""

GOOD: dict[str, Any] = {"id": 1, "name": "one", "color": "red", "size": {"width": 3}}
BAD: dict[str, Any] = {"id": "x", "name": None, "secret": "do not show"}


def test_a_plain_client_raises(client: Client, api: Api) -> None:
    api.routes["/things"] = answer([GOOD, BAD])
    with pytest.raises(
        Exception, match="things, GET .*page 1, record 1: id: "
    ) as caught:
        list(client(RECORDS).things())
    assert type(caught.value).__name__ == "RecordError"
    assert "do not show" not in str(caught.value)


def test_fields_that_the_schema_does_not_name_are_reported(
    client: Client, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """A20."""
    rows = [{**GOOD, f"f{number}\n": 1} for number in range(2)]
    api.routes["/things"] = answer(rows)
    made = client(RECORDS)
    list(made.things())
    assert made.counts["things"].unknown == {"color", "f0\n", "f1\n", "size"}
    assert "things: the schema does not name 'color', 'f0\\n', " in caplog.text


def test_a_plain_client_hands_over_what_does_not_fit(client: Client, api: Api) -> None:
    api.routes["/things"] = answer([GOOD, BAD])
    rejected: list[Any] = []
    made = client(RECORDS, on_rejected=rejected.append)
    assert [record.id for record in made.things()] == [1]
    assert [each.record for each in rejected] == [BAD]
    counts = made.counts["things"]
    assert (counts.received, counts.yielded, counts.rejected) == (2, 1, 1)


def test_rejected_records_and_unknown_fields(
    package: Make, api: Api, folder: Path
) -> None:
    """A20."""
    api.routes["/things"] = answer([GOOD, BAD])
    loaded = run(source_of(package(RECORDS), api.url, resources=["things"]), folder)
    assert table(loaded, "things") == [
        {"id": 1, "name": "one", "color": "red", "size__width": 3}
    ]
    (row,) = table(loaded, "rejected_records")
    assert row["resource"] == "things"
    assert json.loads(row["record"]) == BAD
    assert "id: " in row["errors"] and "name: " in row["errors"]
    assert row["request"] == f"GET {api.url}/things"
    assert row["page"] == 1


@pytest.mark.parametrize(
    ("resource", "rows", "message"),
    [
        ("strict", [GOOD, BAD], "record 1: id: "),
        ("hopeless", [BAD, BAD], "2 of 2 records do not fit"),
    ],
)
def test_runs_that_fail(
    package: Make,
    api: Api,
    folder: Path,
    resource: str,
    rows: list[dict[str, Any]],
    message: str,
) -> None:
    api.routes[f"/{resource}"] = answer(rows)
    with pytest.raises(Exception, match=message):
        run(source_of(package(RECORDS), api.url, resources=[resource]), folder)


def test_too_large_a_share_fails(client: Client, api: Api) -> None:
    rows = [{"id": number, "name": "x"} for number in range(500)] + [BAD] * 100
    api.routes["/things"] = answer(rows)
    rejected: list[Any] = []
    with pytest.raises(Exception, match="100 of 600 records do not fit"):
        list(client(RECORDS, on_rejected=rejected.append).things())


def test_an_answer_that_is_an_error(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        return {"error": "maintenance"}

    api.routes["/things"] = route
    with pytest.raises(
        Exception, match="no data at data: the answer has the keys error"
    ):
        list(client(RECORDS).things())


SETTINGS = """
connector: regional
silence: [no-schema, open-placeholder]
client:
  base_url: https://{tenant}.example.com
  auth: { type: api_key, name: X-Key }
  headers: { X-Region: 'dlt.config["region"]' }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - things
  - { name: accounts, endpoint: "accounts/{account_id}" }
"""


def test_credentials_and_config_of_dlt(
    package: Make, api: Api, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__REGIONAL__CREDENTIALS__API_KEY", "k1")
    monkeypatch.setenv("SOURCES__REGIONAL__REGION", "eu")
    api.routes["/things"] = answer([{"id": 1}])
    source = source_of(package(SETTINGS), api.url, tenant="t", resources=["things"])
    loaded = run(source, folder)
    assert table(loaded, "things") == [{"id": 1}]
    assert api.calls[0].headers["x-key"] == "k1"
    assert api.calls[0].headers["x-region"] == "eu"


def test_what_dlt_does_not_find(package: Make, api: Api, folder: Path) -> None:
    given = {"tenant": "t", "credentials": {"api_key": "k1"}}
    arguments = {**given, "resources": ["things"]}
    with pytest.raises(Exception, match="needs the argument region="):
        run(source_of(package(SETTINGS), api.url, **arguments), folder)
    arguments = {**given, "region": "eu", "resources": ["accounts"]}
    with pytest.raises(Exception, match="needs the argument account_id="):
        run(source_of(package(SETTINGS), api.url, **arguments), folder, "other")
    assert not api.calls


EMPTY = """
connector: nothing
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults:
  primary_key: id
  endpoint: { data_selector: data, paginator: single_page }
resources:
  - name: typed
    schema: { type: object, required: [id], properties: { id: { type: integer } } }
  - name: untyped
  - name: below
    endpoint: { path: "typed/{resources.typed.id}/below" }
"""


def test_resources_without_rows(package: Make, api: Api, folder: Path) -> None:
    """A table is made where its types are known; without them there is nothing to make."""
    api.routes.update({f"/{name}": answer([]) for name in ("typed", "untyped")})
    loaded = run(source_of(package(EMPTY), api.url), folder)
    assert table(loaded, "typed") == []
    with loaded.sql_client() as client:
        names = client.execute_sql("select table_name from information_schema.tables")
    assert not {("untyped",), ("below",)} & set(names or ())
