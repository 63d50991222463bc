"""The `auth` part of the language: one model per kind, and named alternatives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Discriminator, Field, Tag

from generator.plain import is_mapping
from generator.spec.base import Scalar, SpecModel, Template, Text


class BearerAuth(SpecModel):
    """A token sent as `Authorization: Bearer <token>`."""

    type: Literal["bearer"] = "bearer"
    token: Template | None = None
    """The token; left out: the secret `token`."""


class ApiKeyAuth(SpecModel):
    """A key sent in a header, a query parameter or a cookie."""

    type: Literal["api_key"] = "api_key"
    api_key: Template | None = None
    """The key; left out: the secret `api_key`."""
    name: Text = "Authorization"
    """Name of the header, query parameter or cookie."""
    location: Literal["header", "query", "param", "cookie"] = "header"
    """Where the key is sent; `param` is dlt's other word for `query`."""
    prefix: str = ""
    """Text before the key, such as `"Token "`."""


class BasicAuth(SpecModel):
    """User name and password as HTTP basic authentication (RFC 7617)."""

    type: Literal["basic", "http_basic"]
    username: Template | None = None
    """The user name; left out: the secret `username`."""
    password: Template | None = None
    """The password; left out: the secret `password`."""


class OAuth2Auth(SpecModel):
    """OAuth2 (RFC 6749): a token from `token_url` by client credentials or by refresh token."""

    NOT_YET = frozenset({"access_token", "session"})

    type: Literal["oauth2", "oauth2_client_credentials"]
    token_url: Template | None = Field(
        default=None, validation_alias=AliasChoices("token_url", "access_token_url")
    )
    """Where tokens are requested: an absolute URL, a path below `base_url`, or a secret.
    `access_token_url` means the same."""
    client_id: Template | None = None
    """The client id; left out: the secret `client_id`."""
    client_secret: Template | None = Field(
        default=None, validation_alias=AliasChoices("client_secret", "secret_key")
    )
    """The client secret; left out: the secret `client_secret`. `secret_key` means the same."""
    refresh_token: Template | None = None
    """The first refresh token; given: the refresh-token grant."""
    grant_type: Literal["client_credentials", "refresh_token"] | None = None
    """Left out: `refresh_token` where a refresh token is given, else `client_credentials`."""
    client_auth: Literal["body", "basic"] = "body"
    """How the client proves itself to the token endpoint (RFC 6749, 2.3.1)."""
    scopes: str | list[str] | None = Field(
        default=None, validation_alias=AliasChoices("scopes", "scope")
    )
    """Scopes to ask for, as a list or separated by spaces. `scope` means the same."""
    access_token_request_data: dict[str, Scalar] | None = None
    """More fields of the token request."""
    default_token_expiration: int = Field(default=3600, ge=1)
    """Seconds that a token lasts if the answer does not say."""


def _auth_kind(value: Any) -> str | None:
    """`type` picks the model; `methods` and `api_key` speak for themselves, else dlt means bearer."""
    if isinstance(value, SpecModel):
        return getattr(value, "type", "methods")
    if not is_mapping(value):
        return None
    if "methods" in value:
        return "methods"
    kind = value.get("type", "api_key" if "api_key" in value else "bearer")
    same = {"http_basic": "basic", "oauth2_client_credentials": "oauth2"}
    return same.get(kind, kind) if isinstance(kind, str) else None


SingleAuth = Annotated[
    Annotated[BearerAuth, Tag("bearer")]
    | Annotated[ApiKeyAuth, Tag("api_key")]
    | Annotated[BasicAuth, Tag("basic")]
    | Annotated[OAuth2Auth, Tag("oauth2")],
    Discriminator(_auth_kind),
]


class AuthMethods(SpecModel):
    """Alternatives: the first method whose credentials are all given is used."""

    methods: dict[str, SingleAuth] = Field(min_length=1)
    """Method name to auth; the order is the order of preference."""


Auth = Annotated[
    Annotated[BearerAuth, Tag("bearer")]
    | Annotated[ApiKeyAuth, Tag("api_key")]
    | Annotated[BasicAuth, Tag("basic")]
    | Annotated[OAuth2Auth, Tag("oauth2")]
    | Annotated[AuthMethods, Tag("methods")],
    Discriminator(_auth_kind),
]
