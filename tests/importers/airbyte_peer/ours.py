"""Reads a generated package in a process of its own: a job as a line of JSON in, records out."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

_SECONDS = 60
_MORE = 3
"""For each stream, where there are many: 77 streams took longer on a busy machine."""


def _read(job: dict[str, Any], results: Connection) -> None:
    done: dict[str, Any] = {"records": {}, "errors": {}, "error": ""}
    wait: Callable[[float], None] = time.sleep
    time.sleep = lambda seconds: wait(min(seconds, 0.02))
    try:
        sys.path.insert(0, job["folder"])
        module: Any = importlib.import_module(job["package"])
        names: list[str] = module.__all__
        for name in job["resources"]:
            try:
                done["records"][name] = list(_rows(module, names, name, job["values"]))
            except Exception as error:
                cause = error.__cause__ or error.__context__ or error
                done["errors"][name] = f"{type(cause).__name__}: {cause}"[:400]
    except BaseException as error:
        done["error"] = f"{type(error).__name__}: {error}"[:400]
    results.send(json.dumps(done, default=str))
    results.close()


def _rows(
    module: Any, names: list[str], name: str, values: dict[str, Any]
) -> list[Any]:
    make = getattr(module, next(n for n in names if n.endswith("_source")))
    given = inspect.signature(make).parameters
    # A name that the client has itself ends with a line.
    arguments = {
        argument: _typed(value, str(given[argument].annotation))
        for key, value in values.items()
        if (argument := f"{key}_" if f"{key}_" in given else key) in given
    }
    kind = next((n for n in names if n.endswith("Credentials")), "")
    if kind:
        credentials = getattr(module, kind)
        wanted = inspect.signature(credentials).parameters
        secrets = {k: str(values.get(k, "")) for k, p in wanted.items()}
        arguments["credentials"] = credentials(**secrets)
    source = make(**arguments)
    found: list[Any] = []
    for item in source.with_resources(name):
        rows = item.to_pylist() if hasattr(item, "to_pylist") else item
        found.extend(rows if isinstance(rows, list) else [rows])
    return found


def _typed(value: Any, wanted: str) -> Any:
    """A number as text where the argument is text: dlt's configuration does so."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and wanted.startswith("str") else value


def main() -> None:
    import dlt  # noqa: F401

    logging.disable(logging.CRITICAL)
    context = multiprocessing.get_context("fork")
    for line in sys.stdin:
        job = json.loads(line)
        mine, its = context.Pipe(False)
        process = context.Process(target=_read, args=(job, its), daemon=True)
        process.start()
        its.close()
        answer = json.dumps({"records": {}, "errors": {}, "error": "no end in time"})
        try:
            if mine.poll(_SECONDS + _MORE * len(job["resources"])):
                answer = mine.recv()
        except EOFError:
            answer = json.dumps({"records": {}, "errors": {}, "error": "it died"})
        process.kill()
        process.join()
        assert sys.__stdout__ is not None
        sys.__stdout__.write(answer + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    sys.stdout = sys.stderr
    main()
