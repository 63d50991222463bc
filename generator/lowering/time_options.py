"""Where a cursor's bounds are sent, as `start_time_option` and `end_time_option` say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.page_places import paginator_of
from generator.plain import is_mapping
from generator.spec import Incremental, IncrementalSync, TimeOption

Kind = Literal["query", "header", "body_json", "body_data"]
"""A part of the request."""


def cursor_place(
    source: Source,
) -> tuple[Incremental | IncrementalSync | None, Pointer]:
    """The cursor that is declared beside the parameters, and where."""
    for endpoint in (source.endpoint, source.defaults.endpoint or source.endpoint):
        if endpoint.incremental is not None:
            return endpoint.incremental, (*source.endpoint_pointer, "incremental")
        if endpoint.incremental_sync is not None:
            pointer = (*source.endpoint_pointer, "incremental_sync")
            return endpoint.incremental_sync, pointer
    return source.resource.incremental_sync, (*source.pointer, "incremental_sync")


def cursor_params(source: Source) -> list[tuple[str, dict[str, object]]]:
    """The parameters that declare a cursor in place."""
    return [
        (name, value)
        for name, value in source.params.items()
        if is_mapping(value) and value.get("type") == "incremental"
    ]


def placed(context: Context, source: Source, kind: Kind) -> dict[str, str]:
    """Names in one part of the request, and the text that takes the bound.

    Without a cursor nothing gives the bound but the caller: it is a placeholder.
    """
    has_cursor = cursor_place(source)[0] is not None or bool(cursor_params(source))
    found: dict[str, str] = {}
    for bound, option, _ in _options(context, source):
        into = "query" if option.inject_into == "request_parameter" else None
        if (into or option.inject_into) == kind:
            text = f"incremental.{bound}_value" if has_cursor else f"{bound}_time"
            found[option.field_name] = f"{{{text}}}"
    return found


def check_time_options(context: Context, source: Source) -> None:
    """Two keys that say where the same bound is sent; a bound that only the caller can give."""
    cursor, _ = cursor_place(source)
    given: dict[str, object] = {}
    if isinstance(cursor, Incremental):
        given = {"start": cursor.start_param, "end": cursor.end_param}
    elif cursor_params(source):
        given = {"start": True}
    for bound, _, pointer in _options(context, source):
        if cursor is None and not given:
            context.warn(
                pointer,
                "open-placeholder",
                f"nothing gives the {bound} of the range: it becomes the source's argument "
                f"`{bound}_time`",
                "write `incremental` with the `cursor_path` of the records, if they have a time",
            )
        elif given.get(bound):
            context.error(
                pointer,
                "conflict",
                f"the cursor's `{bound}_param` and the paginator's `{bound}_time_option` both say "
                "where the bound is sent",
                "keep one of them",
            )


def _options(
    context: Context, source: Source
) -> Iterator[tuple[str, TimeOption, Pointer]]:
    """Each bound with its place; what the cursor says goes before what the paginator says.

    Query parameters of `incremental_sync` are its `start_param` and `end_param`.
    """
    sync, place = cursor_place(source)
    paginator = paginator_of(context, source)
    own = (*source.endpoint_pointer, "paginator")
    shared: Pointer = ("client", "paginator")
    for bound in ("start", "end"):
        key = f"{bound}_time_option"
        option = getattr(sync, key, None)
        if isinstance(option, TimeOption):
            if option.inject_into not in {"query", "request_parameter"}:
                yield bound, option, (*place, key)
            continue
        option = getattr(paginator, key, None)
        if isinstance(option, TimeOption):
            pointer = own if source.paginator is not None else shared
            yield bound, option, (*pointer, key)
