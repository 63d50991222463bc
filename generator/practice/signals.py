"""What an answer has to say so that a `stop_condition` is true on the last page only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from generator.practice.shapes import Path, parse

Kind = Literal["more", "last", "more_text", "present", "null", "page", "pages"]
"""How a place tells the last page apart: true until then, true only then, the text
`true` until then, there until then, null then; `page` and `pages` are counters."""

_NAME = r"@?[A-Za-z_][\w@]*"
_LOOKUP = rf"{_NAME}(?:\.get\(\s*['\"][^'\"]*['\"][^()]*\)|\.{_NAME}(?!\()|\[[^\]]*\])*"
_KEY = r"['\"](?P<key>[^'\"]+)['\"]"
_WHERE = rf"(?P<where>{_LOOKUP})"
_NONE = re.compile(rf"{_WHERE}\s*(?:is|==)\s*(?:none|null)", re.IGNORECASE)
_ABSENT = re.compile(
    rf"(?:{_KEY}\s+not\s+in|not\s+{_KEY.replace('key', 'other')}\s+in)\s+{_WHERE}"
)
_UNDEFINED = re.compile(rf"{_WHERE}\s+is\s+(?:undefined|not\s+defined)")
_BOOLEAN = re.compile(
    rf"{_WHERE}\s*(?:is|==)\s*(?P<quote>['\"]?)(?P<value>true|false)['\"]?",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    rf"(?:{_WHERE}\s*\|\s*(?:length|count)|len\(\s*{_WHERE.replace('where', 'inner')}\s*\)"
    r"|last_page_size)\s*(?P<operator>==|<=?)\s*\w+"
)
_COUNTERS = re.compile(rf"{_WHERE}\s*(?:==|>=)\s*(?P<other>{_LOOKUP})")
_FALSY = re.compile(rf"not\s+{_WHERE}")
_TRUTHY = re.compile(_WHERE)
_LINK = re.compile(r"headers\b.*\blink\b", re.IGNORECASE)
_GET = re.compile(r"\.get\(\s*(['\"][^'\"]*['\"])[^()]*\)")
_FLAG_NAME = re.compile(r"more|has|have", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """One place of the answer that tells whether there are more pages."""

    kind: Kind
    path: Path
    header: bool = False
    """The path is the name of a header, or `link`, relation and attribute."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop condition, read for what the server has to send."""

    signals: tuple[Signal, ...] = ()
    on_empty: bool = False
    """True for an empty page, so the last page must be one."""
    on_short: bool = False
    """True for a page that is not full, so the last page must not be full."""


def read(condition: str | None, selector: Path) -> Stop:
    """The lookups of a stop condition; parts that are none of the common forms are left out."""
    text = (condition or "").strip().removeprefix("{{").removesuffix("}}").strip()
    if text.lower() in ("", "none", "null"):
        return Stop()
    signals: list[Signal] = []
    on_empty = on_short = False
    for part in re.split(r"\s+(?:and|or)\s+", text):
        part = part.strip(" ()") if part.startswith("(") else part.strip()
        length = _LENGTH.fullmatch(part)
        falsy = _FALSY.fullmatch(part)
        if length:
            on_empty = on_empty or length["operator"] == "=="
            on_short = on_short or length["operator"] != "=="
        elif falsy and selector and body_path(falsy["where"]) == selector:
            on_empty = True
        else:
            signals.extend(_signals(part))
    return Stop(tuple(signals), on_empty, on_short)


def _signals(part: str) -> list[Signal]:
    if match := _ABSENT.fullmatch(part):
        return [_signal("present", match["where"], match["key"] or match["other"])]
    if match := _NONE.fullmatch(part):
        return [_signal("null", match["where"])]
    if match := _UNDEFINED.fullmatch(part):
        return [_signal("present", match["where"])]
    if match := _BOOLEAN.fullmatch(part):
        if match["quote"]:
            return [_signal("more_text", match["where"])]
        more = match["value"].lower() == "false"
        return [_signal("more" if more else "last", match["where"])]
    if match := _COUNTERS.fullmatch(part):
        return [_signal("page", match["where"]), _signal("pages", match["other"])]
    if match := _FALSY.fullmatch(part):
        signal = _signal("present", match["where"])
        flag = signal.path and _FLAG_NAME.search(str(signal.path[-1]))
        return [Signal("more", signal.path, signal.header) if flag else signal]
    if match := _TRUTHY.fullmatch(part):
        return [_signal("last", match["where"])]
    return (
        [Signal("present", ("link", "next"), header=True)] if _LINK.search(part) else []
    )


def _signal(kind: Kind, where: str, key: str = "") -> Signal:
    path = parse(_GET.sub(r"[\1]", where))
    if path[0] == "headers":
        return Signal(kind, header_path(path[1:]), header=True)
    path = path[1:] if path[0] == "response" else path
    return Signal(kind, (*path, key) if key else path)


def header_path(path: Path) -> Path:
    """The place of a header: its name, or `link`, relation and attribute."""
    name = str(path[0]) if path else "link"
    if name.lower() != "link":
        return (name,)
    # Anything but plain names is an expression over the header's text.
    steps = [str(step) for step in path[1:3]]
    if not steps or not all(re.fullmatch(r"[\w-]+", step) for step in steps):
        return ("link", "next")
    return ("link", *steps) if steps[1:] != ["url"] else ("link", steps[0])


def body_path(expression: str) -> Path:
    """The path that the first lookup of an expression reads in the answer's body."""
    match = re.search(_LOOKUP, expression.strip().removeprefix("{{").strip())
    path = parse(_GET.sub(r"[\1]", match[0])) if match else ()
    return path[1:] if path[:1] == ("response",) else path
