"""What a document says that bears on paging: the parameters, and the values beside the records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.importers.draft import Confidence
from generator.importers.openapi_operations import Operation
from generator.importers.openapi_records import Records
from generator.importers.openapi_shapes import Schema, Shapes
from generator.importers.openapi_slots import Slot, is_time, leaf_name, request_slots
from generator.importers.openapi_words import (
    BACKWARD,
    NEXT,
    OFFSETS,
    PAGES,
    PAGING,
    TOKENS,
    is_size,
    plain_name,
)

_URL = re.compile(r"https?://|/[\w{]|\?\w|\w+/\w+\?")
_URL_NAME = re.compile(r"(^|_)(url|uri|link|href)$")
_URL_WORDS = re.compile(r"\b(url|uri|link|href|hyperlink|endpoint)\b", re.IGNORECASE)
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Paging:
    """A decision: the paginator of the spec, and why."""

    paginator: dict[str, object]
    why: str
    confidence: Confidence = "high"
    todo: str = ""
    fixed: Mapping[str, object] = field(default_factory=dict[str, object])
    """Query parameters that this way of paging needs."""
    is_named: bool = False
    """The token has the parameter's name and stands in an object called next."""
    nameless: str = ""
    """A value of the answer that leads on, while no parameter is known that takes it."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the answer beside the records."""

    path: str
    name: str
    schema: Schema
    types: frozenset[str]


@dataclass(frozen=True)
class Question:
    """One operation, and what of it tells how its list is paged."""

    operation: Operation
    records: Records
    shapes: Shapes

    @cached_property
    def slots(self) -> list[Slot]:
        return request_slots(self.operation, self.shapes)

    @cached_property
    def tokens(self) -> list[Slot]:
        """Parameters that take a token."""
        return [slot for slot in self.slots if self.is_token(slot)]

    @cached_property
    def values(self) -> list[Value]:
        """Every value of the answer that is not in the records."""
        return list(self._values())

    def _values(self) -> Iterator[Value]:
        """Every value of the answer that is not in the records, by its path."""
        waiting: list[tuple[tuple[str, ...], Schema]] = [((), self.records.envelope)]
        while waiting:
            above, schema = waiting.pop(0)
            for name, inner in self.shapes.fields(schema).items():
                path = (*above, name)
                types = self.shapes.types(inner)
                if path == self.records.path or "array" in types:
                    continue
                yield Value(dotted(path), name, inner, types)
                on_the_way = self.records.path[: len(path)] == path
                known = plain_name(name)
                if len(path) < _MAX_DEPTH and "object" in types:
                    if (
                        on_the_way
                        or len(above) == 0
                        or known in NEXT
                        or "cursor" in known
                    ):
                        waiting.append((path, inner))

    def is_token(self, slot: Slot) -> bool:
        name = leaf_name(slot.name)
        return (name in TOKENS and not is_time(slot, self.shapes)) or (
            name in {*OFFSETS, *PAGES} and slot.types == frozenset(("string",))
        )

    def pages(self, slot: Slot) -> bool:
        return leaf_name(slot.name) in PAGING and not is_time(slot, self.shapes)

    def size(self) -> dict[str, object]:
        """The page size: the largest that is told, else the default, else the server's."""
        slot = next((s for s in self.slots if is_size(leaf_name(s.name))), None)
        if slot is None or slot.types & {"object", "array"}:
            return {}
        schema = self.shapes.resolved(slot.schema)
        for key in ("maximum", "default"):
            size = schema.get(key)
            if isinstance(size, str) and size.isdigit():
                size = int(size)
            if isinstance(size, int) and 0 < size <= 100_000:
                return {"limit": size, slot.key("limit"): slot.path}
        return {}

    def unknown_size(self, size: dict[str, object]) -> str:
        slot = next((s for s in self.slots if is_size(leaf_name(s.name))), None)
        if size or slot is None:
            return ""
        return (
            f"; no limit of `{slot.path}` is documented: the server's page size is used"
        )

    def is_next(self, value: Value) -> bool:
        """Whether a value leads to the next page, by its name or that of what it stands in."""
        name = plain_name(value.name)
        if name in BACKWARD:
            return False
        if name in NEXT or name.startswith("next_") or name.endswith("_next"):
            return True
        above = [plain_name(part) for part in value.path.split(".")[:-1]]
        return bool({"next"} & {*above}) and (name in ("href", "url", "uri", "link"))

    def is_url(self, value: Value) -> bool:
        schema = self.shapes.resolved(value.schema)
        if schema.get("format") in ("uri", "url", "uri-reference"):
            return True
        example = self.shapes.example(value.schema)
        if isinstance(example, str) and example:
            return bool(_URL.match(example))
        if _URL_NAME.search(plain_name(value.name)):
            return True
        return bool(_URL_WORDS.search(self.shapes.words(value.schema)))

    def announces(self, value: Value) -> bool:
        name = plain_name(value.name)
        return name in ("has_more", "more", "next", "next_page", "next_cursor") or (
            name in TOKENS and "next" in value.path
        )

    def counts_pages(self) -> bool:
        names = {plain_name(value.name): value.types for value in self.values}
        return any(
            "integer" in names.get(name, ())
            for name in ("page", "pages", "total_pages")
        )

    def end(self) -> dict[str, object]:
        """A flag that says whether there is more."""
        for value in self.values:
            name = plain_name(value.name)
            if "boolean" in value.types and name in ("has_more", "more", "has_next"):
                return {"has_more_path": value.path}
            if "boolean" in value.types and name in ("is_last", "last_page"):
                return {"is_last_path": value.path}
        return {}

    def matching(self, value: Value) -> Slot | None:
        """The parameter that takes a value of the answer, by name."""
        name = plain_name(value.name)
        for slot in self.slots:
            leaf = leaf_name(slot.name)
            same = name in (leaf, f"next_{leaf}", f"{leaf}_next")
            if same and "string" in (slot.types or {"string"}):
                return slot
        return None


def dotted(path: tuple[str, ...]) -> str:
    """A path of keys as the spec writes it."""
    return ".".join(
        part if re.fullmatch(r"[A-Za-z_$@-][\w$@-]*", part) else f"'{part}'"
        for part in path
    )
