"""The `auth` part of the language: one model per kind, and named alternatives."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Discriminator, Field, Tag

from generator.plain import is_mapping
from generator.spec.base import Scalar, SpecModel, Template, Text
from generator.spec.spellings import METHOD, HeaderText, UrlText, Whole

Location = Literal["header", "query", "param", "cookie", "json", "form"]
Path = Annotated[str, Field(min_length=1)]


class NoAuth(SpecModel):
    """No credentials: for an API that needs none, or an endpoint unlike the others."""

    type: Literal["none"]


class BearerAuth(SpecModel):
    """A token sent as `Authorization: Bearer <token>`."""

    type: Literal["bearer"] = "bearer"
    token: Template | None = Field(
        default=None, validation_alias=AliasChoices("token", "api_key")
    )
    """The token; left out: the secret `token`. `api_key` means the same."""
    prefix: str = "Bearer "
    """Text before the token, such as `"Token "`."""
    name: Literal["Authorization"] = "Authorization"
    """The header of the token; under another name it is an `api_key`."""
    location: Literal["header"] = "header"
    """Where the token is sent; elsewhere it is an `api_key`."""


class ApiKeyAuth(SpecModel):
    """A key sent in a header, a query parameter, a cookie or the body."""

    type: Literal["api_key"] = "api_key"
    api_key: Template | None = None
    """The key; left out: the secret `api_key`."""
    name: Text = "Authorization"
    """Name of the header, query parameter, cookie or key of the body."""
    location: Location = "header"
    """Where the key is sent; `param` is dlt's other word for `query`; `json` and `form` are
    bodies."""
    prefix: str = ""
    """Text before the key, such as `"Token "`."""


class OneKey(SpecModel):
    """One of several keys."""

    api_key: Template
    """The key."""
    name: Text
    """Name of the header, query parameter, cookie or key of the body."""
    location: Location = "header"
    """Where the key is sent."""
    prefix: str = ""
    """Text before the key."""


class ApiKeysAuth(SpecModel):
    """Several keys in every request."""

    type: Literal["api_keys"]
    keys: list[OneKey] = Field(min_length=1)
    """Each with its own name and place."""


class BasicAuth(SpecModel):
    """User name and password as HTTP basic authentication (RFC 7617)."""

    type: Literal["basic", "http_basic"]
    username: Template | None = None
    """The user name; left out: the secret `username`. May be `""`."""
    password: Template | None = None
    """The password; left out: the secret `password`. May be `""`."""


class Send(SpecModel):
    """Where a token is sent, if not as `Authorization: Bearer <token>`."""

    location: Location = "header"
    """Where the token is sent; `param` is another word for `query`."""
    name: Text = "Authorization"
    """Name of the header, query parameter, cookie or key of the body."""
    prefix: str = ""
    """Text before the token."""


class _TokenAuth(SpecModel):
    """What all kinds that ask for a token know."""

    PYTHON_ONLY = frozenset({"session"})

    send: Send | None = None
    """Where the token is sent; left out: `Authorization: Bearer <token>`."""


class OAuth2(_TokenAuth):
    """What the kinds of OAuth2 share."""

    token_url: UrlText | None = Field(
        default=None,
        validation_alias=AliasChoices("token_url", "access_token_url", "auth_endpoint"),
    )
    """Where tokens are requested: an absolute URL, a path below `base_url`, or a secret.
    `access_token_url` and `auth_endpoint` mean the same."""
    client_id: Template | None = None
    """The client id; left out: the secret `client_id`."""
    scopes: str | list[str] | None = Field(
        default=None, validation_alias=AliasChoices("scopes", "scope")
    )
    """Scopes to ask for, as a list or separated by spaces. `scope` means the same."""
    access_token_request_data: dict[str, Scalar] | None = None
    """More fields of the token request; they replace those of the same name."""
    token_headers: dict[str, HeaderText] | None = Field(
        default=None, validation_alias=AliasChoices("token_headers", "headers")
    )
    """Headers of the token request. `headers` means the same."""
    access_token_path: Path = Field(
        default="access_token",
        validation_alias=AliasChoices("access_token_path", "access_token_name"),
    )
    """Path of the token in the answer. `access_token_name` means the same."""
    expires_in_path: Path = Field(
        default="expires_in",
        validation_alias=AliasChoices("expires_in_path", "expires_in_name"),
    )
    """Path of the token's seconds in the answer. `expires_in_name` means the same."""
    default_token_expiration: Whole = Field(default=3600, ge=1)
    """Seconds that a token lasts if the answer does not say."""


class OAuth2Auth(OAuth2):
    """OAuth2 (RFC 6749): a token by client credentials, refresh token or password."""

    type: Literal["oauth2", "oauth2_client_credentials"]
    client_secret: Template | None = Field(
        default=None, validation_alias=AliasChoices("client_secret", "secret_key")
    )
    """The client secret; left out: the secret `client_secret`; `""`: none is sent.
    `secret_key` means the same."""
    refresh_token: Template | None = None
    """The first refresh token; given: the refresh-token grant."""
    username: Template | None = None
    """The user name of the password grant; left out: the secret `username`."""
    password: Template | None = None
    """The password of the password grant; left out: the secret `password`."""
    access_token: Template | None = None
    """A token to begin with."""
    grant_type: Literal["client_credentials", "refresh_token", "password"] | None = None
    """Left out: `refresh_token` where a refresh token is given, else `client_credentials`."""
    client_auth: Literal["body", "basic"] = "body"
    """How the client proves itself to the token endpoint (RFC 6749, 2.3.1)."""
    token_request: Literal["form", "json", "query"] = "form"
    """How the fields of the token request are sent."""
    grant_type_name: Text = "grant_type"
    """Name of the field `grant_type` in the token request."""
    client_id_name: Text = "client_id"
    """Name of the field `client_id` in the token request."""
    client_secret_name: Text = "client_secret"
    """Name of the field `client_secret` in the token request."""
    refresh_token_name: Text = "refresh_token"
    """Name of the field `refresh_token` in the token request, and in its answer."""


class JwtBearerAuth(OAuth2):
    """OAuth2 by a signed assertion (RFC 7523), as dlt's `OAuthJWTAuth`; signs with RS256."""

    type: Literal["jwt_bearer"]
    private_key: Template | None = None
    """The RSA key as PEM text; left out: the secret `private_key`."""
    private_key_passphrase: Template | None = None
    """What opens the key, if it is encrypted."""
    claims: dict[str, Scalar] | None = None
    """More claims; they replace `iss`, `sub` (the client id) and `aud` (the token URL); null
    leaves one out."""


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


def _from_type(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


FixedAuth = Annotated[
    Annotated[BearerAuth, Tag("bearer")]
    | Annotated[ApiKeyAuth, Tag("api_key")]
    | Annotated[BasicAuth, Tag("basic")],
    Discriminator(_auth_kind),
]
"""Credentials that are the same in every request."""


class Login(SpecModel):
    """The request that begins a session."""

    url: UrlText = Field(validation_alias=AliasChoices("url", "path"))
    """An absolute URL, or a path below `base_url`. `path` means the same."""
    method: Annotated[Literal["GET", "POST"], METHOD] = "POST"
    """HTTP method."""
    params: dict[str, Scalar] | None = None
    """Query parameters."""
    headers: dict[str, HeaderText] | None = None
    """Headers."""
    json_body: dict[str, Any] | None = Field(
        default=None, validation_alias="json", serialization_alias="json"
    )
    """JSON body."""
    form: dict[str, Scalar] | None = None
    """Form body."""
    auth: FixedAuth | None = None
    """Credentials of the login itself: `bearer`, `api_key` or `basic`."""


class SessionTokenAuth(_TokenAuth):
    """A token that a login request gives, for as long as the session lasts."""

    type: Literal["session_token"]
    login: Login
    """The request that begins a session."""
    token_path: Path
    """Path of the token in the answer."""
    expires_in: Whole | None = Field(default=None, ge=1)
    """Seconds that a session lasts, if the answer has no `expires_in`; left out: until the server
    answers 401."""


_Kind = (
    Annotated[BearerAuth, Tag("bearer")]
    | Annotated[ApiKeyAuth, Tag("api_key")]
    | Annotated[ApiKeysAuth, Tag("api_keys")]
    | Annotated[BasicAuth, Tag("basic")]
    | Annotated[OAuth2Auth, Tag("oauth2")]
    | Annotated[JwtBearerAuth, Tag("jwt_bearer")]
    | Annotated[SessionTokenAuth, Tag("session_token")]
)
SingleAuth = Annotated[_Kind, Discriminator(_auth_kind)]


class AuthMethods(SpecModel):
    """Alternatives: the first method whose credentials are all given is used."""

    methods: dict[str, SingleAuth] = Field(min_length=1)
    """Method name to auth; the order is the order of preference."""


_OneOrNone = Annotated[
    _Kind | Annotated[NoAuth, Tag("none")], Discriminator(_auth_kind)
]
_Any = Annotated[
    _Kind | Annotated[NoAuth, Tag("none")] | Annotated[AuthMethods, Tag("methods")],
    Discriminator(_auth_kind),
]
EndpointAuth = Annotated[
    _OneOrNone, BeforeValidator(_from_type, json_schema_input_type=_OneOrNone | str)
]
"""One method, or none, instead of the client's."""
Auth = Annotated[_Any, BeforeValidator(_from_type, json_schema_input_type=_Any | str)]
"""A method, alternatives, or the bare name of a kind, such as `auth: bearer`."""
