"""Records for the accounts: good ones with difficult values, and ones broken in known ways."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

SPEC = """
connector: ledger
client: { base_url: https://api.example.com }
resources:
  - name: entries
    write_disposition: append
    columns: { amount: { data_type: decimal, precision: 38, scale: 10 } }
    schema: "#/definitions/Entry"
    endpoint:
      data_selector: data
      paginator: { type: json_link, next_url_path: next }
definitions:
  Entry:
    type: object
    required: [id, name, state]
    properties:
      id: { type: integer, minimum: 0 }
      name: { type: string }
      state: { enum: [open, closed] }
      amount: { type: string }
      count: { type: integer }
      rate: { type: number }
      at: { type: string, format: date-time }
      day: { type: string, format: date }
      flag: { type: boolean }
      note: { type: [string, "null"], maxLength: 5000 }
      tags: { type: array, items: { type: string } }
      place:
        type: object
        required: [city]
        properties: { city: { type: string }, since: { type: string, format: date-time } }
"""


@dataclass(frozen=True)
class Entry:
    """One record as it is sent."""

    text: str
    """JSON."""
    row: Mapping[str, Any] | None
    """What has to be in the destination, by column; None for a record that does not fit."""
    kind: str
    """What is difficult about it, or wrong."""


def entries(count: int, seed: int, broken: float = 0.05) -> list[Entry]:
    """Good ones with ids from 0 in order, and broken ones among them."""
    chance = random.Random(seed)
    made: list[Entry] = []
    good = 0
    for _ in range(count):
        record, row = _good(chance, good)
        if made and chance.random() < broken:
            made.append(_broken(chance, record))
        else:
            made.append(Entry(_sent(record), row, "good"))
            good += 1
    return made


Draw = Callable[[random.Random], tuple[Any, Any]]
"""A value as it is sent, and as it has to arrive."""


def _good(chance: random.Random, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    record: dict[str, Any] = {"id": number, "name": f"n{number}", "state": "open"}
    row: dict[str, Any] = {"id": number, "name": f"n{number}", "state": "open"}
    for field, draw in _FIELDS.items():
        if chance.random() < 0.6:
            record[field], row[field] = draw(chance)
    if chance.random() < 0.3:
        record["place"] = {"city": _text(chance)}
        row["place__city"] = record["place"]["city"]
        if chance.random() < 0.5:
            record["place"]["since"], row["place__since"] = _moment(chance)
    return record, row


_TEXTS = (
    *(
        "",
        " ",
        "\t\n\r",
        "null",
        "NaN",
        "0",
        "-0",
        "1e5",
        "true",
        "'; drop table x; --",
    ),
    *("Zoë", "测试", "🚲" * 50, "e\u0301", "\u202eright to left", "\ufeff", "\x01\x7f"),
    *('"quoted"', "back\\slash", "%s {x} {{ y }}", "x" * 400, "2024-13-45T00:00:00Z"),
)


def _text(chance: random.Random) -> str:
    return chance.choice(_TEXTS)


def _note(chance: random.Random) -> tuple[str | None, str | None]:
    note = None if chance.random() < 0.2 else _text(chance)
    return note, note


def _amount(chance: random.Random) -> tuple[str, Decimal]:
    whole = chance.choice([0, 1, 10**27, 10**28 - 1, chance.randrange(10**28)])
    part = chance.choice([0, 1, 10**10 - 1, chance.randrange(10**10)])
    text = f"{chance.choice(['', '-'])}{whole}.{part:010}"
    return text, Decimal(text)


def _count(chance: random.Random) -> tuple[int, int]:
    edges = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), -(2**53) - 1, 0, 2**31]
    count = chance.choice([*edges, chance.randrange(-(2**63), 2**63)])
    return count, count


def _rate(chance: random.Random) -> tuple[float, float]:
    edges = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -1e-9, 1.0, 3, 1e22]
    edges += [2**53, 2**53 + 2, -(2**60)]
    rate = chance.choice([*edges, chance.random(), chance.uniform(-1e6, 1e6)])
    return rate, float(rate)


def _moment(chance: random.Random) -> tuple[str, datetime]:
    naive = datetime(1900, 1, 1) + timedelta(
        days=chance.randrange(73_000), microseconds=chance.randrange(86_400_000_000)
    )
    form = chance.randrange(5)
    if form == 0:  # without an offset it is UTC
        return naive.isoformat(), naive.replace(tzinfo=UTC)
    if form == 1:
        naive = naive.replace(microsecond=0)
        return f"{naive.isoformat()}Z", naive.replace(tzinfo=UTC)
    if form == 2:
        naive = naive.replace(microsecond=naive.microsecond // 1000 * 1000)
        return f"{naive.isoformat(timespec='milliseconds')}Z", naive.replace(tzinfo=UTC)
    offset = timezone(timedelta(minutes=chance.choice([330, -570, 840, -720, 345, 1])))
    moment = naive.replace(tzinfo=offset)
    return moment.isoformat(), moment.astimezone(UTC)


def _day(chance: random.Random) -> tuple[str, date]:
    day = date(1600, 1, 1) + timedelta(days=chance.randrange(250_000))
    day = chance.choice([day, date(2024, 2, 29), date(1, 1, 1), date(9999, 12, 31)])
    return day.isoformat(), day


def _flag(chance: random.Random) -> tuple[bool, bool]:
    flag = chance.random() < 0.5
    return flag, flag


def _tags(chance: random.Random) -> tuple[list[str], list[str]]:
    tags = [_text(chance) for _ in range(chance.randrange(4))]
    return tags, tags


_FIELDS: Mapping[str, Draw] = {
    "amount": _amount,
    "count": _count,
    "rate": _rate,
    "at": _moment,
    "day": _day,
    "flag": _flag,
    "note": _note,
    "tags": _tags,
    "undeclared": _count,
}

_WRONG: Mapping[str, list[Any]] = {
    "id": ["x", 1.5, None, [], {}, -1, "1.5", [1]],
    "name": [5, None, ["x"], {"x": "y"}, False, 1.5],
    "state": ["Open", "", None, 0, ["open"]],
    "amount": [5, 1.5, ["1"], "0.12345678901", "1" + "0" * 28],
    "count": [1.5, "many", [1], {}, "1.5", 2**63, -(2**63) - 1],
    "rate": ["fast", [1.5], {}, 2**53 + 1, 10**400],
    "undeclared": [2**63, [{"x": -(2**70)}]],
    "at": [
        "9999-12-31T23:59:59-00:01",
        "0001-01-01T00:00:00+14:00",
        "soon",
        "2024-02-30T00:00:00Z",
        "2024-01-01T00:00:00+25:00",
        "",
        [],
    ],
    "day": ["2024-02-30", "2024-01-01T10:00:00", "", {}],
    "flag": ["maybe", 2, []],
    "note": [5, ["x"], "x" * 5001],
    "tags": ["x", [1], [None], {"0": "x"}, [["x"]]],
    "place": [
        "x",
        [],
        {},
        {"city": 5},
        {"city": "9999-12-31T23:59:59-01:00"},
        {"city": "a", "since": "x"},
        [{"city": "a"}],
    ],
}
"""Values that no field of that name takes."""


def _broken(chance: random.Random, record: dict[str, Any]) -> Entry:
    kind = chance.choice(list(_KINDS))
    return Entry(_KINDS[kind](chance, record), None, kind)


def _wrong_value(chance: random.Random, record: dict[str, Any]) -> str:
    field = chance.choice(list(_WRONG))
    return _sent({**record, field: chance.choice(_WRONG[field])})


def _missing(chance: random.Random, record: dict[str, Any]) -> str:
    field = chance.choice(["id", "name", "state"])
    return _sent({key: value for key, value in record.items() if key != field})


def _several(chance: random.Random, record: dict[str, Any]) -> str:
    wrong = {field: chance.choice(values) for field, values in _WRONG.items()}
    return _sent({**record, **wrong})


def _no_number(chance: random.Random, record: dict[str, Any]) -> str:
    number = chance.choice(["NaN", "Infinity", "-Infinity", "1e400", "-1e999"])
    return _replaced(record, chance.choice(["count", "undeclared"]), number)


def _half_character(chance: random.Random, record: dict[str, Any]) -> str:
    half = chance.choice(['"\\ud83d"', '"x\\udc00y"', '"\\ud83d\\ud83d"'])
    return _replaced(record, chance.choice(["name", "note", "unknown"]), half)


def _deep(chance: random.Random, record: dict[str, Any]) -> str:
    depth = chance.randrange(2, 200)
    return _replaced(record, "name", "[" * depth + '{"x": 1}' + "]" * depth)


def _twice(chance: random.Random, record: dict[str, Any]) -> str:
    """The last of two equal keys counts, as in every JSON reader of Python."""
    return _sent(record)[:-1] + ', "name": 5}'


def _no_object(chance: random.Random, record: dict[str, Any]) -> str:
    return chance.choice(["null", "[]", "[1]", "true", "5", "1.5", '"x"', "{}", '""'])


_KINDS: Mapping[str, Callable[[random.Random, dict[str, Any]], str]] = {
    "wrong value": _wrong_value,
    "missing": _missing,
    "several": _several,
    "no number": _no_number,
    "half a character": _half_character,
    "deep": _deep,
    "a key twice": _twice,
    "no object": _no_object,
}


def _replaced(record: dict[str, Any], field: str, text: str) -> str:
    """The record with JSON text that Python does not write as a field."""
    marked = _sent({**record, field: "<here>"})
    return marked.replace('"<here>"', text)


def _sent(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)
