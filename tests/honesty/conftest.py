"""The connector of all specs, and the server of all behaviours: made once."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.support import imported

from .server import Stage, stage
from .specs import text


@pytest.fixture(scope="session")
def connector(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("honesty")
    spec = folder / "honesty.yaml"
    spec.write_text(text())
    return imported(spec, folder)


@pytest.fixture(scope="session")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The same connector, which may send several requests at once."""
    folder = tmp_path_factory.mktemp("ahead")
    spec = folder / "honesty.yaml"
    spec.write_text(text(at_once=4))
    return imported(spec, folder)


@pytest.fixture(scope="session")
def playing() -> Iterator[Stage]:
    with stage() as running:
        yield running


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
