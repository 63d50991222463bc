"""Parents whose records cannot be asked for."""

from __future__ import annotations

from typing import TypeVar

from .reading import Pages, Reader
from .records import Record

M = TypeVar("M", bound=Record)


def skipped(reader: Reader, model: type[M], resource: str, field: str) -> Pages[M]:
    """Counts a parent without the value that the request for its records needs."""
    reader.count(resource).event(
        "parents skipped",
        f"{resource}: skipped for a parent whose {field} is null",
    )
    return Pages(model, lambda _: iter(()))
