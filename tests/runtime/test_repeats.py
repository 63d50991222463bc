"""Records that come twice in one read: dropped where they are the same, and never a circle."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from _runtime.errors import PaginationError
from _runtime.http import Http, Request, Response
from _runtime.reading import Read, Reader
from _runtime.records import Record
from _runtime.repeats import Unrepeated
from _runtime.values import JSON
from conftest import Answer, Api, Call, Script

Serve = Callable[[Script], Api]
Row = dict[str, JSON]


class Item(Record):
    id: JSON = None
    value: JSON = None


class Offset:
    def first(self, request: Request) -> Request:
        return request.with_params({"page": 0})

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        page = int(str(request.params["page"])) + 1
        return request.with_params({"page": page}) if records else None


def read(
    serve: Serve, page: Callable[[int], Sequence[JSON]], *key: str
) -> tuple[list[tuple[JSON, JSON]], int]:
    """What is yielded, and how many records were dropped."""

    def script(call: Call, number: int) -> Answer:
        return Answer({"data": page(int(call.query["page"]))})

    api = serve(script)
    reader = Reader(Http(base_url=api.url, user_agent="t", sleep=lambda seconds: None))
    given = Read(
        Request("GET", "/items"),
        resource="items",
        paginator=Offset(),
        selector=("data",),
        steps=[Unrepeated(*key)],
    )
    found = [each for page in reader.pages(Item, given) for each in page]
    counts = reader.counts["items"]
    assert counts.received == counts.yielded + counts.deduplicated
    return [(each.id, each.value) for each in found], counts.deduplicated


def pages(*given: Sequence[JSON]) -> Callable[[int], Sequence[JSON]]:
    return lambda number: given[number] if number < len(given) else []


def rows(*numbers: int, value: JSON = 0) -> list[JSON]:
    return [{"id": number, "value": value} for number in numbers]


@pytest.mark.parametrize("key", [("id",), ("id", "value"), ("absent",), ()])
def test_rows_that_moved_to_the_next_page(serve: Serve, key: tuple[str, ...]) -> None:
    """Whatever the records are found by."""
    found, dropped = read(serve, pages(rows(1, 2, 3), rows(3, 4), rows(5)), *key)
    assert [number for number, _ in found] == [1, 2, 3, 4, 5]
    assert dropped == 1


@pytest.mark.parametrize("key", [("id",), ()])
def test_both_versions_of_a_row_that_changed(
    serve: Serve, key: tuple[str, ...]
) -> None:
    """Also where Python finds them equal."""
    found, dropped = read(
        serve, pages(rows(1, 2, value=1), rows(2, 3, value=True)), *key
    )
    assert [str(value) for _, value in found] == ["1", "1", "True", "True"]
    assert dropped == 0


def test_the_same_row_twice_on_a_page(serve: Serve) -> None:
    found, dropped = read(serve, pages(rows(1, 1, 2)), "id")
    assert (len(found), dropped) == (2, 1)


@pytest.mark.parametrize("odd", [None, [1], {"id": [1]}, {"id": {"a": 1}}, "text"])
def test_records_without_a_key_that_can_be_used(serve: Serve, odd: JSON) -> None:
    """They are compared as a whole; `null` and a list fit no model, which comes later."""
    step = Unrepeated("id")
    assert step.keep([odd, *rows(1)]) == [odd, *rows(1)]
    assert step.keep([odd, *rows(2)]) == rows(2)


def test_records_are_not_kept_where_no_key_is_given() -> None:
    """What comes later may change them; they are still recognized."""
    step = Unrepeated()
    record: Row = {"id": 1}
    assert step.keep([record]) == [{"id": 1}]
    record["id"] = 2
    assert step.keep([{"id": 1}]) == []


def circle(size: int, total: int) -> Callable[[int], list[JSON]]:
    return lambda page: rows(*((page * size + each) % total for each in range(size)))


@pytest.mark.parametrize("size", [1, 7, 100, 250])
@pytest.mark.parametrize("total", [150, 1003, 2600])
def test_a_circle_of_any_length_is_noticed(size: int, total: int) -> None:
    """After at most twice the pages that it has, and a hundred records."""
    page, step = circle(size, total), Unrepeated("id")
    with pytest.raises(PaginationError, match="begins anew"):
        for number in range(4 * total // size + 400):
            step.keep(page(number))


@pytest.mark.parametrize(("size", "total"), [(100, 450), (10, 35)])
def test_a_read_of_a_circle_ends(serve: Serve, size: int, total: int) -> None:
    with pytest.raises(PaginationError, match="begins anew|pages in a row"):
        read(serve, circle(size, total), "id")


def test_pages_that_overlap_all_the_way_are_no_circle(serve: Serve) -> None:
    """Nine of ten rows of each page were on the one before."""

    def page(number: int) -> list[JSON]:
        return rows(*range(number * 10, number * 10 + 100)) if number < 60 else []

    found, dropped = read(serve, page, "id")
    assert len(found) == 690 and dropped == 60 * 100 - 690
