"""What ends the data: flags, short and empty pages, totals, bounds; and what is not the end."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.functional.conftest import Client, Make
from tests.scripted import Answer, Api, Call, Route
from tests.support import part

ROWS = [{"id": number} for number in range(1, 8)]
IDS = [row["id"] for row in ROWS]

SPEC = """
connector: ends
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data } }
resources:
  - { name: short, endpoint: { paginator: { type: page_number, base_page: 0, limit: 3, limit_param: size, stop_after_short_page: true } } }
  - { name: short_cursor, endpoint: { paginator: { type: cursor, cursor_path: last_record.id, cursor_param: after, limit: 3, limit_param: size, stop_after_short_page: true } } }
  - { name: short_total, endpoint: { paginator: { type: offset, limit: 3, total_path: total, stop_after_short_page: true } } }
  - { name: is_last, endpoint: { paginator: { type: page_number, base_page: 0, is_last_path: meta.last } } }
  - { name: is_last_cursor, endpoint: { paginator: { type: cursor, cursor_path: meta.next, cursor_param: cursor, is_last_path: meta.last } } }
  - { name: flag_header, endpoint: { paginator: { type: page_number, base_page: 0, has_more_path: headers.X-More } } }
  - { name: flag, endpoint: { paginator: { type: page_number, base_page: 0, has_more_path: more } } }
  - { name: flag_or_empty, endpoint: { paginator: { type: page_number, base_page: 0, has_more_path: more, stop_after_empty_page: true } } }
  - { name: flag_offset, endpoint: { paginator: { type: offset, limit: 3, has_more_path: more } } }
  - { name: condition, endpoint: { paginator: { type: page_number, base_page: 0, stop_condition: response.page >= response.pages } } }
  - { name: rows, endpoint: { paginator: { type: page_number, base_page: 0, total_path: total, total_is: rows } } }
  - { name: rows_exact, endpoint: { paginator: { type: page_number, base_page: 0, total_path: total, total_is: rows, total: exact } } }
  - { name: rows_ignored, endpoint: { paginator: { type: page_number, base_page: 0, total_path: total, total_is: rows, total: ignore } } }
  - { name: pages_ignored, endpoint: { paginator: { type: page_number, base_page: 0, total_path: total, total: ignore } } }
  - { name: total_header, endpoint: { paginator: { type: offset, limit: 3, total_path: headers.X-Total-Count } } }
  - { name: rows_header, endpoint: { paginator: { type: page_number, base_page: 0, total_path: headers.X-Total-Count, total_is: rows } } }
  - { name: total_and_flag, endpoint: { paginator: { type: offset, limit: 3, total_path: total, has_more_path: more } } }
  - { name: exact_and_flag, endpoint: { paginator: { type: offset, limit: 3, total_path: total, total: exact, has_more_path: more } } }
  - { name: pages_and_flag, endpoint: { paginator: { type: page_number, base_page: 0, total_path: total, has_more_path: more } } }
  - { name: total, endpoint: { paginator: { type: offset, limit: 3, total_path: total } } }
  - { name: cursor, endpoint: { paginator: { type: cursor, cursor_path: next, cursor_param: cursor } } }
  - { name: maximum, write_disposition: append, endpoint: { paginator: { type: page_number, base_page: 0, maximum_page: 2 } } }
  - { name: maximum_rows, endpoint: { paginator: { type: offset, limit: 3, maximum_offset: 3 } } }
"""


def page(number: int, size: int = 3) -> list[dict[str, int]]:
    return ROWS[number * size : (number + 1) * size]


def paged(**more: Any) -> Route:
    """Pages of three by number or offset, with what `more` says of each."""

    def route(call: Call) -> Any:
        start = int(call.query.get("offset", -1))
        number = start / 3 if start >= 0 else int(call.query["page"])
        rows = ROWS[int(number * 3) : int(number * 3) + 3]
        said = {key: _of(value, number) for key, value in more.items()}
        return {"data": rows, **said}

    return route


def _of(value: Any, number: float) -> Any:
    return value(number) if callable(value) else value


def read(client: Client, api: Api, name: str, route: Route) -> list[int]:
    api.routes[f"/{name}"] = route
    return [record.id for record in getattr(client(SPEC), name)()]


def fails(client: Client, api: Api, name: str, route: Route) -> str:
    with pytest.raises(
        Exception
    ) as caught:  # noqa: PT011 - the class is of the package
        read(client, api, name, route)
    assert type(caught.value).__name__ == "PaginationError"
    return str(caught.value)


# ---- short pages


def test_a_short_page_ends_the_data_where_the_spec_says_so(
    client: Client, api: Api
) -> None:
    """D21: no request after a page that is not full."""
    assert read(client, api, "short", paged()) == IDS
    assert len(api.calls) == 3


def test_a_short_page_ends_a_cursor(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("after", "0"))
        return {"data": ROWS[start : start + 3]}

    assert read(client, api, "short_cursor", route) == IDS
    assert len(api.calls) == 3


def test_a_short_page_is_compared_with_the_total(client: Client, api: Api) -> None:
    assert read(client, api, "short_total", paged(total=7)) == IDS
    message = fails(client, api, "short_total", paged(total=8))
    assert "7 records, but the total is 8" in message


# ---- flags


@pytest.mark.parametrize("last", [True, "true", 1, "True"], ids=repr)
def test_a_flag_that_says_last(client: Client, api: Api, last: object) -> None:
    route = paged(meta=lambda number: {"last": last if number == 2 else False})
    assert read(client, api, "is_last", route) == IDS
    assert len(api.calls) == 3


def test_a_flag_that_says_last_is_missing(client: Client, api: Api) -> None:
    message = fails(client, api, "is_last", paged(meta={}))
    assert "meta.last should be true or false" in message


def test_not_the_last_page_and_no_cursor(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        start = int(call.query.get("cursor", "0"))
        return {
            "data": ROWS[start : start + 3],
            "meta": {"next": start + 3 if start < 3 else None, "last": start == 6},
        }

    message = fails(client, api, "is_last_cursor", route)
    assert "there should be more, but the answer has no meta.next" in message


def test_a_flag_in_a_header(client: Client, api: Api) -> None:
    def route(call: Call) -> Any:
        number = int(call.query["page"])
        more = "false" if number == 2 else "true"
        return Answer({"data": page(number)}, headers={"X-More": more})

    assert read(client, api, "flag_header", route) == IDS
    assert len(api.calls) == 3


def with_gap(call: Call) -> Any:
    """The second page is empty, and not the last one."""
    number = int(call.query["page"])
    rows = [page(0), [], page(1), page(2)][number]
    return {"data": rows, "more": number < 3, "page": number, "pages": 3}


@pytest.mark.parametrize("name", ["flag", "condition"])
def test_an_empty_page_in_the_middle(client: Client, api: Api, name: str) -> None:
    assert read(client, api, name, with_gap) == IDS


def test_an_empty_page_ends_the_data_where_the_spec_says_so(
    client: Client, api: Api
) -> None:
    assert read(client, api, "flag_or_empty", with_gap) == [1, 2, 3]


def test_an_offset_does_not_move_over_an_empty_page(client: Client, api: Api) -> None:
    message = fails(client, api, "flag_offset", paged(more=True))
    assert "an empty page, but not the end of the data" in message
    assert len(api.calls) == 4


def test_empty_pages_without_end(client: Client, api: Api) -> None:
    """Every cursor is a new one, and no page has a record."""
    message = fails(
        client, api, "cursor", lambda call: {"data": [], "next": len(api.calls)}
    )
    assert "101 pages in a row without a record that is new" in message
    assert len(api.calls) == 101


def test_cursors_that_alternate(client: Client, api: Api) -> None:
    """A8: A, B, A, B; the error names the cursor that came back."""

    def route(call: Call) -> Any:
        following = "B" if call.query.get("cursor") == "A" else "A"
        return {"data": [{"id": len(api.calls)}], "next": following}

    message = fails(client, api, "cursor", route)
    assert "the server leads back to this request" in message
    assert "cursor=A" in message
    assert len(api.calls) == 3


# ---- totals


@pytest.mark.parametrize("name", ["rows", "rows_exact", "rows_ignored"])
@pytest.mark.parametrize("total", [7, "7"], ids=repr)
def test_a_total_of_rows(client: Client, api: Api, name: str, total: object) -> None:
    assert read(client, api, name, paged(total=total)) == IDS
    assert len(api.calls) == 3


def test_a_total_of_rows_that_is_not_met(client: Client, api: Api) -> None:
    for name in ("rows", "rows_exact"):
        message = fails(client, api, name, paged(total=9))
        assert "7 records, but the total is 9" in message
    message = fails(client, api, "rows_exact", paged(total=5))
    assert "6 records, but the total is 5" in message


@pytest.mark.parametrize("name", ["rows", "total"])
def test_a_total_that_is_passed_is_not_the_end(
    client: Client, api: Api, name: str
) -> None:
    assert read(client, api, name, paged(total=5)) == IDS


def test_a_total_that_nobody_checks(client: Client, api: Api) -> None:
    assert read(client, api, "rows_ignored", paged(total=90)) == IDS
    assert read(client, api, "pages_ignored", paged(total=90)) == IDS


def test_a_total_that_grows(client: Client, api: Api) -> None:
    growing = paged(total=lambda number: 4 if number == 0 else 7)
    assert read(client, api, "total", growing) == IDS


@pytest.mark.parametrize("name", ["total_header", "rows_header"])
def test_a_total_in_a_header(client: Client, api: Api, name: str) -> None:
    def counted(total: int) -> Route:
        return lambda call: Answer(paged()(call), headers={"X-Total-Count": str(total)})

    assert read(client, api, name, counted(7)) == IDS
    assert len(api.calls) == 3
    message = fails(client, api, name, counted(8))
    assert "7 records, but the total is 8" in message
    message = fails(client, api, name, paged())
    assert "the total headers.X-Total-Count should be a whole number" in message


@pytest.mark.parametrize("name", ["total_and_flag", "exact_and_flag"])
def test_a_flag_and_a_total(client: Client, api: Api, name: str) -> None:
    def told(total: int, last: int) -> Route:
        return paged(total=total, more=lambda number: number < last)

    assert read(client, api, name, told(7, 2)) == IDS
    assert len(api.calls) == 3
    message = fails(client, api, name, told(8, 2))
    assert "7 records, but the total is 8" in message
    assert "6 records, but the total is 7" in fails(client, api, name, told(7, 1))


def test_a_flag_goes_on_where_a_total_is_too_low(client: Client, api: Api) -> None:
    route = paged(total=3, more=lambda number: number < 2)
    assert read(client, api, "total_and_flag", route) == IDS
    message = fails(client, api, "exact_and_flag", route)
    assert "7 records, but the total is 3" in message


def test_a_flag_and_a_total_of_pages(client: Client, api: Api) -> None:
    def told(total: int, last: int) -> Route:
        return paged(total=total, more=lambda number: number < last)

    assert read(client, api, "pages_and_flag", told(3, 2)) == IDS
    message = fails(client, api, "pages_and_flag", told(4, 2))
    assert "the data ends here, but the last one is 3" in message


# ---- bounds


@pytest.mark.parametrize(
    ("name", "said"),
    [("maximum", "maximum_page=2"), ("maximum_rows", "maximum_offset=3")],
)
def test_a_bound_that_cuts_the_data_is_counted(
    client: Client, api: Api, caplog: pytest.LogCaptureFixture, name: str, said: str
) -> None:
    api.routes[f"/{name}"] = paged()
    reader = client(SPEC)
    with caplog.at_level(logging.INFO):
        rows = [record.id for record in getattr(reader, name)()]
    assert rows == (IDS[:6] if name == "maximum" else IDS[:3])
    assert reader.counts[name].events["reads truncated"] == 1
    assert f"truncated: {said} was reached, the API may have more" in caplog.text
    assert f"{name}: {len(rows)} received" in caplog.text


def test_nothing_is_counted_where_the_api_ends_first(client: Client, api: Api) -> None:
    api.routes["/maximum"] = lambda call: {
        "data": page(0) if call.query["page"] == "0" else []
    }
    reader = client(SPEC)
    assert [record.id for record in reader.maximum()] == IDS[:3]
    assert reader.counts["maximum"].events["reads truncated"] == 0


# ---- conditions that say where the cursor is

DIALECT = """
connector: dialect
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data } }
resources:
  - { name: nested, endpoint: { paginator: { type: cursor, cursor_param: after, stop_condition: not response.paging.next.after } } }
  - { name: other_key, endpoint: { paginator: { type: cursor, cursor_param: page_token, stop_condition: "not response.get('next_cursor', {})" } } }
  - { name: none, endpoint: { paginator: { type: cursor, cursor_param: cursor, stop_condition: "{{ response.meta.at is none }}" } } }
  - { name: not_in, endpoint: { paginator: { type: cursor, cursor_param: cursor, stop_condition: "'at' not in response['meta']" } } }
  - { name: header, endpoint: { paginator: { type: cursor, cursor_param: cursor, stop_condition: "not headers['X-Next']" } } }
  - { name: link, endpoint: { paginator: { type: cursor, cursor_param: cursor, stop_condition: "not headers.link.next" } } }
"""


def following(call: Call) -> int | None:
    start = int(
        call.query.get("after")
        or call.query.get("page_token")
        or call.query.get("cursor", "0")
    )
    return start + 3 if start < 6 else None


def rows(call: Call) -> list[dict[str, int]]:
    return ROWS[(following(call) or 9) - 3 :][:3]


def in_headers(call: Call) -> Answer:
    at = following(call)
    link = f'<{call.path}?cursor={at}>; rel="next"'
    headers = {"X-Next": str(at), "Link": link} if at else {}
    return Answer({"data": rows(call)}, headers=headers)


PLACES: dict[str, Route] = {
    "nested": lambda call: {
        "data": rows(call),
        **({"paging": {"next": {"after": following(call)}}} if following(call) else {}),
    },
    "other_key": lambda call: {"data": rows(call), "next_cursor": following(call)},
    "none": lambda call: {"data": rows(call), "meta": {"at": following(call)}},
    "not_in": lambda call: {
        "data": rows(call),
        "meta": {"at": following(call)} if following(call) else {},
    },
    "header": in_headers,
    "link": in_headers,
}


@pytest.mark.parametrize("name", PLACES)
def test_the_cursor_is_where_the_condition_looks(
    client: Client, api: Api, name: str
) -> None:
    api.routes[f"/{name}"] = PLACES[name]
    assert [record.id for record in getattr(client(DIALECT), name)()] == IDS


def test_a_bound_is_counted_in_the_source(package: Make, api: Api) -> None:
    api.routes["/maximum"] = paged()
    source = part(package(SPEC), "_source")(base_url=api.url, resources=["maximum"])
    assert [row["id"] for row in source.maximum] == IDS[:6]
