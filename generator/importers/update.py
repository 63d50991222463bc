"""Importing again: what the source changed goes into the spec, what a person changed stays.

A three-way merge, line by line. The base is the text of the last import, which is kept beside the spec.
Where both sides changed the same lines the person's stay, and the source's stand before them
in a `# TODO:` comment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

CONFLICT = "the source says something else now, which is not taken:"


def base_of(spec: Path) -> Path:
    """Where the text of the last import is kept: `specs/.tickets.import.yaml`."""
    return spec.parent / f".{spec.stem}.import{spec.suffix}"


Patterns = tuple[tuple[str, ...], tuple[str, ...]]
"""What was included and excluded; the next update goes by the same."""
_PATTERNS = "# imported with "


def with_patterns(text: str, patterns: Patterns) -> str:
    """The text of an import, with what it was told to include and to exclude behind it."""
    return f"{text}{_PATTERNS}{json.dumps(patterns)}\n" if any(patterns) else text


def without_patterns(text: str) -> tuple[str, Patterns]:
    """The text of an import, and what it was told to include and to exclude."""
    before, mark, last = text.rpartition(f"\n{_PATTERNS}")
    if not mark:
        return text, ((), ())
    include, exclude = json.loads(last)
    return f"{before}\n", (tuple(include), tuple(exclude))


@dataclass(frozen=True, slots=True)
class Merged:
    """The text of the merged spec."""

    text: str
    taken: int
    """Places where the source's change was taken."""
    conflicts: int


def merged(base: str, mine: str, theirs: str) -> Merged:
    """What `theirs` changed of `base`, in `mine`."""
    lines: list[str] = []
    taken = conflicts = 0
    for old, own, new in _pieces(*(_lines(text) for text in (base, mine, theirs))):
        if new in (old, own):
            lines.extend(own)
        elif own == old:
            taken += 1
            lines.extend(new)
        else:
            conflicts += 1
            lines.extend(_conflict(own, new))
    return Merged("".join(lines), taken, conflicts)


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")[:-1]] if text else []


def _conflict(own: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The person's lines, the source's before them as a comment."""
    near = next((line for line in (*own, *new) if line.strip()), "")
    indent = near[: len(near) - len(near.lstrip())]
    yield f"{indent}# TODO: {CONFLICT}\n"
    for line in new:
        yield f"{indent}#   {line.strip()}\n" if line.strip() else f"{indent}#\n"
    if not new:
        yield f"{indent}#   (nothing: it is gone)\n"
    yield from own


def _pieces(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The three texts cut where all of them agree; every second piece is what they share."""
    here = there = last = 0
    for start, own, new, size in _shared(base, mine, theirs):
        yield base[last:start], mine[here:own], theirs[there:new]
        same = base[start : start + size]
        yield same, same, same
        last, here, there = start + size, own + size, new + size
    yield base[last:], mine[here:], theirs[there:]


def _shared(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that all three have: where in each, and how many."""
    ones = _matches(base, mine)
    twos = _matches(base, theirs)
    first = second = 0
    while first < len(ones) and second < len(twos):
        start_one, own, size_one = ones[first]
        start_two, new, size_two = twos[second]
        start = max(start_one, start_two)
        end = min(start_one + size_one, start_two + size_two)
        if start < end:
            yield start, own + start - start_one, new + start - start_two, end - start
        if start_one + size_one < start_two + size_two:
            first += 1
        else:
            second += 1


def _matches(one: list[str], two: list[str]) -> list[tuple[int, int, int]]:
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size]
