"""How a simulated API pages, and how it lies: drawn at random, printed when a case fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hypothesis import strategies as st

from .world import Change

Paging = Literal[
    "single",
    "offset",
    "page",
    "cursor",
    "body_cursor",
    "header_cursor",
    "last_id",
    "link",
    "relative_link",
    "link_header",
]
CURSORS = ("cursor", "body_cursor", "header_cursor")
LINKS = ("link", "relative_link", "link_header")
Number = Literal["right", "absent", "low", "high", "changing", "first", "text", "null"]
"""What the answers say of the number of rows and pages."""
Flag = Literal["right", "absent", "always", "never"]
"""What the answers say of whether there is more."""
Lie = Literal["none", "repeat", "alternate", "skip", "drop", "empty", "always"]
"""What is wrong with the way from page to page."""
Fault = Literal[
    "none",
    "reset",
    "truncated",
    "cut",
    "500",
    "429",
    "404",
    "html",
    "204",
    "error",
    "error_null",
    "error_empty",
]
PastTheEnd = Literal["empty", "last", "404"]


@dataclass(frozen=True)
class Behaviour:
    """An API. Numbers of requests count data requests from 1; 0 is never."""

    paging: Paging = "offset"
    rows: int = 7
    cap: int = 3
    """The most rows of a page, whatever the request asks for."""
    base: int = 0
    """Number of the first page, or the first offset."""
    by_asked: bool = False
    """Pages start where the size that was asked for says, though they are cut at `cap`."""
    past_the_end: PastTheEnd = "empty"
    by_key: bool = True
    """A cursor stands for the last row, not for its position."""
    total: Number = "right"
    flag: Flag = "right"
    lie: Lie = "none"
    lie_at: int = 1
    """The request from which on the lie is told; an empty page and a drop happen once."""
    fault: Fault = "none"
    fault_at: int = 1
    fault_times: int = 1
    expires_at: int = 0
    """The request at which the tokens so far expire."""
    changes: tuple[Change, ...] = ()


def behaviours() -> st.SearchStrategy[Behaviour]:
    """Mostly one or two oddities at a time; the plain behaviour comes first when shrinking."""
    request = st.integers(1, 5)

    def rarely(values: object, otherwise: str) -> st.SearchStrategy[str]:
        names = st.sampled_from(get_args(values))
        return st.one_of(st.just(otherwise), st.just(otherwise), names)

    changes = st.lists(
        st.builds(
            Change,
            at=st.integers(1, 6),
            kind=st.sampled_from(["insert", "delete"]),
            where=st.sampled_from(["front", "middle", "back"]),
        ),
        max_size=3,
    ).map(tuple)
    return st.builds(
        Behaviour,
        paging=st.sampled_from(get_args(Paging)),
        rows=st.integers(0, 11),
        cap=st.sampled_from([3, 4, 20, 3, 2, 1]),
        base=st.sampled_from([0, 1]),
        by_asked=st.sampled_from([False, False, False, True]),
        past_the_end=rarely(PastTheEnd, "empty"),
        by_key=st.booleans(),
        total=rarely(Number, "right"),
        flag=rarely(Flag, "right"),
        lie=rarely(Lie, "none"),
        lie_at=request,
        fault=rarely(Fault, "none"),
        fault_at=request,
        fault_times=st.integers(1, 4),
        expires_at=st.one_of(st.just(0), request),
        changes=st.one_of(st.just(()), changes),
    )
