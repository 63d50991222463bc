"""Names of resources, from their paths; `operationId` breaks ties."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from generator.importers.openapi_operations import Operation
from generator.naming import singular, snake

_ACTIONS = frozenset(
    "list get query all find index read fetch list_all get_all filter".split()
)
_WAYS = frozenset(("search", "paginate"))
"""Other ways to the same records: `contacts_search`."""
_VERSION = re.compile(r"v?\d+([._-]\d+)*|api|rest|latest|beta|json")


def resource_names(found: Sequence[Operation]) -> list[str]:
    """A name for each operation, in order; no two are the same."""
    words = [_words(each.path) for each in found]
    lengths = [1] * len(found)
    for _ in range(8):
        names = [
            _joined(each, length) for each, length in zip(words, lengths, strict=True)
        ]
        counts = Counter(names)
        again = [
            index
            for index, name in enumerate(names)
            if counts[name] > 1 and lengths[index] < len(words[index])
        ]
        if not again:
            break
        # Of those that share a name the shortest path keeps it.
        shared = Counter(names[index] for index in again)
        shortest: dict[str, int] = {}
        for index in again:
            length = len(words[index])
            name = names[index]
            shortest[name] = min(length, shortest.get(name, length))
        kept: set[str] = set()
        for index in again:
            name = names[index]
            if len(words[index]) == shortest[name] and name not in kept:
                kept.add(name)
                if shared[name] > 1:
                    continue
            lengths[index] += 1
    names = [_joined(each, length) for each, length in zip(words, lengths, strict=True)]
    return _unique(names, found)


def _unique(names: list[str], found: Sequence[Operation]) -> list[str]:
    taken: set[str] = set()
    result: list[str] = []
    for name, operation in zip(names, found, strict=True):
        named = snake(operation.name) if operation.name else None
        choices = [name, named or name, f"{name}_{operation.method.lower()}"]
        numbered = (f"{name}_{number}" for number in range(2, 10_000))
        chosen = next(
            (each for each in chain(choices, numbered) if each not in taken), name
        )
        taken.add(chosen)
        result.append(chosen)
    return result


def _words(path: str) -> list[str]:
    """The nouns of a path, the last one first; words for what is done go to their noun."""
    parts = [
        part
        for raw in re.sub(r"\.(json|xml)$", "", path).strip("/").split("/")
        if not raw.startswith("{")
        for part in re.split(r"[.:]", re.sub(r"\{[^{}]*\}", "", raw))
        if part
    ]
    plain = [snake(part) or "" for part in parts]
    kept = [part for part in plain if part and not _VERSION.fullmatch(part.strip("n_"))]
    kept = kept or [part for part in plain if part] or ["root"]
    if len(kept) > 1 and kept[-1] in _ACTIONS:
        kept.pop()
    if len(kept) > 1 and kept[-1] in _WAYS:
        kept[-2:] = [f"{kept[-2]}_{kept[-1]}"]
    return kept[::-1]


def _joined(words: list[str], length: int) -> str:
    """The last nouns of a path: `order_refunds`."""
    used = words[:length][::-1]
    return "_".join([*map(singular, used[:-1]), used[-1]])
