"""A whole connector: settings, resources, and everything that they share."""

from __future__ import annotations

from typing import Literal, NamedTuple

from generator.ir.answers import RateLimit, Retry
from generator.ir.auth import AuthMethod, Credential
from generator.ir.paging import Paginator
from generator.ir.parts import Each, Incremental, Parent
from generator.ir.records import Decoder, Hook, Shape, Table
from generator.pysource import Code


class Setting(NamedTuple):
    """An argument of the client and the source: a path placeholder or a `dlt.config` value."""

    name: str
    """Python name of the argument."""
    type: Literal["str", "int", "Sequence[str]"]
    default: Code | None
    """Literal of the value that the spec gives."""
    everywhere: bool
    """Every resource needs it."""
    from_config: bool
    """dlt's configuration has it where the caller does not give it."""
    key: str
    """Its name in dlt's configuration."""
    client: bool
    """The client needs it; else only the source does, for incremental loading."""
    constructor: bool
    """The client's constructor reads it, not only requests."""

    @property
    def required(self) -> bool:
        """The caller has to give it."""
        return self.default is None and self.everywhere and not self.from_config

    @property
    def checked(self) -> bool:
        """It may be missing, so methods that need it check that it was given."""
        return self.default is None and not self.required and not self.constructor


class Environment(NamedTuple):
    """One of several places where the API is."""

    name: str
    base_url: Code
    """Expression of the base URL in the client's constructor."""


class Argument(NamedTuple):
    """A named value of a request: query parameter, header or top-level body key."""

    name: str
    value: Code


class Resource(NamedTuple):
    """One endpoint: its request, its records and its table."""

    name: str
    method: str
    model: str
    description: str
    http_method: Literal["GET", "POST"]
    path: Code
    """Expression of the path in the client's method."""
    path_text: str
    params: tuple[Argument, ...]
    headers: tuple[Argument, ...]
    body: Code | None
    form: tuple[Argument, ...] | None
    paginator: str
    limit: int | None
    max_pages: int | None
    selector: tuple[str | int, ...]
    missing_empty: bool
    retry: Retry
    timeout: float | None
    on_invalid: Literal["quarantine", "fail"]
    max_rejected: int | float | None
    """A number of records or, if it is a float, a share of them."""
    parent: Parent | None
    incremental: Incremental | None
    settings: tuple[str, ...]
    """Settings of which the method checks that they were given."""
    table: Table
    rate_limit: RateLimit | None = None
    bound_headers: bool = False
    """Some headers carry a bound, and are left out where there is none."""
    auth: AuthMethod | None = None
    """Instead of the client's."""
    each: tuple[Each, ...] = ()
    """The lists whose product the resource is read for."""
    links: bool = False
    """Its rows remember the row of their parent, for the children's requests."""
    remembers: bool = False
    """Its records remember what the API wrote, for the children's requests."""
    content: Code | None = None
    """The body, if it is plain text."""
    shape: Shape | None = None
    decoder: Decoder | None = None
    response_hook: str = ""
    request_hook: str = ""

    @property
    def in_parts(self) -> bool:
        """It is read by several calls of its pages method."""
        return self.parent is not None or bool(self.each)


class Connector(NamedTuple):
    """A whole connector: everything that the templates print."""

    name: str
    prefix: str
    """PascalCase name: `<prefix>Client`, `<prefix>Credentials`."""
    description: str
    docs: str
    environments: tuple[Environment, ...]
    """Empty where the spec has one base URL only."""
    base_url: Code | None
    """Expression of the only base URL; None where the caller must give it."""
    auth: tuple[AuthMethod, ...]
    credentials: tuple[Credential, ...]
    settings: tuple[Setting, ...]
    headers: tuple[Argument, ...]
    allowed_hosts: tuple[str, ...]
    timeout: float | None
    paginators: tuple[Paginator, ...]
    resources: tuple[Resource, ...]
    rate_limit: RateLimit | None = None
    request_hook: str = ""
    hooks: tuple[Hook, ...] = ()
