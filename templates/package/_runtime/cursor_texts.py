"""Texts of a cursor field made comparable."""

from __future__ import annotations

import re

from .cursor_keys import Key, instant_of

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?", re.ASCII)


def text_of(value: object) -> Key | None:
    """The instant of ISO text, whatever its offset; other text as it is."""
    if not isinstance(value, str):
        return None
    moment = instant_of(value) if _ISO.fullmatch(value) else None
    return value if moment is None else moment
