"""A draft against recorded answers: they settle what it leaves open, and differences are told.

Where both say something and differ, the draft keeps its word and gets a TODO.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Collector, SpecError, shown
from generator.importers.draft import (
    Draft,
    Found,
    Section,
    drop_notes,
    has_note,
    has_todo,
    section_of,
)
from generator.importers.openapi_auth import UNDECLARED
from generator.importers.openapi_question import Paging
from generator.importers.openapi_schemas import Definitions
from generator.importers.openapi_spec import paging_words, selector
from generator.importers.samples.auth import sample_auth
from generator.importers.samples.belonging import Resource, assigned, resources_of
from generator.importers.samples.compare_paging import agrees
from generator.importers.samples.compare_schema import FieldCheck
from generator.importers.samples.decisions import sample_key
from generator.importers.samples.endpoints import (
    Endpoint,
    Listing,
    listing,
    no_document,
    rows_of,
)
from generator.importers.samples.exchange import Exchange
from generator.importers.samples.paging import sample_paging
from generator.importers.samples.reading import read_samples
from generator.importers.samples.shape import Shape, shape_of
from generator.paths import parse_path
from generator.plain import is_mapping

_MOST_UNKNOWN = 10
_MOST_NAMES = 12


def compared(draft: Draft, sources: Sequence[Path], url: str = "") -> Draft:
    """The draft after a comparison with files and folders of recorded answers.

    Raises SpecError where these cannot be read.
    """
    collector = Collector()
    samples = read_samples(sources, url, collector)
    if samples is None or collector.failed:
        raise SpecError(collector.sorted())
    return against(draft, samples.exchanges, collector)


def against(
    draft: Draft, exchanges: Sequence[Exchange], collector: Collector | None = None
) -> Draft:
    """The draft, which is changed, after a comparison with exchanges."""
    comparing = _Comparing(draft.spec, collector or Collector())
    comparing.compare(exchanges)
    problems = comparing.collector.sorted()
    sources = {**{each.place.file: "" for each in exchanges}, **draft.sources}
    return dataclasses.replace(
        draft,
        found=tuple(comparing.reported(each) for each in draft.found),
        diagnostics=(*draft.diagnostics, *problems),
        sources={**draft.sources, **sources},
    )


@dataclass(slots=True)
class _Comparing:
    spec: Section
    collector: Collector
    _told: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Resource to what was settled or differs."""
    _settled: dict[str, Paging] = field(default_factory=dict[str, Paging])
    """Resource to the paginator that was settled."""
    _compared: set[str] = field(default_factory=set[str])
    _auth: str = ""
    """The credentials that were settled."""

    def compare(self, exchanges: Sequence[Exchange]) -> None:
        resources = resources_of(self.spec)
        unknown = [
            each for each in exchanges if not assigned(each, resources, self.spec)
        ]
        for each in resources:
            if each.exchanges:
                self._resource(each)
        used = [each for one in resources for each in one.exchanges]
        self._client(resources, used)
        self._tell_unknown(unknown, bool(used))

    def reported(self, found: Found) -> Found:
        """A row of the table with what came of the comparison."""
        decisions = {**found.decisions}
        if self._auth and decisions.get("auth") == UNDECLARED:
            decisions["auth"] = self._auth
        if found.name not in self._compared:
            return dataclasses.replace(found, decisions=decisions)
        told = "; ".join(self._told.get(found.name, [])) or "agrees"
        decisions = {**decisions, "sample": told}
        paging = self._settled.get(found.name)
        if paging is None:
            return dataclasses.replace(found, decisions=decisions)
        decisions["paging"] = paging_words(paging)
        sure, reason = paging.confidence, paging.todo
        return dataclasses.replace(
            found, decisions=decisions, confidence=sure, reason=reason
        )

    def _tell_unknown(self, unknown: list[Exchange], any_known: bool) -> None:
        requests = dict.fromkeys((e.place, e.method, e.path) for e in unknown)
        for place, method, path in list(requests)[:_MOST_UNKNOWN]:
            message = f"no resource has the recorded {method} {shown(path)}"
            hint = (
                "" if any_known else "a file without a URL is called like its resource"
            )
            self.collector.warning(place, "unknown-sample", message, hint)

    # ---- one resource

    def _resource(self, each: Resource) -> None:
        self._compared.add(each.name)
        first = each.exchanges[0]
        path = "/" + "/".join(re.sub(r"\{[^{}]*\}", "{id}", s) for s in each.segments)
        found = listing(Endpoint(each.method, first.origin, path, each.exchanges))
        rows = self._records(each, found)
        if isinstance(found, Listing):
            self._paginator(each, sample_paging(found, no_document()))
        if rows:
            self._schema(each, shape_of(rows), found)
        elif each.name not in self._told:
            self._told[each.name] = ["no records to compare"]

    def _records(self, each: Resource, found: Listing | Found) -> list[object]:
        """The records, by the draft's selector or by that of the sample."""
        endpoint = each.endpoint
        told = endpoint.get("data_selector", self._default(each, "data_selector"))
        seen = found.records if isinstance(found, Listing) else None
        is_open = told is None or has_todo(endpoint, "data_selector", "")
        is_open = is_open or has_todo(each.section, "selected", "data_selector")
        if is_open and seen is not None and not seen.others:
            if told is None or told != selector(seen.path):
                drop_notes(endpoint, "data_selector")
                why = f"the records of {self._answers(each)}"
                endpoint.put("data_selector", selector(seen.path), why)
                self._settle(each, "data_selector")
            if has_todo(each.section, "selected", "data_selector"):
                del each.section["selected"]
                drop_notes(each.section, "selected")
            return list(rows_of(each.exchanges, seen.path))
        path = _plain_path(told)
        if path is None:
            return list(found.rows) if isinstance(found, Listing) else []
        rows = list(rows_of(each.exchanges, path))
        if not rows and seen is not None and seen.path != path:
            where = selector(seen.path) or "the whole answer"
            what = f"records are at `{where}`"
            self._differ(each, endpoint, "data_selector", what)
        return [row for row in rows if is_mapping(row)]

    def _default(self, each: Resource, key: str) -> object:
        defaults = self.spec.get("resource_defaults")
        inner = defaults.get("endpoint") if is_mapping(defaults) else None
        return inner.get(key) if is_mapping(inner) else None

    def _paginator(self, each: Resource, seen: Paging) -> None:
        endpoint = each.endpoint
        client = self.spec.get("client")
        told = endpoint.get("paginator", self._default(each, "paginator"))
        if told is None and is_mapping(client):
            told = client.get("paginator")
        told = {"type": told} if isinstance(told, str) else told
        kind = str(told.get("type", "")) if is_mapping(told) else ""
        pages = seen.paginator["type"] != "single_page"
        notes = endpoint.notes.get("paginator", [])
        doubtful = any(n.todo or "not confirmed" in n.text for n in notes)
        if kind in ("", "auto") or doubtful:
            if pages:
                drop_notes(endpoint, "paginator")
                value = Section(seen.paginator)
                why = f"sample: {seen.why}"
                endpoint.put("paginator", value, why, seen.todo)
                self._settle(each, "paginator")
                self._settled[each.name] = seen
            elif seen.confidence == "low" and not doubtful:
                self._differ(each, endpoint, "paginator", seen.todo)
        elif is_mapping(told) and pages and not agrees(told, seen):
            what = f"pages go on in another way: {seen.why}"
            self._differ(each, endpoint, "paginator", what)
        elif kind == "single_page" and seen.confidence == "low":
            self._differ(each, endpoint, "paginator", seen.todo)

    def _schema(self, each: Resource, shape: Shape, found: Listing | Found) -> None:
        schema = each.section.get("schema")
        if schema is None or schema == {}:
            if isinstance(found, Listing):
                self._new_schema(each, found)
            return
        check = FieldCheck(self.spec, len(each.exchanges))
        told = section_of(each.section, "schema")
        if isinstance(schema, str):
            told = check.definition(schema)
        if told is not None:
            for place, key, what in check.differences(told, shape):
                self._differ(each, place, key, what)
            if check.added:
                count = len(check.added)
                names = ", ".join(f"`{name}`" for name in check.added[:_MOST_NAMES])
                names += ", ..." if count > _MOST_NAMES else ""
                self._tell(each, f"fields that were not declared are added: {names}")
                fields = f"{count} field" + ("s" if count > 1 else "")
                self._told.setdefault(each.name, []).append(f"{fields} added")

    def _new_schema(self, each: Resource, found: Listing) -> None:
        definitions = section_of(self.spec, "definitions")
        made = Definitions(no_document())
        made.reserve(definitions or ())
        name = made.record(found.records.item, each.name)
        if not name:
            return
        if definitions is None:
            definitions = Section()
            self.spec["definitions"] = definitions
        definitions.update(made.entries)
        drop_notes(each.section, "schema")
        each.section.put("schema", f"#/definitions/{name}", "from the sample")
        self._settle(each, "schema")
        key, why = sample_key(found, no_document())
        if key and "primary_key" not in each.section:
            drop_notes(each.section, "primary_key")
            each.section.put("primary_key", key, f"sample: {why}")
            if has_note(each.section, "write_disposition", "no field is known"):
                drop_notes(each.section, "write_disposition")
                each.section["write_disposition"] = "merge"
        for moved in ("schema", "endpoint"):  # As in other resources they stand last.
            if moved in each.section:
                each.section[moved] = each.section.pop(moved)

    # ---- the client

    def _client(self, resources: list[Resource], used: list[Exchange]) -> None:
        client = section_of(self.spec, "client")
        asked = [each for each in used if each.origin]
        if client is None or not asked:
            return
        if has_todo(client, "base_url", "host"):
            bases = {
                each.origin + (one.prefix(each) or "")
                for one in resources
                for each in one.exchanges
                if each.origin
            }
            if len(bases) == 1:
                drop_notes(client, "base_url")
                client.put("base_url", bases.pop(), "from the sample")
        if has_todo(client, "auth", ""):
            auth = sample_auth(asked)
            if auth.methods:
                drop_notes(client, "auth")
                client.put("auth", auth.value, f"sample: {auth.why}", auth.todo)
                self._auth = auth.words

    # ---- what is told

    def _answers(self, each: Resource) -> str:
        count = len(each.exchanges)
        return f"{count} recorded answer" + ("s" if count > 1 else "")

    def _settle(self, each: Resource, what: str) -> None:
        self._told.setdefault(each.name, []).append(f"{what} settled")

    def _differ(self, each: Resource, holder: Section, key: str, what: str) -> None:
        holder.todo(key, f"sample: {what}")
        self._tell(each, f"`{key}`: {what}")
        told = self._told.setdefault(each.name, [])
        told.append(f"{key} differs")

    def _tell(self, each: Resource, what: str) -> None:
        place = each.exchanges[0].place
        self.collector.warning(place, "sample-differs", f"{each.name}: {what}")


def _plain_path(told: object) -> tuple[str, ...] | None:
    """A selector of keys only; None for one that is more, or none."""
    if not isinstance(told, str):
        return None
    try:
        steps = parse_path(told)
    except ValueError:
        return None
    keys = [step for step in steps if isinstance(step, str) and step != "*"]
    return tuple(keys) if len(keys) == len(steps) else None
