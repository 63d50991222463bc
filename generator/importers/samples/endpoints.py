"""Exchanges of one list put together: which segments of a path are data, which answers are pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from generator.importers.draft import Found
from generator.importers.openapi_operations import Operation, Parameter
from generator.importers.openapi_records import (
    Records,
    find_records,
    is_table,
    path_nouns,
    path_shape,
)
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_slots import Slot, is_paged, leaf_name, request_slots
from generator.importers.openapi_words import OFFSETS, PAGES, plain_name
from generator.importers.samples.exchange import Exchange
from generator.importers.samples.schemas import ANSWER, Schema, is_sayable, schema_of
from generator.importers.samples.shape import Budget, Shape, shape_of
from generator.naming import singular, snake
from generator.plain import is_list, is_mapping

_IDENTIFIER = re.compile(
    r"\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,64}"
    r"|(?=[^\W_]*\d)[A-Za-z0-9_-]{10,}|.*[^\w.~!$&()*+,;=-].*|.{60,}",
    re.ASCII,
)
"""A segment that names one record by its looks, or that no path of a spec should have."""
_TECHNICAL = re.compile(
    r"v\d+([._-]\d+)*|\d{4}-\d\d(-\d\d)?|api|rest|latest|beta|json|public|admin|\d\.\d",
    re.IGNORECASE,
)
"""A segment that is the same for a whole API."""
_KEYS = frozenset("id gid sid uuid guid key slug code name login _id".split())
_MAX_KEYS = 20_000
MAX_RECORDS = 20_000
"""Records of a list that are looked at."""
_FEW = 100


@dataclass(slots=True)
class Endpoint:
    """The exchanges of one method and path."""

    method: str
    origin: str
    path: str
    """With `{name}` in place of what is data."""
    exchanges: list[Exchange] = field(default_factory=list[Exchange])


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its operation as a document would describe it, and what was recorded of it."""

    operation: Operation
    records: Records
    slots: list[Slot]
    exchanges: Sequence[Exchange] = field(repr=False)
    rows: Sequence[object] = field(repr=False)
    """The records of all answers, each once."""
    shape: Shape = field(repr=False)
    """What was seen of them."""
    answers: int = 0

    @property
    def is_lines(self) -> bool:
        return self.exchanges[0].is_lines


def endpoints(exchanges: Iterable[Exchange]) -> list[Endpoint]:
    """The exchanges by method and path, in the order in which they were recorded."""
    ordered = list(exchanges)
    keys: dict[tuple[str, str], dict[str, str]] = {}
    found: dict[tuple[str, str, str], Endpoint] = {}
    # A list comes before what is below one of its records.
    for each in sorted(ordered, key=lambda each: each.path.count("/")):
        path = _template(each, keys)
        shape = path_shape(path)
        made = found.setdefault(
            (each.method, each.origin, shape), Endpoint(each.method, each.origin, path)
        )
        if not any(_same(each, other) for other in made.exchanges):
            made.exchanges.append(each)
        if each.method == "GET":
            known = keys.setdefault((each.origin, shape), {})
            _collect(each.answer, known)
    order = {id(each): number for number, each in enumerate(ordered)}
    for made in found.values():
        made.exchanges.sort(key=lambda each: order[id(each)])
    return sorted(found.values(), key=lambda each: order[id(each.exchanges[0])])


def _same(one: Exchange, other: Exchange) -> bool:
    """Whether a request was sent twice and answered alike."""
    asked = (one.url, one.query, one.body) == (other.url, other.query, other.body)
    return asked and bool(one.origin) and one.answer == other.answer


def _template(each: Exchange, keys: dict[tuple[str, str], dict[str, str]]) -> str:
    made: list[str] = []
    taken: set[str] = set()
    for segment in each.path.strip("/").split("/"):
        above = "/" + "/".join(made)
        known = keys.get((each.origin, path_shape(above)), {})
        key = known.get(segment, "")
        technical = _TECHNICAL.fullmatch(segment)
        data = key or _IDENTIFIER.fullmatch(segment) and not technical
        if made and data or re.search(r"[{}]", segment):
            nouns = (s for s in reversed(made) if not _TECHNICAL.fullmatch(s))
            noun = next((s for s in nouns if not s.startswith("{")), "")
            base = singular(snake(noun) or "") or "record"
            name = plain = f"{base}_{snake(key) or 'id'}"
            while name in taken:
                name = f"{plain}_{len(taken) + 1}"
            taken.add(name)
            made.append(f"{{{name}}}")
        else:
            made.append(segment)
    return "/" + "/".join(made)


def _collect(answer: object, known: dict[str, str]) -> None:
    """Notes values of fields that may be keys of the records of an answer."""
    for record in islice(_objects(answer), MAX_RECORDS):
        for name, value in record.items():
            plain = plain_name(name)
            if plain not in _KEYS or not is_sayable(name) or len(known) > _MAX_KEYS:
                continue
            if isinstance(value, str | int) and not isinstance(value, bool):
                text = str(value)
                if text and (text not in known or plain == "id"):
                    known[text] = name


def _objects(answer: object) -> Iterator[dict[str, object]]:
    """The objects of the lists of an answer, two levels down."""
    level = [answer]
    for _ in range(3):
        for each in level:
            if is_list(each):
                yield from (inner for inner in each if is_mapping(inner))
        level = [v for e in level if is_mapping(e) for v in e.values()]


# ---- one list


def listing(endpoint: Endpoint) -> Listing | Found:
    """The list that an endpoint gives; as Found with the reason where it is none."""
    exchanges, path = endpoint.exchanges, endpoint.path
    request = f"{endpoint.method} {path}"
    if any(_is_graphql(each) for each in exchanges):
        return Found("", request, reason="GraphQL is not supported", written=False)
    # Some records tell what is a list; all of them are looked at below.
    few = Budget(items=_FEW)
    shape = shape_of([each.answer for each in exchanges], few)
    answer = schema_of(shape, ANSWER)
    operation = _operation(endpoint, path, answer)
    shapes = no_document()
    slots = request_slots(operation, shapes)
    if endpoint.method == "POST" and not is_paged(slots, shapes):
        reason = "a POST that asks for no page"
        return Found("", request, reason=reason, written=False)
    records = find_records(operation, shapes, is_paged(slots, shapes))
    if records is None:
        return Found("", request, reason=_no_list(shape, path), written=False)
    rows = list(_distinct(islice(rows_of(exchanges, records.path), MAX_RECORDS)))
    found = shape_of(rows)
    item = schema_of(found)
    records = replace(records, item=item)
    return Listing(operation, records, slots, exchanges, rows, found, len(exchanges))


def below(found: Listing | Found, base_path: str) -> Listing | Found:
    """The same with the path below that of a base URL."""
    if isinstance(found, Found):
        method, _, path = found.request.partition(" ")
        return replace(found, request=f"{method} {path.removeprefix(base_path) or '/'}")
    path = found.operation.path.removeprefix(base_path) or "/"
    return replace(found, operation=replace(found.operation, path=path))


def no_document() -> Shapes:
    """Questions about schemas that refer to nothing."""
    from generator.importers.openapi_files import Documents

    return Shapes(Documents({}, ()))


def rows_of(exchanges: Iterable[Exchange], path: Sequence[str]) -> Iterator[object]:
    """The records of all answers."""
    for each in exchanges:
        value = each.answer
        for step in path:
            value = value.get(step) if is_mapping(value) else None
        yield from value if is_list(value) else ()


def _distinct(rows: Iterable[object]) -> Iterator[object]:
    """Each record once: a page may have been recorded twice."""
    seen: set[str] = set()
    for row in rows:
        text = json.dumps(row, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield row


def _no_list(shape: Shape, path: str) -> str:
    kinds = set(shape.kinds)
    if kinds == {"array"}:
        items = shape.items
        if items is None:
            return "a list without records: record an answer that has some"
        return "a list of values, not of objects"
    if kinds != {"object"}:
        return "the answer is neither a list nor an object"
    for name, inner in shape.fields.items():
        kinds = set(inner.items.kinds) if inner.items else set[str]()
        if is_table(name, path_nouns(path), kinds):
            told = f"the rows at `{name}` are lists, not objects"
            return f"{told}: see whether a parameter asks for objects"
    if any(set(inner.kinds) == {"array"} for inner in shape.fields.values()):
        return "one record with lists in it, or a list without records"
    return "one record, no list"


def _is_graphql(each: Exchange) -> bool:
    body = each.body
    return is_mapping(body) and "query" in body and "variables" in body


def _operation(endpoint: Endpoint, path: str, answer: Schema) -> Operation:
    exchanges = endpoint.exchanges
    names = list(dict.fromkeys(name for each in exchanges for name, _ in each.query))
    parameters = tuple(
        Parameter(name, "query", False, _parameter(name, exchanges), "")
        for name in names
    )
    headers = [name for each in exchanges for name in each.headers if name != "link"]
    if any("next" in link_relations(each) for each in exchanges):
        headers.append("link")
    return Operation(
        path=path,
        method=endpoint.method,
        name="",
        summary="",
        tags=(),
        parameters=parameters,
        body=_body_schema(exchanges),
        answer=answer,
        media_type=exchanges[0].media_type,
        headers=tuple(dict.fromkeys(headers)),
        security=None,
        deprecated=False,
        pointer=(),
    )


def _parameter(name: str, exchanges: Sequence[Exchange]) -> Schema:
    """What a query parameter takes, from the values that were sent."""
    values = [v for each in exchanges for n, v in each.query if n == name]
    return _value_schema(leaf_name(name), values)


def _value_schema(leaf: str, values: Sequence[object]) -> Schema:
    numbers = [int(str(v)) for v in values if re.fullmatch(r"\d{1,9}", str(v))]
    if numbers and len(numbers) == len(values):
        made: Schema = {"type": "integer"}
        if leaf in PAGES:
            first = min(numbers)
            return {**made, "default": first} if first in (0, 1) else made
        return made if leaf in OFFSETS else {**made, "default": max(numbers)}
    if values and set(values) <= {"true", "false", True, False}:
        return {"type": "boolean"}
    return {"type": "string"}


def _body_schema(exchanges: Sequence[Exchange]) -> Schema:
    """What a body takes: its fields, and those of its objects."""

    def fields(bodies: list[dict[str, object]], depth: int) -> Schema:
        made: Schema = {}
        for name in dict.fromkeys(key for body in bodies for key in body):
            values = [body[name] for body in bodies if name in body]
            objects = [value for value in values if is_mapping(value)]
            if objects:
                inner = fields(objects, depth + 1) if depth < 1 else {}
                made[name] = {"type": "object", "properties": inner}
            elif any(map(is_list, values)):
                made[name] = {"type": "array"}
            else:
                made[name] = _value_schema(leaf_name(name), values)
        return made

    bodies = [each.body for each in exchanges if is_mapping(each.body)]
    return {"type": "object", "properties": fields(bodies, 0)} if bodies else {}


_LINK = re.compile(r"<([^<>]{1,4000})>([^<]{0,1000}?)(?=,\s*<|$)")
_RELATION = re.compile(r'rel\s*=\s*"?([\w ]{1,100})"?', re.IGNORECASE)


def link_relations(each: Exchange) -> dict[str, str]:
    """Relation to URL of a `Link` header."""
    found: dict[str, str] = {}
    for url, more in _LINK.findall(each.headers.get("link", "")[:20_000]):
        relation = _RELATION.search(more)
        for word in relation[1].lower().split() if relation else ():
            found.setdefault(word, url)
    return found


def base_of(found: Sequence[Endpoint]) -> str:
    """The segments before the paths of all lists that are the same for a whole API: `/api/v2`."""
    paths = [each.path.strip("/").split("/")[:-1] for each in found]
    kept: list[str] = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1 or not _TECHNICAL.fullmatch(parts[0]):
            break
        kept.append(parts[0])
    return "".join(f"/{part}" for part in kept)
