"""Whether an answer says that there is more, for resources without a paginator."""

from __future__ import annotations

from .links import link_of
from .request import Response
from .values import get


def announces_more(response: Response) -> str | None:
    """The part of the answer that names a next page; a short, exact list is read."""
    if link_of(response, "next"):
        return 'Link header with rel="next"'
    if get(response.json, "has_more") is True:
        return "has_more"
    for key in ("next", "next_page", "next_cursor"):
        if get(response.json, key):
            return key
    return "links.next" if get(response.json, "links", "next") else None
