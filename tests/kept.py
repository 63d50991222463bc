"""Keeps every package that the tests compile, and type-checks all of them: `make types-all`."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from generator import output, pipeline
from generator.package import Package

ROOT = Path(__file__).parent.parent
VARIABLE = "GEN_CONNECTOR_KEPT"
"""Names the folder; read by conftest.py."""

BATCH = 400
"""As many packages are checked at once: all of them need more memory than 2 GB."""

_RUNTIME_IMPORT = re.compile(r"^from \._runtime\.(\w+) import ", re.MULTILINE)
_SILENCED = re.compile(r"type: *ignore|pyright: *ignore")
_TYPED = ("__init__.py", "client.py", "paginators.py", "shaping.py")
"""Where `Any` has no place. Models have it where the schema gives no type."""
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+")
_SETTINGS = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}


def keep_in(folder: Path) -> None:
    """From now on each package that this process compiles is also written to `folder`."""
    generate = pipeline.generate

    def generate_and_keep(*arguments: Any, **named: Any) -> Package:
        package = generate(*arguments, **named)
        keep(package, folder)
        return package

    pipeline.generate = generate_and_keep


def keep(package: Package, folder: Path) -> None:
    """Writes the package below a name of its own, unless one of the same code is there."""
    place = folder / f"{package.name}_{_content(package)}"
    if not place.exists():
        output.write(place, package)


def _content(package: Package) -> str:
    """What tells packages apart: their code, but not the port of a server of one run."""
    code = {path: text for path, text in package.files.items() if path.endswith(".py")}
    text = json.dumps([package.name, code, package.hooks_module], sort_keys=True)
    return hashlib.sha256(_PORT.sub("0", text).encode()).hexdigest()[:16]


def gather(packages: Iterable[Path], folder: Path) -> None:
    """Makes one package of packages, each in a folder of its own.

    The files of `_runtime` are the same in every package, so one copy of them is checked,
    and is imported from one level up. Raises ValueError where that is not so.
    """
    shared: dict[str, str] = {}
    for package in packages:
        runtime = _texts(package / "_runtime")
        for name, text in runtime.items():
            if shared.setdefault(name, text) != text:
                raise ValueError(f"another {name} in {package}")
        code = _texts(package)
        for text in code.values():
            needed = {f"{name}.py" for name in _RUNTIME_IMPORT.findall(text)}
            if lacking := needed - runtime.keys():
                raise ValueError(f"{package} lacks {sorted(lacking)}")
        _write(
            folder / package.parent.name,
            {
                name: _RUNTIME_IMPORT.sub(r"from .._runtime.\1 import ", text)
                for name, text in code.items()
            },
        )
    _write(folder / "_runtime", shared)
    _write(folder, {"__init__.py": ""})


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.py")}


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def errors(folder: Path) -> list[str]:
    """What is wrong with the types of the package that `gather` made."""
    (folder.parent / "pyrightconfig.json").write_text(json.dumps(_SETTINGS))
    return [
        *_evasions(folder),
        *_said(folder, "mypy", "--strict", "--python-version", "3.11"),
        *_said(folder, "basedpyright", "--pythonpath", sys.executable),
    ]


def _evasions(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*/*.py")):
        if path.parent.name != "_runtime":
            text = path.read_text("utf-8")
            if _SILENCED.search(text) and any(map(_SILENCED.search, _comments(text))):
                yield f"{path}: error: silences a checker"
            if path.name in _TYPED and any(map(_is_any, ast.walk(ast.parse(text)))):
                yield f"{path}: error: Any"


def _comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _is_any(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("Any", "cast")


def _said(folder: Path, *command: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", *command, folder.name],
        cwd=folder.parent,
        capture_output=True,
        text=True,
    )
    found = [
        f"{command[0]}: {line.strip()}"
        for line in done.stdout.splitlines()
        if "error: " in line or " - error" in line
    ]
    # 1 means that there are errors, more that it did not come to an end.
    if done.returncode not in (0, 1) or (done.returncode == 1) != bool(found):
        raise RuntimeError(f"{command[0]}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
    return found


def main(arguments: Sequence[str]) -> int:
    """Runs the tests, all of them unless some are named, and checks what they compiled."""
    kept, gathered = ROOT / "build" / "kept", ROOT / "build" / "types"
    for folder in (kept, gathered):
        shutil.rmtree(folder, ignore_errors=True)
    # What breaks the generator on purpose makes nothing to keep.
    ignored = "--ignore=tests/hostile/test_judge.py"
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", ignored, *arguments],
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(kept)},
    ).returncode
    packages = sorted(place for each in kept.glob("*") for place in each.iterdir())
    number = 0
    for start in range(0, len(packages), BATCH):
        batch = gathered / f"from_{start}"
        gather(packages[start : start + BATCH], batch)
        found = errors(batch)
        number += len(found)
        print(*found, sep="\n", end="\n" if found else "", flush=True)
    print(f"{len(packages)} packages, {number} errors of types")
    if tests:
        print("Tests failed, so there may be packages that were not made.")
    return 1 if tests or number or not packages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
