"""The parts of the language that shape records: decoders, hooks, filters, fields."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from generator.spec.base import SpecModel, Text


class Decoder(SpecModel):
    """How a body is read that is no plain JSON."""

    type: Literal["json", "jsonl", "csv"]
    """`jsonl`: a JSON value a line. `csv`: a header, then a record of text for each row."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """Between the values of a CSV row."""
    encoding: Text = "utf-8"
    """Of the text."""
    gzip: bool = False
    """The body is a gzip file, beside what `Content-Encoding` says."""


def _from_type(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


DecoderEntry = Annotated[
    Decoder, BeforeValidator(_from_type, json_schema_input_type=Decoder | str)
]


class Hooks(SpecModel):
    """Functions of the package's `hooks.py` that one resource calls, by name."""

    record: Text | None = None
    """Takes a record as it would be loaded, gives another one, or None to leave it out."""
    response: Text | None = None
    """Takes an answer, gives its records."""
    request: Text | None = None
    """Takes each request before credentials are added, gives the one to send."""


class ClientHooks(SpecModel):
    """Functions of the package's `hooks.py` that every request goes through, by name."""

    request: Text | None = None
    """Takes each request with its credentials, gives the one to send."""


class RecordFilter(SpecModel):
    """A filter as the seeds' kind of document writes it."""

    condition: Text
    """An expression over `record`; only records of which it is true are loaded."""


class Step(SpecModel):
    """One of dlt's processing steps; a callable is named, and stands in `hooks.py`."""

    filter: Text | None = None
    """An expression over `record`, or the name of a function that gives true or false."""
    map: Text | None = None
    """The name of a function from a record to a record."""
    yield_map: Text | None = None
    """The name of a function from a record to several, or none; each is counted as received."""
