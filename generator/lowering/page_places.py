"""Where paging puts its values in a request: query, JSON body, form, header or path."""

from __future__ import annotations

import re
from typing import NamedTuple

from generator import ir
from generator.expressions.text import ExpressionError
from generator.lowering.context import Context, Source
from generator.lowering.parents import routed
from generator.paths import Steps
from generator.plain import is_mapping
from generator.spec import CursorPaginator, OffsetPaginator, PageNumberPaginator
from generator.spec import Paginator
from generator.values import Placeholder, parts


class Use(NamedTuple):
    """What a paginator has to know of the endpoint that it pages."""

    form: bool = False
    """The body is a form."""
    placeholder: str = ""
    """The placeholder of the path that takes the cursor, the offset or the page number."""
    whole_step: bool = True
    """The placeholder is a whole step of the path, which the first request can leave out."""
    selector: Steps = ()
    within: str = ""
    """The query parameter whose text has a placeholder for the offset or the page number."""


def paginator_of(context: Context, source: Source) -> Paginator | None:
    """The endpoint's paginator, else the client's."""
    return source.paginator or context.spec.client.paginator


def paged_placeholder(context: Context, source: Source) -> str:
    """The placeholder of the path that paging fills, where it names no other place."""
    match paginator_of(context, source):
        case CursorPaginator(
            cursor_param=None, cursor_body_path=None, cursor_header=None
        ):
            name = "cursor"
        case OffsetPaginator(offset_param=None, offset_body_path=None):
            name = "offset"
        case PageNumberPaginator(page_param=None, page_body_path=None):
            name = "page"
        case _:
            return ""
    if name in routed(source):
        return ""
    try:
        found = parts(source.path.partition("?")[0])
    except ExpressionError:
        return ""  # lowering reports it where the path is used
    named = (part for part in found if isinstance(part, Placeholder))
    return name if any(part.name == name for part in named) else ""


def use_of(context: Context, source: Source, selector: Steps) -> Use:
    """What the endpoint's paginator has to know of it."""
    name = paged_placeholder(context, source)
    steps = source.path.partition("?")[0].split("/")
    is_form = is_mapping(source.part("data"))
    is_step = f"{{{name}}}" in steps[1:] or not name
    return Use(is_form, name, is_step, selector, paged_param(context, source)[0])


def paged_param(context: Context, source: Source) -> tuple[str, str]:
    """The parameter of the offset or page number whose text has a placeholder for it, and that."""
    match paginator_of(context, source):
        case OffsetPaginator(offset_param=str(param)):
            name = "offset"
        case PageNumberPaginator(page_param=str(param)):
            name = "page"
        case _:
            return "", ""
    text = source.params.get(param)
    if name in routed(source) or not isinstance(text, str):
        return "", ""
    return (param, name) if placeholder(name).search(text) else ("", "")


def placeholder(name: str) -> re.Pattern[str]:
    """A placeholder as it is written, outside of expressions."""
    return re.compile(rf"(?<!\{{)\{{\s*{name}\s*\}}(?!\}})")


def sent_at(place: ir.Place) -> bool:
    """Whether the value is sent at all."""
    return any(place)
