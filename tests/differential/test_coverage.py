"""Every key of dlt's vocabulary that JSON can hold is in the configs, alone and in pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from dlt.sources.rest_api import typing as vocabulary

from tests.differential import configs_client, configs_differences, configs_requests
from tests.differential import configs_loaded, configs_suite
from tests.differential.harness import Case

CASES: list[Case] = [
    *configs_client.CASES,
    *configs_requests.CASES,
    *configs_differences.CASES,
    *configs_suite.CASES,
    *(case for group in configs_loaded.GROUPS.values() for case in group),
]

_NO_JSON = {"session", "processing_steps", "convert"}
"""Keys whose values are Python objects."""


def _keys(value: Mapping[str, Any]) -> set[str]:
    return set(value) - _NO_JSON


def _used(case: Case) -> Iterator[tuple[str, set[str]]]:
    """The level and the keys of every mapping of the vocabulary in a config."""
    config = case.config
    yield "client", set(config.get("client", {}))
    holders = [config.get("resource_defaults", {}), *config.get("resources", ())]
    for holder in holders:
        if isinstance(holder, dict):
            endpoint = holder.get("endpoint")
            yield "resource", set(holder)
            if isinstance(endpoint, dict):
                yield "endpoint", set(endpoint)
                yield "incremental", set(endpoint.get("incremental") or {})
                yield from _parts(endpoint)
    yield from _parts(config.get("client", {}))


def _parts(holder: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    for part in ("paginator", "auth"):
        if isinstance(holder.get(part), dict):
            yield part, set(holder[part])


def _levels() -> dict[str, set[str]]:
    paginators = (
        vocabulary.PageNumberPaginatorConfig,
        vocabulary.OffsetPaginatorConfig,
        vocabulary.HeaderLinkPaginatorConfig,
        vocabulary.JSONLinkPaginatorConfig,
        vocabulary.JSONResponseCursorPaginatorConfig,
        vocabulary.HeaderCursorPaginatorConfig,
    )
    auths = (
        vocabulary.BearerTokenAuthConfig,
        vocabulary.ApiKeyAuthConfig,
        vocabulary.HttpBasicAuthConfig,
        vocabulary.OAuth2ClientCredentialsConfig,
    )
    return {
        "client": _keys(vocabulary.ClientConfig.__annotations__),
        "resource": _keys(vocabulary.EndpointResource.__annotations__),
        "endpoint": _keys(vocabulary.Endpoint.__annotations__),
        "incremental": _keys(vocabulary.IncrementalConfig.__annotations__),
        "paginator": set[str]().union(
            *(_keys(each.__annotations__) for each in paginators)
        ),
        "auth": set[str]().union(*(_keys(each.__annotations__) for each in auths)),
    }


def test_every_key_is_used() -> None:
    used: dict[str, set[str]] = {}
    for case in CASES:
        for level, keys in _used(case):
            used.setdefault(level, set()).update(keys)
    missing = {
        level: sorted(wanted - used[level])
        for level, wanted in _levels().items()
        if wanted - used[level]
    }
    assert not missing


def test_keys_are_used_in_pairs() -> None:
    levels = _levels()
    pairs = {
        (level, pair)
        for case in CASES
        for level, keys in _used(case)
        for pair in combinations(sorted(keys & levels[level]), 2)
    }
    assert len(pairs) > 150
    for level in ("client", "resource", "endpoint"):
        paired = {key for where, pair in pairs if where == level for key in pair}
        assert levels[level] <= paired, level


def test_names_are_unique_and_there_are_enough() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert len([case for case in CASES if not case.difference]) >= 200
    assert all(case.reason for case in CASES if case.difference)
