"""Headers of requests as specs write them."""

from __future__ import annotations

import re

from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.context import Context

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_header(context: Context, name: str, value: str, pointer: Pointer) -> None:
    """Header names are tokens, values one line (RFC 9110)."""
    if not _TOKEN.fullmatch(name):
        message = f"{shown(name)} is no name of a header"
        context.error(pointer, "header", message, key=True)
    if "\n" in value or "\r" in value:
        context.error(pointer, "header", "the value of a header is one line")
