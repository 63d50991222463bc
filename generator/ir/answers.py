"""What an answer means: compiled conditions, retries, rules, and budgets of requests."""

from __future__ import annotations

from typing import NamedTuple

from generator.pysource import Code


class Condition(NamedTuple):
    """A compiled expression over `response`, `body` (its JSON) and `records`."""

    code: Code
    helpers: tuple[str, ...]
    """Functions of the package's `_runtime` that the code calls."""
    places: tuple[str, ...]
    """Parts of the answer that it reads, such as `body.links.next` and `header.link`."""
    text: str
    """The expression as the spec writes it, for docstrings."""
    is_flag: bool = False
    """It gives true or false."""

    @property
    def reads_body(self) -> bool:
        return any(place.partition(".")[0] == "body" for place in self.places)


class Rule(NamedTuple):
    """What is done with answers that fit every criterion that is given."""

    action: str
    statuses: tuple[int, ...]
    contains: str
    when: Condition | None
    """Over `response` and `body`."""
    message: str


class WaitHeader(NamedTuple):
    """A header that says how long to wait."""

    name: str
    format: str
    regex: str
    longest: float


class Retry(NamedTuple):
    """When a request is tried again; the defaults are those of `_runtime/retrying.py`."""

    statuses: tuple[int, ...] | None = None
    max_retries: int = 5
    backoff: float = 1.0
    """Seconds of the first wait; it doubles."""
    constant: bool = False
    max_wait: float = 60.0
    message: str = ""
    rules: tuple[Rule, ...] = ()
    wait_header: WaitHeader | None = None


class RateLimit(NamedTuple):
    """A budget of requests."""

    requests: int | None
    per: float
    concurrent: int | None
