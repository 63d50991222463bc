"""Rejected records are loaded once their model fits: each once, and never over a later one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dlt
import pytest

from tests.functional.conftest import Make
from tests.functional.test_accounts import pipeline_in
from tests.functional.test_loading import answer
from tests.scripted import Api
from tests.support import source_of, table

SPEC = """
connector: shop
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - name: merged
    write_disposition: merge
    rename: { title: name }
    schema: &row { type: object, required: [id], properties: { id: { type: integer }, size: { type: SIZE }, tags: { type: array, items: { type: string } } } }
    model: Merged
  - { name: appended, write_disposition: append, schema: *row, model: Appended }
  - { name: replaced, write_disposition: replace, schema: *row, model: Replaced }
"""
STRICT, MENDED = SPEC.replace("SIZE", "integer"), SPEC.replace(
    "SIZE", "[integer, string]"
)
NAMES = "merged", "appended", "replaced"
GOOD: dict[str, Any] = {"id": 1, "size": 1}
BAD: dict[str, Any] = {"id": 2, "size": "XL", "tags": ["a", "b"], "title": "t"}


def serve(api: Api, *rows: dict[str, Any]) -> None:
    api.routes.update({f"/{name}": answer(list(rows)) for name in NAMES})


def ids(pipeline: dlt.Pipeline) -> list[list[int]]:
    return [[row["id"] for row in table(pipeline, name, "id")] for name in NAMES]


def test_what_fits_by_now_is_loaded_once(package: Make, api: Api, folder: Path) -> None:
    pipeline = pipeline_in(folder)
    serve(api, GOOD, BAD, {"id": "no"})
    package(STRICT).load(pipeline, base_url=api.url)
    nothing = package(STRICT).replay(pipeline, base_url=api.url)
    assert (nothing.info, nothing.left) == (None, dict.fromkeys(NAMES, 2))
    done = package(MENDED).replay(pipeline, base_url=api.url, resources=["merged"])
    assert done.loaded == {"merged": 1} and done.left == {"merged": 1}
    done = package(MENDED).replay(pipeline, base_url=api.url)
    assert done.loaded == {"appended": 1, "replaced": 1}
    assert package(MENDED).replay(pipeline, base_url=api.url).info is None
    assert ids(pipeline) == [[1, 2], [1, 2], [1, 2]]
    (row,) = [row for row in table(pipeline, "merged") if row["id"] == 2]
    assert (row["size__v_text"], row["name"]) == ("XL", "t")
    assert len(table(pipeline, "merged__tags")) == 2
    assert len(table(pipeline, "rejected_records")) == 6
    assert [row["outcome"] for row in table(pipeline, "replayed_records")] == [
        "loaded"
    ] * 3


def test_what_is_loaded_since_is_newer(package: Make, api: Api, folder: Path) -> None:
    """Not over a later version of the row, nor into a table that was replaced since."""
    pipeline = pipeline_in(folder)
    serve(api, GOOD, BAD, {**BAD, "id": 3}, {**BAD, "id": 3, "title": "later"})
    package(STRICT).load(pipeline, base_url=api.url)
    serve(api, {"id": 2, "size": 7})
    package(STRICT).load(pipeline, base_url=api.url)
    done = package(MENDED).replay(pipeline, base_url=api.url)
    assert done.loaded == {"merged": 1, "appended": 3}
    assert done.superseded == {"merged": 2}
    assert done.left == {"replaced": 3}
    assert ids(pipeline) == [[1, 2, 3], [1, 2, 2, 3, 3], [2]]
    rows = {row["id"]: row for row in table(pipeline, "merged")}
    assert (rows[2]["size"], rows[3]["name"]) == (7, "later")


def test_a_replay_that_was_killed_is_finished(
    package: Make, api: Api, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it extracted is loaded by the next one, which does not load it again."""
    pipeline = pipeline_in(folder)
    serve(api, GOOD, BAD)
    package(STRICT).load(pipeline, base_url=api.url)

    def killed(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "load", killed)
        with pytest.raises(KeyboardInterrupt):
            package(MENDED).replay(pipeline, base_url=api.url)
    assert ids(pipeline) == [[1], [1], [1]]
    again = package(MENDED).replay(pipeline_in(folder), base_url=api.url)
    assert again.loaded == {}
    assert ids(pipeline) == [[1, 2], [1, 2], [1, 2]]


PARTS = """
connector: parts
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - { name: blogs, schema: { type: object, properties: { id: { type: integer } } }, model: Blog }
  - name: posts
    include_from_parent: [id]
    schema: { type: object, required: [id], properties: { id: { type: integer } } }
    model: Post
    endpoint: "blogs/{resources.blogs.id}/posts"
"""


def test_a_record_that_needs_its_parent_is_left(
    package: Make, api: Api, folder: Path
) -> None:
    pipeline = pipeline_in(folder)
    api.routes["/blogs"] = answer([{"id": 1}])
    api.routes["/blogs/1/posts"] = answer([{"id": 1}, {"id": "x"}])
    package(PARTS).load(pipeline, base_url=api.url)
    assert len(table(pipeline, "posts")) == 1
    done = package(PARTS).replay(pipeline, base_url=api.url)
    assert (done.info, done.left) == (None, {"posts": 1})
    source = source_of(package(PARTS), api.url)
    assert set(source.resources) == {
        "blogs",
        "posts",
        "rejected_records",
        "record_counts",
    }


UNSAFE = """
connector: unsafe
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { endpoint: { data_selector: data, paginator: single_page } }
resources:
  - { name: days, merge_key: day, write_disposition: merge, schema: &row { type: object, properties: { day: { type: integer } } }, model: Day }
  - { name: history, write_disposition: { disposition: merge, strategy: scd2 }, schema: *row, model: History }
"""


def test_a_record_that_would_remove_others_is_left(
    package: Make, api: Api, folder: Path
) -> None:
    """Alone, it would stand for its whole group, or for all that there is now."""
    pipeline = pipeline_in(folder)
    for name in ("days", "history"):
        api.routes[f"/{name}"] = answer([{"day": 1, "n": 1}, {"day": "x"}])
    package(UNSAFE).load(pipeline, base_url=api.url)
    mended = package(UNSAFE.replace("type: integer", "type: [integer, string]"))
    done = mended.replay(pipeline, base_url=api.url)
    assert (done.info, done.left) == (None, {"days": 1, "history": 1})
