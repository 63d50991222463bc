"""OAuth2 refresh tokens (RFC 6749, 6), also of servers that replace them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .auth_token import TokenAuth
from .errors import AuthError
from .http import Request
from .placing_body import with_body
from .values import JSON, Selector, get

_NOWHERE = (
    "the token endpoint replaced the refresh token and there is nowhere to keep the new"
    " one: give on_rotated=, a callable that stores it, such as that of token_file()"
)

_REPLACED: dict[tuple[str, str], str] = {}
"""URL and refresh token to what replaced it, for clients that are made with the old one."""


@dataclass(kw_only=True, eq=False, repr=False)
class RefreshTokenAuth(TokenAuth):
    """Adds the refresh token to `request`, and gives a replaced one to `on_rotated`."""

    refresh_token: str
    on_rotated: Callable[[str], None] | None = None
    name: str = "refresh_token"
    rotated_path: Selector = ("refresh_token",)

    def token_request(self) -> Request:
        while token := _REPLACED.get((self.request.url, self.refresh_token)):
            self._use(token)
        request, proof = self.request, {self.name: self.refresh_token}
        if request.form is not None:
            return replace(request, form={**request.form, **proof})
        if request.json is not None:
            return with_body(request, (self.name,), self.refresh_token)
        return request.with_params(proof)

    def accept(self, answer: JSON) -> None:
        token = get(answer, *self.rotated_path)
        if not isinstance(token, str) or token in ("", self.refresh_token):
            return
        if self.on_rotated is None:
            raise AuthError(_NOWHERE)
        _REPLACED.pop((self.request.url, token), None)  # no circles
        _REPLACED[self.request.url, self.refresh_token] = token
        self._use(token)
        self.on_rotated(token)

    def _use(self, token: str) -> None:
        self.secrets = (*self.secrets, token)
        self._declared = (*self._declared, token)
        self.refresh_token = token
