"""What an import and the compilation of its spec cost: CPU seconds and memory of the commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SIZES = (1_000, 2_000, 5_000)
"""Lists of the documents that are made up."""
_TYPES = ("string", "integer", "boolean", "number")


class Cost(NamedTuple):
    """What two commands took."""

    megabytes: float
    """Size of the document."""
    importing: float
    compiling: float
    """Both in CPU seconds."""
    memory: float
    """MiB, at most."""


def cost(document: Path, folder: Path) -> Cost:
    """Imports a document and compiles its spec, each by the command line."""
    spec = folder / "spec.yaml"
    first, used = _run("import", "openapi", str(document), "-o", str(spec))
    second, more = _run(str(spec), "--output", str(folder / "out"))
    size = document.stat().st_size / 1e6
    return Cost(size, first, second, max(used, more))


_LAUNCH = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(done.returncode)
"""
"""By a small process: what a child needs counts from the size of its parent on."""


def _run(*words: str) -> tuple[float, float]:
    command = [sys.executable, "-c", _LAUNCH, sys.executable, "-m", "generator", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def made_up(lists: int, folder: Path) -> Path:
    """A document with that many lists, each with a record of ten fields of its own."""
    schemas = {f"Thing{n}": _record(n) for n in range(lists)}
    whole = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
        "paths": {f"/v1/things{n}": {"get": _list(n)} for n in range(lists)},
    }
    path = folder / f"things_{lists}.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def _record(number: int) -> dict[str, object]:
    fields = {
        f"field_{number}_{n}": {"type": _TYPES[n % 4], "description": f"Number {n}"}
        for n in range(8)
    }
    known = {"id": {"type": "integer"}, "name": {"type": "string"}}
    return {"type": "object", "required": ["id"], "properties": {**known, **fields}}


def _list(number: int) -> dict[str, object]:
    records = {
        "type": "array",
        "items": {"$ref": f"#/components/schemas/Thing{number}"},
    }
    answer = {"type": "object", "properties": {"data": records}}
    sizes = (("page", {"minimum": 1}), ("limit", {"maximum": 100}))
    return {
        "operationId": f"listThings{number}",
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "integer", **bound}}
            for name, bound in sizes
        ],
        "responses": {
            "200": {
                "description": "Things",
                "content": {"application/json": {"schema": answer}},
            }
        },
    }
