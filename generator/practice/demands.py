"""What a request must carry: the constants of the spec, a parent's values, readable bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generator.practice.calls import Call, Refused
from generator.practice.moments import moment
from generator.practice.plan import Bounds, Place, Route
from generator.practice.shapes import as_text, is_list, is_object, lookup
from generator.practice.store import Partition, Store
from generator.practice.texts import OPEN


def check_constants(route: Route, call: Call, moving: set[tuple[str, str]]) -> None:
    """Refuses a request without the spec's constants; the message names the first one.

    `moving` holds kind and name of the places that paging and bounds set.
    """
    for name, want in route.headers.items():
        if want is not OPEN and call.request.headers.get(name) != as_text(want):
            raise Refused(400, f"header {name!r} must be {as_text(want)!r}")
    for name, want in route.params.items():
        if want is OPEN or ("query", name) in moving:
            continue
        got = call.request.args.getlist(name)
        _check_texts(want, got, f"query parameter {name!r}")
    for name, want in (route.form or {}).items():
        if want is OPEN or want is None or ("form", name) in moving:
            continue
        _check_texts(want, call.request.form.getlist(name), f"form field {name!r}")
    if isinstance(route.content, str):
        if call.request.get_data(as_text=True) != route.content:
            raise Refused(400, f"the body must be {route.content!r}")
    if route.body is not None:
        skipped = {name for kind, name in moving if kind == "body"}
        _check_body(route.body, call.body, "", skipped)


def _check_texts(want: Any, got: list[str], what: str) -> None:
    if not got:
        raise Refused(400, f"{what} is missing")
    wanted = [as_text(each) for each in want] if is_list(want) else [as_text(want)]
    if got not in (wanted, [",".join(wanted)]):
        raise Refused(400, f"{what} is {got}, not {wanted}")


def _check_body(want: Any, got: Any, path: str, skipped: set[str]) -> None:
    if want is OPEN or path in skipped:
        return
    if is_object(want):
        for key, each in want.items():
            inner = f"{path}.{key}" if path else key
            _check_body(each, lookup(got, (key,)), inner, skipped)
    elif is_list(want) and is_list(got) and len(want) == len(got):
        for at, (each, given) in enumerate(zip(want, got, strict=True)):
            _check_body(each, given, f"{path}[{at}]", skipped)
    elif want != got:
        raise Refused(400, f"{path!r} of the JSON body must be {want!r}, not {got!r}")


def partition(route: Route, call: Call, store: Store) -> Partition:
    """The parent that the request names; refuses one that does not exist."""
    found = tuple(call.read(slot.place) or "" for slot in route.slots)
    if found not in store.partitions(route.name):
        raise Refused(404, f"no such {route.parent or route.slots[0].field}: {found}")
    return found


def within(
    bounds: Bounds, call: Call, records: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The records from the lower bound on and before the upper one, as far as they are sent."""
    start, end = (_bound(bounds, place, call) for place in (bounds.start, bounds.end))
    if start is None and end is None:
        return records
    return [
        record
        for record in records
        if (start is None or start(lookup(record, bounds.cursor)) >= 0)
        and (end is None or end(lookup(record, bounds.cursor)) < 0)
    ]


def _bound(
    bounds: Bounds, place: Place | None, call: Call
) -> Callable[[Any], float] | None:
    """How far a record's cursor is after the bound that the request carries."""
    text = call.read(place) if place else None
    if place is None or not text:
        return None
    instant = moment(text, bounds.format)
    plain = _number(text)
    if bounds.format is not None and instant is None:
        raise Refused(400, f"{place.name!r} is {text!r}, not {bounds.format!r}")
    if instant is None and plain is None:
        raise Refused(400, f"{place.name!r} is {text!r}, not a time or a number")

    def distance(value: Any) -> float:
        if isinstance(value, int | float):
            if plain is not None and "%" not in (bounds.format or ""):
                return value - plain
            return value - (instant.timestamp() if instant else 0)
        reached = moment(value, None)
        if reached is None or instant is None:
            raise Refused(400, f"{place.name!r} is {text!r}, and the cursor {value!r}")
        return (reached - instant).total_seconds()

    return distance


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
