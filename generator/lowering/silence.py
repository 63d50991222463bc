"""The `silence` lists of a spec: their codes, and the warnings of the schemas they switch off."""

from __future__ import annotations

import bisect

from generator.diagnostics import Diagnostic, Location, nearest, shown
from generator.document import Pointer
from generator.lowering.context import WARNINGS, Context
from generator.plain import is_mapping


def apply_silence(context: Context) -> None:
    """Takes back the schemas' warnings that are not wanted; refuses codes that are none."""
    spec = context.spec
    _check(context, spec.silence or (), ("silence",))
    for index, resource in enumerate(spec.resources):
        _check(context, resource.silence or (), ("resources", index, "silence"))
    found = context.collector.diagnostics
    found[:] = [each for each in found if not _is_silenced(context, each)]


def _check(context: Context, codes: list[str] | tuple[()], pointer: Pointer) -> None:
    for index, code in enumerate(codes):
        if code not in WARNINGS:
            context.error(
                (*pointer, index),
                "wrong-value",
                f"{shown(code)} is not the code of a warning",
                nearest(code, WARNINGS) or f"there are {', '.join(sorted(WARNINGS))}",
            )


def _is_silenced(context: Context, warning: Diagnostic) -> bool:
    if warning.severity != "warning":
        return False
    if warning.code in (context.spec.silence or ()):
        return True
    index = _resource_at(context, warning.location)
    if index is None:
        return False
    return warning.code in (context.spec.resources[index].silence or ())


def _resource_at(context: Context, place: Location) -> int | None:
    """The resource in whose lines the place is."""
    document, data = context.document, context.document.data
    keys = list(data) if is_mapping(data) else []
    after = sorted(document.locate((key,), key=True) for key in keys)
    end = bisect.bisect(after, document.locate(("resources",), key=True))
    if place.file != document.file or after[end : end + 1] and place >= after[end]:
        return None
    starts = [
        document.locate(("resources", index))
        for index in range(len(context.spec.resources))
    ]
    return bisect.bisect(starts, place) - 1 if place >= starts[0] else None
