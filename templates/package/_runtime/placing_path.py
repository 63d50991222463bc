"""Puts what pages are asked for into the path of a request."""

from __future__ import annotations

from dataclasses import replace

from .paths import segment
from .request import Request
from .values import JSON


def with_step(request: Request, path: str, name: str, value: JSON) -> Request:
    """The request for `path` with `value` in the place of its step `{name}`."""
    return replace(request, url=path.replace(f"{{{name}}}", segment(value, name), 1))


def without_step(request: Request, name: str) -> Request:
    """The request without the step `{name}` of its path, for a first page."""
    return replace(request, url=request.url.replace(f"/{{{name}}}", "", 1))
