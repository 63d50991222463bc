"""An OpenAPI document with the local files that it refers to, put together into one mapping.

After `read_documents` every `$ref` in the data starts with `#/` and leads to something: other files
stand under the key `x-imported-files`, what leads nowhere was reported and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import cast
from urllib.parse import unquote

from generator.diagnostics import Collector, Location, shown
from generator.document import Pointer
from generator.importers.openapi_text import Text, read_text, too_deep
from generator.plain import is_list, is_mapping

FILES = "x-imported-files"
_MAX_FILES = 2_000
_EXAMPLES = frozenset(("example", "examples", "default", "enum", "const"))
_MAX_CHAIN = 50


@dataclass(frozen=True, slots=True)
class Documents:
    """The data of all files, and where in which of them each value stands."""

    data: dict[str, object] = field(repr=False)
    files: tuple[Text, ...]

    def locate(self, pointer: Pointer) -> Location:
        """Where the value at `pointer` stands in the file that it came from."""
        if len(pointer) > 1 and pointer[0] == FILES:
            return self.files[int(pointer[1])].locate(pointer[2:])
        return self.files[0].locate(pointer)

    @property
    def sources(self) -> Mapping[str, str]:
        """Text of each file by its name, for messages."""
        return {each.name: each.text for each in self.files}

    def resolved(self, value: object) -> dict[str, object]:
        """The mapping that `value` is, or that its `$ref` leads to; {} for anything else."""
        return self.target(value)[1]

    def target(self, value: object) -> tuple[str, dict[str, object]]:
        """The last `$ref` on the way ("" without one) and the mapping where it ends."""
        ref = ""
        for _ in range(_MAX_CHAIN):
            if not is_mapping(value):
                return ref, {}
            if not isinstance(value.get("$ref"), str):
                return ref, value
            ref = str(value["$ref"])
            value = at(self.data, ref)
        return ref, {}


def at(data: object, ref: str) -> object:
    """What a `#/a/b` leads to; None where it leads nowhere."""
    for step in steps(ref):
        if is_mapping(data):
            data = data.get(step)
        elif is_list(data) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def steps(ref: str) -> list[str]:
    """The keys of a `#/a/b`."""
    parts = ref.removeprefix("#").removeprefix("/").split("/")
    if parts == [""]:
        return []
    return [unquote(part).replace("~1", "/").replace("~0", "~") for part in parts]


def read_documents(path: Path, collector: Collector) -> Documents | None:
    """The document at `path` with what it refers to; None after reporting why there is none."""
    root = read_text(path, collector)
    if root is None or too_deep(root.data, collector, root.name):
        return None
    if not _is_openapi(root, collector):
        return None
    reading = _Reading(path.parent.resolve(), collector, [root], {path.resolve(): 0})
    reading.rewrite()
    data = root.data
    if len(reading.texts) > 1:
        data[FILES] = {str(n): each.data for n, each in enumerate(reading.texts) if n}
    documents = Documents(data, tuple(reading.texts))
    reading.drop_dead(documents)
    return documents


def version(data: dict[str, object]) -> str:
    """Such as `OpenAPI 3.0.3`; "" for what is none."""
    for key, name in (("openapi", "OpenAPI"), ("swagger", "Swagger")):
        value = data.get(key)
        if isinstance(value, str | int | float):
            return f"{name} {value}"
    return ""


def _is_openapi(root: Text, collector: Collector) -> bool:
    """Reports what is no OpenAPI document."""
    named = version(root.data)
    place = root.locate(())
    if not re.match(r"OpenAPI 3\.|Swagger 2\.", named):
        what = f"{named} is not supported" if named else "this is no OpenAPI document"
        hint = "`openapi: 3.x` or `swagger: 2.0` stands at its top"
        collector.error(place, "not-openapi", what, hint)
    elif not is_mapping(root.data.get("paths")):
        collector.error(place, "no-paths", "the document has no `paths`")
    return not collector.failed


@dataclass(slots=True)
class _Reading:
    """Follows references to files, breadth first, and rewrites them."""

    folder: Path
    collector: Collector
    texts: list[Text]
    known: dict[Path, int | None]
    """Number of each file that was met; None for one that cannot be read."""
    met: list[tuple[int, Pointer, dict[str, object]]] = field(
        default_factory=list[tuple[int, Pointer, dict[str, object]]]
    )
    """Every mapping with a `$ref`, where it stands."""

    def rewrite(self) -> None:
        for number, text in enumerate(self.texts):  # grows while it is walked
            for pointer, holder in _holders(text.data):
                ref = str(holder["$ref"])
                rewritten = self._rewritten(number, text, pointer, ref)
                if rewritten is None:
                    del holder["$ref"]
                    continue
                holder["$ref"] = rewritten
                self.met.append((number, pointer, holder))

    def drop_dead(self, documents: Documents) -> None:
        """Reports references that lead nowhere, and takes them out."""
        alive: dict[str, bool] = {}
        for number, pointer, holder in self.met:
            ref = str(holder["$ref"])
            if ref not in alive:
                alive[ref] = at(documents.data, ref) is not None
            if not alive[ref]:
                place = self.texts[number].locate((*pointer, "$ref"))
                message = f"the reference {shown(ref)} leads nowhere"
                self.collector.warning(place, "dead-ref", message)
                del holder["$ref"]

    def _rewritten(
        self, number: int, text: Text, pointer: Pointer, ref: str
    ) -> str | None:
        name, _, fragment = ref.partition("#")
        if fragment and not fragment.startswith("/"):
            fragment = f"/components/schemas/{fragment}"
        target: int | None = number
        if name:
            target = self._file(text, pointer, ref, name)
        if target is None:
            return None
        return f"#/{FILES}/{target}{fragment}" if target else f"#{fragment}"

    def _file(self, text: Text, pointer: Pointer, ref: str, name: str) -> int | None:
        """The number of the file that a reference names; None after reporting it."""
        if "://" in name or name.startswith("//"):
            message = f"the reference {shown(ref)} leads to another host"
            hint = "nothing is fetched: bundle the document into one file first, for"
            hint += " example with `redocly bundle`, and import that"
            self._refuse(text, pointer, "remote-ref", message, hint)
            return None
        base = Path(text.name).resolve().parent
        try:
            path = (base / PurePosixPath(unquote(name))).resolve()
        except (OSError, ValueError, RuntimeError):
            path = Path("/")
        if not path.is_relative_to(self.folder):
            message = f"the reference {shown(ref)} leads out of the document's folder"
            hint = "bundle the document into one file, or move the files below it"
            self._refuse(text, pointer, "outside-ref", message, hint)
            return None
        if path not in self.known:
            self.known[path] = self._read(text, pointer, path)
        return self.known[path]

    def _read(self, text: Text, pointer: Pointer, path: Path) -> int | None:
        if len(self.texts) >= _MAX_FILES:
            message = f"more than {_MAX_FILES} files"
            self._refuse(text, pointer, "too-many-files", message, "")
            return None
        if not path.is_file():
            message = f"the file {shown(path.name)} is not there"
            self._refuse(text, pointer, "missing-file", message, "")
            return None
        found = read_text(path, self.collector)
        if found is None or too_deep(found.data, self.collector, found.name):
            return None
        self.texts.append(found)
        return len(self.texts) - 1

    def _refuse(
        self, text: Text, pointer: Pointer, code: str, message: str, hint: str
    ) -> None:
        place = text.locate((*pointer, "$ref"))
        self.collector.error(place, code, message, hint)


def _is_read(key: str) -> bool:
    """Whether references below a key count: not in literal values, nor in extensions."""
    return key not in _EXAMPLES and not key.startswith("x-")


def _holders(data: object) -> Iterator[tuple[Pointer, dict[str, object]]]:
    """Every mapping with a `$ref` that means a part of the API."""
    waiting: list[tuple[Pointer, object, bool]] = [((), data, False)]
    while waiting:
        pointer, value, named = waiting.pop()
        if is_mapping(value):
            if isinstance(value.get("$ref"), str) and not named:
                yield pointer, value
            for key, inner in value.items():
                if isinstance(inner, dict | list) and (named or _is_read(key)):
                    # Below `properties` keys are names of fields, `$ref` and `example` too.
                    names = key == "properties" and not named
                    waiting.append(((*pointer, key), cast("object", inner), names))
        elif is_list(value):
            for index, inner in enumerate(value):
                if isinstance(inner, dict | list):
                    child = cast("object", inner)
                    waiting.append(((*pointer, index), child, False))
