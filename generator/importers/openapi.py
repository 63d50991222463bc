"""OpenAPI 2.0, 3.0 and 3.1 to the draft of a spec: the lists of a document become resources."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from generator.diagnostics import Collector, SpecError
from generator.importers import ImportOptions
from generator.importers.draft import Draft
from generator.importers.openapi_files import Documents, read_documents
from generator.importers.openapi_keys import item_placeholders, primary_key
from generator.importers.openapi_names import resource_names
from generator.importers.openapi_operations import Operation, operations, text
from generator.importers.openapi_paging import find_paging
from generator.importers.openapi_question import Paging
from generator.importers.openapi_records import Records, find_records, path_shape
from generator.importers.openapi_shapes import Shapes
from generator.importers.openapi_slots import is_paged, request_slots
from generator.importers.openapi_spec import Resource, write_spec
from generator.importers.openapi_words import CHANGES, plain_name
from generator.naming import snake

_NO_NAME = re.compile(
    r"\b(rest|api|apis|v?\d[\d.]*|openapi|specification|the)\b", re.IGNORECASE
)
"""Words of a title that say nothing."""


@dataclass(frozen=True, slots=True)
class _List:
    """An operation that gives a list."""

    operation: Operation
    records: Records
    paging: Paging


def read(source: Path, options: ImportOptions) -> Draft:
    """The draft of a spec for the API that a document describes.

    Raises SpecError where it is no OpenAPI document that can be read.
    """
    collector = Collector()
    documents = read_documents(source, collector)
    if documents is None:
        raise SpecError(collector.sorted())
    shapes = Shapes(documents)
    found = _lists(documents, shapes, collector)
    names = resource_names([each.operation for each in found])
    paths = documents.resolved(documents.data["paths"])
    lists = {each.operation.path for each in found}
    placeholders = item_placeholders(paths, lists)
    resources = [
        Resource(
            name,
            each.operation,
            each.records,
            each.paging,
            primary_key(each.records, each.operation.path, shapes, placeholders),
        )
        for name, each in zip(names, found, strict=True)
        if _is_wanted(name, each.operation, options)
    ]
    name = options.name or _connector(documents, source)
    return write_spec(name, source, documents, shapes, resources, collector)


def _lists(
    documents: Documents, shapes: Shapes, collector: Collector
) -> Sequence[_List]:
    """The lists of a document."""
    found: list[_List] = []
    known = list(operations(documents, collector))
    read = {path_shape(each.path) for each in known if each.method == "GET"}
    for operation in known:
        paged = is_paged(request_slots(operation, shapes), shapes)
        if operation.method == "POST" and not (paged and _asks(operation, read)):
            continue
        records = find_records(operation, shapes, paged)
        if records is not None:
            paging = find_paging(operation, records, shapes)
            found.append(_List(operation, records, paging))
    return found


def _asks(operation: Operation, read: Set[str]) -> bool:
    """Whether a POST only asks: one that may change something must never be sent by a loader.

    `read`: the paths that a GET reads, where a POST makes a new thing.
    """
    segment = operation.path.rstrip("/").rpartition("/")[2]
    verbs = (
        plain_name(each).partition("_")[0]
        for each in (operation.name, operation.summary, segment)
    )
    return path_shape(operation.path) not in read and CHANGES.isdisjoint(verbs)


def _is_wanted(name: str, operation: Operation, options: ImportOptions) -> bool:
    """Whether the caller's patterns let a resource in: by tag, path or name."""
    texts = [name.lower(), operation.path.lower(), *map(str.lower, operation.tags)]

    def fits(patterns: Sequence[str]) -> bool:
        return any(
            fnmatchcase(each, pattern.lower()) for pattern in patterns for each in texts
        )

    if options.include and not fits(options.include):
        return False
    return not fits(options.exclude)


def _connector(documents: Documents, source: Path) -> str:
    """The name of the connector: the document's title, else the file's stem."""
    title = text(documents.resolved(documents.data.get("info")).get("title"))
    words = re.sub(_NO_NAME, " ", title)
    return (snake(words) or "")[:40].strip("_") or snake(source.stem) or "api"
