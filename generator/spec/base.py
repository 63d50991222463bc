"""Shared parts of the spec language: the strict base model and the "not supported yet" mark."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NOT_YET = "x-not-yet"
"""Mark in a field's JSON Schema: the key is part of the language, but not compiled yet."""


class SpecModel(BaseModel):
    """Base of every model of the language: unknown keys are errors, values are never coerced."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


NotYet = Annotated[Any, Field(default=None, json_schema_extra={NOT_YET: True})]
"""A key of the vocabulary that is answered with `not-supported-yet`."""

Scalar = str | int | float | bool | None
Text = Annotated[str, Field(min_length=1)]
Template = str
"""Text that may hold `{placeholders}`, `dlt.secrets["x"]`, `dlt.config["x"]` or `{{ expressions }}`."""
