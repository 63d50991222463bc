"""Records of every shape give the same tables as Arrow and as dicts."""

from __future__ import annotations

import os

import pytest

from tests.equality import shapes_nested, shapes_tables, shapes_values
from tests.equality.loading import ALWAYS, NEVER, differences, told
from tests.equality.shape import COLUMNAR, DISPOSITIONS, fits

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
"""Every shape with every write disposition (`make equality`), not with one in turn."""

GROUPS = {
    "objects": shapes_nested.OBJECTS,
    "lists": shapes_nested.LISTS,
    "pages": shapes_nested.PAGES,
    "open": shapes_values.OPEN,
    "typed": shapes_values.TYPED,
    "names": shapes_tables.NAMES,
    "keys": shapes_tables.KEYS,
    "tables": shapes_tables.TABLES,
}

WAYS = {"arrow": [ALWAYS], "by turns": [ALWAYS, NEVER], "partly": [3]}
"""Smallest batches of the runs: a pipeline may change from run to run, and from page to page."""


CASES = [
    (group, disposition)
    for index, group in enumerate(GROUPS)
    for number, disposition in enumerate(DISPOSITIONS)
    if WHOLE or number == index % len(COLUMNAR)
]


@pytest.mark.parametrize(("group", "disposition"), CASES)
def test_same_tables(group: str, disposition: str) -> None:
    shapes = [each for each in GROUPS[group] if fits(each, disposition)]
    ways = WAYS if WHOLE and disposition in COLUMNAR else {"arrow": [ALWAYS]}
    found = differences(shapes if WHOLE else shapes[::2], disposition, ways)
    assert not found, told(found)
