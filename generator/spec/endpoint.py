"""The `endpoint` part of the language: request, records, errors, incremental loading."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from generator.spec.auth import EndpointAuth
from generator.spec.base import Scalar, SpecModel, Template, Text
from generator.spec.errors import ErrorHandler, RateLimit, ResponseAction
from generator.spec.paginator import Paginator, TimeOption
from generator.spec.shaping import DecoderEntry, RecordFilter
from generator.spec.spellings import METHOD, ROUTER, HeaderText, Number, UrlText

Body = dict[str, Any] | list[Any]


class Incremental(SpecModel):
    """Which records are new since the last run (dlt's `incremental`)."""

    cursor_path: str = Field(
        validation_alias=AliasChoices("cursor_path", "cursor_field")
    )
    """Path of the cursor field in a record. `cursor_field` means the same."""
    initial_value: Scalar = None
    """Lower bound of the first run; text may be `dlt.config["x"]`, or calculated from settings and the
    time: `{{ config.get("start", "") or day_delta(-30) }}`."""
    end_value: Scalar = None
    """Upper bound."""
    start_param: str | None = None
    """Query parameter that carries the lower bound."""
    end_param: str | None = None
    """Query parameter that carries the upper bound."""
    format: str | None = None
    """How bounds are written: `iso` (default), `date`, `epoch`, `epoch_ms` or a strftime pattern."""
    convert: Text | None = None
    """The name of a function in `hooks.py` that writes the bounds, instead of `format`; it takes a value
    of the cursor's type, `datetime` where the schema says `date-time`."""
    primary_key: str | list[str] | None = None
    """Key that tells records at the boundary apart."""
    on_cursor_value_missing: Literal["raise", "include", "exclude"] = "raise"
    """What is done with a record without the cursor field."""
    last_value_func: Literal["max", "min"] = "max"
    """Whether the greatest or the smallest value is kept for the next run."""
    lookback: str | int | float | None = None
    """How far before the last value the next run starts: `P7D`, `12 hours`, a number as `lag`, or with
    a setting for its number: `P{{ config.get("days", 7) }}D`."""
    lag: int | float | None = None
    """The same as dlt has it: seconds of a date-time, days of a date, else a number."""
    range_start: Literal["closed", "open"] = "closed"
    """Whether a record at the lower bound is read."""
    range_end: Literal["open", "closed"] = "open"
    """Whether a record at the upper bound is read."""
    row_order: Literal["asc", "desc"] | None = None
    """Order in which the API gives records; reading ends early, as long as the order holds."""
    client_side: bool = False
    """The API does not filter: records outside of the bounds are filtered here, and counted."""
    cursor_formats: list[str] | None = None
    """How the cursor field is written where it is text and no ISO date: strftime patterns, or
    `epoch` and `epoch_ms` for digits."""
    window: str | None = Field(
        default=None, validation_alias=AliasChoices("window", "step")
    )
    """Width of the windows that `load()` reads one by one: `P30D`, `P1M`, `1 hour`, or with a setting
    for its number: `P{{ config.get("days", 30) }}D`."""
    allow_external_schedulers: bool | None = None
    """dlt takes the bounds from Airflow or `DLT_INTERVAL_START` and `DLT_INTERVAL_END`."""


class IncrementalSync(SpecModel):
    """Incremental loading as the seeds' kind of document writes it."""

    type: str | None = None
    cursor_field: str
    """Path of the cursor field in a record."""
    start_datetime: str | None = None
    """Lower bound of the first run."""
    end_datetime: str | None = None
    """Upper bound; the current time and `now` mean no bound."""
    datetime_format: str | None = None
    """strftime pattern of the bounds."""
    cursor_datetime_formats: list[str] | None = None
    """strftime patterns of the cursor field, where it is text and no ISO date."""
    step: str | None = None
    """Width of the windows that `load()` reads one by one."""
    lookback_window: str | None = None
    """How far before the last value the next run starts."""
    is_data_feed: bool = False
    """The API gives the newest records first: reading ends early."""
    is_client_side_incremental: bool = False
    """The API does not filter: older records are filtered here, and counted."""
    start_time_option: TimeOption | None = None
    """Where the lower bound is sent."""
    end_time_option: TimeOption | None = None
    """Where the upper bound is sent."""


class PartitionRouter(SpecModel):
    """Parents and lists as the seeds' kind of document writes them."""

    type: Annotated[Literal["substream", "list"], ROUTER]
    parent_stream: str | None = None
    """Name of the parent resource."""
    parent_key: str | None = None
    """Field of the parent's records."""
    partition_field: str | None = None
    """Placeholder that takes the value."""
    values: list[Scalar] | Template | None = None
    """Values of a `list`; text may be `dlt.config["x"]`."""
    cursor_field: str | None = None
    """Placeholder that takes the value of a `list`."""


class Endpoint(SpecModel):
    """One request of the API, its pages and where its records are."""

    path: UrlText | None = None
    """Path below `base_url`; default the resource's name. `{resources.parent.field}` reads a
    parent's record, another `{name}` is an argument of the source."""
    method: Annotated[Literal["GET", "POST"], METHOD] = Field(
        default="GET", validation_alias=AliasChoices("method", "http_method")
    )
    """HTTP method."""
    params: dict[str, Any] | None = Field(
        default=None, validation_alias=AliasChoices("params", "request_parameters")
    )
    """Query parameters; a mapping with `type: incremental` declares the cursor in place.
    `request_parameters` means the same."""
    json_body: Body | None = Field(
        default=None,
        validation_alias=AliasChoices("json", "body", "json_body", "request_body_json"),
        serialization_alias="json",
    )
    """JSON body. `body`, `json_body` and `request_body_json` mean the same."""
    data: dict[str, Any] | Template | None = None
    """Fields of a form body (`application/x-www-form-urlencoded`), instead of `json`; text is sent as it is."""
    headers: dict[str, HeaderText] | None = Field(
        default=None, validation_alias=AliasChoices("headers", "request_headers")
    )
    """Headers of the request. `request_headers` means the same."""
    paginator: Paginator | None = None
    """Paging; default the client's."""
    data_selector: str | list[str | int] | None = None
    """Path of the records in the answer; left out, the answer itself is the list or the record."""
    missing_data: Literal["error", "empty"] = "error"
    """What a missing data path means; `empty` for APIs that leave the key out when there is nothing."""
    error_handler: ErrorHandler | None = None
    """What is done with errors; what it leaves out is the client's."""
    response_actions: list[ResponseAction] | None = None
    """Answers that are ignored, as dlt writes it."""
    rate_limit: RateLimit | None = None
    """Budget of requests of this resource, besides the client's."""
    auth: EndpointAuth | None = None
    """How this endpoint's requests are authenticated, instead of the client's `auth`."""
    incremental: Incremental | None = None
    """Incremental loading."""
    incremental_sync: IncrementalSync | None = None
    """The same as the seeds' kind of document writes it."""
    partition_router: PartitionRouter | list[PartitionRouter] | None = None
    """Parents and lists as the seeds' kind of document writes them; of several all are used."""
    timeout: Number | None = Field(default=None, gt=0)
    """Seconds to wait for the server; default the client's."""
    decoder: DecoderEntry | None = None
    """How the body is read: `json` (default), `jsonl`, `csv`, or a mapping with options."""
    record_filter: RecordFilter | Text | None = None
    """The resource's `filter` as the seeds' kind of document writes it."""
