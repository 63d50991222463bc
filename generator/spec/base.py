"""Shared parts of the spec language: the strict base model and the "not supported yet" mark."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class SpecModel(BaseModel):
    """Base of every model of the language: unknown keys are errors, values are never coerced."""

    # Built with the one model that is used, `Spec`; docstrings are read for the JSON Schema only.
    NOT_YET: ClassVar[frozenset[str]] = frozenset()
    """Keys of the vocabulary that are not compiled yet."""
    PYTHON_ONLY: ClassVar[frozenset[str]] = frozenset()
    """Keys of dlt's vocabulary whose values are Python objects."""
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, defer_build=True
    )


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
