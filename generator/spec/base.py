"""Shared parts of the spec language: the strict base model and kinds of text.

The language is large and most specs use little of it, so a model costs little until it is used:
its validator is built when a spec has it first, and its module has annotations that are code,
which pydantic reads faster than text (no `from __future__ import annotations`).
"""

from contextvars import ContextVar
from typing import Annotated, Any, ClassVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core.core_schema import CoreSchema, no_info_plain_validator_function

_building = ContextVar("building", default=False)
"""The validator of a model is being built."""


class SpecModel(BaseModel):
    """Base of every model of the language: unknown keys are errors, values are never coerced."""

    PYTHON_ONLY: ClassVar[frozenset[str]] = frozenset()
    """Keys of dlt's vocabulary whose values are Python objects."""
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, defer_build=True
    )

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The model's own parts; of a model inside of another only how to find it."""
        if _building.get():
            return no_info_plain_validator_function(cls.model_validate)
        token = _building.set(True)
        try:
            return handler(source)
        finally:
            _building.reset(token)


Scalar = str | int | float | bool | None
Text = Annotated[str, Field(min_length=1)]
Template = str
"""Text that may hold `{placeholders}`, `dlt.secrets["x"]`, `dlt.config["x"]` or `{{ expressions }}`."""


def field_keys(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The spellings of a field in a spec, the main one first."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (alias,) if isinstance(alias, str) else (name,)
