"""The intermediate representation: a connector as frozen data, every name and expression decided.

Lowering makes it, templates print it. Text that becomes code is `Code` already (an expression
that is valid where the field's docstring says); plain `str` is data that an encoder must print.

Classes are named tuples, which take Python a tenth of the time to make that frozen dataclasses
take; only the ways of paging, whose kinds equality must tell apart, are the latter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

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


class Credential(NamedTuple):
    """A secret: a field of the credentials class."""

    name: str
    optional: bool
    """Only some of the auth methods use it."""


Location = Literal["header", "query", "cookie", "json", "form"]
RequestPart = Literal["params", "headers", "json", "form"]


class BearerAuth(NamedTuple):
    """A token in the `Authorization` header."""

    token: Code
    prefix: str = "Bearer "


class ApiKeyAuth(NamedTuple):
    """A key under a name, with text before it."""

    key: Code
    name: str
    location: Location
    prefix: str


class SeveralAuth(NamedTuple):
    """Several keys in one request."""

    keys: tuple[ApiKeyAuth, ...]


class BasicAuth(NamedTuple):
    """User name and password (RFC 7617)."""

    username: Code
    password: Code


class TokenRequest(NamedTuple):
    """The request whose answer holds a token."""

    method: Literal["GET", "POST"]
    url: Code
    """Expression of the URL, absolute or below the base URL, before `token_url=` overrides it."""
    parts: tuple[tuple[RequestPart, Code], ...]
    login: BearerAuth | ApiKeyAuth | BasicAuth | None
    """Credentials beside `parts`."""


class RefreshToken(NamedTuple):
    """A refresh token that the token request gets at `name`; the server may replace it."""

    first: Code
    name: str


class Assertion(NamedTuple):
    """A signed assertion (RFC 7523) in the token request."""

    private_key: Code
    passphrase: Code | None
    claims: tuple[tuple[str, Code], ...]


class Sent(NamedTuple):
    """Where a token is sent."""

    name: str
    location: Location
    prefix: str


class TokenAuth(NamedTuple):
    """A token from a token endpoint (RFC 6749) or from a login."""

    request: TokenRequest
    proof: RefreshToken | Assertion | None
    secrets: tuple[Code, ...]
    token_path: tuple[str | int, ...]
    expires_in_path: tuple[str | int, ...]
    expiration: int | None
    """Seconds that a token lasts if the answer does not say; None: until it is refused."""
    access_token: Code | None
    send: Sent | None
    """None: as a bearer token."""


class NoAuth(NamedTuple):
    """No credentials, where others have some."""


Auth = BearerAuth | ApiKeyAuth | SeveralAuth | BasicAuth | TokenAuth | NoAuth


class AuthMethod(NamedTuple):
    """One way to authenticate; `name` is empty where there is only one."""

    name: str
    auth: Auth
    needs: tuple[str, ...]
    """Credentials that select this method when all of them are given."""


class Environment(NamedTuple):
    """One of several places where the API is."""

    name: str
    base_url: Code
    """Expression of the base URL in the client's constructor."""


class Place(NamedTuple):
    """Where a value of a request is sent: one of these is set, or it is not sent."""

    param: str = ""
    """A query parameter."""
    body_path: tuple[str, ...] = ()
    """A path into the JSON body."""
    form: str = ""
    """A field of the form body."""
    header: str = ""
    in_path: str = ""
    """A placeholder of the endpoint's path."""


class Condition(NamedTuple):
    """A compiled expression over `response`, `body` (its JSON) and `records`."""

    code: Code
    helpers: tuple[str, ...]
    """Functions of the package's `_runtime` that the code calls."""
    places: tuple[str, ...]
    """Parts of the answer that it reads, such as `body.links.next` and `header.link`."""
    text: str
    """The expression as the spec writes it, for docstrings."""
    is_flag: bool = False
    """It gives true or false."""

    @property
    def reads_body(self) -> bool:
        return any(place.partition(".")[0] == "body" for place in self.places)


class Rule(NamedTuple):
    """What is done with answers that fit every criterion that is given."""

    action: str
    statuses: tuple[int, ...]
    contains: str
    when: Condition | None
    """Over `response` and `body`."""
    message: str


class WaitHeader(NamedTuple):
    """A header that says how long to wait."""

    name: str
    format: str
    regex: str
    longest: float


class Retry(NamedTuple):
    """When a request is tried again; the defaults are those of `_runtime/retrying.py`."""

    statuses: tuple[int, ...] | None = None
    max_retries: int = 5
    backoff: float = 1.0
    """Seconds of the first wait; it doubles."""
    constant: bool = False
    max_wait: float = 60.0
    message: str = ""
    rules: tuple[Rule, ...] = ()
    wait_header: WaitHeader | None = None


class RateLimit(NamedTuple):
    """A budget of requests."""

    requests: int | None
    per: float
    concurrent: int | None


class Ends(NamedTuple):
    """What ends the data besides the paginator's own signal."""

    stop: Condition | None = None
    has_more: Condition | None = None
    is_last: Condition | None = None
    empty_page: bool = True
    short_page: bool = False
    told: str = ""
    """A condition of the spec that says only that there is no cursor, which ends the data anyway."""

    @property
    def told_by_answer(self) -> bool:
        """A flag or a condition says whether there is more."""
        return any(
            each is not None for each in (self.stop, self.has_more, self.is_last)
        )


@dataclass(frozen=True, slots=True)
class SinglePage:
    """One request; undeclared where the spec names no paginator."""

    declared: bool


@dataclass(frozen=True, slots=True)
class OffsetPages:
    """The offset grows by the records received."""

    start: int
    offset: Place
    limit: Place | None
    total: Condition | None
    total_check: Literal["exact", "at_least", "ignore"]
    maximum: int | None
    ends: Ends
    first_sent: bool
    """The first request carries the offset."""


@dataclass(frozen=True, slots=True)
class NumberedPages:
    """Pages are read from `start`; the API counts them from `base`."""

    start: int
    page: Place
    limit: Place | None
    total: Condition | None
    total_check: Literal["exact", "at_least", "ignore"]
    total_is: Literal["pages", "rows"]
    maximum: int | None
    ends: Ends
    first_sent: bool
    """The first request carries the page number."""
    base: int
    """The number of the API's first page, where reading may start at another."""


@dataclass(frozen=True, slots=True)
class CursorPages:
    """`cursor` is an expression over `response`, `body` and `records`; sent as `place`."""

    cursor: Condition
    place: Place
    limit: Place | None
    sure: bool
    """The spec names where the cursor is; if not, a full first page without one is an error."""
    ends: Ends
    from_record: bool
    """It is a field of the page's last record."""

    @property
    def expected(self) -> bool:
        return self.from_record or _is_expected(self.cursor, self.ends)


@dataclass(frozen=True, slots=True)
class LinkedPages:
    """`url` is an expression over `response`, `body` and `records` that gives the next URL."""

    url: Condition
    limit: Place | None
    ends: Ends
    below_base: bool
    """A URL without a host is a path below the base URL."""

    @property
    def expected(self) -> bool:
        return _is_expected(self.url, self.ends)


def _is_expected(cursor: Condition, ends: Ends) -> bool:
    """Another part of the answer tells the end, so a missing cursor is an error, not the end."""
    if ends.has_more or ends.is_last:
        return True
    stop = ends.stop
    return stop is not None and not set(stop.places) & set(cursor.places)


Pages = SinglePage | OffsetPages | NumberedPages | CursorPages | LinkedPages


class Paginator(NamedTuple):
    """A paginator class of the package: one for each way of paging that the API has."""

    name: str
    pages: Pages
    purpose: str
    """What it does, for the docstring."""

    @property
    def takes_limit(self) -> bool:
        pages = self.pages
        return not isinstance(pages, SinglePage) and (
            pages.limit is not None
            or pages.ends.short_page
            or (isinstance(pages, CursorPages) and not pages.sure)
        )


class Argument(NamedTuple):
    """A named value of a request: query parameter, header or top-level body key."""

    name: str
    value: Code


class ParentValue(NamedTuple):
    """A value that a child request takes from a parent's record."""

    argument: str
    """Python name of the method's argument."""
    field: str
    """Field of the parent's record, as the API writes it."""
    attribute: str
    """Attribute of the parent's model; empty where the model does not declare the field."""
    nullable: bool
    type: str
    """Python type of the argument."""
    level: int = 0
    """Whose record: 0 is the parent, 1 the parent's own parent, and so on."""
    as_sent: tuple[str, ...] = ()
    """Path of a value that is taken from the record as the API wrote it; empty: the attribute."""


class Included(NamedTuple):
    """A column of the child's table that an ancestor's record fills."""

    column: str
    path: tuple[str, ...]
    level: int


class Ancestor(NamedTuple):
    """A resource whose records are read for a child's, and the Python name of one record."""

    resource: str
    variable: str


class Parent(NamedTuple):
    """The resource from whose records a child takes values."""

    resource: str
    method: str
    model: str
    line: tuple[Ancestor, ...]
    """The parent, and as many of its ancestors as the child's requests take values from."""
    values: tuple[ParentValue, ...]
    include: tuple[Included, ...]


class Each(NamedTuple):
    """A value of which every request of a resource has one of several."""

    argument: str
    """Python name of the method's argument."""
    type: str
    """Python type of one value."""
    values: Code
    """Expression of all values in the client's methods."""


class Incremental(NamedTuple):
    """Which records are new; `type` is the Python type of the cursor."""

    cursor: str
    type: Literal["datetime", "date", "int", "str"]
    initial: Code | None
    """The first lower bound in the source function: a literal, or an argument's name."""
    start_param: str
    """Query parameter of the lower bound; empty where it is sent otherwise or not at all."""
    end_param: str
    end: Code | None
    """The upper bound in the source function: a literal, or an argument's name."""
    end_now: bool
    """The upper bound that is sent is the time of the run."""
    sends_start: bool
    """A request carries the lower bound, so the client's method takes `since`."""
    format: str
    on_missing: str
    primary_key: tuple[str, ...]
    steps: tuple[str | int, ...] = ()
    """The path of the cursor field."""
    sends_end: bool = False
    """A request carries the upper bound."""
    options: tuple[tuple[str, str | int | float | bool], ...] = ()
    """What dlt is told besides: `lag`, `range_start`, …"""
    lag: int | float | None = None
    order: str = ""
    """asc or desc: reading ends early."""
    filters: bool = False
    """The client leaves records outside of the bounds out."""
    formats: tuple[str, ...] = ()
    """How text is read as a time, before ISO."""
    window: tuple[tuple[str, int], ...] = ()
    """Units and numbers of a window's width; empty where the range is read at once."""
    per_parent: bool = False
    """A last value for each parent."""

    @property
    def sent_type(self) -> str:
        """The cursor's type in a request: text that is read as a time is written as one."""
        return "datetime" if self.formats else self.type

    @property
    def option(self) -> dict[str, str | int | float | bool]:
        return dict(self.options)

    @property
    def takes_end(self) -> bool:
        """The client's method takes `until`."""
        now = self.end_now and not self.window
        return bool(
            (self.sends_end and not now) or self.window or (self.filters and self.end)
        )


class Column(NamedTuple):
    """A column whose type the schema fixes, or of which the spec says more."""

    name: str
    hints: tuple[tuple[str, str | int | float | bool | None], ...]
    """dlt's hints, such as `data_type`."""


class Table(NamedTuple):
    """What dlt is told of the resource's table."""

    name: str
    """Empty where it is the resource's name."""
    write_disposition: Code
    primary_key: tuple[str, ...]
    merge_key: tuple[str, ...]
    columns: tuple[Column, ...]
    max_nesting: int | None
    selected: bool
    parallelized: bool = False
    hints: tuple[tuple[str, Code], ...] = ()
    """Further arguments of the resource's decorator."""


class Step(NamedTuple):
    """Something done to a record after its fields were shaped."""

    kind: Literal["condition", "filter", "map", "record"]
    """`condition`: what is false is left out; the others are kinds of hooks."""
    code: Code
    """Expression that is true where the record is left out, or the hook's name."""


class ShapeArgument(NamedTuple):
    """A setting or a parent's value that a resource's shaping reads."""

    name: str
    type: str
    value: Code
    """Expression in the client's method."""


class Shape(NamedTuple):
    """How the record that is loaded is made of the API's; codes read `record`."""

    left_out: Code | None
    """Expression that is true of the records that are left out."""
    select: tuple[str, ...] | None
    drop: tuple[tuple[str, ...], ...]
    flatten: tuple[tuple[str, str], ...]
    """Object and prefix."""
    rename: tuple[tuple[str, str], ...]
    add: tuple[tuple[str, Code], ...]
    steps: tuple[Step, ...]
    arguments: tuple[ShapeArgument, ...]

    @property
    def hook(self) -> str | None:
        """The name of the hook that alone does everything."""
        plain = (self.left_out, self.select) == (None, None)
        if plain and not (self.drop or self.flatten or self.rename or self.add):
            if len(self.steps) == 1 and self.steps[0].kind == "record":
                return self.steps[0].code
        return None


class Decoder(NamedTuple):
    """The function that reads a body, and its options."""

    function: str
    options: tuple[tuple[str, Code], ...]


HookKind = Literal["record", "filter", "map", "request", "response"]


class Hook(NamedTuple):
    """A function that the user writes into hooks.py."""

    name: str
    kind: HookKind
    users: tuple[str, ...]
    """Names of resources; empty: the client."""


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

    @property
    def in_parts(self) -> bool:
        """It is read by several calls of its pages method."""
        return self.parent is not None or bool(self.each)

    content: Code | None = None
    """The body, if it is plain text."""
    shape: Shape | None = None
    decoder: Decoder | None = None
    response_hook: str = ""
    request_hook: str = ""


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
