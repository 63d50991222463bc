"""Runs processes in turns, takes what they cost from the kernel, and checks their results."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.benchmarks.runtime.job import NOTE, Job
from tests.benchmarks.runtime.plan import WAYS, Run

ROOT = Path(__file__).parents[3]
HERE = "tests.benchmarks.runtime"
# ru_maxrss is in KiB on Linux and in bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
MEMORY_SHARE = 0.6
"""Of the machine's memory: a process that takes more is ended before it takes the machine."""


class Cost(NamedTuple):
    """What one process took."""

    cpu: float
    """User and system seconds since its work began, those of its children included."""
    process: float
    """The same since the process began: with Python's start and the imports."""
    wall: float
    """Seconds since its work began."""
    peak: float
    """MB, of the whole process."""
    read: float
    """MB, until dlt began to load; 0 where it does not."""


class Ended(NamedTuple):
    """A process that took too much memory."""

    gigabytes: float


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What all measured processes of one run of the benchmark share."""

    server: str
    """Its URL."""
    folder: Path
    """For everything that is written."""
    airbyte: Path | None
    """Python of the environment that has airbyte-cdk."""
    at_once: int = 1
    """Processes beside each other: more than one where times do not matter."""
    costs: dict[Run, list[Cost]] = field(default_factory=dict[Run, list[Cost]])
    ended: dict[Run, Ended] = field(default_factory=dict[Run, Ended])

    def measure(self, runs: Iterable[Run]) -> None:
        """Adds the cost of one process for each run; a wrong result ends it all."""
        wanted = [run for run in runs if run not in self.ended]
        # In order, so that the results are known before the databases are deleted.
        with ThreadPoolExecutor(self.at_once) as pool:
            results = list(pool.map(self._one, wanted))
        self._check(wanted, results)
        for run, result in zip(wanted, results, strict=True):
            if isinstance(result, Ended):
                self.ended[run] = result
            else:
                self.costs.setdefault(run, []).append(result)
            shutil.rmtree(self._place(run))

    def connector(self, run: Run) -> Path:
        """The folder of the package that reads pages of this size in this way."""
        return self.folder / "connectors" / f"{run.page}-{run.in_flight}"

    def tool(self, module: str, *arguments: str, given: str = "") -> str:
        """What a module prints that is run and not measured."""
        done = subprocess.run(
            [sys.executable, "-m", f"{HERE}.{module}", *arguments],
            input=given,
            env=_environment([ROOT]),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(done.stderr)
        return done.stdout

    def _place(self, run: Run) -> Path:
        return self.folder / "-".join(map(str, run))

    def _one(self, run: Run) -> Cost | Ended:
        way, folder = WAYS[run.way], self._place(run)
        folder.mkdir()
        python = str(self.airbyte if run.way == "airbyte" else sys.executable)
        if way.code:
            command = [python, "-c", way.code]
        else:
            url = f"{self.server}/{run.records}/{run.latency}"
            given = Job(run.way, url, run.page, folder)
            command = [python, "-m", f"{HERE}.{way.module}", *map(str, given)]
        path = [ROOT, self.connector(run), ROOT / "generated"]
        began, output = time.monotonic(), folder / "output.txt"
        with output.open("wb") as out, (folder / "errors.txt").open("wb") as errors:
            process = subprocess.Popen(
                command, cwd=folder, env=_environment(path), stdout=out, stderr=errors
            )
            with _limited(process.pid) as over:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        after = time.monotonic()
        if over:
            return Ended(over[0])
        if process.returncode:
            said = (folder / "errors.txt").read_text(errors="replace")[-3000:]
            sys.exit(f"{run} failed:\n{said}")
        note = folder / NOTE
        noted = json.loads(note.read_text()) if note.exists() else {}
        total = usage.ru_utime + usage.ru_stime
        return Cost(
            cpu=total - noted.get("cpu", 0),
            process=total,
            wall=after - noted.get("at", began),
            peak=usage.ru_maxrss * RSS_UNIT / 1e6,
            read=noted.get("read", 0) * RSS_UNIT / 1e6,
        )

    def _check(self, runs: list[Run], results: list[Cost | Ended]) -> None:
        databases: list[tuple[str, int, bool, bool]] = []
        for run, result in zip(runs, results, strict=True):
            way, folder = WAYS[run.way], self._place(run)
            job = Job(run.way, "", run.page, folder)
            if isinstance(result, Ended) or way.code:
                continue
            if way.loads:
                loaded = (str(job.database), run.records, way.tags, way.undeclared)
                databases.append(loaded)
            elif (read := self._records(run)) != run.records:
                sys.exit(f"{run}: read {read} records")
        if databases:
            faults = self.tool("check", given=json.dumps(databases))
            if faults:
                sys.exit(f"wrong result:\n{faults}")

    def _records(self, run: Run) -> int:
        folder = self._place(run)
        if run.way == "airbyte":
            with (folder / "output.txt").open("rb") as lines:
                return sum(line.startswith(b'{"type":"RECORD"') for line in lines)
        noted: dict[str, int] = json.loads((folder / NOTE).read_text())
        return noted["records"]


@contextmanager
def serving(records: int) -> Generator[str, None, None]:
    """The URL of a server that has so many records."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"{HERE}.server", str(records)],
        env=_environment([ROOT]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.communicate()


@contextmanager
def _limited(pid: int) -> Generator[list[float], None, None]:
    """Ends the process once it has too much memory, and then gives the GB it had."""
    over: list[float] = []
    finished = threading.Event()
    limit = psutil.virtual_memory().total * MEMORY_SHARE

    def watch() -> None:
        while not finished.wait(0.2):
            try:
                process = psutil.Process(pid)
                if (has := process.memory_info().rss) > limit:
                    over.append(has / 1e9)
                    process.kill()
                    return
            except psutil.NoSuchProcess:
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield over
    finally:
        finished.set()
        watcher.join()


def _environment(path: Iterable[Path]) -> dict[str, str]:
    """Python keeps what it compiles, as it does for users; nobody is told of the run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }
