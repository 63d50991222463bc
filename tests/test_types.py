"""mypy and pyright, both strict: nothing to say of our code, and every slip of a user found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GENERATED = ROOT / "generated"
CONSUMER = "tests/consumer/uses.py"
CHECKED = [
    "generator",
    "templates/package/_runtime",
    *sorted(f"generated/{path.parent.name}" for path in GENERATED.glob("*/py.typed")),
    CONSUMER,
]

Finding = tuple[str, int]
"""File relative to the root, and line."""


def mypy() -> tuple[set[Finding], str]:
    done = checker("mypy", "--strict", "--no-error-summary", "--output", "json")
    errors = [json.loads(line) for line in done.splitlines()]
    return {
        (each["file"], each["line"]) for each in errors if each["severity"] == "error"
    }, done


def pyright() -> tuple[set[Finding], str]:
    done = checker("basedpyright", "--pythonpath", sys.executable, "--outputjson")
    errors = json.loads(done)["generalDiagnostics"]
    return {
        (
            Path(each["file"]).relative_to(ROOT).as_posix(),
            each["range"]["start"]["line"] + 1,
        )
        for each in errors
        if each["severity"] == "error"
    }, done


def checker(name: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", name, *options, *CHECKED],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": "generated"},
        capture_output=True,
        text=True,
    )
    # 1 means that there are errors, more that it did not come to an end.
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def marked() -> set[Finding]:
    """The lines that are wrong on purpose."""
    lines = (ROOT / CONSUMER).read_text(encoding="utf-8").splitlines()
    found = {
        (CONSUMER, number)
        for number, line in enumerate(lines, 1)
        if "# wrong: " in line
    }
    assert len(found) > 10
    return found


@pytest.mark.slow
@pytest.mark.parametrize("check", [mypy, pyright])
def test_only_the_slips_of_the_consumer_are_refused(
    check: Callable[[], tuple[set[Finding], str]],
) -> None:
    found, output = check()
    assert found == marked(), output


def test_generated_packages_silence_no_checker() -> None:
    for path in GENERATED.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"type: *ignore|pyright: *ignore|\bcast\(", text), path


def test_every_spec_has_its_package() -> None:
    specs = {path.stem for path in (ROOT / "specs").glob("*.yaml")}
    assert specs == {path.parent.name for path in GENERATED.glob("*/py.typed")}
