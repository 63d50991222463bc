"""Streams to resources."""

from __future__ import annotations

from pathlib import Path

from generator.importers.airbyte import (
    auth,
    cursors,
    errors,
    paging,
    requests,
    routers,
    schemas,
    shaping,
)
from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.routers import reference
from generator.importers.draft import Section
from generator.plain import is_list, is_mapping

_DECODERS = {"JsonlDecoder": "jsonl", "CsvDecoder": "csv"}


def translate(stream: Stream, register: routers.Register, folder: Path | None) -> None:
    """Fills in the resource of a stream.

    Raises Untranslatable where nothing of the stream can be read.
    """
    retriever = stream.part.part("retriever")
    if retriever is None or retriever.kind == "AsyncRetriever":
        raise Untranslatable(
            "async", "an export job that is made, waited for and fetched"
        )
    if retriever.kind.startswith("Custom"):
        if retriever.part("requester") is None:
            raise Untranslatable(
                "custom-retriever", "the records come of a Python class"
            )
        told = f"the Python class {retriever.text('class_name')} reads the records"
        stream.notes.loss("custom-retriever", told, retriever.pointer)
    elif retriever.kind != "SimpleRetriever":
        raise Untranslatable(f"retriever-{retriever.kind}", f"`{retriever.kind}`")
    requester = retriever.part("requester")
    if requester is None:
        raise Untranslatable("no-request", "a stream without a request")
    cursor = stream.part.part("incremental_sync")
    if cursor is not None and cursor.kind == "DatetimeBasedCursor":
        stream.bounds = cursors.bounds_of(cursor)
    _custom_requester(stream, requester)
    routers.route(stream, retriever, register)
    made = schemas.schema(stream, folder)
    _key(stream, made)
    if made is not None:
        stream.resource["schema"] = made
    given = paging.without_tokens(requester)
    assert isinstance(given, Part)
    requests.request(stream, given)
    _options(stream)
    paging.paginate(stream, retriever)
    if cursor is not None:
        cursors.load(stream, cursor)
    selector = retriever.part("record_selector")
    if selector is not None:
        shaping.select(stream, selector)
    shaping.transform(stream)
    errors.handle(stream, requester)
    _decoder(stream, retriever)
    stream.auth = auth.authenticate(stream, requester)
    _lists(stream)
    _parents(stream)
    _hooks(stream)


def _custom_requester(stream: Stream, requester: Part) -> None:
    if requester.kind.startswith("Custom"):
        stream.hooks["request"] = stream.hook("request_of")
        class_name = requester.text("class_name").rpartition(".")[2]
        stream.notes.hook(
            "hook-request",
            f"write `{stream.hook('request_of')}` in hooks.py: it makes the request as the "
            f"Python class {class_name} did",
            requester.pointer,
        )


def _key(stream: Stream, schema: Section | None) -> None:
    """The primary key, of top-level fields."""
    given = plain(stream.part.get("primary_key"))
    keys: list[str] = []
    for each in given if is_list(given) else [given] if given else []:
        if is_list(each):
            keys.append(".".join(str(step) for step in each))
        elif isinstance(each, str) and each:
            keys.append(each)
    unfit = [each for each in keys if _is_nested(schema, each)]
    if unfit:
        told = f"no key is made of {unfit[0]!r}, which is no single value: "
        is_whole = stream.part.get("incremental_sync") is None
        told += "each run replaces all" if is_whole else "records are added"
        stream.notes.changed("key-nested", told, stream.part.at("primary_key"))
        stream.resource["write_disposition"] = "replace" if is_whole else "append"
    elif keys:
        stream.resource["primary_key"] = keys[0] if len(keys) == 1 else keys
        stream.resource["write_disposition"] = "merge"


def _is_nested(schema: Section | None, key: str) -> bool:
    """Whether the schema says that a field is an object or a list."""
    properties = schema.get("properties") if schema is not None else None
    found = properties.get(key) if is_mapping(properties) else None
    types = found.get("type") if is_mapping(found) else None
    words = types if is_list(types) else [types]
    return bool({"object", "array"} & {each for each in words if isinstance(each, str)})


def _options(stream: Stream) -> None:
    """The places where partitions are sent."""
    for option, expression in stream.partitions.options:
        try:
            value = "{{ " + expression + " }}"
            requests.inject(stream, option, value)
        except Untranslatable as error:
            stream.notes.failed(error, option.pointer)


def _decoder(stream: Stream, retriever: Part) -> None:
    decoder = retriever.part("decoder")
    if decoder is None or decoder.kind in {"JsonDecoder", ""}:
        return
    packed = False
    if decoder.kind == "GzipDecoder":
        packed = True
        decoder = decoder.part("decoder") or decoder
    kind = _DECODERS.get(decoder.kind, "json" if "Json" in decoder.kind else "")
    if decoder.kind.startswith("Custom"):
        stream.hooks["response"] = stream.hook("records_of")
        told = f"write `{stream.hook('records_of')}` in hooks.py: it reads the body as the Python class did"
        stream.notes.hook("hook-decoder", told, decoder.pointer)
        return
    if not kind:
        told = f"a body that is read by {decoder.kind}"
        stream.notes.loss(f"decoder-{decoder.kind}", told, decoder.pointer)
        return
    made: dict[str, object] = {"type": kind}
    if kind == "csv" and decoder.text("delimiter"):
        made["delimiter"] = decoder.text("delimiter")
    if packed:
        made["gzip"] = True
    stream.endpoint["decoder"] = made


def _lists(stream: Stream) -> None:
    """`for_each`, of the lists that the request uses."""
    request = str((stream.path, stream.endpoint))
    for name, values in stream.partitions.lists.items():
        if f"stream_partition.{name}" in request or "{" + name + "}" in request:
            lists = stream.resource.setdefault("for_each", {})
            assert is_mapping(lists)
            lists[name] = values
        else:
            told = f"the list {name} is used in no request"
            stream.notes.loss("list-unused", told, stream.part.pointer)


def _parents(stream: Stream) -> None:
    """Parents that the request uses nothing of: it is the same for each of their records."""
    added = stream.resource.get("add"), stream.resource.get("filter")
    request = str((stream.base, stream.path, stream.endpoint, added))
    names = [name for name, _ in stream.partitions.parents.values()]
    if names and not any(reference(name, ()) in request for name in names):
        told = f"read once: nothing of {' or '.join(names)} is part of the request"
        stream.notes.changed("parent-unused", told, stream.part.pointer)


def _hooks(stream: Stream) -> None:
    hooks = {key: name for key, name in stream.hooks.items() if key != "client"}
    if "response" in hooks:
        stream.endpoint.pop("data_selector", None)
        stream.endpoint.pop("decoder", None)
    if hooks:
        stream.resource["hooks"] = hooks
