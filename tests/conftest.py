"""Settings of the whole suite: how long property tests search, and rewriting golden files."""

from __future__ import annotations

import pytest
from hypothesis import settings

# `make fuzz` and `make honesty`; else hypothesis decides, and repeats itself exactly where CI is set.
settings.register_profile("long", max_examples=20_000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite the golden files with what the compiler says now",
    )
