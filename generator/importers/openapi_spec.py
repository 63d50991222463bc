"""Everything that was decided about a document, written down as a spec with comments."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Collector
from generator.importers.draft import Confidence, Draft, Found, Section
from generator.importers.openapi_arguments import put_arguments
from generator.importers.openapi_auth import Auth, auth_of, requirements
from generator.importers.openapi_files import Documents, version
from generator.importers.openapi_incremental import find_incremental
from generator.importers.openapi_keys import Key
from generator.importers.openapi_operations import Operation, text
from generator.importers.openapi_question import Paging
from generator.importers.openapi_parents import Lineage, Listed, Parents
from generator.importers.openapi_records import Records, path_shape
from generator.importers.openapi_schemas import Definitions, described
from generator.importers.openapi_servers import put_servers
from generator.importers.openapi_shapes import Shapes

_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Resource:
    """A list of the document on its way into the spec."""

    name: str
    operation: Operation
    records: Records
    paging: Paging
    key: Key

    @property
    def undeclared_key(self) -> str:
        """The key of its records that their schema leaves out."""
        return self.key.name if self.key.undeclared else ""

    @property
    def selected(self) -> bool:
        return not (self.records.others or self.operation.deprecated)


def write_spec(
    name: str,
    source: Path,
    documents: Documents,
    shapes: Shapes,
    resources: Sequence[Resource],
    collector: Collector,
) -> Draft:
    """The draft: the client first, then each resource, then the definitions in use."""
    info = documents.resolved(documents.data.get("info"))
    spec = Section({"version": 1, "connector": name})
    kind = version(documents.data)
    spec.note("", f"Imported from {source.name} ({kind}). It is yours to edit.")
    words = described(text(info.get("description")) or text(info.get("title")))
    if words:
        spec["description"] = words
    docs = text(documents.resolved(documents.data.get("externalDocs")).get("url"))
    if re.fullmatch(r"https?://[\x21-\x7e]{1,300}", docs):
        spec["docs"] = docs
    writing = _Writing(documents, shapes, resources)
    spec["client"] = writing.client()
    if writing.resets:
        paginator = writing.shared_paginator()
        spec["resource_defaults"] = Section({"endpoint": paginator})
    spec["resources"] = [writing.resource(each) for each in resources]
    if writing.definitions.entries:
        entries = sorted(writing.definitions.entries.items())
        spec.put(
            "definitions",
            Section(dict(entries)),
            "Schemas in use. Lengths, bounds and patterns are left out: servers do not "
            "keep to them.",
        )
    return Draft(spec, tuple(writing.found), collector.sorted(), documents.sources)


@dataclass(slots=True)
class _Writing:
    documents: Documents
    shapes: Shapes
    resources: Sequence[Resource]
    definitions: Definitions = field(init=False)
    found: list[Found] = field(default_factory=list[Found])
    _parents: Parents = field(init=False)
    _auths: dict[tuple[tuple[str, ...], ...], Auth] = field(
        default_factory=dict[tuple[tuple[str, ...], ...], Auth]
    )
    _needed: tuple[tuple[str, ...], ...] = ()
    _paginator: dict[str, object] | None = None
    resets: bool = False
    """Whether the shared paginator is the defaults', which a resource can set aside, and not
    the client's: some resources must not inherit a way of paging that is not theirs."""
    _has_links: bool = False
    """Whether some lists are paged by the `Link` header, which others may not document."""

    def __post_init__(self) -> None:
        self.definitions = Definitions(self.shapes)
        kinds = {each.paging.paginator["type"] for each in self.resources}
        self._has_links = "header_link" in kinds
        lists: dict[str, Listed] = {}
        # One that is deprecated still gives the keys, where no other does.
        for each in sorted(self.resources, key=lambda each: not each.selected):
            if not each.records.others and each.operation.method == "GET":
                path = each.operation.path
                listed = Listed(each.name, path, each.records, each.undeclared_key)
                lists.setdefault(path_shape(path), listed)
        self._parents = Parents(self.shapes, lists)

    def client(self) -> Section:
        client = Section()
        put_servers(client, self.documents)
        counts = Counter(
            requirements(each.operation, self.documents) for each in self.resources
        )
        self._needed = counts.most_common(1)[0][0] if counts else ()
        auth = self._auth(self._needed)
        client.put("auth", auth.value, auth.why, auth.todo)
        if auth.headers:
            client["headers"] = dict(auth.headers)
        self._choose_paginator()
        if self._paginator is not None and not self.resets:
            client.update(self.shared_paginator())
            client.notes.update(self.shared_paginator().notes)
        return client

    def shared_paginator(self) -> Section:
        """The paginator that most lists have, under its key."""
        paginator = self._paginator
        same = [r.paging for r in self.resources if r.paging.paginator == paginator]
        why = f"how {len(same)} of {len(self.resources)} lists are paged"
        todo = next((paging.todo for paging in same if paging.todo), "")
        made = Section()
        made.put("paginator", paginator, why, todo)
        return made

    def _auth(self, needed: tuple[tuple[str, ...], ...]) -> Auth:
        if needed not in self._auths:
            self._auths[needed] = auth_of(needed, self.documents)
        return self._auths[needed]

    def _choose_paginator(self) -> None:
        """The most frequent way of paging, where at least three and half of all share it."""
        texts = Counter(
            json.dumps(each.paging.paginator)
            for each in self.resources
            if each.paging.paginator["type"] != "single_page"
        )
        most, count = next(iter(texts.most_common(1)), ("", 0))
        if count > 2 and count * 2 >= len(self.resources):
            self._paginator = json.loads(most)
            self.resets = any(self._is_open(each.paging) for each in self.resources)

    def _is_open(self, paging: Paging) -> bool:
        """Whether no paginator is written, so that an answer which announces more is an error."""
        single = paging.paginator["type"] == "single_page"
        return single and (paging.confidence == "low" or self._has_links)

    # ---- one resource

    def resource(self, each: Resource) -> Section:
        operation, records = each.operation, each.records
        made = Section({"name": each.name})
        made.note("", f"{operation.method} {operation.path}")
        words = described(operation.summary)
        if words:
            made["description"] = words
        lineage = self._parents.lineage(operation.path)
        if operation.deprecated:
            made.put("selected", False, "the document calls it deprecated")
        elif records.others:
            made.put("selected", False, todo=f"{records.reason}: set `data_selector`")
        if each.key.name:
            made.put("primary_key", each.key.name, each.key.why)
            incremental = find_incremental(operation, records, self.shapes)
            is_local = each.key.is_local or bool(lineage.parent)
            if is_local and (incremental is None or incremental.value is None):
                why = "the key may be unique within its parent only"
                made.put("write_disposition", "replace", why)
            else:
                made["write_disposition"] = "merge"
        else:
            made.put("write_disposition", "replace", "no field is known to be a key")
        if lineage.parent:
            made["include_from_parent"] = [lineage.key]
        schema = self.definitions.record(records.item, each.name, each.undeclared_key)
        if schema:
            made["schema"] = f"#/definitions/{schema}"
        else:
            made.note("schema", "the document says nothing about the fields")
        made["endpoint"] = self._endpoint(each, lineage)
        self._report(each, lineage)
        return made

    def _endpoint(self, each: Resource, lineage: Lineage) -> Section:
        operation, records, paging = each.operation, each.records, each.paging
        endpoint = Section({"path": lineage.path})
        if lineage.arguments:
            names = ", ".join(lineage.arguments)
            endpoint.note("path", f"arguments of the source: {names}")
        if operation.method != "GET":
            endpoint["method"] = operation.method
        put_arguments(endpoint, operation, paging, self.shapes)
        why = records.reason if not records.others else ""
        endpoint.put("data_selector", selector(records.path), why)
        if self._is_open(paging):
            if self.resets:
                endpoint["paginator"] = None
            if paging.todo:
                endpoint.todo("paginator", f"{paging.todo}: write a `paginator`")
            else:
                why = (
                    "left open: other lists are paged by `Link`, which is an error here"
                )
                endpoint.note("paginator", why)
        elif self._paginator is None or paging.paginator != self._paginator:
            value = Section(paging.paginator)
            endpoint.put("paginator", value, paging.why, paging.todo)
            if list(value) == ["type"]:
                endpoint["paginator"] = value["type"]
        self._put_auth(endpoint, requirements(operation, self.documents))
        incremental = find_incremental(operation, records, self.shapes)
        if incremental is not None:
            endpoint.note("incremental", incremental.why)
            if incremental.value is not None:
                endpoint["incremental"] = incremental.value
        return endpoint

    def _put_auth(self, endpoint: Section, needed: tuple[tuple[str, ...], ...]) -> None:
        """The auth of an endpoint where none of the client's methods will do."""
        auth, client = self._auth(needed), self._auth(self._needed)
        if auth.methods == client.methods:
            return
        if any(each in client.methods for each in auth.methods):
            endpoint.note("auth", f"the document allows here: {auth.words}")
        elif auth.methods:
            endpoint.put("auth", Section(auth.methods[0]), auth.why, auth.todo)
        else:
            endpoint.put("auth", "none", auth.why, auth.todo)

    def _report(self, each: Resource, lineage: Lineage) -> None:
        records, paging = each.records, each.paging
        needed = requirements(each.operation, self.documents)
        levels = (records.confidence, paging.confidence)
        sure = _ORDER[min(map(_ORDER.index, levels))]
        reasons = [records.reason, paging.todo]
        if paging.confidence == "medium":
            reasons.append(paging.why)
        self.found.append(
            Found(
                each.name,
                f"{each.operation.method} {each.operation.path}",
                {
                    "records": ".".join(records.path) or "$",
                    "paging": paging_words(paging),
                    "key": each.key.name,
                    "parent": lineage.parent,
                    "auth": self._auth(needed).words or "none",
                },
                sure,
                "; ".join(reason for reason in reasons if reason),
            )
        )


def paging_words(paging: Paging) -> str:
    """A paginator in a few words: `cursor after <- paging.next.after`."""
    value = paging.paginator

    def place(what: str) -> str:
        body = value.get(f"{what}_body_path")
        return f"body:{body}" if body else str(value.get(f"{what}_param", ""))

    match value["type"]:
        case "json_link":
            return f"url {value['next_url_path']}"
        case "cursor":
            return f"cursor {place('cursor')} <- {value['cursor_path']}"
        case "offset":
            return f"offset {place('offset')}"
        case "page_number":
            first = "?" if "first" in paging.todo else value["base_page"]
            return f"page {place('page')} {first}"
        case "header_link":
            return "header link"
        case _:
            return "open" if paging.confidence == "low" else "none"


def selector(path: Iterable[str]) -> str:
    """The keys down to the records as `data_selector` has them."""
    return ".".join(map(_segment, path))


def _segment(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_$@-][\w$@-]*", name, re.ASCII)
    return name if plain else f"['{name}']"
