"""The decisions about real documents, against what was judged by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.importers.coverage_openapi import corpus, measured
from tests.importers.held_out import MODULES, WHEELS, held_out

BAR = 0.9
WHOLE = "GEN_CONNECTOR_WHOLE" in os.environ
MEMORY = 1024
"""MiB of the largest document."""
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


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="`make coverage`")
def test_the_largest_document_needs_little_memory(tmp_path: Path) -> None:
    largest = max([*held_out(), *corpus()], key=lambda each: each.stat().st_size)
    if largest.name != "github.json":
        pytest.skip("github.json (13 MB) is not to be had here")
    spec = tmp_path / "spec.yaml"
    for words in (
        ["import", "openapi", str(largest), "-o", str(spec)],
        [str(spec), "--output", str(tmp_path / "out")],
    ):
        command = [sys.executable, "-m", "generator", *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert used.ru_maxrss / 1024 < MEMORY
