"""Puts what pages are asked for into the text of a query parameter."""

from __future__ import annotations

from .request import Request


def with_text(
    request: Request, param: str, text: str, name: str, value: int
) -> Request:
    """The request whose parameter is `text` with `value` in the place of `{name}`."""
    return request.with_params({param: text.replace(f"{{{name}}}", str(value))})
