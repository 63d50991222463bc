"""Golden files: what the compiler makes of a spec, or says about it; `--update` rewrites them.

A case is a folder with a `spec.yaml`. Its first line says what the case shows. A second line
`# package: client.py ...` names the files of the package that are kept (`all` for every file);
what is said about the spec is in `diagnostics.txt`.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import black
import pytest

from generator import diagnostics, pipeline
from generator.diagnostics import SpecError
from generator.rendering import RUNTIME
from generator.silence import WARNINGS

FOLDER = Path(__file__).parent / "goldens"
CASES = sorted(path.parent for path in FOLDER.glob("*/spec.yaml"))
PACKAGES = "# package: "
COPIED = "runtime.txt"
"""Stands for the files of the runtime that are copied as they are: their names."""


@dataclass(frozen=True)
class Case:
    """A golden case on disk; paths are relative to its folder."""

    folder: Path

    @property
    def wanted(self) -> set[str]:
        """The files of the package that the case keeps."""
        second = (self.folder / "spec.yaml").read_text("utf-8").splitlines()[1]
        return set(second.removeprefix(PACKAGES).split() if PACKAGES in second else ())

    def made(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """What the compiler gives now, as the files of the case."""
        # Messages name the spec as it was given on the command line.
        monkeypatch.chdir(self.folder)
        files: dict[str, str] = {}
        try:
            package = pipeline.compile_spec(Path("spec.yaml"))
        except SpecError as error:
            said = diagnostics.render(error.diagnostics, error.sources)
        else:
            said = diagnostics.render(package.warnings, package.sources)
            files = self._kept(package.files)
        if said:
            files["diagnostics.txt"] = said
        return files

    def _kept(self, files: Mapping[str, str]) -> dict[str, str]:
        copied = sorted(name for name in files if name.startswith(RUNTIME))
        own = {name: text for name, text in files.items() if name not in copied}
        own[COPIED] = "".join(f"{name}\n" for name in copied)
        wanted = set(own) if "all" in self.wanted else self.wanted
        assert wanted <= set(own), f"no such file: {wanted - set(own)}"
        return {f"package/{name}": own[name] for name in wanted}

    def kept(self) -> dict[str, str]:
        """What is on disk."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_text("utf-8")
            for path in self.folder.rglob("*")
            if path.is_file() and not self._is_input(path)
        }

    def rewrite(self, files: dict[str, str]) -> None:
        shutil.rmtree(self.folder / "package", ignore_errors=True)
        (self.folder / "diagnostics.txt").unlink(missing_ok=True)
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def _is_input(self, path: Path) -> bool:
        name = path.relative_to(self.folder).as_posix()
        return name == "spec.yaml" or name.startswith("schemas/")


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_golden(
    folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(folder)
    made = case.made(monkeypatch)
    if request.config.getoption("--update"):
        case.rewrite(made)
    kept = case.kept()
    assert sorted(made) == sorted(kept)
    for name, text in made.items():
        assert text == kept[name], name


def test_every_case_says_what_it_shows() -> None:
    for folder in CASES:
        first = (folder / "spec.yaml").read_text("utf-8").splitlines()[0]
        assert first.startswith("# ") and first.endswith("."), folder.name


def test_every_warning_is_shown_and_can_be_silenced() -> None:
    shown: set[str] = set()
    silenced: set[str] = set()
    for folder in CASES:
        said = folder / "diagnostics.txt"
        text = said.read_text("utf-8") if said.exists() else ""
        shown |= {code for code in WARNINGS if f"warning[{code}]" in text}
        spec = (folder / "spec.yaml").read_text("utf-8")
        silenced |= {code for code in WARNINGS if "silence" in spec and code in spec}
    assert shown == WARNINGS
    assert silenced == WARNINGS


def python_files() -> list[Path]:
    return sorted(FOLDER.glob("*/package/*.py"))


@pytest.mark.parametrize(
    "path", python_files(), ids=lambda p: f"{p.parts[-3]}/{p.name}"
)
def test_generated_code_is_tidy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert black.format_str(text, mode=black.Mode()) == text
    tree = ast.parse(text)
    imported = {
        (each.asname or each.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    exported = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert imported - used - exported - {"annotations"} == set()
