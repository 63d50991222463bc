"""Records that remember what the API wrote, for the requests of their children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import ModelWrapValidatorHandler, PrivateAttr, model_validator

from .records import Record
from .values import JSON, get

_KEPT = "_sent"


class Remembering(Record):
    """A record with the JSON that it was made of: its dates are sent on as they came."""

    _sent: JSON = PrivateAttr(None)

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        record = handler(value)
        record._sent = value
        return record


def as_sent(record: Record, *keys: str) -> JSON:
    """The value below `keys` as the API wrote it; None where there is none."""
    kept: JSON = (record.__pydantic_private__ or {}).get(_KEPT)
    return get(kept, *keys)


def dumped(page: Sequence[Record]) -> list[dict[str, Any]]:
    """Models as plain rows: the API's field names, only what the API sent."""
    return [record.model_dump(by_alias=True, exclude_unset=True) for record in page]
