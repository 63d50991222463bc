"""The spec language, version 1: pydantic models, shape only. Meaning is given in `lowering`."""

from generator.spec.auth import (
    ApiKeyAuth,
    Auth,
    AuthMethods,
    BasicAuth,
    BearerAuth,
    OAuth2Auth,
    SingleAuth,
)
from generator.spec.base import SpecModel, field_keys
from generator.spec.document import (
    Client,
    Resource,
    ResourceDefaults,
    ResourceOptions,
    Spec,
)
from generator.spec.endpoint import (
    Endpoint,
    ErrorHandler,
    Incremental,
    IncrementalSync,
    PartitionRouter,
    TimeOption,
)
from generator.spec.paginator import (
    AutoPaginator,
    CursorPaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    JsonLinkPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    Paginator,
    SinglePagePaginator,
)
from generator.spec.shaping import Decoder, Hooks, RecordFilter, Step

__all__ = [
    "ApiKeyAuth",
    "Auth",
    "AuthMethods",
    "AutoPaginator",
    "BasicAuth",
    "BearerAuth",
    "Client",
    "CursorPaginator",
    "Decoder",
    "Endpoint",
    "ErrorHandler",
    "HeaderCursorPaginator",
    "HeaderLinkPaginator",
    "Hooks",
    "Incremental",
    "IncrementalSync",
    "JsonLinkPaginator",
    "OAuth2Auth",
    "OffsetPaginator",
    "PageNumberPaginator",
    "Paginator",
    "PartitionRouter",
    "RecordFilter",
    "Resource",
    "ResourceDefaults",
    "ResourceOptions",
    "SingleAuth",
    "SinglePagePaginator",
    "Spec",
    "Step",
    "SpecModel",
    "TimeOption",
    "field_keys",
]
