"""The `paginator` part of the language: one model per kind."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Discriminator, Field, Tag

from generator.plain import is_mapping
from generator.spec import spellings
from generator.spec.base import SpecModel, Text
from generator.spec.spellings import Whole

PathText = Annotated[str, Field(min_length=1)]
RelativeTo = Literal["request", "base_url"]
_FIRST_PAGE_SENT: bool = Field(
    default=True,
    validation_alias=AliasChoices("first_page_sent", "inject_on_first_request"),
)


class SinglePagePaginator(SpecModel):
    """One request; an explicit `single_page` also says that no more pages exist."""

    type: Literal["single_page"]


class TimeOption(SpecModel):
    """Where a bound of the cursor is sent."""

    field_name: Text
    """Name of the request parameter."""
    inject_into: Literal[
        "query", "request_parameter", "header", "body_json", "body_data"
    ] = "query"
    """Kind of the request parameter."""


class _Paged(SpecModel):
    """What every paginator with more than one page knows."""

    limit: Whole | None = Field(
        default=None, ge=1, validation_alias=AliasChoices("limit", "page_size")
    )
    """Records a page; sent as `limit_param`. `page_size` means the same."""
    max_limit: Whole | None = Field(default=None, ge=1)
    """The greatest page size that the API's documentation allows; a greater `limit` is a warning."""
    limit_param: Text | None = Field(
        default=None,
        validation_alias=AliasChoices("limit_param", "size_param", "page_size_param"),
    )
    """Query parameter of the page size. `size_param` means the same."""
    limit_body_path: PathText | None = None
    """Path of the page size in the JSON body; with `data`, its name in the form."""
    limit_header: Text | None = None
    """Request header of the page size."""
    stop_condition: str | None = None
    """Expression; the data ends after the page for which it is true."""
    max_pages: Whole | None = Field(default=None, ge=1)
    """More pages than this are an error, never the end of the data."""
    has_more_path: PathText | None = None
    """Path of a flag in the answer, or `headers.x`; false ends the data."""
    is_last_path: PathText | None = None
    """Path of a flag in the answer, or `headers.x`; true ends the data."""
    stop_after_empty_page: bool | None = None
    """An empty page ends the data; default true, false for cursors and where a flag or a
    condition says whether there is more."""
    stop_after_short_page: bool = False
    """A page with fewer records than `limit` ends the data."""
    start_time_option: TimeOption | None = None
    """Where the cursor's lower bound is sent, as the seeds' kind of document writes it; without a
    cursor it is an argument `start_time`."""
    end_time_option: TimeOption | None = None
    """Where the upper bound is sent; without a cursor it is an argument `end_time`."""


class OffsetPaginator(_Paged):
    """Offset paging; the offset grows by the records received."""

    type: Literal["offset"]
    offset: Whole = Field(default=0, ge=0)
    """The first offset."""
    offset_param: Text | None = None
    """Query parameter of the offset; default `offset`. Where the parameter's text in `params` has
    the placeholder `{offset}`, the offset takes its place."""
    offset_body_path: PathText | None = None
    """Path of the offset in the JSON body, instead of a query parameter; with `data`, its name
    in the form."""
    first_page_sent: bool = _FIRST_PAGE_SENT
    """The first request carries the offset."""
    total_path: PathText | None = None
    """Path of the number of records in the answer, or `headers.x`; it is checked."""
    total: Literal["exact", "at_least", "ignore"] = "at_least"
    """How the total of the last page is checked against the records received."""
    maximum_offset: Whole | None = Field(default=None, ge=1)
    """The data is cut here, with a counted `truncated` event."""


class PageNumberPaginator(_Paged):
    """Page-number paging; the first page is 0 unless the spec says otherwise."""

    type: Literal["page_number"]
    base_page: Whole | None = Field(
        default=None,
        ge=0,
        validation_alias=AliasChoices(
            "base_page", "start_from_page", "start_page", "initial_page"
        ),
    )
    """Number of the first page; default 0. `start_from_page`, `start_page` and `initial_page` mean
    the same."""
    page: Whole | None = Field(default=None, ge=0)
    """Number of the page to start with; default `base_page`."""
    page_param: Text | None = None
    """Query parameter of the page number; default `page`. Where the parameter's text in `params` has
    the placeholder `{page}`, the number takes its place."""
    page_body_path: PathText | None = None
    """Path of the page number in the JSON body, instead of a query parameter; with `data`, its
    name in the form."""
    first_page_sent: bool = _FIRST_PAGE_SENT
    """The first request carries the page number."""
    total_path: PathText | None = None
    """Path of the number of pages in the answer, or `headers.x`; it is checked."""
    total_is: Literal["pages", "rows"] = "pages"
    """What the total counts."""
    total: Literal["exact", "at_least", "ignore"] = "at_least"
    """How the total of the last page is checked against what was received."""
    maximum_page: Whole | None = Field(default=None, ge=1)
    """The first page that is not read (as in dlt), with a counted `truncated` event."""


class CursorPaginator(_Paged):
    """Cursor paging: each answer names the cursor of the next page."""

    type: Literal["cursor"]
    cursor_path: str | None = None
    """Path of the cursor in the answer. `headers.x` reads a header, `headers.link.next.url` the
    `Link` header, `last_record.x` the last record. Without `cursor_param` or `cursor_body_path`
    the value is the next URL."""
    cursor_value: str | None = None
    """Expression that gives the cursor, instead of `cursor_path`."""
    cursor_param: Text | None = None
    """Query parameter of the cursor. Without `cursor_path` the key of the same name is read, or
    the one path that `stop_condition` finds missing. `{cursor}` in the endpoint's path takes the
    cursor where no other place is named."""
    cursor_body_path: PathText | None = None
    """Path of the cursor in the JSON body, instead of a query parameter; with `data`, its name
    in the form."""
    cursor_header: Text | None = None
    """Request header of the cursor, instead of a query parameter."""
    relative_to: RelativeTo = "request"
    """What a next URL without a host belongs to: the URL of its page, or `base_url`."""


class JsonLinkPaginator(_Paged):
    """The answer holds the URL of the next page."""

    type: Literal["json_link", "json_response"]
    next_url_path: PathText = "next"
    """Path of the next URL in the answer."""
    relative_to: RelativeTo = "request"
    """What a next URL without a host belongs to: the URL of its page, or `base_url`."""


class HeaderLinkPaginator(_Paged):
    """The `Link` header holds the URL of the next page (RFC 8288)."""

    type: Literal["header_link"]
    links_next_key: Text = "next"
    """The link relation that is followed."""


class HeaderCursorPaginator(_Paged):
    """A response header holds the cursor of the next page."""

    type: Literal["header_cursor"]
    cursor_key: Text = "next"
    """Name of the response header."""
    cursor_param: Text = "cursor"
    """Query parameter of the cursor."""


class HookPaginator(SpecModel):
    """A function of the package's `hooks.py`, where no other kind describes the API."""

    type: Literal["hook"]
    function: Text
    """The name of the function. It takes a page's request, its answer and its records, and gives the
    next request, or None at the end. The first request is what the endpoint says."""
    max_pages: Whole | None = Field(default=None, ge=1)
    """More pages than this are an error, never the end of the data."""


class AutoPaginator(SpecModel):
    """Detection at run time, which a generated connector does not do."""

    type: Literal["auto"]


def _paginator_kind(value: Any) -> str | None:
    if isinstance(value, SpecModel):
        return getattr(value, "type", None)
    if is_mapping(value):
        kind = value.get("type")
        kind = "json_link" if kind == "json_response" else kind
        return kind if isinstance(kind, str) else None
    return None


_AnyPaginator = Annotated[
    Annotated[SinglePagePaginator, Tag("single_page")]
    | Annotated[OffsetPaginator, Tag("offset")]
    | Annotated[PageNumberPaginator, Tag("page_number")]
    | Annotated[CursorPaginator, Tag("cursor")]
    | Annotated[JsonLinkPaginator, Tag("json_link")]
    | Annotated[HeaderLinkPaginator, Tag("header_link")]
    | Annotated[HeaderCursorPaginator, Tag("header_cursor")]
    | Annotated[HookPaginator, Tag("hook")]
    | Annotated[AutoPaginator, Tag("auto")],
    Discriminator(_paginator_kind),
]

Paginator = Annotated[
    _AnyPaginator,
    BeforeValidator(spellings.paginator, json_schema_input_type=_AnyPaginator | str),
]
"""A paginator; in the spec also a kind's bare name, such as `paginator: single_page`."""
