"""Other spellings of the same spec give the same package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import SpecError
from generator.package import Package
from generator.pipeline import compile_spec

Part = dict[str, Any]
_KEY = 'dlt.secrets["key"]'


def spec(client: Part | None = None, **endpoint: Any) -> Part:
    return {
        "connector": "desk",
        "client": {"base_url": "https://api.example.com", **(client or {})},
        "resources": [
            {
                "name": "users",
                "endpoint": {"path": "/users", "paginator": "single_page", **endpoint},
            }
        ],
    }


def pages(kind: str, **keys: Any) -> Part:
    return spec(paginator={"type": kind, **keys})


def auth(**keys: Any) -> Part:
    return spec({"auth": keys})


SAME: dict[str, tuple[Part, Part]] = {
    "numbers as text": (
        pages("offset", limit="50", limit_param="n", offset="5", max_pages="9"),
        pages("offset", limit=50, limit_param="n", offset=5, max_pages=9),
    ),
    "retries as text": (
        spec(error_handler={"max_retries": "3", "backoff_factor": "0.5"}),
        spec(error_handler={"max_retries": 3, "backoff_factor": 0.5}),
    ),
    "timeout as text": (spec(timeout="30"), spec(timeout=30.0)),
    "start page": (pages("page_number", start_page="1"), pages("page_number", page=1)),
    "small letters": (
        spec(http_method="post", request_body_json={"a": 1}),
        spec(method="POST", json={"a": 1}),
    ),
    "names of other tools": (
        spec(request_parameters={"a": "b"}, request_headers={"X": "y"}),
        spec(params={"a": "b"}, headers={"X": "y"}),
    ),
    "no paging": (pages("no_pagination"), pages("single_page")),
    "none": (pages("none"), pages("single_page")),
    "offset increment": (pages("offset_increment"), pages("offset")),
    "page increment": (pages("page_increment"), pages("page_number")),
    "link header": (spec(paginator="link_header"), spec(paginator="header_link")),
    "cursor pagination": (
        pages("cursor_pagination", cursor_path="next", cursor_param="c"),
        pages("cursor", cursor_path="next", cursor_param="c"),
    ),
    "key of a bearer": (
        auth(type="bearer", api_key=_KEY, location="header"),
        auth(type="bearer", token=_KEY),
    ),
    "numbers in headers": (
        spec({"headers": {"X-Version": 2}}, headers={"X-On": True}),
        spec({"headers": {"X-Version": "2"}}, headers={"X-On": "true"}),
    ),
    "cursor field": (
        spec(incremental={"cursor_field": "at", "start_param": "since"}),
        spec(incremental={"cursor_path": "at", "start_param": "since"}),
    ),
    "placeholders of a URL": (
        spec({"base_url": "https://<site>.example.com/${tenant}"}),
        spec({"base_url": "https://{site}.example.com/{tenant}"}),
    ),
    "placeholder of a path": (
        spec(path="/v1/:org/users"),
        spec(path="/v1/{org}/users"),
    ),
}

REFUSED: dict[str, tuple[Part, str]] = {
    "no number": (pages("offset", limit="many"), "a whole number"),
    "negative number": (pages("offset", offset="-5"), "a whole number"),
    "bearer elsewhere": (auth(type="bearer", token=_KEY, location="query"), "header"),
    "both spellings": (
        spec(params={"a": 1}, request_parameters={"b": 2}),
        "request_par",
    ),
    "unknown paginator": (pages("magic"), "single_page"),
}


def outcome(data: Part, folder: Path) -> Package:
    path = folder / "spec.json"
    path.write_text(json.dumps(data))
    return compile_spec(path)


@pytest.mark.parametrize("name", SAME)
def test_the_same_package(name: str, tmp_path: Path) -> None:
    found, plain = (outcome(each, tmp_path).files for each in SAME[name])
    code = [path for path in plain if path.endswith(".py")]
    assert {path: found[path] for path in code} == {path: plain[path] for path in code}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_in_doubt_is_refused(name: str, tmp_path: Path) -> None:
    data, words = REFUSED[name]
    with pytest.raises(SpecError) as caught:
        outcome(data, tmp_path)
    errors = [each for each in caught.value.diagnostics if each.severity == "error"]
    assert all(each.location.line for each in errors)
    assert any(words in f"{each.message} {each.hint}" for each in errors), errors


def test_a_colon_within_a_segment_is_no_placeholder(tmp_path: Path) -> None:
    files = outcome(spec(path="/v1/users:search"), tmp_path).files
    assert '"/v1/users:search"' in files["client.py"]
