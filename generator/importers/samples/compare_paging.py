"""Whether a paginator of a draft and that of a sample page alike."""

from __future__ import annotations

from collections.abc import Sequence

from generator.importers.openapi_question import Paging

_MAIN: dict[str, Sequence[str]] = {
    "json_link": ("next_url_path",),
    "offset": ("offset_param", "offset_body_path"),
    "page_number": ("page_param", "page_body_path"),
    "cursor": ("cursor_path", "cursor_param", "cursor_body_path"),
}
_DEFAULTS = {"offset_param": "offset", "page_param": "page", "next_url_path": "next"}


def agrees(told: dict[str, object], seen: Paging) -> bool:
    """Whether both page alike, or the sample cannot tell that they do not."""
    if "further requests" not in seen.why:
        return True  # No request of the sample shows it.
    one, two = _normal(told), _normal(seen.paginator)
    if one["type"] != two["type"]:
        return str(one["type"]) in seen.why.partition("not taken:")[2]
    return all(one.get(k) == two.get(k) for k in _MAIN.get(str(one["type"]), ()))


def _normal(paginator: dict[str, object]) -> dict[str, object]:
    made = dict(paginator)
    kind = {"json_response": "json_link"}.get(str(made["type"]), str(made["type"]))
    if kind == "cursor" and not made.keys() & {"cursor_param", "cursor_body_path"}:
        if "cursor_path" in made and "headers" not in str(made["cursor_path"]):
            kind, made["next_url_path"] = "json_link", made["cursor_path"]
    for key, value in _DEFAULTS.items():
        body = key.replace("_param", "_body_path")
        if key in _MAIN.get(kind, ()) and body not in made:
            made.setdefault(key, value)
    return {**made, "type": kind}
