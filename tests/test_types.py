"""mypy and pyright, both strict: nothing to say of our code, and every slip of a user found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Finding:
    file: str
    """Relative to the root."""
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def mypy() -> set[Finding]:
    done = checker("mypy", "--strict", "--no-error-summary", "--output", "json")
    return {
        Finding(each["file"], each["line"], each["message"])
        for each in map(json.loads, done.splitlines())
        if each["severity"] == "error"
    }


def pyright() -> set[Finding]:
    # The project is named, for else a settings file in a folder above would win.
    options = ["--project", ".", "--pythonpath", sys.executable, "--outputjson"]
    done = checker("basedpyright", *options)
    return {
        Finding(
            Path(each["file"]).relative_to(ROOT).as_posix(),
            each["range"]["start"]["line"] + 1,
            each["message"],
        )
        for each in json.loads(done)["generalDiagnostics"]
        if each["severity"] == "error"
    }


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


def wrong_lines() -> set[int]:
    """The lines of the consumer that are wrong on purpose."""
    lines = (ROOT / CONSUMER).read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if "# wrong: " in line}


@pytest.mark.slow
@pytest.mark.parametrize("check", [mypy, pyright])
def test_only_the_slips_of_the_consumer_are_refused(
    check: Callable[[], set[Finding]],
) -> None:
    wrong = wrong_lines()
    found = check()
    unwanted = sorted(
        str(each) for each in found if each.file != CONSUMER or each.line not in wrong
    )
    assert not unwanted, "\n".join(unwanted)
    assert {each.line for each in found} == wrong


def test_generated_packages_silence_no_checker() -> None:
    for path in GENERATED.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"type: *ignore|pyright: *ignore|(?<!\.)\bcast\(", text
        ), path


def test_every_spec_has_its_package() -> None:
    specs = {path.stem for path in (ROOT / "specs").glob("*.yaml")}
    assert specs == {path.parent.name for path in GENERATED.glob("*/py.typed")}
