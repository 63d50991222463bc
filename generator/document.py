"""A spec and its schema files: read from disk once, as plain data that knows its positions."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from yaml.nodes import MappingNode, Node, SequenceNode

from generator import yamltext
from generator.diagnostics import Collector, Location, shown

Pointer = tuple[str | int, ...]
"""Where a value stands in a document: mapping keys and list indices from the top."""

MAX_BYTES = 10_000_000
"""Size of the largest file that is read."""

_Index = dict[str, tuple[Node, Node]]


@dataclass(frozen=True, slots=True)
class Document:
    """One text as data: `file` is the name that messages show."""

    file: str
    text: str = field(repr=False)
    data: object = field(repr=False)
    _root: Node = field(repr=False, compare=False)
    _indices: dict[int, _Index] = field(
        default_factory=dict[int, _Index], init=False, repr=False, compare=False
    )

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the value at `pointer` stands, or with `key` the mapping key before it.

        A pointer that leads nowhere gives its nearest ancestor that exists.
        """
        node, name = self._root, None
        for step in pointer:
            found = self._child(node, step)
            if found is None:
                break
            name, node = found
        shown_node = name if key and name is not None else node
        return yamltext.node_location(self.file, shown_node)

    def _child(self, node: Node, step: str | int) -> tuple[Node | None, Node] | None:
        if isinstance(node, SequenceNode):
            items: list[Node] = node.value
            inside = isinstance(step, int) and 0 <= step < len(items)
            return (None, items[cast("int", step)]) if inside else None
        if not isinstance(node, MappingNode):
            return None
        if id(node) not in self._indices:
            pairs: list[tuple[Node, Node]] = node.value
            self._indices[id(node)] = {k.value: (k, v) for k, v in pairs}
        return self._indices[id(node)].get(cast("str", step))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that generating reads: the spec and the schema files that it names."""

    spec: Document
    files: Mapping[str, Document]
    """Schema files by the relative path that the spec writes."""

    @property
    def sources(self) -> Mapping[str, str]:
        """Text of each file by the name that messages show, as `diagnostics.render` needs it."""
        documents = (self.spec, *self.files.values())
        return {document.file: document.text for document in documents}


def parse(text: str, file: str, collector: Collector) -> Document | None:
    """The document in `text`; None after reporting why there is none."""
    text = text.removeprefix("\ufeff")
    composed = yamltext.read(text, file, collector)
    if composed is None:
        return None
    if composed.data is None:
        collector.error(Location(file), "empty", "the document is empty")
        return None
    if not isinstance(composed.data, dict):
        kind = "list" if isinstance(composed.data, list) else "single value"
        place = yamltext.node_location(file, composed.root)
        message = f"the top level must be a mapping (`key: value`), not a {kind}"
        collector.error(place, "wrong-top-level", message)
        return None
    return Document(file, text, cast("object", composed.data), composed.root)


def load(path: Path, collector: Collector) -> Bundle | None:
    """The spec at `path` with its schema files; None after reporting what is wrong.

    Schema files are the values of `resources[].schema` that do not start with `#`; they must lie
    below the spec's folder, links resolved.
    """
    text = _read(path, Location(str(path)), collector, "")
    spec = parse(text, str(path), collector) if text is not None else None
    if spec is None:
        return None
    files: dict[str, Document] = {}
    for name, place in _schema_names(spec):
        target = _schema_path(path.parent, name, place, collector)
        text = _read(target, place, collector, "schema-file") if target else None
        if target is None or text is None:
            continue
        document = parse(text, str(path.parent / name), collector)
        if document is not None:
            files[name] = document
    return Bundle(spec, files)


def _schema_names(spec: Document) -> Iterator[tuple[str, Location]]:
    """Each schema file that the spec names, once, with the first place that names it."""
    resources = cast("dict[str, object]", spec.data).get("resources")
    known: set[str] = set()
    for index, resource in enumerate(_items(resources)):
        if not isinstance(resource, dict):
            continue
        name = cast("dict[str, object]", resource).get("schema")
        if isinstance(name, str) and not name.startswith("#") and name not in known:
            known.add(name)
            yield name, spec.locate(("resources", index, "schema"))


def _items(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _schema_path(
    folder: Path, name: str, place: Location, collector: Collector
) -> Path | None:
    """The file that `name` stands for if it lies below `folder`."""
    problem = ""
    if "://" in name:
        problem = "is a URL; schemas are read from files beside the spec"
    elif Path(name).is_absolute() or "\\" in name or not name:
        problem = "is not a relative path with `/`"
    else:
        try:
            target = (folder / name).resolve()
            if target.is_relative_to(folder.resolve()):
                return target
            problem = "leads out of the spec's folder"
        except (OSError, ValueError, RuntimeError) as error:
            problem = f"cannot be followed: {_reason(error)}"
    message = f"the schema file {shown(name)} {problem}"
    hint = "write a JSON Schema, `#/definitions/X`, or a file below the spec's folder"
    collector.error(place, "schema-file", message, hint)
    return None


def _read(path: Path, place: Location, collector: Collector, code: str) -> str | None:
    """Text of a file; `code` replaces the codes of a file that cannot be read at all."""
    name = shown(str(path)) if code else "the file"
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            message = f"{name} is a directory"
            collector.error(place, code or "directory", message, "name a file in it")
            return None
        if not stat.S_ISREG(status.st_mode):
            collector.error(place, code or "unreadable", f"{name} is not a plain file")
            return None
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else None
    except FileNotFoundError:
        collector.error(place, code or "missing", f"{name} does not exist")
        return None
    except (OSError, ValueError) as error:
        message = f"{name} cannot be read: {_reason(error)}"
        collector.error(place, code or "unreadable", message)
        return None
    if content is None or len(content) > MAX_BYTES:
        message = f"{name} is larger than {MAX_BYTES // 1_000_000} MB"
        collector.error(place, "too-large", message)
        return None
    return _decoded(content, str(path) if code else place.file, collector)


def _decoded(content: bytes, file: str, collector: Collector) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = Location(file, *yamltext.position(before, len(before)))
        message = f"not UTF-8 text: byte 0x{content[error.start]:02x}"
        collector.error(place, "not-utf8", message, "save the file as UTF-8")
        return None


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None)
    return reason if isinstance(reason, str) else str(error)
