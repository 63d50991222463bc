"""Names of sample files: `tickets-page2.json` is a page of `tickets`."""

from __future__ import annotations

import re
from pathlib import Path

from generator.naming import snake

_NUMBER = re.compile(
    r"[\W_]*((page|part|p|response|sample)[\W_]*)?\(?\d{1,6}\)?$", re.IGNORECASE
)
_WORDS = re.compile(r"[\W_]+(response|sample|page)$", re.IGNORECASE)


def resource_of(path: Path) -> str:
    """What a file without a URL is a sample of: its name without the number of a page."""
    stem = path.stem
    plain = _WORDS.sub("", _NUMBER.sub("", stem))
    return snake(plain) or snake(stem) or "records"
