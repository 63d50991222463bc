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
    Incremental,
    IncrementalSync,
    PartitionRouter,
    TimeOption,
)
from generator.spec.errors import (
    ErrorHandler,
    ErrorRule,
    RateLimit,
    ResponseAction,
    WaitHeader,
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

__all__ = [
    "ApiKeyAuth",
    "Auth",
    "AuthMethods",
    "AutoPaginator",
    "BasicAuth",
    "BearerAuth",
    "Client",
    "CursorPaginator",
    "Endpoint",
    "ErrorHandler",
    "ErrorRule",
    "HeaderCursorPaginator",
    "HeaderLinkPaginator",
    "Incremental",
    "IncrementalSync",
    "JsonLinkPaginator",
    "OAuth2Auth",
    "OffsetPaginator",
    "PageNumberPaginator",
    "Paginator",
    "PartitionRouter",
    "RateLimit",
    "Resource",
    "ResourceDefaults",
    "ResourceOptions",
    "ResponseAction",
    "SingleAuth",
    "SinglePagePaginator",
    "Spec",
    "SpecModel",
    "TimeOption",
    "WaitHeader",
    "field_keys",
]
