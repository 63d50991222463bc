"""The decisions about real documents, against what was judged by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.importers.coverage_openapi import corpus, measured
from tests.importers.held_out import MODULES, WHEELS, held_out

BAR = 0.9
WHOLE = "GEN_CONNECTOR_WHOLE" in os.environ
LONGEST = 60.0
"""Seconds of one document, import and compilation."""


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
        assert not one.errors and one.seconds < LONGEST, one
    if sheet == "held_out.txt":
        wanted = sum(map(len, (*WHEELS.values(), *MODULES.values())))
        if len(documents) < wanted:
            pytest.skip(f"{wanted - len(documents)} documents are not to be had here")
