"""OAuth2 tokens (RFC 6749): requested once, renewed in time, shared by all threads."""

from __future__ import annotations

import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Literal
from urllib.parse import quote_plus

from .errors import AuthError, HTTPError, ResponseError
from .http import Auth, Http, Request, RetryPolicy
from .request import Params
from .values import JSON, get

_NOWHERE = (
    "the token endpoint replaced the refresh token and there is nowhere to keep the new"
    " one: give on_rotated=, a callable that stores it, such as that of token_file()"
)


class OAuth2Auth(Auth):
    """Sends a token got by client credentials or, where one is given, a refresh token.

    A refresh token that the server replaces is given to `on_rotated` at once.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        refresh_token: str | None = None,
        scopes: str = "",
        extra: Params | None = None,
        client_auth: Literal["body", "basic"] = "body",
        default_expiration: float = 3600,
        on_rotated: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`extra`: more fields of the token request; `default_expiration` in seconds."""
        extra = extra or {}
        inherited = extra.get("refresh_token")  # where dlt's users put it
        if refresh_token is None and isinstance(inherited, str):
            refresh_token = inherited
        self._token_url = token_url
        self._refresh_token = refresh_token
        self._default_expiration = default_expiration
        self._on_rotated = on_rotated
        self._clock = clock
        self._lock = Lock()
        self._token = ""
        self._renew_at = 0.0
        self._headers: dict[str, str] = {}
        client: Params = {"client_id": client_id, "client_secret": client_secret}
        login = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        if client_auth == "basic":
            client = {}
            self._headers["Authorization"] = (
                f"Basic {b64encode(login.encode()).decode()}"
            )
        grant = "refresh_token" if refresh_token else "client_credentials"
        self._form: Params = {
            "grant_type": grant,
            **client,
            "scope": scopes or None,
            **extra,
        }
        self._fixed_secrets = (client_secret, login)
        self.secrets = (*self._fixed_secrets, refresh_token or "")

    def apply(self, request: Request, http: Http) -> Request:
        with self._lock:
            if not self._token or self._clock() >= self._renew_at:
                self._renew(http)
            return request.with_headers({"Authorization": f"Bearer {self._token}"})

    def refresh(self, failed: Request, http: Http) -> bool:
        """Gets a new token unless another thread did since `failed` was sent."""
        with self._lock:
            if failed.headers.get("Authorization") == f"Bearer {self._token}":
                self._renew(http)
        return True

    def _renew(self, http: Http) -> None:
        asked = self._clock()
        form: Params = {**self._form, "refresh_token": self._refresh_token}
        request = Request("POST", self._token_url, headers=self._headers, form=form)
        try:
            client = http.beside(self._token_url)
            answer = client.send(request, RetryPolicy()).json
        except (HTTPError, ResponseError) as error:
            raise AuthError(f"access token: {error}") from None
        token = get(answer, "access_token")
        if get(answer, "error") or not isinstance(token, str) or not token:
            raise AuthError(http.redact(_refusal(answer)))
        life = _seconds(get(answer, "expires_in")) or self._default_expiration
        self._renew_at = asked + life - min(30.0, life / 10)
        kept, self._token = self._token, token
        self.secrets = (*self._fixed_secrets, self._refresh_token or "", kept, token)
        rotated = get(answer, "refresh_token")
        if self._refresh_token and isinstance(rotated, str) and rotated:
            self._rotate(rotated)

    def _rotate(self, token: str) -> None:
        if token == self._refresh_token:
            return
        self.secrets = (*self.secrets, token)
        if self._on_rotated is None:
            raise AuthError(_NOWHERE)
        self._refresh_token = token
        self._on_rotated(token)


def token_file(path: str | Path, first: str) -> tuple[str, Callable[[str], None]]:
    """The refresh token kept at `path`, else `first`, and the callback that keeps it.

    The file has mode 0600. Delete it to start again with another `first`.
    """
    target = Path(path)

    def keep(token: str) -> None:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(token)
        os.replace(name, target)

    kept = target.read_text(encoding="utf-8").strip() if target.exists() else ""
    return kept or first, keep


def _seconds(value: JSON) -> float:
    """`expires_in` as a number or text; 0 where it says nothing usable."""
    try:
        return max(0.0, float(value)) if isinstance(value, (str, int, float)) else 0.0
    except ValueError:
        return 0.0


def _refusal(answer: JSON) -> str:
    error = get(answer, "error")
    if isinstance(error, str):
        detail = get(answer, "error_description")
        return (
            f"no access token: {error}: {detail}"
            if detail
            else f"no access token: {error}"
        )
    keys = ", ".join(sorted(answer)) if isinstance(answer, dict) else "no object"
    return f"no access token in the token endpoint's answer ({keys})"
