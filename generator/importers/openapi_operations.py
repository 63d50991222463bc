"""The operations of a document in one form, whichever version of OpenAPI it is written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.diagnostics import Collector, shown
from generator.document import Pointer
from generator.importers.openapi_files import Documents
from generator.importers.openapi_shapes import Schema
from generator.plain import is_list, is_mapping

_METHODS = ("get", "post")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query, the path or a header."""

    name: str
    where: str
    required: bool
    schema: Schema
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A GET or POST with a JSON answer."""

    path: str
    """Without fragment and query, `{name}` for placeholders."""
    method: str
    name: str
    """Its `operationId`, or ""."""
    summary: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Schema
    answer: Schema
    media_type: str
    headers: tuple[str, ...]
    """Names of documented response headers, in lower case."""
    security: list[object] | None
    deprecated: bool
    pointer: Pointer
    fixed: dict[str, str] = field(default_factory=dict[str, str])
    """Query parameters that stand in the path."""

    def parameter(self, name: str) -> Parameter | None:
        """The query parameter of that name."""
        return next(
            (p for p in self.parameters if p.name == name and p.where == "query"), None
        )


def operations(documents: Documents, collector: Collector) -> Iterator[Operation]:
    """Every GET and POST that answers with JSON."""
    data = documents.data
    paths = data.get("paths")
    if not is_mapping(paths):
        return
    for path, raw in paths.items():
        item = documents.resolved(raw)
        for method in _METHODS:
            pointer: Pointer = ("paths", path, method)
            found = item.get(method)
            if is_mapping(found):
                made = _operation(documents, collector, path, item, found, pointer)
                if made is not None:
                    yield made


def _operation(
    documents: Documents,
    collector: Collector,
    raw_path: str,
    item: dict[str, object],
    raw: dict[str, object],
    pointer: Pointer,
) -> Operation | None:
    path, fixed = _clean_path(raw_path)
    if "/:" in path:
        message = f"the path {shown(raw_path)} has a segment `:name`, which is no place"
        hint = "a placeholder is written `{name}`"
        collector.warning(documents.locate(pointer), "odd-path", message, hint)
    parameters, body = _parameters(documents, item, raw)
    media_type, answer, headers = _answer(documents, raw)
    if answer is None:
        return None
    request = documents.resolved(raw.get("requestBody"))
    _, posted = _json_content(documents, request.get("content"))
    security = raw.get("security")
    tags = raw.get("tags")
    return Operation(
        path=path,
        method=str(pointer[-1]).upper(),
        name=text(raw.get("operationId")),
        summary=text(raw.get("summary")) or text(raw.get("description")),
        tags=tuple(str(tag) for tag in tags) if is_list(tags) else (),
        parameters=parameters,
        body=posted or body,
        answer=answer,
        media_type=media_type,
        headers=headers,
        security=security if is_list(security) else None,
        deprecated=raw.get("deprecated") is True,
        pointer=pointer,
        fixed=fixed,
    )


def _clean_path(path: str) -> tuple[str, dict[str, str]]:
    """A path key without fragment; a query in it as parameters."""
    path, _, query = path.partition("#")[0].partition("?")
    pairs = [part.partition("=") for part in query.split("&") if part]
    return path, {name: value for name, _, value in pairs}


def _parameters(
    documents: Documents, item: dict[str, object], raw: dict[str, object]
) -> tuple[tuple[Parameter, ...], Schema]:
    """The parameters, those of the path first; and the body of Swagger 2.0."""
    found: dict[tuple[str, str], Parameter] = {}
    body: Schema = {}
    for group in (item.get("parameters"), raw.get("parameters")):
        for each in group if is_list(group) else []:
            one = documents.resolved(each)
            name, where = text(one.get("name")), text(one.get("in"))
            schema = one.get("schema")
            if not is_mapping(schema):
                _, content = _json_content(documents, one.get("content"))
                schema = content or {k: v for k, v in one.items() if k != "required"}
            if where == "body":
                body = schema
            elif name:
                found[name, where] = Parameter(
                    name,
                    where,
                    one.get("required") is True or where == "path",
                    schema,
                    text(one.get("description")),
                )
    return tuple(found.values()), body


def _answer(
    documents: Documents, raw: dict[str, object]
) -> tuple[str, Schema | None, tuple[str, ...]]:
    """Media type and schema of the JSON of a success, and the names of its headers."""
    responses = raw.get("responses")
    if not is_mapping(responses):
        return "", None, ()
    codes = ("200", *sorted(c for c in responses if c[:1] == "2" and c != "200"))
    for code in (*codes, "default"):
        response = documents.resolved(responses.get(code))
        named = response.get("headers")
        headers = tuple(name.lower() for name in named) if is_mapping(named) else ()
        old = response.get("schema")
        if is_mapping(old):
            return "application/json", old, headers
        media_type, schema = _json_content(documents, response.get("content"))
        if schema:
            return media_type, schema, headers
    return "", None, ()


def _json_content(documents: Documents, content: object) -> tuple[str, Schema]:
    """The JSON among the media types of a body, plain `application/json` first."""
    if not is_mapping(content):
        return "", {}
    found: dict[str, Schema] = {}
    for name, media in content.items():
        kind = name.partition(";")[0].strip().lower()
        is_json = kind.rpartition("/")[2] == "json" or kind.endswith("+json")
        schema = documents.resolved(media).get("schema")
        if is_mapping(schema) and (is_json or kind == "*/*"):
            found[name] = schema
    plain = next((n for n in found if n.startswith("application/json")), None)
    name = plain or next(iter(found), "")
    return name, found.get(name, {})


def text(value: object) -> str:
    """A text of the document; "" for anything else."""
    return value if isinstance(value, str) else ""
