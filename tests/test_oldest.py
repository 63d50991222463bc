"""Versions of dlt and pydantic that are promised: the oldest ones, and those that get Arrow tables."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import dlt
import pytest

from generator import pipeline
from tests.peers.applications import attempt, cache_folder, install
from tests.support import ROOT
from tests.test_systems import server

WHOLE = pytest.mark.skipif(
    not os.environ.get("GEN_CONNECTOR_WHOLE"), reason="run by make compat"
)
COLUMNAR = ("1.29.1", "1.30.0")
"""dlt besides the installed one that Arrow tables are made with, a version of each minor."""
OLDEST = ("dlt[duckdb]==1.20.0", "pydantic==2.11.0", "duckdb<1.5")

SCRIPT = """
import json, sys, dlt, pydantic
assert (dlt.__version__, pydantic.VERSION) == ("1.20.0", "2.11.0")
folder, packages, url, token_url, credentials = sys.argv[1:]
sys.path.insert(0, packages)
from tickets import TicketsCredentials, tickets_source
pipeline = dlt.pipeline(
    "oldest", destination=dlt.destinations.duckdb(folder + "/oldest.duckdb"),
    dataset_name="data", pipelines_dir=folder,
)
given = TicketsCredentials(**json.loads(credentials))
pipeline.run(tickets_source(base_url=url, token_url=token_url, credentials=given))
print(json.dumps(pipeline.last_trace.last_normalize_info.row_counts))
"""


@WHOLE
def test_the_oldest_versions_load_every_row(tmp_path: Path) -> None:
    folder = (
        cache_folder() / f"oldest-{sys.version_info.major}.{sys.version_info.minor}"
    )
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        install(OLDEST[0], folder)
        install(OLDEST[1], folder)
        install(OLDEST[2], folder)
        (folder / "ready").touch()
    with server("tickets", records=120) as api:
        done = subprocess.run(
            [
                str(python),
                "-c",
                SCRIPT,
                str(tmp_path),
                str(ROOT / "generated"),
                api.url,
                api.token_url,
                json.dumps(api.credentials),
            ],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        counts = json.loads(done.stdout.strip().splitlines()[-1])
        for resource, records in api.records.items():
            assert counts[resource] == len(records)


@WHOLE
@pytest.mark.parametrize("version", COLUMNAR)
def test_arrow_tables_equal_those_of_dicts(version: str) -> None:
    """The tests of equality, with another dlt in front of the installed one."""
    folder = cache_folder() / f"dlt-{version}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    if not (folder / "ready").exists():
        attempt([*pip, "--target", str(folder), f"dlt=={version}"], f"dlt {version}")
        (folder / "ready").touch()
    path = os.pathsep.join([str(folder), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "GEN_CONNECTOR_WHOLE": ""}
    suite = ["tests/equality/test_shapes.py", "tests/equality/test_specs.py"]
    check = f"import dlt, pytest, sys; assert dlt.__version__ == {version!r};"
    run = f"sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', *{suite}]))"
    done = subprocess.run(
        [sys.executable, "-c", check + run],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def test_each_minor_version_that_gets_arrow_tables_is_tested() -> None:
    text = (ROOT / "templates/package/_runtime/columnar.py").read_text()
    found = re.search(r"^TESTED = \((\d+), (\d+)\), \((\d+), (\d+)\)$", text, re.M)
    assert found is not None
    major, first, same, last = map(int, found.groups())
    assert major == same
    tested = [each.rpartition(".")[0] for each in (*COLUMNAR, dlt.__version__)]
    assert tested == [f"{major}.{minor}" for minor in range(first, last + 1)]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("primary_key: id", "1.20"),
        (
            "primary_key: id, "
            "write_disposition: { disposition: merge, strategy: insert-only }",
            "1.24",
        ),
        (
            "primary_key: id, endpoint: { incremental: { cursor_path: at, "
            'initial_value: "2024-01-01", allow_external_schedulers: true } }',
            "1.26",
        ),
    ],
)
def test_the_readme_names_the_oldest_dlt(
    text: str, version: str, tmp_path: Path
) -> None:
    path = tmp_path / "shop.yaml"
    base = "connector: shop\nclient: { base_url: https://api.example.com }\n"
    path.write_text(f"{base}resources:\n  - {{ name: things, {text} }}\n")
    readme = pipeline.compile_spec(path).files["README.md"]
    assert f" and dlt {version} or later" in readme
