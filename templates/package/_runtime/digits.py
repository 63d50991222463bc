"""Numbers for decimal columns: a record with one that has too many digits is refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeAlias

from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator
from pydantic_core.core_schema import (
    any_schema,
    no_info_after_validator_function,
    typed_dict_field,
    typed_dict_schema,
)

from .sending import Shape
from .values import JSON

Digits: TypeAlias = tuple[tuple[str, int, int], ...]
"""Fields with a decimal column: how many digits it has, and how many after the point."""


def fitting(digits: Digits, shape: Shape | None = None) -> Shape:
    """`shape` of records whose numbers fit into their columns; others raise ValidationError."""
    validator = _validator(digits)

    def fits(record: dict[str, JSON]) -> JSON:
        made = shape(record) if shape else record
        for each in made if isinstance(made, list) else [made]:
            if isinstance(each, dict):
                validator.validate_python(each)
        return made

    return fits


@cache
def _validator(digits: Digits) -> SchemaValidator:
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
