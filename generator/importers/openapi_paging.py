"""How the further pages of a list are asked for: what the server hands out beats what we count.

In this order: a next URL, a token that goes into a parameter, the last record's key, a `Link` header,
an offset, a page number. What is not taken is told in a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.importers.draft import Confidence
from generator.importers.openapi_operations import Operation
from generator.importers.openapi_records import Records
from generator.importers.openapi_shapes import Schema, Shapes
from generator.importers.openapi_slots import Slot, is_time, leaf_name, request_slots
from generator.importers.openapi_words import (
    BACKWARD,
    LAST_RECORD,
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
_EMPTY_FIRST = re.compile(
    r"\bempty (string|value|text)\b[^.]{0,40}\bfirst\b", re.IGNORECASE
)
_LINK_HEADER = re.compile(r"\blink[`*_]* (response )?header\b", re.IGNORECASE)
_MAX_DEPTH = 4
_NAMED = 7
_LAST = frozenset(("last", "last_id"))
"""What answers call the key of their last record."""


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
class _Value:
    """A value of the answer beside the records."""

    path: str
    name: str
    schema: Schema
    types: frozenset[str]


def find_paging(operation: Operation, records: Records, shapes: Shapes) -> Paging:
    """The way in which an operation is paged."""
    slots = request_slots(operation, shapes)
    return _Decision(operation, records, shapes, slots).paging()


def paging_parts(
    operation: Operation, records: Records, shapes: Shapes
) -> tuple[dict[str, object], dict[str, object]]:
    """What goes with any way of paging: the page size, and the flag that ends the data."""
    slots = request_slots(operation, shapes)
    return _Decision(operation, records, shapes, slots).parts()


@dataclass(slots=True)
class _Decision:
    operation: Operation
    records: Records
    shapes: Shapes
    slots: list[Slot]

    def paging(self) -> Paging:
        values = list(self._values())
        tokens = [s for s in self.slots if self._is_token(s)]
        token = self._token(values, tokens)
        ways = (
            # A token of the parameter's own name, in an object called next, leaves no doubt.
            token if token and token.is_named else None,
            self._next_url(values, strong=True),
            token,
            self._next_url(values, strong=False),
            self._last_record(values),
            self._header(),
            self._offset(values, tokens),
            self._page(values, tokens),
        )
        found = [each for each in ways if each is not None]
        if not found:
            return self._none(values, tokens)
        chosen, *others = found
        rejected = {each.paginator["type"] for each in others}
        rejected.discard(chosen.paginator["type"])
        if rejected:
            why = f"{chosen.why}; not taken: {', '.join(sorted(map(str, rejected)))}"
            return Paging(
                chosen.paginator, why, chosen.confidence, chosen.todo, chosen.fixed
            )
        return chosen

    def parts(self) -> tuple[dict[str, object], dict[str, object]]:
        return self._size(), self._end(list(self._values()))

    # ---- what there is

    def _values(self) -> Iterator[_Value]:
        """Every value of the answer that is not in the records, by its path."""
        waiting: list[tuple[tuple[str, ...], Schema]] = [((), self.records.envelope)]
        while waiting:
            above, schema = waiting.pop(0)
            for name, inner in self.shapes.fields(schema).items():
                path = (*above, name)
                types = self.shapes.types(inner)
                if path == self.records.path or "array" in types:
                    continue
                yield _Value(dotted(path), name, inner, types)
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

    def _is_token(self, slot: Slot) -> bool:
        name = leaf_name(slot.name)
        return (name in TOKENS and not is_time(slot, self.shapes)) or (
            name in {*OFFSETS, *PAGES} and slot.types == frozenset(("string",))
        )

    def _size(self) -> dict[str, object]:
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

    def _unknown_size(self, size: dict[str, object]) -> str:
        slot = next((s for s in self.slots if is_size(leaf_name(s.name))), None)
        if size or slot is None:
            return ""
        return (
            f"; no limit of `{slot.path}` is documented: the server's page size is used"
        )

    # ---- the ways

    def _next_url(self, values: list[_Value], strong: bool) -> Paging | None:
        for value in values:
            if value.types != frozenset(("string",)) or not self._is_next(value):
                continue
            sure = self._is_url(value)
            # Other names than `next` stand for tokens as often as for URLs.
            if not sure and (strong or plain_name(value.name) != "next"):
                continue
            if not sure and (
                self._matching(value) or any(map(self._is_token, self.slots))
            ):
                continue
            paginator: dict[str, object] = {
                "type": "json_link",
                "next_url_path": value.path,
                **self._size(),
            }
            how = "is a URL" if sure else "is text, and no parameter takes it"
            return Paging(
                paginator,
                f"`{value.path}` of the answer {how}",
                "high" if sure else "medium",
            )
        return None

    def _is_next(self, value: _Value) -> bool:
        """Whether a value leads to the next page, by its name or that of what it stands in."""
        name = plain_name(value.name)
        if name in BACKWARD:
            return False
        if name in NEXT or name.startswith("next_") or name.endswith("_next"):
            return True
        above = [plain_name(part) for part in value.path.split(".")[:-1]]
        return bool({"next"} & {*above}) and (name in ("href", "url", "uri", "link"))

    def _is_url(self, value: _Value) -> bool:
        schema = self.shapes.resolved(value.schema)
        if schema.get("format") in ("uri", "url", "uri-reference"):
            return True
        example = self.shapes.example(value.schema)
        if isinstance(example, str) and example:
            return bool(_URL.match(example))
        if _URL_NAME.search(plain_name(value.name)):
            return True
        return bool(_URL_WORDS.search(self.shapes.words(value.schema)))

    def _matching(self, value: _Value) -> Slot | None:
        """The parameter that takes a value of the answer, by name."""
        name = plain_name(value.name)
        for slot in self.slots:
            leaf = leaf_name(slot.name)
            same = name in (leaf, f"next_{leaf}", f"{leaf}_next")
            if same and "string" in (slot.types or {"string"}):
                return slot
        return None

    def _token(self, values: list[_Value], tokens: list[Slot]) -> Paging | None:
        scored: list[tuple[int, _Value, Slot]] = []
        for value in values:
            if value.types and not value.types & {"string", "integer", "number"}:
                continue
            name = plain_name(value.name)
            above = [plain_name(part) for part in value.path.split(".")[:-1]]
            if name in BACKWARD or {"prev", "previous"} & {*above}:
                continue
            for slot in self.slots:
                score = self._score(slot, name, above, value, slot in tokens)
                if score:
                    scored.append((score, value, slot))
        if not scored:
            return None
        score, value, slot = max(scored, key=lambda each: each[0])
        size = self._size()
        paginator: dict[str, object] = {
            "type": "cursor",
            "cursor_path": value.path,
            slot.key("cursor"): slot.path,
            **size,
        }
        if plain_name(value.name) in _LAST:
            # It stands on the last page as well.
            paginator.update(self._end(values))
        fixed = self._switch(slot) | self._first(slot)
        why = f"`{value.path}` of the answer goes into `{slot.path}`"
        sure: Confidence = "high" if score > 3 else "medium"
        named = score == _NAMED
        return Paging(paginator, why, sure, fixed=fixed, is_named=named)

    def _score(
        self, slot: Slot, name: str, above: list[str], value: _Value, is_token: bool
    ) -> int:
        """How surely a value of the answer goes into a parameter; 0: it does not."""
        leaf = leaf_name(slot.name)
        if leaf in BACKWARD or is_size(leaf):
            return 0
        texts = "string" in value.types or not value.types
        if name in (f"next_{leaf}", f"{leaf}_next") and (texts or is_token):
            return 6
        if name == leaf and "next" in (above or [""])[-1]:
            return _NAMED if texts else 5
        if not is_token:
            return 0
        if name == leaf and texts and leaf not in {*OFFSETS, *PAGES}:
            return 5
        if name in NEXT or (name.startswith("next_") and texts):
            return 4
        if name in _LAST and texts:
            return 4
        return 0

    def _switch(self, slot: Slot) -> dict[str, object]:
        """A flag that turns paging by token on: `usemarker` for `marker`."""
        leaf = leaf_name(slot.name).replace("_", "")
        for each in self.slots:
            name = leaf_name(each.name).replace("_", "")
            if each.types == frozenset(("boolean",)) and name in (
                f"use{leaf}",
                f"with{leaf}",
            ):
                return {each.name: "true"}
        return {}

    def _first(self, slot: Slot) -> dict[str, object]:
        """The empty token that asks for the first page, where the server wants one."""
        asked = _EMPTY_FIRST.search(slot.words) and not slot.in_body
        return {slot.name: ""} if asked else {}

    def _last_record(self, values: list[_Value]) -> Paging | None:
        slot = next((s for s in self.slots if self._takes_record(s)), None)
        keys = self.shapes.fields(self.records.item)
        key = next((k for k in ("id", "gid", "uuid", "_id") if k in keys), None)
        if slot is None or key is None:
            return None
        more = next(
            (v for v in values if plain_name(v.name) in ("has_more", "more")), None
        )
        if (leaf_name(slot.name) == "since_id") is not (more is None):
            return None
        paginator: dict[str, object] = {
            "type": "cursor",
            "cursor_path": f"last_record.{key}",
            slot.key("cursor"): slot.path,
            **self._size(),
        }
        if more is not None:
            paginator["has_more_path"] = more.path
        else:
            paginator["stop_after_empty_page"] = True
        why = f"`{slot.path}` takes the key of the last record"
        sure = more is not None and leaf_name(slot.name) != "after"
        return Paging(paginator, why, "high" if sure else "medium")

    def _takes_record(self, slot: Slot) -> bool:
        return leaf_name(slot.name) in LAST_RECORD and not is_time(slot, self.shapes)

    def _header(self) -> Paging | None:
        told = next((s for s in self.slots if _LINK_HEADER.search(s.words)), None)
        if "link" in self.operation.headers:
            why = "the answer has a `Link` header"
        elif told is not None and self._pages(told):
            why = f"the description of `{told.path}` tells of a `Link` header"
        else:
            return None
        return Paging({"type": "header_link", **self._size()}, why)

    def _offset(self, values: list[_Value], tokens: list[Slot]) -> Paging | None:
        slot = next(
            (s for s in self.slots if leaf_name(s.name) in OFFSETS and s not in tokens),
            None,
        )
        if slot is None or slot.types - {"integer", "number", "string"}:
            return None
        size = self._size()
        paginator: dict[str, object] = {"type": "offset", slot.key("offset"): slot.path}
        paginator.update(size)
        paginator.update(self._end(values))
        why = f"`{slot.path}` is an offset{self._unknown_size(size)}"
        return Paging(paginator, why)

    def _page(self, values: list[_Value], tokens: list[Slot]) -> Paging | None:
        slot = next((s for s in self.slots if leaf_name(s.name) in PAGES), None)
        if slot is None or slot.types - {"integer", "number", "string"}:
            return None
        if slot in tokens and not self._counts_pages(values):
            return None
        if any(s for s in tokens if s is not slot and leaf_name(s.name) in TOKENS):
            return (
                None  # The page goes with a token that the document does not hand out.
            )
        schema = self.shapes.resolved(slot.schema)
        told = schema.get("default", schema.get("minimum"))
        first = {"0": 0, "1": 1}.get(str(told))
        if first is None and re.search(r"\b(zero|0)[- ]?(based|indexed)", slot.words):
            first = 0
        size = self._size()
        paginator: dict[str, object] = {
            "type": "page_number",
            slot.key("page"): slot.path,
            "base_page": 1 if first is None else first,
            **size,
            **self._end(values),
        }
        todo = ""
        if first is None:
            todo = f"the first `{slot.path}` is not documented: 1 is assumed"
        why = f"`{slot.path}` is a page number{self._unknown_size(size)}"
        return Paging(paginator, why, "high" if first is not None else "medium", todo)

    def _counts_pages(self, values: list[_Value]) -> bool:
        names = {plain_name(value.name): value.types for value in values}
        return any(
            "integer" in names.get(name, ())
            for name in ("page", "pages", "total_pages")
        )

    def _end(self, values: list[_Value]) -> dict[str, object]:
        """A flag that says whether there is more."""
        for value in values:
            name = plain_name(value.name)
            if "boolean" in value.types and name in ("has_more", "more", "has_next"):
                return {"has_more_path": value.path}
            if "boolean" in value.types and name in ("is_last", "last_page"):
                return {"is_last_path": value.path}
        return {}

    def _none(self, values: list[_Value], tokens: list[Slot]) -> Paging:
        """One page, and how much that is worth."""
        single: dict[str, object] = {"type": "single_page"}
        names = [slot.path for slot in self.slots if self._pages(slot)]
        size = [s.path for s in self.slots if is_size(leaf_name(s.name)) and not names]
        more = [value.path for value in values if self._announces(value)]
        signs = [f"the parameter `{name}`" for name in (*names, *size)]
        signs += [f"`{path}` in the answer" for path in more]
        if signs:
            todo = f"how pages go on is not documented, only {', '.join(signs)}"
            return Paging(single, "", "low", todo, nameless=self._nameless(values))
        why = "the document shows no sign of paging; not confirmed"
        return Paging(single, why, "medium")

    def _nameless(self, values: list[_Value]) -> str:
        if any(map(self._is_token, self.slots)):
            return ""
        texts = (v for v in values if v.types == frozenset(("string",)))
        return next((v.path for v in texts if self._is_next(v)), "")

    def _pages(self, slot: Slot) -> bool:
        return leaf_name(slot.name) in PAGING and not is_time(slot, self.shapes)

    def _announces(self, value: _Value) -> bool:
        name = plain_name(value.name)
        return name in ("has_more", "more", "next", "next_page", "next_cursor") or (
            name in TOKENS and "next" in value.path
        )


def dotted(path: tuple[str, ...]) -> str:
    """A path of keys as the spec writes it."""
    return ".".join(
        part if re.fullmatch(r"[A-Za-z_$@-][\w$@-]*", part) else f"'{part}'"
        for part in path
    )
