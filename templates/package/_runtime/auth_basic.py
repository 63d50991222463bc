"""User name and password in the `Authorization` header."""

from __future__ import annotations

from base64 import b64encode

from .errors import CredentialsError
from .http import Auth, Http, Request


class BasicAuth(Auth):
    """Sends user name and password as HTTP basic authentication (RFC 7617)."""

    def __init__(self, username: str, password: str) -> None:
        if ":" in username:
            raise CredentialsError("basic auth: the user name may not contain a colon")
        pair = f"{username}:{password}"
        self.secrets = (username, password, pair)  # some APIs take a key as user name
        self._headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def apply(self, request: Request, http: Http) -> Request:
        return request.with_headers(self._headers)
