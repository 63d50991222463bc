"""A module can hold several configurations, a spec holds one: which one, and what of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from generator.diagnostics import Collector, Location, shown
from generator.importers import ImportOptions
from generator.importers.dlt.build import config_name, listed
from generator.importers.dlt.recording import Config
from generator.importers.dlt.sources import Sources
from generator.plain import is_list, is_mapping


def wanted(config: Config, options: ImportOptions) -> set[str]:
    """The names of the resources that the caller's patterns let in, by config, name or path."""
    found: set[str] = set()
    for each in listed(config):
        endpoint = each.get("endpoint")
        path = endpoint.get("path") if is_mapping(endpoint) else endpoint
        texts = [config_name(config), str(each["name"]), str(path or each["name"])]
        texts = [text.lower() for text in texts]
        if options.include and not _fits(texts, options.include):
            continue
        if not _fits(texts, options.exclude):
            found.add(str(each["name"]))
    return found


def _fits(texts: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(text, each.lower()) for each in patterns for text in texts)


def different(
    configs: Sequence[Config], sources: Sources, collector: Collector
) -> list[Config]:
    """The configurations without those that another one is but for some values."""
    groups: dict[tuple[object, ...], list[Config]] = {}
    for config in configs:
        client = config.config.get("client")
        url = client.get("base_url") if is_mapping(client) else None
        names = tuple(str(each["name"]) for each in listed(config))
        groups.setdefault((config_name(config), str(url), names), []).append(config)
    for first, *others in groups.values():
        unlike = [each for each in others if each.config != first.config]
        if unlike:
            places = ", ".join(_differences(first.config, unlike[0].config)[:3])
            collector.warning(
                Location(sources.file(first.place), first.place.line, 1),
                "several-runs",
                f"the module loads this {len(unlike) + 1} times, with another {places}: "
                "the first is taken",
                "`incremental` with `window: P1D` loads a day at a time; `for_each` takes a list of values",
            )
    return [group[0] for group in groups.values()]


def _differences(one: object, other: object, path: str = "") -> list[str]:
    if one == other:
        return []
    if is_mapping(one) and is_mapping(other):
        return [
            found
            for key in {**one, **other}
            for found in _differences(one.get(key), other.get(key), f"{path}.{key}")
        ]
    if is_list(one) and is_list(other) and len(one) == len(other):
        return [
            found
            for index, (a, b) in enumerate(zip(one, other, strict=True))
            for found in _differences(a, b, f"{path}[{index}]")
        ]
    return [f"`{path.lstrip('.')}`"]


def told(configs: Mapping[str, Config], sources: Sources) -> str:
    """The configurations of a module, for a person who has to choose."""
    lines: list[str] = []
    for name, config in configs.items():
        names = [str(each["name"]) for each in listed(config)]
        some = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        lines.append(f"{shown(name)} ({sources.shown(config.place)}: {some})")
    return "; ".join(lines)
