"""Puts values into the form body of a request."""

from __future__ import annotations

from dataclasses import replace

from .request import Params, Request


def with_form(request: Request, fields: Params) -> Request:
    """The request with more fields in its form body."""
    return replace(request, form={**(request.form or {}), **fields})
