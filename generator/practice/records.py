"""The records of one resource, made up from its schema, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from generator.practice.fake import Maker
from generator.practice.keys import DAY, STEP, ascending, capacity, numbered
from generator.practice.options import Options
from generator.practice.plan import Route
from generator.practice.schemas import Schemas
from generator.practice.shapes import Path, is_object, lookup, parse, put
from generator.practice.words import snake

EXTRA = "custom_note"
"""The undeclared field."""
_EXTRA_AT = (2, 5, 8)
_FEW = 2
"""How many values a field of a composite key has, where another one has enough."""


def make(
    route: Route,
    schemas: Schemas,
    maker: Maker,
    options: Options,
    numbers: Sequence[int],
) -> list[dict[str, Any]]:
    """A record for each number; those with the same number have the same key."""
    flat, document = schemas.flat(*schemas.of(route.schema))
    cursor = route.bounds.cursor if route.bounds else ()
    paths = {name: parse(name) for name in route.numbered}
    fields = {
        name: _field(schemas, flat, document, path) for name, path in paths.items()
    }
    moving = _field(schemas, flat, document, cursor)
    forced = {str(path[0]) for path in (*paths.values(), cursor) if path}
    forced |= route.needed
    dotted = ".".join(str(step) for step in cursor)
    declared = route.schema is not None and _open(flat)
    made: list[dict[str, Any]] = []
    salt = f"{options.seed}/{route.name}"
    for at, number in enumerate(numbers):
        digits = _digits(route.key, fields, number, dotted)
        maker.begin(f"{salt}/{at}")
        record = maker.record(flat, document, forced)
        for name, path in paths.items():
            value = numbered(fields[name], name, digits.get(name, at), salt)
            put(record, path, value)
        if cursor:
            name = str(cursor[-1])
            place = digits.get(dotted, at)
            step = DAY if dotted in fields else STEP
            assert route.bounds is not None
            initial, form = route.bounds.initial, route.bounds.format
            put(record, cursor, ascending(moving, name, place, step, initial, form))
        if options.extras and declared and at % 10 in _EXTRA_AT:
            record.setdefault(EXTRA, maker.fake.word())
        made.append(record)
    return made


def possible(route: Route, schemas: Schemas, count: int) -> int:
    """How many records of `count` can have different keys."""
    flat, document = schemas.flat(*schemas.of(route.schema))
    most = 1
    for name in route.key:
        size = capacity(_field(schemas, flat, document, parse(name)))
        if size is None:
            return count
        most *= size
    return min(count, most) if route.key else count


def _digits(
    key: Iterable[str], fields: dict[str, dict[str, Any]], at: int, cursor: str
) -> dict[str, int]:
    """The number of each key field in record `at`.

    Fields with few values count like digits, so that no combination comes twice, and
    ascending in the one with enough values: the cursor or else a time, if there is one.
    """
    digits: dict[str, int] = {}
    endless: list[str] = []
    for name in key:
        size = capacity(fields[name])
        if size is None:
            endless.append(name)
        else:
            at, digits[name] = divmod(at, size)
    times = ("date", "date-time")
    endless.sort(key=lambda name: (name == cursor, fields[name].get("format") in times))
    for name in endless[:-1]:
        at, digits[name] = divmod(at, _FEW)
    return digits | dict.fromkeys(endless[-1:], at)


def _open(flat: dict[str, Any]) -> bool:
    """Whether a record may carry fields beside the ones its schema declares."""
    return "properties" in flat and flat.get("additionalProperties") is not False


def _field(
    schemas: Schemas, flat: dict[str, Any], document: str, path: Path
) -> dict[str, Any]:
    """The flat schema of a field; one that is not declared is guessed from its name."""
    for step in path:
        properties = flat.get("properties", {})
        if not is_object(properties) or step not in properties:
            return _guessed(str(path[-1]))
        flat, document = schemas.plain(properties[step], document)
    return flat


def _guessed(name: str) -> dict[str, Any]:
    plain = snake(name)
    if plain.endswith(("_at", "_on")) or "time" in plain:
        return {"type": "string", "format": "date-time"}
    if "date" in plain:
        return {"type": "string", "format": "date"}
    return {"type": "integer"} if plain == "id" or plain.endswith("_id") else {}


def values(record: dict[str, Any], fields: Iterable[str]) -> tuple[Any, ...]:
    """The values of some fields of a record."""
    return tuple(lookup(record, parse(field)) for field in fields)
