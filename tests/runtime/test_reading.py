"""The page loop over a real loopback server: what is read, counted, rejected, refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from _runtime.announced import announces_more
from _runtime.counting import Counts
from _runtime.errors import (
    ConnectorError,
    HostError,
    HTTPError,
    MissingDataError,
    PaginationError,
    RecordError,
    ResponseError,
)
from _runtime.http import Http, Request, Response
from _runtime.placing_body import with_body
from _runtime.reading import Read, Reader
from _runtime.records import Record
from _runtime.sending import Paginator, Rejected
from _runtime.values import JSON, Selector, get, text
from conftest import Answer, Api, Call, Script
from pydantic import Field

Serve = Callable[[Script], Api]


class Ticket(Record):
    id: int
    subject: str = Field(default="none", alias="Subject")


class Offset:
    """Steps by the records received; an empty page ends the data."""

    def __init__(self) -> None:
        self.offset = 0

    def first(self, request: Request) -> Request:
        return request.with_params({"offset": 0})

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        self.offset += len(records)
        return request.with_params({"offset": self.offset}) if records else None


class Single:
    def first(self, request: Request) -> Request:
        return request

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        return None


class Undeclared(Single):
    """What a connector has whose spec names no paginator."""

    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        if announced := announces_more(response):
            raise PaginationError(f"there is more ({announced}); write a paginator")
        return None


class NextUrl(Single):
    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        url = get(response.json, "next")
        return request.at(url) if isinstance(url, str) and url else None


class Cursor(Single):
    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        cursor = get(response.json, "cursor")
        return request.with_params({"cursor": text(cursor)}) if cursor else None


class BodyCursor(Single):
    def following(
        self, request: Request, response: Response, records: Sequence[JSON]
    ) -> Request | None:
        cursor = get(response.json, "cursor")
        return with_body(request, ("page", "cursor"), cursor) if cursor else None


def reader(
    api: Api, on_rejected: Callable[[Rejected], None] | None = None, **more: str
) -> Reader:
    secrets = list(more.values())
    http = Http(base_url=api.url, user_agent="t", secrets=secrets, sleep=lambda s: None)
    return Reader(http, on_rejected)


def pages(
    source: Reader,
    paginator: Paginator | None = None,
    selector: Selector = ("data",),
    request: Request = Request("GET", "/tickets"),
    max_pages: int | None = None,
    part: bool = False,
) -> Iterator[list[Ticket]]:
    read = Read(
        request,
        resource="tickets",
        paginator=paginator or Offset(),
        selector=selector,
        max_pages=max_pages,
        part=part,
    )
    return source.pages(Ticket, read)


def ids(read: Iterator[list[Ticket]]) -> list[list[int]]:
    return [[ticket.id for ticket in page] for page in read]


def table(size: int, page: int = 100) -> Script:
    """Rows 0 to size by offset, at most `page` of them."""

    def answer(call: Call, ordinal: int) -> Answer:
        start = int(call.query.get("offset", "0"))
        return Answer(
            {"data": [{"id": i} for i in range(start, min(size, start + page))]}
        )

    return answer


def chain(*answers: JSON) -> Script:
    return lambda call, n: Answer(answers[min(n, len(answers) - 1)])


# Reading


def test_all_pages_in_order(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """D9: the server caps the page."""
    api = serve(table(250))
    source = reader(api)
    with caplog.at_level(logging.INFO, "_runtime"):
        read = ids(pages(source))
    assert [len(page) for page in read] == [100, 100, 50]
    assert sum(read, []) == list(range(250))
    assert source.counts == {"tickets": Counts(250, 250, 0, 4)}
    assert caplog.messages == [
        "tickets: 250 received = 250 yielded + 0 rejected, 4 pages"
    ]


def test_pages_are_read_as_they_are_asked_for(serve: Serve) -> None:
    api = serve(table(1000))
    read = pages(reader(api))
    assert api.calls == []
    next(read)
    assert len(api.calls) == 1
    next(read)
    assert len(api.calls) == 2


def test_records_keep_unknown_fields_and_are_read_by_alias(serve: Serve) -> None:
    api = serve(chain({"id": "1", "Subject": "a", "subject": "b", "more": {"x": 1}}))
    ((ticket,),) = pages(reader(api), Single(), ())
    assert (ticket.id, ticket.subject) == (1, "a")
    assert ticket.model_extra == {"subject": "b", "more": {"x": 1}}


def test_a_single_object_is_one_record(serve: Serve) -> None:
    assert ids(pages(reader(serve(chain({"data": {"id": 7}}))), Single())) == [[7]]


def test_null_and_no_content_are_empty_pages(serve: Serve) -> None:
    """D19."""
    api = serve(
        lambda call, n: Answer({"data": None}) if n == 0 else Answer(status=204)
    )
    source = reader(api)
    assert ids(pages(source, Single())) == ids(pages(source, Single())) == []
    assert source.counts["tickets"] == Counts(pages=2)


def test_empty_pages_are_not_yielded_and_do_not_end_a_cursor(serve: Serve) -> None:
    api = serve(
        chain(
            {"data": [{"id": 1}], "cursor": 2},
            {"data": [], "cursor": 3},
            {"data": [{"id": 2}], "cursor": ""},
        )
    )
    assert ids(pages(reader(api), Cursor())) == [[1], [2]]


def test_next_urls(serve: Serve) -> None:
    """Fixed parameters go, as in dlt, and a relative URL is one (RFC 3986)."""

    def answer(call: Call, n: int) -> Answer:
        following = ["/tickets?page=2", "?page=3", api.url + "/tickets?page=4", False][
            n
        ]
        return Answer({"data": [{"id": n}], "next": following})

    api = serve(answer)
    request = Request("GET", "/tickets", {"x": 1}, {"X-Kept": "1"})
    assert ids(pages(reader(api), NextUrl(), request=request)) == [[0], [1], [2], [3]]
    assert [call.target for call in api.calls] == [
        "/tickets?x=1",
        "/tickets?page=2",
        "/tickets?page=3",
        "/tickets?page=4",
    ]
    assert api.calls[3].headers["x-kept"] == "1"


def test_a_cursor_in_the_body_of_a_search(serve: Serve) -> None:
    api = serve(chain({"data": [{"id": 1}], "cursor": "c"}, {"data": [{"id": 2}]}))
    request = Request("POST", "/search", json={"query": {"open": True}})
    assert ids(pages(reader(api), BodyCursor(), request=request)) == [[1], [2]]
    assert [json.loads(call.body) for call in api.calls] == [
        {"query": {"open": True}},
        {"query": {"open": True}, "page": {"cursor": "c"}},
    ]


def test_several_resources_at_once(serve: Serve) -> None:
    api = serve(table(1000))
    source = reader(api)

    def read(name: str) -> int:
        request = Request("GET", f"/{name}")
        read = Read(request, name, paginator=Offset(), selector=("data",))
        return sum(len(page) for page in source.pages(Ticket, read))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, "abcdefgh")) == [1000] * 8
    assert source.counts == {name: Counts(1000, 1000, 0, 11) for name in "abcdefgh"}


# An end for a reason


@pytest.mark.parametrize(
    ("answer", "paginator"),
    [
        ({"data": [{"id": 1}], "cursor": "S"}, Cursor()),
        ({"data": [], "cursor": "S"}, Cursor()),
        ({"data": [], "next": "/tickets"}, NextUrl()),
        ({"data": [], "cursor": "S"}, BodyCursor()),
    ],
)
def test_a_request_that_comes_back(
    serve: Serve, answer: JSON, paginator: Paginator
) -> None:
    """D1 to D4."""
    api = serve(chain(answer))
    with pytest.raises(PaginationError, match=r"tickets, page \d, (GET|POST) http"):
        for _ in pages(reader(api), paginator):
            pass
    assert len(api.calls) <= 2


def test_a_search_that_comes_back_shows_its_body(serve: Serve) -> None:
    api = serve(chain({"data": [], "cursor": "S"}))
    with pytest.raises(PaginationError, match="page 3, .*cursor.*S.*this request"):
        list(pages(reader(api), BodyCursor(), request=Request("POST", "/s", json={})))


def test_a_longer_circle(serve: Serve) -> None:
    turns = iter("abcab")
    api = serve(lambda call, n: Answer({"data": [{"id": n}], "cursor": next(turns)}))
    read: list[list[Ticket]] = []
    with pytest.raises(PaginationError, match="page 5, .*cursor=a.*leads back"):
        read.extend(pages(reader(api), Cursor()))
    assert ids(iter(read)) == [[0], [1], [2], [3]]


def test_a_server_that_ignores_the_offset(serve: Serve) -> None:
    """D7, D13: the repeated page is not yielded again."""
    api = serve(chain({"data": [{"id": i} for i in range(100)]}))
    read: list[list[Ticket]] = []
    with pytest.raises(PaginationError, match="page 2, .*the same 100 records"):
        read.extend(pages(reader(api)))
    assert len(read) == 1
    assert len(api.calls) == 2


def test_max_pages(serve: Serve) -> None:
    assert len(list(pages(reader(serve(table(250))), max_pages=4))) == 3
    api = serve(table(1000))
    read: list[list[Ticket]] = []
    with pytest.raises(PaginationError, match="page 4, .*max_pages=3"):
        read.extend(pages(reader(api), max_pages=3))
    assert (len(read), len(api.calls)) == (3, 3)


def test_a_next_url_on_another_host(serve: Serve) -> None:
    """D22."""
    other = serve(lambda call, n: Answer({"data": []}))
    url = f"http://localhost:{other.port}/x"
    api = serve(chain({"data": [{"id": 1}], "next": url}))
    read: list[list[Ticket]] = []
    with pytest.raises(HostError, match="tickets, page 2, .*localhost"):
        read.extend(pages(reader(api), NextUrl()))
    assert ids(iter(read)) == [[1]]
    assert other.calls == []


@pytest.mark.parametrize(
    ("body", "selector", "shown"),
    [
        (
            {"error": {"m": "hidden"}},
            ("data",),
            "no data at data: .*has the keys error",
        ),
        ({"data": {"x": "hidden"}}, ("data", "items"), "data.items: .*keys data"),
        (["hidden"], ("data",), "the answer is a list"),
        (b"", ("data",), "the answer is empty"),
        (b"", (), "no data at the top: the answer is empty"),
    ],
)
def test_missing_data(
    serve: Serve, body: object, selector: Selector, shown: str
) -> None:
    """D10, D11: an error, with keys and without values."""
    api = serve(lambda call, n: Answer(body))
    with pytest.raises(
        MissingDataError, match=f"tickets, page 1, GET .*{shown}"
    ) as caught:
        list(pages(reader(api), selector=selector))
    assert "hidden" not in str(caught.value)


def test_missing_data_may_be_empty(serve: Serve) -> None:
    api = serve(chain({"data": [{"id": 1}]}, {"count": 0}))
    read = Read(
        Request("GET", "/"),
        resource="tickets",
        paginator=Offset(),
        selector=("data",),
        missing="empty",
    )
    assert ids(reader(api).pages(Ticket, read)) == [[1]]


def test_html_is_an_error_that_says_where(serve: Serve) -> None:
    page = Answer(b"<html>login", headers={"Content-Type": "text/html"})
    api = serve(lambda call, n: page)
    with pytest.raises(ResponseError, match=r"tickets, page 1, .*text/html"):
        list(pages(reader(api)))


def test_an_error_in_mid_run_keeps_what_was_read(serve: Serve) -> None:
    rows = table(1000)
    api = serve(lambda call, n: Answer(status=404) if n == 2 else rows(call, n))
    read: list[list[Ticket]] = []
    with pytest.raises(
        HTTPError, match="tickets, page 3, GET .*offset=200: status 404"
    ):
        read.extend(pages(reader(api)))
    assert len(read) == 2


# Answers that announce more


@pytest.mark.parametrize(
    ("body", "link", "announced"),
    [
        ({"data": []}, '</x?page=2>; rel="next"', "Link header"),
        ({"data": [], "has_more": True}, "", "has_more"),
        ({"data": [], "next": "/x"}, "", "next"),
        ({"data": [], "next_page": 2}, "", "next_page"),
        ({"data": [], "next_cursor": "c"}, "", "next_cursor"),
        ({"data": [], "links": {"next": "/x"}}, "", "links.next"),
    ],
)
def test_announced(serve: Serve, body: JSON, link: str, announced: str) -> None:
    headers = {"Link": link} if link else {}
    api = serve(lambda call, n: Answer(body, headers=headers))
    with pytest.raises(PaginationError, match=rf"tickets, page 1, .*\({announced}"):
        list(pages(reader(api), Undeclared()))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"has_more": False},
        {"has_more": "true"},
        {"next": None},
        {"next": ""},
        {"next": False},
        {"next_page": None},
        {"next_sync_at": "2026-01-01T00:00:00Z"},
        {"links": {"next": None, "prev": "/x"}},
        {"links": ["next"]},
    ],
)
def test_not_announced(serve: Serve, more: dict[str, JSON]) -> None:
    """D8, D18."""
    link = {"Link": '</x>; rel="prev"'}
    api = serve(lambda call, n: Answer({"data": [{"id": 1}], **more}, headers=link))
    assert ids(pages(reader(api), Undeclared())) == [[1]]


# Rejected records


def rows_with(bad: Callable[[int], bool], size: int) -> Script:
    """`size` rows in pages of 50; a bad one has text for its id."""

    def answer(call: Call, ordinal: int) -> Answer:
        start = int(call.query["offset"])
        numbers = range(start, min(size, start + 50))
        return Answer({"data": [{"id": f"x{i}" if bad(i) else i} for i in numbers]})

    return answer


def test_without_a_place_for_it_a_bad_record_is_an_error(serve: Serve) -> None:
    api = serve(rows_with(lambda i: i == 51, 100))
    read: list[list[Ticket]] = []
    with pytest.raises(RecordError) as caught:
        read.extend(pages(reader(api)))
    assert len(read) == 1
    message = str(caught.value)
    assert message.startswith(
        f"tickets, GET {api.url}/tickets?offset=50, page 2, record 1: "
    )
    assert "id: Input should be a valid integer" in message
    assert "x51" not in message


def test_bad_records_are_kept_aside(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """D50."""
    api = serve(rows_with(lambda i: i in (3, 60), 100))
    kept: list[Rejected] = []
    source = reader(api, kept.append)
    with caplog.at_level(logging.INFO, "_runtime"):
        read = sum(ids(pages(source)), [])
    assert read == [i for i in range(100) if i not in (3, 60)]
    first, second = kept
    assert (first.resource, first.record, first.page) == ("tickets", {"id": "x3"}, 1)
    assert first.request == f"GET {api.url}/tickets?offset=0"
    assert first.errors.startswith("id: Input should be a valid integer")
    assert "http" not in first.errors
    assert (second.record, second.page) == ({"id": "x60"}, 2)
    assert caplog.messages == [
        "tickets: 100 received = 98 yielded + 2 rejected, 3 pages"
    ]


def test_a_page_of_bad_records_is_not_the_end(serve: Serve) -> None:
    api = serve(rows_with(lambda i: i < 50, 120))
    source = reader(api, lambda rejected: None)
    assert sum(ids(pages(source)), []) == list(range(50, 120))


def test_requests_of_rejected_records_show_no_secret(serve: Serve) -> None:
    api = serve(chain({"data": [{"id": 1}, {"id": "x"}]}))
    kept: list[Rejected] = []
    request = Request("GET", "/tickets", {"key": "s3cret"})
    list(pages(reader(api, kept.append, key="s3cret"), Single(), request=request))
    assert kept[0].request == f"GET {api.url}/tickets?key=***"


@pytest.mark.parametrize("plain", ["text", 5, False])
def test_plain_values_are_records_with_a_value(serve: Serve, plain: JSON) -> None:
    """D16: a list that was not meant does not fit the model."""
    api = serve(chain({"data": [plain, {"id": 1}]}))
    kept: list[Rejected] = []
    assert ids(pages(reader(api, kept.append), Single())) == [[1]]
    assert [rejected.record for rejected in kept] == [{"value": plain}]
    assert kept[0].errors.startswith("id: ")


@pytest.mark.parametrize("bad", [None, ["a"]])
def test_what_is_no_object_is_rejected(serve: Serve, bad: JSON) -> None:
    api = serve(chain({"data": [bad, {"id": 1}]}))
    kept: list[Rejected] = []
    assert ids(pages(reader(api, kept.append), Single())) == [[1]]
    assert [rejected.record for rejected in kept] == [bad]
    assert kept[0].errors.startswith("record: ")


@pytest.mark.parametrize(("every", "fails"), [(9, True), (10, False), (11, False)])
def test_too_large_a_share(serve: Serve, every: int, fails: bool) -> None:
    api = serve(rows_with(lambda i: i % every == every - 1, 1500))
    kept: list[Rejected] = []
    source = reader(api, kept.append)
    if not fails:
        list(pages(source))
        assert source.counts["tickets"].rejected == len(kept) == 1500 // every
        return
    with pytest.raises(RecordError, match="tickets: 10. of 9.. records") as caught:
        list(pages(source))
    assert str(caught.value).count("record ") == 3
    assert len(kept) == source.counts["tickets"].rejected >= 100


def test_all_of_a_resource(serve: Serve) -> None:
    api = serve(rows_with(lambda i: True, 5))
    with pytest.raises(RecordError, match="tickets: 5 of 5 records"):
        list(pages(reader(api, lambda rejected: None)))


def test_a_resource_in_parts_is_judged_as_a_whole(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad child of one parent is not all of the resource."""
    api = serve(chain({"data": [{"id": "bad"}]}, {"data": [{"id": 1}]}))
    source = reader(api, lambda rejected: None)
    with caplog.at_level(logging.INFO, "_runtime"):
        assert ids(pages(source, Single(), part=True)) == []
        assert ids(pages(source, Single(), part=True)) == [[1]]
        source.finish("tickets")
    assert caplog.messages == ["tickets: 2 received = 1 yielded + 1 rejected, 2 pages"]


def test_errors_of_many_fields_are_short(serve: Serve) -> None:
    class Wide(Record):
        a: int
        b: int
        c: int
        d: int
        e: int
        f: int
        g: int

    source = reader(serve(chain({})))
    read = Read(Request("GET", "/"), "wide", paginator=Single(), selector=())
    with pytest.raises(RecordError, match="a: Field required; .*; 2 more$"):
        list(source.pages(Wide, read))


def test_all_errors_are_of_one_family() -> None:
    for kind in (HTTPError, HostError, MissingDataError, PaginationError, RecordError):
        assert issubclass(kind, ConnectorError)
