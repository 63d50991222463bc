"""dlt's paginators, as configuration or as objects, with their defaults written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generator.importers.dlt.auth import looks_secret
from generator.importers.dlt.hooks import Hooks
from generator.importers.dlt.recording import Function, Instance, Sentinel, Stub
from generator.importers.dlt.values import Values
from generator.importers.draft import Section
from generator.paths import parse_path
from generator.plain import is_mapping

_DEFAULTS: dict[str, dict[str, object]] = {
    "single_page": {},
    "json_link": {"next_url_path": "next"},
    "header_link": {},
    "header_cursor": {"cursor_key": "next", "cursor_param": "cursor"},
    "cursor": {"cursor_path": "cursors.next", "cursor_param": "cursor"},
    "offset": {"total_path": "total"},
    "page_number": {"base_page": 0, "total_path": "total"},
}
"""What each kind has if it is not told, and what means something else here if it is left out."""
_KEYS: dict[str, frozenset[str]] = {
    "single_page": frozenset(),
    "json_link": frozenset({"next_url_path"}),
    "header_link": frozenset({"links_next_key"}),
    "header_cursor": frozenset({"cursor_key", "cursor_param"}),
    "cursor": frozenset("""
        cursor_path cursor_param cursor_body_path stop_after_empty_page has_more_path
        """.split()),
    "offset": frozenset("""
        limit offset offset_param offset_body_path limit_param limit_body_path total_path
        maximum_offset stop_after_empty_page has_more_path
        """.split()),
    "page_number": frozenset("""
        base_page page page_param page_body_path total_path maximum_page
        stop_after_empty_page has_more_path
        """.split()),
}
_SAME = {"json_response": "json_link"}
_PATHS = frozenset("next_url_path cursor_path total_path has_more_path".split())
_NEEDED = frozenset({"next_url_path", "cursor_path"})
_LONGEST = 100


@dataclass(slots=True)
class Paging:
    """What a paginator of the configuration is in the spec."""

    value: object = None
    """The paginator; None where there is none to write."""
    detected: bool = False
    """dlt finds out from the first answer."""
    notes: list[str] = field(default_factory=list[str])
    todos: list[str] = field(default_factory=list[str])

    def put(self, section: Section, key: str = "paginator") -> None:
        """Writes it, with its comments."""
        if self.value is not None:
            section[key] = self.value
        for note in self.notes:
            section.note(key, note)
        for todo in self.todos:
            section.todo(key, todo)


def paginator(
    value: object, hooks: Hooks, registered: Mapping[str, Function]
) -> Paging:
    """The paginator that a configuration names, or holds as an object."""
    values = hooks.values
    if isinstance(value, Instance):
        kind = _SAME.get(value.type, value.type)
        if kind not in _KEYS:
            return _hook(value.cls, value.arguments, hooks)
        found = _known(kind, dict(value.arguments), values)
        if value.own:
            own = ", ".join(value.own)
            what = f"{values.function(value.cls)} changes {own} of dlt's `{kind}`"
            found.todos.insert(0, f"{what}: check this, or take `type: hook`")
        return found
    if isinstance(value, Function):
        return _hook(value, {}, hooks)
    kind, given = _named(value)
    if value is None or kind == "auto":
        return Paging(detected=True)
    if kind in registered:
        return _hook(registered[kind], given, hooks)
    if kind not in _KEYS:
        told = values.told(value) if not isinstance(value, str | dict) else kind
        text = f"dlt pages by {told or 'a paginator without a type'}"
        todo = f"{text}: write a `paginator` that does the same"
        return Paging(value="single_page", todos=[todo])
    return _known(kind, given, values)


def _named(value: object) -> tuple[str, dict[str, object]]:
    if isinstance(value, str):
        return _SAME.get(value, value), {}
    if is_mapping(value):
        kind = value.get("type", "auto")
        kind = kind if isinstance(kind, str) else ""
        given = {key: inner for key, inner in value.items() if key != "type"}
        return _SAME.get(kind, kind), given
    return "", {}


def _hook(cls: Function, arguments: Mapping[str, object], hooks: Hooks) -> Paging:
    """A class of the user's becomes a function, one for each set of arguments."""
    given = ", ".join(
        f"{name}={value!r}"
        for name, value in arguments.items()
        if isinstance(value, int | float)
        or (isinstance(value, str) and not looks_secret(name, value, hooks.values))
    )
    name = hooks.name(replace(cls, source=given), "page", "next_page")
    told = hooks.values.function(cls) + (f" with {given[:_LONGEST]}" if given else "")
    todo = f"write `{name}` in hooks.py: the next request, as {told} made it"
    return Paging({"type": "hook", "function": name}, todos=[todo])


def _known(kind: str, given: dict[str, object], values: Values) -> Paging:
    paging = Paging()
    merged = {**_DEFAULTS[kind], **given}
    if merged.get("cursor_body_path") is not None and not given.get("cursor_param"):
        merged.pop("cursor_param", None)
    written: dict[str, object] = {"type": kind}
    for key, value in merged.items():
        if key not in _KEYS[kind]:
            paging.todos.append(f"dlt does not know `{key}` of a paginator")
        elif value is None:
            continue
        elif isinstance(value, Stub | Sentinel):
            told: list[str] = []
            text = values.plain(value, told, key=key)
            paging.todos.append(f"`{key}` is {text}: write the number itself")
        elif key in _PATHS:
            _path(kind, key, value, written, paging, values)
        elif isinstance(value, str | int | bool):
            written[key] = value
        else:
            paging.todos.append(f"`{key}` is {values.told(value)}")
    if paging.value == "single_page":
        return paging
    if written.get("has_more_path") and kind in ("offset", "page_number"):
        written.setdefault("stop_after_empty_page", True)
    if kind == "page_number" and "total_path" in written:
        _total(written, "total_path" in given, paging)
    elif kind == "offset" and "total_path" in written and "total_path" not in given:
        paging.notes.append("dlt reads `total` unless told otherwise")
    if "total_path" in written and _starts_later(written):
        written["total"] = "ignore"
        paging.notes.append("the total counts what comes before the start, too")
    paging.value = written["type"] if len(written) == 1 else written
    return paging


def _starts_later(written: dict[str, object]) -> bool:
    page = written.get("page")
    later = page is not None and page != written.get("base_page")
    return later or bool(written.get("offset"))


def _path(
    kind: str,
    key: str,
    value: object,
    written: dict[str, object],
    paging: Paging,
    values: Values,
) -> None:
    """A path that the language knows; without one that is needed nothing can be paged."""
    text = value if isinstance(value, str) else values.told(value)
    try:
        parse_path(text)
    except ValueError as error:
        paging.todos.append(f"`{key}` of dlt's `{kind}` is {text!r}: {error}")
        if key in _NEEDED:
            paging.value = "single_page"
        return
    written[key] = text


def _total(written: dict[str, object], told: bool, paging: Paging) -> None:
    """dlt's total is one of pages; whether the API's is, dlt never checks."""
    path = str(written["total_path"])
    if "page" in path.lower():
        return
    by = "" if told else ", which dlt reads unless told otherwise,"
    paging.todos.append(
        f"`{path}`{by} has to count pages: write `total_is: rows` if it counts records"
    )
