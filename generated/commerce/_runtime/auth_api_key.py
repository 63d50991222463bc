"""A key in a header, a query parameter, a cookie or the body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

from .http import Auth, Http, Request

Location: TypeAlias = Literal["header", "query", "cookie", "json", "form"]


class ApiKeyAuth(Auth):
    """Sends `prefix` and `key` under `name`."""

    def __init__(
        self, name: str, key: str, location: Location, prefix: str = ""
    ) -> None:
        self.secrets = (key,)
        self._key = key
        self._place = placed(name, location, prefix)

    def apply(self, request: Request, http: Http) -> Request:
        return self._place(request, self._key)


def placed(
    name: str, location: Location, prefix: str = ""
) -> Callable[[Request, str], Request]:
    """What puts a key or a token into a request; a second time changes nothing."""

    def place(request: Request, key: str) -> Request:
        value = prefix + key
        if location == "header":
            return request.with_headers({name: value})
        if location == "query":
            return request.with_params({name: value})
        if location == "json":
            body = request.json if isinstance(request.json, dict) else {}
            return replace(request, json={**body, name: value})
        if location == "form":
            return replace(request, form={**(request.form or {}), name: value})
        cookie = f"{name}={value}"
        headers = {name.lower(): each for name, each in request.headers.items()}
        others = headers.get("cookie", "")
        cookies = [each for each in others.split("; ") if each and each != cookie]
        return request.with_headers({"Cookie": "; ".join([*cookies, cookie])})

    return place
