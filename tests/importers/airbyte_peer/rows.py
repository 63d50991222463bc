"""Records of a stream, made of its schema and of what its manifest reads of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zlib import crc32

from generator.importers.airbyte.manifest import Part, plain, walked
from generator.plain import is_list, is_mapping

from tests.importers.airbyte_peer.copies import START
from tests.importers.airbyte_peer.jinja import rendered

_READ = re.compile(
    r"(?<!last_)record((?:\.get\(\s*['\"]\w+['\"][^()]*\)|\[\s*['\"][^'\"\]]+['\"]\s*\]|\.[A-Za-z_]\w*(?!\w*\())+)"
)
_COPY = re.compile(rf"\{{\{{\s*{_READ.pattern}\s*(?:or ['\"]\w*['\"]\s*)?\}}\}}")
_EACH = re.compile(r"\s*\|\s*map\(attribute=['\"](\w+)['\"]\)")
_ITEMS = "*"
"""A step into the one item of a list."""
_STEP = re.compile(r"\.get\(\s*['\"](\w+)|\[\s*['\"]([^'\"]+)|\.([A-Za-z_]\w*)")
_MAX_DEPTH = 24


def record(
    stream: Part, needed: list[tuple[str, ...]], number: int, of: str
) -> dict[str, object]:
    """The record of a number; `of` tells apart what the stream is read for each of."""
    base = crc32(of.encode()) % 900 * 100 if of else 0
    loader = stream.part("schema_loader")
    schema = plain(loader.get("schema")) if loader is not None else None
    made: dict[str, object] = {}
    if is_mapping(schema):
        found = _value("record", schema, base + number, 0)
        made = found if is_mapping(found) else {}
    copied = dict(_copied(stream, schema))
    for path, added in copied.items():
        _reach(made, path, base + number, added)
    for path in (*_read(stream), *needed):
        if path in copied:
            continue
        _reach(made, path, base + number)
    keys = plain(stream.get("primary_key"))
    for key in keys if is_list(keys) else [keys]:
        steps = key if is_list(key) else [key]
        if all(isinstance(each, str) and each for each in steps):
            _reach(made, tuple(steps), base + number)
    _moment(stream, made, number)
    # Airbyte leaves out what has no field at all.
    return made or {"name": f"name {base + number}"}


def _value(name: str, schema: object, number: int, depth: int) -> object:
    if depth > _MAX_DEPTH:
        return None
    if not is_mapping(schema):
        return f"{name} {number}"
    for word in ("oneOf", "anyOf"):
        options = schema.get(word)
        if is_list(options) and options:
            real = [
                o for o in options if not (is_mapping(o) and o.get("type") == "null")
            ]
            return _value(name, (real or options)[0], number, depth)
    enum = schema.get("enum")
    if is_list(enum) and enum:
        real_ = [each for each in enum if each is not None]
        return real_[0] if real_ else None
    kinds = schema.get("type")
    kind = kinds
    if is_list(kinds):
        kind = next((each for each in kinds if each != "null"), "null")
    properties = schema.get("properties")
    match kind:
        case "integer":
            return number
        case "number":
            return number + 0.5
        case "boolean":
            return number % 2 == 0
        case "null":
            return None
        case "array":
            items = schema.get("items")
            if is_list(items):
                items = items[0] if items else None
            return [_value(name, items, number, depth + 1)] if items else []
        case _ if kind == "object" or is_mapping(properties):
            inner = properties if is_mapping(properties) else {}
            return {
                k: _value(k, each, number, depth + 1) for k, each in inner.items() if k
            }
        case _:
            return _text(name, schema, number)


def _text(name: str, schema: dict[str, object], number: int) -> str:
    moment = START + timedelta(minutes=number % 600)
    match schema.get("format"):
        case "date":
            return moment.strftime("%Y-%m-%d")
        case "date-time":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        case "time":
            return "12:30:00"
        case "uri":
            return f"https://example.com/{number}"
        case "email":
            return f"a{number}@example.com"
        case "uuid":
            return f"00000000-0000-4000-8000-{number:012d}"
        case _:
            return f"{name} {number}"


def _read(stream: Part) -> Iterator[tuple[str, ...]]:
    """The paths of records that templates read."""
    for holder in ("transformations", "retriever"):
        for part in walked(stream.get(holder)):
            if part.kind == "DeclarativeStream":
                continue
            for value in part.data.values():
                if isinstance(value, str):
                    for match in _READ.finditer(value):
                        found = tuple(
                            a or b or c for a, b, c in _STEP.findall(match[1])
                        )
                        each_ = _EACH.match(value, match.end())
                        yield (*found, _ITEMS, each_[1]) if each_ else found


def _copied(stream: Part, schema: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """The paths that are copied to a field as they are, and the schema of that field."""
    known = schema.get("properties") if is_mapping(schema) else None
    for part in walked(stream.get("transformations")):
        target, value = plain(part.get("path")), part.text("value").strip()
        if not is_list(target) or len(target) != 1 or not is_mapping(known):
            continue
        found = _COPY.fullmatch(value)
        if found is not None and target[0] in known:
            steps = tuple(a or b or c for a, b, c in _STEP.findall(found[1]))
            yield steps, known[target[0]]


def _reach(
    made: dict[str, object], path: tuple[str, ...], number: int, schema: object = None
) -> None:
    """Makes a value at a path, unless there is one."""
    current = made
    for key, following in zip(path[:-1], path[1:]):
        if key == _ITEMS:
            continue
        inner = current.setdefault(key, [{}] if following == _ITEMS else {})
        if following == _ITEMS and is_list(inner) and inner:
            inner = inner[0]
        if not is_mapping(inner):
            return
        current = inner
    known = current.get(path[-1])
    if known is None or (is_mapping(known) and not known):
        if schema is not None:
            current[path[-1]] = _value(path[-1], schema, number, 0)
        else:
            current[path[-1]] = f"{path[-1]}-{number}"


def _moment(stream: Part, made: dict[str, object], number: int) -> None:
    """The value of the cursor field, within what is asked for."""
    cursor = stream.part("incremental_sync")
    if cursor is None:
        return
    parameters = dict(cursor.parameters)
    field = rendered(cursor.text("cursor_field"), parameters=parameters, config={})
    formats = plain(cursor.get("cursor_datetime_formats"))
    form = (
        formats[0] if is_list(formats) and formats else cursor.text("datetime_format")
    )
    if not field or not isinstance(form, str):
        return
    is_number = isinstance(made.get(field), int | float) or field not in made
    moment = START + timedelta(hours=1 + number % 30)
    made[field] = written(moment, form, is_number)


def written(moment: datetime, form: str, is_number: bool) -> object:
    """A moment in a pattern of Airbyte."""
    seconds = moment.timestamp()
    values: dict[str, float] = {
        "%s": int(seconds),
        "%ms": int(seconds * 1000),
        "%s_as_float": seconds,
        "%epoch_microseconds": int(seconds * 1_000_000),
    }
    if form in values:
        return values[form] if is_number else str(values[form])
    text = form.replace("%_ms", f"{moment.microsecond // 1000:03d}")
    return moment.strftime(text.replace("%:z", "+00:00"))
