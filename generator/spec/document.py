"""The whole spec: client, defaults, resources."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from generator.spec.auth import Auth
from generator.spec.base import Scalar, SpecModel, Template, Text
from generator.spec.endpoint import Endpoint, IncrementalSync
from generator.spec.errors import ErrorHandler, RateLimit
from generator.spec.paginator import Paginator
from generator.spec.shaping import ClientHooks, Hooks, Step
from generator.spec.spellings import Amount, HeaderText, Number, UrlText

WriteDisposition = Literal["append", "replace", "merge"]


class Client(SpecModel):
    """What all requests share."""

    PYTHON_ONLY = frozenset({"session"})

    base_url: UrlText | None = None
    """URL that paths are joined to."""
    environments: dict[str, UrlText] | None = Field(default=None, min_length=1)
    """Environment name to base URL, instead of `base_url`; the first is the default."""
    auth: Auth | None = None
    """How requests are authenticated."""
    headers: dict[str, HeaderText] | None = None
    """Headers of every request."""
    paginator: Paginator | None = None
    """Paging of endpoints that name none."""
    error_handler: ErrorHandler | None = None
    """What is done with errors, where an endpoint says nothing else."""
    rate_limit: RateLimit | None = None
    """Budget of all requests to the API, for all resources and threads together."""
    allowed_hosts: list[str] | None = None
    """Further hosts that requests, and so credentials, may go to: `api2.example.com`."""
    timeout: Number | None = Field(default=None, gt=0)
    """Seconds to wait for the server; default 60."""
    hooks: ClientHooks | None = None
    """Functions of the package's `hooks.py` that every request goes through."""


class ResourceOptions(SpecModel):
    """What a resource and `resource_defaults` can both say."""

    primary_key: str | list[str] | None = None
    """Field or fields that identify a record."""
    merge_key: str | list[str] | None = None
    """Field or fields that replace records as a group."""
    write_disposition: WriteDisposition | dict[str, Any] | None = None
    """What a run does to the table; default `append`."""
    include_from_parent: list[str] | None = None
    """Fields of the parent's record that are loaded with each record, as `_<parent>_<field>`;
    `resources.<name>.<field>` is a field of a parent's parent."""
    max_table_nesting: int | None = Field(default=None, ge=0)
    """How deep nested records become tables of their own (dlt)."""
    on_invalid: Literal["quarantine", "fail"] | None = None
    """What is done with a record that its schema refuses; default `quarantine`: it is loaded
    into `rejected_records`."""
    max_rejected: Amount | None = None
    """How many records may be refused before the run stops: a number, or a share such as `5%`
    or `0.05`, which counts once 100 are; default `10%`. With a share below `100%` a
    resource of which every record is refused is an error at any number."""
    table_name: Text | None = None
    """Name of the table; default the resource's name."""
    columns: dict[str, dict[str, Any]] | list[dict[str, Any]] | None = None
    """dlt's hints of columns: by name, or a list with names; they go before what the schema
    gives."""
    schema_contract: str | dict[str, str] | None = None
    """What dlt does with columns and types that are new: `evolve` (default) or `freeze`, for
    both or as `columns` and `data_type`."""
    parallelized: bool | None = None
    """Whether dlt reads the resource in threads, beside others and for several parents at once. Left
    out: where the client's `rate_limit` allows more than one request at a time (`concurrent`)."""
    table_format: Text | None = None
    """dlt's table format: `iceberg`, `delta`, `hive`, `native`."""
    file_format: Text | None = None
    """File format of the load package, where the destination has a choice: `parquet`, …"""
    references: list[dict[str, Any]] | None = None
    """Relations to other tables: `referenced_table`, `columns`, `referenced_columns`."""
    nested_hints: dict[str, dict[str, Any]] | None = None
    """Hints of the tables that lists in a record become, by the name of the field."""
    parent_table_name: Text | None = None
    """Refused: dlt takes it in `nested_hints` only."""
    processing_steps: list[Step] | None = None
    """dlt's filters and maps, in this order after the fields were shaped."""
    selected: bool | None = None
    """Whether the resource is loaded when the caller names none; default true."""


def _from_path(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _from_name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


EndpointEntry = Annotated[
    Endpoint, BeforeValidator(_from_path, json_schema_input_type=Endpoint | str)
]


class ResourceDefaults(ResourceOptions):
    """Options of resources that say nothing else."""

    endpoint: Endpoint | None = None
    """Parts of endpoints that say nothing else; `params` and `headers` are joined key by key."""


class Resource(ResourceOptions):
    """One resource: an endpoint, its records and the table they go to."""

    name: str
    """Name of the resource, its methods and its table."""
    description: str | None = None
    """What a record is, for the generated documentation."""
    record_schema: dict[str, Any] | str | None = Field(
        default=None, validation_alias="schema", serialization_alias="schema"
    )
    """JSON Schema of a record: inline, `#/definitions/X`, or a file beside the spec."""
    model: str | None = None
    """Name of the record model, where the default collides."""
    aliases: dict[str, str] | None = None
    """Field of the API to attribute of the model, where the default collides."""
    endpoint: EndpointEntry | None = None
    """The request; a bare path is short for `{path: …}`."""
    incremental_sync: IncrementalSync | None = None
    """Incremental loading as the seeds' kind of document writes it."""
    for_each: dict[str, list[Scalar] | Template] | None = Field(
        default=None, min_length=1
    )
    """Lists of values: the resource is read for each of their product, `{name}` in the request
    is the value. Text may be `dlt.config["x"]`, an argument with the values."""
    filter: Text | None = None
    """An expression over `record`: only records of which it is true are loaded."""
    select: list[Text] | None = None
    """The fields of the API's record that are kept, `a.b` of an object or of a list of objects; default
    all."""
    drop: list[Text] | None = None
    """Fields that are left out; `a.b` is a field of an object or of a list of objects."""
    flatten: list[Text] | dict[str, str] | None = None
    """Objects whose fields take their place, named `<object>_<field>` or with a prefix."""
    rename: dict[str, Text] | None = None
    """Old name of a field to its new one; `a.b: c` renames `b` within `a`."""
    add: dict[str, Any] | None = None
    """Fields that are added: constants, or expressions over the API's `record`."""
    hooks: Hooks | None = None
    """Functions of the package's `hooks.py`, by what they do."""
    silence: list[str] | None = None
    """Codes of warnings that are not given for this resource."""


ResourceEntry = Annotated[
    Resource, BeforeValidator(_from_name, json_schema_input_type=Resource | str)
]


class Spec(SpecModel):
    """A REST API and how it is loaded."""

    version: Literal[1] = 1
    """Version of the language."""
    connector: str | None = None
    """Name of the generated package; default the file's stem."""
    description: str | None = None
    """What the API is, for the generated documentation."""
    docs: str | None = None
    """URL of the API's documentation."""
    client: Client
    """What all requests share."""
    definitions: dict[str, Any] | None = None
    """Shared JSON Schemas, referred to as `#/definitions/X`."""
    resource_defaults: ResourceDefaults | None = None
    """Options of resources that say nothing else."""
    resources: list[ResourceEntry] = Field(min_length=1)
    """The resources; a bare name is short for `{name: …}`."""
    silence: list[str] | None = None
    """Codes of warnings that are not given."""
