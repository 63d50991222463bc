"""A fixed token in the `Authorization` header."""

from __future__ import annotations

from .http import Auth, Http, Request


class BearerAuth(Auth):
    """Sends `Authorization: Bearer <token>` (RFC 6750), or another word than Bearer."""

    def __init__(self, token: str, prefix: str = "Bearer ") -> None:
        self.secrets = (token,)
        self._headers = {"Authorization": f"{prefix}{token}"}

    def apply(self, request: Request, http: Http) -> Request:
        return request.with_headers(self._headers)
