"""What the names of an expression mean: parts of an answer, or references of a request."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Protocol

from generator.expressions.pieces import ATOM, CHOICE, Kind, Piece, Writer
from generator.expressions.text import ExpressionError
from generator.pysource import literal
from generator.value_parts import (
    Bound,
    Config,
    ParentField,
    Part,
    Placeholder,
    Secret,
)

PARTITIONS = frozenset({"stream_partition", "stream_slice", "partition"})
"""Names under which the seeds' kind of document has the values of placeholders."""

Reference = Callable[[Part], tuple[str, str]]
"""Code and Python type of a reference."""

_ELSEWHERE = frozenset(
    "config dlt incremental page record resources secrets stream_slice".split()
)
"""Names that mean something in other parts of a spec."""

NAMES = _ELSEWHERE | {"headers", "response"}
"""Names that no placeholder has in an expression."""

_TYPES: dict[str, Kind] = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "bool",
    "texts": "texts",
}


class Scope(Protocol):
    """Gives the names of one kind of expression their meaning."""

    strict: bool
    """Values of the wrong kind are errors."""

    def root(
        self, writer: Writer, name: str, keys: list[str | int], default: object
    ) -> Piece:
        """The value of `name` below `keys`."""
        ...


class AnswerScope:
    """`response`, `headers`, `last_record`; other names are fields of the answer."""

    strict = False

    def root(
        self, writer: Writer, name: str, keys: list[str | int], default: object
    ) -> Piece:
        if name == "response" and keys and keys[0] == "headers":
            name, keys = "headers", keys[1:]
        if name == "headers":
            return _header(writer, keys, default)
        if name == "last_page_size" and not keys:
            writer.read("records")
            return Piece("len(records)", kind="number")
        if name == "last_record":
            writer.read("records")
            return writer.lookup("list(records)", [-1, *keys], default)
        if name in _ELSEWHERE:
            raise ExpressionError(
                f"`{name}` is not supported here; read `response` or `headers`"
            )
        if name != "response":
            keys = [name, *keys]
        writer.read(".".join(("body", *map(str, keys))))
        return writer.lookup("body", keys, default) if keys else Piece("body")


class RequestScope:
    """Settings, secrets, parents, bounds and placeholders; with `records`, `record` too."""

    strict = True

    def __init__(self, reference: Reference, *, records: bool) -> None:
        self._reference = reference
        self._records = records

    def root(
        self, writer: Writer, name: str, keys: list[str | int], default: object
    ) -> Piece:
        if name == "record" and self._records:
            return writer.lookup("record", keys, default) if keys else Piece("record")
        if any(isinstance(key, int) for key in keys):
            raise ExpressionError(f"`{name}` has names, no numbers in brackets")
        if self._records and not keys:
            raise ExpressionError(
                f"`{name}` is no field by itself: write `record.{name}`"
            )
        part = _reference([name, *map(str, keys)], default)
        if part is None:
            raise ExpressionError(_known(self._records))
        code, kind = self._reference(part)
        return Piece(code, binding(code), _TYPES.get(kind, "json"))


def binding(code: str) -> int:
    """How tightly the code of a reference binds."""
    tree = ast.parse(code, mode="eval").body
    tight = ast.Name | ast.Attribute | ast.Call | ast.Constant | ast.JoinedStr
    return ATOM if isinstance(tree, tight) else CHOICE


def _known(records: bool) -> str:
    known = (
        "config.x, secrets.x, resources.parent.field, incremental.start_value, now_utc() and "
        "the names of placeholders"
    )
    if records:
        return f"over a record there are record.x, {known}"
    return f"in a request there are {known}"


def _reference(names: list[str], default: object) -> Part | None:
    if names[:1] == ["dlt"]:
        names = names[1:]
    match names:
        case ["config", name]:
            return Config(name, config_default(default))
        case _ if default is not None:
            raise ExpressionError("`default` follows config.x or a field of a record")
        case ["secrets", name]:
            return Secret(name)
        case ["resources", resource, *fields] if fields:
            return ParentField(resource, ".".join(fields))
        case ["incremental", name]:
            return Bound(name)
        case [root, *rest] if root in PARTITIONS and rest:
            return Placeholder("_".join(rest))
        case [name] if name not in NAMES:
            return Placeholder(name)
        case _:
            return None


def config_default(value: object) -> str | int | tuple[()] | None:
    """The constant that stands for a setting which is not given."""
    if value is None or isinstance(value, str | int):
        return value
    if value == []:
        return ()
    raise ExpressionError(
        "the default of config.x is text or a number, or `[]` for a list"
    )


def _header(writer: Writer, keys: list[str | int], default: object) -> Piece:
    names = [key for key in keys if key != "string"]
    if not names or not all(isinstance(key, str) for key in names):
        raise ExpressionError("name the header: `headers['Link']`")
    if default:
        raise ExpressionError("the default of a header is not supported")
    header = str(names[0]).lower()
    writer.read(f"header.{header}")
    if len(names) == 1:
        code = f"response.header({literal(names[0])})"
    elif header == "link" and len(names) <= 3:
        # The target of the link is its `url`; other names are its parameters.
        wanted = names[1:2] if names[2:] == ["url"] else names[1:]
        code = writer.use("link_of", "response", *map(literal, wanted)).code
    else:
        raise ExpressionError(
            "a header is text: write `headers['name']`, or `headers.link.next.url` for "
            "`Link`"
        )
    return Piece(code, kind="text or nothing")
