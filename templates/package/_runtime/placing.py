"""Puts what pages are asked for where few APIs want it: into the form or the path."""

from __future__ import annotations

from dataclasses import replace

from .errors import PaginationError
from .request import Params, Request
from .values import JSON, segment


def with_form(request: Request, fields: Params) -> Request:
    """The request with more fields in its form body."""
    return replace(request, form={**(request.form or {}), **fields})


def without_step(request: Request, name: str) -> Request:
    """The request without the step `{name}` of its path, for a first page."""
    return replace(request, url=request.url.replace(f"/{{{name}}}", "", 1))


def with_step(request: Request, path: str, name: str, value: JSON) -> Request:
    """The request for `path` with `value` in the place of its step `{name}`."""
    return replace(request, url=path.replace(f"{{{name}}}", segment(value, name), 1))


def below_base(request: Request, value: JSON, name: str) -> Request:
    """The request for a path below the base URL; a whole URL is followed as it is."""
    if not isinstance(value, str) or any(char.isspace() for char in value):
        raise PaginationError(f"{name} is no path or URL")
    return replace(request, url=value, params={})
