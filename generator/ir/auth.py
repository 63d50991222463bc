"""How requests are authenticated."""

from __future__ import annotations

from typing import Literal, NamedTuple

from generator.pysource import Code


class Credential(NamedTuple):
    """A secret: a field of the credentials class."""

    name: str
    optional: bool
    """Only some of the auth methods use it."""


Location = Literal["header", "query", "cookie", "json", "form"]
RequestPart = Literal["params", "headers", "json", "form"]


class BearerAuth(NamedTuple):
    """A token in the `Authorization` header."""

    token: Code
    prefix: str = "Bearer "


class ApiKeyAuth(NamedTuple):
    """A key under a name, with text before it."""

    key: Code
    name: str
    location: Location
    prefix: str


class SeveralAuth(NamedTuple):
    """Several keys in one request."""

    keys: tuple[ApiKeyAuth, ...]


class BasicAuth(NamedTuple):
    """User name and password (RFC 7617)."""

    username: Code
    password: Code


class TokenRequest(NamedTuple):
    """The request whose answer holds a token."""

    method: Literal["GET", "POST"]
    url: Code
    """Expression of the URL, absolute or below the base URL, before `token_url=` overrides it."""
    parts: tuple[tuple[RequestPart, Code], ...]
    login: BearerAuth | ApiKeyAuth | BasicAuth | None
    """Credentials beside `parts`."""


class RefreshToken(NamedTuple):
    """A refresh token that the token request gets at `name`; the server may replace it."""

    first: Code
    name: str


class Assertion(NamedTuple):
    """A signed assertion (RFC 7523) in the token request."""

    private_key: Code
    passphrase: Code | None
    claims: tuple[tuple[str, Code], ...]


class Sent(NamedTuple):
    """Where a token is sent."""

    name: str
    location: Location
    prefix: str


class TokenAuth(NamedTuple):
    """A token from a token endpoint (RFC 6749) or from a login."""

    request: TokenRequest
    proof: RefreshToken | Assertion | None
    secrets: tuple[Code, ...]
    token_path: tuple[str | int, ...]
    expires_in_path: tuple[str | int, ...]
    expiration: int | None
    """Seconds that a token lasts if the answer does not say; None: until it is refused."""
    access_token: Code | None
    send: Sent | None
    """None: as a bearer token."""


class NoAuth(NamedTuple):
    """No credentials, where others have some."""


Auth = BearerAuth | ApiKeyAuth | SeveralAuth | BasicAuth | TokenAuth | NoAuth


class AuthMethod(NamedTuple):
    """One way to authenticate; `name` is empty where there is only one."""

    name: str
    auth: Auth
    needs: tuple[str, ...]
    """Credentials that select this method when all of them are given."""
