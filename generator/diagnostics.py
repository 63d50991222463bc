"""Problems of a spec: where they are, what is wrong, what to write instead, and how they print."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["error", "warning"]

_MOST_ERRORS = 1_000
_FEW = 40
"""Words that a misspelt one is compared with."""
_LONG_WORD = 100


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in an input file: line and column count from 1; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0
    width: int = 1

    def __str__(self) -> str:
        file = _one_line(self.file)
        return f"{file}:{self.line}:{self.column}" if self.line else file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: `code` is stable and can be silenced (warnings) or searched for (errors)."""

    location: Location
    code: str
    message: str
    severity: Severity = "error"
    hint: str = ""


class SpecError(Exception):
    """Raised at a barrier between stages when errors were collected; carries every diagnostic."""

    def __init__(
        self,
        diagnostics: Iterable[Diagnostic],
        sources: Mapping[str, str] | None = None,
    ) -> None:
        """`sources`: the texts of the files that the diagnostics name."""
        self.diagnostics = tuple(diagnostics)
        self.sources = dict(sources or {})
        super().__init__(f"{len(self.diagnostics)} problem(s) in the spec")


@dataclass(slots=True)
class Collector:
    """Gathers the problems of one run; `barrier` ends the run once a stage found errors."""

    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    _seen: set[Diagnostic] = field(default_factory=set[Diagnostic])
    _errors: int = 0

    def error(
        self, location: Location, code: str, message: str, hint: str = ""
    ) -> None:
        self._add(Diagnostic(location, code, message, "error", hint))

    def warning(
        self, location: Location, code: str, message: str, hint: str = ""
    ) -> None:
        self._add(Diagnostic(location, code, message, "warning", hint))

    def _add(self, found: Diagnostic) -> None:
        message, hint = _one_line(found.message), _one_line(found.hint)
        diagnostic = replace(found, message=message, hint=hint)
        if diagnostic not in self._seen:
            self._seen.add(diagnostic)
            self.diagnostics.append(diagnostic)
            self._errors += diagnostic.severity == "error"
        if self._errors == _MOST_ERRORS:
            self._errors += 1
            message = f"{_MOST_ERRORS} problems and more: the rest is not listed"
            place = Location(found.location.file)
            self.diagnostics.append(Diagnostic(place, "too-many-problems", message))
            raise SpecError(self.sorted())

    @property
    def failed(self) -> bool:
        return any(each.severity == "error" for each in self.diagnostics)

    def barrier(self) -> None:
        """Raises SpecError with everything found so far if any of it is an error."""
        if self.failed:
            raise SpecError(self.sorted())

    def sorted(self) -> tuple[Diagnostic, ...]:
        return tuple(
            sorted(self.diagnostics, key=lambda each: (each.location, each.code))
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint for a misspelt word: "did you mean 'x'?", or "" if nothing is close."""
    choices = sorted(known)
    if len(choices) > _FEW:
        # Comparing takes its time: of many words those of about the same length.
        choices.sort(key=lambda each: abs(len(each) - len(word)))
        choices = choices[:_FEW]
    if len(word) > _LONG_WORD:
        return ""
    matches = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if not matches:
        folded = {choice.lower().replace("_", ""): choice for choice in choices}
        match = folded.get(word.lower().replace("_", "").replace("-", ""))
        matches = [match] if match else []
    return f"did you mean {matches[0]!r}?" if matches else ""


def shown(text: object, limit: int = 60) -> str:
    """Spec text made safe and short for a message: ASCII, quoted, at most `limit` characters."""
    quoted = ascii(text)
    return quoted if len(quoted) <= limit else quoted[: limit - 3] + "..."


_LONGEST = 1_000
"""Characters of a message: the spec's text in it may be of any length."""


def _one_line(text: str) -> str:
    """Text that does nothing to a terminal but show itself."""
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Every diagnostic as `file:line:col: error[code]: message`, source line, caret and hint.

    `sources` maps a file name to its text; a file that is not in it prints without source line.
    """
    lines: list[str] = []
    split: dict[str, list[str]] = {}
    for each in diagnostics:
        place = each.location
        lines.append(f"{place}: {each.severity}[{each.code}]: {each.message}")
        if place.line and place.file in sources:
            if place.file not in split:
                split[place.file] = sources[place.file].splitlines()
            lines.extend(_excerpt(split[place.file], place))
        if each.hint:
            lines.append(f"  hint: {each.hint}")
    return "\n".join(lines) + ("\n" if lines else "")


_WINDOW = 100


def _excerpt(source: list[str], place: Location) -> list[str]:
    if place.line > len(source):
        return []
    line = source[place.line - 1]
    start = max(0, place.column - 1 - _WINDOW // 2) if len(line) > _WINDOW else 0
    part = line[start : start + _WINDOW]
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in part)
    offset = place.column - 1 - start
    caret = "^" * max(1, min(place.width, len(text) - offset))
    number = str(place.line)
    return [f"  {number} | {text}", f"  {' ' * len(number)} | {' ' * offset}{caret}"]
