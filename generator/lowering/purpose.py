"""What a paginator does, in one sentence for its docstring."""

from __future__ import annotations

from generator import ir


def purpose(pages: ir.Pages) -> str:
    """One sentence for the paginator's docstring."""
    match pages:
        case ir.SinglePage():
            if pages.declared:
                return "One request; the API has no further pages."
            return "One request; an answer that announces more pages is an error."
        case ir.OffsetPages():
            return (
                f"Offset paging: {_sent(pages.offset)} grows by the records received"
                f"{_from(pages.first_sent)}{_with(pages.limit)}; "
                f"{_end(pages.ends, _total(pages, 'records'))}."
            )
        case ir.NumberedPages():
            return (
                f"Page-number paging: {_sent(pages.page)} counts from {pages.start}"
                f"{_from(pages.first_sent)}{_with(pages.limit)}; "
                f"{_end(pages.ends, _total(pages, pages.total_is))}."
            )
        case ir.CursorPages():
            without = "" if pages.expected else "an answer without a cursor"
            return (
                f"Cursor paging: `{pages.cursor.text}` is sent back as {_sent(pages.place)}"
                f"{_with(pages.limit)}; {_end(pages.ends, '', without)}."
            )
        case ir.LinkedPages():
            without = "" if pages.expected else "an answer without a URL"
            below = ", below the base URL" if pages.below_base else ""
            return (
                f"Next-URL paging: the URL at `{pages.url.text}` is followed{below}"
                f"{_with(pages.limit)}; {_end(pages.ends, '', without)}."
            )
        case ir.HookedPages():
            return f"Asks `{pages.function}` of hooks.py for the next request."


def _sent(place: ir.Place) -> str:
    if place.within:
        return f"`{{{place.within}}}` of `{place.param}`"
    if place.param:
        return f"`{place.param}`"
    if place.form:
        return f"`{place.form}` of the form"
    if place.header:
        return f"the header `{place.header}`"
    if place.in_path:
        return f"`{{{place.in_path}}}` of the path"
    return f"`{'.'.join(place.body_path)}` of the body"


def _from(first_sent: bool) -> str:
    return "" if first_sent else ", not sent with the first page"


def _total(pages: ir.OffsetPages | ir.NumberedPages, what: str) -> str:
    """The total, where it ends the data and does not only have to agree with the end."""
    agrees = pages.ends.told_by_answer and pages.total_check != "ignore"
    if pages.total is None or agrees:
        return ""
    return "the total" if what == "records" else f"the total of {what}"


def _with(limit: ir.Place | None) -> str:
    return "" if limit is None else f", the page size is {_sent(limit)}"


def _end(ends: ir.Ends, total: str, without: str = "") -> str:
    """What ends the data, as a clause."""
    reasons = [
        f"`{ends.stop.text}`" if ends.stop else "",
        f"the flag at `{ends.has_more.text}`" if ends.has_more else "",
        f"the flag at `{ends.is_last.text}`" if ends.is_last else "",
        total,
        "a short page" if ends.short_page else "",
        "an empty page" if ends.empty_page and not ends.short_page else "",
        f"`{ends.told}`" if ends.told else without,
    ]
    return f"{' or '.join(filter(None, reasons))} ends the data"
