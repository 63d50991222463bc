"""Connectors made from YAML in the tests, imported once each, and an API for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.scripted import Api, serving
from tests.support import imported, part

Make = Callable[[str], ModuleType]
Client = Callable[..., Any]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """The package of a spec; the same text is compiled once a module."""
    made: dict[str, ModuleType] = {}

    def make(text: str) -> ModuleType:
        if text not in made:
            folder = tmp_path_factory.mktemp("spec")
            path = folder / "things.yaml"
            path.write_text(text)
            made[text] = imported(path, folder)
        return made[text]

    return make


@pytest.fixture
def client(package: Make, api: Api) -> Client:
    """The client of a spec for the scripted API; `credentials` are given as a mapping."""

    def make(text: str, **arguments: Any) -> Any:
        module = package(text)
        credentials = arguments.pop("credentials", None)
        given = (
            [] if credentials is None else [part(module, "Credentials")(**credentials)]
        )
        return part(module, "Client")(*given, base_url=api.url, **arguments)

    return make


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a pipeline keeps its files; dlt reads no settings of this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
