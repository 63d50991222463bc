"""Every config, alone and in pairs: the rows and the requests of dlt and of the connector."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential import configs_client, configs_requests
from tests.differential.harness import Case, check
from tests.differential.server import Shop

CASES = [*configs_client.CASES, *configs_requests.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_rows(case: Case, shop: Shop, packages: Path) -> None:
    check(case, shop, packages)
