"""A foreign description, JSON or YAML, as plain data; where a value stands is looked up on demand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import cast

from generator import yamltext
from generator.diagnostics import Collector, Location, shown
from generator.document import Document, Pointer
from generator.plain import is_mapping

MAX_BYTES = 100_000_000
"""Size of the largest description that is read."""
_MAX_JSON_DEPTH = 400

_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Text:
    """One file as data: `name` is what messages call it."""

    name: str
    text: str = field(repr=False)
    data: dict[str, object] = field(repr=False)
    document: Document | None = field(repr=False)
    """The nodes of YAML; None for JSON, which is searched when a place is asked for."""

    def locate(self, pointer: Pointer) -> Location:
        """Where the value at `pointer` stands, or its nearest ancestor that exists."""
        if self.document is not None:
            return self.document.locate(pointer)
        index = _json_index(self.text, pointer)
        return Location(self.name, *yamltext.position(self.text, index))


def read_text(path: Path, collector: Collector) -> Text | None:
    """The file as a mapping; None after reporting why there is none."""
    name = str(path)
    text = _decoded(path, name, collector)
    if text is None:
        return None
    if text.lstrip()[:1] == "{":
        found = _json(text, name, collector)
        if found is not None or path.suffix == ".json":
            return found
    composed = yamltext.read(text, name, collector, foreign=True)
    if composed is None:
        return None
    data = composed.data
    if not is_mapping(data):
        message = "an API description is a mapping (`key: value`); this is not"
        collector.error(Location(name, 1, 1), "wrong-top-level", message)
        return None
    return Text(name, text, data, Document(name, text, data, composed.root))


def _decoded(path: Path, name: str, collector: Collector) -> str | None:
    place, content = Location(name), b""
    try:
        if not path.exists():
            collector.error(place, "missing", "the file does not exist")
            return None
        if not path.is_file():
            collector.error(place, "unreadable", "not a plain file")
            return None
        if path.stat().st_size > MAX_BYTES:
            most = MAX_BYTES // 1_000_000
            collector.error(place, "too-large", f"the file is larger than {most} MB")
            return None
        content = path.read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        message = f"not UTF-8 text: byte 0x{content[error.start]:02x}"
        hint = "save the file as UTF-8"
        collector.error(Location(name, line, column), "not-utf8", message, hint)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        collector.error(place, "unreadable", f"the file cannot be read: {reason}")
    return None


def _json(text: str, name: str, collector: Collector) -> Text | None:
    """The data of JSON; None where it is none, which is reported for files called so."""
    try:
        data: object = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if name.endswith(".json"):
            place = Location(name, error.lineno, error.colno)
            collector.error(place, "json-syntax", f"not valid JSON: {error.msg}")
        return None
    except RecursionError:
        collector.error(Location(name), "too-deep", "nested too deep to be read")
        return None
    except ValueError as error:
        collector.error(Location(name), "json-syntax", f"not valid JSON: {error}")
        return None
    return Text(name, text, cast("dict[str, object]", data), None)


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _json_index(text: str, pointer: Pointer) -> int:
    """Where in JSON that is known to be valid the value at `pointer` begins."""
    decode = json.JSONDecoder().raw_decode
    scan = cast("Callable[[str, int], tuple[str, int]]", scanstring)
    index = _skip(text, 0)
    for step in pointer:
        found = _json_child(text, index, step, decode, scan)
        if found is None:
            break
        index = found
    return index


def _json_child(
    text: str,
    index: int,
    step: str | int,
    decode: Callable[[str, int], tuple[object, int]],
    scan: Callable[[str, int], tuple[str, int]],
) -> int | None:
    opening = text[index]
    if opening not in "{[":
        return None
    index, number = _skip(text, index + 1), 0
    while text[index] not in "}]":
        key: str | int = number
        if opening == "{":
            key, index = scan(text, index + 1)
            index = _skip(text, _skip(text, index) + 1)
        if key == step:
            return index
        index = _skip(text, decode(text, index)[1])
        if text[index] == ",":
            index = _skip(text, index + 1)
        number += 1
    return None


def _skip(text: str, index: int) -> int:
    match = _SPACE.match(text, index)
    return match.end() if match else index


def too_deep(value: object, collector: Collector, name: str) -> bool:
    """Whether a document nests deeper than anything that describes an API; reports it."""
    level: list[object] = [value]
    for _ in range(_MAX_JSON_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (
                cast("dict[str, object]", each).values()
                if isinstance(each, dict)
                else cast("list[object]", each)
            )
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    message = f"{shown(name)} is nested deeper than {_MAX_JSON_DEPTH} levels"
    collector.error(Location(name), "too-deep", message)
    return True
