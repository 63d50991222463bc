"""What becomes of records: decoders, shaping, hooks, and the table."""

from __future__ import annotations

from typing import Literal, NamedTuple

from generator.pysource import Code


class Column(NamedTuple):
    """A column whose type the schema fixes, or of which the spec says more."""

    name: str
    hints: tuple[tuple[str, str | int | float | bool | None], ...]
    """dlt's hints, such as `data_type`."""


class Table(NamedTuple):
    """What dlt is told of the resource's table."""

    name: str
    """Empty where it is the resource's name."""
    write_disposition: Code
    primary_key: tuple[str, ...]
    merge_key: tuple[str, ...]
    columns: tuple[Column, ...]
    max_nesting: int | None
    selected: bool
    parallelized: bool | None = None
    """Whether dlt reads it in a thread; None: where requests may be sent at once."""
    hints: tuple[tuple[str, Code], ...] = ()
    """Further arguments of the resource's decorator."""


class Step(NamedTuple):
    """Something done to a record after its fields were shaped."""

    kind: Literal["condition", "filter", "map", "yield_map", "record"]
    """`condition`: what is false is left out; the others are kinds of hooks."""
    code: Code
    """Expression that is true where the record is left out, or the hook's name."""


class ShapeArgument(NamedTuple):
    """A setting or a parent's value that a resource's shaping reads."""

    name: str
    type: str
    value: Code
    """Expression in the client's method."""


class Shape(NamedTuple):
    """How the record that is loaded is made of the API's; codes read `record`."""

    left_out: Code | None
    """Expression that is true of the records that are left out."""
    select: tuple[tuple[str, ...], ...] | None
    """Paths."""
    drop: tuple[tuple[str, ...], ...]
    flatten: tuple[tuple[str, str], ...]
    """Object and prefix."""
    rename: tuple[tuple[tuple[str, ...], str], ...]
    """The path of a field, and its new name."""
    add: tuple[tuple[str, Code], ...]
    steps: tuple[Step, ...]
    arguments: tuple[ShapeArgument, ...]

    @property
    def splits(self) -> bool:
        """A record may become several."""
        return any(each.kind == "yield_map" for each in self.steps)

    @property
    def hook(self) -> str | None:
        """The name of the hook that alone does everything."""
        plain = (self.left_out, self.select) == (None, None)
        if plain and not (self.drop or self.flatten or self.rename or self.add):
            if len(self.steps) == 1 and self.steps[0].kind == "record":
                return self.steps[0].code
        return None


class Decoder(NamedTuple):
    """The function that reads a body, and its options."""

    function: str
    options: tuple[tuple[str, Code], ...]


HookKind = Literal[
    "record", "filter", "map", "yield_map", "request", "response", "convert", "page"
]


class Hook(NamedTuple):
    """A function that the user writes into hooks.py."""

    name: str
    kind: HookKind
    users: tuple[str, ...]
    """Names of resources; empty: the client."""
    type: str = ""
    """Python type of the value that a `convert` takes."""
