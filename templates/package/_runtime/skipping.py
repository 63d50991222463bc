"""Parents whose records cannot be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Never

from .reading import Reader


def skipped(reader: Reader, resource: str, field: str) -> Iterator[Never]:
    """Counts a parent without the value that the request for its records needs."""
    reader.accounts.event(
        resource,
        "parents skipped",
        f"{resource}: skipped for a parent whose {field} is null",
    )
    return iter(())
