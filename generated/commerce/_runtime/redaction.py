"""Takes declared secrets out of text that people or logs will see."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus

_SHORTEST = 4
"""Characters of the shortest secret that is looked for: others are in every text."""

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]|%2[BbFf]|\\/){8,}")
_STANDARD = {"%2B": "+", "%2F": "/", "\\/": "/", "-": "+", "_": "/"}


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """`text` with `***` for each secret, also as URLs, JSON, HTML and base64 write it."""
    pattern = _pattern(secrets)
    if pattern is None:
        return text
    text = pattern.sub("***", text)
    return _BASE64.sub(lambda run: "***" if _hides(run[0], pattern) else run[0], text)


def printable(text: str) -> str:
    """The text on one line, without what a terminal would act on."""
    return "".join(char if char.isprintable() else " " for char in text)


def _hides(run: str, pattern: re.Pattern[str]) -> bool:
    """It is base64 of a text with a secret, such as `user:password`, from some character on."""
    run = re.sub(r"%2[BbFf]|\\/|[-_]", lambda found: _STANDARD[found[0].upper()], run)
    for start in range(4):
        part = run[start:]
        part = part[:-1] if len(part) % 4 == 1 else part
        decoded = b64decode(part + "=" * (-len(part) % 4))
        if pattern.search(decoded.decode("utf-8", "replace")):
            return True
    return False


@lru_cache(maxsize=16)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) < _SHORTEST:
            continue
        raw = secret.encode("utf-8", "surrogatepass")
        forms |= {secret, quote(raw), quote(raw, safe=""), quote_plus(raw)}
        forms |= {escape(secret), escape(secret, quote=False), repr(secret)[1:-1]}
        forms |= {b64encode(raw).decode(), urlsafe_b64encode(raw).decode()}
        plain = json.dumps(secret)[1:-1]
        forms |= {plain, plain.replace("/", "\\/")}
        for char in "<>&":
            plain = plain.replace(char, f"\\u{ord(char):04x}")
        forms.add(plain)
    forms |= {form.rstrip("=") for form in forms if form.rstrip("=")}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    if not longest_first:
        return None
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
