"""mypy and pyright, both strict, over the whole package of every golden spec that compiles."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generator import pipeline
from tests.test_goldens import CASES, Case


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for case in map(Case, CASES):
        if case.wanted:
            package = pipeline.compile_spec(case.folder / "spec.yaml")
            for name, text in package.files.items():
                path = folder / package.name / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", "--python-version", "3.11"],
        ["basedpyright", "--pythonpath", sys.executable],
    ],
    ids=lambda command: command[0],
)
def test_golden_packages_are_typed(packages: Path, command: list[str]) -> None:
    names = sorted(path.parent.name for path in packages.glob("*/py.typed"))
    done = subprocess.run(
        [sys.executable, "-m", *command, *names],
        cwd=packages,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
