"""Access tokens against a token endpoint and an API on one loopback server."""

from __future__ import annotations

import stat
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from _runtime.auth_basic import BasicAuth
from _runtime.auth_refresh_token import RefreshTokenAuth
from _runtime.auth_token import TokenAuth
from _runtime.errors import AuthError, HTTPError, TransportError
from _runtime.http import Http, Request, RetryPolicy
from _runtime.token_file import token_file
from conftest import Answer, Api, Call, Script

Serve = Callable[[Script], Api]


class Endpoint:
    """Issues tokens t1, t2, ...; the API takes only those that are not revoked."""

    def __init__(
        self, serve: Serve, expires_in: object = 3600, rotate: bool = False
    ) -> None:
        self.issued = 0
        self.revoked: set[str] = set()
        self.expires_in = expires_in
        self.rotate = rotate
        self.api = serve(self.answer)
        self.now = 1000.0

    def answer(self, call: Call, ordinal: int) -> Answer:
        if call.path == "/token":
            self.issued += 1
            answer = {"access_token": f"t{self.issued}", "expires_in": self.expires_in}
            if self.rotate:
                answer["refresh_token"] = f"r{self.issued}"
            return Answer(answer)
        token = call.headers["authorization"].removeprefix("Bearer ")
        return Answer(status=401) if token in self.revoked else Answer({"token": token})

    def auth(self, **more: object) -> TokenAuth:
        known: dict[str, object] = {"clock": lambda: self.now, **more}
        kind = RefreshTokenAuth if "refresh_token" in more else TokenAuth
        return kind(**asked(self.api.url), **known)  # type: ignore[arg-type]

    def client(self, **more: object) -> Http:
        return client(self.api, self.auth(**more))

    def token_calls(self) -> list[Call]:
        return [call for call in self.api.calls if call.path == "/token"]


def asked(url: str) -> dict[str, object]:
    form = {"client_id": "my id", "client_secret": "my/secret"}
    request = Request("POST", f"{url}/token", form=form)
    return {"request": request, "secrets": ("my/secret",)}


def token_auth(url: str) -> TokenAuth:
    return TokenAuth(**asked(url))  # type: ignore[arg-type]


def client(api: Api, auth: TokenAuth) -> Http:
    headers = {"X-Custom-Key": "for the API only"}
    return Http(
        base_url=api.url,
        user_agent="t",
        auth=auth,
        headers=headers,
        sleep=lambda s: None,
    )


def read(http: Http) -> object:
    return http.send(Request("GET", "/items"), RetryPolicy()).json


def test_the_token_request(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    http = endpoint.client()
    assert read(http) == read(http) == {"token": "t1"}
    (call,) = endpoint.token_calls()
    assert call.method == "POST"
    assert call.form == {"client_id": "my id", "client_secret": "my/secret"}
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in call.headers
    assert "x-custom-key" not in call.headers


def test_credentials_of_the_token_request_are_redacted(serve: Serve) -> None:
    pair = b64encode(b"user:password").decode()
    api = serve(lambda call, n: Answer({"was": call.headers["authorization"]}, 400))
    request = Request("POST", f"{api.url}/token", form={})
    login = BasicAuth("user", "password")
    with pytest.raises(AuthError, match=r"was\": \"Basic \*\*\*") as caught:
        read(client(api, TokenAuth(request=request, login=login)))
    assert pair not in str(caught.value)
    assert api.calls[0].headers["authorization"] == f"Basic {pair}"


def test_a_token_to_begin_with(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    http = endpoint.client(access_token="t0", default_expiration=100)
    assert read(http) == {"token": "t0"}
    assert endpoint.issued == 0
    endpoint.now += 100
    assert read(http) == {"token": "t1"}
    assert http.redact("t0") == "t0"  # too short to look for


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (Request("POST", "", form={"a": 1}), b"a=1&proof=r0"),
        (Request("POST", "", json={"a": 1}), b'{"a": 1, "proof": "r0"}'),
        (Request("POST", "", {"a": 1}), b""),
    ],
)
def test_the_refresh_token_goes_where_the_other_fields_are(
    serve: Serve, request_: Request, body: bytes
) -> None:
    endpoint = Endpoint(serve)
    request_ = replace(request_, url=f"{endpoint.api.url}/token")
    auth = RefreshTokenAuth(request=request_, refresh_token="r0", name="proof")
    assert read(client(endpoint.api, auth)) == {"token": "t1"}
    (call,) = endpoint.token_calls()
    assert call.body == body
    assert call.query == ({} if body else {"a": "1", "proof": "r0"})


@pytest.mark.parametrize(
    ("expires_in", "fresh", "stale"),
    [(3600, 3569, 3571), ("3600", 3569, 3571), (100, 89, 91), (1, 0.8, 0.95)]
    + [(None, 1769, 1771), ("soon", 1769, 1771), (0, 1769, 1771)],
)
def test_tokens_are_renewed_ahead_of_expiry(
    serve: Serve, expires_in: object, fresh: float, stale: float
) -> None:
    endpoint = Endpoint(serve, expires_in)
    http = endpoint.client(default_expiration=1800)
    assert read(http) == {"token": "t1"}
    endpoint.now = 1000.0 + fresh
    assert read(http) == {"token": "t1"}
    endpoint.now = 1000.0 + stale
    assert read(http) == {"token": "t2"}


def test_a_revoked_token_is_renewed_and_the_request_replayed(serve: Serve) -> None:
    """D29."""
    endpoint = Endpoint(serve)
    http = endpoint.client()
    read(http)
    endpoint.revoked.add("t1")
    assert read(http) == {"token": "t2"}
    assert [call.path for call in endpoint.api.calls] == [
        *("/token", "/items"),
        *("/items", "/token", "/items"),
    ]


def test_a_401_that_stays_is_an_error_after_one_renewal(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    endpoint.revoked |= {"t1", "t2", "t3"}
    with pytest.raises(HTTPError, match="status 401"):
        read(endpoint.client())
    assert endpoint.issued == 2


def test_a_retry_carries_the_token_of_its_time(serve: Serve) -> None:
    """D30."""
    endpoint = Endpoint(serve, expires_in=100)
    busy = [Answer(status=429, headers={"Retry-After": "200"})]

    def answer(call: Call, ordinal: int) -> Answer:
        if call.path == "/items" and busy:
            return busy.pop()
        return endpoint.answer(call, ordinal)

    def sleep(seconds: float) -> None:
        endpoint.now += seconds

    endpoint.api.script = answer
    http = Http(
        base_url=endpoint.api.url, user_agent="t", auth=endpoint.auth(), sleep=sleep
    )
    assert read(http) == {"token": "t2"}


def test_rotated_refresh_tokens_are_used_and_handed_over(serve: Serve) -> None:
    """D31."""
    endpoint = Endpoint(serve, expires_in=100, rotate=True)
    kept: list[str] = []
    http = endpoint.client(refresh_token="r0", on_rotated=kept.append)
    for _ in range(3):
        read(http)
        endpoint.now += 100
    assert [call.form["refresh_token"] for call in endpoint.token_calls()] == [
        "r0",
        "r1",
        "r2",
    ]
    assert kept == ["r1", "r2", "r3"]
    assert http.redact("my/secret") == "***"


def test_the_same_refresh_token_again_is_no_rotation(serve: Serve) -> None:
    endpoint = Endpoint(serve, rotate=True)
    assert read(endpoint.client(refresh_token="r1")) == {"token": "t1"}


def test_a_rotation_with_nowhere_to_keep_it(serve: Serve) -> None:
    endpoint = Endpoint(serve, rotate=True)
    with pytest.raises(AuthError, match="on_rotated") as caught:
        read(endpoint.client(refresh_token="old-refresh"))
    assert "r1" not in str(caught.value)


def test_without_a_refresh_token_there_is_no_rotation(serve: Serve) -> None:
    assert read(Endpoint(serve, rotate=True).client()) == {"token": "t1"}


def test_token_file(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "refresh_token"
    first, keep = token_file(path, "r0")
    assert first == "r0"
    endpoint = Endpoint(serve, rotate=True)
    read(endpoint.client(refresh_token=first, on_rotated=keep))
    assert token_file(path, "r0")[0] == "r1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keep("r9")
    assert token_file(path, "r0")[0] == "r9"
    assert [file.name for file in tmp_path.iterdir()] == ["refresh_token"]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer({"error": "invalid_client"}), "invalid_client"),
        (Answer({"error": "bad", "access_token": "t-secret"}), "bad"),
        (
            Answer({"error": "bad", "error_description": "not my/secret"}),
            "not \\*\\*\\*",
        ),
        (Answer({"token": "t-secret"}), "token"),
        (Answer({"access_token": ""}), "access_token"),
        (Answer({"access_token": None}), "access_token"),
        (Answer(["t-secret"]), "no object"),
        (Answer({"error": "invalid_grant", "was": "my/secret"}, 400), "invalid_grant"),
        (Answer({"error": "unauthorized"}, 401), "status 401"),
        (Answer(b"<html>"), "not valid JSON"),
    ],
)
def test_no_token_is_an_error(serve: Serve, answer: Answer, shown: str) -> None:
    """D32."""
    api = serve(lambda call, n: answer)
    http = client(api, token_auth(api.url))
    with pytest.raises(AuthError, match=shown) as caught:
        read(http)
    assert "my/secret" not in str(caught.value)
    assert "t-secret" not in str(caught.value)
    assert [call.path for call in api.calls] == ["/token"]


def test_token_requests_are_tried_again(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    endpoint.api.script = lambda call, n: (
        Answer(status=503) if n < 2 else endpoint.answer(call, n)
    )
    assert read(endpoint.client()) == {"token": "t1"}
    assert len(endpoint.token_calls()) == 3


def test_a_token_endpoint_that_is_down(serve: Serve) -> None:
    api = serve(lambda call, n: Answer({}))
    with pytest.raises(TransportError, match="POST http://127.0.0.1:9/token"):
        read(client(api, token_auth("http://127.0.0.1:9")))


def test_the_client_secret_does_not_follow_redirects(serve: Serve) -> None:
    other = serve(lambda call, n: Answer({"access_token": "x"}))
    url = f"http://localhost:{other.port}/"
    api = serve(lambda call, n: Answer(status=307, headers={"Location": url}))
    with pytest.raises(AuthError, match="307"):
        read(client(api, token_auth(api.url)))
    assert other.calls == []


def test_a_token_endpoint_on_another_host(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    api = serve(lambda call, n: Answer({"token": call.headers["authorization"]}))
    http = client(api, token_auth(f"http://localhost:{endpoint.api.port}"))
    assert read(http) == {"token": "Bearer t1"}


def test_forty_threads_take_one_token(serve: Serve) -> None:
    """D33, D34, and one renewal when it is revoked under them."""
    endpoint = Endpoint(serve)
    http = endpoint.client()
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(read, http) for _ in range(40)]
        assert [answer.result() for answer in answers] == [{"token": "t1"}] * 40
        assert endpoint.issued == 1
        endpoint.revoked.add("t1")
        answers = [pool.submit(read, http) for _ in range(40)]
        assert [answer.result() for answer in answers] == [{"token": "t2"}] * 40
    assert endpoint.issued == 2
