"""Losses that nobody can see from outside; `docs/honesty.md` shows each."""

from __future__ import annotations

from collections.abc import Callable

from .behaviours import Behaviour
from .specs import LIMIT, Spec

Predicate = Callable[[Behaviour, Spec], bool]


def reason(behaviour: Behaviour, spec: Spec) -> str | None:
    """Why rows may be missing without an error; None: they may not."""
    for predicate in REASONS:
        if predicate(behaviour, spec):
            return predicate.__name__
    return None


REASONS: tuple[Predicate, ...] = ()
