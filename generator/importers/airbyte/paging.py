"""Paginators: page numbers, offsets and cursors, and where their values are sent."""

from __future__ import annotations

import re

from generator.importers.airbyte import tokens
from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.requests import place
from generator.importers.airbyte.pieces import Piece
from generator.importers.airbyte.templates import answered, is_template
from generator.importers.draft import Section
from generator.plain import is_list, is_mapping

_KEYS = {
    "params": "{}_param",
    "headers": "{}_header",
    "json": "{}_body_path",
    "data": "{}_body_path",
}


class _Unsent(Exception):
    """The manifest has a token of the page and no place for it."""


def paginate(stream: Stream, retriever: Part) -> None:
    """Fills in the paginator of the endpoint; without one there is a single page."""
    paginator = retriever.part("paginator")
    if paginator is None or paginator.kind == "NoPagination":
        stream.endpoint["paginator"] = "single_page"
        return
    strategy = paginator.part("pagination_strategy")
    if paginator.kind.startswith("Custom"):
        stream.endpoint["paginator"] = _hook(stream, paginator)
        return
    if strategy is None:
        stream.notes.loss(
            "paginator", "a paginator without a strategy", paginator.pointer
        )
        return
    try:
        stream.endpoint["paginator"] = _paginator(stream, paginator, strategy)
        if tokens.MARK in str(stream.endpoint):
            raise Untranslatable(
                "paging-within", "a value of paging within a longer expression"
            )
    except _Unsent as error:
        # Airbyte would ask for the same page again, or for none.
        stream.endpoint["paginator"] = "single_page"
        told = f"{error or 'the token of the page is never sent'}: one page is read"
        stream.notes.changed("token-unsent", told, paginator.pointer)
    except Untranslatable as error:
        stream.notes.failed(error, strategy.pointer)
        stream.endpoint.setdefault("paginator", "single_page")
    if retriever.get("pagination_reset") is not None:
        told = "the paging begins again after some records"
        stream.notes.loss("pagination-reset", told, retriever.at("pagination_reset"))


def _paginator(stream: Stream, paginator: Part, strategy: Part) -> Section:
    made = Section()
    match strategy.kind:
        case "OffsetIncrement":
            made["type"] = "offset"
            _counted(stream, paginator, strategy, made, "offset")
        case "PageIncrement":
            made["type"] = "page_number"
            start = _number(stream, strategy, "start_from_page")
            made["base_page"] = 0 if start is None else start
            _counted(stream, paginator, strategy, made, "page")
        case "CursorPagination":
            made["type"] = "cursor"
            _cursor(stream, paginator, strategy, made)
        case kind if kind.startswith("Custom"):
            if _size(stream, paginator, strategy, made):
                _sized(stream, paginator, made)
            return _hook(stream, strategy)
        case kind:
            raise Untranslatable(f"paging-{kind}", f"`{kind}`")
    return made


def _hook(stream: Stream, part: Part) -> Section:
    """A function that a person writes, as the Python class had it."""
    name = stream.hook("page_after")
    stream.notes.hook(
        "hook-paging",
        f"write `{name}` in hooks.py: it makes the request of the next page, as the Python class "
        f"{part.text('class_name').rpartition('.')[2]} did",
        part.pointer,
    )
    return Section({"type": "hook", "function": name})


def _sized(stream: Stream, paginator: Part, made: Section) -> None:
    """The page size among the parameters: a function is asked from the second page on."""
    params = stream.endpoint.get("params")
    if name := made.get("limit_param"):
        given = params if isinstance(params, Section) else Section()
        given[str(name)] = made["limit"]
        stream.endpoint["params"] = given
    elif set(made) - {"limit"}:
        told = "the page size, which is no parameter of the URL, is not sent with the first request"
        stream.notes.loss("hook-page-size", told, paginator.at("page_size_option"))


def _number(stream: Stream, part: Part, key: str) -> int | None:
    """A whole number; of a setting its default."""
    value = part.get(key)
    if isinstance(value, str) and is_template(value):
        piece = stream.texts("request", part).expression(value)
        setting = piece.setting
        if piece.is_constant:
            value = piece.constant
        elif setting is not None and isinstance(setting.property.default, int | str):
            value = setting.property.default
            told = (
                f"`{key}` was the setting {setting.property.name}, and is its default"
            )
            stream.notes.loss("number-from-config", told, part.at(key))
        else:
            raise Untranslatable("number-from-config", f"`{key}` that is calculated")
    if value is None or value == "":
        return None
    try:
        return int(str(value))
    except ValueError:
        raise Untranslatable("number", f"`{key}` is no number") from None


def _size(stream: Stream, paginator: Part, strategy: Part, made: Section) -> bool:
    """The page size; whether it is sent."""
    size = _number(stream, strategy, "page_size")
    option = paginator.part("page_size_option")
    if size is None or size < 1:
        return False
    made["limit"] = size
    if option is not None and (option.get("field_name") or option.get("field_path")):
        where, name = place(option, stream)
        if not is_template(name):
            made[_KEYS[where].format("limit")] = name
            _form(stream, where)
            return True
    return any(
        str(value) == str(size) or (is_mapping(value) and str(size) in str(value))
        for key in ("params", "json", "data")
        for value in _values(stream.endpoint.get(key))
    )


def _values(value: object) -> list[object]:
    return list(value.values()) if is_mapping(value) else []


def _counted(
    stream: Stream, paginator: Part, strategy: Part, made: Section, word: str
) -> None:
    """A paginator that counts pages or records."""
    option = paginator.part("page_token_option")
    if option is not None and option.kind != "RequestPath":
        where, name = place(option, stream)
        made[_KEYS[where].format(word)] = name
        _form(stream, where)
    else:
        found = _take_token(stream) or _take_count(stream, made, word)
        if found is None:
            raise _Unsent
        made[_KEYS[found[0]].format(word)] = found[1]
    sent = _size(stream, paginator, strategy, made)
    is_within = "{" + word + "}" in str(stream.endpoint.get("params"))
    if strategy.get("inject_on_first_request") is not True and not is_within:
        made["first_page_sent"] = False
    if "limit" in made and sent:
        made["stop_after_short_page"] = True
    elif "limit" in made:
        stream.notes.changed(
            "short-page",
            f"a page with fewer than {made['limit']} records is not the end: the size is "
            "never sent, so the server may have another",
            strategy.at("page_size"),
        )


def _form(stream: Stream, where: str) -> None:
    """A value in a form needs the form, even an empty one."""
    if where == "data" and "data" not in stream.endpoint:
        stream.endpoint["data"] = {}
    if where == "json" and "json" not in stream.endpoint:
        stream.endpoint["json"] = {}


def _cursor(stream: Stream, paginator: Part, strategy: Part, made: Section) -> None:
    option = paginator.part("page_token_option")
    if option is None:
        found = _take_token(stream)
        if found is None and not stream.follows:
            raise _Unsent
        if found is None:
            made["relative_to"] = "base_url"
        else:
            made[_KEYS[found[0]].format("cursor")] = found[1]
    elif option.kind == "RequestPath":
        made["relative_to"] = "base_url"
    else:
        where, name = place(option, stream)
        made[_KEYS[where].format("cursor")] = name
        _form(stream, where)
    value = strategy.get("cursor_value")
    texts = stream.texts("answer", strategy)
    piece = texts.expression(str(value))
    if "relative_to" in made and _is_no_field(stream, piece):
        raise _Unsent(f"`{piece.text}` is no field of the records")
    path = plain_path(piece)
    stop = strategy.get("stop_condition")
    around = (
        _around(path, texts.expression(stop)) if isinstance(stop, str) and path else ""
    )
    if around:
        told = f"the cursor is {around}, not the object around it"
        stream.notes.changed("cursor-around", told, strategy.at("cursor_value"))
        path = around
    if path:
        made["cursor_path"] = path
    else:
        # Braces of a text would end the expression.
        made["cursor_value"] = (
            answered(piece).text
            if "}}" in piece.text
            else "{{ " + answered(piece).text + " }}"
        )
    if isinstance(stop, str) and stop.strip():
        condition = stream.texts("answer", strategy).expression(stop)
        if condition.is_constant:
            if condition.constant:
                told = "the condition to stop is always true"
                raise Untranslatable("stop-constant", told)
        elif not _finds_missing(path, condition.text):
            made["stop_condition"] = _or_missing(stream, path, answered(condition).text)
    _size(stream, paginator, strategy, made)


def _finds_missing(path: str, stop: str) -> bool:
    """Whether the condition is that the cursor, or what is around it, is missing: that ends it."""
    found = re.fullmatch(r"response\.([\w.]+) is none|not response\.([\w.]+)", stop)
    if found is None or not path:
        return False
    if path.startswith("$."):
        return path[2:] == (found[1] or found[2])
    return path == found[1] or path.startswith(f"{found[1] or found[2]}.")


def _or_missing(stream: Stream, path: str, stop: str) -> str:
    """A condition on the records of a page alone: then the missing cursor is an end as well."""
    retriever = stream.part.part("retriever")
    selector = retriever.part("record_selector") if retriever is not None else None
    extractor = selector.part("extractor") if selector is not None else None
    keys = plain(extractor.get("field_path")) if extractor is not None else None
    records = ".".join(map(str, keys)) if is_list(keys) else str(keys or "")
    rest = re.sub(r"response[\w.]* \| length", "", stop)
    if records:
        rest = re.sub(rf"response\.{re.escape(records)}(?![\w.])", "", rest)
    if not path or re.search(r"\b(response|headers)\b", rest):
        return stop
    return f"{stop} or not response.{path}"


def _is_no_field(stream: Stream, piece: Piece) -> bool:
    """Whether a piece reads a field of the last record that the schema does not know."""
    found = re.fullmatch(r"last_record\.(\w+)", piece.text)
    schema = stream.resource.get("schema")
    properties = schema.get("properties") if is_mapping(schema) else None
    return bool(found and is_mapping(properties) and found[1] not in properties)


def _around(path: str, stop: Piece) -> str:
    """The path that the condition to stop finds missing, where `path` is an object around it."""
    found = re.search(r"response((?:\.[A-Za-z_]\w*)+)", stop.text)
    inner = found[1][1:] if found and stop.text.startswith("not ") else ""
    return inner if inner.startswith(path + ".") else ""


def plain_path(piece: Piece) -> str:
    """The path of an expression that only reads one; else empty."""
    text = piece.text
    link = re.fullmatch(r"headers\.(?:link|Link)\.(\w+)\.url", text)
    if link:
        return f"headers.link.{link[1]}.url"
    found = re.fullmatch(r"response((?:\.[A-Za-z_]\w*)+)", text)
    if found is None or not piece.atom:
        return ""
    path = found[1][1:]
    return f"$.{path}" if path.startswith("headers.") else path


def _take_token(stream: Stream) -> tuple[str, str] | None:
    """Where a template of the request reads the token; it is taken out of there."""
    retriever = stream.part.part("retriever")
    for requester in retriever.parts("requester") if retriever is not None else ():
        for key, where in (
            ("request_parameters", "params"),
            ("request_headers", "headers"),
            ("request_body_json", "json"),
            ("request_body_data", "data"),
        ):
            given = requester.get(key)
            if isinstance(given, Part):
                path = _find(given)
                if path:
                    return where, ".".join(path)
    return None


def _take_count(stream: Stream, made: Section, word: str) -> tuple[str, str] | None:
    """The parameter whose text holds the count; a placeholder takes the mark's place."""
    params = stream.endpoint.get("params")
    given = stream.part.part("retriever")
    requester = given.part("requester") if given is not None else None
    texts = requester.part("request_parameters") if requester is not None else None
    for name, value in params.items() if is_mapping(params) else ():
        if isinstance(value, str) and value.count(tokens.MARK) == 1:
            assert is_mapping(params)
            params[name] = value.replace(tokens.MARK, "{" + word + "}")
            first = tokens.first_count(texts.text(name)) if texts is not None else None
            start, more = first or (0, 0)
            if start != made.get("base_page", 0):
                told = "a first page that is counted otherwise than those after it"
                raise Untranslatable("paging-within", told)
            made["base_page" if word == "page" else "offset"] = start + more
            return "params", name
    return None


def _find(part: Part) -> tuple[str, ...]:
    for key, value in part.data.items():
        if isinstance(value, str) and tokens.is_token(value):
            return (key,)
        if isinstance(value, Part):
            deeper = _find(value)
            if deeper:
                return (key, *deeper)
    return ()


def without_tokens(value: object, in_params: bool = False) -> object:
    """A part of a request without the texts that read the token of the page."""
    if isinstance(value, Part):
        data: dict[str, object] = {}
        for key, each in value.data.items():
            if not isinstance(each, str):
                data[key] = without_tokens(each, key == "request_parameters")
            elif not tokens.is_token(each):
                data[key] = tokens.marked(each) if in_params else each
            elif (first := tokens.first(each)) not in (None, ""):
                data[key] = first
        return Part(data, value.pointer, value.pointers, value.parameters)
    if is_list(value):
        return [without_tokens(each) for each in value]
    return value
