"""One JSON Schema of the spec as a frozen node, and what its values mean."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.diagnostics import Location
from generator.document import Document, Pointer

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """What `#` stands for in the references of a schema: a file, an inline schema or the spec."""

    document: Document
    pointer: Pointer
    outer: Root | None = None
    """Where a definition is looked for next: the spec, for a schema inside of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One schema: the keywords of the subset, each absent or with a value of the right shape."""

    root: Root
    pointer: Pointer
    title: str = ""
    description: str = ""
    ref: str = ""
    types: tuple[str, ...] = ()
    """JSON types that are allowed, `null` among them; empty: all."""
    nullable: bool = False
    enum: tuple[Scalar, ...] = ()
    """Allowed values, `const` as a single one; empty: all."""
    format: str = ""
    pattern: str = ""
    limits: Mapping[str, int | float] = field(default_factory=dict[str, int | float])
    default: Scalar = None
    properties: Mapping[str, Node] = field(default_factory=dict[str, "Node"])
    required: tuple[str, ...] = ()
    additional: Node | None = None
    items: tuple[Node, ...] = ()
    """Schemas of an array's items; more than one: any of them."""
    all_of: tuple[Node, ...] = ()
    any_of: tuple[Node, ...] = ()

    def locate(self, *steps: str | int) -> Location:
        """Where the schema, or a value in it, stands."""
        return self.root.document.locate((*self.pointer, *steps))

    @property
    def structure(self) -> bool:
        """Whether it says anything beside its types, its annotations and its reference."""
        return bool(
            self.enum
            or self.format
            or self.pattern
            or self.limits
            or self.properties
            or self.required
            or self.additional
            or self.items
            or self.any_of
        )


@dataclass(frozen=True, slots=True)
class PatternProblem:
    """Why a pattern cannot be checked; `valid` where it is one for other engines."""

    reason: str
    valid: bool


def pattern_problem(pattern: str) -> PatternProblem | None:
    """What keeps pydantic (Rust's regex crate, linear time) from checking a pattern."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        reason = next((line for line in lines if line.startswith("error:")), lines[-1])
        reason = reason.removeprefix("error: ").removeprefix("SchemaError: ")
        known = "look-around" in reason or "size limit" in reason
        return PatternProblem(reason, known or _compiles(pattern))
    return None


def _compiles(pattern: str) -> bool:
    """Whether Python's own engine reads the pattern."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def types_of(value: Scalar) -> tuple[str, ...]:
    """The JSON types that a value has: a whole number is an integer and a number."""
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case str():
            return ("string",)
        case int():
            return ("integer", "number")
        case float():
            return ("number", "integer") if value.is_integer() else ("number",)
