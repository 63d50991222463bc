"""What dlt's own `rest_api` source makes of an endpoint, to compare with."""

from __future__ import annotations

from typing import Any, cast

from dlt.sources.rest_api import rest_api_source


def dlt_rows(
    base_url: str, endpoint: dict[str, Any], client: dict[str, Any] | None = None
) -> list[Any]:
    """The rows of one resource `things`; endless reads are cut after 300 pages."""
    config: dict[str, Any] = {
        "client": {"base_url": base_url, **(client or {})},
        "resources": [{"name": "things", "endpoint": {"path": "things", **endpoint}}],
    }
    source = rest_api_source(cast("Any", config))
    return list(source.resources["things"].add_limit(300))
