"""What is done with the records of a page before they are validated, and what errors say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from .errors import ExpressionError
from .sending import Shape
from .values import JSON

EDGES = "0001-01-01", "9999-12-31"
"""Days on which a moment with an offset may be outside of the calendar."""

UNFIT = (ArithmeticError, ExpressionError, PydanticSerializationError, ValidationError)
"""What a record raises that does not fit."""


def shaped_by(
    shape: Shape,
    records: list[tuple[int, JSON]],
    reject: Callable[[int, Exception], None],
    counted: Counter[str],
) -> Iterator[tuple[int, JSON]]:
    """What the records of a page become, by their index; `reject` gets those that fail.

    What a record was split into counts as received, as if the API had sent it so.
    """
    for index, record in records:
        try:
            made = shape(record) if isinstance(record, dict) else record
        except UNFIT as error:
            reject(index, error)
            continue
        if isinstance(made, list) and isinstance(record, dict):
            counted["received"] += max(len(made) - 1, 0)
            counted["filtered"] += not made
            yield from ((index, row) for row in made)
        elif made is not None or record is None:
            yield index, made
        else:
            counted["filtered"] += 1


def of_text(shape: Shape | None) -> Shape:
    """`shape` for records whose text is checked first."""

    def checked(record: dict[str, JSON]) -> JSON:
        to_json(record)
        for text in _texts(record):
            if "\0" in text:
                raise ExpressionError("text with U+0000, which no destination takes")
            if text.startswith(EDGES) and not _in_calendar(text):
                raise ExpressionError(
                    f"{text[:40]} is not between the years 1 and 9999 in UTC"
                )
        return shape(record) if shape else record

    return checked


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value:
            yield from _texts(each)
        for each in value.values() if isinstance(value, dict) else ():
            yield from _texts(each)


def _in_calendar(text: str) -> bool:
    """False for a moment that only its offset has in the calendar."""
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return False
    except ValueError:
        return True
    return True


def reasons(error: Exception) -> str:
    """Field and reason of up to five problems, without the values."""
    if not isinstance(error, ValidationError):
        return str(error)
    problems = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    shown = [
        f"{'.'.join(map(str, problem['loc'])) or 'record'}: {problem['msg']}"
        for problem in problems[:5]
    ]
    if len(problems) > 5:
        shown.append(f"{len(problems) - 5} more")
    return "; ".join(shown)[:1000]
