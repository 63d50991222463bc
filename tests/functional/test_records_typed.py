"""mypy and pyright, both strict, over the packages that tests of records and hooks generate."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator import output, pipeline
from tests.functional import (
    test_decoders,
    test_hooks,
    test_records,
    test_request_expressions,
)

NAMES = """
connector: named
silence: [no-auth, no-data-selector, no-paginator]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, write_disposition: merge }
resources:
  - name: date
    schema: { type: object, properties: { id: { type: integer }, at: { type: string, format: date } } }
    endpoint: { incremental: &at { cursor_path: at, start_param: from, end_param: to, window: P1D, initial_value: "2024-01-01" } }
  - name: datetime
    schema: { type: object, properties: { id: { type: integer }, at: { type: string, format: date-time } } }
    endpoint: { incremental: *at }
"""
"""Resources that are called as types are."""

NUMBERED = """
connector: numbered
silence: [no-data-selector, no-paginator]
client:
  base_url: https://api.example.com
  auth: { type: api_key, name: X-Key, api_key: 'dlt.secrets["text"]' }
resources:
  - name: events
    primary_key: id
    schema: { type: object, properties: { id: { type: integer }, at: { type: integer } } }
    endpoint:
      headers: { X-Copy: 'dlt.secrets["text"]' }
      incremental: { cursor_path: at, start_param: from, end_param: to, format: epoch, window: P1D, initial_value: 1 }
"""
"""Windows of a number, and a secret that is called as a helper is."""

SPECS = [
    NAMES,
    NUMBERED,
    test_decoders.SPEC,
    test_hooks.SPEC,
    test_records.SHAPED,
    test_records.CHILD.replace("shaped", "shaped_children"),
    test_records.SELECTORS,
    test_request_expressions.LISTED,
    test_request_expressions.SPEC,
]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for text in SPECS:
        match = re.search(r"connector: (\w+)", text)
        assert match
        path = folder / f"{match[1]}.yaml"
        path.write_text(text)
        output.write(folder, pipeline.compile_spec(path))
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
def test_packages_are_typed(packages: Path, command: list[str]) -> None:
    names = sorted(path.parent.name for path in packages.glob("*/py.typed"))
    assert len(names) == len(SPECS)
    done = subprocess.run(
        [sys.executable, "-m", *command, *names],
        cwd=packages,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
