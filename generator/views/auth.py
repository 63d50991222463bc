"""The construction of auth objects in the client."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.pysource import Argument, Code, call, literal, mapping
from generator.views.common import Imports


def auth_code(auth: ir.Auth, imports: Imports) -> Code:
    """The construction of one auth object."""
    match auth:
        case ir.BearerAuth():
            imports.add("._runtime.auth_bearer", "BearerAuth")
            return call("BearerAuth", [auth.token])
        case ir.ApiKeyAuth():
            imports.add("._runtime.auth_api_key", "ApiKeyAuth")
            arguments: list[Argument] = [
                literal(auth.name),
                auth.key,
                ("location", literal(auth.location)),
            ]
            if auth.prefix:
                arguments.append(("prefix", literal(auth.prefix)))
            return call("ApiKeyAuth", arguments)
        case ir.BasicAuth():
            imports.add("._runtime.auth_basic", "BasicAuth")
            return call("BasicAuth", [auth.username, auth.password])
        case ir.OAuth2Auth():
            imports.add("._runtime.auth_oauth2", "OAuth2Auth")
            return call("OAuth2Auth", list(_oauth2_arguments(auth)))


def auth_values(auth: ir.Auth) -> Iterator[Code]:
    """The expressions of the spec in one auth object."""
    match auth:
        case ir.BearerAuth():
            yield auth.token
        case ir.ApiKeyAuth():
            yield auth.key
        case ir.BasicAuth():
            yield from (auth.username, auth.password)
        case ir.OAuth2Auth():
            yield from (auth.token_url, auth.client_id, auth.client_secret)
            yield from (code for _, code in auth.extra)
            if auth.refresh_token is not None:
                yield auth.refresh_token


def below_root(auth: ir.OAuth2Auth) -> bool:
    """The token endpoint is a path below the base URL."""
    return str(auth.token_url).lstrip("f").startswith(('"/', "'/"))


def _oauth2_arguments(auth: ir.OAuth2Auth) -> Iterator[Argument]:
    root = "root + " if below_root(auth) else ""
    yield "token_url", Code(f"token_url or {root}{auth.token_url}")
    yield "client_id", auth.client_id
    yield "client_secret", auth.client_secret
    if auth.refresh_token is not None:
        yield "refresh_token", auth.refresh_token
        yield "on_rotated", Code("on_rotated")
    if auth.scopes:
        yield "scopes", literal(auth.scopes)
    if auth.extra:
        yield "extra", mapping(auth.extra)
    if auth.client_auth != "body":
        yield "client_auth", literal(auth.client_auth)
    if auth.default_expiration != 3600:
        yield "default_expiration", literal(auth.default_expiration)
