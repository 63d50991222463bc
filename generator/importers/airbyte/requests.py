"""Requesters: URL, parameters, headers, body, and the options that put values into them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from generator.importers.airbyte import paths
from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.pieces import constant
from generator.importers.airbyte.templates import is_template
from generator.plain import is_list, is_mapping

_IGNORED = frozenset({"content-length", "host"})
"""Headers that every HTTP client sets itself."""

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


def request(stream: Stream, requester: Part) -> None:
    """Fills the endpoint with the requester's request.

    Raises Untranslatable where its URL cannot be read: what it would ask is not known.
    """
    _url(stream, requester)
    method = requester.text("http_method") or "GET"
    if method.upper() not in {"GET", "POST"}:
        stream.notes.loss("method", f"the method {method}", requester.at("http_method"))
    elif method.upper() == "POST":
        stream.endpoint["method"] = "POST"
    _part(stream, requester, "request_parameters", _params)
    _part(stream, requester, "request_headers", _headers)
    _part(stream, requester, "request_body_json", _json)
    _part(stream, requester, "request_body_data", _form)
    _part(stream, requester, "request_body", _body)
    for key in ("fetch_properties_from_endpoint", "query_properties"):
        if requester.get(key) is not None:
            stream.notes.loss(key, f"`{key}` of the requester", requester.at(key))


def _part(
    stream: Stream,
    requester: Part,
    key: str,
    read: Callable[[Stream, Part, object], None],
) -> None:
    value = requester.get(key)
    if value in (None, "", {}):
        return
    try:
        read(stream, requester, value)
    except Untranslatable as error:
        stream.notes.loss(f"{error.kind}", f"{key}: {error.text}", requester.at(key))


def _url(stream: Stream, requester: Part) -> None:
    texts = stream.texts("request", requester)
    base, path = requester.text("url_base"), requester.text("path")
    if requester.text("url") and not path:
        base = requester.text("url")
    try:
        stream.base = texts.text(base).strip()
        if "next_page_token" in path:
            # The path of the first request; the token is that of the others.
            texts.given["next_page_token"] = constant(None)
            stream.follows = True
        stream.path, params = paths.read(texts, path)
        _merge(stream, "params", params)
    except Untranslatable as error:
        where = "path" if stream.base else "url_base"
        text = f"{where}: {error.text}"
        raise Untranslatable(error.kind, text, requester.at(where)) from None


def _entries(stream: Stream, requester: Part, value: object) -> dict[str, object]:
    texts = stream.texts("request", requester)
    if isinstance(value, str) and not is_template(value):
        pairs = parse_qsl(value.strip().lstrip("?&"), keep_blank_values=True)
        return dict(pairs)
    return texts.mapping(value)


def _params(stream: Stream, requester: Part, value: object) -> None:
    if isinstance(value, Part):
        for key, each in value.data.items():
            if isinstance(each, Part):
                kind = "query-properties" if each.kind else "param-mapping"
                raise Untranslatable(kind, f"the parameter {key!r} is no plain value")
    made = {
        key: each
        for key, each in _entries(stream, requester, value).items()
        if each is not None and each != []
    }
    _merge(stream, "params", made)


def _headers(stream: Stream, requester: Part, value: object) -> None:
    made = {
        key: _text(each)
        for key, each in _entries(stream, requester, value).items()
        if each is not None and key.lower() not in _IGNORED
    }
    _merge(stream, "headers", made)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(str(value).split("\n"))


def _json(stream: Stream, requester: Part, value: object) -> None:
    texts = stream.texts("request", requester)
    if isinstance(value, str):
        try:
            made: object = texts.mapping(value)
        except Untranslatable:
            made = texts.json(value)
    else:
        made = texts.value(_typed(value))
    if not is_mapping(made) and not is_list(made):
        raise Untranslatable("body-template", "a JSON body that is no mapping")
    _merge(stream, "json", made)


def _typed(value: object) -> object:
    """A body in which constants are of the types that Airbyte sends: it reads them as Python."""
    if isinstance(value, Part):
        data = {key: _typed(each) for key, each in value.data.items()}
        return Part(data, value.pointer, value.pointers, value.parameters)
    if is_list(value):
        return [_typed(each) for each in value]
    if not isinstance(value, str) or is_template(value):
        return value
    text = value.strip()
    if not text.startswith(("[", "{")) and not _NUMBER.fullmatch(text):
        return value
    try:
        found: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return found


def _form(stream: Stream, requester: Part, value: object) -> None:
    texts = stream.texts("request", requester)
    if isinstance(value, str):
        try:
            _merge(stream, "data", texts.mapping(value))
        except Untranslatable:
            text = texts.text(value)
            if not is_template(value) and re.fullmatch(
                r"[\w.%+-]+=[^&\n]*(&[\w.%+-]+=[^&\n]*)*", text
            ):
                _merge(stream, "data", dict(parse_qsl(text)))
            else:
                stream.endpoint["data"] = text
        return
    _merge(stream, "data", texts.mapping(value))


def _body(stream: Stream, requester: Part, value: object) -> None:
    assert isinstance(value, Part)
    inner = value.get("value")
    match value.kind:
        case "RequestBodyJsonObject":
            _json(stream, requester, inner)
        case "RequestBodyUrlEncodedForm":
            _form(stream, requester, inner)
        case "RequestBodyPlainText":
            stream.endpoint["data"] = stream.texts("request", requester).text(
                str(inner)
            )
        case "RequestBodyGraphQL" if isinstance(inner, Part):
            _json(stream, requester, inner)
        case kind:
            raise Untranslatable("body-kind", f"a body of the kind {kind}")


def _merge(stream: Stream, key: str, made: object) -> None:
    if made in ({}, []):
        return
    known = stream.endpoint.get(key)
    if is_mapping(known) and is_mapping(made):
        stream.endpoint[key] = {**known, **made}
    else:
        stream.endpoint[key] = made


def place(option: Part, stream: Stream) -> tuple[str, str]:
    """Where a request option puts its value (`params`, `headers`, `json`, `data`), and its name."""
    into = option.text("inject_into")
    texts = stream.texts("request", option)
    found = {
        "request_parameter": "params",
        "header": "headers",
        "body_json": "json",
        "body_data": "data",
    }.get(into)
    path = plain(option.get("field_path"))
    if found is None:
        raise Untranslatable(
            "request-option", f"a value that goes into {into or 'nothing'}"
        )
    if is_list(path):
        return found, ".".join(_step(texts.text(str(each))) for each in path)
    name = option.text("field_name")
    return found, texts.text(name) if found != "json" else _step(texts.text(name))


def _step(key: str) -> str:
    """A key in a path of the spec."""
    return key if re.fullmatch(r"[^.\[\]'\"()?*]+", key) else f"['{key}']"


def inject(stream: Stream, option: Part, value: str) -> None:
    """Puts a value into the request where an option says."""
    where, name = place(option, stream)
    if where == "json":
        path = plain(option.get("field_path"))
        keys = (
            [str(each) for each in path]
            if is_list(path)
            else [option.text("field_name")]
        )
        body = stream.endpoint.get("json")
        whole: dict[str, object] = dict(body) if is_mapping(body) else {}
        current = whole
        for key in keys[:-1]:
            inner = current.get(key)
            made: dict[str, object] = dict(inner) if is_mapping(inner) else {}
            current[key] = made
            current = made
        current[keys[-1]] = value
        stream.endpoint["json"] = whole
        return
    _merge(stream, where, {name: value})
