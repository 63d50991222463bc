"""OAuth2 against a token endpoint and an API on one loopback server."""

from __future__ import annotations

import stat
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from _runtime.auth_oauth2 import OAuth2Auth, token_file
from _runtime.errors import AuthError, HTTPError, TransportError
from _runtime.http import Http, Request, RetryPolicy
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

    def auth(self, **more: object) -> OAuth2Auth:
        known: dict[str, object] = {"clock": lambda: self.now, **more}
        url = f"{self.api.url}/token"
        return OAuth2Auth(url, "my id", "my/secret", **known)  # type: ignore[arg-type]

    def client(self, **more: object) -> Http:
        return client(self.api, self.auth(**more))

    def token_calls(self) -> list[Call]:
        return [call for call in self.api.calls if call.path == "/token"]


def client(api: Api, auth: OAuth2Auth) -> Http:
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


def test_client_credentials_in_the_body(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    http = endpoint.client(scopes="a b", extra={"audience": "x"})
    assert read(http) == read(http) == {"token": "t1"}
    (call,) = endpoint.token_calls()
    assert call.method == "POST"
    assert call.form == {
        "grant_type": "client_credentials",
        "client_id": "my id",
        "client_secret": "my/secret",
        "scope": "a b",
        "audience": "x",
    }
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in call.headers
    assert "x-custom-key" not in call.headers


def test_client_credentials_in_the_header(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    read(endpoint.client(client_auth="basic"))
    (call,) = endpoint.token_calls()
    assert call.form == {"grant_type": "client_credentials"}
    pair = b64encode(b"my+id:my%2Fsecret").decode()
    assert call.headers["authorization"] == f"Basic {pair}"


@pytest.mark.parametrize("where", ["argument", "extra"])
def test_refresh_token_grant(serve: Serve, where: str) -> None:
    endpoint = Endpoint(serve)
    if where == "argument":
        http = endpoint.client(refresh_token="r0")
    else:
        http = endpoint.client(
            extra={"grant_type": "refresh_token", "refresh_token": "r0"}
        )
    assert read(http) == {"token": "t1"}
    form = endpoint.token_calls()[0].form
    assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "r0")


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


def test_client_credentials_ignore_a_refresh_token(serve: Serve) -> None:
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
    http = client(api, OAuth2Auth(f"{api.url}/token", "id", "my/secret"))
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
        read(client(api, OAuth2Auth("http://127.0.0.1:9/token", "id", "secret")))


def test_the_client_secret_does_not_follow_redirects(serve: Serve) -> None:
    other = serve(lambda call, n: Answer({"access_token": "x"}))
    url = f"http://localhost:{other.port}/"
    api = serve(lambda call, n: Answer(status=307, headers={"Location": url}))
    with pytest.raises(AuthError, match="307"):
        read(client(api, OAuth2Auth(f"{api.url}/token", "id", "secret")))
    assert other.calls == []


def test_a_token_endpoint_on_another_host(serve: Serve) -> None:
    endpoint = Endpoint(serve)
    api = serve(lambda call, n: Answer({"token": call.headers["authorization"]}))
    url = f"http://localhost:{endpoint.api.port}/token"
    http = client(api, OAuth2Auth(url, "id", "secret"))
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
