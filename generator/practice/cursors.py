"""Cursors: where an answer carries them, where they come back, and what they say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from generator.practice.calls import Refused
from generator.practice.plan import Place
from generator.practice.shapes import Path, parse
from generator.practice.signals import body_path, header_path
from generator.spec import (
    CursorPaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    JsonLinkPaginator,
    Paginator,
)

_OWN_PARAM = "cursor"
"""Query parameter of the cursor where the spec follows URLs and so names none."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How one paginator's cursor travels."""

    carrier: Literal["body", "header", "record"]
    path: Path
    """Path in the body or the last record; of a header its name, or `link` and relation."""
    place: Place
    """Where a request carries it."""
    url: bool
    """The answer carries the whole next URL."""


def cursor(paginator: Paginator | None, body: Literal["body", "form"]) -> Cursor | None:
    """The cursor of a paginator, None for the kinds that count or do not page.

    `body`: the kind of body that requests have.
    """
    own = Place("query", _OWN_PARAM)
    match paginator:
        case JsonLinkPaginator():
            return Cursor("body", parse(paginator.next_url_path), own, True)
        case HeaderLinkPaginator():
            return Cursor("header", ("link", paginator.links_next_key), own, True)
        case HeaderCursorPaginator():
            place = Place("query", paginator.cursor_param)
            return Cursor("header", (paginator.cursor_key,), place, False)
        case CursorPaginator():
            return _cursor(paginator, own, body)
        case _:
            return None


def _cursor(
    paginator: CursorPaginator, own: Place, body: Literal["body", "form"]
) -> Cursor:
    place = own
    if paginator.cursor_body_path:
        place = Place(body, paginator.cursor_body_path)
    elif paginator.cursor_header:
        place = Place("header", paginator.cursor_header)
    elif paginator.cursor_param:
        place = Place("query", paginator.cursor_param)
    url = place is own
    if paginator.cursor_path:
        path = parse(paginator.cursor_path.removeprefix("response."))
    elif paginator.cursor_value:
        path = body_path(paginator.cursor_value)
    elif paginator.cursor_body_path:
        path = parse(paginator.cursor_body_path)
    else:
        # The key has the parameter's very name: `page[after]` is no path.
        path = (place.name,)
    if path[:1] == ("headers",):
        return Cursor("header", header_path(path[1:]), place, url)
    if path[:1] == ("last_record",):
        return Cursor("record", path[1:], place, url)
    return Cursor("body", path, place, url)


def token(scope: str, position: int) -> str:
    """An opaque cursor for the record at `position` of the list that `scope` names."""
    return f"{position:x}-{_sign(scope, position)}"


def position(scope: str, text: str, param: str) -> int:
    """The position that a cursor stands for; refuses one that was not handed out for `scope`.

    A whole URL counts as the cursor in it: specs send back the value that they find.
    """
    if text.startswith(("http://", "https://")):
        query = parse_qs(urlsplit(text).query)
        text = query.get(param, query.get(_OWN_PARAM, [""]))[0]
    number, _, sign = text.partition("-")
    try:
        found = int(number, 16)
    except ValueError:
        found = -1
    if found < 0 or sign != _sign(scope, found):
        raise Refused(400, f"invalid cursor {text!r}")
    return found


def _sign(scope: str, position: int) -> str:
    text = f"{scope}\0{position}"
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
