"""Which record models are made together: the library needs some 100 KB for each of them."""

from __future__ import annotations

from collections.abc import Mapping

from generator.schema.forms import Normal, references

MOST = 1_000
"""Models that are made at once without a thought for memory."""
_TIMES = 1.5
"""As many times the models may be made where several batches need the same ones."""


def batches(schemas: Mapping[str, Normal]) -> list[dict[str, Normal]]:
    """The schemas in parts, each with all that it refers to, which may be in others as well.

    One part where they are few, or where most of them lead to each other.
    """
    if len(schemas) <= MOST:
        return [dict(schemas)]
    parts: list[dict[str, Normal]] = []
    done: set[str] = set()
    names = iter(schemas)
    while len(done) < len(schemas):
        part: dict[str, Normal] = {}
        for name in names:
            if name not in done:
                _add(name, schemas, part)
            if len(part) >= MOST:
                break
        done.update(part)
        # In the document's order, as they would be made all at once.
        parts.append({name: schemas[name] for name in schemas if name in part})
    made = sum(map(len, parts))
    return parts if made <= _TIMES * len(schemas) else [dict(schemas)]


def _add(name: str, schemas: Mapping[str, Normal], part: dict[str, Normal]) -> None:
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name not in part:
            part[name] = schemas[name]
            waiting.extend(references(schemas[name]))
