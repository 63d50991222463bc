"""A draft is compiled before it is written: what does not compile is taken out, and said.

A name that no package can have is changed. A field whose schema is refused is left open; a resource that is refused is left out, which makes
the result a partial one.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterator

from generator.diagnostics import Collector, Diagnostic, Location, SpecError, shown
from generator.document import Bundle, Document, Pointer, parse
from generator.importers.draft import Draft, Found, Section
from generator.importers.yamlout import to_yaml
from generator.plain import is_list, is_mapping

_FILE = "spec.yaml"
_MOST_ROUNDS = 8


def checked(draft: Draft) -> Draft:
    """The draft without the parts that the compiler refuses."""
    from generator.lowering import package_name

    refused: list[tuple[str, str]] = []
    spec = draft.spec
    spec["connector"] = package_name(str(spec["connector"])) or "api"
    for _ in range(_MOST_ROUNDS):
        if not spec.get("resources"):
            break
        document, errors = _compiled(to_yaml(spec))
        if not errors:
            break
        if document is None or not _repair(spec, document, errors, refused):
            refused.extend(("", each.message) for each in errors[:5])
            spec["resources"] = []
    return _told(draft, refused)


def _compiled(text: str) -> tuple[Document | None, list[Diagnostic]]:
    """The spec as a document, and the errors of the stages that read it."""
    from generator import lowering, schema, validation

    collector = Collector()
    document = parse(text, _FILE, collector)
    if document is None:
        return None, list(collector.diagnostics)
    try:
        spec = validation.validate(document, collector)
        schemas = schema.build(Bundle(document, {}), collector)
        if spec is not None and not collector.failed:
            lowering.lower(document, spec, schemas, "spec", collector)
    except SpecError:
        pass
    return document, [d for d in collector.diagnostics if d.severity == "error"]


def _repair(
    spec: Section,
    document: Document,
    errors: list[Diagnostic],
    refused: list[tuple[str, str]],
) -> bool:
    """Takes out what the errors are about; false where that cannot be found."""
    places = sorted(
        (document.locate(pointer, key=True).line, pointer) for pointer in _pieces(spec)
    )
    lines = [line for line, _ in places]
    gone: set[int] = set()
    for error in errors:
        index = bisect_right(lines, error.location.line) - 1
        if index < 0:
            return False
        pointer = places[index][1]
        if pointer[0] == "resources":
            number = int(pointer[1])
            if number not in gone:
                gone.add(number)
                refused.append((_name(spec, number), error.message))
        elif not _opened(spec, pointer, error.message):
            return False
    resources = spec["resources"]
    if is_list(resources):
        spec["resources"] = [r for n, r in enumerate(resources) if n not in gone]
    return True


def _pieces(spec: Section) -> Iterator[Pointer]:
    """Where each resource and each field of a definition stands."""
    resources, definitions = spec.get("resources"), spec.get("definitions")
    for number, _ in enumerate(resources if is_list(resources) else []):
        yield ("resources", number)
    for name, schema in definitions.items() if is_mapping(definitions) else ():
        yield ("definitions", name)
        properties = schema.get("properties") if is_mapping(schema) else None
        for key in properties if is_mapping(properties) else ():
            yield ("definitions", name, "properties", key)


def _opened(spec: Section, pointer: Pointer, message: str) -> bool:
    """Lets a field, or a whole definition, be anything; false where that was done before."""
    holder: object = spec
    for step in pointer[:-1]:
        holder = holder[str(step)] if is_mapping(holder) else None
    key = str(pointer[-1])
    if not isinstance(holder, Section) or holder.get(key) == {}:
        return False
    holder.put(key, Section(), f"left open: {message}")
    return True


def _name(spec: Section, number: int) -> str:
    resources = spec["resources"]
    each = resources[number] if is_list(resources) else None
    return str(each["name"]) if is_mapping(each) else ""


def _told(draft: Draft, refused: list[tuple[str, str]]) -> Draft:
    """The draft with an error for each resource that is missing from it."""
    if not refused:
        return draft
    reasons = dict(reversed(refused))
    place = Location(next(iter(draft.sources), ""))
    problems = [
        Diagnostic(
            place,
            "not-imported",
            (
                f"the resource {shown(name)} is left out: {message}"
                if name
                else f"no spec can be made of it: {message}"
            ),
            hint="" if name else "import a part of it: --include, --exclude",
        )
        for name, message in refused
    ]
    found = tuple(_left_out(each, reasons) for each in draft.found)
    diagnostics = (*draft.diagnostics, *problems)
    return dataclasses.replace(draft, found=found, diagnostics=diagnostics)


def _left_out(found: Found, reasons: dict[str, str]) -> Found:
    if found.name not in reasons and "" not in reasons:
        return found
    reason = reasons.get(found.name, reasons.get("", ""))
    return dataclasses.replace(found, written=False, reason=reason)
