"""Same spec, same bytes: whatever the hash seed, the folder, the locale and the time zone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import black
import pytest

from tests.support import ROOT, SPECS

ENVIRONMENTS: dict[str, Mapping[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "C locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
    "far away": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def generated(folder: Path, variables: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """What the command line makes of the five specs, in another environment."""
    names = [os.path.relpath(path, cwd) for path in sorted(SPECS.glob("*.yaml"))]
    subprocess.run(
        [sys.executable, "-m", "generator", *names, "-o", str(folder)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        check=True,
        capture_output=True,
    )
    return digests(folder)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_committed_packages_come_out_everywhere(name: str, tmp_path: Path) -> None:
    made = generated(tmp_path / "out", ENVIRONMENTS[name], tmp_path)
    assert made == digests(ROOT / "generated")


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    first = generated(tmp_path / "out", {}, ROOT)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.py")}
    assert generated(tmp_path / "out", {}, tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_black_would_change_nothing() -> None:
    mode = black.Mode(target_versions={black.TargetVersion.PY311})
    for path in sorted((ROOT / "generated").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not text or black.format_str(text, mode=mode) == text, path
