"""Whether URLs of a spec are safe to send credentials to."""

from __future__ import annotations

from urllib.parse import urlsplit

from generator.document import Pointer
from generator.lowering.context import Context
from generator.lowering.lint import lint_url

_BELOW_BASE = frozenset({"token_url", "url"})
"""Keys of URLs that may be paths below the base URL."""


def check_url(context: Context, text: str, place: Pointer, what: str) -> None:
    """Literal URLs are absolute http(s) without user info, or a path below the base URL."""
    found = context.parts(text, place)
    if not found or not isinstance(found[0], str):
        return
    start = found[0]
    if what in _BELOW_BASE and start.startswith("/") and not start.startswith("//"):
        return
    problem = url_problem(start, whole=len(found) == 1)
    if not problem:
        lint_url(context, start, place)
    else:
        hint = "write it as https://host/path"
        hint += ", or as /path below the base URL" if what in _BELOW_BASE else ""
        context.error(place, "url", f"`{what}`: {problem}", hint)


def url_problem(text: str, *, whole: bool) -> str:
    """What is wrong with an absolute URL; with `whole=False` only its start is known."""
    if any(char == "\\" or not "!" <= char <= "~" for char in text):
        return "a URL is ASCII without spaces and backslashes"
    try:
        url = urlsplit(text)
        port = url.port if whole else None
    except ValueError as error:
        return str(error).lower()
    if url.scheme not in {"http", "https"}:
        return "the URL must start with https:// or http://"
    if "@" in url.netloc:
        return "a URL must not hold a user name or password"
    if whole and (not url.hostname or port == 0):
        return "the URL names no host"
    return (
        "a base URL has no query and no fragment" if url.query or url.fragment else ""
    )
