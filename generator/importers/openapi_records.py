"""Which operations give lists of records, and where in the answer the records are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from generator.importers.draft import Confidence
from generator.importers.openapi_operations import Operation
from generator.importers.openapi_shapes import Schema, Shapes
from generator.naming import singular, snake

_USUAL = frozenset("""
    data items results result values entries records rows list objects elements resources
    collection content value edges docs documents nodes _results d
    """.split())
"""What APIs call the list of records when they do not call it by its name."""
_BESIDE = frozenset("""
    error errors warning warnings link links _links meta metadata _meta included messages
    message facets aggregations aggregates filters sort order orders_by notifications info
    response_metadata pagination paging page pages cursors debug
    """.split())
"""What stands beside the records, or above them, and is hardly ever one of them."""
_DOUBTFUL = frozenset(("messages", "notifications", "pages"))
"""Those of them that are records where the answer has no other list."""
_PAGED = re.compile(
    r"(has_?more|more|next|next_?(page|cursor|link|token|url|uri|marker|offset)\w*"
    r"|.*_?next_?(page|cursor|link|token|url|uri)\w*|total(_?(count|pages|items|results|size))?"
    r"|count|offset|limit|page|page_?(size|count|number|len)|per_?page|pagelen|size|is_?last"
    r"|last_?page|start_?at|max_?results|cursors?|pagination|_pagination|paging|pages)",
    re.IGNORECASE,
)
_ACTIONS = frozenset(
    "list get search query all find index read fetch sync lookup".split()
)
_ID = re.compile(r"(id|uuid|gid|sid|_id|key|etag)", re.IGNORECASE)
_MOST_BESIDE = 4


@dataclass(frozen=True, slots=True)
class Records:
    """Where the records are: the keys down to them, and the schema of one."""

    path: tuple[str, ...]
    item: object
    envelope: Schema
    """The schema of the answer."""
    others: tuple[str, ...] = ()
    """Lists that might be the records as well; the document does not say."""
    confidence: Confidence = "high"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    path: tuple[str, ...]
    schema: Schema
    score: int


def find_records(operation: Operation, shapes: Shapes, paged: bool) -> Records | None:
    """The records of an operation's answer; None where it is no list of objects.

    `paged`: the request has parameters of paging.
    """
    answer = operation.answer
    types = shapes.types(answer)
    if "array" in types or (not types and shapes.items(answer) is not None):
        item = shapes.items(answer)
        if item is not None and shapes.is_object(item):
            return Records((), item, {})
        return None
    if types and "object" not in types:
        return None
    nouns = path_nouns(operation.path)
    fields = shapes.fields(answer)
    found = list(_candidates(fields, shapes, nouns, ()))
    envelope = [name for name in fields if _PAGED.fullmatch(name)]
    if not found:
        found = list(_deeper(fields, shapes, nouns))
    if not found and paged:
        found = [
            _Candidate((name,), schema, 0)
            for name, schema in fields.items()
            if name.lower() in _DOUBTFUL and shapes.lists_objects(schema)
        ]
    if not found or not _is_list(operation, fields, found, envelope, paged, nouns):
        return None
    best = max(each.score for each in found)
    first, *equal = [each for each in found if each.score == best]
    item = shapes.items(first.schema)
    others = tuple(".".join(each.path) for each in equal)
    if others:
        reason = f"the answer has several lists: {', '.join(['.'.join(first.path), *others])}"
        return Records(first.path, item, answer, others, "low", reason)
    if best == 0 and any(
        is_table(name, nouns, shapes.types(shapes.items(schema) or {}))
        for name, schema in fields.items()
    ):
        return None
    if best == 0:
        return Records(first.path, item, answer, (), "medium", "the only list")
    return Records(first.path, item, answer)


def is_table(name: str, nouns: list[str], types: Set[str]) -> bool:
    """Whether a list is called like the records, but its rows are lists and no objects."""
    return "array" in types and _score(name, nouns) > 2


def path_nouns(path: str) -> list[str]:
    """The words of a path that are no placeholders, the last one first, without suffix."""
    words = [
        re.sub(r"\.(json|xml)$", "", part)
        for part in path.strip("/").split("/")
        if part and not part.startswith("{") and not part.endswith("}")
    ]
    nouns = [noun for word in words for noun in re.split(r"[.:]", word) if noun]
    return [_plain(noun) for noun in reversed(nouns)]


def path_shape(path: str) -> str:
    """A path without what makes no difference: names of placeholders, suffix, last slash."""
    return re.sub(r"\{[^{}]*\}", "{}", re.sub(r"\.(json|xml)$", "", path.rstrip("/")))


def ends_in_placeholder(path: str) -> bool:
    """Whether a path names one thing: `/tickets/{id}`."""
    last = re.sub(r"\.(json|xml)$", "", path.rstrip("/")).rpartition("/")[2]
    return last.startswith("{") and last.endswith("}")


def _plain(word: str) -> str:
    return singular(snake(word) or "")


def _candidates(
    fields: dict[str, Schema],
    shapes: Shapes,
    nouns: list[str],
    above: tuple[str, ...],
) -> Iterator[_Candidate]:
    for name, schema in fields.items():
        if name.lower() in _BESIDE and _plain(name) not in nouns[:1]:
            continue
        item = shapes.items(schema)
        if item is None or "object" not in shapes.types(item):
            continue
        yield _Candidate((*above, name), schema, _score(name, nouns))


def _score(name: str, nouns: list[str]) -> int:
    """How well a name fits: the path's last noun, a usual word, a noun before."""
    plain = _plain(name)
    useful = [noun for noun in nouns if noun not in _ACTIONS] or nouns
    if useful and plain == useful[0]:
        return 4
    if name.lower() in _USUAL:
        return 3
    if useful and (plain.endswith(f"_{useful[0]}") or useful[0].endswith(f"_{plain}")):
        return 2
    return 1 if plain in useful[1:] else 0


def _deeper(
    fields: dict[str, Schema], shapes: Shapes, nouns: list[str]
) -> Iterator[_Candidate]:
    """Lists one level down, in an object that stands for the records."""
    for name, schema in fields.items():
        if name.lower() in _BESIDE or not shapes.is_object(schema):
            continue
        named = name.lower() in {*_USUAL, "response"} or _plain(name) in nouns
        inner = shapes.fields(schema)
        paged = any(_PAGED.fullmatch(each) for each in inner)
        if named or (paged and len(fields) <= _MOST_BESIDE):
            yield from _candidates(inner, shapes, nouns, (name,))


def _is_list(
    operation: Operation,
    fields: dict[str, Schema],
    found: list[_Candidate],
    envelope: list[str],
    paged: bool,
    nouns: list[str],
) -> bool:
    """Whether the answer wraps a list, and is no single thing that has lists in it."""
    best = max(found, key=lambda each: each.score)
    has_id = any(_ID.fullmatch(name) for name in fields)
    if ends_in_placeholder(operation.path):
        usual = best.path[-1].lower() in _USUAL
        return usual and bool(envelope) and not has_id
    if operation.method == "POST" and not paged:
        return False
    if paged or (envelope and not has_id):
        return best.score > 0 or len(found) == 1 or paged
    if has_id:
        return False
    beside = len(fields) - len(found)
    return best.score > 1 or (len(found) == 1 and beside <= _MOST_BESIDE)
