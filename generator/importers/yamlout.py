"""A draft as YAML text: readable, the same bytes each time, and read back as the same data."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator

from generator.importers.draft import Note, Section
from generator.plain import is_list, is_mapping

WIDTH = 88
_PLAIN = re.compile(r"[A-Za-z_/.][A-Za-z0-9_ ./+()'-]*")
_REFERENCE = re.compile(r'dlt\.(secrets|config)\["[A-Za-z0-9_]+"\]')
_WORDS = re.compile(
    r"~|null|true|false|yes|no|on|off|y|n|[.](inf|nan)|[.0-9][0-9_.eE+-]*",
    re.IGNORECASE,
)
"""Plain scalars that one YAML reader or another does not take for text."""
_ESCAPED = re.compile(
    "[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
    "\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
_SPACED = frozenset(("resources", "definitions"))
"""Keys of the spec whose entries stand apart."""


def to_yaml(spec: Section) -> str:
    """The text of a spec; it reads back as the same data, comments aside."""
    lines = [*_comments(spec.notes.get("", []), "")]
    for key, value in spec.items():
        if lines and (is_mapping(value) or is_list(value)):
            lines.append("")
        lines.extend(_entry(spec, key, value, "", spaced=key in _SPACED))
    lines.extend(_left_over(spec, ""))
    return "\n".join(lines) + "\n"


def _entry(
    section: dict[str, object], key: str, value: object, indent: str, spaced: bool
) -> Iterator[str]:
    """The lines of one key of a mapping, its comments before it."""
    if isinstance(section, Section):
        yield from _comments(section.notes.get(key, []), indent)
    start = f"{indent}{scalar(key)}:"
    line = _flow(value, WIDTH - len(start) - 1)
    if line is not None:
        yield f"{start} {line}"
    elif isinstance(value, str):
        yield from _block_text(start, value, indent)
    elif is_mapping(value):
        yield start
        yield from _mapping(value, indent + "  ", spaced)
    elif is_list(value):
        yield start
        yield from _items(value, indent + "  ", spaced)


def _mapping(value: dict[str, object], indent: str, spaced: bool) -> Iterator[str]:
    if isinstance(value, Section):
        yield from _comments(value.notes.get("", []), indent)
    for number, (key, inner) in enumerate(value.items()):
        if spaced and number:
            yield ""
        yield from _entry(value, key, inner, indent, spaced=False)
    if isinstance(value, Section):
        yield from _left_over(value, indent)


def _items(value: list[object], indent: str, spaced: bool) -> Iterator[str]:
    for number, item in enumerate(value):
        if spaced and number:
            yield ""
        line = _flow(item, WIDTH - len(indent) - 2)
        if line is not None:
            yield f"{indent}- {line}"
        else:
            lines: list[str] = []
            if isinstance(item, Section):
                yield from _comments(item.notes.get("", []), indent)
                inner = Section(item)
                first = next(iter(item), "")
                # Comments of the first key stand before the dash as well.
                yield from _comments(item.notes.get(first, []), indent)
                inner.notes = {
                    k: v for k, v in item.notes.items() if k not in ("", first)
                }
                lines = [*_mapping(inner, indent + "  ", spaced=False)]
            elif is_mapping(item):
                lines = [*_mapping(item, indent + "  ", spaced=False)]
            elif is_list(item):
                lines = [*_items(item, indent + "  ", spaced=False)]
            else:
                lines = [*_block_text(indent + " ", str(item), indent)]
            yield f"{indent}- {lines[0][len(indent) + 2 :]}"
            yield from lines[1:]


def _left_over(section: Section, indent: str) -> Iterator[str]:
    """Comments of keys that the section does not have: what was left out, and why."""
    for key, notes in section.notes.items():
        if key and key not in section:
            yield from _comments(notes, indent)


def _comments(notes: list[Note], indent: str) -> Iterator[str]:
    for note in notes:
        text = " ".join(_ESCAPED.sub(" ", note.text).split())
        start = f"{indent}# " + ("TODO: " if note.todo else "")
        yield from textwrap.wrap(
            text,
            WIDTH,
            initial_indent=start,
            subsequent_indent=f"{indent}# ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or [start.rstrip()]


def _flow(value: object, room: int) -> str | None:
    """A value on one line; None for a Section, and for what does not fit."""
    if isinstance(value, str):
        text = scalar(value)
        fits = len(text) <= room or not _foldable(value)
        return text if fits and ("\n" not in value or not _literal(value)) else None
    if isinstance(value, Section) and value:
        return None
    if is_mapping(value) or is_list(value):
        inline = _inline(value, 0)
        fits = inline is not None and (len(inline) <= room or not value)
        return inline if fits else None
    return scalar(value)


def _inline(value: object, depth: int) -> str | None:
    if isinstance(value, Section) and value:
        return None
    if is_mapping(value):
        parts = [(scalar(k, True), _inline(v, depth + 1)) for k, v in value.items()]
        if depth > 2 or any(text is None for _, text in parts):
            return None
        inner = ", ".join(f"{key}: {text}" for key, text in parts)
        return f"{{ {inner} }}" if inner else "{}"
    if is_list(value):
        items = [_inline(item, depth + 1) for item in value]
        if depth > 2 or any(item is None for item in items):
            return None
        return "[" + ", ".join(item for item in items if item is not None) + "]"
    return scalar(value, True)


def scalar(value: object, in_flow: bool = False) -> str:
    """Text, a number, a boolean or null as a scalar that every YAML reader takes for the same."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    text = str(value)
    if _REFERENCE.fullmatch(text):
        return f"'{text}'" if in_flow else text
    if _PLAIN.fullmatch(text) and not _WORDS.fullmatch(text) and text[-1] != " ":
        return text
    # YAML has no escape for half of a surrogate pair, which is no character.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _number(value: int | float) -> str:
    """Digits that YAML's readers take for a number: `1e+16` and not `1e16`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{int(value)}.0"
    text = repr(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _foldable(text: str) -> bool:
    """Whether a text can stand as a folded block: single spaces between words, nothing else."""
    spaced = " " in text and text == " ".join(text.split())
    return spaced and not _ESCAPED.search(text)


def _literal(text: str) -> bool:
    """Whether a text of several lines can stand as it is."""
    lines = text.split("\n")
    return (
        not _ESCAPED.search(text.replace("\n", ""))
        and all(line == line.rstrip() for line in lines)
        and lines[0] == lines[0].lstrip()
        and bool(lines[0] and lines[-1])
        and "\t" not in text
    )


def _block_text(start: str, text: str, indent: str) -> Iterator[str]:
    """A long text below its key."""
    inner = indent + "  "
    if "\n" in text:
        yield f"{start} |-"
        yield from (inner + line if line else "" for line in text.split("\n"))
        return
    yield f"{start} >-"
    yield from textwrap.wrap(
        text,
        max(WIDTH, len(inner) + 40),
        initial_indent=inner,
        subsequent_indent=inner,
        break_long_words=False,
        break_on_hyphens=False,
    )
