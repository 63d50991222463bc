"""A child resource keeps a last value for each parent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.sources.rest_api import rest_api_source

from tests.functional.conftest import Make
from tests.scripted import Answer, Api, Call
from tests.support import run, source_of, table

NUMBER = "{ type: integer }"
MOMENT = "{ type: string, format: date-time }"


def spec(options: str = "", at: str = NUMBER, key: str = "append") -> str:
    return f"""
connector: forum
silence: [no-auth]
client: {{ base_url: https://api.example.com, error_handler: {{ max_retries: 0 }} }}
resource_defaults:
  primary_key: id
  write_disposition: {key}
  endpoint: {{ data_selector: data, paginator: single_page }}
resources:
  - name: posts
    write_disposition: merge
    schema: {{ type: object, required: [id], properties: {{ id: {{ type: integer }} }} }}
  - name: comments
    schema: {{ type: object, required: [id], properties: {{ id: {{ type: integer }}, at: {at} }} }}
    endpoint:
      path: posts/{{resources.posts.id}}/comments
      incremental: {{ cursor_path: at, start_param: since{options} }}
"""


class Forum:
    """Posts and their comments, which the tests add to between runs."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.comments: dict[int, list[dict[str, Any]]] = {}
        api.routes["/posts"] = lambda call: {
            "data": [{"id": post} for post in self.comments]
        }

    def put(self, post: int, *comments: tuple[int, Any]) -> None:
        found = self.comments.setdefault(post, [])
        found.extend({"id": number, "at": at} for number, at in comments)
        self.api.routes[f"/posts/{post}/comments"] = lambda call: {"data": found}

    def asked(self, post: int) -> list[str | None]:
        calls = self.api.called(f"/posts/{post}/comments")
        return [call.query.get("since") for call in calls]


def ids(pipeline: Any) -> list[int]:
    return sorted(row["id"] for row in table(pipeline, "comments"))


def theirs(url: str) -> Any:
    """The same for dlt's own rest_api."""
    return rest_api_source(
        {
            "client": {"base_url": url},
            "resource_defaults": {
                "endpoint": {"data_selector": "data", "paginator": "single_page"}
            },
            "resources": [
                {"name": "posts"},
                {
                    "name": "comments",
                    "endpoint": {
                        "path": "posts/{resources.posts.id}/comments",
                        "incremental": {"cursor_path": "at"},
                    },
                },
            ],
        }
    )


def test_the_history_of_a_new_parent_is_loaded(
    package: Make, api: Api, folder: Path
) -> None:
    """D45."""
    forum = Forum(api)
    forum.put(1, (1, 10))
    run(source_of(package(spec()), api.url), folder)
    run(theirs(api.url), folder, "theirs")
    forum.put(2, (2, 5))
    forum.put(1, (3, 11))
    api.calls.clear()
    loaded = run(source_of(package(spec()), api.url), folder)
    assert ids(loaded) == [1, 2, 3]
    assert forum.asked(1) == ["10"]
    assert forum.asked(2) == [None]
    assert ids(run(theirs(api.url), folder, "theirs")) == [1, 3]


@pytest.mark.parametrize(
    ("at", "early", "same", "late"),
    [
        (NUMBER, 1, 2, 3),
        (
            MOMENT,
            "2024-01-01T00:00:00Z",
            "2024-01-02T00:00:00Z",
            "2024-01-03T00:00:00Z",
        ),
        ("{ type: string, format: date }", "2024-01-01", "2024-01-02", "2024-01-03"),
        (
            "{ type: string }",
            "2024-01-01T00:00:00Z",
            "2024-01-02T09:00:00+09:00",
            "2024-01-02T00:30:00Z",
        ),
    ],
)
def test_records_at_the_last_value_are_loaded_once(
    package: Make, api: Api, folder: Path, at: str, early: Any, same: Any, late: Any
) -> None:
    forum = Forum(api)
    forum.put(1, (1, early), (2, same))
    run(source_of(package(spec(at=at)), api.url), folder)
    forum.put(1, (3, same), (4, late), (5, early))
    for _ in range(2):
        loaded = run(source_of(package(spec(at=at)), api.url), folder)
    assert ids(loaded) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (", initial_value: 3", [3, 4, 5, 6]),
        (", initial_value: 3, range_start: open", [4, 5, 6]),
        (", initial_value: 3, end_value: 5", [3, 4]),
        (", initial_value: 3, end_value: 5, range_end: closed", [3, 4, 5]),
        (", initial_value: 3, last_value_func: min", [1, 2, 3]),
    ],
)
def test_bounds_mean_what_they_mean_to_dlt(
    package: Make, api: Api, folder: Path, options: str, kept: list[int]
) -> None:
    forum = Forum(api)
    forum.put(1, *[(number, number) for number in range(1, 7)])
    loaded = run(source_of(package(spec(options)), api.url), folder)
    assert ids(loaded) == kept


def test_looking_back(package: Make, api: Api, folder: Path) -> None:
    forum = Forum(api)
    forum.put(1, (1, 10))
    text = spec(", lag: 3", key="merge")
    run(source_of(package(text), api.url), folder)
    forum.put(1, (2, 8), (3, 6))
    loaded = run(source_of(package(text), api.url), folder)
    assert forum.asked(1) == [None, "7"]
    assert ids(loaded) == [1, 2]


@pytest.mark.parametrize(
    ("option", "kept"), [("include", [1, 2]), ("exclude", [1]), ("raise", None)]
)
def test_a_record_without_a_cursor(
    package: Make, api: Api, folder: Path, option: str, kept: list[int] | None
) -> None:
    forum = Forum(api)
    forum.put(1, (1, 10))
    forum.comments[1].append({"id": 2})
    source = source_of(package(spec(f", on_cursor_value_missing: {option}")), api.url)
    if kept is None:
        with pytest.raises(PipelineStepFailed, match="has no cursor at"):
            run(source, folder)
    else:
        assert ids(run(source, folder)) == kept


def test_a_run_that_fails_moves_no_cursor(
    package: Make, api: Api, folder: Path
) -> None:
    forum = Forum(api)
    forum.put(1, (1, 10))
    forum.put(2, (2, 20))
    works = api.routes["/posts/2/comments"]

    def down(call: Call) -> Any:
        return Answer({"error": "down"}, 500)

    api.routes["/posts/2/comments"] = down
    with pytest.raises(PipelineStepFailed):
        run(source_of(package(spec()), api.url), folder)
    api.routes["/posts/2/comments"] = works
    loaded = run(source_of(package(spec()), api.url), folder)
    assert ids(loaded) == [1, 2]
    assert forum.asked(1) == [None, None]


def test_children_are_read_with_the_windows_of_their_parent(
    package: Make, api: Api, folder: Path
) -> None:
    text = f"""
connector: forum
silence: [no-auth]
client: {{ base_url: https://api.example.com, error_handler: {{ max_retries: 0 }} }}
resource_defaults:
  primary_key: id
  write_disposition: append
  endpoint: {{ data_selector: data, paginator: single_page }}
resources:
  - name: posts
    schema: &record {{ type: object, required: [id, at], properties: {{ id: {{ type: integer }}, at: {MOMENT} }} }}
    endpoint:
      incremental: {{ cursor_path: at, initial_value: "2024-01-01", start_param: from, end_param: to, window: P1D }}
  - name: comments
    schema: *record
    endpoint: {{ path: "posts/{{resources.posts.id}}/comments" }}
"""
    posts = [{"id": n, "at": f"2024-01-0{n}T12:00:00Z"} for n in (1, 2, 3)]

    def route(call: Call) -> Any:
        low, high = call.query["from"], call.query["to"]
        return {"data": [each for each in posts if low <= str(each["at"]) < high]}

    api.routes["/posts"] = route
    for n in (1, 2, 3):
        comment = {"id": 10 * n, "at": "2020-01-01T00:00:00Z"}
        api.routes[f"/posts/{n}/comments"] = lambda call, each=comment: {"data": [each]}
    works = api.routes.pop("/posts/3/comments")
    module = package(text)
    pipeline = run(source_of(module, api.url, resources=[]), folder)
    with pytest.raises(PipelineStepFailed):
        module.load(pipeline, base_url=api.url, end="2024-01-04")
    api.routes["/posts/3/comments"] = works
    api.calls.clear()
    module.load(pipeline, base_url=api.url, end="2024-01-04")
    assert len(api.called("/posts")) == 1
    assert [row["id"] for row in table(pipeline, "posts", "id")] == [1, 2, 3]
    assert ids(pipeline) == [10, 20, 30]
    with pytest.raises(Exception, match="posts is read by windows: select it as well"):
        module.load(pipeline, base_url=api.url, resources=["comments"])


def test_each_listed_value_has_a_cursor(package: Make, api: Api, folder: Path) -> None:
    text = """
connector: forum
silence: [no-auth]
client: { base_url: https://api.example.com }
resources:
  - name: comments
    primary_key: id
    for_each: { region: [eu, us] }
    schema: { type: object, required: [id, at], properties: { id: { type: integer }, at: { type: integer } } }
    endpoint:
      path: "{region}/comments"
      data_selector: data
      paginator: single_page
      incremental: { cursor_path: at, start_param: since }
"""
    found: dict[str, list[dict[str, int]]] = {"eu": [{"id": 1, "at": 10}], "us": []}
    for region in found:
        records = found[region]
        api.routes[f"/{region}/comments"] = lambda call, each=records: {"data": each}
    run(source_of(package(text), api.url), folder)
    found["us"].append({"id": 2, "at": 5})
    assert ids(run(source_of(package(text), api.url), folder)) == [1, 2]
