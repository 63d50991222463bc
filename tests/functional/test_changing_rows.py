"""Rows that change while they are read: which version a merge keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.pipeline import compile_spec
from tests.functional.conftest import Make
from tests.refused import warned
from tests.scripted import Api, Call
from tests.support import run, source_of, table

KEYED = "schema: { type: object, required: [id, at], properties: { id: { type: integer }, at: { type: integer }, name: { type: string } } }"


def spec(
    schema: str = KEYED,
    disposition: str = "merge",
    cursor: str = "cursor_path: at",
    more: str = "",
) -> str:
    return f"""
connector: changing
silence: [no-auth, no-schema, no-request-window, upsert-twice]
client: {{ base_url: https://api.example.com }}
resources:
  - name: rows
    primary_key: id
    write_disposition: {disposition}
    {more}
    {schema}
    endpoint:
      data_selector: data
      paginator: {{ type: json_link, next_url_path: next }}
      incremental: {{ {cursor} }}
"""


def pages(*given: list[dict[str, Any]]) -> Any:
    def route(call: Call) -> Any:
        number = int(call.query.get("page", "0"))
        more = number + 1 < len(given)
        return {"data": given[number], "next": f"?page={number + 1}" if more else None}

    return route


OLD = {"id": 1, "at": 5, "name": "old"}
NEW = {"id": 1, "at": 9, "name": "new"}
OTHER = {"id": 2, "at": 7, "name": "other"}
VERSIONS = [[OLD, OTHER], [NEW]]


@pytest.mark.parametrize("versions", [VERSIONS, VERSIONS[::-1]], ids=["last", "first"])
@pytest.mark.parametrize("schema", [KEYED, ""], ids=["schema", "open"])
def test_the_later_version_stays(
    package: Make, api: Api, folder: Path, versions: Any, schema: str
) -> None:
    """Also where the table has the row already, and where it has child tables."""
    api.routes["/rows"] = pages([{**OLD, "at": 1, "tags": ["a"]}])
    run(source_of(package(spec(schema)), api.url), folder)
    api.routes["/rows"] = pages(*versions)
    loaded = run(source_of(package(spec(schema)), api.url), folder)
    assert table(loaded, "rows", "id") == [NEW, OTHER]


def test_the_least_cursor_is_the_latest_where_the_spec_says_so(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/rows"] = pages([{**NEW, "at": 9}], [{**OLD, "at": 5}])
    text = spec(cursor="cursor_path: at, last_value_func: min")
    loaded = run(source_of(package(text), api.url), folder)
    assert [row["name"] for row in table(loaded, "rows")] == ["old"]


def test_what_the_spec_says_goes_first(package: Make, api: Api, folder: Path) -> None:
    api.routes["/rows"] = pages(*VERSIONS)
    text = spec(more="columns: { name: { dedup_sort: desc } }")
    loaded = run(source_of(package(text), api.url), folder)
    assert table(loaded, "rows", "id") == [OLD, OTHER]


@pytest.mark.parametrize(
    ("disposition", "cursor", "hinted"),
    [
        ("merge", "cursor_path: at", True),
        ("{ disposition: merge, strategy: delete-insert }", "cursor_path: at", True),
        ("{ disposition: merge, strategy: upsert }", "cursor_path: at", False),
        ("append", "cursor_path: at", False),
        ("merge", "cursor_path: meta.at", False),
        ("merge", "cursor_path: id", False),
    ],
)
def test_where_dlt_is_told(
    tmp_path: Path, disposition: str, cursor: str, hinted: bool
) -> None:
    """dlt sorts by columns of the table itself; an upsert does not look at the hint."""
    path = tmp_path / "spec.yaml"
    path.write_text(spec("", disposition, cursor))
    columns = compile_spec(path).files.get("columns.py", "")
    assert ('{"dedup_sort": "desc"}' in columns) == hinted


@pytest.mark.parametrize("strategy", ["upsert", "insert-only"])
def test_strategies_that_want_each_key_once(
    package: Make, api: Api, folder: Path, strategy: str
) -> None:
    """What dlt makes of both versions, so that a fix there is noticed; the compiler warns."""
    text = spec(disposition=f"{{ disposition: merge, strategy: {strategy} }}")
    (warning,) = warned(text.replace(", upsert-twice", ""))
    assert warning.code == "upsert-twice"
    assert f"with `{strategy}` dlt loads a row twice, or fails" in warning.message
    api.routes["/rows"] = pages(*VERSIONS)
    loaded = run(source_of(package(text), api.url), folder)
    assert table(loaded, "rows", 'id, "at"') == [OLD, NEW, OTHER]
