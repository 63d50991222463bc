"""Puts a value into the JSON body of a request."""

from __future__ import annotations

from dataclasses import replace

from .request import Request
from .values import JSON


def with_body(request: Request, path: tuple[str, ...], value: JSON) -> Request:
    """The request with `value` at `path` in its body; objects are created."""
    return replace(request, json=_placed(request.json, path, value))


def _placed(body: JSON, path: tuple[str, ...], value: JSON) -> JSON:
    if not path:
        return value
    children = dict(body) if isinstance(body, dict) else {}
    children[path[0]] = _placed(children.get(path[0]), path[1:], value)
    return children
