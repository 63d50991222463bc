"""The text of the user's module, which is read and never executed here: where things stand in it."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from pathlib import Path

from generator.importers.dlt.recording import Function, Place

_LARGEST = 5_000_000
_CLOCK = frozenset("now today utcnow yesterday tomorrow time time_ns".split())
"""Functions that give the current time."""


@dataclass(slots=True)
class _File:
    """What a file of Python holds that an import asks for."""

    text: str = ""
    texts: set[str] = field(default_factory=set[str])
    """Texts that are written out."""
    named: dict[str, int] = field(default_factory=dict[str, int])
    """The text of a key `name` in a mapping to its line."""
    clock: int = 0
    """The first line that asks for the time."""
    lambdas: dict[int, list[ast.Lambda]] = field(
        default_factory=dict[int, list[ast.Lambda]]
    )


class Sources:
    """The files of a module."""

    def __init__(self, module: Path) -> None:
        self.module = module
        self._folder = str(module.resolve().parent)
        self._files: dict[str, _File] = {}
        self._main = self._file(str(module.resolve()))

    def _file(self, path: str) -> _File:
        if path not in self._files:
            self._files[path] = _read_file(path)
        return self._files[path]

    @property
    def text(self) -> str:
        """The text of the module itself."""
        return self._main.text

    def shown(self, place: Place) -> str:
        """A place for a person: `pipeline.py:12`, files by their path below the module's folder."""
        if not place.line:
            return ""
        return f"{self.file(place)}:{place.line}"

    def file(self, place: Place) -> str:
        """The file of a place, as it is shown."""
        inside = place.file.startswith(self._folder + os.sep)
        return os.path.relpath(place.file, self._folder) if inside else place.file

    def line_of(self, name: str, near: Place) -> Place:
        """Where the resource of this name is written, else the place of the call."""
        line = self._main.named.get(name)
        return Place(str(self.module.resolve()), line) if line else near

    def is_written(self, text: str) -> bool:
        """Whether a text stands in the module as it is."""
        return text in self._main.texts

    def clock(self, near: Place) -> Place | None:
        """A line that asks for the current time, in the module or in the file of a place."""
        for file in (str(self.module.resolve()), near.file):
            line = self._file(file).clock if file else 0
            if line:
                return Place(file, line)
        return None

    def lambda_of(self, function: Function) -> ast.Lambda | None:
        """The expression of a lambda, where its line has no other one."""
        if function.name != "<lambda>":
            return None
        listed = self._file(function.place.file).lambdas.get(function.place.line, [])
        same = {ast.dump(each) for each in listed}
        return listed[0] if len(same) == 1 else None


def _read_file(path: str) -> _File:
    """The parts of a file; nothing of one that is no Python, or too large."""
    found = _File()
    try:
        if os.path.getsize(path) > _LARGEST:
            return found
        found.text = Path(path).read_text("utf-8")
        tree = ast.parse(found.text)
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return found
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text):
                found.texts.add(text)
            case ast.Lambda():
                found.lambdas.setdefault(node.lineno, []).append(node)
            case ast.Call(func=ast.Attribute(attr=name)) if name in _CLOCK:
                found.clock = min(found.clock or node.lineno, node.lineno)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    match key, value:
                        case ast.Constant(value="name"), ast.Constant(value=str() as n):
                            found.named.setdefault(n, value.lineno)
                        case _:
                            pass
            case _:
                pass
    return found
