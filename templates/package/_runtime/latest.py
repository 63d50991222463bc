"""The last value of a cursor that is text: the latest instant, not the greatest text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .cursor_keys import Read


def latest(read: Read, falling: bool = False) -> Callable[[Sequence[str]], str]:
    """dlt's `last_value_func` for text that `read` makes comparable."""
    choose = min if falling else max

    def latest_value(values: Sequence[str]) -> str:
        keys = [read(value) for value in values]
        instants = [key for key in keys if isinstance(key, int)]
        if len(instants) < len(values):
            return choose(values)
        return values[instants.index(choose(instants))]

    return latest_value
