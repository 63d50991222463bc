"""A hook that changes every request of a client, after its credentials were added."""

from __future__ import annotations

from collections.abc import Callable

from .http import Auth, Http, Request


class RequestHook(Auth):
    """Gives each request to the hook; asked again for every attempt."""

    def __init__(
        self, hook: Callable[[Request], Request], auth: Auth | None = None
    ) -> None:
        self._hook = hook
        self._auth = auth
        self.secrets = auth.secrets if auth else ()

    def apply(self, request: Request, http: Http) -> Request:
        if self._auth is not None:
            request = self._auth.apply(request, http)
            self.secrets = self._auth.secrets
        return self._hook(request)

    def refresh(self, failed: Request, http: Http) -> bool:
        return self._auth is not None and self._auth.refresh(failed, http)
