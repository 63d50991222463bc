"""What dlt finds out from the first answer is written down here, or asked for."""

from __future__ import annotations

from collections.abc import Mapping

from generator.importers.dlt.requests import Endpoint
from generator.plain import is_mapping


def settle(
    effective: Mapping[str, object], is_single: bool, client_pages: bool, made: Endpoint
) -> None:
    """Says where the records are and how pages go on, where the configuration does not.

    `effective` is the endpoint as dlt joins it with the defaults.
    """
    section = made.section
    selector, paginator = effective.get("data_selector"), effective.get("paginator")
    auto = paginator is None or _is_auto(paginator)
    if is_single:
        if selector is None and "response" not in made.hooks:
            section.put(
                "data_selector", "$", "the path is one of a single record for dlt"
            )
        if paginator is None:
            section["paginator"] = "single_page"
        return
    if selector is None and "response" not in made.hooks:
        section.put(
            "data_selector",
            "$",
            todo="dlt looks for the first list in the answer: write where the records are",
        )
    if auto and not client_pages:
        section.todo(
            "paginator",
            "dlt looks for the paginator in the first answer: write which one it is, or "
            "`single_page`",
        )


def _is_auto(value: object) -> bool:
    return value == "auto" or is_mapping(value) and value.get("type", "auto") == "auto"
