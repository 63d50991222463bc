"""Resources and their defaults: hints of tables, steps, and what is left to dlt's detection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.importers.dlt.detected import settle
from generator.importers.dlt.recording import Call, Function, Model
from generator.importers.dlt.requests import Endpoint, Requests, endpoint
from generator.importers.draft import Section
from generator.naming import snake
from generator.plain import is_list, is_mapping

HINTS = tuple("""
    primary_key merge_key write_disposition include_from_parent selected parallelized
    max_table_nesting table_name columns schema_contract table_format file_format references
    nested_hints
    """.split())
_KNOWN = frozenset((*HINTS, "name", "endpoint", "processing_steps"))
_SINGLE = re.compile(r"\{[A-Za-z0-9._-]+\}")


@dataclass(slots=True)
class Effective:
    """What a resource has after dlt joined it with the defaults."""

    resource: dict[str, object]
    endpoint: dict[str, object]

    @property
    def path(self) -> str:
        found = self.endpoint.get("path")
        return found if isinstance(found, str) else ""

    @property
    def is_single(self) -> bool:
        """Whether dlt takes the path for one of a single record."""
        return _SINGLE.search(self.path.rstrip("/").rpartition("/")[2]) is not None


@dataclass(slots=True)
class Resources:
    """Writes the resources of one configuration."""

    requests: Requests
    defaults: Mapping[str, object]
    client_pages: bool
    """The client has a paginator for resources that have none."""
    models: dict[str, object] = field(default_factory=dict[str, object])
    """Schemas of pydantic models, for `definitions`."""
    hooks: dict[str, str] = field(default_factory=dict[str, str])
    """Hooks of the defaults, which each resource has to name."""

    def defaults_section(self) -> Section:
        """`resource_defaults`, without what each resource has to say itself."""
        made = Section()
        given = dict(self.defaults)
        self._hints(given, made, "defaults")
        inner = _endpoint_of(given)
        inner.pop("headers", None)  # joined by name here, replaced by dlt
        if inner:
            read = endpoint(inner, "resources", self.requests, {})
            if read.section or read.section.notes:
                made["endpoint"] = read.section
            self.hooks.update(read.hooks)
            for todo in read.todos:
                made.todo("", todo)
        self._steps(given.get("processing_steps"), made, "records")
        return made

    def effective(self, given: Mapping[str, object]) -> Effective:
        """As dlt joins a resource with the defaults."""
        default, own = _endpoint_of(self.defaults), _endpoint_of(given)
        own.setdefault("path", given.get("name"))
        joined = {**default, **own}
        for key in ("params", "json"):
            one, other = default.get(key), own.get(key)
            if is_mapping(one) and is_mapping(other):
                joined[key] = {**one, **other}
        return Effective({**self.defaults, **given}, joined)

    def section(self, given: Mapping[str, object], calls: list[Call]) -> Section:
        """One resource."""
        name = self.requests.values.texts.name(str(given["name"]))
        made = Section({"name": name})
        self._hints(given, made, name)
        effective = self.effective(given)
        self._disposition(effective, made)
        own = _endpoint_of(given)
        default = _endpoint_of(self.defaults)
        if "headers" in default and "headers" not in own:
            own["headers"] = default["headers"]
        read = endpoint(own, snake(name) or "resource", self.requests, default)
        read.hooks = {**self.hooks, **read.hooks}
        settle(effective.endpoint, effective.is_single, self.client_pages, read)
        if read.section or read.section.notes:
            made["endpoint"] = read.section
        if "schema" not in made:
            made.todo("schema", "dlt infers the types when it loads: write a `schema`")
        _hooked(read, made)
        self._steps(given.get("processing_steps"), made, snake(name) or "records")
        for call in calls:
            self._call(call, made, name)
        return made

    def _hints(self, given: Mapping[str, object], made: Section, name: str) -> None:
        values = self.requests.values
        for key in HINTS:
            value = given.get(key)
            if value is None:
                if key in given and self.defaults.get(key) is not None:
                    made[key] = None  # not what the defaults say
                continue
            if isinstance(value, Function):
                what = values.function(value)
                made.todo(key, f"`{key}` is calculated by {what}: write it out")
            elif key == "columns" and isinstance(value, Model):
                self._model(value, made)
            elif key == "write_disposition" and value == "skip":
                made.todo(
                    key, "dlt skips this resource: leave it out, or `selected: false`"
                )
            elif key == "schema_contract" and _discards(value):
                made.todo(
                    key,
                    "the contract drops records or values; here those that their `schema` "
                    "refuses go to `rejected_records`",
                )
            else:
                values.put(made, key, value)
        for key in given:
            if key not in _KNOWN:
                made.todo(
                    key, f"`{key}` of {name} is no key that dlt has in a resource"
                )

    def _model(self, model: Model, made: Section) -> None:
        schema = model.schema
        if not is_mapping(schema) or "name" not in made:
            made.todo("columns", f"the columns are those of the model {model.name}")
            return
        inner = schema.get("$defs")
        found = dict(inner) if is_mapping(inner) else {}
        found[model.name] = {k: v for k, v in schema.items() if k != "$defs"}
        for name, each in found.items():
            definition = _referring(each)
            if self.models.setdefault(name, definition) != definition:
                made.todo("schema", f"two models are called {name}: this is the other")
        made.put("schema", f"#/definitions/{model.name}", f"the model {model.name}")

    def _disposition(self, effective: Effective, made: Section) -> None:
        """dlt appends where there is nothing to merge by."""
        resource = effective.resource
        value = resource.get("write_disposition")
        strategy = value.get("strategy") if is_mapping(value) else None
        kind = value.get("disposition") if is_mapping(value) else value
        if kind != "merge" or strategy == "scd2":
            return
        keyed = resource.get("primary_key") or resource.get("merge_key")
        if keyed or _has_key(resource.get("columns")):
            return
        made["write_disposition"] = "append"
        made.todo(
            "write_disposition",
            "dlt is told to merge, and appends, for there is no `primary_key`: write one",
        )

    def _steps(self, given: object, made: Section, name: str) -> None:
        for each in given if is_list(given) else []:
            for kind in ("filter", "map", "yield_map"):
                if is_mapping(each) and each.get(kind) is not None:
                    self._step(kind, each[kind], made, name)

    def _step(self, kind: str, value: object, made: Section, name: str) -> None:
        requests = self.requests
        steps = made.setdefault("processing_steps", [])
        assert is_list(steps)
        if not isinstance(value, Function):
            made.todo("processing_steps", f"a step is {requests.values.told(value)}")
            return
        what = requests.values.function(value)
        condition = requests.hooks.condition(value) if kind == "filter" else None
        if condition is not None:
            steps.append({"filter": condition})
            made.note("processing_steps", f"the filter is {what}")
            return
        verb = {"filter": "keep", "map": "change", "yield_map": "split"}[kind]
        hook = requests.hooks.name(value, kind, f"{verb}_{name}")
        steps.append({kind: hook})
        made.todo("processing_steps", f"write `{hook}` in hooks.py: what {what} did")

    def _call(self, call: Call, made: Section, name: str) -> None:
        """What the module does with the resource that dlt makes of the configuration."""
        kind = {"add_map": "map", "add_filter": "filter", "add_yield_map": "yield_map"}
        function = call.arguments[0] if call.arguments else None
        if call.method in kind and isinstance(function, Function):
            self._step(kind[call.method], function, made, snake(name) or "records")
            return
        if call.method == "apply_hints" and not call.arguments:
            self._hints(call.named, made, name)
            return
        where = self.requests.values.sources.shown(call.place)
        made.todo(
            "", f"the module does more with this resource: `.{call.method}` ({where})"
        )


def _hooked(read: Endpoint, made: Section) -> None:
    if read.hooks:
        made["hooks"] = read.hooks
    for todo in read.todos:
        made.todo("", todo)


def _endpoint_of(given: Mapping[str, object]) -> dict[str, object]:
    found = given.get("endpoint")
    if isinstance(found, str):
        return {"path": found}
    return dict(found) if is_mapping(found) else {}


def _discards(value: object) -> bool:
    listed = value.values() if is_mapping(value) else [value]
    return any(str(each).startswith("discard") for each in listed)


def _has_key(columns: object) -> bool:
    listed = columns if is_list(columns) else []
    listed = list(columns.values()) if is_mapping(columns) else listed
    return any(
        is_mapping(each) and (each.get("primary_key") or each.get("merge_key"))
        for each in listed
    )


def _referring(value: object) -> object:
    """`#/$defs/X` as `#/definitions/X`; fields stand as blocks."""
    if is_list(value):
        return [_referring(each) for each in value]
    if not is_mapping(value):
        return value
    made = {
        key: (
            each.replace("#/$defs/", "#/definitions/", 1)
            if key == "$ref" and isinstance(each, str)
            else _referring(each)
        )
        for key, each in value.items()
    }
    properties = made.get("properties")
    if is_mapping(properties):
        made["properties"] = Section(properties)
        return Section(made)
    return made
