"""The five seeds' own configs: compiled as they stand, type-checked, loaded whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from generator.practice import Options, PracticeServer
from generator.spec import Spec
from tests.support import compiled, imported, run, source_of, table

SEEDS = sorted((Path(__file__).parent / "seeds").glob("*.yaml"))


def test_all_five_are_here() -> None:
    assert len(SEEDS) == 5


def test_what_they_compile_to_is_typed(tmp_path: Path) -> None:
    for seed in SEEDS:
        compiled(seed, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_every_record_is_loaded(seed: Path, tmp_path: Path) -> None:
    raw = yaml.safe_load(seed.read_text(encoding="utf-8"))
    options = Options(records=120)
    with PracticeServer(Spec.model_validate(raw), raw, options) as api:
        module = imported(seed, tmp_path)
        credentials = dict(api.credentials)
        source = source_of(
            module, api.url, token_url=api.token_url, credentials=credentials
        )
        pipeline = run(source, tmp_path)
        for resource, records in api.records.items():
            assert len(records) > 1
            loaded = {row["id"] for row in table(pipeline, resource)}
            assert loaded == {record["id"] for record in records}, resource
