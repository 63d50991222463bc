"""Runs one config through dlt and through the connector made of it, and tells both outcomes."""

from __future__ import annotations

import copy
import importlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source

from generator import output, pipeline
from generator.diagnostics import Diagnostic, SpecError
from tests.differential.server import Shop
from tests.support import part

BASE = "http://shop.invalid"
"""Stands in configs for the address of the server."""

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
"""Everything (`make differential`), not a part of the loads."""

LIMIT = 60
"""Items that an endless resource is cut after."""

Config = dict[str, Any]
Expected = Mapping[str, int] | str
"""Rows of each resource, or a pattern of the error."""


@dataclass(frozen=True)
class Case:
    """A config as dlt takes it, and what is expected of the two."""

    name: str
    config: Config
    difference: str = ""
    """The number of a listed difference; "" where both must agree."""
    reason: str = ""
    theirs: Expected = field(default_factory=dict[str, int])
    """What dlt does, where the two differ."""
    ours: Expected = field(default_factory=dict[str, int])
    """What the connector, or the compiler, does instead."""
    wire: bool = True
    """Whether both have to send the same requests."""
    env: tuple[tuple[str, str], ...] = ()
    """Variables of the environment while both run."""

    @property
    def stem(self) -> str:
        return re.sub(r"\W+", "_", f"c_{self.name}").lower()


def same(
    name: str,
    config: Config,
    *,
    wire: bool = True,
    env: Mapping[str, str] | None = None,
) -> Case:
    """Both give the same rows, by the same requests unless `wire` is false."""
    return Case(name, config, wire=wire, env=tuple((env or {}).items()))


def differs(
    number: str,
    name: str,
    config: Config,
    *,
    reason: str,
    theirs: Expected,
    ours: Expected,
) -> Case:
    """A listed difference, with both outcomes."""
    return Case(name, config, number, reason, theirs, ours, wire=False)


@dataclass(frozen=True)
class Outcome:
    """The rows of each resource, as sorted texts, or the error; and what was sent."""

    rows: Mapping[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    error: str = ""
    sent: frozenset[tuple[object, ...]] = frozenset()

    def counts(self) -> dict[str, int]:
        return {name: each.total() for name, each in self.rows.items()}


def config_for(case: Case, shop: Shop) -> Config:
    """The config with the server's address."""
    text = json.dumps(case.config).replace(BASE, shop.url)
    config: Config = json.loads(text)
    return config


def theirs(case: Case, shop: Shop) -> Outcome:
    """What dlt's `rest_api_source` does."""
    return outcome(shop, lambda: dlt_source(case, shop))


def dlt_source(case: Case, shop: Shop) -> Any:
    """The source that dlt makes of the config."""
    make: Any = rest_api_source
    return make(config_for(case, shop), name=case.stem)


def ours(case: Case, shop: Shop, folder: Path) -> Outcome:
    """What the connector does; a config that the compiler refuses is an error too."""
    try:
        module = package(case, shop, folder)
    except SpecError as error:
        return Outcome(error=told(error.diagnostics))
    return outcome(shop, part(module, "_source"))


def package(case: Case, shop: Shop, folder: Path) -> ModuleType:
    """The package of a config, made and imported once for an address."""
    return _package(json.dumps(config_for(case, shop)), case.stem, folder)


@cache
def _package(text: str, stem: str, folder: Path) -> ModuleType:
    path = folder / f"{stem}.yaml"
    path.write_text(text)
    made = pipeline.compile_spec(path)
    place = folder / f"made_{stem}"
    output.write(place, made)
    name = f"{place.name}.{made.name}"
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def told(diagnostics: tuple[Diagnostic, ...]) -> str:
    errors = [each for each in diagnostics if each.severity == "error"]
    return "; ".join(f"{each.code}: {each.message}" for each in errors)


def outcome(shop: Shop, source: Callable[[], Any]) -> Outcome:
    shop.calls.clear()
    rows: dict[str, Counter[str]] = {}
    error = ""
    try:
        made = source()
        for name in made.selected_resources:
            if name not in ("rejected_records", "record_counts"):
                found = list(made.resources[name].add_limit(LIMIT))
                rows[name] = Counter(_row(row) for row in found)
    except Exception as problem:
        error = _all_texts(problem)
    return Outcome(rows, error, frozenset(call.sent() for call in shop.calls))


def _row(row: object) -> str:
    """A table does not tell a field that is null from one that is not there."""
    return json.dumps(_filled(row), sort_keys=True, default=str)


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each) for key, each in value.items() if each is not None}
    return [_filled(each) for each in value] if isinstance(value, list) else value


def _all_texts(error: BaseException | None) -> str:
    """The messages of an error and of what caused it."""
    texts: list[str] = []
    while error is not None:
        texts.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def check(case: Case, shop: Shop, folder: Path) -> None:
    """Fails unless the two agree, or differ as listed."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in case.env:
            patch.setenv(name, value)
        first, second = theirs(case, shop), ours(case, shop, folder)
    if case.difference:
        _meets(first, case.theirs, "dlt")
        _meets(second, case.ours, "ours")
        if not first.error and not second.error:
            assert first.rows != second.rows, "no difference any more"
        return
    assert not first.error, f"dlt: {first.error}"
    assert not second.error, f"ours: {second.error}"
    assert second.rows == first.rows, _unlike(first.rows, second.rows)
    assert any(first.rows.values()), "nothing was read: the config shows nothing"
    if case.wire:
        wires = {"sent": Counter(map(str, first.sent))}, {
            "sent": Counter(map(str, second.sent))
        }
        assert second.sent == first.sent, _unlike(*wires)


def _unlike(
    first: Mapping[str, Counter[str]], second: Mapping[str, Counter[str]]
) -> str:
    """What only one of the two has."""
    lines: list[str] = []
    for name in sorted({*first, *second}):
        one, other = first.get(name, Counter()), second.get(name, Counter())
        lines.append(f"{name}: dlt {one.total()}, ours {other.total()}")
        lines += [f"  only dlt: {text}" for text in sorted((one - other))[:3]]
        lines += [f"  only ours: {text}" for text in sorted((other - one))[:3]]
    return "\n".join(lines)


def _meets(outcome: Outcome, expected: Expected, who: str) -> None:
    if isinstance(expected, str):
        assert outcome.error, f"{who}: no error, but {outcome.counts()}"
        assert re.search(expected, outcome.error), f"{who}: {outcome.error}"
    else:
        assert not outcome.error, f"{who}: {outcome.error}"
        assert outcome.counts() == dict(expected), who


# ---- short ways to write configs


def one(
    endpoint: Config | str, client: Config | None = None, **resource: Any
) -> Config:
    """A config with the one resource `items`."""
    return several([{"name": "items", "endpoint": endpoint, **resource}], client)


def several(resources: list[Any], client: Config | None = None, **top: Any) -> Config:
    """A config with the resources."""
    return copy.deepcopy(
        {"client": {"base_url": BASE, **(client or {})}, **top, "resources": resources}
    )
