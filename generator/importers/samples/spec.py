"""What a sample says, written down as a spec with comments."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.diagnostics import Diagnostic
from generator.importers.draft import Confidence, Draft, Found, Section
from generator.importers.openapi_auth import Auth
from generator.importers.openapi_incremental import change_field, find_incremental
from generator.importers.openapi_parents import Lineage, Listed, Parents
from generator.importers.openapi_question import Paging
from generator.importers.openapi_records import path_shape
from generator.importers.openapi_schemas import Definitions
from generator.importers.openapi_spec import paging_words, selector
from generator.importers.samples.arguments import put_body, put_params
from generator.importers.samples.auth import (
    fixed_headers,
    query_keys,
    sample_auth,
    secret,
)
from generator.importers.samples.decisions import Decision, Decisions
from generator.importers.samples.endpoints import MAX_RECORDS

_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")
_MOST_NAMES = 12


def write_spec(
    name: str,
    origin: str,
    decisions: Decisions,
    chosen: Sequence[Decision],
    diagnostics: tuple[Diagnostic, ...],
    files: Sequence[str],
    are_given: bool = False,
) -> Draft:
    """The draft of a spec for the lists that were chosen. `origin` says what it was made of.

    `are_given`: the headers of the requests are those that a person gave.
    """
    spec = Section({"version": 1, "connector": name})
    spec.note("", f"Made of {origin}. It is yours to edit.")
    writing = _Writing(decisions, chosen, are_given)
    spec["client"] = writing.client()
    spec["resources"] = [writing.resource(each) for each in chosen]
    if writing.definitions.entries:
        entries = sorted(writing.definitions.entries.items())
        why = "What the records of the sample have: with others there may be more."
        spec.put("definitions", Section(dict(entries)), why)
    found = (*writing.found, *decisions.left_out)
    sources = dict.fromkeys(files, "")  # Not the texts: they may hold secrets.
    return Draft(spec, found, diagnostics, sources)


@dataclass(slots=True)
class _Writing:
    decisions: Decisions
    chosen: Sequence[Decision]
    are_given: bool
    definitions: Definitions = field(init=False)
    found: list[Found] = field(default_factory=list[Found])
    _parents: Parents = field(init=False)
    _auth: Auth = field(init=False)
    _keys: set[str] = field(init=False)
    _paginator: dict[str, object] | None = None

    def __post_init__(self) -> None:
        shapes = self.decisions.shapes
        self.definitions = Definitions(shapes)
        self._auth = sample_auth(self.decisions.exchanges, self.are_given)
        self._keys = query_keys(self.decisions.exchanges)
        lists: dict[str, Listed] = {}
        for each in self.chosen:
            operation, records = each.listing.operation, each.listing.records
            if operation.method == "GET" and not records.others:
                listed = Listed(each.name, operation.path, records)
                lists.setdefault(path_shape(operation.path), listed)
        self._parents = Parents(shapes, lists)

    def client(self) -> Section:
        client = Section()
        url = self.decisions.base_url
        if url:
            client["base_url"] = url
        else:
            todo = "the sample has no URL: the host is an argument of the source now"
            client.put("base_url", "https://{host}", todo=todo)
        client.put("auth", self._auth.value, self._auth.why, self._auth.todo)
        headers, left = fixed_headers(self.decisions.exchanges)
        headers = {**headers, **self._auth.headers}
        if self.are_given:
            headers.update({name: secret(name) for name in left})
            left = []
        if headers:
            count = len(self.decisions.exchanges)
            client.put("headers", Section(headers), f"in all of the {count} requests")
        if left:
            names = ", ".join(left[:_MOST_NAMES])
            client.note("headers", f"recorded, but not taken: {names}")
        self._put_paginator(client)
        return client

    def _put_paginator(self, client: Section) -> None:
        """The way of paging that at least three and half of the lists share."""
        pagings = [each.paging for each in self.chosen]
        if any(_is_open(each) for each in pagings):
            return  # They must not inherit a way of paging that is not theirs.
        texts = Counter(
            json.dumps(each.paginator)
            for each in pagings
            if each.paginator["type"] != "single_page" and not each.todo
        )
        most, count = texts.most_common(1)[0] if texts else ("", 0)
        if count > 2 and count * 2 >= len(pagings):
            self._paginator = json.loads(most)
            why = f"how {count} of {len(pagings)} lists are paged"
            client.put("paginator", self._paginator, why)

    def resource(self, each: Decision) -> Section:
        operation, records = each.listing.operation, each.listing.records
        made = Section({"name": each.name})
        count, answers = len(each.listing.rows), each.listing.answers
        made.note(
            "",
            f"{operation.method} {operation.path}: "
            f"{'the first ' * (count == MAX_RECORDS)}{_count(count, 'record')} "
            f"in {_count(answers, 'answer')}",
        )
        if records.others:
            made.put("selected", False, todo=f"{records.reason}: set `data_selector`")
        lineage = self._parents.lineage(operation.path)
        if each.key:
            made.put("primary_key", each.key, each.key_why)
            if lineage.parent:
                why = "the key may be unique within its parent only"
                made.put("write_disposition", "replace", why)
            else:
                made["write_disposition"] = "merge"
        else:
            why = each.key_why or "no field is known to be a key"
            made.put("write_disposition", "replace", why)
        if lineage.parent:
            made["include_from_parent"] = [lineage.key]
        schema = self.definitions.record(records.item, each.name)
        if schema:
            made["schema"] = f"#/definitions/{schema}"
        else:
            made.note("schema", "the records of the sample have no fields")
        made["endpoint"] = self._endpoint(each, lineage)
        self._report(each, lineage)
        return made

    def _endpoint(self, each: Decision, lineage: Lineage) -> Section:
        listing, paging = each.listing, each.paging
        endpoint = Section({"path": lineage.path})
        if not self.decisions.base_url:
            endpoint.todo("path", "this is the name of the file: write the path")
        if lineage.arguments:
            names = ", ".join(lineage.arguments)
            endpoint.note("path", f"arguments of the source: {names}")
        if listing.operation.method != "GET":
            endpoint["method"] = listing.operation.method
        put_params(endpoint, listing, paging, self._keys)
        put_body(endpoint, listing, paging)
        if listing.is_lines:
            why = "the answer is JSON lines: a record a line"
            endpoint.put("decoder", {"type": "jsonl"}, why)
        else:
            why = listing.records.reason if not listing.records.others else ""
            endpoint.put("data_selector", selector(listing.records.path), why)
        if _is_open(paging):
            endpoint.todo("paginator", f"{paging.todo}: write a `paginator`")
        elif self._paginator is None or paging.paginator != self._paginator:
            value = Section(paging.paginator)
            endpoint.put("paginator", value, paging.why, paging.todo)
            if list(value) == ["type"]:
                endpoint["paginator"] = value["type"]
        self._hint_incremental(endpoint, each)
        return endpoint

    def _hint_incremental(self, endpoint: Section, each: Decision) -> None:
        """What might be loaded incrementally; a sample cannot tell whether it works."""
        records, shapes = each.listing.records, self.decisions.shapes
        told = find_incremental(each.listing.operation, records, shapes)
        name = change_field(records, shapes)
        if told is not None:
            endpoint.note("incremental", told.why)
        if name is None or not re.fullmatch(r"\w+", name, re.ASCII):
            return
        seen = each.listing.shape.fields[name]
        endpoint.note(
            "incremental",
            f"`{name}` may serve as a cursor (in {seen.count - seen.nulls} of "
            f"{len(each.listing.rows)} records), where a parameter filters by it: "
            f"`incremental: {{ cursor_path: {name}, start_param: ... }}`",
        )

    def _report(self, each: Decision, lineage: Lineage) -> None:
        records, paging = each.listing.records, each.paging
        levels = (records.confidence, paging.confidence)
        sure = _ORDER[min(map(_ORDER.index, levels))]
        reasons = [records.reason, paging.todo]
        if paging.confidence == "medium":
            reasons.append(paging.why)
        operation = each.listing.operation
        decisions = {
            "seen": f"{len(each.listing.rows)}/{each.listing.answers}",
            "records": ".".join(records.path) or "$",
            "paging": paging_words(paging),
            "key": each.key,
            "parent": lineage.parent,
            "auth": self._auth.words or "none",
        }
        request = f"{operation.method} {operation.path}"
        reason = "; ".join(each for each in reasons if each)
        self.found.append(Found(each.name, request, decisions, sure, reason))


def _is_open(paging: Paging) -> bool:
    """Whether no paginator is written: an answer that announces more is an error then."""
    return paging.paginator["type"] == "single_page" and paging.confidence == "low"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
