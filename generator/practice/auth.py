"""Who may ask: credentials of each kind, and the endpoints that hand out tokens."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any, Protocol
from urllib.parse import unquote_plus

from werkzeug import Request

from generator.practice.options import Options
from generator.practice.shapes import as_text, is_object, parse, put
from generator.practice.texts import OPEN, Secrets
from generator.spec import (
    ApiKeyAuth,
    ApiKeysAuth,
    AuthMethods,
    BasicAuth,
    BearerAuth,
    JwtBearerAuth,
    NoAuth,
    OAuth2Auth,
    OneKey,
    Send,
    SessionTokenAuth,
    SingleAuth,
)


class Guard(Protocol):
    """One way to prove who asks."""

    def admits(self, request: Request) -> bool:
        """Whether the request carries the right credentials."""
        ...


def carried(request: Request, location: str, name: str) -> str | None:
    """The text that a request carries under a name, None where it carries none."""
    match location:
        case "header":
            return request.headers.get(name)
        case "cookie":
            return request.cookies.get(name)
        case "json":
            body: Any = request.get_json(silent=True)
            value = body.get(name) if is_object(body) else None
            return value if isinstance(value, str) else None
        case "form":
            return request.form.get(name)
        case _:
            return request.args.get(name)


class BearerGuard:
    """`Authorization: Bearer <token>` (RFC 6750), or another word."""

    def __init__(self, auth: BearerAuth, secrets: Secrets) -> None:
        self._value = auth.prefix + secrets.of(auth.token, "token")

    def admits(self, request: Request) -> bool:
        return request.headers.get("Authorization") == self._value


class ApiKeyGuard:
    """A key in a header, a query parameter, a cookie or the body."""

    def __init__(self, auth: ApiKeyAuth | OneKey, secrets: Secrets) -> None:
        self.name = auth.name
        self.location = auth.location
        self._value = auth.prefix + secrets.of(auth.api_key, "api_key")

    def admits(self, request: Request) -> bool:
        return carried(request, self.location, self.name) == self._value


class SeveralGuard:
    """Several keys, each in its place."""

    def __init__(self, auth: ApiKeysAuth, secrets: Secrets) -> None:
        self.keys = [ApiKeyGuard(each, secrets) for each in auth.keys]

    def admits(self, request: Request) -> bool:
        return all(each.admits(request) for each in self.keys)


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


class TokenGuard:
    """Tokens that its own endpoint hands out, and that expire."""

    def __init__(
        self, auth: OAuth2Auth | SessionTokenAuth, options: Options, path: str
    ) -> None:
        self.path = path
        """Path of the token endpoint."""
        self._send = auth.send or Send(prefix="Bearer ")
        self._lifetime = options.token_lifetime
        self._lock = Lock()
        self._issued = 0
        self._expiry: dict[str, float] = {}

    @property
    def hidden(self) -> str:
        """The query parameter that carries the token, if one does."""
        return self._send.name if self._send.location in ("query", "param") else ""

    def admits(self, request: Request) -> bool:
        given = carried(request, self._send.location, self._send.name) or ""
        if not given.startswith(self._send.prefix):
            return False
        token = given.removeprefix(self._send.prefix)
        with self._lock:
            return self._expiry.get(token, 0.0) > time.monotonic()

    def token(self, request: Request) -> dict[str, Any]:
        """The answer to a token request; raises TokenRefused."""
        raise NotImplementedError

    def _new(self) -> str:
        """A token; the lock is held."""
        self._issued += 1
        token = f"practice-access-{self._issued}"
        self._expiry[token] = time.monotonic() + self._lifetime
        return token


class OAuth2Guard(TokenGuard):
    """The token endpoint of OAuth2."""

    def __init__(
        self, auth: OAuth2Auth, secrets: Secrets, options: Options, path: str
    ) -> None:
        super().__init__(auth, options, path)
        self._client_id = secrets.of(auth.client_id, "client_id")
        self._client_secret = secrets.of(auth.client_secret, "client_secret")
        refreshing = auth.refresh_token is not None
        grant = auth.grant_type or (
            "refresh_token" if refreshing else "client_credentials"
        )
        self._refresh_token = (
            secrets.of(auth.refresh_token, "refresh_token")
            if grant == "refresh_token"
            else ""
        )
        self._auth = auth
        scopes = auth.scopes or ""
        self._scope = scopes if isinstance(scopes, str) else " ".join(scopes)
        self._fields: dict[str, Any] = {auth.grant_type_name: grant}
        if grant == "password":
            self._fields["username"] = secrets.of(auth.username, "username")
            self._fields["password"] = secrets.of(auth.password, "password")
        self._fields.update(secrets.settled(dict(auth.access_token_request_data or {})))
        self._headers = secrets.settled(dict(auth.token_headers or {}))
        self._rotate = options.rotate_refresh_tokens

    def token(self, request: Request) -> dict[str, Any]:
        where, auth = self._auth.token_request, self._auth
        if request.method != "POST":
            raise TokenRefused(405, "invalid_request", "tokens are requested by POST")
        if self._client(request) != (self._client_id, self._client_secret):
            raise TokenRefused(401, "invalid_client", "wrong client id or secret")
        if self._scope and carried(request, where, "scope") != self._scope:
            raise TokenRefused(400, "invalid_scope", f"scope must be {self._scope}")
        for name, want in self._fields.items():
            if want is not OPEN and carried(request, where, name) != as_text(want):
                code = "invalid_request"
                if name == auth.grant_type_name:
                    code = "unsupported_grant_type"
                raise TokenRefused(400, code, f"{name} must be {as_text(want)}")
        for name, want in self._headers.items():
            if want is not OPEN and request.headers.get(name) != want:
                raise TokenRefused(400, "invalid_request", f"{name} must be {want}")
        return self._issue(carried(request, where, auth.refresh_token_name) or "")

    def _client(self, request: Request) -> tuple[str, str]:
        """Client id and secret, from where the spec says that they are sent."""
        auth = self._auth
        if auth.client_auth == "body":
            where = auth.token_request
            return (
                carried(request, where, auth.client_id_name) or "",
                carried(request, where, auth.client_secret_name) or "",
            )
        given = request.authorization
        if given is None or given.type != "basic":
            return "", ""
        return unquote_plus(given.username or ""), unquote_plus(given.password or "")

    def _issue(self, refresh_token: str) -> dict[str, Any]:
        with self._lock:
            if self._refresh_token and refresh_token != self._refresh_token:
                raise TokenRefused(400, "invalid_grant", "wrong refresh token")
            answer: dict[str, Any] = {"token_type": "Bearer"}
            put(answer, parse(self._auth.access_token_path), self._new())
            lifetime = max(1, int(self._lifetime))
            put(answer, parse(self._auth.expires_in_path), lifetime)
            if self._refresh_token and self._rotate:
                self._refresh_token = f"practice-refresh-{self._issued}"
                answer[self._auth.refresh_token_name] = self._refresh_token
            return answer


class SessionGuard(TokenGuard):
    """A login, and the token that it gives."""

    def __init__(
        self, auth: SessionTokenAuth, secrets: Secrets, options: Options, path: str
    ) -> None:
        super().__init__(auth, options, path)
        login = auth.login
        self._method = login.method
        self._token_path = parse(auth.token_path)
        self._fields = {
            where: secrets.settled(dict(given or {}))
            for where, given in (
                ("query", login.params),
                ("header", login.headers),
                ("form", login.form),
            )
        }
        self._json = secrets.settled(login.json_body)
        self._login = None
        if login.auth is not None:
            self._login = guard(login.auth, secrets, options, "")

    def token(self, request: Request) -> dict[str, Any]:
        if request.method != self._method:
            raise TokenRefused(405, "invalid_request", f"log in by {self._method}")
        if self._login is not None and not self._login.admits(request):
            raise TokenRefused(401, "invalid_client", "wrong credentials")
        for where, fields in self._fields.items():
            for name, want in fields.items():
                if want is not OPEN and carried(request, where, name) != as_text(want):
                    raise TokenRefused(401, "invalid_client", f"{name} is wrong")
        if self._json is not None and not _matches(
            self._json, request.get_json(silent=True)
        ):
            raise TokenRefused(401, "invalid_client", "the JSON body is wrong")
        answer: dict[str, Any] = {}
        with self._lock:
            put(answer, self._token_path, self._new())
        return answer


def _matches(want: Any, given: Any) -> bool:
    """A JSON value is the one that the spec has, but for what the spec leaves open."""
    if want is OPEN:
        return True
    if is_object(want):
        return (
            is_object(given)
            and want.keys() == given.keys()
            and all(_matches(value, given[key]) for key, value in want.items())
        )
    return bool(want == given)


def methods(auth: SingleAuth | NoAuth | AuthMethods | None) -> list[SingleAuth]:
    """The alternatives of an `auth`."""
    if auth is None or isinstance(auth, NoAuth):
        return []
    return list(auth.methods.values()) if isinstance(auth, AuthMethods) else [auth]


def guard(auth: SingleAuth, secrets: Secrets, options: Options, path: str) -> Guard:
    """The guard of one method; `path` is where an OAuth2 one hands out tokens.

    Raises ValueError for a kind that the server cannot demand.
    """
    match auth:
        case BearerAuth():
            return BearerGuard(auth, secrets)
        case ApiKeyAuth():
            return ApiKeyGuard(auth, secrets)
        case BasicAuth():
            return BasicGuard(auth, secrets)
        case ApiKeysAuth():
            return SeveralGuard(auth, secrets)
        case OAuth2Auth():
            return OAuth2Guard(auth, secrets, options, path)
        case SessionTokenAuth():
            return SessionGuard(auth, secrets, options, path)
        case JwtBearerAuth():
            raise ValueError(
                "auth by `jwt_bearer` needs a key pair, which is not made up"
            )
