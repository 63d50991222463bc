"""Texts of a configuration as texts of the spec: stubs become references, braces stay braces."""

from __future__ import annotations

import base64
import binascii
import re
import string
from collections.abc import Iterator, Mapping

from generator.expressions.text import ExpressionError
from generator.importers.dlt.recording import Stubbed
from generator.naming import snake
from generator.value_parts import Config, Part, Secret
from generator.values import parts

_STUB = re.compile(r"gcStub([0-9]{6})End")
_TRACE = re.compile(r"gcstub([0-9]{6})", re.IGNORECASE)
_NAMED = re.compile(r"gcstub([0-9]{6})end", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_RISKY = re.compile(
    r"\{(?=[{%#]|\s*[A-Za-z_])|(?<=/):(?=\w)|<(?=[A-Za-z_]\w*>)|\bdlt(?=\.\w)"
)
"""What the language would read as more than text."""

Reference = Secret | Config
Piece = str | Reference


class Texts:
    """Names the secrets and settings of one configuration, and writes texts with them."""

    def __init__(self, stubs: Mapping[int, Stubbed]) -> None:
        self._stubs = stubs
        self._names: dict[tuple[str, str], str] = {}
        self.used: dict[Reference, Stubbed] = {}
        """What the spec refers to, and what it was in the module."""

    def reference(self, number: int) -> Reference | None:
        """The secret or setting that a stub stands for."""
        stub = self._stubs.get(number)
        if stub is None:
            return None
        name = self._names.get((stub.of, stub.key))
        if name is None:
            name = self._free_name(stub)
            self._names[stub.of, stub.key] = name
        found = Secret(name) if stub.of == "secrets" else Config(name)
        self.used.setdefault(found, stub)
        return found

    def _free_name(self, stub: Stubbed) -> str:
        """The end of the key, as much of it as tells it from the others."""
        segments = stub.key.split(".")
        taken = set(self._names.values())
        name = "value"
        for count in range(1, len(segments) + 1):
            name = snake("_".join(segments[-count:])) or "value"
            if name not in taken:
                return name
        number = 2
        while f"{name}_{number}" in taken:
            number += 1
        return f"{name}_{number}"

    def name(self, text: str) -> str:
        """A name that the module made of a stub, with the stub's name in its place."""

        def named(match: re.Match[str]) -> str:
            reference = self.reference(int(match[1]))
            return reference.name if reference else match[0]

        return _NAMED.sub(named, text)

    def pieces(self, text: str) -> list[Piece]:
        """A text cut into literal text and references."""
        found: list[Piece] = []
        end = 0
        for match in _STUB.finditer(text):
            reference = self.reference(int(match[1]))
            if reference is not None:
                found += [text[end : match.start()], reference]
                end = match.end()
        found.append(text[end:])
        return [each for each in found if each != ""] or [""]

    def text(self, text: str, *, expanded: bool = False) -> tuple[str, str]:
        """The text of the spec, and what is left to do about it.

        `expanded`: dlt puts values in for `{placeholders}` of this text.
        """
        pieces = self.pieces(text)
        literal = "".join(each for each in pieces if isinstance(each, str))
        hidden = self._hidden(literal)
        if hidden is not None:
            told = f"the module makes this of the {_what(hidden)}: say how"
            return whole(hidden), told
        if len(pieces) == 1 and not isinstance(pieces[0], str):
            return whole(pieces[0]), ""
        if expanded:
            written = [*_formatted(pieces)]
        else:
            written = [
                each if isinstance(each, str) else _Inserted(each) for each in pieces
            ]
        return _joined(written), ""

    def _hidden(self, literal: str) -> Reference | None:
        """A stub that the module changed: written in capitals, encoded as base64."""
        found = _TRACE.search(literal)
        for match in _BASE64.finditer(literal):
            found = found or _TRACE.search(unpacked(match[0]))
        return self.reference(int(found[1])) if found else None


class _Inserted:
    """A reference, or a placeholder that stays one, between pieces of literal text."""

    def __init__(self, what: Reference | str) -> None:
        self.what = what

    def __str__(self) -> str:
        if isinstance(self.what, str):
            return f"{{{self.what}}}"
        kind = "secrets" if isinstance(self.what, Secret) else "config"
        return f"{{{{ {kind}.{self.what.name} }}}}"

    @property
    def part(self) -> Part:
        if isinstance(self.what, str):
            return parts(f"{{{self.what}}}")[0]
        return self.what


def whole(reference: Reference) -> str:
    """A reference that stands alone."""
    kind = "secrets" if isinstance(reference, Secret) else "config"
    return f'dlt.{kind}["{reference.name}"]'


def _what(reference: Reference) -> str:
    kind = "secret" if isinstance(reference, Secret) else "setting"
    return f"{kind} `{reference.name}`"


def unpacked(text: str) -> str:
    """What base64 holds, if it is text; else nothing."""
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_").decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _formatted(pieces: list[Piece]) -> Iterator[str | _Inserted]:
    """The pieces of a text that dlt hands to `str.format`."""
    for piece in pieces:
        if not isinstance(piece, str):
            yield _Inserted(piece)
            continue
        try:
            fields = [*string.Formatter().parse(piece)]
        except ValueError:
            yield piece
            continue
        for literal, name, _, _ in fields:
            yield literal
            if name:
                yield _Inserted(name.strip())


def _joined(written: list[str | _Inserted]) -> str:
    """One text; what the language would misread is escaped, and nothing else."""
    merged: list[str | _Inserted] = []
    for each in written:
        last = merged[-1] if merged else None
        if isinstance(each, str) and isinstance(last, str):
            merged[-1] = last + each
        elif each != "":
            merged.append(each)
    text = "".join(map(str, merged))
    wanted = tuple(each if isinstance(each, str) else each.part for each in merged)
    if _read(text) == wanted and not _RISKY.search(
        "".join(each for each in merged if isinstance(each, str))
    ):
        return text
    return "".join(
        _RISKY.sub(_escaped, each) if isinstance(each, str) else str(each)
        for each in merged
    )


def _escaped(match: re.Match[str]) -> str:
    return f"{{{{ {match[0]!r} }}}}"


def _read(text: str) -> tuple[Part, ...] | None:
    try:
        return parts(text)
    except ExpressionError:
        return None
