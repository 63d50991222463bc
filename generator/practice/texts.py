"""Texts of a spec that stand for something else: secrets, arguments, placeholders."""

from __future__ import annotations

import re
from typing import Any

from generator.practice.shapes import is_list, is_object

_SECRET = re.compile(r"""dlt\.secrets(?:\[|\.get\()\s*['"]([^'"]+)['"][^\])]*[\])]""")
_TEMPLATE = re.compile(
    r"""\{\{\s*(?:dlt\.)?secrets(?:\.(\w+)|\[\s*['"]([^'"]+)['"]\s*\])\s*\}\}"""
)
_OPEN = re.compile(r"\{|\bdlt\.")
PLACEHOLDER = re.compile(r"\{\{(?P<expression>.*?)\}\}|\{(?P<name>[^{}]*)\}")
_LAST_NAME = re.compile(r"""['"]([^'"]+)['"]|(\w+)\W*$""")


class Open:
    """A value that the spec leaves to the caller, to a parent or to the clock."""


OPEN = Open()


def placeholder_name(match: re.Match[str]) -> str:
    """The name in `{name}`, `{resources.a.b}` or `{{ stream_partition['name'] }}`."""
    inner = match["name"] if match["expression"] is None else match["expression"]
    inner = inner.strip()
    if inner.startswith(("resources.", "incremental.")):
        return inner
    found = _LAST_NAME.search(inner)
    return (found[1] or found[2]) if found else inner


def whole_placeholder(value: Any) -> str:
    """The name of the placeholder that a value consists of, or ""."""
    match = PLACEHOLDER.fullmatch(value.strip()) if isinstance(value, str) else None
    return placeholder_name(match) if match else ""


class Secrets:
    """The secrets that a spec names, each with the value that the server accepts."""

    def __init__(self, raw: object) -> None:
        self.values: dict[str, str] = {}
        self._collect(raw)

    def named(self, name: str) -> str:
        """The value of a secret; a name that is new is taken up."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        return self.values.setdefault(name, f"practice-{slug}")

    def of(self, text: str | None, default: str) -> str:
        """The value that a credential's text stands for; left out: the secret `default`."""
        return self.named(default) if text is None else self._filled(text)

    def only(self, text: str | None) -> str:
        """The name of the secret that a text consists of, or ""."""
        match = _SECRET.fullmatch(text.strip()) if text else None
        return match[1] if match else ""

    def settled(self, value: Any) -> Any:
        """A constant of the spec with its secrets filled in, `OPEN` where it is none."""
        if is_object(value):
            return {key: self.settled(each) for key, each in value.items()}
        if is_list(value):
            return [self.settled(each) for each in value]
        if not isinstance(value, str):
            return value
        text = self._filled(value)
        return OPEN if _OPEN.search(text) else text

    def _filled(self, text: str) -> str:
        text = _TEMPLATE.sub(lambda match: self.named(match[1] or match[2]), text)
        return _SECRET.sub(lambda match: self.named(match[1]), text)

    def _collect(self, value: object) -> None:
        if is_object(value):
            for each in value.values():
                self._collect(each)
        elif is_list(value):
            for each in value:
                self._collect(each)
        elif isinstance(value, str):
            self._filled(value)
