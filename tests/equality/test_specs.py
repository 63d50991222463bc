"""The connectors of this repository load the same tables as Arrow and as dicts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.equality.loading import ALWAYS, NEVER, pictures
from tests.equality.picture import unlike
from tests.support import SPECS, imported, source_of
from tests.test_systems import SYSTEMS, server

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))


@pytest.mark.parametrize("name", SYSTEMS if WHOLE else ("tickets", "commerce"))
def test_same_tables(name: str, tmp_path: Path) -> None:
    """Two runs of two data sets: records change and go, and cursors are kept."""
    module = imported(SPECS / f"{name}.yaml", tmp_path)
    runs = []
    for way, size in (("plain", NEVER), ("arrow", ALWAYS)):
        with (
            server(name, records=40) as first,
            server(name, records=30, seed=1) as second,
        ):

            def source(run: int) -> Any:
                api = (first, second)[run]
                return source_of(
                    module,
                    api.url,
                    token_url=api.token_url,
                    credentials=api.credentials,
                )

            runs.append(pictures(module, source, [size, size], tmp_path / way))
    plain, arrow = runs
    for one, other in zip(plain, arrow, strict=True):
        assert [": ".join(each) for each in unlike(one, other)] == []
    assert arrow[0].columnar, "nothing was loaded as Arrow"
    assert not plain[0].columnar
