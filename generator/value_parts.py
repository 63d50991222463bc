"""What the text of a request consists of: plain text, references, and expressions over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinja2 import nodes


class Secret(NamedTuple):
    """`dlt.secrets["name"]`: a field of the credentials."""

    name: str


class Config(NamedTuple):
    """`dlt.config["name"]`, perhaps with a default: an argument that dlt can fill."""

    name: str
    default: str | int | tuple[()] | None = None
    """An empty tuple: the argument is a list of texts."""


class Placeholder(NamedTuple):
    """`{name}`: a value that a parent gives, or an argument."""

    name: str


class ParentField(NamedTuple):
    """`{resources.parent.field}`."""

    resource: str
    field: str


class Bound(NamedTuple):
    """`{incremental.start_value}` and its kin."""

    name: str


class Now(NamedTuple):
    """The current time in UTC, written with a strftime pattern."""

    format: str


class Computed(NamedTuple):
    """An expression over references, to be compiled where their values are known."""

    node: nodes.Expr
    references: tuple[Part, ...]
    """What it reads, so that arguments and parents are known before it is compiled."""


Part = str | Secret | Config | Placeholder | ParentField | Bound | Now | Computed


def references(found: Iterable[Part]) -> Iterator[Part]:
    """The parts, and instead of each expression what it reads."""
    for part in found:
        if isinstance(part, Computed):
            yield from part.references
        else:
            yield part
