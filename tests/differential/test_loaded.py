"""The same tables, columns, types and rows in DuckDB, after a first run and after a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.differential.configs_loaded import GROUPS
from tests.differential.harness import WHOLE, dlt_source, package
from tests.differential.loading import loaded, unlike
from tests.differential.server import Shop
from tests.support import part


@pytest.mark.parametrize("group", GROUPS)
def test_same_tables(group: str, shop: Shop, packages: Path, tmp_path: Path) -> None:
    cases = GROUPS[group] if WHOLE else GROUPS[group][::4]

    def from_dlt() -> dict[str, Any]:
        return {case.stem: dlt_source(case, shop) for case in cases}

    def from_connectors() -> dict[str, Any]:
        modules = {case.stem: package(case, shop, packages) for case in cases}
        return {name: part(module, "_source")() for name, module in modules.items()}

    theirs = loaded(from_dlt(), from_dlt(), shop, tmp_path / "theirs")
    ours = loaded(from_connectors(), from_connectors(), shop, tmp_path / "ours")
    differences = {
        f"{case.name}, day {day}": found
        for case in cases
        for day in (1, 2)
        if (found := unlike(theirs[case.stem][day - 1], ours[case.stem][day - 1]))
    }
    assert not differences
    empty = [name for name, days in theirs.items() if not all(days)]
    assert not empty, "nothing was loaded: the config shows nothing"
