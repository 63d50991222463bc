"""Requests and answers as values."""

from __future__ import annotations

import pytest
from _runtime.errors import ResponseError
from _runtime.http import Request, Response
from _runtime.links import link_of
from _runtime.placing_body import with_body
from _runtime.request import Params
from _runtime.values import JSON


def answer(
    body: bytes = b"", status: int = 200, name: str = "X", value: str = ""
) -> Response:
    return Response(status, {name: value}, body, "http://a/b")


@pytest.mark.parametrize(
    ("url", "params", "target"),
    [
        ("/a", {}, "/a"),
        ("/a", {"x": None}, "/a"),
        ("/a", {"x": True, "y": 1.5, "z": 0}, "/a?x=true&y=1.5&z=0"),
        ("/a", {"x": ["1", None, 2]}, "/a?x=1&x=2"),
        ("/a", {"x": []}, "/a"),
        ("/a", {"x": "a b&c=d/é"}, "/a?x=a+b%26c%3Dd%2F%C3%A9"),
        ("/a?x=1&y=%2F", {"z": "3"}, "/a?x=1&y=%2F&z=3"),
        ("/a?x=1&y=2", {"x": "9"}, "/a?y=2&x=9"),
        ("/a?x=1", {"x": None}, "/a?x=1"),
        ("/a?x=1#part", {}, "/a?x=1"),
        ("/a?", {}, "/a"),
    ],
)
def test_target(url: str, params: Params, target: str) -> None:
    assert Request("GET", url, params=params).target == target


def test_with_params_leaves_the_first_request_as_it_was() -> None:
    first = Request("GET", "/a", params={"expand": "x", "page": 0})
    assert first.with_params({"page": 1}).params == {"expand": "x", "page": 1}
    assert first.params == {"expand": "x", "page": 0}


def test_with_headers_compares_names_without_case() -> None:
    request = Request("GET", "/a", headers={"X-Key": "1"}).with_headers({"x-key": "2"})
    assert [value for value in request.headers.values()] == ["2"]


@pytest.mark.parametrize(
    ("body", "path", "changed"),
    [
        (None, ("cursor",), {"cursor": "c"}),
        ({"a": 1}, ("page", "cursor"), {"a": 1, "page": {"cursor": "c"}}),
        (
            {"page": {"size": 5}},
            ("page", "cursor"),
            {"page": {"size": 5, "cursor": "c"}},
        ),
    ],
)
def test_with_body(body: JSON, path: tuple[str, ...], changed: JSON) -> None:
    before = repr(body)
    assert with_body(Request("POST", "/a", json=body), path, "c").json == changed
    assert repr(body) == before


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("https://b.example/c?d=1", "https://b.example/c?d=1"),
        ("/c?d=1", "https://a.example/c?d=1"),
        ("c?d=1", "https://a.example/v1/c?d=1"),
        ("?d=1", "https://a.example/v1/items?d=1"),
        ("//b.example/c", "https://b.example/c"),
    ],
)
def test_next_urls_replace_url_and_params(url: str, result: str) -> None:
    request = Request("GET", "https://a.example/v1/items", {"page": 1}, {"X-A": "1"})
    assert request.at(url) == Request("GET", result, {}, {"X-A": "1"})


def test_a_next_url_that_is_none() -> None:
    with pytest.raises(ResponseError):
        Request("GET", "https://a.example/").at("http://[")


def test_json_is_parsed_once() -> None:
    response = answer(b'{"a": [1]}')
    assert response.json == {"a": [1]}
    assert response.json is response.json
    assert answer(b"", 204).json is None


@pytest.mark.parametrize("body", [b'{"a": 1', b"<html>", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_json(body: bytes) -> None:
    with pytest.raises(ResponseError, match="not valid JSON"):
        answer(body).json  # noqa: B018


def test_headers_are_found_without_case() -> None:
    response = answer(name="X-Next", value="5")
    assert response.header("x-next") == response.header("X-NEXT") == "5"
    assert response.header("other") is None


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://a/b?p=2>; rel="next"', "https://a/b?p=2"),
        ("<https://a/b?p=2>; rel=next", "https://a/b?p=2"),
        ('<https://a/b?p=2>; REL="NEXT"', "https://a/b?p=2"),
        ('<https://a/p>; rel="prev", <https://a/n>; rel="next"', "https://a/n"),
        ('<https://a/p>; rel="prev",<https://a/n>;rel="next"', "https://a/n"),
        ('<https://a/?ids=1,2;3>; rel="next"', "https://a/?ids=1,2;3"),
        ('<https://a/?q="x">; rel="next"', 'https://a/?q="x"'),
        ('<https://a/n>; title="a, <b>; rel=prev"; rel="next last"', "https://a/n"),
        ('<https://a/n>; title="x; rel=next"; rel="prev"', None),
        ('<https://a/n>; rel="prev"; rel="next"', None),
        ('<https://a/n>; results="true"; rel="next"', "https://a/n"),
        ('<https://a/n>; rel="nextpage"', None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_link(header: str, target: str | None) -> None:
    assert link_of(answer(name="Link", value=header), "next") == target


def test_no_link_header() -> None:
    assert link_of(answer(), "next") is None
