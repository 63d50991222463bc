"""Settings of the whole suite: how long property tests search, golden files, packages to keep."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.kept import VARIABLE, keep_in

# `make fuzz` and `make honesty`; else hypothesis decides, and repeats itself exactly where CI is set.
settings.register_profile("long", max_examples=20_000, deadline=None)

# Programs that tests interrupt would ignore it where the suite itself was started to.
signal.signal(signal.SIGINT, signal.default_int_handler)

# `make types-all`. Before any test module imports what is replaced.
if KEPT := os.environ.get(VARIABLE):
    keep_in(Path(KEPT).absolute())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite the golden files with what the compiler says now",
    )
