"""Numbers that no column holds: their record is refused, instead of changed or the end of a run."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, TypeAlias

from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator
from pydantic_core.core_schema import (
    any_schema,
    no_info_after_validator_function,
    no_info_before_validator_function,
    typed_dict_field,
    typed_dict_schema,
)

from .values import is_dict, is_list

Digits: TypeAlias = tuple[tuple[str, int, int], ...]
"""Fields with a decimal column: how many digits it has, and how many after the point."""

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
    if not is_dict(node) or _is_ours(node, _double) or _is_ours(node, _any):
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


def fitting(digits: Digits) -> SchemaValidator:
    """Validates of a record what goes into decimal columns."""
    fields = {
        name: typed_dict_field(_decimal(precision, scale), required=False)
        for name, precision, scale in digits
    }
    return SchemaValidator(typed_dict_schema(fields, extra_behavior="ignore"))


def _decimal(precision: int, scale: int) -> CoreSchema:
    def checked(value: Any) -> Any:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return value  # no number: dlt gives it a column of its own
        if not _fits(number, precision, scale):
            raise PydanticCustomError(
                "too_large",
                "The column holds {precision} digits, {scale} of them after the point",
                {"precision": precision, "scale": scale},
            )
        return value

    return no_info_after_validator_function(checked, any_schema())


def _fits(number: Decimal, precision: int, scale: int) -> bool:
    if not number.is_finite():
        return False
    _, digits, last = number.as_tuple()
    written = "".join(map(str, digits))
    needed = written.rstrip("0")
    places = int(last) + len(written) - len(needed)
    needed = needed.lstrip("0")
    return not needed or (
        -places <= scale and len(needed) + places <= precision - scale
    )


def _any(value: Any) -> Any:
    kind: type = type(value)
    if kind is int and not _LEAST <= value <= _MOST:
        raise PydanticCustomError("too_large", "A column holds 64 bits of a number")
    if kind is float and not isfinite(value):
        raise PydanticCustomError("too_large", "No column holds this number")
    if kind is dict or kind is list:
        for each in value.values() if kind is dict else value:
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


_ANY: Any = no_info_after_validator_function(_any, any_schema())
