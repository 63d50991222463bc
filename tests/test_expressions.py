"""Expressions of a spec: the code they become, and what that code gives on an answer.

The generated paginators are run, so that the code, its imports and its helpers are tested as one.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import imported

from generator.expressions.text import ExpressionError
from generator.expressions import compile_condition, compile_value
from generator.lowering.absence import is_plain
from generator.lowering.context import CLIENT_ARGUMENTS
from generator.naming import pascal
from generator.values import computed
from generator.views import common

BODY = {
    "next": "abc",
    "has_more": True,
    "end": False,
    "nothing": None,
    "page": 2,
    "pages": 5,
    "total": "40",
    "day": "2026-01-01",
    "zero": 0,
    "title": "  Some Text ",
    "data": [{"id": 1}, {"id": 7}],
    "empty": [],
    "links": {"next": "https://api.example.com/2", "a.b": {"c d": 3}},
    "@odata.nextLink": "https://api.example.com/3",
}
HEADERS = {
    "Link": '<https://api.example.com/x?page=2>; rel="next"; results="true"; cursor="c:1"',
    "X-Total": "40",
}
RECORDS = [{"id": 1}, {"id": 7}]

LINK = "https://api.example.com/x?page=2"

VALUES: list[tuple[str, str, Any]] = [
    ("response.next", 'get(body, "next")', "abc"),
    ("next", 'get(body, "next")', "abc"),
    ("{{ response['next'] }}", 'get(body, "next")', "abc"),
    ("response.json().next", 'get(body, "next")', "abc"),
    ("response.missing", 'get(body, "missing")', None),
    ("response.missing.deeper[0]", 'get(body, "missing", "deeper", 0)', None),
    ("response.get('missing', 'x')", 'get(body, "missing", default="x")', "x"),
    ("response.get('missing', {}).get('y')", 'get(body, "missing", "y")', None),
    ("response.missing | default(3)", 'get(body, "missing", default=3)', 3),
    ("response.data[-1].id", 'get(body, "data", -1, "id")', 7),
    ("response.data|first", 'get(get(body, "data"), 0)', {"id": 1}),
    ("(response.data|last).id", 'get(get(get(body, "data"), -1), "id")', 7),
    ("response.links['a.b']['c d']", 'get(body, "links", "a.b", "c d")', 3),
    (
        "response['@odata.nextLink']",
        'get(body, "@odata.nextLink")',
        BODY["@odata.nextLink"],
    ),
    ("headers['x-total']", 'response.header("x-total")', "40"),
    ("headers.get('Missing')", 'response.header("Missing")', None),
    ("response.headers['X-Total']", 'response.header("X-Total")', "40"),
    ("headers.link.next.url", 'link_of(response, "next")', LINK),
    ("headers.Link.next", 'link_of(response, "next")', LINK),
    ("headers.link.next.cursor", 'link_of(response, "next", "cursor")', "c:1"),
    (
        "headers.Link.regex_search('page=([0-9]+)')",
        'regex_search("page=([0-9]+)", response.header("Link"))',
        "2",
    ),
    ("last_record.id", 'get(list(records), -1, "id")', 7),
    (
        "response.nothing or response.next",
        'get(body, "nothing") or get(body, "next")',
        "abc",
    ),
    (
        "response.end and response.next or response.page",
        '(get(body, "end") and get(body, "next")) or get(body, "page")',
        2,
    ),
    (
        "response.next if response.has_more else none",
        'get(body, "next") if get(body, "has_more") else None',
        "abc",
    ),
    ("response.page + 1", 'number(get(body, "page")) + 1', 3),
    (
        "response.pages - (response.page - 1)",
        'number(get(body, "pages")) - (number(get(body, "page")) - 1)',
        4,
    ),
    (
        "(response.page + 1) * 100",
        '(number(get(body, "page")) + 1) * 100',
        300,
    ),
    ("-(response.page + 1)", '-(number(get(body, "page")) + 1)', -3),
    ("'p' ~ response.page ~ '!'", '"p" + text(get(body, "page")) + "!"', "p2!"),
    (
        "(response.next ~ 'D').upper()",
        '(text(get(body, "next")) + "D").upper()',
        "ABCD",
    ),
    ("response.title | trim", 'text(get(body, "title")).strip()', "Some Text"),
    ("response.total | int", 'number(get(body, "total"))', 40),
    ("response.total | int // 7", 'number(get(body, "total")) // 7', 5),
    (
        "response.pages % response.page",
        'number(get(body, "pages")) % divisor(number(get(body, "page")))',
        1,
    ),
    (
        "response.title.strip().split(' ')[1]",
        'get(split(text(get(body, "title")).strip(), " "), 1)',
        "Text",
    ),
    (
        "'-'.join(['a', response.next])",
        'joined(["a", get(body, "next")], "-")',
        "a-abc",
    ),
    ("'x' + response.next", '"x" + text(get(body, "next"))', "xabc"),
    (
        "'a/b'.replace('/', response.next)",
        '"a/b".replace("/", text(get(body, "next")))',
        "aabcb",
    ),
    (
        "str_to_datetime('2026-01-02') + timedelta(days=response.page)",
        'written(moment_of("2026-01-02") + span(days=number(get(body, "page"))), '
        '"%Y-%m-%dT%H:%M:%SZ")',
        "2026-01-04T00:00:00Z",
    ),
    (
        "format_datetime(response.day, '%s', '%Y-%m-%d')",
        'written(moment_of(get(body, "day"), "%Y-%m-%d"), "epoch")',
        "1767225600",
    ),
    ("len(response.data)", 'length(get(body, "data"))', 2),
    (
        "response.next | hash('md5')",
        'hash_of(text(get(body, "next")), "md5")',
        "900150983cd24fb0d6963f7d28e17f72",
    ),
    (
        "response.data | map(attribute='id') | join(',')",
        'joined(field_of_each(get(body, "data"), "id"), ",")',
        "1,7",
    ),
    (
        "response.data | map(attribute='id') | last",
        'get(field_of_each(get(body, "data"), "id"), -1)',
        7,
    ),
    ("response.day[:4]", 'text(get(body, "day"))[:4]', "2026"),
    ("response.day[5:7]", 'text(get(body, "day"))[5:7]', "01"),
    ("response.next[-2:]", 'text(get(body, "next"))[-2:]', "bc"),
]

CONDITIONS: list[tuple[str, str, bool]] = [
    ("not response.next", 'not get(body, "next")', False),
    (
        "not response.get('links', {}).get('next')",
        'not get(body, "links", "next")',
        False,
    ),
    ("{{ 'cursor' not in response }}", 'not contains(body, "cursor")', True),
    ("{{ not 'next' in response }}", 'not contains(body, "next")', False),
    (
        "'rel=\"next\"' in headers['Link']",
        'contains(response.header("Link"), \'rel="next"\')',
        True,
    ),
    ("'x' in headers['Missing']", 'contains(response.header("Missing"), "x")', False),
    ("response.page in [1, 2]", 'contains([1, 2], get(body, "page"))', True),
    ("response.nothing is none", 'get(body, "nothing") is None', True),
    ("response.nothing is not defined", 'get(body, "nothing") is None', True),
    ("none == response.next", 'get(body, "next") is None', False),
    ("response.next != None", 'get(body, "next") is not None', True),
    ("response.end == false", 'get(body, "end") is False', True),
    ("response.zero is false", 'get(body, "zero") is False', False),
    ("not (response.next == 'abc')", 'get(body, "next") != "abc"', False),
    ("response.data|length == 0", 'length(get(body, "data")) == 0', False),
    ("response.empty|count < 1", 'length(get(body, "empty")) < 1', True),
    ("last_page_size < 100", "len(records) < 100", True),
    (
        "str_to_datetime(response.day) < now_utc() - duration('P1D')",
        'moment_of(get(body, "day")) < now_utc() - timedelta(days=1)',
        True,
    ),
    ("headers['X-Total'] == 40", 'number(response.header("X-Total")) == 40', True),
    (
        "response.page >= response.pages",
        'number(get(body, "page")) >= number(get(body, "pages"))',
        False,
    ),
    (
        "response.page * 20 >= response.total",
        'number(get(body, "page")) * 20 >= number(get(body, "total"))',
        True,
    ),
    (
        "(response.end or response.has_more) and not response.nothing",
        '(get(body, "end") or get(body, "has_more")) and not get(body, "nothing")',
        True,
    ),
    (
        "response.links.next.startswith('https')",
        'text(get(body, "links", "next")).startswith("https")',
        True,
    ),
    (
        "headers.link.next.results == 'false'",
        'link_of(response, "next", "results") == "false"',
        False,
    ),
]

REFUSED = [
    ("", "Expected an expression"),
    ("a b", "got 'b'"),
    ("{{ a }} and {{ b }}", "without text around the braces"),
    ("{% if a %}", "without text around the braces"),
    ("a" * 2001, "at most 2000 characters"),
    ("(" * 900 + "a" + ")" * 900, "nested too deeply"),
    (" and ".join(["a"] * 60), "nested too deeply"),
    ("a | map('x')", "write which field"),
    ("a | map(attribute='x', default=1)", "write which field"),
    ("a | hash('crc32')", "hash takes 'md5'"),
    ("a | hash(b)", "hash takes 'md5'"),
    ("a[b:2]", "a part of a text is written with numbers"),
    ("a[true:]", "a part of a text is written with numbers"),
    ("a is string", "the test `is string`"),
    ("a ** b", "Pow"),
    ("a[1:2:3]", "a part of a text is written with numbers"),
    ("a[b]", "a key in brackets"),
    ("a[true]", "a key in brackets"),
    ("a.pop()", "the method `pop`"),
    ("f(a)", "the function `f`"),
    ("len(a, b)", "the function `len`"),
    ("str(*a)", "no names and no stars"),
    ("a.get()", "`get` takes a key"),
    ("a.get('x', y)", "constants only"),
    ("[9 ** 9 ** 9]", "Pow is not supported"),
    ("1e999", "constants only"),
    ("a < b < c", "chained comparisons"),
    ("a < 'b'", "is no number"),
    ("a + true", "is no number"),
    ("len(a) is none", "a number is never none"),
    ("headers.x == true", "a header is never true"),
    ("headers.x == ('a' in b)", "a header is never equal to a condition"),
    ("headers", "name the header"),
    ("headers.x.y", "a header is text"),
    ("headers.get('x', 'y')", "the default of a header"),
    ("(a or b) | default(1)", "`default` follows a lookup"),
    ("config.x", "`config` is not supported here"),
    ("not headers.X-Next", "quoted: `headers['X-Next']`"),
    ("response.headers.X-Next-Page", "quoted: `headers['X-Next']`"),
    ("dlt.secrets.x", "`dlt` is not supported here"),
    ("a.regex_search('(')", "not a regular expression"),
    ("a.regex_search('a{9999999999}')", "not a regular expression"),
    ("a.regex_search(b)", "a quoted pattern"),
    ("{'a': [b]}", "constants only"),
]


def spec() -> str:
    """One paginator for each expression: values are cursors, conditions end the data."""
    resources: list[dict[str, object]] = []
    for index, (text, _, _) in enumerate(VALUES):
        paging: dict[str, object] = {
            "type": "cursor",
            "cursor_value": text,
            "cursor_param": f"c{index}",
        }
        resources.append({"name": f"value_{index}", "endpoint": {"paginator": paging}})
    for index, (text, _, _) in enumerate(CONDITIONS):
        paging = {
            "type": "page_number",
            "base_page": 1,
            "page_param": f"p{index}",
            "stop_condition": text,
            "stop_after_empty_page": False,
        }
        resources.append({"name": f"test_{index}", "endpoint": {"paginator": paging}})
    client = {"base_url": "https://api.example.com"}
    return json.dumps({"client": client, "resources": resources})


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("expressions")
    path = folder / "expressions.yaml"
    path.write_text(spec())
    return imported(path, folder)


def following(package: ModuleType, name: str) -> Any:
    """The request after the sample answer, None where the data has ended."""
    http = import_module(f"{package.__name__}._runtime.http")
    request = http.Request("GET", "/things")
    response = http.Response(200, HEADERS, json.dumps(BODY).encode(), "")
    paginator = getattr(import_module(f"{package.__name__}.paginators"), name)()
    return paginator.following(paginator.first(request), response, RECORDS)


@pytest.mark.parametrize("index", range(len(VALUES)), ids=lambda i: VALUES[i][0])
def test_value(package: ModuleType, index: int) -> None:
    text, code, value = VALUES[index]
    assert compile_condition(text).code == code
    name = f"{pascal(f'value_{index}')}CursorPaginator"
    if isinstance(value, dict) or str(value).startswith("https://"):
        with pytest.raises(Exception, match="is a dict, not text|is a URL"):
            following(package, name)
        return
    if value is None and is_plain(compile_condition(text)):
        # Nothing is there, and HEADERS have a link to the next page.
        with pytest.raises(Exception, match="but announces more"):
            following(package, name)
        return
    request = following(package, name)
    assert (request and request.params[f"c{index}"]) == value


@pytest.mark.parametrize(
    "index", range(len(CONDITIONS)), ids=lambda i: CONDITIONS[i][0]
)
def test_condition(package: ModuleType, index: int) -> None:
    text, code, value = CONDITIONS[index]
    assert compile_condition(text).code == code
    request = following(package, f"{pascal(f'test_{index}')}PageNumberPaginator")
    assert (request is None) is value


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=lambda text: text[:30])
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=r".*") as caught:
        compile_condition(text)
    assert message in str(caught.value)


NAMES = {"body", "records", "response", "list", "len", "abs", "float"}
HELPERS = set(common.HELPERS)
ATTRIBUTES = {
    *("endswith", "header", "link", "lower", "replace", "startswith", "strip", "upper")
}
TOKENS = st.lists(
    st.sampled_from(
        "response headers last_record next . , ( ) [ ] { } not and or in is none true if else | "
        "default length first get regex_search == != < >= + - * ~ 1 -2 0.5 'a' '\"' \"'\" \\ "
        "link.next items __class__ '{{' '}}' config record config.x secrets.y now_utc() // % / "
        "split join round duration('P1D') .strftime('%Y') base64encode".split(" ")
    ),
    max_size=12,
).map(" ".join)


def check(text: str) -> None:
    """Arbitrary text is refused with a message, or becomes one expression of the closed set."""
    try:
        condition = compile_condition(text)
    except ExpressionError as error:
        assert str(error)
        return
    tree = ast.parse(str(condition.code), mode="eval")
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                assert name in NAMES | HELPERS
            case ast.Attribute(attr=name):
                assert name in ATTRIBUTES
            case ast.Lambda() | ast.NamedExpr() | ast.Subscript() | ast.Await():
                pytest.fail(f"{text!r} became {condition.code}")
            case _:
                pass
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    builtin = {"list", "len", "abs", "float"}
    assert called - builtin == set(condition.helpers)


@given(st.text())
def test_arbitrary_text(text: str) -> None:
    check(text)


@given(TOKENS)
def test_arbitrary_tokens(text: str) -> None:
    check(text)
    check("{{ " + text + " }}")


@given(TOKENS)
def test_arbitrary_tokens_over_a_record(text: str) -> None:
    try:
        found = computed(text, records=True)
        piece = compile_value(found.node, lambda part: ("value", "JSON"), records=True)
    except ExpressionError as error:
        assert str(error)
        return
    for node in ast.walk(ast.parse(piece.code, mode="eval")):
        match node:
            case ast.Name(id=name):
                assert name in {"record", "value", *NAMES, *HELPERS}
            case ast.Attribute(attr=name):
                assert name in ATTRIBUTES
            case ast.Lambda() | ast.NamedExpr() | ast.Subscript() | ast.Await():
                pytest.fail(f"{text!r} became {piece.code}")
            case _:
                pass


# ---- the expressions of real specs

UNSUPPORTED = {
    "headers.Link.split(',').trim().selectattr('contains', 'rel=next')"
    ".regex_search('endingBefore=([^&]+)').first": "the method `selectattr`",
}


def dialect() -> Iterator[tuple[str, str]]:
    """Key and text of every expression in the corpus of the seeds' dialect."""
    folder = os.environ.get("GEN_CONNECTOR_CORPUS")
    for path in sorted(Path(folder, "seed_dialect").glob("*.json")) if folder else []:
        yield from in_value(json.loads(path.read_text("utf-8")))


def in_value(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key in ("stop_condition", "cursor_value", "cursor_path"):
            text = value.get(key)
            if isinstance(text, str) and (key != "cursor_path" or "(" in text):
                yield key, text
        for inner in value.values():
            yield from in_value(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from in_value(inner)


EXPRESSIONS = sorted(set(dialect()))


@pytest.mark.skipif(not EXPRESSIONS, reason="GEN_CONNECTOR_CORPUS is not set")
def test_expressions_of_the_dialect() -> None:
    refused: dict[str, str] = {}
    for _, text in EXPRESSIONS:
        try:
            compile_condition(text)
        except ExpressionError as error:
            refused[text] = str(error)
    assert refused.keys() <= UNSUPPORTED.keys(), refused
    for text, message in refused.items():
        assert UNSUPPORTED[text] in message


def test_no_setting_is_called_like_a_helper() -> None:
    """Else the helper would be imported for it, or hidden by it."""
    assert HELPERS <= CLIENT_ARGUMENTS
