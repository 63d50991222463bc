"""Checks records against their model: as models, or as plain rows that mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import (
    TypedDictField,
    list_schema,
    typed_dict_field,
    typed_dict_schema,
)

from .held import quick
from .records import Record
from .values import JSON, is_dict, is_list

_extra = attrgetter("__pydantic_extra__")

T = TypeVar("T")
M = TypeVar("M", bound=Record)
Row = dict[str, Any]
"""A record with the API's field names, and only the fields that the API sent."""


class Validation(Protocol[T]):
    """Makes what is yielded of the API's records; both ways raise ValidationError."""

    def many(self, records: Sequence[JSON]) -> list[T]: ...

    def one(self, record: JSON) -> T: ...

    def unknown(self, valid: Sequence[T]) -> set[str]:
        """Fields that the schema does not name; none where it names none at all."""
        ...


class Pages(Iterator[list[M]]):
    """The records of one read, a list for each page that has any; sent for as it is iterated.

    Read once, either as models or as `rows()`.
    """

    def __init__(
        self, model: type[M], read: Callable[[Validation[Any]], Iterator[list[Any]]]
    ) -> None:
        self._model = model
        self._read = read
        self._models: Iterator[list[M]] | None = None

    def __next__(self) -> list[M]:
        if self._models is None:
            self._models = self._read(_models(self._model))
        return next(self._models)

    def rows(self) -> Iterator[list[Row]]:
        """The same records as plain rows, validated alike but made faster."""
        return self._read(_rows(self._model))


class _Models(Generic[M]):
    def __init__(self, model: type[M]) -> None:
        self.model = model
        self._list = SchemaValidator(list_schema(TypeAdapter(model).core_schema))

    def many(self, records: Sequence[JSON]) -> list[M]:
        models: list[M] = self._list.validate_python(
            records, by_alias=True, by_name=False
        )
        return models

    def one(self, record: JSON) -> M:
        return self.model.model_validate(record, by_alias=True, by_name=False)

    def unknown(self, valid: Sequence[M]) -> set[str]:
        if not self.model.model_fields:
            return set()
        unknown: set[str] = set()
        return unknown.union(*map(_extra, valid))


class _Rows:
    """Validates by the model's own schema, in which dicts stand for the models."""

    def __init__(self, model: type[Record]) -> None:
        self._models = _models(model)
        fields = model.model_fields
        self._names = {field.alias or name for name, field in fields.items()}
        schema: Any = _of_dicts(TypeAdapter(model).core_schema)
        self._list = SchemaValidator(list_schema(quick(schema)))

    def many(self, records: Sequence[JSON]) -> list[Row]:
        rows: list[Row] = self._list.validate_python(records)
        return rows

    def one(self, record: JSON) -> Row:
        # What a record is rejected for is told in the model's words.
        model = self._models.one(record)
        row: Row = model.model_dump(by_alias=True, exclude_unset=True)
        return row

    def unknown(self, valid: Sequence[Row]) -> set[str]:
        unknown: set[str] = set()
        return unknown.union(*valid) - self._names if self._names else unknown


@cache
def _models(model: type[M]) -> _Models[M]:
    return _Models(model)


@cache
def _rows(model: type[Record]) -> _Rows:
    return _Rows(model)


def _of_dicts(node: Any) -> Any:
    """A core schema of pydantic with a typed dict for each model."""
    if is_list(node):
        return [_of_dicts(each) for each in node]
    if not is_dict(node):
        return node
    kind = node.get("type")
    if kind == "model":
        made = _of_dicts(node["schema"])
        return {**made, "config": node["config"], "ref": node.get("ref")}
    if kind == "model-fields":
        fields = node["fields"].items()
        return typed_dict_schema(
            {each.get("validation_alias", name): _field(each) for name, each in fields},
            extra_behavior="allow",
        )
    if (
        kind == "function-wrap"
        and (made := _of_dicts(node["schema"]))["type"] == "typed-dict"
    ):
        return made  # it only keeps what the model was made of
    return {key: _of_dicts(value) for key, value in node.items()}


def _field(field: Any) -> TypedDictField:
    schema = field["schema"]
    required = schema["type"] != "default"
    inner = schema if required else schema["schema"]
    return typed_dict_field(_of_dicts(inner), required=required)
