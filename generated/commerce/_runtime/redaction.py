"""Takes declared secrets out of text that people or logs will see."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus, unquote

_SHORTEST = 4
"""Characters of the shortest secret that is looked for: others are in every text."""

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]|%2[BbFf]|\\/){6,}")


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """The text on one line, with `***` for each secret, also in the usual encodings."""
    pattern = _pattern(secrets)
    if pattern is not None:
        text = pattern.sub("***", text)
        text = _BASE64.sub(
            lambda run: "***" if _hides(run[0], pattern) else run[0], text
        )
    return "".join(char if char.isprintable() else " " for char in text)


def _hides(run: str, pattern: re.Pattern[str]) -> bool:
    """It is base64 of a text with a secret, such as `user:password`, from some character on."""
    run = unquote(run).replace("\\/", "/").replace("-", "+").replace("_", "/")
    for start in range(4):
        part = run[start:]
        part = part[:-1] if len(part) % 4 == 1 else part
        decoded = b64decode(part + "=" * (-len(part) % 4))
        if pattern.search(decoded.decode("utf-8", "replace")):
            return True
    return False


@lru_cache(maxsize=16)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds each secret as it is, and as URLs, HTML, JSON and Python write it."""
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) < _SHORTEST:
            continue
        raw = secret.encode("utf-8", "surrogatepass")
        forms |= {secret, quote(raw), quote(raw, safe=""), quote_plus(raw)}
        forms |= {escape(secret), escape(secret, quote=False), repr(secret)[1:-1]}
        plain = json.dumps(secret)[1:-1]
        forms |= {plain, plain.replace("/", "\\/")}
        forms.add(re.sub("[<>&]", lambda char: f"\\u{ord(char[0]):04x}", plain))
    forms |= {form.rstrip("=") for form in forms if form.rstrip("=")}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    if not longest_first:
        return None
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
