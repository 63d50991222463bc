"""Invented manifests through imported connectors and through Airbyte's runtime."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.diagnostics import Collector
from generator.document import parse
from generator.importers.airbyte.manifest import resolved
from tests.importers.airbyte_manifests import MANIFESTS
from tests.importers.behaviour_airbyte import (
    REFERENCE,
    batch,
    difference,
    normal,
    verdict,
)
from tests.peers.applications import cache_folder, python_with

READY = any(cache_folder().glob(f"{REFERENCE.replace('==', '-')}-*"))


@pytest.mark.skipif(
    "GEN_CONNECTOR_WHOLE" not in os.environ and not READY,
    reason="`make coverage` installs Airbyte's runtime",
)
def test_the_same_records_come_out(tmp_path: Path) -> None:
    paths: list[Path] = []
    for name, text in MANIFESTS.items():
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(text, "utf-8")
    outcomes = batch(paths, python_with(REFERENCE))
    assert len(outcomes) == 10
    assert [each for each in outcomes if each.verdict != "equal"] == []


def test_what_is_normal_and_what_is_different() -> None:
    assert normal({"b": None, "a": "12"}) == {"a": 12}
    assert normal("2024-01-01T01:00:00+01:00") == normal("2024-01-01T00:00:00.000Z")
    assert normal(["x", 1.0, "1,2"]) == ["x", 1, [1, 2]]
    one, other = [{"a": 1}, {"a": 1}], [{"a": 1}]
    assert difference(one, other, as_set=False)[0] == "repeats"
    assert difference(one, other, as_set=True)[0] == ""
    assert difference([{"a": 1}], [{"a": 2}], as_set=False)[0] == "values"
    assert difference([{"a": 1}], [], as_set=False)[0] == "number"


STREAM = """
version: 6.0.0
type: DeclarativeSource
streams:
  - name: days
    incremental_sync: { type: DatetimeBasedCursor, step: P1D }
    transformations:
      - { type: AddFields, fields: [{ path: [day], value: "{{ stream_interval.start_time }}" }] }
"""


@pytest.mark.parametrize(
    ("rows", "kinds", "expected"),
    [
        ([{"id": 1, "day": "a"}, {"id": 1, "day": "b"}], set[str](), "on purpose"),
        ([{"id": 2, "day": "a"}, {"id": 1, "day": "b"}], set[str](), "different"),
        (
            [{"id": 2, "day": "a"}, {"id": 1, "day": "a"}],
            {"parent-unused"},
            "on purpose",
        ),
        ([{"id": 2, "day": "a"}], {"parent-unused"}, "different"),
        ([{"id": 1, "day": "a"}], set[str](), "equal"),
    ],
)
def test_what_is_otherwise_on_purpose(
    rows: list[object], kinds: set[str], expected: str
) -> None:
    """Only what a field says of the window may differ, and records may only be fewer."""
    document = parse(STREAM, "manifest.yaml", Collector())
    assert document is not None
    (part,) = resolved(document).parts("streams")
    theirs = {"error": "", "status": {"days": "COMPLETE"}, "records": {"days": rows}}
    ours = {"error": "", "errors": {}, "records": {"days": [{"id": 1, "day": "a"}]}}
    assert verdict("m", part, theirs, ours, "", kinds).verdict == expected
