"""The last look at a spec that was made: what does not compile is taken out, with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.diagnostics import Collector, Diagnostic, SpecError
from generator.document import Bundle, Document, parse
from generator.importers.draft import Section
from generator.importers.yamlout import to_yaml
from generator.plain import is_list, is_mapping

_ROUNDS = 6
_PARTS: tuple[tuple[str, ...], ...] = (
    ("endpoint", "incremental"),
    ("endpoint", "error_handler"),
    ("endpoint", "decoder"),
    ("endpoint", "auth"),
    ("primary_key",),
    ("filter",),
    ("add",),
    ("select",),
    ("drop",),
    ("flatten",),
    ("schema",),
)
"""What a resource can do without."""


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that was taken out of the spec."""

    resource: str
    """Name of the resource; empty for the client."""
    part: str
    """What of it; empty for the whole resource."""
    reason: str
    code: str


def repaired(spec: Section) -> list[Removed]:
    """Takes out what does not compile; the spec that is left does, or nothing is left."""
    removed: list[Removed] = []
    for _ in range(_ROUNDS):
        text = to_yaml(spec)
        document, errors = _errors(text)
        if not errors:
            break
        found = [*_take_out(spec, document, errors)] if document is not None else []
        removed.extend(found)
        if not found:
            break
    return removed


def _errors(text: str) -> tuple[Document | None, list[Diagnostic]]:
    from generator import lowering, schema, validation

    collector = Collector()
    document = parse(text, "spec.yaml", collector)
    if document is not None:
        try:
            bundle = Bundle(document, {})
            model = validation.validate(document, collector)
            schemas = schema.build(bundle, collector)
            if model is not None:
                lowering.lower(document, model, schemas, "spec", collector)
        except SpecError as error:
            return document, [
                each for each in error.diagnostics if each.severity == "error"
            ]
    return document, [each for each in collector.sorted() if each.severity == "error"]


def _take_out(
    spec: Section, document: Document, errors: list[Diagnostic]
) -> Iterator[Removed]:
    resources = spec.get("resources")
    if not is_list(resources):
        return
    starts = [
        document.locate(("resources", index)).line for index in range(len(resources))
    ]
    whole: set[int] = set()
    client_done = False
    done: set[tuple[int, str]] = set()
    for error in errors:
        line = error.location.line
        index = sum(start <= line for start in starts) - 1
        resource = resources[index] if index >= 0 else None
        if not is_mapping(resource):
            taken = _method(spec)
            if taken and not client_done:
                client_done = True
                yield Removed("", f"client.auth.{taken}", error.message, error.code)
            continue
        part = _part(document, index, resource, line, error)
        if (index, part) in done or index in whole:
            continue
        done.add((index, part))
        name = str(resource["name"])
        yield Removed(name, part, error.message, error.code)
        if not part:
            whole.add(index)
            continue
        holder: dict[str, object] = resource
        *above, last = part.split(".")
        for key in above:
            inner = holder[key]
            assert is_mapping(inner)
            holder = inner
        if part == "endpoint.paginator":
            holder[last] = "single_page"
        else:
            holder.pop(last, None)
        if part == "primary_key":
            resource.pop("write_disposition", None)
    for index in sorted(whole, reverse=True):
        del resources[index]


def _method(spec: Section) -> str:
    """Takes one of several auth methods out; its name, or empty if there is one only."""
    client = spec.get("client")
    auth = client.get("auth") if is_mapping(client) else None
    methods = auth.get("methods") if is_mapping(auth) else None
    if not is_mapping(client) or not is_mapping(methods):
        return ""
    name = next(iter(methods))
    del methods[name]
    if len(methods) == 1:
        client["auth"] = next(iter(methods.values()))
    return name


def _part(
    document: Document,
    index: int,
    resource: dict[str, object],
    line: int,
    error: Diagnostic,
) -> str:
    """The part of the resource that holds a line and that it can do without."""
    parts = [*_PARTS]
    endpoint = resource.get("endpoint")
    if is_mapping(endpoint) and endpoint.get("paginator") != "single_page":
        parts.insert(0, ("endpoint", "paginator"))
    if error.code == "unknown-parent":
        return ""
    found: list[tuple[int, str]] = []
    for steps in parts:
        holder: object = resource
        for step in steps:
            holder = holder.get(step) if is_mapping(holder) else None
        if holder is None:
            continue
        start = document.locate(("resources", index, *steps), key=True).line
        if start <= line:
            found.append((start, ".".join(steps)))
    others = [
        document.locate(("resources", index, *steps), key=True).line
        for steps in _keys(resource)
    ]
    if not found:
        return ""
    start, part = max(found)
    return (
        part
        if max((each for each in others if each <= line), default=0) <= start
        else ""
    )


def _keys(resource: dict[str, object]) -> Iterator[tuple[str, ...]]:
    """Every key of the resource and of its endpoint."""
    for key, value in resource.items():
        if key != "endpoint":
            yield (key,)
        elif is_mapping(value):
            yield from (("endpoint", inner) for inner in value)
