"""Columns that rows get from their parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def including(
    rows: list[dict[str, Any]], columns: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows with the same columns in each."""
    return [{**row, **columns} for row in rows]
