"""Which recorded exchange belongs to which resource of a draft."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from generator.importers.draft import Section, section_of
from generator.importers.samples.exchange import Exchange
from generator.naming import singular, snake
from generator.plain import is_list, is_mapping


@dataclass(slots=True)
class Resource:
    """A resource of the draft, with the exchanges that belong to it."""

    name: str
    section: Section
    endpoint: Section
    segments: list[str]
    method: str
    exchanges: list[Exchange] = field(default_factory=list[Exchange])

    def prefix(self, each: Exchange) -> str | None:
        """The path before that of the resource; None where the exchange is not its own."""
        if each.method != self.method:
            return None
        asked = each.path.strip("/").split("/")
        above = len(asked) - len(self.segments)
        if above < 0 or not all(map(_fits, self.segments, asked[above:])):
            return None
        return "".join(f"/{segment}" for segment in asked[:above])


def _fits(segment: str, asked: str) -> bool:
    if "{" not in segment:
        return segment == asked
    parts = [re.escape(part) for part in re.split(r"\{[^{}]*\}", segment)]
    return bool(re.fullmatch("[^/]+".join(parts), asked))


def resources_of(spec: Section) -> list[Resource]:
    """The resources of a draft; what of them is plain data becomes Sections in it."""
    made: list[Resource] = []
    listed = spec.get("resources")
    for index, raw in enumerate(listed if is_list(listed) else []):
        if not is_mapping(raw) or not is_list(listed):
            continue
        section = raw if isinstance(raw, Section) else Section(raw)
        listed[index] = section
        endpoint = section.get("endpoint")
        if isinstance(endpoint, str):
            section["endpoint"] = Section({"path": endpoint})
        inner = section_of(section, "endpoint")
        if inner is None:
            continue
        path = urlsplit(str(inner.get("path", ""))).path
        method = str(inner.get("method", "GET")).upper()
        segments = path.strip("/").split("/")
        name = str(section.get("name", ""))
        made.append(Resource(name, section, inner, segments, method))
    return made


def assigned(each: Exchange, resources: list[Resource], spec: Section) -> bool:
    """Gives an exchange to its resource: by its path, without a URL by its name; false for none."""
    if not each.origin:
        name = each.path.strip("/").rpartition("/")[2]
        own = [r for r in resources if _is_named(r, name)]
    else:
        prefixes = _prefixes(spec)
        own = [r for r in resources if r.prefix(each) is not None]
        right = [r for r in own if r.prefix(each) in prefixes]
        own = right or own
        # The path with most words of its own fits best, and the longest of these.
        own.sort(key=lambda r: (sum("{" in s for s in r.segments), -len(r.segments)))
    if own:
        own[0].exchanges.append(each)
    return bool(own)


def _prefixes(spec: Section) -> set[str]:
    client = section_of(spec, "client") or Section()
    environments = client.get("environments")
    urls = list(environments.values()) if is_mapping(environments) else []
    urls.append(client.get("base_url"))
    return {urlsplit(u).path.rstrip("/") for u in urls if isinstance(u, str)}


def _is_named(each: Resource, name: str) -> bool:
    """Whether a file is called like a resource, or like the end of its path."""
    last = next((s for s in reversed(each.segments) if "{" not in s), "")
    names = {snake(each.name), snake(last.partition(".")[0])}
    wanted = {name, singular(name)}
    return bool(wanted & {*names, *(singular(n) for n in names if n)} - {""})
