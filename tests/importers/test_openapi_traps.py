"""Shapes that real documents have, each as a small document of our own, and what must come of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.draft import Draft, todos
from generator.importers.openapi import read

THING: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FLAG = {"type": "boolean"}


def query(
    name: str, schema: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema or TEXT, **more}


def answer(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"200": {"description": "", "content": {media: {"schema": schema}}}}


def envelope(
    key: str = "data", item: dict[str, Any] | None = None, **beside: Any
) -> dict[str, Any]:
    """An answer with a list and other fields."""
    listed = {"type": "array", "items": item or THING}
    return {"type": "object", "properties": {key: listed, **beside}}


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "paths": paths,
        **more,
    }


def listing(
    schema: dict[str, Any], *parameters: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """The document of one list at /things."""
    operation = {"parameters": list(parameters), "responses": answer(schema), **more}
    return document({"/things": {"get": operation}})


def drafted(folder: Path, data: dict[str, Any], **options: Any) -> Draft:
    """The draft of a document; it compiles with nothing left out."""
    source = folder / "api.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    draft = read(source, ImportOptions(**options))
    assert checked(draft) is draft
    return draft


def resource(draft: Draft, index: int = 0) -> Any:
    resources: Any = draft.spec["resources"]
    return resources[index]


MOMENT = {"type": "string", "format": "date-time"}
NEXT_URL = {"type": ["string", "null"], "format": "uri"}


@pytest.mark.parametrize(
    ("schema", "parameters", "paginator"),
    [
        # O1: a parameter called offset that takes a token.
        (
            envelope(next_offset=TEXT),
            [query("offset"), query("limit", {**NUMBER, "maximum": 50})],
            {"type": "cursor", "cursor_path": "next_offset", "cursor_param": "offset", "limit": 50, "limit_param": "limit"},
        ),
        # O2: the next value is a URL, a path, a token in an object, a number.
        (envelope(next=NEXT_URL), [], {"type": "json_link", "next_url_path": "next"}),
        (
            envelope(next_page_uri={**TEXT, "example": "/v1/things?page=2"}),
            [query("page", NUMBER)],
            {"type": "json_link", "next_url_path": "next_page_uri"},
        ),
        (
            envelope(paging={"type": "object", "properties": {"next": {"type": "object", "properties": {"after": TEXT, "link": TEXT}}}}),
            [query("after")],
            {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"},
        ),
        # O3: a next URL beats an offset, a token beats a page.
        (
            envelope(next=NEXT_URL, total=NUMBER),
            [query("offset", NUMBER)],
            {"type": "json_link", "next_url_path": "next"},
        ),
        (
            envelope(next_cursor=TEXT),
            [query("page", NUMBER), query("cursor")],
            {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"},
        ),
        # O4: the last record's key.
        (
            envelope(has_more=FLAG),
            [query("starting_after"), query("ending_before")],
            {"type": "cursor", "cursor_path": "last_record.id", "cursor_param": "starting_after", "has_more_path": "has_more"},
        ),
        # O5: the parameter's name anywhere in the envelope; O6: forward only.
        (
            envelope(list_metadata={"type": "object", "properties": {"after": TEXT, "before": TEXT}}),
            [query("before"), query("after")],
            {"type": "cursor", "cursor_path": "list_metadata.after", "cursor_param": "after"},
        ),
        # O10: a total that is optional is no end.
        (
            envelope(total=NUMBER, more=FLAG),
            [query("offset", NUMBER), query("limit", NUMBER)],
            {"type": "offset", "offset_param": "offset", "has_more_path": "more"},
        ),
        # O4: the answer names the last record's key.
        (
            envelope(first_id=TEXT, last_id=TEXT, has_more=FLAG),
            [query("after"), query("before"), query("limit", {**NUMBER, "default": 20})],
            {"type": "cursor", "cursor_path": "last_id", "cursor_param": "after", "limit": 20, "limit_param": "limit", "has_more_path": "has_more"},
        ),
        # Dates between which something happened are neither tokens nor offsets.
        (
            envelope(),
            [query("after", MOMENT), query("before", MOMENT), query("offset", NUMBER)],
            {"type": "offset", "offset_param": "offset"},
        ),
        (
            envelope(),
            [query("start", NUMBER), query("end", NUMBER), query("page", {**NUMBER, "minimum": 0})],
            {"type": "page_number", "page_param": "page", "base_page": 0},
        ),
        # O7: the header stands in the prose only.
        (
            {"type": "array", "items": THING},
            [query("cursor", description="As given in the [Link header](https://example.com).")],
            "header_link",
        ),
        # O5, `@`: names that need quoting; what stands in the records is no token.
        (
            envelope(item={"type": "object", "properties": {"id": TEXT, "next_cursor": TEXT}}, **{"@next.cursor": TEXT}),
            [query("cursor")],
            {"type": "cursor", "cursor_path": "'@next.cursor'", "cursor_param": "cursor"},
        ),
        (
            envelope(),
            [query("page", {**NUMBER, "default": 1}), query("per_page", {**NUMBER, "default": 20})],
            {"type": "page_number", "page_param": "page", "base_page": 1, "limit": 20, "limit_param": "per_page"},
        ),
    ],
)  # fmt: skip
def test_paging(
    tmp_path: Path,
    schema: dict[str, Any],
    parameters: list[dict[str, Any]],
    paginator: Any,
) -> None:
    draft = drafted(tmp_path, listing(schema, *parameters))
    assert resource(draft)["endpoint"]["paginator"] == paginator


def test_no_cap_is_ever_written(tmp_path: Path) -> None:
    draft = drafted(tmp_path, listing(envelope(), query("page", NUMBER)))
    text = json.dumps(draft.spec)
    assert "max" not in text


def test_signs_of_pages_without_a_way_are_left_open(tmp_path: Path) -> None:
    draft = drafted(tmp_path, listing(envelope(has_more=FLAG), query("limit", NUMBER)))
    assert "paginator" not in resource(draft)["endpoint"]
    assert any("`has_more`" in each for each in todos(draft.spec))
    assert draft.found[0].confidence == "low"


def test_a_next_value_that_may_be_a_token_is_no_url(tmp_path: Path) -> None:
    """O2: nothing takes it, and nothing says what it is."""
    draft = drafted(tmp_path, listing(envelope(next_cursor=TEXT)))
    assert "paginator" not in resource(draft)["endpoint"]
    assert any("`next_cursor`" in each for each in todos(draft.spec))


def test_an_empty_token_asks_for_the_first_page(tmp_path: Path) -> None:
    """O8: without it the server does not page by tokens."""
    words = "Pass an empty string for the first page, then use `next_cursor`."
    schema = listing(envelope(next_cursor=TEXT), query("cursor", description=words))
    endpoint = resource(drafted(tmp_path, schema))["endpoint"]
    assert endpoint["params"] == {"cursor": ""}
    assert endpoint["paginator"]["cursor_param"] == "cursor"


def test_the_way_of_most_lists_does_not_reach_the_others(tmp_path: Path) -> None:
    """O11: it is the client's; where it is unknown how a list goes on, the resource sets it aside."""
    paged = {
        "parameters": [query("cursor")],
        "responses": answer(envelope(next_cursor=TEXT)),
    }
    once = {"responses": answer(envelope())}
    paths = {f"/a{n}": {"get": paged} for n in range(5)}
    draft = drafted(tmp_path, document({**paths, "/once": {"get": once}}))
    client: Any = draft.spec["client"]
    assert client["paginator"]["cursor_path"] == "next_cursor"
    assert resource(draft, 5)["endpoint"]["paginator"] == "single_page"
    assert "paginator" not in resource(draft)["endpoint"]
    unknown = {"responses": answer(envelope(has_more=FLAG))}
    draft = drafted(tmp_path, document({**paths, "/unknown": {"get": unknown}}))
    defaults: Any = draft.spec["resource_defaults"]
    assert defaults["endpoint"]["paginator"]["cursor_path"] == "next_cursor"
    client = draft.spec["client"]
    assert "paginator" not in client
    assert resource(draft, 5)["endpoint"]["paginator"] is None


def test_a_page_size_is_sent_where_it_can_be(tmp_path: Path) -> None:
    """O8, O9: the maximum, else the default, else the server's, which a comment says."""
    sizes = ({"maximum": 50, "default": 10}, {"default": 10}, {})
    for size, expected in zip(sizes, (50, 10, None), strict=True):
        parameters = query("offset", NUMBER), query("count", {**NUMBER, **size})
        draft = drafted(tmp_path, listing(envelope(), *parameters))
        endpoint = resource(draft)["endpoint"]
        assert endpoint["paginator"].get("limit") == expected
        told = "the server's page size is used" in endpoint.notes["paginator"][0].text
        assert told == (expected is None)


@pytest.mark.parametrize(
    ("path", "operation_id", "beside"),
    [
        ("/things", "", "get"),
        ("/things", "createThing", ""),
        ("/things/{id}/move", "", ""),
        ("/things/export", "generate_export", ""),
    ],
)
def test_a_post_that_may_change_something_is_no_list(
    tmp_path: Path, path: str, operation_id: str, beside: str
) -> None:
    """O12: it would be sent whenever data is loaded."""
    body = {
        "type": "object",
        "properties": {
            "after": TEXT,
            "pagination": {"type": "object", "properties": {"page": NUMBER}},
        },
    }
    content = {"content": {"application/json": {"schema": body}}}
    post = {
        "requestBody": content,
        "responses": answer(envelope("things")),
        "operationId": operation_id,
    }
    item = {"post": post} | (
        {beside: {"responses": answer(envelope())}} if beside else {}
    )
    draft = drafted(tmp_path, document({path: item}))
    assert [each.request for each in draft.found] == (["GET /things"] if beside else [])


def test_no_sign_of_pages_is_one_page_and_unconfirmed(tmp_path: Path) -> None:
    draft = drafted(tmp_path, listing({"type": "array", "items": THING}))
    endpoint = resource(draft)["endpoint"]
    assert endpoint["paginator"] == "single_page"
    assert "not confirmed" in endpoint.notes["paginator"][0].text


def test_a_post_that_takes_a_cursor_is_a_list(tmp_path: Path) -> None:
    body = {"type": "object", "required": ["account"], "properties": {"cursor": TEXT, "account": TEXT}}  # fmt: skip
    operation = {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": answer(envelope("things", next_cursor=TEXT, errors={"type": "array", "items": THING})),
    }  # fmt: skip
    other = {**operation, "requestBody": {"content": {"application/json": {"schema": THING}}}}  # fmt: skip
    data = document({"/things/search": {"post": operation}, "/things": {"post": other}})
    draft = drafted(tmp_path, data)
    assert [each.request for each in draft.found] == ["POST /things/search"]
    endpoint = resource(draft)["endpoint"]
    assert endpoint["data_selector"] == "things"
    assert endpoint["json"] == {"account": 'dlt.config["account"]'}
    assert endpoint["paginator"]["cursor_body_path"] == "cursor"


@pytest.mark.parametrize(
    ("schema", "selector"),
    [
        # O14: errors, links and what is included stand beside the data.
        (envelope("things", errors={"type": "array", "items": THING}), "things"),
        (envelope("data", included={"type": "array", "items": THING}, links={"type": "array", "items": THING}), "data"),
        # O16: two levels down.
        ({"type": "object", "properties": {"data": envelope("items", next_cursor=TEXT)}}, "data.items"),
        (envelope("odd.name"), "['odd.name']"),
    ],
)  # fmt: skip
def test_records(tmp_path: Path, schema: dict[str, Any], selector: str) -> None:
    draft = drafted(tmp_path, listing(schema, query("cursor")))
    assert resource(draft)["endpoint"]["data_selector"] == selector


def test_several_lists_are_not_chosen_from(tmp_path: Path) -> None:
    schema = envelope("added", removed={"type": "array", "items": THING})
    draft = drafted(tmp_path, listing(schema, query("cursor")))
    assert resource(draft)["selected"] is False
    assert any("several lists: added, removed" in each for each in todos(draft.spec))


def test_one_thing_with_lists_in_it_is_no_list(tmp_path: Path) -> None:
    one = {"type": "object", "properties": {"id": TEXT, "tags": {"type": "array", "items": THING}}}  # fmt: skip
    hints = {"type": "object", "properties": {"meta": envelope("hints")}}
    data = document(
        {
            "/things/{id}": {"get": {"responses": answer(one)}},
            "/me": {"get": {"responses": answer(one)}},
            "/status": {"get": {"responses": answer(hints)}},
        }
    )
    assert drafted(tmp_path, data).found == ()


def test_parents_and_arguments(tmp_path: Path) -> None:
    """O19: a parent where a list gives the key, else arguments of the source."""
    many = {"get": {"responses": answer(envelope("items"))}}
    paths = ("/projects", "/projects/{project_id}/tasks", "/projects/{p}/tasks/{task_id}/notes", "/orgs/{org}/users")  # fmt: skip
    draft = drafted(tmp_path, document(dict.fromkeys(paths, many)))
    made = [resource(draft, index)["endpoint"]["path"] for index in range(4)]
    assert made == [
        "/projects",
        "/projects/{resources.projects.id}/tasks",
        "/projects/{resources.projects.id}/tasks/{resources.tasks.id}/notes",
        "/orgs/{org}/users",
    ]


def test_required_parameters_become_arguments(tmp_path: Path) -> None:
    """O18: never a placeholder text; versions with one value are filled in."""
    version = {"name": "Api-Version", "in": "header", "required": True, "schema": {**TEXT, "enum": ["3"]}}  # fmt: skip
    tenant = {"name": "X-Tenant", "in": "header", "required": True, "schema": TEXT}
    draft = drafted(
        tmp_path,
        listing(envelope(), query("workspace", required=True), version, tenant),
    )
    endpoint = resource(draft)["endpoint"]
    assert endpoint["params"] == {"workspace": 'dlt.config["workspace"]'}
    assert endpoint["headers"] == {
        "Api-Version": "3",
        "X-Tenant": 'dlt.config["x_tenant"]',
    }


def test_the_key_is_what_paths_take(tmp_path: Path) -> None:
    """O19: where no field is called like a key, a path that leads to one record says which it is."""
    many = {
        "get": {
            "responses": answer(
                envelope(
                    item={
                        "type": "object",
                        "properties": {"name": TEXT, "job_id": TEXT, "slots": NUMBER},
                    }
                )
            )
        }
    }
    one = {"get": {"responses": answer(THING)}}
    draft = drafted(
        tmp_path,
        document(
            {
                "/pools": many, "/pools/{pool_name}": one,
                "/batch-jobs": many, "/batch-jobs/{id}": one,
                "/orgs/{org}/secrets": many, "/orgs/{org}/secrets/{secret_name}": one,
                "/fields": many, "/fields/{job_id}": one, "/fields/{job_id}/{name}": one,
            }
        ),
    )  # fmt: skip
    made = [resource(draft, n) for n in range(4)]
    assert [each.get("primary_key") for each in made] == [
        "name",
        "job_id",
        "name",
        None,
    ]
    # A name is unique within its organization only: merging would lose rows.
    dispositions = [each["write_disposition"] for each in made]
    assert dispositions == ["merge", "merge", "replace", "replace"]


def test_odd_paths(tmp_path: Path) -> None:
    """O20: the fragment goes, the query becomes parameters."""
    many = {"get": {"responses": answer(envelope())}}
    draft = drafted(tmp_path, document({"/things.json?beta=true#all": many, "/a/:id/b": many}))  # fmt: skip
    assert resource(draft)["endpoint"]["path"] == "/things.json"
    assert resource(draft)["endpoint"]["params"] == {"beta": "true"}
    assert resource(draft)["name"] == "things"
    assert [each.code for each in draft.diagnostics] == ["odd-path"]


def test_media_types(tmp_path: Path) -> None:
    """O21: any JSON; the exact type where it is the only one."""
    operation = {"responses": answer(envelope(), "application/vnd.example.v2+json")}
    draft = drafted(tmp_path, document({"/things": {"get": operation}}))
    assert resource(draft)["endpoint"]["headers"] == {
        "Accept": "application/vnd.example.v2+json"
    }


KEY = {"type": "apiKey", "in": "header"}


@pytest.mark.parametrize(
    ("schemes", "security", "words"),
    [
        ({"a": {**KEY, "name": "X-Key"}}, [{"a": []}], "key X-Key"),
        # O22: what stands before the key is read from the prose.
        ({"a": {**KEY, "name": "Authorization", "description": "Write `Token token=<key>`"}}, [{"a": []}], 'key Authorization "Token token="'),
        # O23: together, and alternatives.
        ({"a": {**KEY, "name": "A"}, "b": {**KEY, "name": "B"}}, [{"a": [], "b": []}], "keys A B"),
        ({"a": {"type": "http", "scheme": "basic"}, "b": {"type": "http", "scheme": "bearer"}}, [{"a": []}, {"b": []}], "basic | bearer"),
        # O25: authorization code is the refresh-token grant, after what needs no login.
        ({"o": {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "https://id.example.com/t", "authorizationUrl": "https://id.example.com/a", "scopes": {}}}}, "b": {"type": "http", "scheme": "basic"}}, [{"o": []}, {"b": []}], "basic | oauth2"),
        # O24
        ({}, None, "none declared"),
    ],
)  # fmt: skip
def test_auth(tmp_path: Path, schemes: Any, security: Any, words: str) -> None:
    data = listing(envelope())
    if schemes:
        data |= {"components": {"securitySchemes": schemes}, "security": security}
    draft = drafted(tmp_path, data)
    assert draft.found[0].decisions["auth"] == words


def test_a_key_in_authorization_without_a_prefix_is_asked_about(tmp_path: Path) -> None:
    scheme = {"a": {**KEY, "name": "Authorization"}}
    data = listing(envelope()) | {"components": {"securitySchemes": scheme}, "security": [{"a": []}]}  # fmt: skip
    assert any("`prefix`" in each for each in todos(drafted(tmp_path, data).spec))


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([{"url": "https://{shop}.example.com/{version}", "variables": {"shop": {"default": "x"}, "version": {"default": "v2"}}}], {"base_url": "https://{shop}.example.com/v2"}),
        ([{"url": "https://a.example.com", "description": "Live"}, {"url": "https://b.example.com", "description": "Sandbox server"}], {"environments": {"live": "https://a.example.com", "sandbox": "https://b.example.com"}}),
        ([{"url": "/v3"}], {"base_url": "https://{host}/v3"}),
        ([], {"base_url": "https://{host}"}),
    ],
)  # fmt: skip
def test_servers(tmp_path: Path, servers: Any, expected: dict[str, Any]) -> None:
    """O26"""
    client: Any = drafted(tmp_path, listing(envelope()) | {"servers": servers}).spec[
        "client"
    ]
    assert {key: client[key] for key in client if key in expected} == expected
    assert ("base_url" in client) != ("environments" in client)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        # O27: null in every spelling.
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "string", "x-nullable": True}, {"type": ["string", "null"]}),
        ({"anyOf": [TEXT, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"$ref": "#/components/schemas/Other", "nullable": True}, {"$ref": "#/definitions/Other", "nullable": True}),
        # O28, O29: enumerations that are none, leftovers of 3.0.
        ({"type": "integer", "enum": ["a"]}, {"type": "integer"}),
        ({"type": "string", "enum": ["a", "a", ""]}, {"type": "string", "enum": ["a", ""]}),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, {"type": "number"}),
        ({"type": "array"}, {"type": "array"}),
        ({"type": "integer", "format": "date-time"}, {"type": "integer"}),
        # A reference with words of its own; alternatives.
        ({"allOf": [{"$ref": "#/components/schemas/Other"}], "description": "why"}, {"$ref": "#/definitions/Other", "description": "why"}),
        ({"oneOf": [TEXT, {"$ref": "#/components/schemas/Other"}]}, {"anyOf": [TEXT, {"$ref": "#/definitions/Other"}]}),
        ({"type": "object", "additionalProperties": NUMBER}, {"type": "object", "additionalProperties": NUMBER}),
        ({"type": "object", "properties": {"a": TEXT}}, {"$ref": "#/definitions/ThingField"}),
    ],
)  # fmt: skip
def test_schemas(tmp_path: Path, schema: Any, expected: Any) -> None:
    thing = {"type": "object", "properties": {"id": TEXT, "field": schema}}
    other = {"type": "object", "properties": {"up": {"$ref": "#/components/schemas/Other"}}}  # fmt: skip
    data = listing(envelope(item={"$ref": "#/components/schemas/Thing"}))
    data["components"] = {"schemas": {"Thing": thing, "Other": other, "Unused": THING}}
    definitions: Any = drafted(tmp_path, data).spec["definitions"]
    assert definitions["Thing"]["properties"]["field"] == expected
    assert "Unused" not in definitions


def test_parts_are_merged_and_cycles_end(tmp_path: Path) -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
    thing = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"up": {"allOf": [{"$ref": "#/components/schemas/Thing"}, {"properties": {"x": TEXT}}]}}}]}  # fmt: skip
    data = listing(envelope(item={"$ref": "#/components/schemas/Thing"}))
    data["components"] = {"schemas": {"Thing": thing, "Base": base}}
    definitions: Any = drafted(tmp_path, data).spec["definitions"]
    assert definitions["Thing"]["required"] == ["id"]
    assert [*definitions] == ["Thing", "ThingUp"]


def test_names_that_collide_are_left_out_and_said(tmp_path: Path) -> None:
    """O30, O31"""
    names = (
        "class",
        "@odata.type",
        "model_config",
        "_links",
        "links",
        "日本",
        "+1",
        "-1",
    )
    thing = {"type": "object", "properties": dict.fromkeys(names, TEXT)}
    definitions: Any = drafted(tmp_path, listing(envelope(item=thing))).spec["definitions"]  # fmt: skip
    made = definitions["Thing"]["properties"]
    assert [*made] == ["class", "@odata.type", "model_config", "_links", "+1", "-1"]
    assert [*made.notes] == ["links", "日本"]


def test_swagger_2(tmp_path: Path) -> None:
    """O36"""
    data = {
        "swagger": "2.0",
        "info": {"title": "Old things", "version": "1"},
        "host": "api.example.com",
        "basePath": "/v1",
        "schemes": ["https"],
        "securityDefinitions": {"a": {"type": "basic"}},
        "security": [{"a": []}],
        "paths": {
            "/things": {
                "get": {
                    "parameters": [
                        {"name": "page", "in": "query", "type": "integer", "default": 1}
                    ],
                    "responses": {
                        "200": {
                            "description": "",
                            "schema": {
                                "type": "array",
                                "items": {"$ref": "#/definitions/Thing"},
                            },
                        }
                    },
                }
            }
        },
        "definitions": {"Thing": THING},
    }
    draft = drafted(tmp_path, data)
    client: Any = draft.spec["client"]
    assert client["base_url"] == "https://api.example.com/v1"
    assert client["auth"]["type"] == "basic"
    assert resource(draft)["endpoint"]["paginator"]["base_page"] == 1
    assert resource(draft)["schema"] == "#/definitions/Thing"


def test_incremental(tmp_path: Path) -> None:
    item = {"type": "object", "properties": {"id": TEXT, "updated_at": {"type": "string", "format": "date-time"}}}  # fmt: skip
    draft = drafted(tmp_path, listing(envelope(item=item), query("updated_since")))
    made = resource(draft)["endpoint"]["incremental"]
    assert made == {"cursor_path": "updated_at", "start_param": "updated_since"}


def test_include_and_exclude(tmp_path: Path) -> None:
    many = {"get": {"responses": answer(envelope()), "tags": ["Shop"]}}
    data = document({"/orders": many, "/items": many, "/users": {"get": {"responses": answer(envelope())}}})  # fmt: skip

    def names(**options: Any) -> list[str]:
        return [each.name for each in drafted(tmp_path, data, **options).found]

    assert names(include=("shop",)) == ["orders", "items"]
    assert names(include=("/us*",)) == ["users"]
    assert names(exclude=("item*",)) == ["orders", "users"]


def test_json_api_keeps_its_shape(tmp_path: Path) -> None:
    """O17: attributes stay below their key; what is included beside the data is none of it."""
    item = {
        "type": "object",
        "properties": {"id": TEXT, "type": TEXT, "attributes": THING},
    }
    beside = {
        "included": {"type": "array", "items": THING},
        "links": {"type": "object", "properties": {"next": NEXT_URL}},
    }
    operation = {
        "responses": answer(envelope(item=item, **beside), "application/vnd.api+json")
    }
    draft = drafted(tmp_path, document({"/things": {"get": operation}}))
    made = resource(draft)
    assert made["endpoint"]["data_selector"] == "data"
    assert made["endpoint"]["paginator"] == {
        "type": "json_link",
        "next_url_path": "links.next",
    }
    assert made["endpoint"]["headers"] == {"Accept": "application/vnd.api+json"}
    definitions: Any = draft.spec["definitions"]
    assert [*definitions["Thing"]["properties"]] == ["id", "type", "attributes"]


def test_names_come_from_paths(tmp_path: Path) -> None:
    """O32: `operationId` may be absent; it breaks ties."""
    many = {"responses": answer(envelope())}
    paths = {
        "/v1/users/{id}/order-items": {"get": many},
        "/users.list": {"get": many},
        "/a/{x}/things": {"get": many},
        "/b/{x}/things": {"get": {**many, "operationId": "ListB"}},
        "/b/{x}/things/": {"get": {**many, "operationId": "listAgain"}},
    }
    draft = drafted(tmp_path, document(paths))
    names = [each.name for each in draft.found]
    assert names == ["order_items", "users", "things", "b_things", "list_again"]


def test_times_that_are_no_iso_texts_stay_what_they_are(tmp_path: Path) -> None:
    """O34"""
    kinds = {
        "seconds": {**NUMBER, "format": "unix-time"},
        "mail": {**TEXT, "format": "date-time-rfc-2822"},
        "odd": {**TEXT, "format": "dateTime"},
        "iso": MOMENT,
    }
    data = listing(envelope(item={"type": "object", "properties": kinds}))
    definitions: Any = drafted(tmp_path, data).spec["definitions"]
    made = definitions["Thing"]["properties"]
    assert made == {"seconds": NUMBER, "mail": TEXT, "odd": TEXT, "iso": MOMENT}


YAML = """\
openapi: 3.0.0
info: { title: Days, version: 2020-01-02 }
paths:
  /days:
    get:
      responses:
        200:
          description: ""
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  properties:
                    on: { type: string, example: 2020-01-02 }
                    no: { type: string, enum: [yes, off, 2020-01-02] }
"""


def test_yaml_is_read_as_its_author_means_it(tmp_path: Path) -> None:
    """O35: neither dates nor `on` and `off` become something else; a status may be a number."""
    source = tmp_path / "api.yaml"
    source.write_text(YAML, encoding="utf-8")
    draft = read(source, ImportOptions())
    assert checked(draft) is draft
    definitions: Any = draft.spec["definitions"]
    assert definitions["Day"]["properties"] == {
        "on": TEXT,
        "no": {"type": "string", "enum": ["yes", "off", "2020-01-02"]},
    }


def test_references_that_mean_no_part_of_the_api_are_left_alone(tmp_path: Path) -> None:
    """O37: examples and extensions may point at files that were never shipped."""
    data = listing(envelope(item={**THING, "example": {"$ref": "absent.json"}}))
    data["x-docs"] = {"$ref": "https://example.com/docs.yaml"}
    operation = data["paths"]["/things"]["get"]
    operation["x-samples"] = [{"lang": "ts", "source": {"$ref": "./samples/a.ts"}}]
    content = operation["responses"]["200"]["content"]["application/json"]
    content["examples"] = {"one": {"$ref": "./examples/one.json"}}
    draft = drafted(tmp_path, data)
    assert not draft.diagnostics
    assert len(draft.found) == 1
