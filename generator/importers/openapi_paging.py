"""How the further pages of a list are asked for: what the server hands out beats what we count.

In this order: a next URL, a token that goes into a parameter, the last record's key, a `Link` header,
an offset, a page number. What is not taken is told in a comment.
"""

from __future__ import annotations

from generator.importers.openapi_counted import by_offset, by_page
from generator.importers.openapi_handed import HandedOut
from generator.importers.openapi_operations import Operation
from generator.importers.openapi_question import Paging, Question
from generator.importers.openapi_records import Records
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_slots import leaf_name
from generator.importers.openapi_words import is_size


def find_paging(operation: Operation, records: Records, shapes: Shapes) -> Paging:
    """The way in which an operation is paged."""
    asked = Question(operation, records, shapes)
    handed = HandedOut(asked)
    token = handed.token()
    ways = (
        # A token of the parameter's own name, in an object called next, leaves no doubt.
        token if token and token.is_named else None,
        handed.next_url(strong=True),
        token,
        handed.next_url(strong=False),
        handed.last_record(),
        handed.header(),
        by_offset(asked),
        by_page(asked),
    )
    found = [each for each in ways if each is not None]
    if not found:
        return _none(asked)
    chosen, *others = found
    rejected = {each.paginator["type"] for each in others}
    rejected.discard(chosen.paginator["type"])
    if rejected:
        why = f"{chosen.why}; not taken: {', '.join(sorted(map(str, rejected)))}"
        return Paging(
            chosen.paginator, why, chosen.confidence, chosen.todo, chosen.fixed
        )
    return chosen


def paging_parts(
    operation: Operation, records: Records, shapes: Shapes
) -> tuple[dict[str, object], dict[str, object]]:
    """What goes with any way of paging: the page size, and the flag that ends the data."""
    asked = Question(operation, records, shapes)
    return asked.size(), asked.end()


def _none(asked: Question) -> Paging:
    """One page, and how much that is worth."""
    single: dict[str, object] = {"type": "single_page"}
    names = [slot.path for slot in asked.slots if asked.pages(slot)]
    size = [s.path for s in asked.slots if is_size(leaf_name(s.name)) and not names]
    more = [value.path for value in asked.values if asked.announces(value)]
    signs = [f"the parameter `{name}`" for name in (*names, *size)]
    signs += [f"`{path}` in the answer" for path in more]
    if signs:
        todo = f"how pages go on is not documented, only {', '.join(signs)}"
        return Paging(single, "", "low", todo, nameless=_nameless(asked))
    why = "the document shows no sign of paging; not confirmed"
    return Paging(single, why, "medium")


def _nameless(asked: Question) -> str:
    if any(map(asked.is_token, asked.slots)):
        return ""
    texts = (v for v in asked.values if v.types == frozenset(("string",)))
    return next((v.path for v in texts if asked.is_next(v)), "")
