"""Requests and answers as plain values, and what URLs and `Link` headers say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias
from urllib.parse import unquote_plus, urlencode, urljoin

from urllib3 import HTTPHeaderDict

from .errors import ResponseError
from .values import JSON, text

Scalar: TypeAlias = str | int | float | bool | None
Params: TypeAlias = Mapping[str, Scalar | Sequence[Scalar]]
"""Names and values; None is left out, a sequence repeats the name."""

_LINK = re.compile(r'<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)')
_LINK_PARAM = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?')


@dataclass(frozen=True, slots=True)
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
    raw: bool = False
    """The answer is not JSON: who asks for it decodes it."""

    @property
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

    def with_params(self, params: Params) -> Request:
        return replace(self, params={**self.params, **params})

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        return replace(self, headers=merged(self.headers, headers))

    def with_body(self, path: tuple[str, ...], value: JSON) -> Request:
        """The request with `value` at `path` in the JSON body; objects are created."""
        return replace(self, json=_placed(self.json, path, value))

    def at(self, url: str) -> Request:
        """The request for a URL that the server named, relative ones per RFC 3986."""
        try:
            return replace(self, url=urljoin(self.url, url), params={})
        except ValueError:
            raise ResponseError("the server named a next URL that is none") from None


@dataclass(frozen=True)
class Response:
    """One answer; header names are compared without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    outcome: Literal["", "ignore", "end"] = ""
    """A rule of the spec: this is no page of records."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", HTTPHeaderDict(self.headers))

    @cached_property
    def json(self) -> JSON:
        """The body; None where there is none (such as status 204)."""
        if not self.body:
            return None
        try:
            value: JSON = json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.header("Content-Type") or "no content type"
            size = len(self.body)
            message = f"the body is not valid JSON ({kind}, {size} bytes)"
            raise ResponseError(message) from None
        return value

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    def link(self, rel: str, attribute: str = "") -> str | None:
        """The target of the first link with relation `rel` (RFC 8288), or an attribute."""
        for target, params in _LINK.findall(self.header("Link") or ""):
            found: dict[str, str] = {}
            for name, value in _LINK_PARAM.findall(params):
                found.setdefault(name.lower(), value.strip('"'))  # the first one counts
            if rel.lower() in found.get("rel", "").lower().split():
                return found.get(attribute) if attribute else str(target)
        return None


def merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """Headers of all groups; of those with the same name the last one."""
    headers = HTTPHeaderDict()
    for group in groups:
        headers.update(group)
    return dict(headers)


def encoded(params: Params) -> str:
    """Parameters as a query or form carries them."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        if value is None or isinstance(value, (str, int, float)):
            value = (value,)
        pairs.extend((name, text(item)) for item in value if item is not None)
    return urlencode(pairs)


def _placed(body: JSON, path: tuple[str, ...], value: JSON) -> JSON:
    if not path:
        return value
    children = dict(body) if isinstance(body, dict) else {}
    children[path[0]] = _placed(children.get(path[0]), path[1:], value)
    return children
