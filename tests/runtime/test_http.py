"""Hosts, redirects, retries, redaction, over a real loopback server."""

from __future__ import annotations

import json
import logging
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import quote, quote_plus

import pytest
from _runtime.auth_api_key import ApiKeyAuth
from _runtime.auth_bearer import BearerAuth
from _runtime.errors import HostError, HTTPError, SettingError, TransportError
from _runtime.errors import ResponseError
from _runtime.http import Auth, Http, Request, Response, RetryPolicy, Transport
from conftest import Answer, Api, Call, Script

Serve = Callable[[Script], Api]
SECRET = "s3cr3t/key+1="


def client(
    api: Api | str, sleep: Callable[[float], None] | None = None, **more: object
) -> Http:
    url = api if isinstance(api, str) else api.url
    known: dict[str, object] = {"base_url": url, "user_agent": "tickets/1", **more}
    return Http(sleep=sleep or (lambda seconds: None), **known)  # type: ignore[arg-type]


def first(n: int, then: Answer, *answers: Answer) -> Script:
    """Each of `answers` in turn, n times the last of them, then `then`."""
    return lambda call, ordinal: answers[0] if ordinal < n else then


GOOD = Answer({"ok": True})


# Requests


@pytest.mark.parametrize(
    ("base", "path", "called"),
    [
        ("", "/items", "/items"),
        ("/", "/items", "/items"),
        ("/api", "/v1/items", "/api/v1/items"),
        ("/api/", "v1/items", "/api/v1/items"),
        ("/api", "", "/api"),
        ("/api", "items?x=1", "/api/items?x=1"),
        ("/api", "items:search", "/api/items:search"),
        ("/api", "//evil.example/x", "/api/evil.example/x"),
        ("/api", "a b/é", "/api/a%20b/%C3%A9"),
    ],
)
def test_paths_are_below_the_base_url(
    serve: Serve, base: str, path: str, called: str
) -> None:
    api = serve(lambda call, n: GOOD)
    client(api.url + base).send(Request("GET", path), RetryPolicy())
    assert api.calls[0].target == called


def test_what_is_sent(serve: Serve) -> None:
    api = serve(lambda call, n: GOOD)
    http = client(api, headers={"X-Client": "1", "X-Both": "1"}, auth=BearerAuth("t"))
    request = Request(
        "POST", "/s", {"a": True}, {"x-both": "2"}, json={"q": "é", "n": [1]}
    )
    response = http.send(request, RetryPolicy())
    call = api.calls[0]
    assert (call.method, call.target) == ("POST", "/s?a=true")
    assert json.loads(call.body) == {"q": "é", "n": [1]}
    sent = {
        name: call.headers[name]
        for name in ("user-agent", "accept", "x-both", "x-client")
    }
    assert sent == {
        "user-agent": "tickets/1",
        "accept": "application/json",
        "x-both": "2",
        "x-client": "1",
    }
    assert call.headers["content-type"] == "application/json"
    assert call.headers["authorization"] == "Bearer t"
    assert response.json == {"ok": True}


def test_get_sends_no_body(serve: Serve) -> None:
    api = serve(lambda call, n: GOOD)
    client(api).send(Request("GET", "/"), RetryPolicy())
    assert api.calls[0].body == b""
    assert "content-type" not in api.calls[0].headers


def test_a_secret_that_no_header_can_carry_is_not_shown(serve: Serve) -> None:
    api = serve(lambda call, n: GOOD)
    with pytest.raises(SettingError) as caught:
        client(api, auth=BearerAuth(f"{SECRET}\r\nX-Evil: 1")).send(
            Request("GET", "/"), RetryPolicy()
        )
    assert "Authorization" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert not api.calls


# Hosts


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{other}/x",
        "http://127.0.0.1:{other}/x",
        "https://127.0.0.1:{same}/x",
        "http://127.0.0.1:{same}@localhost:{other}/x",
        "http://user:hidden@127.0.0.1:{same}/x",
        "http://user:hid@den@127.0.0.1:{same}/x",
        "http://localhost:{other}\\@127.0.0.1:{same}/x",
        "HTTP://LOCALHOST:{other}/x",
        "http:///x",
        "http://[::1",
    ],
)
def test_nothing_is_sent_to_a_host_that_is_not_named(serve: Serve, url: str) -> None:
    same, other = serve(lambda call, n: GOOD), serve(lambda call, n: GOOD)
    http = client(same, auth=BearerAuth(SECRET), headers={"X-Custom-Key": SECRET})
    request = Request("GET", url.format(same=same.port, other=other.port))
    with pytest.raises(HostError) as caught:
        http.send(request, RetryPolicy(), "tickets", 3)
    assert "tickets, page 3" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "hid" not in str(caught.value)
    assert same.calls == other.calls == []


def test_the_error_names_the_host_and_the_setting(serve: Serve) -> None:
    api = serve(lambda call, n: GOOD)
    with pytest.raises(HostError, match=r"b\.example:443.*allowed_hosts"):
        client(api).send(Request("GET", "https://b.example/x"), RetryPolicy())


@pytest.mark.parametrize("allowed", ["localhost", "LOCALHOST", "localhost:{port}"])
def test_allowed_hosts_get_the_credentials(serve: Serve, allowed: str) -> None:
    api, other = serve(lambda call, n: GOOD), serve(lambda call, n: GOOD)
    http = client(
        api, auth=BearerAuth("t"), allowed_hosts=[allowed.format(port=other.port)]
    )
    http.send(Request("GET", f"http://localhost:{other.port}/x"), RetryPolicy())
    assert other.calls[0].headers["authorization"] == "Bearer t"


def test_no_way_from_https_to_http() -> None:
    http = client("https://a.example", allowed_hosts=["b.example", "a.example"])
    for host in ("a.example", "b.example"):
        with pytest.raises(HostError, match="https to http"):
            http.send(Request("GET", f"http://{host}/x"), RetryPolicy())


@pytest.mark.parametrize(
    "url", ["", "api.example", "ftp://a.example", "https://u:p@a.example"]
)
def test_a_base_url_that_is_none(url: str) -> None:
    with pytest.raises(HostError, match="base URL"):
        client(url)


def test_auth_cannot_move_a_request(serve: Serve) -> None:
    """D24: whatever makes the URL, the last word has the host check."""

    class Elsewhere(Auth):
        def apply(self, request: Request, http: Http) -> Request:
            return request.at("http://localhost:1/")

    with pytest.raises(HostError):
        client(serve(lambda call, n: GOOD), auth=Elsewhere()).send(
            Request("GET", "/"), RetryPolicy()
        )


# Redirects


def to(location: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_get_follows_redirects(serve: Serve, status: int) -> None:
    api = serve(lambda call, n: to("/b?y=2", status) if call.path == "/a" else GOOD)
    http = client(api, auth=BearerAuth("t"))
    assert http.send(Request("GET", "/a", {"x": 1}), RetryPolicy()).json == {"ok": True}
    assert [call.target for call in api.calls] == ["/a?x=1", "/b?y=2"]
    assert api.calls[1].headers["authorization"] == "Bearer t"


def test_post_follows_none(serve: Serve) -> None:
    api = serve(lambda call, n: to("/b"))
    with pytest.raises(HTTPError) as caught:
        client(api).send(Request("POST", "/a", json={}), RetryPolicy())
    assert caught.value.status == 302
    assert len(api.calls) == 1


def test_redirects_end(serve: Serve) -> None:
    api = serve(lambda call, n: to(f"/{n}"))
    with pytest.raises(HTTPError) as caught:
        client(api).send(Request("GET", "/a"), RetryPolicy())
    assert caught.value.status == 302
    assert len(api.calls) == 6


def test_redirect_to_another_host_takes_no_headers_there(serve: Serve) -> None:
    """D23."""
    other = serve(lambda call, n: GOOD)
    api = serve(lambda call, n: to(f"http://localhost:{other.port}/x"))
    http = client(api, headers={"X-Custom-Key": SECRET}, auth=BearerAuth(SECRET))
    with pytest.raises(HostError, match="localhost"):
        http.send(Request("GET", "/a"), RetryPolicy())
    assert other.calls == []


@pytest.mark.parametrize(
    "answer", [Answer(status=302), Answer(status=304), Answer(status=300)]
)
def test_other_3xx_are_errors(serve: Serve, answer: Answer) -> None:
    api = serve(lambda call, n: answer)
    with pytest.raises(HTTPError) as caught:
        client(api).send(Request("GET", "/a"), RetryPolicy())
    assert caught.value.status == answer.status


# Retries


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_transient_statuses_are_tried_again(
    serve: Serve, waits: list[float], status: int
) -> None:
    """D40."""
    api = serve(first(2, GOOD, Answer(status=status)))
    http = client(api, waits.append)
    assert http.send(Request("GET", "/"), RetryPolicy(), "tickets").json == {"ok": True}
    assert len(api.calls) == 3
    assert 1.0 <= waits[0] <= 1.25
    assert 2.0 <= waits[1] <= 2.5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 501, 505])
def test_others_are_not(serve: Serve, status: int) -> None:
    """D42."""
    api = serve(lambda call, n: Answer(status=status))
    with pytest.raises(HTTPError) as caught:
        client(api).send(Request("POST", "/", json={}), RetryPolicy())
    assert (caught.value.status, caught.value.retries) == (status, 0)
    assert len(api.calls) == 1


def test_403_with_retry_after_is_tried_again(serve: Serve, waits: list[float]) -> None:
    """D40."""
    api = serve(first(1, GOOD, Answer(status=403, headers={"Retry-After": "7"})))
    client(api, waits.append).send(Request("GET", "/"), RetryPolicy())
    assert waits == [7.0]


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("3", 3, 3), ("0", 0, 0), ("1.5", 1.5, 1.5), ("99999", 300, 300), ("-5", 0, 0)]
    + [("nan", 0, 0), ("inf", 300, 300), ("soon", 1, 1.25)]
    + [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Wed, 21 Oct 2915 07:28:00 GMT", 300, 300),
    ],
)
def test_retry_after(
    serve: Serve, waits: list[float], value: str, low: float, high: float
) -> None:
    api = serve(first(1, GOOD, Answer(status=429, headers={"Retry-After": value})))
    client(api, waits.append).send(Request("GET", "/"), RetryPolicy())
    assert len(waits) == 1
    assert low <= waits[0] <= high


def test_retry_after_as_a_date(serve: Serve, waits: list[float]) -> None:
    date = formatdate(time.time() + 60, usegmt=True)
    api = serve(first(1, GOOD, Answer(status=503, headers={"Retry-After": date})))
    client(api, waits.append).send(Request("GET", "/"), RetryPolicy())
    assert 55 <= waits[0] <= 60


def test_retries_are_bounded_and_waits_capped(serve: Serve, waits: list[float]) -> None:
    api = serve(lambda call, n: Answer({"why": "busy"}, 429))
    policy = RetryPolicy(
        statuses=(429,), max_retries=8, backoff=2.0, message="Rate limits hit"
    )
    with pytest.raises(HTTPError) as caught:
        client(api, waits.append).send(Request("GET", "/a"), policy, "tickets", 2)
    assert len(api.calls) == 9
    assert waits[0] >= 2.0
    assert waits[-1] == 60.0
    assert str(caught.value) == (
        f"tickets, page 2, GET {api.url}/a: status 429 after 8 retries:"
        ' Rate limits hit: {"why": "busy"}'
    )
    error = caught.value
    assert (error.status, error.method, error.url) == (429, "GET", f"{api.url}/a")
    assert error.retries == 8


def test_only_the_statuses_of_the_policy(serve: Serve) -> None:
    api = serve(lambda call, n: Answer(status=503))
    with pytest.raises(HTTPError):
        client(api).send(Request("GET", "/"), RetryPolicy(statuses=(429,)))
    assert len(api.calls) == 1


TRUNCATED = Answer(b'{"data": [1, 2', headers={"Content-Type": "application/json"})
FAULTS = {
    "reset": Answer(reset=True),
    "short body": Answer({"data": []}, declared=1000),
    "truncated JSON": TRUNCATED,
    "bad gzip": Answer(b"no gzip", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_faults_are_tried_again(serve: Serve, fault: str, method: str) -> None:
    """D41."""
    api = serve(first(2, GOOD, FAULTS[fault]))
    assert client(api).send(Request(method, "/"), RetryPolicy()).json == {"ok": True}
    assert len(api.calls) == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("reset", TransportError), ("short body", TransportError)]
    + [("truncated JSON", ResponseError)],
)
def test_faults_that_stay(serve: Serve, fault: str, kind: type[Exception]) -> None:
    api = serve(lambda call, n: FAULTS[fault])
    with pytest.raises(kind, match="tickets, page 4, GET .* after 2 retries"):
        client(api).send(Request("GET", "/"), RetryPolicy(max_retries=2), "tickets", 4)
    assert len(api.calls) == 3


def test_timeouts(serve: Serve) -> None:
    def slow(call: Call, n: int) -> Answer:
        if n == 0 or call.path == "/slow":
            time.sleep(0.4)
        return GOOD

    api = serve(slow)
    http = client(api, timeout=0.1)
    assert http.send(Request("GET", "/"), RetryPolicy()).json == {"ok": True}
    assert len(api.calls) == 2
    with pytest.raises(TransportError):
        http.send(Request("GET", "/slow"), RetryPolicy(max_retries=0))
    assert http.send(Request("GET", "/slow", timeout=5.0), RetryPolicy()).status == 200


def test_auth_is_applied_for_each_attempt(serve: Serve) -> None:
    """D30."""

    class Counting(Auth):
        tokens = 0

        def apply(self, request: Request, http: Http) -> Request:
            self.tokens += 1
            return request.with_headers({"Authorization": f"Bearer {self.tokens}"})

    api = serve(first(1, GOOD, Answer(status=429)))
    client(api, auth=Counting()).send(Request("GET", "/"), RetryPolicy())
    sent = [call.headers["authorization"] for call in api.calls]
    assert sent == ["Bearer 1", "Bearer 2"]


@pytest.mark.parametrize(("helps", "calls"), [(True, 2), (False, 1)])
def test_401_asks_auth_once(serve: Serve, helps: bool, calls: int) -> None:
    class Refreshing(Auth):
        refreshed = 0

        def apply(self, request: Request, http: Http) -> Request:
            return request

        def refresh(self, failed: Request, http: Http) -> bool:
            self.refreshed += 1
            return helps

    auth = Refreshing()
    api = serve(lambda call, n: Answer(status=401))
    with pytest.raises(HTTPError, match="status 401"):
        client(api, auth=auth).send(Request("GET", "/"), RetryPolicy())
    assert (auth.refreshed, len(api.calls)) == (1, calls)


def test_retries_are_logged_without_secrets(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    api = serve(first(1, GOOD, Answer(status=503)))
    http = client(api, secrets=[SECRET])
    with caplog.at_level(logging.WARNING):
        http.send(Request("GET", "/", {"k": SECRET}), RetryPolicy(), "tickets", 1)
    (record,) = [r for r in caplog.records if r.name == "_runtime.http"]
    assert record.levelname == "WARNING"
    assert "tickets, page 1" in record.message
    assert "status 503; retry 1 of 5" in record.message
    assert "k=***" in record.message


# Secrets


@pytest.mark.parametrize("name", ["api_key", "apiToken", "anything"])
@pytest.mark.parametrize("status", [404, 429])
def test_query_keys_are_not_in_errors(serve: Serve, name: str, status: int) -> None:
    """D25, D26: also where the server repeats them, in whatever form."""
    forms = [SECRET, quote(SECRET), quote(SECRET, safe=""), quote_plus(SECRET)]
    forms += [b64encode(SECRET.encode()).decode(), json.dumps(SECRET)]
    api = serve(lambda call, n: Answer({"url": call.target, "all": forms}, status))
    http = client(api, auth=ApiKeyAuth(name, SECRET, "query"))
    with pytest.raises(HTTPError) as caught:
        http.send(Request("GET", "/a"), RetryPolicy(max_retries=1))
    assert api.calls[0].query[name] == SECRET
    shown = f"{caught.value} {vars(caught.value)}"
    assert "***" in shown
    for form in [*forms, "s3cr3t"]:
        assert form not in shown


def test_query_keys_are_not_in_connection_errors(
    serve: Serve, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """D27."""
    http = client(
        "http://127.0.0.1:9", waits.append, auth=ApiKeyAuth("k", SECRET, "query")
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(TransportError) as caught:
        http.send(Request("GET", "/a"), RetryPolicy(max_retries=1))
    error = caught.value
    assert "Connection refused" in str(error)
    assert "s3cr3t" not in str(error)
    assert error.__cause__ is None and error.__suppress_context__
    assert not [
        r
        for r in caplog.records
        if r.name.startswith("_runtime") and "s3cr3t" in r.message
    ]


def test_the_answer_shows_no_secret(serve: Serve) -> None:
    api = serve(lambda call, n: GOOD)
    response = client(api, auth=ApiKeyAuth("k", SECRET, "query")).send(
        Request("GET", "/a"), RetryPolicy()
    )
    assert response.url == f"{api.url}/a?k=***"


def test_excerpts_are_short_and_on_one_line(serve: Serve) -> None:
    api = serve(lambda call, n: Answer(b"<html>\r\n\x1b[31m" + b"x" * 5000, 404))
    with pytest.raises(HTTPError) as caught:
        client(api).send(Request("GET", "/a"), RetryPolicy())
    message = str(caught.value)
    assert message.isprintable()
    assert len(message.split("status 404: ")[1]) == 500


def test_empty_secrets_hide_nothing() -> None:
    http = client("http://a.example", secrets=["", "="])
    assert http.redact("plain text") == "plain text"


# Injected transport


@dataclass
class Recorded(Transport):
    """A transport for people's own tests."""

    urls: list[str]

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        self.urls.append(url)
        return Response(200, {"content-type": "application/json"}, b"[]", url)


def test_a_transport_can_be_given() -> None:
    transport = Recorded([])
    http = client("https://a.example/api", transport=transport)
    assert http.send(Request("GET", "/x"), RetryPolicy()).json == []
    assert transport.urls == ["https://a.example/api/x"]
