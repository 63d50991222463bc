"""Numbers that no column holds: their record is refused, instead of changed or the end of a run."""

from __future__ import annotations

from math import isfinite
from typing import Any

from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import (
    any_schema,
    bool_schema,
    int_schema,
    no_info_after_validator_function,
    no_info_before_validator_function,
    none_schema,
    str_schema,
    union_schema,
)

from .values import is_dict, is_list

_LEAST, _MOST = -(2**63), 2**63 - 1
_WHOLE = 2.0**53
"""From here on a double has not every whole number."""


def bound(node: Any) -> None:
    """Makes the core schema of a model refuse what columns do not hold."""
    while node["type"] != "model":
        node = node["schema"]
    node["schema"] = _bound(node["schema"])


def quick(node: Any) -> Any:
    """A bounded schema that takes less time, but refuses some numbers that columns hold."""
    if is_list(node):
        return [quick(each) for each in node]
    if not is_dict(node):
        return node
    if _is_ours(node, _double):
        return {"gt": -_WHOLE, "lt": _WHOLE, **node["schema"]}
    made = {key: quick(value) for key, value in node.items()}
    if node.get("type") == "typed-dict":
        made["extras_schema"] = _ANY
    return made


def _bound(node: Any) -> Any:
    if is_list(node):
        return [_bound(each) for each in node]
    if not is_dict(node) or _is_ours(node, _double):
        return node
    kind = node.get("type")
    if kind == "model":
        return node  # has its own bounds
    made: Any = {key: _bound(value) for key, value in node.items()}
    match kind:
        case "int":
            made["ge"] = max(node.get("ge", _LEAST), _LEAST)
            made["le"] = min(node.get("le", _MOST), _MOST)
        case "float":
            return no_info_before_validator_function(_double, made)
        case "any":
            return _ANY
        case "model-fields":
            made["extras_schema"] = _ANY
        case _:
            pass
    return made


def _is_ours(node: dict[str, Any], function: object) -> bool:
    given = node.get("function")
    return is_dict(given) and given.get("function") is function


def _any(value: Any) -> Any:
    if isinstance(value, int):
        is_held = _LEAST <= value <= _MOST
    else:
        is_held = not isinstance(value, float) or isfinite(value)
    if not is_held:
        raise PydanticCustomError("too_large", "No column holds this number")
    if is_dict(value):
        for each in value.values():
            _any(each)
    elif is_list(value):
        for each in value:
            _any(each)
    return value


def _double(value: Any) -> Any:
    if type(value) is int and abs(value) >= _WHOLE and not _is_double(value):
        raise PydanticCustomError(
            "too_large", "A column for fractions does not hold each of the digits"
        )
    return value


def _is_double(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


_ANY: Any = union_schema(
    [
        str_schema(strict=True),
        int_schema(strict=True, ge=_LEAST, le=_MOST),
        bool_schema(strict=True),
        none_schema(),
        # Only what is left needs a function of Python.
        no_info_after_validator_function(_any, any_schema()),
    ],
    mode="left_to_right",
    custom_error_type="too_large",
    custom_error_message="No column holds this number",
)
