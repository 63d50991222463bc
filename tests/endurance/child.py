"""One load, as a user's program runs it: says which step it is in, and dies where it is told.

A script of its own, which imports dlt and the package and nothing else of the tests.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import dlt
from dlt.common.runtime.collector import NullCollector

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree")


def say(*words: object) -> None:
    """A line that is out at once, whatever happens next."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Operations:
    """Counts what Python changes in a folder: files opened to write, renamed, removed, made.

    The count starts anew with each step of dlt, and between two steps. Before operation
    `number` of part `part` of the run, or before the first one whose text `pattern`
    finds, the process ends as with `kill -9`.
    """

    def __init__(self, folder: Path, part: int, number: int, pattern: str) -> None:
        self.part = self.count = 0
        self.step = ""
        self._folder = str(folder)
        self._at = (part, number)
        self._pattern = re.compile(pattern) if pattern else None
        sys.addaudithook(self._hook)

    def begin(self, step: str) -> None:
        say("part", step)
        self.step = step
        self.part += 1
        self.count = 0

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            changes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        else:
            path = arguments[0] if arguments else ""
            changes = event in CHANGES
        if not changes or not str(path).startswith(self._folder):
            return
        paths = arguments[:2] if event == "os.rename" else (path,)
        shown = " to ".join(os.path.relpath(each, self._folder) for each in paths)
        text = f"{self.part} {self.step}: {event} {shown}"
        self.count += 1
        say("operation", text)
        fits = self._pattern and self._pattern.search(text)
        if fits or (self.part, self.count) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class Steps(NullCollector):
    """Tells of the steps of dlt."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def _start(self, step: str) -> None:
        self._operations.begin(step.split(" ")[0].lower())

    def _stop(self) -> None:
        self._operations.begin("between")


def main(order: dict[str, Any]) -> None:
    """Loads as `order` says: `way` is `run`, `load` (by windows), or `dlt` (no connector)."""
    folder = Path(order["folder"])
    sys.path.insert(0, order["packages"])
    module = importlib.import_module(order["package"])
    source = getattr(module, f"{order['package']}_source")
    for name in ("duckdb", "pyarrow"):
        importlib.import_module(name)  # here, so that it is no part of the run
    columnar = importlib.import_module(f"{order['package']}._runtime.columnar")
    columnar.SMALLEST = order["smallest"]
    operations = Operations(folder, *order["die_at"])
    operations.begin("between")
    pipeline = dlt.pipeline(
        "crashing",
        destination=dlt.destinations.duckdb(str(folder / "database" / "shop.duckdb")),
        dataset_name="data",
        pipelines_dir=str(folder / "pipelines"),
        progress=Steps(operations),
    )
    arguments = {"base_url": order["url"], "resources": order["resources"]}
    if "credentials" in order:
        first, keep = module.token_file(folder / "refresh_token", "first")
        given = {**order["credentials"], "refresh_token": first}
        arguments["credentials"] = module.ShopCredentials(**given)
        arguments["on_rotated"] = keep
    if order["way"] == "dlt":
        pipeline.run(plain(order["rows"])).raise_on_failed_jobs()
    elif order["way"] == "load":
        module.load(pipeline, end=order["end"], **arguments)
    else:
        pipeline.run(source(**arguments)).raise_on_failed_jobs()
    say("end")


def plain(rows: list[dict[str, Any]]) -> list[Any]:
    """The same rows without a connector, as dlt's own resources."""
    return [
        dlt.resource(rows, name="audit", write_disposition="append"),
        dlt.resource(rows, name="agents", write_disposition="replace"),
        dlt.resource(rows, name="orders", write_disposition="merge", primary_key="id"),
    ]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
