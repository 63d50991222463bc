"""The decisions about real documents, against what was judged by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.importers.coverage_openapi import corpus, measured
from tests.importers.growth import SIZES, Cost, cost, made_up
from tests.importers.held_out import MODULES, WHEELS, held_out

BAR = 0.9
WHOLE = "GEN_CONNECTOR_WHOLE" in os.environ
MEMORY = 1024
"""MiB of the largest document."""
LONGEST = 60.0
"""Seconds of one document, import and compilation."""
NOISE = 1.4
"""How much more a measurement may show on a busy machine."""


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make coverage`")
@pytest.mark.parametrize("sheet", ["endpoints.txt", "held_out.txt"])
def test_nine_of_ten_decisions_are_right(sheet: str) -> None:
    documents: list[Path] = held_out() if sheet == "held_out.txt" else corpus()
    if not documents:
        pytest.skip("no documents: GEN_CONNECTOR_CORPUS is not set, or no registry")
    found, judged = measured(documents, sheet)
    for kind, score in judged.items():
        assert score.precision >= BAR and score.recall >= BAR, (kind, score.wrong)
    for one in found:
        assert not one.errors and not one.types and one.seconds < LONGEST, one
    if sheet == "held_out.txt":
        wanted = sum(map(len, (*WHEELS.values(), *MODULES.values())))
        if len(documents) < wanted:
            pytest.skip(f"{wanted - len(documents)} documents are not to be had here")


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make coverage`")
def test_the_largest_document_needs_little_memory(tmp_path: Path) -> None:
    largest = max([*held_out(), *corpus()], key=lambda each: each.stat().st_size)
    if largest.name != "github.json":
        pytest.skip("github.json (13 MB) is not to be had here")
    assert cost(largest, tmp_path).memory < MEMORY


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make coverage`")
def test_time_and_memory_grow_no_faster_than_the_document(tmp_path: Path) -> None:
    """Up to 5,000 lists, each with a record of its own; what every command needs is left out."""
    costs: list[Cost] = []
    for lists in (100, *SIZES):
        folder = tmp_path / f"{lists}"
        folder.mkdir()
        costs.append(cost(made_up(lists, folder), folder))
    base, *others = costs
    smallest = others[0]
    for each in others:
        assert each.memory < MEMORY
        assert each.importing + each.compiling < LONGEST * 2, each
        growth = (each.megabytes - base.megabytes) / (
            smallest.megabytes - base.megabytes
        )
        for kind in ("importing", "compiling", "memory"):
            first, more = (
                getattr(one, kind) - getattr(base, kind) for one in (smallest, each)
            )
            assert more < first * growth * NOISE, (kind, costs)
