"""Placeholders of paths: the record of a parent where a list gives the key, else an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.importers.openapi_keys import named_field
from generator.importers.openapi_records import Records, path_shape
from generator.importers.openapi_shapes import Shapes
from generator.naming import snake

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SUFFIX = re.compile(r"\.(json|xml)$")


@dataclass(frozen=True, slots=True)
class Lineage:
    """A path as the spec writes it, and what it depends on."""

    path: str
    parent: str = ""
    key: str = ""
    """The field of the parent's record that identifies it."""
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource that gives a list of records."""

    name: str
    path: str
    records: Records
    key: str = ""
    """The key of its records that their schema leaves out."""


@dataclass(slots=True)
class Parents:
    """Finds parents among the lists of a document."""

    shapes: Shapes
    lists: Mapping[str, Listed]
    """The lists that can be parents, by the shape of their path (`path_shape`)."""
    _known: dict[str, Lineage] = field(default_factory=dict[str, Lineage])

    def lineage(self, path: str) -> Lineage:
        """How the placeholders of a path are filled."""
        if path not in self._known:
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: str) -> Lineage:
        places = list(_PLACEHOLDER.finditer(path))
        if not places:
            return Lineage(path)
        last = places[-1]
        # A placeholder inside of a segment is no record of its own.
        whole = path[last.start() - 1 : last.start()] == "/"
        rest = _SUFFIX.sub("", path[last.end() :])
        above = path[: last.start()]
        parent = (
            self.lists.get(path_shape(above))
            if whole and rest[:1] in ("/", "")
            else None
        )
        key = ""
        if parent is not None and rest:
            key = named_field(last[1], above, parent.records, self.shapes) or (
                parent.key if _means(last[1], parent.key) else ""
            )
        if parent is None or not key:
            return self._open(path)
        name, lineage = parent.name, self.lineage(parent.path)
        filled = iter([*_PLACEHOLDER.findall(lineage.path), f"resources.{name}.{key}"])
        made = _PLACEHOLDER.sub(lambda _: f"{{{next(filled)}}}", path)
        return Lineage(made, name, key, lineage.arguments)

    def _open(self, path: str) -> Lineage:
        names: list[str] = []

        def argument(match: re.Match[str]) -> str:
            name = snake(match[1]) or "value"
            while name in names:
                name += "_"
            names.append(name)
            return f"{{{name}}}"

        made = _PLACEHOLDER.sub(argument, path)
        return Lineage(made, arguments=tuple(names))


def _means(placeholder: str, key: str) -> bool:
    """Whether a placeholder is called like a key: `{user_id}` for `id`."""
    wanted = snake(placeholder) or ""
    return bool(key) and (wanted == key or wanted.endswith(f"_{key}"))
