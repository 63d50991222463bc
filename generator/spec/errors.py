"""The `error_handler` and `rate_limit` parts of the language: retries, rules, budgets."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from generator.spec.base import SpecModel, Text
from generator.spec.spellings import Number, Whole

Action = Literal["retry", "ignore", "fail", "refresh_auth", "end"]


class Backoff(SpecModel):
    """How long to wait before a request is sent again, where the server does not say."""

    type: Literal["exponential", "constant"] = "exponential"
    """`exponential` doubles the wait with each try and adds up to a quarter by chance."""
    seconds: float = Field(default=1.0, ge=0)
    """Seconds of the first wait."""
    max: float = Field(default=60.0, gt=0)
    """Seconds of the longest wait."""


class WaitHeader(SpecModel):
    """A header that says how long to wait; `Retry-After` is read without being named."""

    name: str
    """Name of the header, such as `X-RateLimit-Reset`."""
    format: Literal["seconds", "epoch", "epoch_ms", "date"] = "seconds"
    """`seconds` from now, or a moment: seconds or milliseconds since 1970, or a date."""
    regex: Text | None = None
    """Regular expression; its first group, or all it matches, is what counts."""
    max: float = Field(default=300.0, gt=0)
    """Seconds of the longest wait."""


class ErrorRule(SpecModel):
    """What is done with answers that fit; every criterion that is given must."""

    statuses: list[int] | None = Field(default=None, min_length=1)
    """Statuses, also of success: some APIs send errors with status 200."""
    message: Text | None = None
    """Text that the body contains."""
    when: Text | None = None
    """Expression over `response` (the body) and `headers`: `response.error.code == 17`."""
    action: Action
    """`retry`; `ignore`: no records, where it is the first answer of a read; `fail` at once;
    `refresh_auth`: renew the credentials and try again; `end`: there are no more records."""
    error_message: Text | None = None
    """Text of the error."""


class ResponseAction(SpecModel):
    """What is done with an answer, as dlt writes it; `rules` can do more."""

    status_code: int | None = None
    """Status of the answer."""
    content: Text | None = None
    """Text that the body contains."""
    action: str
    """`ignore`."""


def _from_name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class ErrorHandler(SpecModel):
    """What is done with answers that are errors. An endpoint's keys go before the client's."""

    retry_on_status_codes: list[Whole] | None = None
    """Statuses that are tried again; default 408, 425, 429, 500, 502, 503, 504. Of POST only 408,
    425, 429 and 503, which say that the server did nothing, are tried again by default."""
    max_retries: Whole = Field(default=5, ge=0, le=100)
    """Tries after the first one."""
    backoff_factor: Number = Field(default=1.0, ge=0)
    """Seconds of the first wait; it doubles with each try. `Retry-After` goes before it."""
    backoff: Backoff | None = None
    """The waits in more detail, instead of `backoff_factor`."""
    wait_header: Annotated[
        WaitHeader | None,
        BeforeValidator(_from_name, json_schema_input_type=WaitHeader | str | None),
    ] = None
    """A header that says how long to wait; its bare name means seconds."""
    error_message: str | None = None
    """Text that the error carries when the tries are used up."""
    rules: list[ErrorRule] | None = None
    """Tried in order on every answer, the endpoint's before the client's."""
    ignore_status_codes: list[int] | None = None
    """Short for a rule with these `statuses` and the action `ignore`."""


class RateLimit(SpecModel):
    """A budget of requests, shared by all threads: the client's by all of its resources."""

    requests: int | None = Field(default=None, ge=1, le=100_000)
    """Requests in `per` seconds."""
    per: float = Field(default=1.0, gt=0)
    """Seconds."""
    concurrent: int | None = Field(default=None, ge=1)
    """Requests at the same time. From 2 on they are used: pages are asked for before their turn, as
    many (at most 20) by offset and page number, one by cursor and link; children of several parents
    and values of `for_each` are read at once, and so are top-level resources unless
    `parallelized: false` says otherwise. Records, counts and errors stay the same; pages keep their
    order, parents mix. With pages at once a row that is inserted in front of those being read may be
    missed instead of coming twice: sort by what does not change, or have a total checked. An
    endpoint's `concurrent: 1` reads that resource in turn."""
