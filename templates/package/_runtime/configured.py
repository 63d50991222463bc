"""Lists of values from dlt's configuration."""

from __future__ import annotations

import dlt

_LIST: type[list[object]] = list


def configured_list(key: str) -> list[str] | None:
    """The list that dlt has for a key: from TOML, or as JSON from an environment variable."""
    found = dlt.config.get(key, _LIST)
    return [str(each) for each in found] if found else None
