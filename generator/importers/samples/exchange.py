"""One request and its answer, as a sample or a probe gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from generator.diagnostics import Location

Pairs = tuple[tuple[str, str], ...]
"""Names and values in their order; a name may come twice."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its JSON answer. Values may be secret: none of them is ever printed."""

    place: Location
    """Where it was recorded."""
    answer: object = field(repr=False)
    method: str = "GET"
    origin: str = ""
    """Scheme and host; "" where the sample has no URL."""
    path: str = ""
    query: Pairs = field(default=(), repr=False)
    sent: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Request headers; names are lower case."""
    body: object = field(default=None, repr=False)
    """The JSON of the request."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Headers of the answer; names are lower case."""
    media_type: str = "application/json"
    is_lines: bool = False
    """The answer is JSON lines."""

    @property
    def url(self) -> str:
        """Without the query."""
        return self.origin + self.path


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts, without the user and password that may stand in it."""

    origin: str
    path: str
    query: Pairs = field(repr=False)
    user: str = field(default="", repr=False)
    """`name:password` of the URL."""


def target(url: str) -> Target | None:
    """The parts of an absolute http(s) URL; None for anything else."""
    if len(url) > 20_000 or not url.isascii() or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    scheme = parts.scheme.lower()
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[scheme]
    origin = f"{scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")
    user, at, _ = parts.netloc.rpartition("@")
    pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Target(origin, parts.path or "/", pairs, user if at else "")
