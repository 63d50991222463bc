"""Which class the records of each resource have: all are named before one is made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from generator.diagnostics import shown
from generator.document import Bundle, Pointer
from generator.naming import pascal, python_name, singular
from generator.schema.build import Builder
from generator.schema.forms import Normal, Place, kinds, mapped
from generator.schema.library import Definition
from generator.schema.node import Node, Root

_MODEL = re.compile(r"[A-Z][A-Za-z0-9]*")


@dataclass(slots=True)
class _Record:
    """A class that one or more resources use as their record."""

    node: Node | None
    description: str
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    pointers: dict[str, Pointer] = field(default_factory=dict[str, Pointer])
    """Where each alias stands in the spec."""


@dataclass(slots=True)
class RecordNames:
    """Reads the resources one by one, then makes their classes."""

    bundle: Bundle
    builder: Builder
    spec: Root
    models: dict[int, str] = field(default_factory=dict[int, str])
    """Class of each resource's records, by the resource's index."""
    _records: dict[str, _Record] = field(default_factory=dict[str, _Record])
    _files: dict[str, Definition] = field(default_factory=dict[str, Definition])

    def read(self, index: int, resource: Normal) -> None:
        """Names the record of one resource; one without a name is left to others to report."""
        name = resource.get("name")
        if not isinstance(name, str):
            return
        pointer: Pointer = ("resources", index)
        definition = self._definition(pointer, resource, name)
        chosen = self._chosen(pointer, resource)
        model = self.builder.names.get(definition, "") if definition else ""
        if chosen or not model:
            model = self._claimed(chosen, pointer, name, definition)
        self.models[index] = model
        text = resource.get("description")
        record = _Record(
            definition.node if definition else None,
            " ".join(text.split()) if isinstance(text, str) else "",
        )
        self._alias(pointer, resource, self._records.setdefault(model, record))

    def define(self) -> None:
        """Makes the class of each record; a record without schema gets an open one."""
        for name, record in self._records.items():
            node = Node(self.spec, ("resources",))
            if record.node is not None:
                flat = self.builder.library.flat(record.node)
                node = flat if self._is_object(flat) else node
            for path, pointer in record.pointers.items():
                if not any(
                    path == key or path.startswith(f"{key}.") for key in node.properties
                ):
                    message = f"the schema has no field {shown(path)}"
                    place = self.bundle.spec.locate(pointer, key=True)
                    self.builder.collector.warning(place, "unknown-field", message)
            place_ = Place(name, aliases=record.aliases)
            self.builder.define(name, node, place_, record.description)

    def _definition(
        self, pointer: Pointer, resource: Normal, name: str
    ) -> Definition | None:
        """The schema of a resource: in place, in `definitions`, or in a file."""
        raw = resource.get("schema")
        where = (*pointer, "schema")
        if raw is None:
            message = (
                f"the resource {shown(name)} has no schema: its records are untyped"
            )
            place = self.bundle.spec.locate((*pointer, "name"))
            hint = "write `schema:` with a JSON Schema"
            self.builder.collector.warning(place, "no-schema", message, hint)
            return None
        if isinstance(raw, str) and not raw.startswith("#"):
            definition = self._file(raw, name)
        elif isinstance(raw, str | dict):
            plain = cast("object", raw)
            schema = {"$ref": plain} if isinstance(plain, str) else plain
            root = Root(self.bundle.spec, where, self.spec)
            label = f"the schema of {shown(name)}"
            definition = self.builder.library.add(root, schema, label, singular(name))
        else:
            return None
        if definition is None or not self.builder.library.flat(definition.node).ref:
            return definition
        return self.builder.library.target(self.builder.library.flat(definition.node))

    def _file(self, path: str, name: str) -> Definition | None:
        """The schema in a file; None where loading it failed, which is reported there."""
        document = self.bundle.files.get(path)
        if document is not None and path not in self._files:
            label = f"the schema file {shown(path)}"
            self._files[path] = self.builder.library.add(
                Root(document, ()), document.data, label, singular(name)
            )
        return self._files.get(path)

    def _chosen(self, pointer: Pointer, resource: Normal) -> str:
        """The name that `model:` gives; "" without one or after reporting a bad one."""
        model = resource.get("model")
        if not isinstance(model, str):
            return ""
        if _MODEL.fullmatch(model):
            return model
        message = f"{shown(model)} is not a class name in PascalCase"
        name = pascal(model)
        hint = f"did you mean {name!r}?" if name else ""
        place = self.bundle.spec.locate((*pointer, "model"))
        self.builder.collector.error(place, "bad-name", message, hint)
        return ""

    def _claimed(
        self, chosen: str, pointer: Pointer, name: str, definition: Definition | None
    ) -> str:
        """The name of a new class: as chosen, else the schema's title, else the singular."""
        default = definition.name if definition else singular(name)
        title = definition.node.title if definition else ""
        model = chosen or pascal(title) or self._free(name, default)
        place = self.bundle.spec.locate((*pointer, "model" if chosen else "name"))
        if model:
            self.builder.scope.claim(model, place, f"the record of {shown(name)}")
        else:
            message = f"{shown(name)} has no ASCII letters to name its records by"
            hint = "name them with `model:`"
            self.builder.collector.error(place, "bad-name", message, hint)
        if definition and (definition.whole or not chosen):
            self.builder.names[definition] = model
        return model

    def _free(self, name: str, default: str) -> str:
        """A name that no title asked for: `Order`, else `Orders`, else `OrderRecord`."""
        wanted = pascal(default) or ""
        choices = (wanted, pascal(name) or "", f"{wanted}Record")
        return next(
            (each for each in choices if each not in self.builder.scope), wanted
        )

    def _alias(self, pointer: Pointer, resource: Normal, record: _Record) -> None:
        raw = resource.get("aliases")
        aliases = mapped(cast("object", raw)) if isinstance(raw, dict) else {}
        for path, alias in aliases.items():
            if not isinstance(alias, str):
                continue
            where = (*pointer, "aliases", path)
            place = self.bundle.spec.locate(where)
            if python_name(alias) != alias:
                message = f"{shown(alias)} cannot be the name of an attribute"
                name = python_name(alias)
                hint = f"did you mean {name!r}?" if name else ""
                self.builder.collector.error(place, "bad-name", message, hint)
            elif record.aliases.get(path, alias) != alias:
                message = (
                    f"another resource with the same record calls {shown(path)} "
                    + (repr(record.aliases[path]))
                )
                hint = "give one of the resources a `model:` of its own"
                self.builder.collector.error(place, "name-collision", message, hint)
            else:
                record.aliases[path] = alias
                record.pointers[path] = where

    def _is_object(self, node: Node) -> bool:
        """Whether records can be of this schema; reports it if not."""
        types, _ = kinds(node)
        if types in ((), ("object",)) and not node.any_of and not node.enum:
            return True
        found = " or ".join(types) if types else "one of several schemas"
        message = f"a record must be an object, not {found}"
        hint = "write the schema of one record, not of the list of them"
        self.builder.collector.error(node.locate(), "schema-record", message, hint)
        return False
