"""Importers: each turns a foreign description of an API into the draft of a spec, never into code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from generator.importers.draft import Draft

IMPORTERS: Mapping[str, str] = {
    "openapi": "generator.importers.openapi",
    "airbyte": "generator.importers.airbyte",
    "dlt": "generator.importers.dlt",
    "sample": "generator.importers.samples",
}
"""Kind of source to the module that reads it; only the one that is asked for is imported."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the caller wants of a source."""

    name: str = ""
    """Name of the connector; empty: the source's own name, else its file's stem."""
    include: tuple[str, ...] = ()
    """Only resources that one of these patterns fits; none: all."""
    exclude: tuple[str, ...] = ()
    """Not the resources that one of these patterns fits."""
    more: tuple[Path, ...] = ()
    """Further sources, of a kind that takes several."""
    url: str = ""
    """Where answers come from that were recorded without a URL, or the base of all others."""
    listing: bool = False
    """Nothing is written, only the table of what was found is printed."""
    python: str = ""
    """The Python that runs a module; empty: the one that runs this."""


Read = Callable[[Path, ImportOptions], Draft]


def importer(kind: str) -> Read:
    """The function `read(source, options) -> Draft` of a kind of source.

    It raises SpecError where nothing at all can be read; what is left out for a reason stands
    in the draft's diagnostics.
    """
    return cast("Read", import_module(IMPORTERS[kind]).read)
