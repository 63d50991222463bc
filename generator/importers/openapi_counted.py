"""Ways of paging in which the client counts: offsets and page numbers."""

from __future__ import annotations

import re

from generator.importers.openapi_question import Paging, Question
from generator.importers.openapi_slots import leaf_name
from generator.importers.openapi_words import OFFSETS, PAGES, TOKENS


def by_offset(asked: Question) -> Paging | None:
    """The records that were received go into a parameter."""
    slot = next(
        (
            s
            for s in asked.slots
            if leaf_name(s.name) in OFFSETS and s not in asked.tokens
        ),
        None,
    )
    if slot is None or slot.types - {"integer", "number", "string"}:
        return None
    size = asked.size()
    paginator: dict[str, object] = {"type": "offset", slot.key("offset"): slot.path}
    paginator.update(size)
    paginator.update(asked.end())
    why = f"`{slot.path}` is an offset{asked.unknown_size(size)}"
    return Paging(paginator, why)


def by_page(asked: Question) -> Paging | None:
    """The number of the page goes into a parameter."""
    slot = next((s for s in asked.slots if leaf_name(s.name) in PAGES), None)
    if slot is None or slot.types - {"integer", "number", "string"}:
        return None
    if slot in asked.tokens and not asked.counts_pages():
        return None
    if any(s for s in asked.tokens if s is not slot and leaf_name(s.name) in TOKENS):
        return None  # The page goes with a token that the document does not hand out.
    schema = asked.shapes.resolved(slot.schema)
    told = schema.get("default", schema.get("minimum"))
    first = {"0": 0, "1": 1}.get(str(told))
    if first is None and re.search(r"\b(zero|0)[- ]?(based|indexed)", slot.words):
        first = 0
    size = asked.size()
    paginator: dict[str, object] = {
        "type": "page_number",
        slot.key("page"): slot.path,
        "base_page": 1 if first is None else first,
        **size,
        **asked.end(),
    }
    todo = ""
    if first is None:
        todo = f"the first `{slot.path}` is not documented: 1 is assumed"
    why = f"`{slot.path}` is a page number{asked.unknown_size(size)}"
    return Paging(paginator, why, "high" if first is not None else "medium", todo)
