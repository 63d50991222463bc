"""Losses that nobody can see from outside; `docs/honesty.md` shows each with its case."""

from __future__ import annotations

from collections.abc import Callable

from .behaviours import CURSORS, LINKS, Behaviour
from .server import Api
from .specs import LIMIT, Spec

Predicate = Callable[[Api, Spec], bool]


def reason(api: Api, spec: Spec) -> str | None:
    """Why rows may be missing without an error; None: they may not."""
    for predicate in REASONS:
        if predicate(api, spec):
            return predicate.__name__
    return None


def _counts(spec: Spec) -> bool:
    """The spec compares a declared number with what came."""
    return spec.checked or spec.total == "pages"


def _only_page(api: Api, spec: Spec) -> bool:
    """The number of pages is one, as many APIs say of no rows as well."""
    size = min(LIMIT, api.behaviour.cap)
    return spec.total == "pages" and (api.last.total or 0) <= size


def single_page_declared(api: Api, spec: Spec) -> bool:
    """The spec says `single_page`, so nobody looks for more."""
    return spec.paging == "single" and spec.declared


def announced_elsewhere(api: Api, spec: Spec) -> bool:
    """The spec names no paginator, and the answer names its next page in a way of its own."""
    return spec.paging == "single" and api.behaviour.paging not in LINKS


def cursor_elsewhere(api: Api, spec: Spec) -> bool:
    """The spec looks for the cursor where this API has none: as if there were no more."""
    if spec.paging not in (*CURSORS, *LINKS):
        return False
    found = _place(spec.paging) == _place(api.behaviour.paging)
    promised = spec.flag and api.last.more
    # An announcement at the usual places is seen, unless a condition of the spec goes before it.
    announced = api.behaviour.paging in LINKS and api.last.named and not spec.stop
    return (spec.wrong_place or not found) and not promised and not announced


def _place(paging: str) -> str:
    """Both sides name the cursor in the same place of the answer."""
    return {"body_cursor": "cursor", "relative_link": "link"}.get(paging, paging)


def short_page_is_no_end(api: Api, spec: Spec) -> bool:
    """The spec's condition takes a short page for the last one; this API has others."""
    early = api.last.early or api.last.nothing
    return spec.stop and not _counts(spec) and early and api.last.size < LIMIT


def empty_page_is_no_end(api: Api, spec: Spec) -> bool:
    """An empty page ends the data by the spec; this API has one in the middle."""
    counted = spec.paging in ("offset", "page", "last_id")
    ends = counted and not spec.flag if spec.empty is None else spec.empty
    told = _counts(spec) and not _only_page(api, spec)
    early = (api.last.early or api.last.nothing) and api.last.size == 0
    return (ends or spec.total == "pages") and not told and early


def nothing_at_all(api: Api, spec: Spec) -> bool:
    """Status 204 before any row, or at any time where the spec says that it is no error."""
    believed = spec.missing_empty or not api.served
    return api.last.nothing and believed and not spec.flag and not _counts(spec)


def cursor_dropped(api: Api, spec: Spec) -> bool:
    """The server leaves the cursor out, which is how the data ends."""
    dropped = api.behaviour.lie == "drop" and not api.last.named
    return dropped and not (spec.flag and api.last.more)


def cursor_skips(api: Api, spec: Spec) -> bool:
    """The server's cursor leads past rows."""
    return api.behaviour.lie == "skip" and api.requests >= api.behaviour.lie_at


def rows_deleted(api: Api, spec: Spec) -> bool:
    """Positions count from the first row: a deleted one moves another to a page already read."""
    behaviour = api.behaviour
    made = {each.kind for each in behaviour.changes if each.at <= api.requests}
    # The total falls with a deletion, unless an insertion hides it. The number of pages
    # need not fall with the number of rows.
    seen = spec.checked and made == {"delete"} and behaviour.total in ("right", "text")
    return _by_position(behaviour) and "delete" in made and not seen


def _by_position(behaviour: Behaviour) -> bool:
    named = behaviour.paging in (*CURSORS, *LINKS) and not behaviour.by_key
    return named or behaviour.paging in ("offset", "page")


def flag_says_end(api: Api, spec: Spec) -> bool:
    """The server's own flag says that there is no more."""
    return spec.flag and api.last.more is False and not _counts(spec)


def total_says_end(api: Api, spec: Spec) -> bool:
    """The server declares fewer rows than there are, and so many came."""
    low = api.behaviour.total in ("low", "changing")
    more = spec.flag and api.last.more
    return spec.total != "none" and low and not more


def wrong_start(api: Api, spec: Spec) -> bool:
    """The spec counts from a later number than the API: the first page is never asked for."""
    counted = spec.paging == api.behaviour.paging and spec.paging in ("offset", "page")
    later = spec.start > api.behaviour.base
    return counted and later and (not _counts(spec) or _only_page(api, spec))


def parameters_ignored(api: Api, spec: Spec) -> bool:
    """The API knows another way of paging and gives its first rows again and again; while
    they change, that looks like pages.
    """
    return spec.paging != api.behaviour.paging and len(api.world.ever) > (
        len(api.world.throughout)
    )


def pages_overlap_their_size(api: Api, spec: Spec) -> bool:
    """Page numbers count by the size that was asked for, pages are cut below it."""
    behaviour = api.behaviour
    return behaviour.paging == "page" and behaviour.by_asked and behaviour.cap < LIMIT


REASONS: tuple[Predicate, ...] = (
    single_page_declared,
    announced_elsewhere,
    cursor_elsewhere,
    short_page_is_no_end,
    empty_page_is_no_end,
    nothing_at_all,
    cursor_dropped,
    cursor_skips,
    rows_deleted,
    flag_says_end,
    total_says_end,
    wrong_start,
    parameters_ignored,
    pages_overlap_their_size,
)
