"""The JSON Schema of the language, for editors that complete and check while one types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import AliasChoices

from generator.spec.base import SpecModel
from generator.spec.document import Spec


def language_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a spec file; every spelling of a key is in it."""
    schema = Spec.model_json_schema(by_alias=True, mode="validation")
    for model in _models(SpecModel):
        found = schema["$defs"].get(model.__name__)
        if found is not None:
            _add_spellings(model, found["properties"])
    schema["title"] = "gen-connector spec"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _models(base: type[SpecModel]) -> Iterator[type[SpecModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _add_spellings(model: type[SpecModel], properties: dict[str, Any]) -> None:
    """pydantic publishes the first spelling of a key only."""
    for field in model.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            first, *others = [str(choice) for choice in alias.choices]
            for other in others:
                properties[other] = properties[first]
