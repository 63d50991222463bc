"""The intermediate representation: a connector as frozen data, every name and expression decided.

Lowering makes it, templates print it. Text that becomes code is `Code` already (an expression
that is valid where the field's docstring says); plain `str` is data that an encoder must print.

Classes are named tuples, which take Python a tenth of the time to make that frozen dataclasses
take; only the ways of paging, whose kinds equality must tell apart, are the latter.
"""

from generator.ir.answers import Condition, RateLimit, Retry, Rule, WaitHeader
from generator.ir.auth import (
    ApiKeyAuth,
    Assertion,
    Auth,
    AuthMethod,
    BasicAuth,
    BearerAuth,
    Credential,
    Location,
    NoAuth,
    RefreshToken,
    RequestPart,
    Sent,
    SeveralAuth,
    TokenAuth,
    TokenRequest,
)
from generator.ir.connector import Argument, Connector, Environment, Resource, Setting
from generator.ir.paging import (
    CursorPages,
    Ends,
    HookedPages,
    LinkedPages,
    NumberedPages,
    OffsetPages,
    Pages,
    Paginator,
    Place,
    SinglePage,
)
from generator.ir.parts import (
    Ancestor,
    Each,
    Included,
    Incremental,
    Parent,
    ParentValue,
)
from generator.ir.records import (
    Column,
    Decoder,
    Hook,
    HookKind,
    Shape,
    ShapeArgument,
    Step,
    Table,
)

__all__ = [
    "Ancestor",
    "ApiKeyAuth",
    "Argument",
    "Assertion",
    "Auth",
    "AuthMethod",
    "BasicAuth",
    "BearerAuth",
    "Column",
    "Condition",
    "Connector",
    "Credential",
    "CursorPages",
    "Decoder",
    "Each",
    "Ends",
    "Environment",
    "Hook",
    "HookKind",
    "HookedPages",
    "Included",
    "Incremental",
    "LinkedPages",
    "Location",
    "NoAuth",
    "NumberedPages",
    "OffsetPages",
    "Pages",
    "Paginator",
    "Parent",
    "ParentValue",
    "Place",
    "RateLimit",
    "RefreshToken",
    "RequestPart",
    "Resource",
    "Retry",
    "Rule",
    "Sent",
    "Setting",
    "SeveralAuth",
    "Shape",
    "ShapeArgument",
    "SinglePage",
    "Step",
    "Table",
    "TokenAuth",
    "TokenRequest",
    "WaitHeader",
]
