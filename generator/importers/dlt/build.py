"""A configuration to the draft of a spec: the client, the defaults, the resources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.diagnostics import Collector, Location
from generator.importers.dlt import auth as signing
from generator.importers.dlt.auth import Auths
from generator.importers.dlt.hooks import Hooks
from generator.importers.dlt.paging import paginator
from generator.importers.dlt.recording import (
    Call,
    Config,
    OwnResource,
    Place,
    Recording,
)
from generator.importers.dlt.requests import Requests
from generator.importers.dlt.resources import Resources
from generator.importers.dlt.sources import Sources
from generator.importers.dlt.texts import Texts
from generator.importers.dlt.values import Values
from generator.importers.draft import Found, Section, todos
from generator.plain import is_list, is_mapping
from generator.value_parts import Secret

_CLIENT = frozenset({"base_url", "headers", "auth", "paginator", "session"})
_OPTIONS = ("max_table_nesting", "schema_contract", "parallelized")
_HARMLESS = frozenset("name section spec _impl_cls standalone".split())
_RUNNING = frozenset("with_resources add_limit run parallelize clone".split())
"""Methods of a source that say what a run does, not what the source is."""


@dataclass(slots=True)
class Builder:
    """Makes the spec of one configuration."""

    recording: Recording
    config: Config
    sources: Sources
    collector: Collector

    def spec(self, name: str, wanted: set[str]) -> tuple[Section, list[Found]]:
        """The spec with the wanted resources, and the table of what was found."""
        texts = Texts(self.recording.stubs)
        values = Values(texts, self.sources, self.config.place)
        hooks = Hooks(values)
        auths = Auths(values, hooks, self.config.registered.get("auth", {}))
        own = self.config.registered.get("paginator", {})
        requests = Requests(values, hooks, auths, own)
        spec = Section({"version": 1, "connector": name})
        where = self.sources.shown(self.config.place)
        spec.note("", f"Imported from a `rest_api` configuration of dlt ({where}).")
        client, pages = self._client(requests)
        spec["client"] = client
        given = self.config.config.get("resource_defaults")
        resources = Resources(requests, given if is_mapping(given) else {}, pages)
        defaults = self._options(resources.defaults_section(), values)
        if defaults or defaults.notes:
            spec["resource_defaults"] = defaults
        sections = [*self._resources(resources, wanted)]
        self._references(client, texts)
        if resources.models:
            spec["definitions"] = Section(resources.models)
        spec["resources"] = [section for section, _ in sections]
        return spec, [found for _, found in sections]

    def _references(self, client: Section, texts: Texts) -> None:
        """Where secrets and settings come from, where their names do not say it."""
        for found, stub in texts.used.items():
            if found.name != stub.key:
                kind = "secrets" if isinstance(found, Secret) else "config"
                where = self.sources.shown(stub.place)
                client.note("", f"{kind}.{found.name}: {stub.key} ({where})")

    def _client(self, requests: Requests) -> tuple[Section, bool]:
        values = requests.values
        given = self.config.config.get("client")
        given = given if is_mapping(given) else {}
        made = Section()
        if given.get("base_url") is not None:
            values.put(made, "base_url", given["base_url"])
        headers = given.get("headers")
        headers = dict(headers) if is_mapping(headers) else {}
        if given.get("auth") is not None:
            self._auth(given["auth"], made, requests)
        else:
            self._header_auth(headers, made, requests)
        signing.put_headers(headers, made, values, expanded=False)
        paging = paginator(given.get("paginator"), requests.hooks, requests.paginators)
        if not paging.detected:
            paging.put(made)
        if given.get("session") is not None:
            made.todo(
                "", "the module gives its own `session`: see `timeout`, `error_handler`"
            )
        for key in given:
            if key not in _CLIENT:
                made.todo(key, f"dlt does not know `{key}` of a client")
        return made, not paging.detected

    def _auth(self, value: object, made: Section, requests: Requests) -> None:
        signed = requests.auths.read(value, "requests")
        signing.put(signed, made)
        if signed.hook:
            made["auth"] = "none"
            made["hooks"] = {"request": signed.hook}

    def _header_auth(
        self, headers: dict[str, object], made: Section, requests: Requests
    ) -> None:
        found = requests.auths.from_header(headers)
        if found is None:
            secret = any(requests.auths.is_secret(each) for each in headers.values())
            why = "the headers have the credentials" if secret else "there is no auth"
            made.put("auth", "none", why)
            return
        name, signed = found
        del headers[name]
        signed.notes.append(f"the header {name}")
        signing.put(signed, made)

    def _options(self, defaults: Section, values: Values) -> Section:
        """Arguments of `rest_api_source`, which hold for all resources."""
        for key, value in self.config.options.items():
            if value in (None, False) or key in _HARMLESS:
                continue
            if key in _OPTIONS and key not in defaults:
                values.put(defaults, key, value)
            else:
                defaults.todo(
                    "", f"the source is made with `{key}`: it has no place here"
                )
        for call in self.config.calls:
            where = self.sources.shown(call.place)
            if not call.resource and call.method == "with_resources":
                names = ", ".join(str(each) for each in call.arguments)
                defaults.note("", f"the module loads {names} only ({where})")
            elif not call.resource and call.method not in _RUNNING:
                defaults.todo(
                    "",
                    f"the module does more with the source: `.{call.method}` ({where})",
                )
        return defaults

    def _resources(
        self, resources: Resources, wanted: set[str]
    ) -> Iterator[tuple[Section, Found]]:
        names = set[str]()
        for given in listed(self.config):
            name = str(given["name"])
            names.add(name)
            if name not in wanted:
                continue
            place = self.sources.line_of(name, self.config.place)
            calls = [each for each in self.config.calls if each.resource == name]
            section = resources.section(given, calls)
            shown = self.sources.shown(place)
            section.notes = {"": [], **section.notes}
            section.note("", f"{shown}")
            effective = resources.effective(given)
            method = str(effective.endpoint.get("method") or "GET").upper()
            open_ = [*todos(section)]
            yield section, Found(
                str(section["name"]),
                f"{method} {effective.path}",
                {"config": config_name(self.config), "TODO": str(len(open_))},
                confidence="medium" if open_ else "high",
                reason=open_[0] if open_ else "",
            )
        self._left_out(names)

    def _left_out(self, names: set[str]) -> None:
        """Resources that are functions of Python are no part of a configuration."""
        given = self.config.config.get("resources")
        place, own = self.config.place, list[tuple[str, Place]]()
        for each in given if is_list(given) else []:
            if isinstance(each, OwnResource):
                own.append((each.name, place))
            elif not isinstance(_named(each), str):
                self._warn(place, "a resource without a name in text is left out")
        own += [(c.resource, c.place) for c in self.config.calls if _is_more(c, names)]
        for name, where in own:
            self._warn(
                where,
                f"the resource {name!r} is a function of Python: it is left out",
                "load it beside the connector: `pipeline.run([source, function])`",
            )
        for key in self.config.config:
            if key not in ("client", "resources", "resource_defaults"):
                self._warn(place, f"dlt does not know `{key}` in a configuration")

    def _warn(self, place: Place, message: str, hint: str = "") -> None:
        where = Location(self.sources.file(place), place.line, 1)
        self.collector.warning(where, "not-imported", message, hint)


def _is_more(call: Call, names: set[str]) -> bool:
    return call.method == "+" and call.resource not in names


def _named(entry: object) -> object:
    return entry.get("name") if is_mapping(entry) else entry


def listed(config: Config) -> Iterator[dict[str, object]]:
    """The resources of a configuration that a spec can have, each with its name."""
    given = config.config.get("resources")
    for each in given if is_list(given) else []:
        if isinstance(each, str):
            yield {"name": each, "endpoint": {"path": each}}
        elif is_mapping(each) and isinstance(each.get("name"), str):
            yield each


def config_name(config: Config) -> str:
    """What a configuration is called: its source's name, its function's, else the API's host."""
    given = config.options.get("name")
    name = given if isinstance(given, str) else config.function
    if name:
        return name.removesuffix("_source") or name
    client = config.config.get("client")
    url = client.get("base_url") if is_mapping(client) else None
    host = url.partition("://")[2].partition("/")[0] if isinstance(url, str) else ""
    labels = [
        each for each in host.partition(":")[0].split(".") if each not in ("www", "api")
    ]
    return labels[0] if len(labels) > 1 and not labels[0].isdigit() else ""
