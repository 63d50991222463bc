"""Random records of random schemas give the same tables as Arrow and as dicts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.equality.loading import ALWAYS, NEVER, differences, told
from tests.equality.shape import (
    DAY,
    FLAG,
    INTEGER,
    MOMENT,
    NUMBER,
    TEXT,
    Shape,
    fields,
    listed,
    things,
)

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
TOGETHER = 8
"""Shapes of one example: they share the pipeline, whose start costs the most."""

_NAMES = ["a", "b", "camelCase", "with space", "value", "list", "x-y", "2nd", "ünï"]
_TEXTS = ["", "x", "2024-01-31T10:00:00Z", "2024-01-31", "5", "null", "Zoë 🚲"]
_MOMENTS = [
    *("2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00", "2024-01-31T10:00:00"),
    *("1969-12-31T23:59:59.999999Z", "2024-01-31T10:00:00.1-05:30", "2024-01-31"),
]
_INTEGERS = st.one_of(
    st.integers(-3, 3), st.sampled_from([2**53 + 1, 2**63 - 1, -(2**63)])
)
_FLOATS = st.one_of(
    st.sampled_from([0.0, 1.0, 0.1, 1e300, 5e-324]), st.floats(-1e6, 1e6, width=32)
)

_LEAVES: list[tuple[dict[str, Any], st.SearchStrategy[Any]]] = [
    (INTEGER, _INTEGERS),
    (NUMBER, st.one_of(_FLOATS, st.integers(-3, 3))),
    (TEXT, st.sampled_from(_TEXTS)),
    (FLAG, st.booleans()),
    (MOMENT, st.sampled_from(_MOMENTS)),
    (DAY, st.sampled_from(["2024-02-29", "1969-12-31"])),
]

_ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), _INTEGERS, _FLOATS, st.sampled_from(_TEXTS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*_NAMES, "camel_case"]), inner, max_size=2),
    ),
    max_leaves=4,
)
"""A value of a field that the schema does not name."""


@st.composite
def _schemas(
    draw: st.DrawFn, depth: int = 2
) -> tuple[dict[str, Any], st.SearchStrategy[Any]]:
    """A schema, and values that fit it."""
    kind = draw(st.integers(0, 3 if depth else 1))
    if kind == 2:
        items, values = draw(_schemas(depth - 1))
        return listed(items), st.lists(values, max_size=3)
    if kind == 3:
        inner = draw(_objects(depth - 1))
        made = {name: values for name, (_, values) in inner.items()}
        schema = fields(**{name: schema for name, (schema, _) in inner.items()})
        return schema, st.fixed_dictionaries({}, optional=made)
    schema, values = draw(st.sampled_from(_LEAVES))
    if draw(st.booleans()):
        return {**schema, "type": [schema["type"], "null"]}, st.none() | values
    return schema, values


@st.composite
def _objects(
    draw: st.DrawFn, depth: int
) -> Mapping[str, tuple[dict[str, Any], st.SearchStrategy[Any]]]:
    names = draw(st.lists(st.sampled_from(_NAMES), max_size=3, unique=True))
    return {name: draw(_schemas(depth)) for name in names}


@st.composite
def _shapes(draw: st.DrawFn) -> Shape:
    """Two runs of up to two pages; some records have a field that is not declared."""
    declared = draw(_objects(2))
    others = [name for name in [*_NAMES, "camel_case", "new"] if name not in declared]
    record = st.fixed_dictionaries(
        {"id": st.integers(0, 4)},
        optional={name: values for name, (_, values) in declared.items()},
    )
    extra = st.dictionaries(st.sampled_from(others), _ANYTHING, max_size=1)
    both = st.tuples(record, extra).map(lambda pair: {**pair[0], **pair[1]})
    page = st.lists(both, max_size=4, unique_by=lambda each: int(each["id"]))
    run = st.lists(page, min_size=1, max_size=2)
    schema = things(**{name: schema for name, (schema, _) in declared.items()})
    is_open = draw(st.booleans()) and not declared
    runs = (draw(run), draw(run))
    return Shape("", runs, None if is_open else schema)


def _pages(pages: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Without a page that repeats the one before, which is an error of the paging."""
    return [page for n, page in enumerate(pages) if n == 0 or page != pages[n - 1]]


def _once(pages: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Without a record that has the key of one before: a merge keeps any of the two."""
    seen: set[int] = set()
    made: list[Sequence[Any]] = []
    for page in pages:
        made.append([each for each in page if each["id"] not in seen])
        seen.update(each["id"] for each in page)
    return _pages(made)


@settings(
    max_examples=400 if WHOLE else 3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    st.lists(_shapes(), min_size=1, max_size=TOGETHER),
    st.sampled_from(["append", "merge", "replace"]),
    st.sampled_from([[ALWAYS], [ALWAYS, NEVER], [NEVER, ALWAYS], [3]]),
)
def test_same_tables(shapes: list[Shape], disposition: str, sizes: list[int]) -> None:
    pages = _once if disposition == "merge" else _pages
    named = [
        Shape(f"s{number}", tuple(map(pages, shape.runs)), shape.schema)
        for number, shape in enumerate(shapes)
    ]
    found = differences(named, disposition, {"arrow": sizes}, kinds=False)
    for name in found:
        note(f"{name}: {next(each for each in named if each.name == name)}")
    assert not found, told(found)
