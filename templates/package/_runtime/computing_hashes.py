"""Hashes of texts, as expressions of the spec ask for them."""

from __future__ import annotations

import hashlib


def hash_of(text: str, method: str) -> str:
    """The hash in hexadecimal digits; none of them is meant to protect anything."""
    return hashlib.new(method, text.encode(), usedforsecurity=False).hexdigest()
