"""Bodies that are no plain JSON: gzip files, JSON lines, CSV."""

from __future__ import annotations

import csv
import io
import json
import zlib

from .errors import MissingDataError, ResponseError
from .request import Response
from .values import JSON

_LARGEST = 256 * 2**20


def json_body(response: Response, gzip: bool = False) -> JSON:
    """One JSON document."""
    try:
        value: JSON = json.loads(_body(response, gzip))
    except (ValueError, RecursionError) as error:
        raise ResponseError(f"the body is not valid JSON: {_where(error)}") from None
    return value


def json_lines(
    response: Response, encoding: str = "utf-8", gzip: bool = False
) -> list[JSON]:
    """A JSON value a line; empty lines are nothing."""
    rows: list[JSON] = []
    text = _text(response, encoding, gzip)
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                problem = f"line {number} is not valid JSON: {_where(error)}"
                raise ResponseError(problem) from None
    return rows


def csv_rows(
    response: Response,
    delimiter: str = ",",
    encoding: str = "utf-8",
    gzip: bool = False,
    missing: bool = False,
) -> list[JSON]:
    """A record of text for each row below the header; an empty value is null.

    `missing`: a body without even a header has no rows, instead of being an error.
    """
    text = _text(response, encoding, gzip)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[JSON] = []
    header: list[str] = []
    try:
        for values in reader:
            if not values:
                continue
            if not header:
                header = _header(values)
            elif len(values) != len(header):
                counted = f"{len(values)} values for {len(header)} columns"
                raise ResponseError(f"line {reader.line_num} of the CSV has {counted}")
            else:
                pairs = zip(header, values, strict=True)
                rows.append({name: value or None for name, value in pairs})
    except csv.Error as error:
        raise ResponseError(f"line {reader.line_num} of the CSV: {error}") from None
    if not header and not missing:
        raise MissingDataError("the CSV has not even a header")
    return rows


def _header(names: list[str]) -> list[str]:
    if len(set(names)) < len(names) or not all(names):
        raise ResponseError("the CSV's header has a name twice or an empty one")
    return names


def _text(response: Response, encoding: str, gzip: bool) -> str:
    content = _body(response, gzip)
    if encoding == "utf-8":
        content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ResponseError(
            f"the body is not {encoding} at byte {error.start}"
        ) from None


def _body(response: Response, gzip: bool) -> bytes:
    """The body, unpacked where it is a gzip file of one or more members."""
    packed = response.body
    if not gzip or not packed:
        return packed
    content = bytearray()
    while packed:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            content += unpacker.decompress(packed, _LARGEST - len(content) + 1)
        except zlib.error:
            raise ResponseError("the body is no gzip file, or a broken one") from None
        if len(content) > _LARGEST:
            raise ResponseError(f"the unpacked body exceeds {_LARGEST} bytes")
        if not unpacker.eof:
            raise ResponseError("the gzip file is cut short")
        packed = unpacker.unused_data
    return bytes(content)


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return type(error).__name__
