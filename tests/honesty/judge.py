"""Reads one API with one spec, and says what is not honest about the result."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.support import part

from .behaviours import Behaviour
from .invisible import reason
from .server import Api, Stage
from .specs import RETRIES, Spec

SPARE_REQUESTS = 150
"""More than the pages without records that a connector reads in a row."""


@dataclass(frozen=True)
class Result:
    """What a connector gave, and the error that ended it."""

    ids: list[int]
    error: Exception | None
    counts: Any


def read(module: ModuleType, spec: Spec, url: str) -> Result:
    """All records of the resource until the end or an error."""
    credentials = part(module, "Credentials")(client_id="c", client_secret="s")
    client = part(module, "Client")(credentials, base_url=url)
    ids: list[int] = []
    error: Exception | None = None
    try:
        for record in getattr(client, spec.name)():
            ids.append(record.id)
    except Exception as caught:  # noqa: BLE001 - judged below
        error = caught
    return Result(ids, error, client.counts.get(spec.name))


def judge(
    module: ModuleType, stage: Stage, behaviour: Behaviour, spec: Spec
) -> list[str]:
    """What is wrong; [] if the result is right, or says what it is not."""
    url, api = stage.play(behaviour)
    result = read(module, spec, url)
    return [*_always(api, spec, result), *_outcome(api, spec, result)]


def _always(api: Api, spec: Spec, result: Result) -> list[str]:
    """What holds with and without an error."""
    problems: list[str] = []
    allowed = (3 * len(api.world.ever) + 50) * (RETRIES + 1) + SPARE_REQUESTS
    if api.requests > allowed:
        problems.append(f"{api.requests} requests")
    if alien := set(result.ids) - api.world.ever:
        problems.append(f"rows that never were: {sorted(alien)}")
    if more := Counter(result.ids) - api.served:
        problems.append(f"given more often than sent: {dict(more)}")
    if spec.key and len(result.ids) > len(set(result.ids)):
        problems.append(f"twice in spite of a primary key: {result.ids}")
    counts = result.counts
    if counts is not None:
        found = counts.yielded + counts.rejected + counts.deduplicated
        if counts.received != found or counts.yielded != len(result.ids):
            problems.append(f"the counts are wrong: {counts}")
    return problems


def _outcome(api: Api, spec: Spec, result: Result) -> list[str]:
    """An error says where it happened; without one everything is there once."""
    if result.error is not None:
        names = [each.__name__ for each in type(result.error).__mro__]
        message = str(result.error)
        placed = message.startswith(f"{spec.name}, page ")
        if "ConnectorError" not in names or not placed:
            return [f"{names[0]}: {message}"]
        return []
    problems: list[str] = []
    missing = api.world.throughout - set(result.ids)
    if unread := missing & set(api.served):
        problems.append(f"sent and not given: {sorted(unread)}")
    elif missing and not reason(api, spec):
        problems.append(f"missing without an error: {sorted(missing)}")
    return problems
