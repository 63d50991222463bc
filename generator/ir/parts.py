"""What a resource is read for: its parents, lists of values, and the range of its cursor."""

from __future__ import annotations

from typing import Literal, NamedTuple

from generator.pysource import Code


class ParentValue(NamedTuple):
    """A value that a child request takes from a parent's record."""

    argument: str
    """Python name of the method's argument."""
    field: str
    """Field of the parent's record, as the API writes it."""
    attribute: str
    """Attribute of the parent's model; empty where the model does not declare the field."""
    nullable: bool
    type: str
    """Python type of the argument."""
    level: int = 0
    """Whose record: 0 is the parent, 1 the parent's own parent, and so on."""
    as_sent: tuple[str, ...] = ()
    """Path of a value that is taken from the record as the API wrote it; empty: the attribute."""


class Included(NamedTuple):
    """A column of the child's table that an ancestor's record fills."""

    column: str
    path: tuple[str, ...]
    level: int


class Ancestor(NamedTuple):
    """A resource whose records are read for a child's, and the Python name of one record."""

    resource: str
    variable: str


class Parent(NamedTuple):
    """The resource from whose records a child takes values."""

    resource: str
    method: str
    model: str
    line: tuple[Ancestor, ...]
    """The parent, and as many of its ancestors as the child's requests take values from."""
    values: tuple[ParentValue, ...]
    include: tuple[Included, ...]


class Each(NamedTuple):
    """A value of which every request of a resource has one of several."""

    argument: str
    """Python name of the method's argument."""
    type: str
    """Python type of one value."""
    values: Code
    """Expression of all values in the client's methods."""


class Incremental(NamedTuple):
    """Which records are new; `type` is the Python type of the cursor."""

    cursor: str
    type: Literal["datetime", "date", "int", "str"]
    initial: Code | None
    """The first lower bound in the source function: a literal, or an argument's name."""
    start_param: str
    """Query parameter of the lower bound; empty where it is sent otherwise or not at all."""
    end_param: str
    end: Code | None
    """The upper bound in the source function: a literal, or an argument's name."""
    end_now: bool
    """The upper bound that is sent is the time of the run."""
    sends_start: bool
    """A request carries the lower bound, so the client's method takes `since`."""
    format: str
    on_missing: str
    primary_key: tuple[str, ...]
    steps: tuple[str | int, ...] = ()
    """The path of the cursor field."""
    sends_end: bool = False
    """A request carries the upper bound."""
    options: tuple[tuple[str, str | int | float | bool], ...] = ()
    """What dlt is told besides: `lag`, `range_start`, …"""
    lag: int | float | Code | None = None
    order: str = ""
    """asc or desc: reading ends early."""
    filters: bool = False
    """The client leaves records outside of the bounds out."""
    formats: tuple[str, ...] = ()
    """How text is read as a time, before ISO."""
    window: tuple[tuple[str, int | Code], ...] = ()
    """Units and numbers of a window's width; empty where the range is read at once."""
    convert: str = ""
    """The hook that writes the bounds."""

    @property
    def sent_type(self) -> str:
        """The cursor's type in a request: text that is read as a time is written as one."""
        return "datetime" if self.formats else self.type

    @property
    def is_written(self) -> bool:
        """A request carries a bound otherwise than the client's method takes it."""
        return bool(self.convert) or self.sent_type in {"datetime", "date"}

    @property
    def option(self) -> dict[str, str | int | float | bool]:
        return dict(self.options)

    @property
    def takes_end(self) -> bool:
        """The client's method takes `until`."""
        now = self.end_now and not self.window
        return bool(
            (self.sends_end and not now) or self.window or (self.filters and self.end)
        )
