"""Several credentials in one request."""

from __future__ import annotations

from .http import Auth, Http, Request


class SeveralAuth(Auth):
    """Applies each of `parts`."""

    def __init__(self, *parts: Auth) -> None:
        self.secrets = tuple(secret for part in parts for secret in part.secrets)
        self._parts = parts

    def apply(self, request: Request, http: Http) -> Request:
        for part in self._parts:
            request = part.apply(request, http)
        return request
