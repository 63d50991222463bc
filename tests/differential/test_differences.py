"""The listed differences: each with what dlt does, so that a fix in dlt is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.configs_differences import CASES
from tests.differential.harness import Case, check
from tests.differential.server import Shop


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_differs_as_listed(case: Case, shop: Shop, packages: Path) -> None:
    check(case, shop, packages)
