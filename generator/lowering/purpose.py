"""What a paginator does, in one sentence for its docstring."""

from __future__ import annotations

from generator import ir
from generator.paths import Steps


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
                f"{_with(pages.limit)}; {_end(pages.ends, pages.total)}."
            )
        case ir.NumberedPages():
            return (
                f"Page-number paging: {_sent(pages.page)} counts from {pages.start}"
                f"{_with(pages.limit)}; {_end(pages.ends, pages.total)}."
            )
        case ir.CursorPages():
            without = "" if pages.expected else "an answer without a cursor"
            return (
                f"Cursor paging: `{pages.cursor.text}` is sent back as {_sent(pages.place)}"
                f"{_with(pages.limit)}; {_end(pages.ends, (), without)}."
            )
        case ir.LinkedPages():
            without = "" if pages.expected else "an answer without a URL"
            return (
                f"Next-URL paging: the URL at `{pages.url.text}` is followed"
                f"{_with(pages.limit)}; {_end(pages.ends, (), without)}."
            )


def _sent(place: ir.Place) -> str:
    if place.param:
        return f"`{place.param}`"
    return f"`{'.'.join(place.body_path)}` of the body"


def _with(limit: ir.Place | None) -> str:
    return "" if limit is None else f", the page size is {_sent(limit)}"


def _end(ends: ir.Ends, total: Steps, without: str = "") -> str:
    """What ends the data, as a clause."""
    reasons = [
        f"`{ends.stop.text}`" if ends.stop else "",
        f"the flag at `{'.'.join(map(str, ends.has_more))}`" if ends.has_more else "",
        "the total" if total else "",
        "an empty page" if ends.empty_page else "",
        f"`{ends.told}`" if ends.told else without,
    ]
    return f"{' or '.join(filter(None, reasons))} ends the data"
