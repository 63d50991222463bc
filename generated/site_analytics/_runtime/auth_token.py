"""Access tokens: requested once, renewed in time, shared by all threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from .errors import AuthError, HTTPError, ResponseError
from .http import Auth, Http, Request, RetryPolicy
from .retrying import TRANSIENT
from .values import JSON, Selector, get

_RETRY = RetryPolicy(statuses=TRANSIENT)
"""A token may be asked for again, though that is a POST."""


def bearer(request: Request, token: str) -> Request:
    """The request with the token as RFC 6750 sends it."""
    return request.with_headers({"Authorization": f"Bearer {token}"})


@dataclass(kw_only=True, eq=False, repr=False)
class TokenAuth(Auth):
    """Sends a token that the answer to `request` holds."""

    request: Request
    login: Auth | None = None
    """Credentials of the token request that are not in `request`."""
    secrets: tuple[str, ...] = ()
    token_path: Selector = ("access_token",)
    expires_in_path: Selector = ("expires_in",)
    default_expiration: float = 3600
    """Seconds that a token lasts if the answer does not say."""
    access_token: str = ""
    """A token to begin with."""
    send: Callable[[Request, str], Request] = bearer
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._declared = self.secrets
        self._token = ""
        self._renew_at = 0.0
        if self.access_token:
            self._take(self.access_token, self.clock(), self.default_expiration)

    def apply(self, request: Request, http: Http) -> Request:
        with self._lock:
            if not self._token or self.clock() >= self._renew_at:
                self._renew(http)
            return self.send(request, self._token)

    def refresh(self, failed: Request, http: Http) -> bool:
        """Gets a new token unless another thread did since `failed` was sent."""
        with self._lock:
            if self.send(failed, self._token) == failed:
                self._renew(http)
        return True

    def token_request(self) -> Request:
        return self.request

    def accept(self, answer: JSON) -> None:
        """Takes what else the answer brings."""

    def _renew(self, http: Http) -> None:
        asked = self.clock()
        try:
            request = self.token_request()
            answer = self._client(http).send(request, _RETRY).json
        except (HTTPError, ResponseError) as error:
            raise AuthError(f"access token: {error}") from None
        token = get(answer, *self.token_path)
        if get(answer, "error") or not isinstance(token, str) or not token:
            raise AuthError(http.redact(self._refusal(answer))[:500])
        expires_in = _seconds(get(answer, *self.expires_in_path))
        self._take(token, asked, expires_in or self.default_expiration)
        self.accept(answer)

    def _client(self, http: Http) -> Http:
        """A client for the token's host, without the credentials and headers of `http`."""
        return Http(
            base_url=self.request.url,
            user_agent=http.user_agent,
            auth=self.login,
            secrets=http.known_secrets(),
            timeout=http.timeout,
            transport=http.transport,
            sleep=http.sleep,
        )

    def _take(self, token: str, since: float, life: float) -> None:
        """Uses the token until shortly before it expires."""
        self._renew_at = since + life - min(30.0, life / 10)
        self.secrets = (*self._declared, *filter(None, (self._token, token)))
        self._token = token

    def _refusal(self, answer: JSON) -> str:
        found = [get(answer, "error"), get(answer, "error_description")]
        known = [each for each in found if isinstance(each, str) and each]
        if known:
            return f"no access token: {', '.join(known)}"
        path = ".".join(map(str, self.token_path))
        keys = ", ".join(sorted(answer)) if isinstance(answer, dict) else "no object"
        return f"no access token at {path} of the token endpoint's answer ({keys})"


def _seconds(value: JSON) -> float:
    """`expires_in` as a number or text; 0 where it says nothing usable."""
    try:
        return max(0.0, float(value)) if isinstance(value, (str, int, float)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
