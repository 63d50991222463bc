"""`make demo` does what it says: every record of the practice API is in the tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_demo_shows_its_tables() -> None:
    done = subprocess.run(
        [sys.executable, "docs/demo/run.py"],
        cwd=ROOT,
        # The encoding of a terminal that knows no lines for tables.
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("organizations", "agents", "tickets"):
        assert f"{name}: 180 rows" in done.stdout
    assert "company_name" in done.stdout
    assert "Every record that the API holds is there." in done.stdout
