"""A shape of records: what an API answers run by run, and the resource that reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.scripted import Api, Call

Record: TypeAlias = Any
Page: TypeAlias = "Sequence[Record] | str"
"""Records, or the JSON text of a list of them where Python's values cannot say it."""
Run: TypeAlias = Sequence[Page]

INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
MOMENT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}


def or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same, and null."""
    return {**schema, "type": [schema["type"], "null"]}


def listed(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def fields(*required: str, **properties: Any) -> dict[str, Any]:
    """An object with these fields."""
    made: dict[str, Any] = {"type": "object", "properties": properties}
    return {**made, "required": list(required)} if required else made


def things(**properties: Any) -> dict[str, Any]:
    """A record with the key `id` and these fields."""
    return fields("id", id=INTEGER, **properties)


def one_page(*runs: Sequence[Record]) -> tuple[Run, ...]:
    """Runs of a page each."""
    return tuple([run] for run in runs)


@dataclass(frozen=True)
class Shape:
    """Records of one resource, over two runs or more."""

    name: str
    runs: tuple[Run, ...]
    schema: Mapping[str, Any] | None = None
    """The record's schema; None for an open record."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further keys of the resource in the spec."""
    endpoint: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further keys of its endpoint."""
    change: Callable[[Any], None] | None = None
    """What a user does to the dlt resource."""
    key: Sequence[str] | None = ("id",)
    """Primary key, for the write dispositions that need one; None: it cannot merge."""
    more: tuple[Shape, ...] = ()
    """Resources that belong to it, such as children."""
    routes: Mapping[str, tuple[Run, ...]] = field(default_factory=dict[str, Any])
    """Answers at further paths."""
    only: str = ""
    """The one write disposition that it is about; "": any."""
    dicts: str = ""
    """Why its tables are never made as Arrow tables; "": in some run they are."""
    fails: str = ""
    """A pattern of the error that both ways have to end with; "": none."""

    def whole(self) -> tuple[Shape, ...]:
        return (self, *self.more)


DISPOSITIONS: Mapping[str, Any] = {
    "append": "append",
    "replace": "replace",
    "merge": "merge",
    "upsert": {"disposition": "merge", "strategy": "upsert"},
    "scd2": {"disposition": "merge", "strategy": "scd2"},
    "insert_only": {"disposition": "merge", "strategy": "insert-only"},
}
KEYED = {"merge", "upsert", "insert_only"}
COLUMNAR = {"append", "replace", "merge"}
"""Dispositions whose rows have ids that do not depend on what is in them."""


def fits(shape: Shape, disposition: str) -> bool:
    """Whether the shape can be loaded so."""
    if shape.only:
        return disposition == shape.only
    return shape.key is not None or disposition not in KEYED


def spec_of(shapes: Iterable[Shape], disposition: str) -> str:
    """The spec of a connector that reads all shapes."""
    resources = [
        _resource(each, DISPOSITIONS[disposition])
        for shape in shapes
        for each in shape.whole()
    ]
    client: dict[str, Any] = {
        "base_url": "https://api.example.com",
        "paginator": {"type": "json_link", "next_url_path": "next"},
    }
    return json.dumps(
        {
            "connector": "shapes",
            "client": client,
            "resources": resources,
        }
    )


def _resource(shape: Shape, disposition: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"name": shape.name, "model": _model(shape.name)}
    if shape.schema is not None:
        made["schema"] = shape.schema
    if shape.key is not None:
        made["primary_key"] = list(shape.key)
    made["write_disposition"] = disposition
    made["endpoint"] = {"path": shape.name, "data_selector": "data", **shape.endpoint}
    return {**made, **shape.options}


def _model(name: str) -> str:
    return "".join(part.title() for part in name.split("_")) + "Record"


class Answers:
    """Serves the shapes below their names; `run` says which answers are given."""

    def __init__(self, api: Api, shapes: Iterable[Shape]) -> None:
        self.run = 0
        for shape in shapes:
            for each in shape.whole():
                routes = {each.name: each.runs, **each.routes}
                for path, runs in routes.items():
                    api.routes[f"/{path}"] = self._route(path, runs)

    def _route(self, path: str, runs: tuple[Run, ...]) -> Callable[[Call], bytes]:
        def route(call: Call) -> bytes:
            pages = (runs[min(self.run, len(runs) - 1)] if runs else []) or [[]]
            number = int(call.query.get("page", "0"))
            page = pages[number]
            text = page if isinstance(page, str) else json.dumps(page)
            is_last = number + 1 == len(pages)
            following = None if is_last else f"/{path}?page={number + 1}"
            return f'{{"data": {text}, "next": {json.dumps(following)}}}'.encode()

        return route
