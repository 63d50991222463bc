"""Bearer, API key and basic authentication as the server sees them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Literal

import pytest
from _runtime.auth_api_key import ApiKeyAuth
from _runtime.auth_basic import BasicAuth
from _runtime.auth_bearer import BearerAuth
from _runtime.errors import CredentialsError, HTTPError
from _runtime.http import Auth, Http, Request, RetryPolicy
from conftest import Answer, Api, Call, Script

Serve = Callable[[Script], Api]


def sent(serve: Serve, auth: Auth, request: Request) -> Call:
    api = serve(lambda call, n: Answer({}))
    Http(base_url=api.url, user_agent="t", auth=auth).send(request, RetryPolicy())
    return api.calls[0]


def test_bearer(serve: Serve) -> None:
    call = sent(serve, BearerAuth("abc"), Request("GET", "/"))
    assert call.headers["authorization"] == "Bearer abc"


def test_basic(serve: Serve) -> None:
    call = sent(serve, BasicAuth("user", "pä:ss"), Request("GET", "/"))
    token = b64encode("user:pä:ss".encode()).decode()
    assert call.headers["authorization"] == f"Basic {token}"


def test_basic_user_names_have_no_colon() -> None:
    with pytest.raises(CredentialsError):
        BasicAuth("us:er", "password")


def test_basic_is_redacted_as_a_pair(serve: Serve) -> None:
    token = b64encode(b"user:password").decode()
    api = serve(lambda call, n: Answer({"sent": call.headers["authorization"]}, 400))
    http = Http(base_url=api.url, user_agent="t", auth=BasicAuth("user", "password"))
    with pytest.raises(HTTPError) as caught:
        http.send(Request("GET", "/"), RetryPolicy())
    assert "Basic ***" in str(caught.value)
    assert token.rstrip("=") not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "request_", "header"),
    [
        ("header", Request("GET", "/"), "Token k"),
        ("header", Request("GET", "/", headers={"x-key": "other"}), "Token k"),
    ],
)
def test_key_in_a_header(
    serve: Serve, location: Literal["header"], request_: Request, header: str
) -> None:
    call = sent(serve, ApiKeyAuth("X-Key", "k", location, "Token "), request_)
    assert call.headers["x-key"] == header


def test_key_in_the_query_is_there_once(serve: Serve) -> None:
    auth = ApiKeyAuth("key", "k&1", "query")
    call = sent(serve, auth, Request("GET", "/a?key=old&page=2", {"x": 1}))
    assert call.target == "/a?page=2&x=1&key=k%261"


@pytest.mark.parametrize(
    ("headers", "cookie"), [({}, "sid=k"), ({"cookie": "a=b"}, "a=b; sid=k")]
)
def test_key_in_a_cookie(serve: Serve, headers: dict[str, str], cookie: str) -> None:
    """D28."""
    auth = ApiKeyAuth("sid", "k", "cookie")
    assert (
        sent(serve, auth, Request("GET", "/", headers=headers)).headers["cookie"]
        == cookie
    )


def test_a_fixed_credential_is_not_tried_twice(serve: Serve) -> None:
    api = serve(lambda call, n: Answer(status=401))
    http = Http(base_url=api.url, user_agent="t", auth=BearerAuth("abc"))
    with pytest.raises(HTTPError, match="status 401"):
        http.send(Request("GET", "/"), RetryPolicy())
    assert len(api.calls) == 1
