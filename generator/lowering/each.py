"""`for_each`: the lists of values whose product a resource is read for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.expressions.text import ExpressionError
from generator.lowering.context import CLIENT_ARGUMENTS, Context, Source
from generator.lowering.parents import NOTHING, routers
from generator.lowering.text import Value
from generator.naming import python_name
from generator.plain import is_list
from generator.pysource import Code, call, literal
from generator.values import Config, parts

Lists = dict[str, tuple[object, Pointer]]
"""Placeholder to its values, a list or text, and where they stand."""


def lists(source: Source) -> Lists:
    """The lists of `for_each` and of the seeds' `partition_router` of the type `list`."""
    found: Lists = {}
    for name, values in (source.resource.for_each or {}).items():
        found[name] = (values, (*source.pointer, "for_each", name))
    for router, pointer in routers(source):
        if router.type == "list" and router.cursor_field:
            found[router.cursor_field] = (router.values, (*pointer, "values"))
    return found


def config_of(values: object) -> Config | None:
    """The argument that gives the values, where the spec names one."""
    if not isinstance(values, str):
        return None
    try:
        match parts(values):
            case (Config() as config,):
                return config
            case _:
                return None
    except ExpressionError:
        return None


@dataclass(slots=True)
class Partitions:
    """The lists of one resource, and which of them its requests use."""

    context: Context
    source: Source
    lists: Lists = field(init=False)
    used: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.lists = lists(self.source)

    def value(self, name: str) -> Value:
        """The expression of one value within the client's method."""
        self.used.add(name)
        argument = python_name(name)
        if argument is None:
            return NOTHING  # `lower` reports it
        return Value(Code(_argument(argument)), _type(self.lists[name][0]))

    def lower(self, settings: Mapping[str, ir.Setting]) -> Iterator[ir.Each]:
        """The lists in the spec's order; `settings` gives those that the caller gives."""
        taken: set[str] = set()
        for name, (values, pointer) in self.lists.items():
            argument = _argument(python_name(name) or "")
            self._check(name, argument, values, pointer)
            if argument in taken:
                self.context.error(
                    pointer,
                    "name-collision",
                    f"two lists both give the argument `{argument}`",
                    "rename one of them",
                )
            taken.add(argument)
            if name in settings:
                setting = settings[name].name
                given = [literal(setting), Code(f"self._{setting}")]
                code = call("required", given)
            else:
                code = literal(tuple(values) if is_list(values) else ())
            yield ir.Each(argument, _type(values), code)

    def _check(
        self, name: str, argument: str, values: object, pointer: Pointer
    ) -> None:
        if not argument:
            self.context.error(
                pointer, "name", f"{shown(name)} has no letters or digits", key=True
            )
        if not is_list(values):
            if config_of(values) is None:
                self.context.error(
                    pointer,
                    "wrong-type",
                    f"the values of {shown(name)} are no list",
                    'write a list, or `dlt.config["name"]` for an argument',
                )
        elif not values:
            self.context.error(pointer, "wrong-value", f"{shown(name)} has no values")
        else:
            written = [repr(value) for value in values]  # 1 is not true
            for index, value in enumerate(values):
                if value is None or written[index] in written[:index]:
                    told = "null" if value is None else f"{shown(str(value))} twice"
                    self.context.error(
                        (*pointer, index),
                        "wrong-value",
                        f"{shown(name)} has {told}",
                        "each value is read once: leave it out",
                    )
        if name not in self.used:
            self.context.error(
                pointer,
                "unused-list",
                f"the request does not use {{{shown(name)[1:-1]}}}: each value would "
                "give the same records",
                f"write {{{shown(name)[1:-1]}}} into the path, a parameter, a header or "
                "the body",
            )


def _argument(name: str) -> str:
    return f"{name}_" if name in CLIENT_ARGUMENTS else name


def _type(values: object) -> str:
    """The Python type of one value: the types of all, in the order of their names."""
    if not is_list(values) or not values:
        return "str"
    return " | ".join(sorted({type(value).__name__ for value in values}))
