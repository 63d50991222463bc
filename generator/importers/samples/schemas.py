"""What was seen of records to a JSON Schema that all of them fit, with the counts as comments.

The comments are the keywords `x-why` (of a field) and `x-from` (of an object), which become
comments of the spec's definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.importers.openapi_schemas import with_null
from generator.importers.openapi_words import plain_name
from generator.importers.samples.shape import Shape, shape_of

RECORD, ANSWER = "record", "answer"
ENOUGH = 30
"""Records that it takes to call a field required, or its few values all that there are."""
_KINDS = ("string", "integer", "number", "boolean", "object", "array")
_PLAIN_KINDS = frozenset(("string", "integer", "number", "boolean"))
_FORMATS = ("date-time", "date", "uuid", "uri", "email")
_MOST_ENUM = 10
_TIMES = 3
"""How often each value of an enumeration must have been seen."""
_ENUM_VALUE = re.compile(
    r"[a-z][a-z0-9]*([_.:-][a-z0-9]+)*|[A-Z][A-Z0-9]*([_.:-][A-Z0-9]+)*"
)
_ENUM_NAME = re.compile(
    r"(^|_)(status|state|type|kind|priority|severity|level|role|mode|visibility|category"
    r"|method|stage|phase|direction|result|outcome|channel|interval|frequency|access)$"
)
_DATA_KEY = re.compile(
    r"\d+|\d{4}-\d\d(-\d\d)?\S{0,40}|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,64}",
    re.ASCII,
)
"""A key that is data and no name: a number, a date, an identifier."""
_MANY_FIELDS = 50
_RARE = 0.2

Schema = dict[str, object]


def record_schema(records: Iterable[object]) -> Schema:
    """The JSON Schema of records: every one of them is valid by it."""
    return schema_of(shape_of(records))


def schema_of(shape: Shape, what: str = RECORD) -> Schema:
    """The JSON Schema of what was seen; that of an ANSWER has examples, which may be secret."""
    made = _schema(shape, "", what)
    if shape.fields and set(shape.kinds) == {"object"}:
        count = shape.kinds["object"]
        always = "" if shape.is_open else _always(shape, count)
        made["x-from"] = f"{_count(count, what)} of the sample{always}"
    return made


def _always(shape: Shape, count: int) -> str:
    if all(inner.count == count and not inner.nulls for inner in shape.fields.values()):
        return "; each of them has all fields"
    return "; fields without a comment are in each of them"


def _schema(shape: Shape, name: str, what: str) -> Schema:
    kinds: set[str] = {kind for kind in _KINDS if shape.kinds[kind]}
    if "number" in kinds:
        kinds.discard("integer")
    if shape.is_large and "number" not in kinds:
        kinds.clear()  # No type of a column holds it: it stays what it is.
    options = [_one(shape, kind, name, what) for kind in _KINDS if kind in kinds]
    if len(options) > 1 and kinds <= _PLAIN_KINDS:
        made: Schema = {"type": [kind for kind in _KINDS if kind in kinds]}
    elif len(options) > 1:
        made = {"anyOf": options}
    else:
        made = dict(options[0]) if options else {}
        if len(kinds) == 1 and "string" in kinds:
            made.update(_text(shape, name))
            if what == ANSWER:
                made["example"] = shape.example
    return with_null(made) if shape.nulls else made


def _one(shape: Shape, kind: str, name: str, what: str) -> Schema:
    """The schema of the values of one kind."""
    if kind == "array":
        items = _schema(shape.items, name, what) if shape.items else {}
        if shape.is_open:
            items = {}
        return {"type": "array", "items": items} if items else {"type": "array"}
    if kind != "object":
        return {"type": kind}
    if _is_map(shape, bool(name)):
        inner = Shape()
        for each in shape.fields.values():
            inner.take(each)
        values = _schema(inner, "", what) if not shape.is_open else {}
        made: Schema = {"type": "object"}
        return {**made, "additionalProperties": values} if values else made
    return _object(shape, what)


def _object(shape: Shape, what: str) -> Schema:
    count = shape.kinds["object"]
    properties: Schema = {}
    required: list[str] = []
    for name, inner in shape.fields.items():
        if what == ANSWER and not is_sayable(name):
            continue
        made = _schema(inner, name, what)
        why = _why(inner, count, what)
        if why:
            made["x-why"] = why
        properties[name] = made
        if inner.count == count >= ENOUGH and not inner.nulls:
            required.append(name)
    schema: Schema = {"type": "object"}
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = required
    return schema


def is_sayable(name: str) -> bool:
    """Whether a path of a spec can lead to a field of this name."""
    return bool(name) and name.isprintable() and not name.startswith("dlt.")


def _why(shape: Shape, count: int, what: str) -> str:
    """What is special about a field: how often it is there, null, of which types."""
    parts: list[str] = []
    if shape.count < count:
        parts.append(f"in {shape.count} of {_count(count, what)}")
    if shape.nulls == shape.count:
        parts.append("always null" if shape.count == count else "and always null there")
    elif shape.nulls:
        parts.append(f"null in {shape.nulls} of {_count(shape.count, what)}")
    kinds = [f"{kind} {number}" for kind, number in sorted(shape.kinds.items())]
    if len(kinds) > 1:
        parts.append(f"of several types: {', '.join(kinds)}")
    if shape.is_large:
        parts.append(
            "some numbers have more than 64 bits: no column holds these records"
        )
    if shape.formats == frozenset(("local-date-time",)):
        parts.append("without a time zone: taken as UTC")
    if shape.is_open:
        parts.append("too deep, too much or too odd to be looked into")
    return ", ".join(parts)


def _text(shape: Shape, name: str) -> Schema:
    formats = {each.removeprefix("local-") for each in shape.formats or ()}
    found = next((each for each in _FORMATS if each in formats), None)
    if found:
        return {"format": found}
    return {"enum": sorted(shape.values or ())} if _is_enum(shape, name) else {}


def _is_enum(shape: Shape, name: str) -> bool:
    """Whether the few values that were seen are surely all that there are."""
    values = shape.values
    total = shape.kinds["string"]
    if not values or total < ENOUGH or not 2 <= len(values) <= _MOST_ENUM:
        return False
    if not _ENUM_NAME.search(plain_name(name)) or total < 10 * len(values):
        return False
    return min(values.values()) >= _TIMES and all(map(_ENUM_VALUE.fullmatch, values))


def _is_map(shape: Shape, is_inside: bool) -> bool:
    """Whether the keys are data: identifiers, dates, or ever new ones."""
    if not is_inside or not shape.fields:
        return False
    if all(map(_DATA_KEY.fullmatch, shape.fields)):
        return True
    seen = sum(inner.count for inner in shape.fields.values())
    share = seen / (len(shape.fields) * shape.kinds["object"])
    return len(shape.fields) > _MANY_FIELDS and share < _RARE


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
