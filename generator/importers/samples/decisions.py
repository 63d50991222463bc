"""What exchanges say of an API: its lists, each with records, paginator and key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from generator.importers.draft import Found
from generator.importers.openapi_keys import primary_key
from generator.importers.openapi_names import resource_names
from generator.importers.openapi_question import Paging
from generator.importers.openapi_shapes import Shapes
from generator.importers.samples.endpoints import (
    Endpoint,
    Listing,
    base_of,
    below,
    endpoints,
    listing,
    no_document,
)
from generator.importers.samples.exchange import Exchange, Target
from generator.importers.samples.paging import sample_paging
from generator.importers.samples.schemas import is_sayable
from generator.plain import is_mapping


@dataclass(frozen=True, slots=True)
class Decision:
    """One list, and all that was decided about it."""

    name: str
    listing: Listing
    paging: Paging
    key: str
    """The field that identifies a record; "" where none does."""
    key_why: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """The lists of one API."""

    base_url: str
    """"" where the sample has no URL."""
    lists: tuple[Decision, ...]
    exchanges: tuple[Exchange, ...] = field(repr=False)
    """Those of the lists."""
    left_out: tuple[Found, ...] = ()
    shapes: Shapes = field(default_factory=no_document, repr=False)


def decided(exchanges: Sequence[Exchange], base: Target | None = None) -> Decisions:
    """What exchanges say; `base` is the URL that the paths of the API start with."""
    found = [(each, listing(each)) for each in endpoints(exchanges)]
    left: list[Found] = []
    lists = [each for each, one in found if isinstance(one, Listing)]
    at = base if base is not None and any(_is_below(e, base) for e in lists) else None
    origin = at.origin if at else _origin(lists or [each for each, _ in found])
    mine: list[tuple[Endpoint, Listing | Found]] = []
    for each, one in found:
        if each.origin == origin and (at is None or _is_below(each, at)):
            mine.append((each, one))
        else:
            reason = f"another host: {urlsplit(each.origin).netloc or 'none'}"
            request = f"{each.method} {each.path}"
            left.append(Found("", request, reason=reason, written=False))
    kept = [each for each, one in mine if isinstance(one, Listing)]
    path = at.path.rstrip("/") if at else base_of(kept)
    made: list[Listing] = []
    for _, one in mine:
        placed = below(one, path)
        if isinstance(placed, Listing):
            made.append(placed)
        else:
            left.append(placed)
    shapes = no_document()
    names = resource_names([each.operation for each in made])
    decisions = tuple(
        Decision(name, each, sample_paging(each, shapes), *sample_key(each, shapes))
        for name, each in zip(names, made, strict=True)
    )
    own = tuple(each for one in made for each in one.exchanges)
    return Decisions(origin and origin + path, decisions, own, tuple(left), shapes)


def _is_below(each: Endpoint, base: Target) -> bool:
    path = base.path.rstrip("/")
    inside = each.path == path or each.path.startswith(f"{path}/")
    return each.origin == base.origin and inside and each.path.rstrip("/") != path


def _origin(found: Sequence[Endpoint]) -> str:
    """The host that has the most lists; the first of equals."""
    counts = Counter(each.origin for each in found)
    return counts.most_common(1)[0][0] if counts else ""


def sample_key(each: Listing, shapes: Shapes) -> tuple[str, str]:
    """The field that identifies a record: by its name, and because the sample bears it out."""
    key = primary_key(each.records, each.operation.path, shapes, {})
    name, why = key.name, key.why
    if not is_sayable(name):
        return "", ""
    values = [row.get(name) for row in each.rows if is_mapping(row)]
    count = len(values)
    if None in values:
        return "", f"`{name}` is missing in some of the {count} records"
    if len(set(map(str, values))) < count and "{" not in each.operation.path:
        return "", f"`{name}` is not unique in the {count} records"
    unique = f"unique in {count} records" if count > 1 else "by its name"
    return name, f"{why}, {unique}" if why else unique
