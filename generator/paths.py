"""Paths into JSON as specs write them (`data.items`, `$.a['b.c'][0]`, `list.*.record`) to steps."""

from __future__ import annotations

import re

Steps = tuple[str | int, ...]
"""Keys, indexes, and `"*"` for every item of a list or every value of a mapping."""

_STEP = re.compile(
    r"""
    \[\s*(?P<q>['"])(?P<quoted>.*?)(?P=q)\s*\]   # ['a key']
    | (?P<plain>['"])(?P<bare>.*?)(?P=plain)      # 'a key', as dlt's paths have it
    | \[\s*(?P<index>-?\d+)\s*\]                 # [0]
    | \[\s*(?P<star>\*?)\s*\]                    # [*] or []
    | (?P<annotation>@[^.\[\]'"]+\.[^.\[\]'"]+)  # @odata.nextLink is one key
    | (?P<key>[^.\[\]'"]+)
    """,
    re.VERBOSE,
)


def parse_path(text: str) -> Steps:
    """The steps of a path; `$`, `.` and an empty text are the root.

    Raises ValueError, with what to write, for JSONPath that is not in the language.
    """
    rest = text.strip()
    rest = rest.removeprefix("$").removeprefix(".") if rest.startswith("$") else rest
    if rest in {"", ".", "[]"}:
        return ()
    steps: list[str | int] = []
    position = 0
    while position < len(rest):
        if rest[position] == "." and steps:
            position += 1
        match = _STEP.match(rest, position)
        if match is None:
            raise ValueError(
                "write keys with dots between, quoted keys as ['a.b'], [0] for an index and * "
                "for all items"
            )
        steps.append(_step(match))
        position = match.end()
        if position < len(rest) and rest[position] not in ".[":
            raise ValueError(f"a dot is missing before {ascii(rest[position:])}")
    return tuple(steps)


def _step(match: re.Match[str]) -> str | int:
    if match["quoted"] is not None:
        return match["quoted"]
    if match["bare"] is not None:
        return match["bare"]
    if match["index"] is not None:
        return int(match["index"])
    if match["star"] is not None:
        return "*"
    word = match["annotation"] or match["key"]
    if re.search(r"[?()]", word):
        raise ValueError("filters and functions are not supported in paths")
    return word
