"""Takes declared secrets out of text that people or logs will see."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from functools import lru_cache
from urllib.parse import quote, quote_plus

_SHORTEST = 4
"""Characters of the shortest secret that is looked for: others are in every text."""


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """`text` with `***` for each secret, also percent-encoded, as JSON or base64."""
    pattern = _pattern(secrets)
    return pattern.sub("***", text) if pattern else text


@lru_cache(maxsize=16)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) < _SHORTEST:
            continue
        raw = secret.encode("utf-8", "surrogatepass")
        forms |= {secret, quote(raw), quote(raw, safe=""), quote_plus(raw)}
        forms |= {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        forms |= {b64encode(raw).decode(), urlsafe_b64encode(raw).decode()}
    forms |= {form.rstrip("=") for form in forms if form.rstrip("=")}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    if not longest_first:
        return None
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
