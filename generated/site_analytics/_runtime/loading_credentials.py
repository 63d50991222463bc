"""Credentials that dlt finds, or that the caller gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dlt.sources import DltResource

UNSET: Any = None
"""dlt's mark of a value that it has to find."""


def bind(found: Iterable[DltResource], credentials: Any) -> None:
    """Gives the caller's credentials to the resources, which dlt then need not find."""
    given = asdict(credentials)
    for resource in found:
        resource.bind(credentials=given)
