"""Parents at any depth: the values of a whole chain, the columns that it lends, and what is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source

from tests.functional.conftest import Client, Make
from tests.scripted import Api, Call, Route, serving
from tests.refused import refused, warned
from tests.support import part, run, source_of, table

HEAD = """
connector: shops
silence: [no-auth, no-schema, no-primary-key, no-data-selector]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { data_selector: data, paginator: single_page } }
resources:
"""

CHAIN = HEAD + """
  - name: comments
    include_from_parent: [title, resources.blogs.lang, resources.sites.id]
    schema: { type: object, properties: { id: { type: integer } } }
    endpoint:
      path: "blogs/{resources.blogs.id}/posts/{resources.posts.id}/comments"
      params: { lang: "{resources.blogs.lang}" }
      headers: { X-Site: "{resources.sites.id}" }
  - name: posts
    schema: { type: object, required: [id], properties: { id: { type: integer }, title: { type: string } } }
    endpoint: { path: "blogs/{resources.blogs.id}/posts" }
  - name: blogs
    include_from_parent: [id]
    schema: { type: object, required: [id], properties: { id: { type: integer }, lang: { type: string } } }
    endpoint: { path: "sites/{resources.sites.id}/blogs" }
  - name: sites
"""


def answer(rows: list[Any]) -> Route:
    return lambda call: {"data": rows}


@pytest.fixture
def sites(api: Api) -> Api:
    """Two sites with a blog each; the same post number in both, so the blog tells them apart."""
    answers: dict[str, list[Any]] = {
        "/sites": [{"id": "s1"}, {"id": "s2"}],
        "/sites/s1/blogs": [{"id": 1, "lang": "en"}],
        "/sites/s2/blogs": [{"id": 2, "lang": "de"}, {"id": 3}],
        "/blogs/1/posts": [{"id": 10, "title": "One"}, {"id": 11, "title": "Two"}],
        "/blogs/2/posts": [{"id": 10, "title": "Drei"}],
        "/blogs/3/posts": [{"id": 12, "title": "Four"}],
        "/blogs/1/posts/10/comments": [{"id": 100}],
        "/blogs/1/posts/11/comments": [{"id": 101}],
        "/blogs/2/posts/10/comments": [{"id": 102}],
    }
    api.routes.update({path: answer(rows) for path, rows in answers.items()})
    return api


COMMENTS = [
    {
        "id": 100,
        "_posts_title": "One",
        "_blogs_lang": "en",
        "_sites_id": "s1",
    },
    {
        "id": 101,
        "_posts_title": "Two",
        "_blogs_lang": "en",
        "_sites_id": "s1",
    },
    {
        "id": 102,
        "_posts_title": "Drei",
        "_blogs_lang": "de",
        "_sites_id": "s2",
    },
]


def test_the_client_reads_the_whole_chain(client: Client, sites: Api) -> None:
    made = client(CHAIN)
    assert [record.id for record in made.comments()] == [100, 101, 102]
    assert (
        made.counts["comments"].events["parents skipped"] == 1
    )  # the blog without a language
    assert made.counts["posts"].yielded == 4
    call = sites.called("/blogs/2/posts/10/comments")[0]
    assert call.query == {"lang": "de"} and call.headers["x-site"] == "s2"
    paths = [call.path for call in sites.calls]
    assert len(paths) == len(set(paths))


def test_the_source_reads_the_whole_chain_once(
    package: Make, sites: Api, folder: Path
) -> None:
    loaded = run(source_of(package(CHAIN), sites.url), folder)
    assert table(loaded, "comments", "id") == COMMENTS
    assert table(loaded, "posts", "id, title") == [
        {"id": 10, "title": "Drei"},
        {"id": 10, "title": "One"},
        {"id": 11, "title": "Two"},
        {"id": 12, "title": "Four"},
    ]
    assert [row["_sites_id"] for row in table(loaded, "blogs", "id")] == [
        *("s1", "s2", "s2")
    ]
    paths = [call.path for call in sites.calls]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("names", [["comments"], ["comments", "blogs"]])
def test_parents_that_are_not_asked_for_are_read_all_the_same(
    names: list[str], package: Make, sites: Api, folder: Path
) -> None:
    loaded = run(source_of(package(CHAIN), sites.url, resources=names), folder)
    assert table(loaded, "comments", "id") == COMMENTS
    assert table(loaded, "posts") == []


def test_rows_of_parents_may_be_filtered_and_changed_in_place(
    package: Make, sites: Api, folder: Path
) -> None:
    source = source_of(package(CHAIN), sites.url)
    source.posts.add_filter(lambda row: row["title"] != "Two")
    source.posts.add_map(lambda row: row.update(title=row["title"].upper()) or row)
    loaded = run(source, folder)
    titles = [row["_posts_title"] for row in table(loaded, "comments", "id")]
    assert titles == ["ONE", "DREI"]


def test_new_rows_of_a_parent_are_an_error(
    package: Make, sites: Api, folder: Path
) -> None:
    source = source_of(package(CHAIN), sites.url)
    source.posts.add_map(lambda row: {"id": row["id"]})
    with pytest.raises(Exception, match="do not know where they come from"):
        run(source, folder)


def test_dlt_refuses_two_parents(sites: Api) -> None:
    """D38."""
    config: Any = {
        "client": {"base_url": sites.url},
        "resources": [
            {"name": "blogs", "endpoint": "sites/s1/blogs"},
            {"name": "posts", "endpoint": "blogs/{resources.blogs.id}/posts"},
            {
                "name": "comments",
                "endpoint": "blogs/{resources.blogs.id}/posts/{resources.posts.id}/comments",
            },
        ],
    }
    with pytest.raises(ValueError, match="[Mm]ultiple parent"):
        rest_api_source(config)


def test_two_parents_in_no_chain() -> None:
    spec = HEAD + """
  - name: a
  - name: b
  - name: c
    endpoint: "a/{resources.a.id}/b/{resources.b.id}"
"""
    found = refused(spec)
    assert [each.code for each in found] == ["two-parents"]
    assert "'a' and 'b' are no chain" in found[0].message
    assert "for_each" in found[0].hint


def test_a_column_of_a_grandparent_names_a_resource_of_the_chain() -> None:
    spec = CHAIN + "  - name: others\n"
    found = refused(spec.replace("resources.sites.id]", "resources.others.id]", 1))
    assert [each.code for each in found] == ["unknown-parent"]


VALUES = HEAD + """
  - name: events
    schema:
      type: object
      properties:
        id: { type: integer }
        at: { type: string, format: date-time }
        day: { type: string, format: date }
        meta: { type: object, properties: { id: { type: integer }, at: { type: string, format: date-time } } }
        open: { type: boolean }
        price: { type: number }
  - name: details
    include_from_parent: [at, meta.id]
    endpoint:
      path: "events/{resources.events.id}/{resources.events.at}/{resources.events.meta.id}"
      params:
        day: "{resources.events.day}"
        open: "{resources.events.open}"
        inner: "{resources.events.meta.at}"
        text: "day {resources.events.day}"
        price: "{resources.events.price}"
      headers: { X-At: "{resources.events.at}" }
"""

EVENT: dict[str, Any] = {
    "id": 7,
    "at": "2026-01-31T10:00:00.500+02:00",
    "day": "2026-01-31",
    "meta": {"id": 3, "at": "2026-01-31T00:00:00.000Z"},
    "open": True,
    "price": 1.5,
}


@pytest.fixture
def events(api: Api) -> Api:
    api.routes["/events"] = answer([EVENT, {"id": 8, "open": False}])
    path = "/events/7/2026-01-31T10%3A00%3A00.500%2B02%3A00/3"
    api.routes[path] = answer([{"found": 1}])
    return api


def _check_values(api: Api) -> None:
    (call,) = [call for call in api.calls if call.path != "/events"]
    assert call.query == {
        "day": "2026-01-31",
        "open": "true",
        "inner": "2026-01-31T00:00:00.000Z",
        "text": "day 2026-01-31",
        "price": "1.5",
    }
    assert call.headers["x-at"] == EVENT["at"]


def test_values_are_sent_as_the_api_wrote_them(client: Client, events: Api) -> None:
    made = client(VALUES)
    assert len(list(made.details())) == 1
    assert made.counts["details"].events["parents skipped"] == 1
    _check_values(events)


def test_the_source_sends_values_as_the_api_wrote_them(
    package: Make, events: Api, folder: Path
) -> None:
    loaded = run(source_of(package(VALUES), events.url), folder)
    _check_values(events)
    (row,) = table(loaded, "details")
    assert row["found"] == 1 and row["_events_meta_id"] == 3
    assert row["_events_at"].utcoffset() is not None
    assert len(table(loaded, "events")) == 2


ONE = HEAD + """
  - name: parents
  - name: children
    endpoint: { path: "parents/{resources.parents.id}/children" }
"""


def test_values_are_escaped_in_paths(client: Client, api: Api) -> None:
    """D35, A17: what is sent is one segment of the path, whatever it holds."""
    ids = ["a/b", "x?admin=1", "../secrets", "c#d", "e f", "g%h", "ü", 5, True]
    api.routes["/parents"] = answer([{"id": each} for each in ids])
    for path in ("a%2Fb", "x%3Fadmin%3D1", "..%2Fsecrets", "c%23d", "e%20f", "g%25h"):
        api.routes[f"/parents/{path}/children"] = answer([{"p": path}])
    for path in ("%C3%BC", "5", "true"):
        api.routes[f"/parents/{path}/children"] = answer([{"p": path}])
    assert len(list(client(ONE).children())) == len(ids)


def test_dlt_does_not_escape(api: Api) -> None:
    """D35."""
    api.routes["/parents"] = answer([{"id": "../secrets"}])
    api.routes["/secrets/children"] = answer([{"p": "leaked"}])
    config: Any = {
        "client": {"base_url": api.url, "paginator": "single_page"},
        "resources": [
            {"name": "parents", "endpoint": {"data_selector": "data"}},
            {
                "name": "children",
                "endpoint": {
                    "path": "parents/{resources.parents.id}/children",
                    "data_selector": "data",
                },
            },
        ],
    }
    assert list(rest_api_source(config).children) == [{"p": "leaked"}]


@pytest.mark.parametrize("bad", ["", ".", "..", ["x"], {"a": 1}])
def test_a_value_that_is_no_segment_is_an_error(
    bad: Any, client: Client, api: Api
) -> None:
    api.routes["/parents"] = answer([{"id": bad}])
    with pytest.raises(Exception, match="parent_id") as caught:
        list(client(ONE).children())
    assert type(caught.value).__name__ == "SettingError"


def test_null_ids_are_skipped_and_counted(
    client: Client, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """D36."""
    api.routes["/parents"] = answer([{"id": None}, {"id": 1}, {}])
    api.routes["/parents/1/children"] = answer([{"c": 1}])
    made = client(ONE)
    assert len(list(made.children())) == 1
    assert made.counts["children"].events["parents skipped"] == 2
    assert "children: 2 parents skipped" in caplog.text


def test_a_parent_that_comes_twice_is_read_twice(
    package: Make, api: Api, folder: Path
) -> None:
    """As in dlt: every record of the parent is one read."""
    api.routes["/parents"] = answer([{"id": 1}, {"id": 1}])
    api.routes["/parents/1/children"] = answer([{"c": 1}])
    loaded = run(source_of(package(ONE), api.url), folder)
    assert len(table(loaded, "children")) == 2


URLS = HEAD + """
  - name: parents
  - name: children
    endpoint: { path: "{resources.parents.url}" }
"""


def test_a_url_of_a_record_is_followed_to_hosts_of_the_api_only(
    client: Client, api: Api
) -> None:
    """D24."""
    with serving() as other:
        for each in (api, other):
            each.routes["/deep/children"] = lambda call: {"data": [{"c": call.path}]}
        api.routes["/parents"] = answer(
            [{"url": f"{api.url}/deep/children?x=1"}, {"url": "deep/children"}]
        )
        assert len(list(client(URLS).children())) == 2
        assert api.called("/deep/children")[0].query == {"x": "1"}
        api.routes["/parents"] = answer([{"url": f"{other.url}/deep/children"}])
        with pytest.raises(Exception, match="host"):
            list(client(URLS).children())
        assert other.calls == []


def test_the_paginator_holds_where_a_path_ends_in_a_placeholder(
    client: Client, api: Api
) -> None:
    """D14."""
    spec = """
connector: found
silence: [no-auth, no-schema, no-primary-key]
client: { base_url: https://api.example.com, paginator: { type: offset, limit: 10, total_path: null } }
resources:
  - name: p
    endpoint: { data_selector: data, paginator: single_page }
  - name: found
    endpoint: { path: "find/{resources.p.id}", data_selector: data }
"""
    rows = [{"n": number} for number in range(50)]

    def page(call: Call) -> Any:
        start = int(call.query.get("offset", 0))
        return {"data": rows[start : start + int(call.query.get("limit", 10))]}

    api.routes["/p"] = answer([{"id": 1}])
    api.routes["/find/1"] = page
    assert len(list(client(spec).found())) == 50
    config: Any = {
        "client": {
            "base_url": api.url,
            "paginator": {"type": "offset", "limit": 10, "total_path": None},
        },
        "resources": [
            {
                "name": "p",
                "endpoint": {"data_selector": "data", "paginator": "single_page"},
            },
            {
                "name": "found",
                "endpoint": {"path": "find/{resources.p.id}", "data_selector": "data"},
            },
        ],
    }
    assert len(list(rest_api_source(config).found)) == 10  # dlt's loss


def test_columns_of_parents_are_named_as_by_dlt(
    package: Make, sites: Api, folder: Path
) -> None:
    """A column that a parent got from its own parent can be named as in dlt."""
    spec = HEAD + """
  - name: sites
  - name: blogs
    include_from_parent: [id]
    endpoint: { path: "sites/{resources.sites.id}/blogs" }
  - name: posts
    include_from_parent: [id, _sites_id]
    endpoint: { path: "blogs/{resources.blogs.id}/posts", headers: { X-Site: "{resources.blogs._sites_id}" } }
"""
    loaded = run(source_of(package(spec), sites.url), folder)
    config: Any = {
        "client": {"base_url": sites.url, "paginator": "single_page"},
        "resource_defaults": {"endpoint": {"data_selector": "data"}},
        "resources": [
            {"name": "sites"},
            {
                "name": "blogs",
                "include_from_parent": ["id"],
                "endpoint": "sites/{resources.sites.id}/blogs",
            },
            {
                "name": "posts",
                "include_from_parent": ["id", "_sites_id"],
                "endpoint": {
                    "path": "blogs/{resources.blogs.id}/posts",
                    "headers": {"X-Site": "{resources.blogs._sites_id}"},
                },
            },
        ],
    }
    theirs = run(rest_api_source(config, name="theirs"), folder, "theirs")
    posts = table(loaded, "posts", "id, title")
    assert posts == table(theirs, "posts", "id, title")
    assert set(posts[0]) == {"id", "title", "_blogs_id", "_blogs__sites_id"}
    assert sites.called("/blogs/2/posts")[0].headers["x-site"] == "s2"


def test_the_client_sends_what_a_parent_got_from_its_parent(
    client: Client, sites: Api
) -> None:
    spec = HEAD + """
  - name: sites
  - name: blogs
    include_from_parent: [id]
    endpoint: { path: "sites/{resources.sites.id}/blogs" }
  - name: posts
    endpoint: { path: "blogs/{resources.blogs.id}/posts", headers: { X-Site: "{resources.blogs._sites_id}" } }
"""
    assert len(list(client(spec).posts())) == 4
    assert sites.called("/blogs/2/posts")[0].headers["x-site"] == "s2"


def test_routers_of_one_chain(client: Client, sites: Api) -> None:
    spec = HEAD + """
  - name: sites
  - name: blogs
    endpoint: { path: "sites/{resources.sites.id}/blogs" }
  - name: posts
    endpoint:
      path: "blogs/{blog}/posts"
      params: { site: "{site}" }
      partition_router:
        - { type: substream, parent_stream: sites, parent_key: id, partition_field: site }
        - { type: substream, parent_stream: blogs, parent_key: id, partition_field: blog }
"""
    assert len(list(client(spec).posts())) == 4
    assert sites.called("/blogs/3/posts")[0].query == {"site": "s2"}


@pytest.mark.parametrize(
    "schema", ["", "schema: { type: object, properties: { id: { type: integer } } }"]
)
def test_a_field_within_a_field(package: Make, api: Api, schema: str) -> None:
    """Whatever the schema says of the parent: not even that there is such a field."""
    text = f"""
connector: shops
silence: [no-auth, no-schema, no-primary-key, no-data-selector, parent-field-not-in-schema]
client: {{ base_url: https://api.example.com, paginator: single_page }}
resources:
  - name: shops
    {schema}
  - name: orders
    include_from_parent: [region.name, id]
    endpoint: {{ path: "regions/{{resources.shops.region.name}}/orders" }}
"""
    api.routes["/shops"] = lambda call: [
        {"id": 1, "region": {"name": "e/u"}},
        {"id": 2},
    ]
    api.routes["/regions/e%2Fu/orders"] = lambda call: [{"id": 5}]
    module = package(text)
    made = part(module, "Client")(base_url=api.url)
    assert [each.model_extra["id"] for each in made.orders()] == [5]
    assert made.counts["orders"].events == {"parents skipped": 1}
    rows = list(source_of(module, api.url).resources["orders"])
    assert rows == [{"id": 5, "_shops_region_name": "e/u", "_shops_id": 1}]


def test_a_resource_that_is_taken_for_a_field() -> None:
    text = """
silence: [no-auth, no-schema, no-primary-key, no-data-selector, no-connector]
client: { base_url: https://api.example.com, paginator: single_page }
resources:
  - name: blogs
  - { name: posts, endpoint: { path: "blogs/{resources.blogs.id}/posts" } }
  - name: comments
    include_from_parent: [ENTRY]
    endpoint: { path: "posts/{resources.posts.id}/comments" }
"""
    (warning,) = warned(text.replace("ENTRY", "blogs.id"))
    assert warning.code == "parent-field-not-in-schema"
    assert warning.hint == "`resources.blogs.id` is a value of the resource"
    assert warned(text.replace("ENTRY", "resources.blogs.id, author.name")) == []
