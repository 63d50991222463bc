"""Requests and answers as plain values, and how URLs carry parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias
from urllib.parse import unquote_plus, urlencode, urljoin

from pydantic_core import from_json

from .errors import ResponseError
from .values import JSON, text

Scalar: TypeAlias = str | int | float | bool | None
Params: TypeAlias = Mapping[str, Scalar | Sequence[Scalar]]
"""Names and values; None is left out, a sequence repeats the name."""


@dataclass(frozen=True)
class Request:
    """One request; `url` is absolute or a path below the client's base URL."""

    method: str
    url: str
    params: Params = field(default_factory=dict[str, Scalar])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    json: JSON = None
    form: Params | None = None
    content: str = ""
    """A body that is neither JSON nor a form."""
    timeout: float | None = None
    """Seconds to wait for the server; None: the client's."""
    decode: Callable[[Response], JSON] | None = None
    """Reads the answer if it is not plain JSON."""

    @cached_property
    def target(self) -> str:
        """The URL with its parameters; they replace those of the same name in it."""
        head, _, query = self.url.partition("#")[0].partition("?")
        parts = [
            part
            for part in query.split("&")
            if part and self.params.get(unquote_plus(part.partition("=")[0])) is None
        ]
        query = "&".join([*parts, encoded(self.params)]).rstrip("&")
        return f"{head}?{query}" if query else head

    @property
    def body(self) -> tuple[str, str]:
        """Content type and text; empty where there is none."""
        if self.form is not None:
            return "application/x-www-form-urlencoded", encoded(self.form)
        if self.json is not None:
            return "application/json", json.dumps(self.json)
        return "", self.content

    def with_params(self, params: Params) -> Request:
        return replace(self, params={**self.params, **params})

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        return replace(self, headers=merged(self.headers, headers))

    def at(self, url: str) -> Request:
        """The request for a URL that the server named, relative ones per RFC 3986."""
        try:
            return replace(self, url=urljoin(self.url, url), params={})
        except ValueError:
            raise ResponseError("the server named a next URL that is none") from None


@dataclass(frozen=True)
class Response:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @cached_property
    def json(self) -> JSON:
        """The body; None where there is none (such as status 204)."""
        if not self.body:
            return None
        try:
            return _parsed(self.body)
        except (ValueError, RecursionError):
            kind = self.header("Content-Type") or "no content type"
            size = len(self.body)
            message = f"the body is not valid JSON ({kind}, {size} bytes)"
            raise ResponseError(message) from None

    @property
    def redirect(self) -> str | None:
        """Where to ask instead."""
        moved = self.status in (301, 302, 303, 307, 308)
        return self.header("Location") if moved else None

    def header(self, name: str) -> str | None:
        """A header's value; its name is compared without case (RFC 9110)."""
        wanted = name.lower()
        found = (each for each in self.headers if each.lower() == wanted)
        return next((self.headers[each] for each in found), None)


def _parsed(body: bytes) -> JSON:
    value: JSON
    try:
        value = from_json(body, cache_strings="keys")
    except ValueError:  # perhaps half of a surrogate pair, which only `json` reads
        value = json.loads(body)
    return value


def merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """Headers of all groups; of those with the same name the last one."""
    headers: dict[str, tuple[str, str]] = {}
    for group in groups:
        headers.update({name.lower(): (name, value) for name, value in group.items()})
    return dict(headers.values())


def encoded(params: Params) -> str:
    """Parameters as a query or form carries them."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        if value is None or isinstance(value, (str, int, float)):
            value = (value,)
        pairs.extend((name, text(item)) for item in value if item is not None)
    return urlencode(pairs, errors="surrogatepass")
