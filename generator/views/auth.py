"""The construction of auth objects in the client."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.lowering.tokens import is_below_root
from generator.pysource import Argument, Code, bracketed, call, literal, mapping
from generator.views.common import Imports


def auth_code(auth: ir.Auth, imports: Imports, token_url: str = "token_url") -> Code:
    """The construction of one auth object; the argument `token_url` replaces its URL."""
    match auth:
        case ir.NoAuth():
            return literal(None)
        case ir.BearerAuth():
            imports.add("._runtime.auth_bearer", "BearerAuth")
            arguments: list[Argument] = [auth.token]
            if auth.prefix != "Bearer ":
                arguments.append(("prefix", literal(auth.prefix)))
            return call("BearerAuth", arguments)
        case ir.ApiKeyAuth():
            imports.add("._runtime.auth_api_key", "ApiKeyAuth")
            arguments = [
                literal(auth.name),
                auth.key,
                ("location", literal(auth.location)),
            ]
            if auth.prefix:
                arguments.append(("prefix", literal(auth.prefix)))
            return call("ApiKeyAuth", arguments)
        case ir.SeveralAuth():
            imports.add("._runtime.auth_several", "SeveralAuth")
            return call("SeveralAuth", [auth_code(key, imports) for key in auth.keys])
        case ir.BasicAuth():
            imports.add("._runtime.auth_basic", "BasicAuth")
            return call("BasicAuth", [auth.username, auth.password])
        case ir.TokenAuth():
            return _token_auth(auth, imports, token_url)


def auth_values(auth: ir.Auth) -> Iterator[Code]:
    """The expressions of the spec in one auth object."""
    match auth:
        case ir.NoAuth():
            return
        case ir.BearerAuth():
            yield auth.token
        case ir.ApiKeyAuth():
            yield auth.key
        case ir.SeveralAuth():
            yield from (key.key for key in auth.keys)
        case ir.BasicAuth():
            yield from (auth.username, auth.password)
        case ir.TokenAuth():
            yield auth.request.url
            yield from (code for _, code in auth.request.parts)
            if auth.request.login is not None:
                yield from auth_values(auth.request.login)
            if auth.access_token is not None:
                yield auth.access_token
            match auth.proof:
                case ir.RefreshToken():
                    yield auth.proof.first
                case ir.Assertion():
                    yield auth.proof.private_key
                    if auth.proof.passphrase is not None:
                        yield auth.proof.passphrase
                    yield from (code for _, code in auth.proof.claims)
                case None:
                    pass


def redacted_by(method: ir.AuthMethod) -> set[str]:
    """The credentials that the auth object itself keeps out of messages."""
    if isinstance(method.auth, ir.TokenAuth):
        return set(method.needs)
    values = {str(code) for code in auth_values(method.auth)}
    return {name for name in method.needs if f"credentials.{name}" in values}


def uses_root(auth: ir.Auth) -> bool:
    """The token endpoint is a path below the base URL."""
    return isinstance(auth, ir.TokenAuth) and is_below_root(auth.request.url)


def _token_auth(auth: ir.TokenAuth, imports: Imports, token_url: str) -> Code:
    arguments: list[Argument] = [("request", _request(auth.request, token_url))]
    match auth.proof:
        case None:
            name = "TokenAuth"
            imports.add("._runtime.auth_token", name)
        case ir.RefreshToken():
            name = "RefreshTokenAuth"
            imports.add("._runtime.auth_refresh_token", name)
            arguments.append(("refresh_token", auth.proof.first))
            arguments.append(("on_rotated", Code("on_rotated")))
            if auth.proof.name != "refresh_token":
                arguments.append(("name", literal(auth.proof.name)))
                rotated = literal((auth.proof.name,))
                arguments.append(("rotated_path", rotated))
        case ir.Assertion():
            name = "JwtBearerAuth"
            imports.add("._runtime.auth_jwt", name)
            arguments.append(("private_key", auth.proof.private_key))
            if auth.proof.passphrase is not None:
                arguments.append(("passphrase", auth.proof.passphrase))
            arguments.append(("claims", mapping(auth.proof.claims)))
    if auth.request.login is not None:
        arguments.append(("login", auth_code(auth.request.login, imports)))
    if auth.secrets:
        arguments.append(("secrets", bracketed("(", auth.secrets, ")")))
    if auth.token_path != ("access_token",):
        arguments.append(("token_path", literal(auth.token_path)))
    arguments.extend(_expiration(auth))
    if auth.access_token is not None:
        arguments.append(("access_token", auth.access_token))
    if auth.send is not None:
        arguments.append(("send", _send(auth.send, imports)))
    return call(name, arguments)


def _expiration(auth: ir.TokenAuth) -> Iterator[Argument]:
    if auth.expires_in_path not in ((), ("expires_in",)):
        yield "expires_in_path", literal(auth.expires_in_path)
    if auth.expiration is None:
        yield "default_expiration", call("float", [literal("inf")])
    elif auth.expiration != 3600:
        yield "default_expiration", literal(auth.expiration)


def _request(request: ir.TokenRequest, token_url: str) -> Code:
    root = "root + " if is_below_root(request.url) else ""
    url = Code(f"{token_url} or {root}{request.url}")
    return call("Request", [literal(request.method), url, *request.parts])


def _send(sent: ir.Sent, imports: Imports) -> Code:
    imports.add("._runtime.auth_api_key", "placed")
    arguments: list[Argument] = [literal(sent.name), literal(sent.location)]
    if sent.prefix:
        arguments.append(literal(sent.prefix))
    return call("placed", arguments)
