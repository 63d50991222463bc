"""The JSON Schema of the language, for editors that complete and check while one types."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from textwrap import dedent
from typing import Any, TypeGuard, cast

from pydantic import AliasChoices
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from generator.spec.base import SpecModel, field_keys
from generator.spec.document import Spec


class _Whole(GenerateJsonSchema):
    """Goes into models that are built when a spec has them first (see base.py)."""

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        model = _later(schema)
        if model is None:
            return super().generate_inner(schema)
        model.model_rebuild()
        ref = f"{model.__module__}.{model.__qualname__}:{id(model)}"
        whole = {**model.__pydantic_core_schema__, "ref": ref}
        return super().generate_inner(cast(Any, whole))

    def field_title_should_be_set(self, schema: Any) -> bool:
        return _later(schema) is None and super().field_title_should_be_set(schema)


def _later(schema: Any) -> type[SpecModel] | None:
    """The model that a part of another model's schema leaves for later."""
    if schema["type"] != "function-plain":
        return None
    return cast(type[SpecModel], getattr(schema["function"]["function"], "__self__"))


def language_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a spec file; every spelling of a key is in it."""
    schema = Spec.model_json_schema(
        by_alias=True, mode="validation", schema_generator=_Whole
    )
    for model in _models(SpecModel):
        found = schema["$defs"].get(model.__name__)
        if found is not None:
            _add_descriptions(model, found["properties"])
            _add_spellings(model, found["properties"])
    _add_descriptions(Spec, schema["properties"])
    schema["title"] = "gen-connector spec"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _models(base: type[SpecModel]) -> Iterator[type[SpecModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _add_descriptions(model: type[SpecModel], properties: dict[str, Any]) -> None:
    for key, text in descriptions(model).items():
        if key in properties:
            properties[key].setdefault("description", text)


def descriptions(model: type[SpecModel]) -> dict[str, str]:
    """Main spelling of a key to what it means: the docstring below the field."""
    found: dict[str, str] = {}
    for base in model.__mro__:
        if not issubclass(base, SpecModel) or base is SpecModel:
            continue
        body = ast.parse(dedent(inspect.getsource(base))).body[0]
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, text in pairwise(statements):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                words = ast.literal_eval(text.value) if _is_text(text) else ""
                name = field.target.id
                key = field_keys(name, model.model_fields[name])[0]
                if words:
                    found.setdefault(key, " ".join(words.split()))
    return found


def _is_text(node: ast.stmt) -> TypeGuard[ast.Expr]:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _add_spellings(model: type[SpecModel], properties: dict[str, Any]) -> None:
    """pydantic publishes the first spelling of a key only."""
    for field in model.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            first, *others = [str(choice) for choice in alias.choices]
            for other in others:
                properties[other] = properties[first]
