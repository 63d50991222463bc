"""Next pages that are named by a path below the base URL."""

from __future__ import annotations

from dataclasses import replace

from .errors import PaginationError
from .request import Request
from .values import JSON


def below_base(request: Request, value: JSON, name: str) -> Request:
    """The request for a path below the base URL; a whole URL is followed as it is."""
    if not isinstance(value, str) or any(char.isspace() for char in value):
        raise PaginationError(f"{name} is no path or URL")
    return replace(request, url=value, params={})
