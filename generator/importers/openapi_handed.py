"""Ways of paging in which the server hands out what leads on: a URL, a token, a key, a header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.importers.draft import Confidence
from generator.importers.openapi_question import Paging, Question, Value
from generator.importers.openapi_slots import Slot, is_time, leaf_name
from generator.importers.openapi_words import (
    BACKWARD,
    LAST_RECORD,
    NEXT,
    OFFSETS,
    PAGES,
    is_size,
    plain_name,
)

_EMPTY_FIRST = re.compile(
    r"\bempty (string|value|text)\b[^.]{0,40}\bfirst\b", re.IGNORECASE
)
_LINK_HEADER = re.compile(r"\blink[`*_]* (response )?header\b", re.IGNORECASE)
_NAMED = 7
_LAST = frozenset(("last", "last_id"))
"""What answers call the key of their last record."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The ways of one operation; None where it is not paged so."""

    asked: Question

    def next_url(self, strong: bool) -> Paging | None:
        """A value of the answer is the next URL; `strong`: of those that surely are URLs."""
        for value in self.asked.values:
            if value.types != frozenset(("string",)) or not self.asked.is_next(value):
                continue
            sure = self.asked.is_url(value)
            # Other names than `next` stand for tokens as often as for URLs.
            if not sure and (strong or plain_name(value.name) != "next"):
                continue
            if not sure and (
                self.asked.matching(value)
                or any(map(self.asked.is_token, self.asked.slots))
            ):
                continue
            paginator: dict[str, object] = {
                "type": "json_link",
                "next_url_path": value.path,
                **self.asked.size(),
            }
            how = "is a URL" if sure else "is text, and no parameter takes it"
            return Paging(
                paginator,
                f"`{value.path}` of the answer {how}",
                "high" if sure else "medium",
            )
        return None

    def token(self) -> Paging | None:
        """A value of the answer goes into a parameter."""
        scored: list[tuple[int, Value, Slot]] = []
        for value in self.asked.values:
            if value.types and not value.types & {"string", "integer", "number"}:
                continue
            name = plain_name(value.name)
            above = [plain_name(part) for part in value.path.split(".")[:-1]]
            if name in BACKWARD or {"prev", "previous"} & {*above}:
                continue
            for slot in self.asked.slots:
                score = self._score(slot, name, above, value, slot in self.asked.tokens)
                if score:
                    scored.append((score, value, slot))
        if not scored:
            return None
        score, value, slot = max(scored, key=lambda each: each[0])
        size = self.asked.size()
        paginator: dict[str, object] = {
            "type": "cursor",
            "cursor_path": value.path,
            slot.key("cursor"): slot.path,
            **size,
        }
        if plain_name(value.name) in _LAST:
            # It stands on the last page as well.
            paginator.update(self.asked.end())
        fixed = self._switch(slot) | self._first(slot)
        why = f"`{value.path}` of the answer goes into `{slot.path}`"
        sure: Confidence = "high" if score > 3 else "medium"
        named = score == _NAMED
        return Paging(paginator, why, sure, fixed=fixed, is_named=named)

    def _score(
        self, slot: Slot, name: str, above: list[str], value: Value, is_token: bool
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
        for each in self.asked.slots:
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

    def last_record(self) -> Paging | None:
        """The key of the last record goes into a parameter."""
        slot = next((s for s in self.asked.slots if self._takes_record(s)), None)
        keys = self.asked.shapes.fields(self.asked.records.item)
        key = next((k for k in ("id", "gid", "uuid", "_id") if k in keys), None)
        if slot is None or key is None:
            return None
        more = next(
            (
                v
                for v in self.asked.values
                if plain_name(v.name) in ("has_more", "more")
            ),
            None,
        )
        if (leaf_name(slot.name) == "since_id") is not (more is None):
            return None
        paginator: dict[str, object] = {
            "type": "cursor",
            "cursor_path": f"last_record.{key}",
            slot.key("cursor"): slot.path,
            **self.asked.size(),
        }
        if more is not None:
            paginator["has_more_path"] = more.path
        else:
            paginator["stop_after_empty_page"] = True
        why = f"`{slot.path}` takes the key of the last record"
        sure = more is not None and leaf_name(slot.name) != "after"
        return Paging(paginator, why, "high" if sure else "medium")

    def _takes_record(self, slot: Slot) -> bool:
        return leaf_name(slot.name) in LAST_RECORD and not is_time(
            slot, self.asked.shapes
        )

    def header(self) -> Paging | None:
        """The `Link` header has the next URL."""
        told = next((s for s in self.asked.slots if _LINK_HEADER.search(s.words)), None)
        if "link" in self.asked.operation.headers:
            why = "the answer has a `Link` header"
        elif told is not None and self.asked.pages(told):
            why = f"the description of `{told.path}` tells of a `Link` header"
        else:
            return None
        return Paging({"type": "header_link", **self.asked.size()}, why)
