"""`make types-all`: what is kept of the packages that tests compile, and that it is checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator import pipeline
from generator.package import Package
from tests import kept

SPEC = """
connector: {name}
client: {{ base_url: "{url}" }}
resources: [{resource}]
"""


def package(folder: Path, **values: str) -> Package:
    given = {"name": "shop", "url": "http://127.0.0.1:81", "resource": "a", **values}
    path = folder / "shop.yaml"
    path.write_text(SPEC.format_map(given))
    return pipeline.compile_spec(path)


def test_every_package_is_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Put back after the test.
    monkeypatch.setattr(pipeline, "generate", pipeline.generate)
    folder = tmp_path / "kept"
    kept.keep_in(folder)
    package(tmp_path)
    package(tmp_path, url="http://127.0.0.1:82")
    assert len(list(folder.iterdir())) == 1
    package(tmp_path, resource="b")
    package(tmp_path, name="store")
    made = sorted(each.name for each in folder.glob("*/*"))
    assert made == ["shop", "shop", "store"]


def test_an_import_of_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    made = package(tmp_path)
    files = {path: text for path, text in made.files.items() if "http.py" not in path}
    kept.keep(replace(made, files=files), tmp_path / "kept")
    with pytest.raises(ValueError, match=r"shop lacks \['http.py'\]"):
        kept.gather((tmp_path / "kept").glob("*/*"), tmp_path / "all")


def test_another_runtime_is_an_error(tmp_path: Path) -> None:
    made = package(tmp_path)
    files = {**made.files, "_runtime/http.py": "x = 1\n"}
    for each in (made, replace(made, files=files)):
        kept.keep(each, tmp_path / "kept")
    with pytest.raises(ValueError, match=r"another http.py"):
        kept.gather((tmp_path / "kept").glob("*/*"), tmp_path / "all")


@pytest.mark.slow
def test_errors_of_one_package_are_found(tmp_path: Path) -> None:
    made = package(tmp_path)
    client = made.files["client.py"] + "\n\ndef f(a: int) -> str:\n    return a\n"
    evasion = made.files["models.py"] + "\n\nx: Any = 1  # type: ignore\n"
    files = {**made.files, "client.py": client, "models.py": evasion}
    for each in (made, replace(made, files=files)):
        kept.keep(each, tmp_path / "kept")
    folder = tmp_path / "all"
    kept.gather((tmp_path / "kept").glob("*/*"), folder)
    found = kept.errors(folder)
    for start in ("mypy: ", "basedpyright: ", f"{folder}"):
        assert any(each.startswith(start) for each in found), found
    assert all("client.py" in each or "models.py" in each for each in found), found
