"""How a list is paged: what one request took from the answer before it, else what names and values say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urljoin, urlsplit

from generator.importers.draft import Confidence
from generator.importers.openapi_paging import find_paging, paging_parts
from generator.importers.openapi_question import Paging, dotted
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_slots import leaf_name
from generator.importers.openapi_words import (
    BACKWARD,
    LAST_RECORD,
    NEXT,
    OFFSETS,
    PAGES,
    TOKENS,
    is_size,
    plain_name,
)
from generator.importers.samples.auth import is_secret
from generator.importers.samples.endpoints import Listing, link_relations, rows_of
from generator.importers.samples.exchange import Exchange
from generator.importers.samples.schemas import is_sayable
from generator.plain import is_list, is_mapping

_RANKS = (
    "json_link",
    "cursor",
    "last_record",
    "header_link",
    "header_cursor",
    "offset",
    "page_number",
)
"""What the server hands out beats what the client counts."""
_MAX_VALUES = 2_000
_SHORT = 4
"""A shorter value is the same in two places by accident."""
_ROUND = frozenset((10, 20, 25, 30, 50, 100, 200, 250, 500, 1_000, 5_000, 10_000))
"""Usual sizes of a page."""
_HEADER_CURSOR = re.compile(r"next|cursor|continuation|token", re.IGNORECASE)

Way = tuple[str, tuple[tuple[str, object], ...]]
"""A rank, and the keys of the paginator."""


def sample_paging(listing: Listing, shapes: Shapes) -> Paging:
    """The paginator of a list, with what it rests on."""
    told = find_paging(listing.operation, listing.records, shapes)
    followed = list(_followed(listing))
    if not followed:
        return _told(told, listing)
    counts = Counter(way for ways in followed for way in ways)
    if not counts:
        return _told(told, listing)
    most = max(counts.values())
    best = min(
        (way for way, count in counts.items() if count == most),
        key=lambda way: _RANKS.index(way[0]),
    )
    paginator = _completed(best, listing, shapes)
    why = f"{_words(best)}: {most} of {len(followed)} further requests did so"
    others = {way[0] for way in counts} - {best[0]}
    others |= {str(told.paginator["type"])} - {"single_page", str(paginator["type"])}
    if others:
        why += f"; not taken: {', '.join(sorted(others))}"
    sure: Confidence = "high" if most == len(followed) else "medium"
    todo = ""
    if sure == "medium":
        left = len(followed) - most
        todo = f"{left} of {len(followed)} further requests went on in another way"
    if best[0] == "page_number" and not _first_known(best, listing):
        todo = "the sample does not have the first page: 1 is assumed to be its number"
    return Paging(paginator, why, sure, todo)


def _told(told: Paging, listing: Listing) -> Paging:
    """What names and values say, where no request follows another."""
    kind, pages = told.paginator["type"], len(listing.exchanges)
    header = next(_next_headers(listing.exchanges), "")
    if header and kind not in ("json_link", "cursor"):
        made: dict[str, object] = {"type": "cursor", "cursor_path": f"headers.{header}"}
        return Paging(made, f"the header `{header}` of the answer is a URL", "medium")
    if told.nameless:
        return _nameless(told, told.nameless)
    if kind == "single_page":
        if told.confidence == "low":
            signs = told.todo.partition("only ")[2]
            todo = f"the sample does not show how pages go on, only {signs}"
            return Paging(told.paginator, "", "low", todo)
        most = max(
            len(list(rows_of([each], listing.records.path)))
            for each in listing.exchanges
        )
        if most in _ROUND:
            todo = f"an answer has {most} records, which may be a page of more"
            return Paging(told.paginator, "", "low", todo)
        why = "the sample shows no sign of paging; not confirmed"
        return Paging(told.paginator, why, "medium")
    if kind == "json_link" and told.confidence != "high":
        return _nameless(told, str(told.paginator["next_url_path"]))
    why = f"{told.why}; the sample has no further page" if pages == 1 else told.why
    todo = told.todo.replace("is not documented", "is not in the sample")
    sure: Confidence = "medium" if told.confidence == "high" else told.confidence
    return Paging(told.paginator, why, sure, todo, told.fixed, told.is_named)


def _next_headers(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Headers of answers that are called next and hold a URL."""
    for each in exchanges:
        for name, value in each.headers.items():
            if "next" in name and re.match(r"https?://", value):
                yield name


def _nameless(told: Paging, path: str) -> Paging:
    """A token of which no request shows where it goes."""
    leaf = plain_name(path.rpartition(".")[2].strip("'"))
    name = leaf.removeprefix("next_").removesuffix("_next")
    name = name if name not in ("", "next", "token", "page") else "cursor"
    paginator = {k: v for k, v in told.paginator.items() if k != "next_url_path"}
    paginator |= {"type": "cursor", "cursor_path": path, "cursor_param": name}
    why = f"`{path}` of the answer is a token"
    todo = f"no request of the sample sends it: `{name}` is assumed"
    return Paging(paginator, why, "low", todo)


# ---- requests that follow from an answer


def _followed(listing: Listing) -> Iterator[list[Way]]:
    """For each request that asks for a further page: the ways in which an answer leads to it."""
    exchanges = listing.exchanges
    names = {slot.name for slot in listing.slots}
    for number, after in enumerate(exchanges[1:], 1):
        ways: list[Way] = []
        for before in reversed(exchanges[:number]):
            if not after.origin or not _goes_on(before, after):
                continue
            ways = list(dict.fromkeys(_ways(before, after, listing)))
            if ways:
                break
        if ways or _is_further(after, names):
            yield ways


def _is_further(each: Exchange, names: set[str]) -> bool:
    """Whether a request asks for a page that is not the first."""
    for name, value in each.query:
        leaf = leaf_name(name)
        if name in names and leaf in TOKENS | LAST_RECORD and value:
            return True
        if leaf in OFFSETS and value not in ("0", "1") or leaf in PAGES and value > "1":
            return True
    return False


def _goes_on(before: Exchange, after: Exchange) -> bool:
    """Whether two requests may be for pages of one list."""
    return before.origin == after.origin and before.method == after.method


def _ways(before: Exchange, after: Exchange, listing: Listing) -> Iterator[Way]:
    """The ways in which an answer leads to a request."""
    values = list(_values(before.answer, listing.records.path))
    asked = _address(after.url, after.query)
    for path, value in values:
        if isinstance(value, str) and _leads(before, value) == asked:
            yield "json_link", (("next_url_path", path),)
    if _leads(before, link_relations(before).get("next", "")) == asked:
        yield "header_link", ()
    for header, value in before.headers.items():
        if _HEADER_CURSOR.search(header) and _leads(before, value) == asked:
            yield "header_cursor", (("cursor_path", f"headers.{header}"),)
    if before.path != after.path:
        return
    rows = [*rows_of([before], listing.records.path)]
    for place, name, old, new in _changed(before, after):
        leaf = leaf_name(name)
        if leaf in BACKWARD or is_size(leaf):
            continue
        counted = _counted(place, leaf, name, old, new, rows)
        if counted is not None:
            yield counted
        for path, value in values:
            if _is_same(value, new) and _fits(path, leaf, new, counted is not None):
                keys = (("cursor_path", path), (f"cursor_{place}", name))
                yield "cursor", keys
        for header, value in before.headers.items():
            if value == new and len(new) >= _SHORT and _HEADER_CURSOR.search(header):
                keys = (("cursor_path", f"headers.{header}"), (f"cursor_{place}", name))
                yield "header_cursor", keys
        last = rows[-1] if rows else None
        if is_mapping(last) and counted is None:
            for key, value in filter(_is_named, last.items()):
                long = len(new) >= _SHORT or leaf in LAST_RECORD | {"after", "since"}
                if _is_same(value, new) and long:
                    path = f"last_record.{dotted((key,))}"
                    yield (
                        "last_record",
                        (("cursor_path", path), (f"cursor_{place}", name)),
                    )
                    break


def _is_named(pair: tuple[str, object]) -> bool:
    return is_sayable(pair[0])


def _changed(
    before: Exchange, after: Exchange
) -> Iterator[tuple[str, str, str | None, str]]:
    """Where a request differs: place, name, the value before (None: none) and after."""
    old = dict(before.query)
    for name, value in after.query:
        if old.get(name) != value and value:
            yield "param", name, old.get(name), value
    one, two = before.body, after.body
    if is_mapping(one) and is_mapping(two):
        yield from _changed_body(one, two, "")
        for key, inner in two.items():
            above = one.get(key)
            if is_mapping(inner):
                yield from _changed_body(
                    above if is_mapping(above) else {}, inner, f"{key}."
                )


def _changed_body(
    one: dict[str, object], two: dict[str, object], above: str
) -> Iterator[tuple[str, str, str | None, str]]:
    for key, value in two.items():
        if isinstance(value, str | int) and one.get(key) != value:
            old = one.get(key)
            yield "body_path", above + key, None if old is None else str(old), str(
                value
            )


def _counted(
    place: str, leaf: str, name: str, old: str | None, new: str, rows: Sequence[object]
) -> Way | None:
    """An offset that grew by the records received, or a page number by one."""
    leaf = leaf.rpartition(".")[2]
    if not re.fullmatch(r"\d{1,12}", new) or not re.fullmatch(r"\d{0,12}", old or ""):
        return None
    step = int(new) - int(old or 0)
    if leaf in PAGES and (step == 1 or not old and new == "2"):
        return "page_number", ((f"page_{place}", name),)
    if leaf in PAGES or not rows:
        return None
    if step == len(rows) and (leaf in OFFSETS or step > 1):
        return "offset", ((f"offset_{place}", name),)
    if leaf in OFFSETS and not old and step == len(rows) + 1:
        return "offset", ((f"offset_{place}", name),)
    return None


def _is_same(value: object, text: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    return str(value) == text


def _fits(path: str, leaf: str, new: str, is_counted: bool) -> bool:
    """Whether a value is in the request because it was in the answer, and not by accident."""
    name = plain_name(path.rpartition(".")[2].strip("'"))
    if name in BACKWARD:
        return False
    leaf = leaf.rpartition(".")[2]
    related = name in (leaf, f"next_{leaf}", f"{leaf}_next") or name in NEXT
    if is_counted:
        # A number that the client can count as well: only where it is called the next one.
        return False
    return related or len(new) >= _SHORT


def _values(answer: object, records: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """Every single value of an answer that is not in its records, by its path."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), answer)]
    count = 0
    while waiting and count < _MAX_VALUES:
        above, value = waiting.pop(0)
        if not is_mapping(value):
            continue
        for name, inner in value.items():
            path = (*above, name)
            count += 1
            if path == records or is_list(inner) or not is_sayable(name):
                continue
            if is_mapping(inner):
                if len(path) < _SHORT:
                    waiting.append((path, inner))
            elif inner is not None:
                yield dotted(path), inner


def _leads(each: Exchange, value: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Where a value leads if it is a URL or a path."""
    if not re.match(r"https?://|/|\?", value, re.IGNORECASE) or len(value) > 20_000:
        return "", ()
    try:
        parts = urlsplit(urljoin(each.url, value))
    except ValueError:
        return "", ()
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return _address(f"{parts.scheme}://{parts.netloc}{parts.path}", query)


def _address(
    url: str, query: tuple[tuple[str, str], ...]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    # Credentials go with each request, whether a link has them or not.
    return url, tuple(sorted(pair for pair in query if not is_secret(pair[0])))


# ---- the paginator


def _completed(way: Way, listing: Listing, shapes: Shapes) -> dict[str, object]:
    """The paginator with the page size that was sent, and the flag that ends the data."""
    kind, keys = way
    size, end = paging_parts(listing.operation, listing.records, shapes)
    kinds = {"last_record": "cursor", "header_cursor": "cursor"}
    made: dict[str, object] = {"type": kinds.get(kind, kind), **dict(keys)}
    if kind == "page_number":
        name = str(keys[0][1])
        made["base_page"] = 0 if _counts_from_0(name, listing) else 1
    if kind == "offset":
        name = str(keys[0][1])
        if min(_numbers(name, listing), default=0) == 1:
            made["offset"] = 1
    made.update(size)
    if kind in ("offset", "page_number", "last_record"):
        made.update(end)
    if kind == "last_record" and not end:
        made["stop_after_empty_page"] = True
    return made


def _counts_from_0(name: str, listing: Listing) -> bool:
    """Whether page 0 was sent, or page 1 has other records than a request without a page."""
    if 0 in _numbers(name, listing):
        return True
    pages = [(dict(each.query).get(name), each.answer) for each in listing.exchanges]
    none = [answer for page, answer in pages if page is None]
    ones = [answer for page, answer in pages if page == "1"]
    return bool(none and ones) and none[0] != ones[0]


def _numbers(name: str, listing: Listing) -> set[int]:
    """The numbers that were sent under a name; pages without one are left out."""
    sent = [value for each in listing.exchanges for n, value in each.query if n == name]
    for each in listing.exchanges:
        value: object = each.body
        for step in name.split("."):
            value = value.get(step) if is_mapping(value) else None
        if isinstance(value, int):
            sent.append(str(value))
    return {int(value) for value in sent if re.fullmatch(r"\d{1,12}", value)}


def _first_known(way: Way, listing: Listing) -> bool:
    """Whether the first page was recorded: by its number, or by having none."""
    name = str(way[1][0][1])
    without = any(name not in dict(each.query) for each in listing.exchanges)
    by_body = way[1][0][0] == "page_body_path"
    return bool({0, 1} & _numbers(name, listing)) or without and not by_body


def _words(way: Way) -> str:
    kind, keys = way
    values = [f"`{value}`" for _, value in keys]
    match kind:
        case "json_link":
            return f"{values[0]} of the answer is the next URL"
        case "header_link":
            return "the `Link` header of the answer has the next URL"
        case "offset":
            return f"{values[0]} grows by the records received"
        case "page_number":
            return f"{values[0]} grows by one"
        case _ if len(values) == 1:
            return f"{values[0]} is the next URL"
        case _:
            return f"{values[0]} goes into {values[1]}"
