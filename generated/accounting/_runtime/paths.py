"""Values in the paths of requests."""

from __future__ import annotations

from urllib.parse import quote

from .errors import SettingError
from .values import JSON, text


def segment(value: JSON, name: str) -> str:
    """`value` for the placeholder `{name}` of a path, percent-encoded (RFC 3986)."""
    if value in (None, "", ".", "..") or isinstance(value, (list, dict)):
        raise SettingError(f"{{{name}}} of a path is null, empty, dots, list or object")
    return quote(text(value), safe="", errors="surrogatepass")
