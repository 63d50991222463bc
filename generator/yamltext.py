"""YAML or JSON text to plain data and its node tree; every hazard of the format is a diagnostic.

Only JSON's data model comes out: text, numbers, `true`, `false`, null, lists and mappings with text
keys. `yes`, dates, octal and sexagesimal numbers stay text, so no value changes by magic.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.error import Mark, MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.diagnostics import Collector, Location, shown
from generator.yamlhints import yaml_hint

MAX_DEPTH = 64
"""Levels of lists and mappings inside each other."""

_MAX_NODES = 700_000
"""As many compile in less than 1 GiB."""
_MAX_FOREIGN_NODES = 4_000_000
_MAX_ALIASES = 100
_MAX_EXPANDED = 10_000
_MAX_REPORTS = 50
_MAX_DIGITS = 4_000
"""Below the 4,300 digits at which Python refuses to read an integer."""

_SURROGATES = "\ud800-\udfff"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_REFUSED = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff{_SURROGATES}{_BIDI}]"
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_JSON_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE
)


class _Refused(Exception):
    """Ends the reading of a document with one diagnostic."""

    def __init__(
        self,
        code: str,
        message: str,
        mark: Mark | None = None,
        *,
        line: int = 0,
        column: int = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = mark.line + 1 if mark else line
        self.column = mark.column + 1 if mark else column


class _Loader(yaml.CSafeLoader):
    """The C parser, bounded in depth and size; leaves the meaning of scalars to `_Reader`."""

    _depth = 0
    _nodes = 0
    most_nodes = _MAX_NODES

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        """No tag: a node that has one was tagged in the text."""
        return ""

    def descend_resolver(
        self, current_node: Node | None, current_index: object
    ) -> None:
        """Called before each node, so the C stack never outgrows the cap."""
        self._depth += 1
        self._nodes += 1
        mark: Mark | None = current_node.start_mark if current_node else None
        if self._depth > MAX_DEPTH + 1:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise _Refused("too-deep", message, mark)
        if self._nodes > self.most_nodes:
            message = f"more than {self.most_nodes:,} values in one document"
            raise _Refused("too-large", message)

    def ascend_resolver(self) -> None:
        """Called after each node."""
        self._depth -= 1


class _ForeignLoader(_Loader):
    """For descriptions of APIs, which are larger than any spec."""

    most_nodes = _MAX_FOREIGN_NODES


@dataclass(slots=True)
class Composed:
    """What one text holds: its data and the nodes that know where each value stands."""

    data: object
    root: Node


def read(
    text: str, file: str, collector: Collector, *, foreign: bool = False
) -> Composed | None:
    """The data of one document; problems go to the collector, and then the result is None.

    A `foreign` document is not one of ours: it may be larger, have keys that are no text
    (`200:`), and characters that a spec may not have.
    """
    found = len(collector.diagnostics)
    if foreign:
        text = _REFUSED.sub(" ", text)
    for index in _refused_characters(text):
        line, column = position(text, index)
        _report_character(collector, Location(file, line, column), text[index])
    if len(collector.diagnostics) > found:
        return None
    try:
        root = _compose(text, file, _ForeignLoader if foreign else _Loader)
        if root is None:
            collector.error(Location(file), "empty", "the document is empty")
            return None
        reader = _Reader(file, collector, foreign)
        composed = Composed(reader.value(root, 0), root)
    except _Refused as refused:
        place = Location(file, refused.line, refused.column)
        collector.error(place, refused.code, refused.message)
        return None
    except MarkedYAMLError as error:
        _report_syntax(error, text, file, collector)
        return None
    except yaml.YAMLError as error:
        message = f"not valid YAML: {error}"
        collector.error(Location(file), "yaml-syntax", message)
        return None
    return composed if len(collector.diagnostics) == found else None


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `index`."""
    lines = text[:index].splitlines(keepends=True)
    if not lines or lines[-1] != lines[-1].rstrip("\r\n\x85\u2028\u2029"):
        return len(lines) + 1, 1
    return len(lines), len(lines[-1]) + 1


def node_location(file: str, node: Node) -> Location:
    """Where a node starts; its width is that of its text where it stands on one line."""
    start: Mark = node.start_mark
    end: Mark = node.end_mark
    flat = isinstance(node, ScalarNode) and start.line == end.line
    width = end.column - start.column if flat else 1
    return Location(file, start.line + 1, start.column + 1, max(1, width))


def _compose(text: str, file: str, loader: type[_Loader]) -> Node | None:
    try:
        return yaml.compose(text, Loader=loader)
    except yaml.YAMLError:
        if not (file.endswith(".json") or text.lstrip()[:1] in {"{", "["}):
            raise
        as_yaml = _json_as_yaml(text, file)
        if as_yaml is None:
            raise
    return yaml.compose(as_yaml, Loader=loader)


def _json_as_yaml(text: str, file: str) -> str | None:
    """JSON that YAML does not read (tabs, escaped surrogate pairs) as YAML, line for line.

    None where the text is not JSON either.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if not file.endswith(".json"):
            return None
        message = f"not valid JSON: {error.msg}"
        line, column = error.lineno, error.colno
        raise _Refused("yaml-syntax", message, line=line, column=column) from None
    except (ValueError, RecursionError):
        return None

    def joined(pair: re.Match[str]) -> str:
        high, low = int(pair[2], 16), int(pair[3], 16)
        return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08x}"

    return _JSON_PAIR.sub(joined, text.replace("\t", " "))


def _location(file: str, mark: Mark | None) -> Location:
    if mark is None:
        return Location(file)
    return Location(file, mark.line + 1, mark.column + 1)


def _plain(node: Node) -> bool:
    """Whether a scalar stands without quotes and is no block, so that it can be a number."""
    return isinstance(node, ScalarNode) and not node.style


def _refused_characters(text: str) -> Iterator[int]:
    for count, match in enumerate(_REFUSED.finditer(text)):
        if count == _MAX_REPORTS:
            return
        yield match.start()


def _report_character(collector: Collector, place: Location, character: str) -> None:
    name = f"U+{ord(character):04X}"
    if "\ud800" <= character <= "\udfff":
        message = f"half of a surrogate pair ({name}), which is no character"
        collector.error(place, "surrogate", message)
    elif re.match(f"[{_BIDI}]", character):
        message = f"bidirectional control character {name}, which hides what text says"
        collector.error(place, "bidi-character", message, "remove it")
    else:
        message = f"control character {name}"
        collector.error(place, "control-character", message, "remove it")


def _report_syntax(
    error: MarkedYAMLError, text: str, file: str, collector: Collector
) -> None:
    place = _location(file, error.problem_mark or error.context_mark)
    problem = str(error.problem or error.context)
    if problem.startswith("but found another document"):
        message = "more than one YAML document; write one spec per file"
        collector.error(place, "yaml-documents", message)
    elif error.context == "found duplicate anchor; first occurrence":
        collector.error(place, "yaml-alias", "an anchor with this name exists already")
    elif "nesting depth" in problem:  # that of the library, which is met first
        message = f"nested deeper than {MAX_DEPTH} levels"
        collector.error(place, "too-deep", message)
    elif "alias" in problem:
        collector.error(place, "yaml-alias", problem)
    else:
        context = f" ({error.context})" if error.context and error.problem else ""
        lines = text.splitlines()
        line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        message = f"not valid YAML: {problem}{context}"
        collector.error(place, "yaml-syntax", message, yaml_hint(line, problem))


@dataclass(slots=True)
class _Reader:
    """Turns nodes into data and reports what JSON's data model has no place for."""

    file: str
    collector: Collector
    foreign: bool = False
    _seen: set[int] = field(default_factory=set[int])
    _active: set[int] = field(default_factory=set[int])
    _aliases: int = 0
    _expanding: int = 0
    _expanded: int = 0
    _reports: int = 0

    def value(self, node: Node, depth: int) -> object:
        alias = self._enter(node, depth)
        self._expanding += alias
        self._active.add(id(node))
        if node.tag:
            message = f"the tag {shown(node.tag)} is not supported"
            self._error(node, "yaml-tag", message, "quote a value that is text")
        data: object
        if isinstance(node, MappingNode):
            data = self._mapping(node, depth)
        elif isinstance(node, SequenceNode):
            data = [self.value(item, depth + 1) for item in node.value]
        else:
            data = self._scalar(node)
        self._active.discard(id(node))
        self._expanding -= alias
        return data

    def _enter(self, node: Node, depth: int) -> bool:
        """Whether `node` was met before, so that an alias led here; ends what would not end."""
        if id(node) in self._active:
            message = "an alias inside the value that it stands for"
            raise _Refused("yaml-alias", message, node.start_mark)
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise _Refused("too-deep", message, node.start_mark)
        alias = id(node) in self._seen and not self._expanding
        self._seen.add(id(node))
        self._aliases += alias
        self._expanded += bool(alias or self._expanding)
        if self._aliases > _MAX_ALIASES or self._expanded > _MAX_EXPANDED:
            message = "too many aliases: the document grows too large"
            raise _Refused("yaml-alias", message, node.start_mark)
        return alias

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        places: dict[str, Node] = {}
        pairs: list[tuple[Node, Node]] = node.value
        for key_node, value_node in pairs:
            key = self._key(key_node)
            value = self.value(value_node, depth + 1)
            if key is None:
                continue
            if key in data:
                first: Mark = places[key].start_mark
                message = f"the key {shown(key)} is given twice"
                hint = f"first given in line {first.line + 1}"
                self._error(key_node, "duplicate-key", message, hint)
                continue
            data[key] = value
            places[key] = key_node
        return data

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            hint = 'an expression is quoted: "{{ record.id }}"'
            told = hint if isinstance(node, MappingNode) else ""
            self._error(node, "non-text-key", "a key must be text", told)
            return None
        if node.tag:
            self._error(node, "yaml-tag", f"the tag {shown(node.tag)} is not supported")
            return None
        if node.value == "<<" and _plain(node):
            message = "merge keys (`<<`) are not supported"
            hint = "write the keys out, or use `resource_defaults` or `definitions`"
            self._error(node, "yaml-merge", message, hint)
            return None
        if self.foreign:
            return str(node.value)
        key = self._scalar(node)
        if not isinstance(key, str):
            message = f"the key {shown(node.value)} is not text"
            hint = f'quote it: "{node.value}"' if node.value else "give it a name"
            self._error(node, "non-text-key", message, hint)
            return None
        return key

    def _scalar(self, node: Node) -> object:
        text: str = node.value
        if not _plain(node):
            return self._text(node, text)
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _FLOAT.fullmatch(text):
            return self._number(node, text)
        return self._text(node, text)

    def _number(self, node: Node, text: str) -> int | float:
        if len(text) <= _MAX_DIGITS:
            number = int(text) if _INTEGER.fullmatch(text) else float(text)
            if isinstance(number, int) or math.isfinite(number):
                return number
        message = f"the number {shown(text, 30)} is too large"
        self._error(node, "number", message, "quote it if it is text")
        return 0

    def _text(self, node: Node, text: str) -> str:
        if self.foreign:
            return _REFUSED.sub(" ", text)
        for index in _refused_characters(text):
            place = node_location(self.file, node)
            _report_character(self.collector, place, text[index])
        return text

    def _error(self, node: Node, code: str, message: str, hint: str = "") -> None:
        self._reports += 1
        if self._reports > _MAX_REPORTS:
            message = "too many problems in this file to list them all"
            raise _Refused("too-many-problems", message)
        self.collector.error(node_location(self.file, node), code, message, hint)
