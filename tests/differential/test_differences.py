"""The listed differences: each with what dlt does, so that a fix in dlt is noticed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.differential import configs_suite
from tests.differential.configs_differences import CASES
from tests.differential.harness import Case, check
from tests.differential.server import Shop
from tests.support import ROOT


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_differs_as_listed(case: Case, shop: Shop, packages: Path) -> None:
    check(case, shop, packages)


def test_every_difference_is_documented() -> None:
    """By its number; a difference without one is told there in words."""
    text = (ROOT / "docs" / "differences-from-dlt.md").read_text()
    told = set(re.findall(r"\bD\d+\b", text))
    shown = {case.difference for case in (*CASES, *configs_suite.CASES)}
    assert {each for each in shown if re.fullmatch(r"D\d+", each)} <= told
