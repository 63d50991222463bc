"""Configs of the seeds' kind, written by others: 95 of 100 compile, the others say why not."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from generator import output, pipeline
from generator.diagnostics import Diagnostic, SpecError
from generator.package import Package

FOLDER = Path(os.environ.get("GEN_CONNECTOR_CORPUS", "-")) / "seed_dialect"
CONFIGS = sorted(FOLDER.glob("*.json"))
WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
"""Type-check everything (`make dialect`), not every seventh config."""

pytestmark = pytest.mark.skipif(
    not CONFIGS, reason="138 configs skipped: GEN_CONNECTOR_CORPUS is not set"
)


@cache
def outcome(path: Path) -> Package | tuple[Diagnostic, ...]:
    try:
        return pipeline.compile_spec(path)
    except SpecError as error:
        return error.diagnostics


def test_nearly_all_compile() -> None:
    failed = [path.name for path in CONFIGS if not isinstance(outcome(path), Package)]
    assert len(failed) <= 0.05 * len(CONFIGS), failed


def test_the_others_get_positions_and_words() -> None:
    for path in CONFIGS:
        found = outcome(path)
        if not isinstance(found, Package):
            errors = [each for each in found if each.severity == "error"]
            assert errors
            assert all(each.location.line and each.location.column for each in errors)


def test_what_they_compile_to_is_typed(tmp_path: Path) -> None:
    chosen = CONFIGS if WHOLE else CONFIGS[::7]
    for path in chosen:
        found = outcome(path)
        if isinstance(found, Package):
            output.write(tmp_path, found)
    checkers = (
        ["mypy", "--strict", "."],
        ["basedpyright", "--pythonpath", sys.executable, "--level", "error", "."],
    )
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    for checker in checkers:
        done = subprocess.run(
            [sys.executable, "-m", *checker],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-5000:]
