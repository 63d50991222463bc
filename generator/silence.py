"""The `silence` lists of a spec: their codes, and the warnings of its schemas that they take back."""

from __future__ import annotations

import bisect

from generator.diagnostics import Collector, Diagnostic, Location, nearest, shown
from generator.document import Document, Pointer
from generator.plain import is_list, is_mapping

WARNINGS = frozenset("""
    auth-error-ignored
    auth-error-retried
    constant-condition
    cursor-default
    cursor-is-url
    cursor-not-in-schema
    cursor-path-assumed
    duplicate-path
    first-page
    format-offset
    format-unused
    key-not-in-schema
    limit-above-maximum
    limit-not-sent
    no-auth
    no-connector
    no-data-selector
    no-paginator
    no-primary-key
    no-request-window
    no-schema
    open-placeholder
    parent-field-not-in-schema
    pattern-dropped
    plain-http
    required-unknown
    schema-dropped
    secret-in-spec
    selector-in-schema
    unknown-field
    unused-definition
    upsert-twice
    """.split())
"""The codes of all warnings: what `silence` may name."""


def apply_silence(document: Document, collector: Collector) -> None:
    """Takes back warnings that are not wanted; refuses codes that are none.

    The warnings of lowering are not made in the first place. A warning of the schemas belongs to
    the resource in whose lines it stands.
    """
    data = document.data if is_mapping(document.data) else {}
    everywhere = _codes(document, collector, data, ())
    resources = data.get("resources")
    silenced = [
        _codes(document, collector, resource, ("resources", index))
        for index, resource in enumerate(resources if is_list(resources) else [])
    ]
    starts = [document.locate(("resources", index)) for index in range(len(silenced))]
    end = _end(document)

    def is_wanted(warning: Diagnostic) -> bool:
        if warning.code in everywhere:
            return False
        place = warning.location
        index = bisect.bisect(starts, place) - 1
        inside = place.file == document.file and place < end and index >= 0
        return not inside or warning.code not in silenced[index]

    found = collector.diagnostics
    found[:] = [each for each in found if each.severity == "error" or is_wanted(each)]


def _codes(
    document: Document, collector: Collector, value: object, pointer: Pointer
) -> set[str]:
    """The codes that the spec or a resource silences."""
    listed = value.get("silence") if is_mapping(value) else None
    codes = [code if isinstance(code, str) else "" for code in _items(listed)]
    for index, code in enumerate(codes):
        if code and code not in WARNINGS:
            collector.error(
                document.locate((*pointer, "silence", index)),
                "wrong-value",
                f"{shown(code)} is not the code of a warning",
                nearest(code, WARNINGS) or f"there are {', '.join(sorted(WARNINGS))}",
            )
    return set(codes)


def _items(value: object) -> list[object]:
    return value if is_list(value) else []


def _end(document: Document) -> Location:
    """Where the list of resources ends: at the next key, if there is one."""
    keys = document.data if is_mapping(document.data) else {}
    after = sorted(document.locate((key,), key=True) for key in keys)
    start = bisect.bisect(after, document.locate(("resources",), key=True))
    return after[start] if start < len(after) else Location(document.file, 2**31)
