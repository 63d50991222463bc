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


def _oauth2_arguments(auth: ir.OAuth2Auth) -> Iterator[Argument]:
    url = auth.token_url
    if str(url).startswith('"/'):
        url = Code(f"root + {url}")
    yield "token_url", Code(f"token_url or {url}")
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
