"""The shapes of dlt's own tests, valid and invalid ones, through both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.configs_suite import CASES
from tests.differential.harness import Case, check
from tests.differential.server import Shop


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_in_dlts_tests(case: Case, shop: Shop, packages: Path) -> None:
    check(case, shop, packages)
