"""A whole manifest: its streams, what they share, and the spec that they make."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from urllib.parse import urlsplit

from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.patterns import length
from generator.importers.airbyte.distinct import make_distinct
from generator.importers.airbyte.manifest import Part, plain, walked
from generator.importers.airbyte.notes import Notes, Untranslatable
from generator.importers.airbyte.settings import Settings, settings
from generator.importers.airbyte.streams import translate
from generator.importers.draft import Section
from generator.naming import snake
from generator.plain import is_list


@dataclass(slots=True)
class Connector:
    """The streams of a manifest as resources."""

    manifest: Part
    folder: Path | None
    settings: Settings = field(init=False)
    streams: list[Stream] = field(default_factory=list[Stream])
    """In the order of the spec; parents that are no streams of their own come last."""
    failed: list[tuple[Stream, Untranslatable]] = field(
        default_factory=list[tuple[Stream, Untranslatable]]
    )
    notes: Notes = field(default_factory=Notes)
    hidden: set[str] = field(default_factory=set[str])
    """Resources that are read for others only."""
    _made: dict[str, Stream] = field(default_factory=dict[str, Stream])
    _listed: dict[str, Part] = field(default_factory=dict[str, Part])

    def __post_init__(self) -> None:
        specification = self.manifest.part("spec")
        given = specification.get("connection_specification") if specification else None
        self.settings = settings(plain(given), _texts(self.manifest))

    def read(self, wanted: Callable[[str], bool] = bool) -> None:
        """Translates every stream whose name is wanted, and the parents that these need."""
        for part in self.manifest.parts("dynamic_streams"):
            told = "streams that are made of an answer or of settings"
            self.notes.loss("dynamic-streams", told, part.pointer)
        parts = [
            p for part in self.manifest.parts("streams") for p in self._plain(part)
        ]
        for part in parts:
            self._listed.setdefault(part.text("name"), part)
        for part in parts:
            if wanted(part.text("name")):
                self.translated(part)
        self.hidden.update(
            each.name for each in self.streams if not wanted(each.part.text("name"))
        )

        given = {str(v) for s in self.streams for v in s.partitions.lists.values()}
        for each in self.settings.used.values():
            if each.kind == "array" and each.required:
                if f'dlt.config["{each.name}"]' not in given:
                    told = f"the list {each.name} may be left out: it is empty then"
                    self.notes.changed("list-required", told, ())

    def _plain(self, part: Part) -> Iterator[Part]:
        """The streams within conditions and delegations."""
        if part.kind == "ConditionalStreams":
            told = "streams that a setting switches on are always there"
            self.notes.changed("conditional", told, part.pointer)
            for each in part.parts("streams"):
                yield from self._plain(each)
        elif part.kind == "StateDelegatingStream":
            # The other one reads what changed of late: it needs a first run of this one.
            inner = part.part("full_refresh_stream") or part.part("incremental_stream")
            if inner is not None:
                told = (
                    "each run reads all: the second stream for what changed is left out"
                )
                self.notes.changed("delegating", told, part.pointer)
                data = {**inner.data, "name": part.get("name") or inner.get("name")}
                yield Part(data, inner.pointer, inner.pointers, inner.parameters)
        else:
            yield part

    def translated(self, part: Part, taken: str = "") -> Stream:
        """The resource of a stream, made once."""
        key = json.dumps(plain(part), sort_keys=True, default=str)
        if key in self._made:
            return self._made[key]
        name = taken or part.text("name") or "stream"
        stream = Stream(part, name, self.settings)
        self._made[key] = stream
        try:
            translate(stream, self.parent, self.folder)
        except Untranslatable as error:
            stream.notes.failed(error, part.pointer)
            self.failed.append((stream, error))
            return stream
        self.streams.append(stream)
        return stream

    def parent(self, part: Part) -> Stream:
        """The resource of a parent stream: a stream of that name, if it reads the same."""
        part = next(self._plain(part), part)
        listed = self._listed.get(part.text("name"))
        known: Stream | None = None
        if listed is not None:
            known = self.translated(listed)
            if _same(listed, part):
                return self._usable(known)
        name = part.text("name") or "parent"
        names = {each.name for each in self.streams} | set(self._listed)
        key = json.dumps(plain(part), sort_keys=True, default=str)
        if key not in self._made:
            other = name if name not in names else f"{name}_parent"
            number = 2
            while other in names:
                other = f"{name}_parent_{number}"
                number += 1
            made = self.translated(part, other)
            if known is not None and _request(made) == _request(known):
                self.streams = [each for each in self.streams if each is not made]
                self._made[key] = known
                return self._usable(known)
            self.hidden.add(other)
        return self._usable(self._made[key])

    def _usable(self, stream: Stream) -> Stream:
        if any(each is stream for each, _ in self.failed):
            told = f"the parent {stream.name} could not be imported"
            raise Untranslatable("parent-failed", told)
        return stream


def _same(one: Part, other: Part) -> bool:
    keys = ("retriever", "incremental_sync", "transformations")
    return all(plain(one.get(key)) == plain(other.get(key)) for key in keys)


def _request(stream: Stream) -> str:
    made = {
        k: v
        for k, v in stream.resource.items()
        if k not in {"schema", "write_disposition", "primary_key"}
    }
    return repr((stream.base, stream.path, stream.endpoint, made))


def _texts(part: Part) -> Iterator[str]:
    for each in walked(part):
        for value in each.data.values():
            for text in value if is_list(value) else [value]:
                if isinstance(text, str):
                    yield text


def spec(connector: Connector, name: str) -> Section:
    """The spec of the streams that were translated."""
    made = Section({"version": 1, "connector": name})
    client = Section()
    bases = [each.base for each in connector.streams if each.base]
    base = common_base(bases)
    client["base_url"] = base or "https://api.example.com"
    if not base:
        client.todo("base_url", "the manifest names no base URL")
    hosts = _hosts(connector, base)
    if hosts:
        client["allowed_hosts"] = hosts
    _client_auth(connector, client)
    hook = next(
        (s.hooks["client"] for s in connector.streams if "client" in s.hooks), ""
    )
    if hook:
        client["hooks"] = {"request": hook}
    _budget(connector, client)
    made["client"] = client
    resources = [_resource(connector, stream, base) for stream in connector.streams]
    notes = {stream.name: stream.notes for stream in connector.streams}
    make_distinct(resources, notes)
    made["resources"] = resources
    return made


def common_base(bases: list[str]) -> str:
    """The base URL of most streams, without the part of it that not all of the same host have."""
    if not bases:
        return ""
    counted = Counter(each.rstrip("/") for each in bases)
    best = counted.most_common(1)[0][0]
    if "{" not in _host(best):
        return best
    # A host that is calculated cannot be written as another URL.
    same = [each.split("/") for each in counted if _host(each) == _host(best)]
    alike = takewhile(lambda steps: len(set(steps)) == 1, zip(*same))
    shared = "/".join(steps[0] for steps in alike)
    return shared if shared.count("{") == shared.count("}") else best


def _host(url: str) -> str:
    """Scheme and host; the expression that begins a URL is both."""
    if url.startswith("{{"):
        return url.partition("}}")[0]
    return "/".join(url.split("/")[:3])


def _below(base: str, stream: Stream) -> str:
    """The stream's path, below the client's base URL where it can be."""
    own, path = stream.base.rstrip("/"), stream.path
    if re.match(r"https?://", path):
        return path
    path = path.lstrip("/")
    if own == base:
        return path
    if own.startswith(base + "/"):
        return f"{own[len(base) + 1:]}/{path}".rstrip("/")
    return f"{own}/{path}".rstrip("/")


def _hosts(connector: Connector, base: str) -> list[str]:
    own = urlsplit(base.split("{")[0]).netloc
    found: list[str] = []
    for stream in connector.streams:
        path = _below(base, stream)
        is_below = f"{stream.base.rstrip('/')}/".startswith(f"{base}/")
        if stream.base.startswith("{{") and not is_below:
            told = "a second base URL that is calculated"
            stream.notes.loss("base-url", told, stream.part.pointer)
        elif "://" in path:
            host = urlsplit(path.split("{")[0].split("?")[0]).netloc
            if not host or "{" in path.split("://", 1)[1].split("/")[0]:
                told = "a second base URL whose host is calculated"
                stream.notes.loss("base-url", told, stream.part.pointer)
            elif host != own and host not in found:
                found.append(host)
    return found


def _client_auth(connector: Connector, client: Section) -> None:
    """The auth of most streams is the client's; others have their own."""
    kinds = Counter(json.dumps(each.auth) for each in connector.streams)
    common = json.loads(kinds.most_common(1)[0][0]) if kinds else None
    if common is None:
        common = next(
            (json.loads(k) for k, _ in kinds.most_common() if k != "null"), None
        )
    if common is not None and "methods" not in common:
        several = next(
            (
                each.auth
                for each in connector.streams
                if each.auth and "methods" in each.auth
            ),
            None,
        )
        common = several or common
    client["auth"] = "none" if common is None else common
    for stream in connector.streams:
        if stream.auth == common:
            continue
        if stream.auth is None:
            stream.endpoint["auth"] = "none"
        elif "methods" in stream.auth:
            told = "a choice of methods for one stream only"
            stream.notes.loss("auth-choice", told, stream.part.pointer)
        else:
            stream.endpoint["auth"] = stream.auth


def _budget(connector: Connector, client: Section) -> None:
    budget = connector.manifest.part("api_budget")
    if budget is None:
        return
    limits: list[tuple[float, int, float]] = []
    for policy in budget.parts("policies"):
        for rate in policy.parts("rates"):
            seconds = length(rate.text("interval"))
            limit = rate.get("limit")
            if seconds and isinstance(limit, int) and limit > 0:
                limits.append((limit / seconds, limit, seconds))
        seconds, limit = length(policy.text("period")), policy.get("call_limit")
        if seconds and isinstance(limit, int) and limit > 0:
            limits.append((limit / seconds, limit, seconds))
    if not limits:
        told = "the budget of requests has no fixed rate"
        connector.notes.loss("budget", told, budget.pointer)
        return
    _, requests, per = min(limits)
    client["rate_limit"] = {"requests": requests, "per": per}
    if len(limits) > 1:
        told = "the strictest of several rates holds for all requests"
        connector.notes.changed("budget-strictest", told, budget.pointer)


def _resource(connector: Connector, stream: Stream, base: str) -> Section:
    made = Section({"name": stream.name})
    for key in ("primary_key", "write_disposition"):
        if key in stream.resource:
            made[key] = stream.resource[key]
    if stream.name in connector.hidden:
        made["selected"] = False
        made.note("selected", "no stream of its own: others read their parents from it")
    endpoint = Section({"path": _below(base, stream) or "/"})
    order = (
        "method params json data headers auth data_selector decoder paginator incremental"
        " error_handler"
    )
    for key in order.split():
        if key in stream.endpoint:
            endpoint[key] = stream.endpoint[key]
    made["endpoint"] = endpoint
    for key in (
        "model",
        "for_each",
        "filter",
        "add",
        "select",
        "drop",
        "flatten",
        "hooks",
        "schema",
    ):
        if key in stream.resource:
            made[key] = stream.resource[key]
    return made


def connector_name(manifest: Part, path: Path, given: str) -> str:
    """The connector's name: the caller's, else the file's or its folder's."""
    if given:
        return given
    stem = path.stem if path.stem not in {"manifest", "connector"} else path.parent.name
    return snake(re.sub(r"^source[-_]", "", stem)) or "connector"
