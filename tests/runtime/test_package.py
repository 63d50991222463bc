"""What the runtime imports, and that each file can be read in one sitting."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PACKAGE

FILES = sorted((PACKAGE / "_runtime").glob("*.py"))
OF_THE_SOURCE = {
    "arrow_tables.py",
    "books.py",
    "columnar.py",
    "configured.py",
    "layout.py",
    "leftovers.py",
    "loading_credentials.py",
    "rejects.py",
    "replaying.py",
    "running.py",
    "windows.py",
}
"""Files that only source.py imports, which imports dlt itself."""
ALLOWED = {"certifi", "pydantic", "pydantic_core", "urllib3"} | set(
    sys.stdlib_module_names
)
OPTIONAL = {"auth_jwt.py": {"cryptography"}}
"""What a file imports when it is needed, with an error that says what to install."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_imports(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        allowed = ALLOWED | (
            {"dlt", "pendulum"} if path.name in OF_THE_SOURCE else set()
        )
        allowed |= OPTIONAL.get(path.name, set()) if node.col_offset else set()
        assert {name.partition(".")[0] for name in names} <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_size(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, _runtime.reading, _runtime.auth_refresh_token\n"
        "print({'dlt', 'requests', 'tenacity', 'orjson'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "set()"
