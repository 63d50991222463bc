"""Lists of values from dlt's configuration."""

from __future__ import annotations

from typing import Any

import dlt


def configured_list(key: str) -> list[str] | None:
    """The list that dlt has for a key: from TOML, or as JSON from an environment variable."""
    found: list[Any] | None = dlt.config.get(key, list)
    return None if found is None else [str(each) for each in found]
