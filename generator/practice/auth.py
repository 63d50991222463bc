"""Who may ask: credentials of each kind, and the OAuth2 token endpoint (RFC 6749)."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any, Protocol
from urllib.parse import unquote_plus

from werkzeug import Request

from generator.practice.options import Options
from generator.practice.shapes import as_text
from generator.practice.texts import OPEN, Secrets
from generator.spec import (
    ApiKeyAuth,
    AuthMethods,
    BasicAuth,
    BearerAuth,
    OAuth2Auth,
    SingleAuth,
)


class Guard(Protocol):
    """One way to prove who asks."""

    def admits(self, request: Request) -> bool:
        """Whether the request carries the right credentials."""
        ...


class BearerGuard:
    """`Authorization: Bearer <token>` (RFC 6750)."""

    def __init__(self, auth: BearerAuth, secrets: Secrets) -> None:
        self._token = secrets.of(auth.token, "token")

    def admits(self, request: Request) -> bool:
        return _bearer(request) == self._token


class ApiKeyGuard:
    """A key in a header, a query parameter or a cookie."""

    def __init__(self, auth: ApiKeyAuth, secrets: Secrets) -> None:
        self.name = auth.name
        self.location = auth.location
        self._value = auth.prefix + secrets.of(auth.api_key, "api_key")

    def admits(self, request: Request) -> bool:
        match self.location:
            case "header":
                given = request.headers.get(self.name)
            case "cookie":
                given = request.cookies.get(self.name)
            case _:
                given = request.args.get(self.name)
        return given == self._value


class BasicGuard:
    """User name and password (RFC 7617)."""

    def __init__(self, auth: BasicAuth, secrets: Secrets) -> None:
        self._username = secrets.of(auth.username, "username")
        self._password = secrets.of(auth.password, "password")

    def admits(self, request: Request) -> bool:
        given = request.authorization
        return (
            given is not None
            and given.type == "basic"
            and given.username == self._username
            and given.password == self._password
        )


class TokenRefused(Exception):
    """An error answer of the token endpoint: status and error code of RFC 6749, 5.2."""

    def __init__(self, status: int, code: str, description: str) -> None:
        self.status = status
        self.answer = {"error": code, "error_description": description}
        super().__init__(description)


class OAuth2Guard:
    """Access tokens that its own token endpoint hands out, and that expire."""

    def __init__(
        self, auth: OAuth2Auth, secrets: Secrets, options: Options, path: str
    ) -> None:
        self.path = path
        """Path of the token endpoint."""
        self._client_id = secrets.of(auth.client_id, "client_id")
        self._client_secret = secrets.of(auth.client_secret, "client_secret")
        refreshing = auth.refresh_token is not None
        self._grant = auth.grant_type or (
            "refresh_token" if refreshing else "client_credentials"
        )
        self._refresh_token = (
            secrets.of(auth.refresh_token, "refresh_token")
            if self._grant == "refresh_token"
            else ""
        )
        self._basic = auth.client_auth == "basic"
        scopes = auth.scopes or ""
        self._scope = scopes if isinstance(scopes, str) else " ".join(scopes)
        self._fields = secrets.settled(dict(auth.access_token_request_data or {}))
        self._lifetime = options.token_lifetime
        self._rotate = options.rotate_refresh_tokens
        self._lock = Lock()
        self._issued = 0
        self._expiry: dict[str, float] = {}

    def admits(self, request: Request) -> bool:
        with self._lock:
            return self._expiry.get(_bearer(request), 0.0) > time.monotonic()

    def token(self, request: Request) -> dict[str, Any]:
        """The answer to a token request; raises TokenRefused."""
        form = request.form
        if request.method != "POST":
            raise TokenRefused(405, "invalid_request", "tokens are requested by POST")
        if self._client(request) != (self._client_id, self._client_secret):
            raise TokenRefused(401, "invalid_client", "wrong client id or secret")
        if form.get("grant_type") != self._grant:
            raise TokenRefused(
                400, "unsupported_grant_type", f"grant_type must be {self._grant}"
            )
        if self._scope and form.get("scope") != self._scope:
            raise TokenRefused(400, "invalid_scope", f"scope must be {self._scope}")
        for name, want in self._fields.items():
            if want is not OPEN and form.get(name) != as_text(want):
                raise TokenRefused(
                    400, "invalid_request", f"{name} must be {as_text(want)}"
                )
        return self._issue(form.get("refresh_token", ""))

    def _client(self, request: Request) -> tuple[str | None, str | None]:
        """Client id and secret, from where the spec says that they are sent."""
        if not self._basic:
            return request.form.get("client_id"), request.form.get("client_secret")
        given = request.authorization
        if given is None or given.type != "basic":
            return None, None
        return unquote_plus(given.username or ""), unquote_plus(given.password or "")

    def _issue(self, refresh_token: str) -> dict[str, Any]:
        with self._lock:
            if self._refresh_token and refresh_token != self._refresh_token:
                raise TokenRefused(400, "invalid_grant", "wrong refresh token")
            self._issued += 1
            token = f"practice-access-{self._issued}"
            self._expiry[token] = time.monotonic() + self._lifetime
            answer: dict[str, Any] = {
                "access_token": token,
                "expires_in": max(1, int(self._lifetime)),
                "token_type": "Bearer",
            }
            if self._refresh_token and self._rotate:
                self._refresh_token = f"practice-refresh-{self._issued}"
                answer["refresh_token"] = self._refresh_token
            return answer


def _bearer(request: Request) -> str:
    given = request.authorization
    return (given.token or "") if given and given.type == "bearer" else ""


def methods(auth: SingleAuth | AuthMethods | None) -> list[SingleAuth]:
    """The alternatives of a client's `auth`."""
    if auth is None:
        return []
    return list(auth.methods.values()) if isinstance(auth, AuthMethods) else [auth]


def guard(auth: SingleAuth, secrets: Secrets, options: Options, path: str) -> Guard:
    """The guard of one method; `path` is where an OAuth2 one hands out tokens.

    Raises ValueError for a kind that the language does not support yet.
    """
    match auth:
        case BearerAuth():
            return BearerGuard(auth, secrets)
        case ApiKeyAuth():
            return ApiKeyGuard(auth, secrets)
        case BasicAuth():
            return BasicGuard(auth, secrets)
        case OAuth2Auth():
            return OAuth2Guard(auth, secrets, options, path)
