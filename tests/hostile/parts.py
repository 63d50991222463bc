"""The frame of the specs that the hostile tests write into."""

from __future__ import annotations

from typing import Any

Mapping = dict[str, Any]


def spec_of(*resources: Any, **parts: Any) -> Mapping:
    client = {"base_url": "https://api.example.com/v1", **parts.pop("client", {})}
    if "environments" in client:
        del client["base_url"]
    return {
        "connector": "desk",
        "client": client,
        **parts,
        "resources": list(resources),
    }


def resource(name: str, **endpoint: Any) -> Mapping:
    plain = {"paginator": "single_page", "data_selector": "data"}
    return {"name": name, "endpoint": {"path": f"/{name}", **plain, **endpoint}}


def with_auth(name: str, auth: Mapping, **client: Any) -> Mapping:
    return spec_of(resource(name), client={"auth": auth, **client})
