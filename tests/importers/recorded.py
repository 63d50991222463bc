"""Recorded answers for tests: HAR files and JSON files of our own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.draft import Draft
from generator.importers.samples import read

BASE = "https://api.acme.com/v2"


def entry(
    path: str,
    answer: Any,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    sent: Mapping[str, str] | None = None,
    posted: Any = None,
    status: int = 200,
    kind: str = "application/json; charset=utf-8",
) -> dict[str, Any]:
    """An entry of a HAR file; `path` below BASE, or a whole URL."""
    request: dict[str, Any] = {
        "method": method,
        "url": path if "://" in path else BASE + path,
        "headers": _pairs(sent or {}),
    }
    if posted is not None:
        request["postData"] = {
            "mimeType": "application/json",
            "text": json.dumps(posted),
        }
    text = answer if isinstance(answer, str) else json.dumps(answer)
    content = {"mimeType": kind, "text": text}
    response = {"status": status, "headers": _pairs(headers or {}), "content": content}
    return {"request": request, "response": response}


def _pairs(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def har(folder: Path, entries: Sequence[dict[str, Any]], name: str = "a.har") -> Path:
    path = folder / name
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def saved(folder: Path, name: str, answer: Any) -> Path:
    """A file with an answer; text as it is."""
    path = folder / name
    text = answer if isinstance(answer, str) else json.dumps(answer)
    path.write_text(text, encoding="utf-8")
    return path


def drafted(*sources: Path, **options: Any) -> Draft:
    """The draft of samples; it compiles with nothing left out."""
    first, *more = sources
    draft = read(first, ImportOptions(more=tuple(more), **options))
    assert checked(draft) is draft
    return draft


def resource(draft: Draft, index: int = 0) -> Any:
    resources: Any = draft.spec["resources"]
    return resources[index]


def endpoint(draft: Draft, index: int = 0) -> Any:
    return resource(draft, index)["endpoint"]


def rows(count: int, start: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [{"id": start + n, "name": f"n{start + n}", **more} for n in range(count)]
