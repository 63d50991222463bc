"""HAR files: the requests with JSON answers that a browser or a proxy recorded."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from generator.diagnostics import Collector, Location
from generator.importers.samples.exchange import Exchange, target
from generator.importers.samples.jsontext import JsonProblem, decoded
from generator.plain import is_list, is_mapping

_MAX_ENTRIES = 5_000
_JSON = re.compile(r"(application|text)/([\w.+-]+\+)?json\b", re.IGNORECASE)
_LINES = re.compile(r"application/(x-)?(ndjson|jsonl|json-?lines)\b", re.IGNORECASE)


def har_exchanges(
    log: dict[str, object], file: str, collector: Collector
) -> Iterator[Exchange]:
    """The exchanges of a HAR log that have a JSON answer; what is left out is counted."""
    entries = log.get("entries")
    entries = entries if is_list(entries) else []
    place = Location(file)
    if len(entries) > _MAX_ENTRIES:
        message = f"more than {_MAX_ENTRIES} entries: the rest is not read"
        collector.warning(place, "too-many-entries", message)
    empty = 0
    for number, entry in enumerate(entries[:_MAX_ENTRIES], 1):
        request, response = _part(entry, "request"), _part(entry, "response")
        status = response.get("status")
        kind = _text(_part(response, "content").get("mimeType"))
        if not isinstance(status, int) or not 200 <= status < 300:
            continue
        if not _JSON.match(kind) and not _LINES.match(kind):
            continue
        text = _body(_part(response, "content"))
        if not text.strip():
            empty += 1
            continue
        found = _exchange(request, response, text, kind, place, number, collector)
        if found is not None:
            yield found
    if empty:
        message = f"{empty} JSON answers were recorded without their contents"
        hint = "export the HAR with contents, such as `Save all as HAR with content`"
        collector.warning(place, "no-contents", message, hint)


def _exchange(
    request: dict[str, object],
    response: dict[str, object],
    text: str,
    kind: str,
    place: Location,
    number: int,
    collector: Collector,
) -> Exchange | None:
    at = target(_text(request.get("url")))
    method = _text(request.get("method")).upper()
    if at is None or method not in ("GET", "POST"):
        return None
    is_lines = bool(_LINES.match(kind))
    answer: object
    try:
        if is_lines:
            lines = [line for line in text.split("\n") if line.strip()]
            answer = [decoded(line).data for line in lines]
        else:
            found = decoded(text)
            answer = found.data
            if found.repeated is not None:
                message = f"the answer of entry {number} ({method} {at.path}) has an"
                message += " object with a key twice; the last one counts"
                collector.warning(place, "duplicate-key", message)
    except JsonProblem as problem:
        message = f"the answer of entry {number} ({method} {at.path}): "
        message += f"{problem.message}, character {problem.index + 1}"
        collector.error(place, "json-syntax", message)
        return None
    sent = dict(_headers(request))
    if at.user:
        sent.setdefault("authorization", "Basic " + _encoded(at.user))
    return Exchange(
        place=place,
        answer=answer,
        method=method,
        origin=at.origin,
        path=at.path,
        query=at.query,
        sent=sent,
        body=_posted(request),
        headers=dict(_headers(response)),
        media_type=kind.partition(";")[0].strip().lower(),
        is_lines=is_lines,
    )


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _part(value: object, key: str) -> dict[str, object]:
    inner = value.get(key) if is_mapping(value) else None
    return inner if is_mapping(inner) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _headers(message: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Names in lower case; of a header that comes twice the values are joined."""
    found: dict[str, str] = {}
    listed = message.get("headers")
    for each in listed if is_list(listed) else []:
        if is_mapping(each):
            name, value = _text(each.get("name")).lower(), _text(each.get("value"))
            found[name] = f"{found[name]}, {value}" if name in found else value
    yield from found.items()


def _body(content: dict[str, object]) -> str:
    text = _text(content.get("text"))
    if content.get("encoding") != "base64":
        return text
    try:
        return base64.b64decode(text, validate=True).decode("utf-8-sig")
    except (binascii.Error, ValueError):
        return ""


def _posted(request: dict[str, object]) -> object:
    """The JSON of a request; a form as its names and values."""
    data = _part(request, "postData")
    text, kind = _text(data.get("text")), _text(data.get("mimeType"))
    if _JSON.match(kind):
        try:
            return decoded(text).data
        except JsonProblem:
            return None
    if "x-www-form-urlencoded" in kind:
        return dict(parse_qsl(text, keep_blank_values=True))
    return None
