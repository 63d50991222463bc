"""Runs a program, kills it at a moment, and starts it again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child.py")
LIMIT = 600
"""Seconds that a run may take on a busy machine."""


@dataclass(frozen=True)
class Kill:
    """When a run is killed: `seconds` after it began, or before one of its operations."""

    seconds: float | None = None
    part: int = 0
    operation: int = 0
    pattern: str = ""


NEVER = Kill()
DATABASE = "database/shop.duckdb"
"""Below a child's folder."""


@dataclass
class Run:
    """What became of a process."""

    killed: bool
    code: int
    seconds: float
    error: str
    parts: list[str] = field(default_factory=list[str])
    """`extract`, `normalize`, `load`, and `between` before, after and between them."""
    operations: list[list[str]] = field(default_factory=list[list[str]])
    """Of each part: what was done in the folder."""

    @property
    def fell(self) -> str:
        """Where it ended."""
        done = [each for part in self.operations for each in part]
        return f"part {len(self.parts)} ({self.parts[-1]}), after {''.join(done[-1:])}"


def command(order: dict[str, Any], kill: Kill = NEVER) -> list[str]:
    """What starts a child; its folder is there afterwards."""
    (Path(order["folder"]) / "database").mkdir(parents=True, exist_ok=True)
    told = {**order, "die_at": (kill.part, kill.operation, kill.pattern)}
    return [sys.executable, str(CHILD), json.dumps(told)]


def environment(order: dict[str, Any]) -> dict[str, str]:
    """What of the machine's settings a child sees."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "DLT_DATA_DIR": order["folder"],
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        **order.get("settings", {}),
    }


def started(order: dict[str, Any], kill: Kill = NEVER) -> Run:
    """Runs the child to its end, or to the moment at which it is killed."""
    words = command(order, kill)
    folder = Path(order["folder"])
    said, errors = folder / "stdout", folder / "stderr"
    with open(said, "wb") as output, open(errors, "wb") as error:
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment(order),
            stdout=output,
            stderr=error,
        )
        try:
            while process.poll() is None and not said.stat().st_size:
                time.sleep(0.002)
            begun = time.monotonic()
            process.wait(LIMIT if kill.seconds is None else kill.seconds)
        except subprocess.TimeoutExpired:
            if kill.seconds is None:
                raise
        finally:
            process.kill()
            process.wait()
        seconds = time.monotonic() - begun
    lines = said.read_text(errors="replace").splitlines()
    text = errors.read_text(errors="replace")
    run = Run(process.returncode == -9, process.returncode, seconds, text)
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "part":
            run.parts.append(rest)
            run.operations.append([])
        elif word == "operation":
            run.operations[-1].append(rest)
    return run
