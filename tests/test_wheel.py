"""The wheel in an environment of its own: it generates in any folder, as the checkout does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from generator.package import MANIFEST, manifest_text
from generator.pipeline import compile_spec
from generator.templates import FOLDER

ROOT = Path(__file__).parent.parent
OFFLINE = (
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
)

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Output of a command that knows nothing of the checkout."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON")
    }
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode and any(sign in done.stdout for sign in OFFLINE):
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (made,) = folder.glob("gen_connector-*.whl")
    return made


def test_the_wheel_carries_the_templates_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tree = Path(FOLDER)
    templates = {
        path.relative_to(tree).as_posix()
        for path in tree.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    prefix = "generator/_templates/"
    assert {
        name.removeprefix(prefix) for name in names if name.startswith(prefix)
    } == templates
    assert "generator/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "generator",
        "gen_connector",
    }


def test_an_installed_generator_works_in_any_folder(
    wheel: Path, tmp_path: Path
) -> None:
    environment, folder = tmp_path / "environment", tmp_path / "elsewhere"
    run(sys.executable, "-m", "venv", environment, cwd=tmp_path)
    tools = environment / ("Scripts" if os.name == "nt" else "bin")
    run(tools / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    folder.mkdir()
    shutil.copy(ROOT / "specs" / "tickets.yaml", folder)

    run(tools / "gen-connector", "tickets.yaml", cwd=folder)

    package = compile_spec(folder / "tickets.yaml")
    assert contents(folder / "generated" / "tickets") == {
        **package.files,
        MANIFEST: manifest_text(package),
    }
    assert '"$schema"' in run(tools / "gen-connector", "schema", cwd=folder)


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
