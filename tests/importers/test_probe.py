"""Probes of real servers over loopback: what is sent, what is never sent, what the spec says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from generator.cli import cli
from generator.importers.probe import asking
from tests.scripted import Answer, Api, Call, serving
from tests.support import imported, part

COUNT = 23
ROWS = [{"id": n, "subject": f"Ticket {n}", "at": "2026-01-01T00:00:00Z"} for n in range(COUNT)]  # fmt: skip


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE", 0.0)


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as found:
        yield found


@pytest.fixture
def other() -> Iterator[Api]:
    """Another host."""
    with serving() as found:
        yield found


def probe(folder: Path, url: str, *options: str, answer: str = "") -> Result:
    words = ["probe", url, "-o", str(folder / "shop.yaml"), *options]
    words += [] if answer else ["--yes"]
    return CliRunner().invoke(cli, words, standalone_mode=False, input=answer)


def spec_of(folder: Path) -> Any:
    return yaml.safe_load((folder / "shop.yaml").read_text(encoding="utf-8"))


def endpoint_of(folder: Path) -> Any:
    return spec_of(folder)["resources"][0]["endpoint"]


def by_offset(call: Call) -> Any:
    start = int(call.query.get("offset", "0"))
    return {"items": ROWS[start : start + 10], "total": COUNT}


def by_page(first: int) -> Callable[[Call], Any]:
    def page(call: Call) -> Any:
        start = (int(call.query.get("page", first)) - first) * 10
        return ROWS[start : start + 10] if start >= 0 else []

    return page


def by_cursor(name: str, path: str = "next_cursor") -> Callable[[Call], Any]:
    def page(call: Call) -> Any:
        start = int(call.query.get(name, "t0")[1:])
        more = start + 10 < COUNT
        return {
            "data": ROWS[start : start + 10],
            path: f"t{start + 10}" if more else None,
        }

    return page


def by_last_record(call: Call) -> Any:
    start = int(call.query.get("starting_after") or "-1") + 1
    return {"data": ROWS[start : start + 10], "has_more": start + 10 < COUNT}


def by_link(base: str) -> Callable[[Call], Any]:
    def page(call: Call) -> Any:
        start = int(call.query.get("from", "0"))
        link = f'<{base}/tickets?from={start + 10}>; rel="next", <{base}/x>; rel="last"'
        headers = {"Link": link} if start + 10 < COUNT else {}
        return Answer(ROWS[start : start + 10], headers=headers)

    return page


def by_url(base: str) -> Callable[[Call], Any]:
    def page(call: Call) -> Any:
        start = int(call.query.get("from", "0"))
        more = start + 10 < COUNT
        url = f"{base}/tickets?from={start + 10}" if more else None
        return {"results": ROWS[start : start + 10], "links": {"next": url}}

    return page


def by_header(call: Call) -> Any:
    start = int(call.query.get("from", "0"))
    more = start + 10 < COUNT
    url = f"http://{call.headers['host']}/tickets?from={start + 10}"
    return Answer(
        {"data": ROWS[start : start + 10]}, headers={"Next-Page": url} if more else {}
    )


WAYS: list[tuple[str, Callable[[Api], Callable[[Call], Any]], str, dict[str, Any]]] = [
    ("offset", lambda _: by_offset, "", {"type": "offset", "offset_param": "offset"}),
    ("page from 1", lambda _: by_page(1), "", {"type": "page_number", "page_param": "page", "base_page": 1}),
    ("page from 0", lambda _: by_page(0), "", {"type": "page_number", "page_param": "page", "base_page": 0}),
    ("page in the URL", lambda _: by_page(1), "?page=1", {"type": "page_number", "page_param": "page", "base_page": 1}),
    ("cursor", lambda _: by_cursor("cursor"), "", {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"}),
    ("token", lambda _: by_cursor("page_token", "next_page_token"), "", {"type": "cursor", "cursor_path": "next_page_token", "cursor_param": "page_token"}),
    ("unknown parameter", lambda _: by_cursor("after"), "", {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "after"}),
    ("last record, unknown parameter", lambda _: by_last_record, "", {"type": "cursor", "cursor_path": "last_record.id", "cursor_param": "starting_after", "has_more_path": "has_more"}),
    ("last record", lambda _: by_last_record, "?starting_after=", {"type": "cursor", "cursor_path": "last_record.id", "cursor_param": "starting_after", "has_more_path": "has_more"}),
    ("Link header", lambda api: by_link(api.url), "", {"type": "header_link"}),
    ("next URL", lambda api: by_url(api.url), "", {"type": "json_link", "next_url_path": "links.next"}),
    ("relative next URL", lambda _: by_url(""), "", {"type": "json_link", "next_url_path": "links.next"}),
    ("next URL in a header", lambda _: by_header, "", {"type": "cursor", "cursor_path": "headers.next-page"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("route", "query", "paginator"), [way[1:] for way in WAYS], ids=[w[0] for w in WAYS]
)
def test_the_second_page_bears_out_how_pages_go_on(
    tmp_path: Path,
    api: Api,
    route: Callable[[Api], Callable[[Call], Any]],
    query: str,
    paginator: dict[str, Any],
) -> None:
    """The paginator is the right one, and with it every row is read."""
    api.routes["/tickets"] = route(api)
    result = probe(tmp_path, f"{api.url}/tickets{query}")
    assert result.return_value == 0, result.output
    assert len(api.calls) <= 5
    endpoint = endpoint_of(tmp_path)
    told = endpoint["paginator"]
    assert ({"type": told} if isinstance(told, str) else told) == paginator
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    assert "1 of 1 further requests did" in text
    assert "# TODO" not in text
    package = imported(tmp_path / "shop.yaml", tmp_path)
    client = part(package, "Client")(base_url=api.url)
    assert [ticket.id for ticket in client.tickets()] == list(range(COUNT))


def test_requests_are_polite(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """They name us, carry what was given, and pause."""
    pauses: list[float] = []
    monkeypatch.setattr(asking, "PAUSE", 1.0)
    asked = asking.Asker(
        api.url, {"User-Agent": asking.USER_AGENT}, print, pauses.append
    )
    api.routes["/tickets"] = by_offset
    asked.ask(f"{api.url}/tickets", ())
    asked.ask(f"{api.url}/tickets", (("offset", "10"),))
    assert pauses == [1.0]
    assert [c.headers["user-agent"] for c in api.calls] == [asking.USER_AGENT] * 2
    assert asking.USER_AGENT.startswith("gen-connector/")


def test_what_will_be_sent_is_said_first(tmp_path: Path, api: Api) -> None:
    api.routes["/tickets"] = by_offset
    options = [
        "--header",
        "Authorization: Bearer s3cret",
        "--header",
        "X-Tenant: acme7",
    ]
    options += ["--param", "api_key=k3y", "--param", "limit=10"]
    result = probe(tmp_path, f"{api.url}/tickets", *options, answer="n\n")
    assert result.return_value == 1
    assert not api.calls and not (tmp_path / "shop.yaml").exists()
    assert "Authorization: Bearer ***" in result.output
    assert "X-Tenant: ***" in result.output
    assert "api_key=***&limit=10" in result.output
    for value in ("s3cret", "acme7", "k3y"):
        assert value not in result.output


def test_no_one_to_ask_is_a_no(tmp_path: Path, api: Api) -> None:
    words = ["probe", f"{api.url}/tickets", "-o", str(tmp_path / "shop.yaml")]
    result = CliRunner().invoke(cli, words, standalone_mode=False, input="")
    assert result.return_value == 1 and "nothing was sent" in result.output
    assert not api.calls


@pytest.mark.parametrize(
    ("options", "user", "auth", "headers"),
    [
        (["--header", "Authorization: Bearer s3cret"], "", {"type": "bearer", "token": 'dlt.secrets["token"]'}, None),
        (["--header", "Authorization: Token token=s3cret"], "", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "Authorization", "location": "header", "prefix": "Token token="}, None),
        (["--header", "authorization: s3cret"], "", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "Authorization", "location": "header"}, None),
        (["--header", "X-Api-Key: s3cret"], "", {"type": "api_key", "api_key": 'dlt.secrets["x_api_key"]', "name": "X-Api-Key", "location": "header"}, None),
        (["--param", "api_key=s3cret"], "", {"type": "api_key", "api_key": 'dlt.secrets["api_key"]', "name": "api_key", "location": "query"}, None),
        (["--header", "X-Api-Key: s3cret", "--header", "X-App-Key: s3cret"], "", None, None),
        ([], "ann:s3cret@", {"type": "basic", "username": 'dlt.secrets["username"]', "password": 'dlt.secrets["password"]'}, None),
        (["--header", "Authorization: Bearer s3cret", "--header", "X-Tenant: s3cret"], "", {"type": "bearer", "token": 'dlt.secrets["token"]'}, {"X-Tenant": 'dlt.secrets["x_tenant"]'}),
        (["--header", "Notion-Version: 2022-06-28"], "", "none", {"Notion-Version": "2022-06-28"}),
    ],
)  # fmt: skip
def test_credentials_become_names(
    tmp_path: Path,
    api: Api,
    options: list[str],
    user: str,
    auth: Any,
    headers: dict[str, str] | None,
) -> None:
    api.routes["/tickets"] = by_offset
    result = probe(
        tmp_path, f"{api.url}/tickets".replace("://", f"://{user}"), *options
    )
    assert result.return_value == 0, result.output
    client = spec_of(tmp_path)["client"]
    if auth is None:
        assert [each["name"] for each in client["auth"]["keys"]] == ["X-Api-Key", "X-App-Key"]  # fmt: skip
    else:
        assert client["auth"] == auth
    assert client.get("headers") == headers
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    text += (tmp_path / ".shop.import.yaml").read_text(encoding="utf-8")
    assert "s3cret" not in text + result.output
    if user:
        assert api.calls[0].headers["authorization"].startswith("Basic ")


def test_a_key_in_the_query_goes_with_a_link_that_lacks_it(
    tmp_path: Path, api: Api
) -> None:
    api.routes["/tickets"] = by_url(api.url)
    result = probe(tmp_path, f"{api.url}/tickets", "--param", "api_key=s3cret")
    assert result.return_value == 0, result.output
    assert [call.query.get("api_key") for call in api.calls] == ["s3cret"] * 2
    assert spec_of(tmp_path)["client"]["auth"]["location"] == "query"
    assert endpoint_of(tmp_path)["paginator"]["type"] == "json_link"


# ---- other hosts


@pytest.mark.parametrize("way", [by_link, by_url])
def test_a_link_to_another_host_is_not_followed(
    tmp_path: Path, api: Api, other: Api, way: Callable[[str], Callable[[Call], Any]]
) -> None:
    other.routes["/tickets"] = by_offset
    api.routes["/tickets"] = way(other.url)
    result = probe(tmp_path, f"{api.url}/tickets", "--header", "X-Key: s3cret")
    assert result.return_value == 0, result.output
    assert not other.calls and len(api.calls) == 1
    assert "another host" in result.output
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    assert "TODO: the next URL leads to another host" in text


def test_a_redirect_to_another_host_is_not_followed(
    tmp_path: Path, api: Api, other: Api
) -> None:
    api.routes["/tickets"] = lambda _: Answer({}, 302, {"Location": f"{other.url}/tickets"})  # fmt: skip
    result = probe(tmp_path, f"{api.url}/tickets", "--header", "X-Key: s3cret")
    assert result.return_value == 1
    assert not other.calls
    assert "redirect to another host" in result.output


def test_a_redirect_on_the_host_is_followed(tmp_path: Path, api: Api) -> None:
    api.routes["/old"] = lambda _: Answer({}, 301, {"Location": "/tickets"})
    api.routes["/tickets"] = by_offset
    result = probe(tmp_path, f"{api.url}/old")
    assert result.return_value == 0, result.output
    assert endpoint_of(tmp_path)["path"] == "/tickets"


def test_redirects_end(tmp_path: Path, api: Api) -> None:
    api.routes["/tickets"] = lambda _: Answer({}, 302, {"Location": "/tickets"})
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 1 and len(api.calls) <= 5
    assert "Traceback" not in result.output


# ---- what goes wrong, in one line


def html(_: Call) -> Answer:
    return Answer(b"<!doctype html><html>", headers={"Content-Type": "text/html"})


WRONG: list[tuple[Callable[[Call], Any], str]] = [
    (html, "the answer is HTML, not JSON"),
    (lambda _: Answer({"error": "no"}, 401), "401: the API wants credentials: --header 'Authorization: Bearer ...'"),
    (lambda _: Answer({}, 401, {"WWW-Authenticate": "Basic realm=x"}), "--header 'Authorization: Basic ...'"),
    (lambda _: Answer({}, 403), "403: the API refuses these credentials"),
    (lambda _: Answer({}, 404), "404: there is nothing at this URL"),
    (lambda _: Answer({"message": "limit is too large"}, 422), "limit is too large"),
    (lambda _: Answer(b'{"a": [1,}'), "the answer, line 1, column 10: not valid JSON"),
    (lambda _: Answer(b'[{"a": NaN}]'), "line 1, column 8: NaN is no JSON"),
    (lambda _: Answer(b"[" * 100_000), "nested too deep"),
    (lambda _: Answer(b"\xff\xfe"), "not UTF-8 text"),
    (lambda _: Answer(b""), "the answer is empty"),
    (lambda _: {"id": 1, "name": "one"}, "no list of records was found: one record, no list"),
    (lambda _: {"data": []}, "no list of records was found"),
    (lambda _: Answer({}, 429, {"Retry-After": "86400"}), "429: the API asks to wait 86400 seconds"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "message"), WRONG)
def test_what_goes_wrong_is_told_in_one_line(
    tmp_path: Path, api: Api, route: Callable[[Call], Any], message: str
) -> None:
    api.routes["/tickets"] = route
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 1
    last = result.output.strip().splitlines()[-1]
    assert message in last and last.startswith(f"{api.url}/tickets: ")
    assert len(api.calls) == 1
    assert not (tmp_path / "shop.yaml").exists()


def test_a_wait_that_is_asked_for_is_kept(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    waits: list[float] = []
    answers = iter([Answer({}, 429, {"Retry-After": "7"})])
    api.routes["/tickets"] = lambda call: next(answers, None) or by_offset(call)
    asked = asking.Asker(api.url, {}, print, waits.append)
    reply = asked.ask(f"{api.url}/tickets", ())
    assert reply.status == 200 and waits[0] == 7.0
    assert asked.left == asking.MOST_REQUESTS - 2


def test_an_answer_that_is_too_large_is_not_read(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(asking, "MAX_BYTES", 1_000_000)
    api.routes["/tickets"] = lambda _: Answer(b" " * 2_000_000)
    result = probe(tmp_path, f"{api.url}/tickets")
    assert "the answer is larger than 1 MB" in result.output


@pytest.mark.parametrize("drip", [False, True])
def test_a_server_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drip: bool) -> None:  # fmt: skip
    """Not at all, or a byte now and then."""
    monkeypatch.setattr(asking, "SECONDS", 1.0)
    stop = threading.Event()

    def serve(listening: socket.socket) -> None:
        taken, _ = listening.accept()
        with taken:
            taken.recv(10_000)
            taken.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" if drip else b""
            )
            while not stop.wait(0.2):
                if drip:
                    taken.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/tickets"
        result = probe(tmp_path, url)
        stop.set()
        thread.join(5)
    assert result.return_value == 1
    assert "no answer within 1 seconds" in result.output


def test_no_server_at_all(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    result = probe(tmp_path, f"http://127.0.0.1:{port}/tickets")
    assert result.return_value == 1
    assert "the host cannot be reached: 'Connection refused'" in result.output


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "tickets", "file:///etc/passwd", "http://"]
)
def test_a_url_that_is_none_is_a_usage_error(url: str) -> None:
    result = CliRunner().invoke(cli, ["probe", url, "--yes"], standalone_mode=True)
    assert result.exit_code == 2


# ---- paging that cannot be borne out


def test_an_api_that_knows_no_pages(tmp_path: Path, api: Api) -> None:
    api.routes["/tickets"] = lambda _: {"data": ROWS}
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 0, result.output
    assert endpoint_of(tmp_path)["paginator"] == "single_page"
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    words = " ".join(text.replace("#", " ").split())
    assert "the probe got the same page for `page`, `offset`" in words
    assert len(api.calls) == 3


def test_an_api_that_filters_by_what_it_does_not_know(tmp_path: Path, api: Api) -> None:
    """No record has a field `page`: an empty page proves nothing."""

    def answer(call: Call) -> Any:
        wanted = call.query.items()
        return {"data": [r for r in ROWS if all(str(r.get(k)) == v for k, v in wanted)]}

    api.routes["/tickets"] = answer
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 0, result.output
    assert endpoint_of(tmp_path)["paginator"] == "single_page"
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    assert "the probe got other records for `page`, `offset`, but no pages" in text
    assert len(api.calls) == 5


@pytest.mark.parametrize("first", [0, 1])
def test_all_records_are_on_the_first_page(
    tmp_path: Path, api: Api, first: int
) -> None:
    """Its number shows that there are pages: with it the same comes as without."""

    def answer(call: Call) -> Any:
        return {"data": ROWS if int(call.query.get("page", first)) == first else []}

    api.routes["/tickets"] = answer
    assert probe(tmp_path, f"{api.url}/tickets").return_value == 0
    paginator = endpoint_of(tmp_path)["paginator"]
    assert (paginator["type"], paginator["base_page"]) == ("page_number", first)


def test_the_names_follow_that_of_the_page_size(tmp_path: Path, api: Api) -> None:
    def answer(call: Call) -> Any:
        start = 5 * (int(call.query.get("page[number]", 1)) - 1)
        return {"data": ROWS[start : start + 5]}

    api.routes["/tickets"] = answer
    assert probe(tmp_path, f"{api.url}/tickets?page%5Bsize%5D=5").return_value == 0
    paginator = endpoint_of(tmp_path)["paginator"]
    assert paginator["page_param"] == "page[number]"
    assert (paginator["limit"], paginator["limit_param"]) == (5, "page[size]")


def test_as_many_records_as_a_page_usually_has(tmp_path: Path, api: Api) -> None:
    rows = [{"id": n} for n in range(100)]
    api.routes["/tickets"] = lambda _: {"data": rows}
    result = probe(tmp_path, f"{api.url}/tickets")
    assert "an answer has 100 records, which may be a page of more" in result.output
    assert "paginator" not in endpoint_of(tmp_path)


def test_rows_that_are_no_objects(tmp_path: Path, api: Api) -> None:
    api.routes["/tickets"] = lambda _: {
        "rows": [[1, "a"], [2, "b"]],
        "columns": ["id", "name"],
        "suggestions": [{"name": "a"}, {"name": "b"}],
    }
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 1
    assert "the rows at `rows` are lists, not objects" in result.output
    assert not (tmp_path / "shop.yaml").exists()


def test_a_list_that_changes_meanwhile_is_no_second_page(
    tmp_path: Path, api: Api
) -> None:
    def answer(_: Call) -> Any:
        seen = len(api.calls)
        return {"data": [{**row, "seen": seen} for row in ROWS[seen:]]}

    api.routes["/tickets"] = answer
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 0, result.output
    assert endpoint_of(tmp_path)["paginator"] == "single_page"


def test_a_spec_that_exists_is_kept_and_nothing_is_sent(
    tmp_path: Path, api: Api
) -> None:
    (tmp_path / "shop.yaml").write_text("mine", encoding="utf-8")
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 3 and "exists already" in result.output
    assert not api.calls
    assert (tmp_path / "shop.yaml").read_text(encoding="utf-8") == "mine"


def test_a_second_page_that_is_refused(tmp_path: Path, api: Api) -> None:
    def page(call: Call) -> Any:
        return Answer({}, 400) if "page" in call.query or "offset" in call.query else {"data": ROWS}  # fmt: skip

    api.routes["/tickets"] = page
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 0, result.output
    text = " ".join((tmp_path / "shop.yaml").read_text(encoding="utf-8").split())
    assert "the API refused `page` (400), `offset` (400)" in text


def test_the_last_page_leads_nowhere(tmp_path: Path, api: Api) -> None:
    api.routes["/tickets"] = lambda _: {"data": ROWS, "next_cursor": None}
    result = probe(tmp_path, f"{api.url}/tickets")
    assert result.return_value == 0, result.output
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    assert "# TODO: the sample does not show how pages go on" in text
