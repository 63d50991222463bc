"""What `Link` headers say (RFC 8288)."""

from __future__ import annotations

import re

from .request import Response

_LINK = re.compile(r'<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)')
_PARAM = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?')


def link_of(response: Response, rel: str, attribute: str = "") -> str | None:
    """The target of the first link with relation `rel`, or an attribute of that link."""
    for target, params in _LINK.findall(response.header("Link") or ""):
        found: dict[str, str] = {}
        for name, value in _PARAM.findall(params):
            found.setdefault(name.lower(), value.strip('"'))  # the first one counts
        if rel.lower() in found.get("rel", "").lower().split():
            return found.get(attribute) if attribute else str(target)
    return None
