"""Hashes of texts, as expressions of the spec ask for them."""

from __future__ import annotations

import hashlib

from .errors import ExpressionError


def hash_of(text: str, method: str) -> str:
    """The hash in hexadecimal digits; none of them is meant to protect anything."""
    try:
        return hashlib.new(method, text.encode(), usedforsecurity=False).hexdigest()
    except UnicodeEncodeError:
        raise ExpressionError("text with half of a surrogate pair") from None
