"""A key in a header, a query parameter or a cookie."""

from __future__ import annotations

from typing import Literal

from urllib3 import HTTPHeaderDict

from .http import Auth, Http, Request


class ApiKeyAuth(Auth):
    """Sends `prefix` and `key` under `name`."""

    def __init__(
        self,
        name: str,
        key: str,
        location: Literal["header", "query", "cookie"],
        prefix: str = "",
    ) -> None:
        self.secrets = (key,)
        self._name = name
        self._value = prefix + key
        self._location = location

    def apply(self, request: Request, http: Http) -> Request:
        if self._location == "header":
            return request.with_headers({self._name: self._value})
        if self._location == "query":
            return request.with_params({self._name: self._value})
        cookie = f"{self._name}={self._value}"
        others = HTTPHeaderDict(request.headers).get("Cookie")
        cookie = f"{others}; {cookie}" if others else cookie
        return request.with_headers({"Cookie": cookie})
