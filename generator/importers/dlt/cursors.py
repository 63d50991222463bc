"""dlt's incremental loading, as configuration or as an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.importers.dlt.hooks import Hooks
from generator.importers.dlt.recording import Function
from generator.importers.dlt.values import NotPlain, Values
from generator.plain import is_list

_KEYS = tuple("""
    cursor_path start_param end_param initial_value end_value last_value_func primary_key
    row_order lag on_cursor_value_missing range_start range_end allow_external_schedulers
    """.split())
_DEFAULTS: dict[str, object] = {
    "last_value_func": "max",
    "on_cursor_value_missing": "raise",
    "range_start": "closed",
    "range_end": "open",
}


@dataclass(slots=True)
class Cursor:
    """The keys of `incremental`, and what is said of them."""

    written: dict[str, object] = field(default_factory=dict[str, object])
    todos: list[str] = field(default_factory=list[str])


def incremental(
    given: Mapping[str, object], values: Values, hooks: Hooks, name: str
) -> Cursor:
    """What the language has of dlt's arguments; the rest are TODOs. `name` is the resource's."""
    cursor = Cursor()
    for key in (*_KEYS, *(key for key in given if key not in _KEYS)):
        value = given.get(key)
        if value is None or value == _DEFAULTS.get(key) or key == "type":
            continue
        if key in ("convert", "transform"):
            _convert(value, cursor, values, hooks, name)
        elif key == "last_value_func":
            _last_value(value, cursor, values)
        elif key not in _KEYS:
            cursor.todos.append(f"dlt does not know `{key}` of an incremental")
        elif is_list(value) and not value:
            cursor.todos.append(
                f"`{key}: ()` switches the deduplication at the bound off: here it is on"
            )
        else:
            try:
                cursor.written[key] = values.plain(value, cursor.todos, key=key)
            except NotPlain as problem:
                cursor.todos.append(f"`{key}` is {problem}")
    return cursor


def _last_value(value: object, cursor: Cursor, values: Values) -> None:
    name = value.name if isinstance(value, Function) else value
    foreign = isinstance(value, Function) and value.module != "builtins"
    if name == "min" and not foreign:
        cursor.written["last_value_func"] = "min"
    elif name != "max" or foreign:
        cursor.todos.append(
            f"the last value is chosen by {values.told(value)}: here it is the greatest, or "
            "the smallest with `last_value_func: min`"
        )


def _convert(
    value: object, cursor: Cursor, values: Values, hooks: Hooks, name: str
) -> None:
    """A function writes the bounds; `format` would do for most of them."""
    told = values.told(value)
    if not isinstance(value, Function):
        cursor.todos.append(f"`convert` is {told}")
        return
    hook = hooks.name(value, "convert", f"bound_of_{name}")
    cursor.written["convert"] = hook
    cursor.todos.append(
        f"write `{hook}` in hooks.py: what {told} did, or say it by `format`, such as `epoch` or "
        "`%Y-%m-%d`"
    )
