"""The `endpoint` part of the language: request, records, errors, incremental loading."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, Field

from generator.spec.base import Scalar, SpecModel, Template, Text
from generator.spec.paginator import Paginator
from generator.spec.shaping import DecoderEntry, RecordFilter

Body = dict[str, Any] | list[Any]


class ErrorHandler(SpecModel):
    """What is done with answers that are errors."""

    NOT_YET = frozenset({"rules"})

    retry_on_status_codes: list[int] | None = None
    """Statuses that are tried again; default 408, 425, 429, 500, 502, 503, 504."""
    max_retries: int = Field(default=5, ge=0, le=100)
    """Tries after the first one."""
    backoff_factor: float = Field(default=1.0, ge=0)
    """Seconds of the first wait; it doubles with each try. `Retry-After` goes before it."""
    error_message: str | None = None
    """Text that the error carries when the tries are used up."""


class Incremental(SpecModel):
    """Which records are new since the last run (dlt's `incremental`)."""

    NOT_YET = frozenset(
        {
            "row_order",
            "lag",
            "lookback",
            "window",
            "range_start",
            "range_end",
            "last_value_func",
            "convert",
            "allow_external_schedulers",
        }
    )

    cursor_path: str
    """Path of the cursor field in a record."""
    initial_value: Scalar = None
    """Lower bound of the first run; text may be `dlt.config["x"]`."""
    end_value: Scalar = None
    """Upper bound."""
    start_param: str | None = None
    """Query parameter that carries the lower bound."""
    end_param: str | None = None
    """Query parameter that carries the upper bound."""
    format: str | None = None
    """How bounds are written: `iso` (default), `date`, `epoch`, `epoch_ms` or a strftime pattern."""
    primary_key: str | list[str] | None = None
    """Key that tells records at the boundary apart."""
    on_cursor_value_missing: Literal["raise", "include", "exclude"] = "raise"
    """What is done with a record without the cursor field."""


class TimeOption(SpecModel):
    """Where a bound of `incremental_sync` is sent."""

    field_name: str
    """Name of the request parameter."""
    inject_into: Literal["query", "request_parameter", "header", "body_json"] = "query"
    """Kind of the request parameter."""


class IncrementalSync(SpecModel):
    """Incremental loading as the seeds' kind of document writes it."""

    NOT_YET = frozenset({"cursor_datetime_formats"})

    type: str | None = None
    cursor_field: str
    """Path of the cursor field in a record."""
    start_datetime: str | None = None
    """Lower bound of the first run."""
    end_datetime: str | None = None
    """Upper bound; the current time and `now` mean no bound."""
    datetime_format: str | None = None
    """strftime pattern of the bounds."""
    step: str | None = None
    """Width of a window; the whole range is read as one window."""
    start_time_option: TimeOption | None = None
    end_time_option: TimeOption | None = None


class PartitionRouter(SpecModel):
    """Parents and lists as the seeds' kind of document writes them."""

    type: Literal["substream", "list"]
    parent_stream: str | None = None
    """Name of the parent resource."""
    parent_key: str | None = None
    """Field of the parent's records."""
    partition_field: str | None = None
    """Placeholder that takes the value."""
    values: list[Scalar] | None = None
    """Values of a `list`."""
    cursor_field: str | None = None
    """Placeholder that takes the value of a `list`."""


class Endpoint(SpecModel):
    """One request of the API, its pages and where its records are."""

    NOT_YET = frozenset({"auth", "data", "response_actions", "rate_limit"})

    path: Template | None = None
    """Path below `base_url`; default the resource's name. `{resources.parent.field}` reads a
    parent's record, another `{name}` is an argument of the source."""
    method: Literal["GET", "POST"] = Field(
        default="GET", validation_alias=AliasChoices("method", "http_method")
    )
    """HTTP method."""
    params: dict[str, Any] | None = None
    """Query parameters; a mapping with `type: incremental` declares the cursor in place."""
    json_body: Body | None = Field(
        default=None,
        validation_alias=AliasChoices("json", "body"),
        serialization_alias="json",
    )
    """JSON body. `body` means the same."""
    headers: dict[str, Template] | None = None
    """Headers of the request."""
    paginator: Paginator | None = None
    """Paging; default the client's."""
    data_selector: str | list[str | int] | None = None
    """Path of the records in the answer; left out, the answer itself is the list or the record."""
    missing_data: Literal["error", "empty"] = "error"
    """What a missing data path means; `empty` for APIs that leave the key out when there is nothing."""
    error_handler: ErrorHandler | None = None
    """Retries and error message."""
    incremental: Incremental | None = None
    """Incremental loading."""
    incremental_sync: IncrementalSync | None = None
    """The same as the seeds' kind of document writes it."""
    partition_router: PartitionRouter | None = None
    """Parents as the seeds' kind of document writes them."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds to wait for the server; default the client's."""
    decoder: DecoderEntry | None = None
    """How the body is read: `json` (default), `jsonl`, `csv`, or a mapping with options."""
    record_filter: RecordFilter | Text | None = None
    """The resource's `filter` as the seeds' kind of document writes it."""
