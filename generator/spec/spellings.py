"""Other ways to write the same value, made one before it is checked: what is meant is never in doubt."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from generator.plain import is_mapping

_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%")
_NAME = r"([A-Za-z_]\w*)"
_PLACEHOLDER = re.compile(
    rf"\$\{{{_NAME}\}}|<{_NAME}>|(?<=/):{_NAME}(?=[/?]|$)", re.ASCII
)
_PAGINATORS = {
    "none": "single_page",
    "no_pagination": "single_page",
    "offset_increment": "offset",
    "page_increment": "page_number",
    "cursor_pagination": "cursor",
    "link_header": "header_link",
}
"""What other tools call the same kinds."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def _number(value: Any) -> Any:
    text = isinstance(value, str) and _NUMBER.fullmatch(value)
    return float(value) if text else value


def _amount(value: Any) -> Any:
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value)):
        return float(found[1]) / 100
    return _number(_whole(value))


def _within(value: int | float) -> int | float:
    if value < 0 or (isinstance(value, float) and not 0 < value <= 1):
        text = "neither a whole number from 0 nor a share up to 100%"
        raise PydanticCustomError("amount", text)
    return value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _header(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _braced(text: str) -> str:
    return _PLACEHOLDER.sub(lambda found: f"{{{found[found.lastindex or 0]}}}", text)


def paginator(value: Any) -> Any:
    """A bare name as a mapping, and the names that other tools give the same kinds."""
    given = {"type": value} if isinstance(value, str) else value
    if is_mapping(given):
        kind = given.get("type")
        same = _PAGINATORS.get(kind) if isinstance(kind, str) else None
        return {**given, "type": same} if same else given
    return given


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number, also as text: `limit: "100"`."""
Number = Annotated[float, BeforeValidator(_number)]
"""A number, also as text."""
Amount = Annotated[
    int | float,
    BeforeValidator(_amount, json_schema_input_type=int | float | str),
    AfterValidator(_within),
]
"""A number of records, or a share of them: `5%` or `0.05`."""
_ROUTERS = {"SubstreamPartitionRouter": "substream", "ListPartitionRouter": "list"}


def _router(value: Any) -> Any:
    return _ROUTERS.get(value, value) if isinstance(value, str) else value


ROUTER = BeforeValidator(_router)
"""The kinds of routers, also by the names of their classes."""
METHOD = BeforeValidator(_upper)
"""`get` is GET."""
HeaderText = Annotated[str, BeforeValidator(_header)]
"""The value of a header; a number is sent as it is written."""
UrlText = Annotated[str, AfterValidator(_braced)]
"""A URL or a path with `{placeholders}`, also as `:name`, `<name>` or `${name}`."""
