"""Arguments that the client and the source share, and what their presence depends on."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.pysource import Code, literal, parameter

_NONE = Code("None")


def common_parameters(connector: ir.Connector) -> Iterator[Code]:
    """The arguments that the client and the source share."""
    for setting in connector.settings:
        if setting.client and setting.required:
            yield parameter(setting.name, Code(setting.type))
    if connector.environments:
        first = literal(connector.environments[0].name)
        yield parameter("environment", Code("Environment"), first)
    yield parameter("base_url", Code("str | None"), _NONE)
    for name in dict.fromkeys(token_urls(connector).values()):
        yield parameter(name, Code("str | None"), _NONE)
    if ambiguous(connector):
        yield parameter("auth", Code("AuthMethod | None"), _NONE)
    for setting in connector.settings:
        if setting.client and not setting.required:
            yield optional_setting(setting)


def optional_setting(setting: ir.Setting) -> Code:
    if setting.default is None:
        return parameter(setting.name, Code(f"{setting.type} | None"), _NONE)
    return parameter(setting.name, Code(setting.type), setting.default)


def token_urls(connector: ir.Connector) -> dict[Code, str]:
    """The URLs where tokens are requested, and the argument that replaces each.

    `token_url` is that of the client's auth, else of the first endpoint that has one.
    """
    found: dict[Code, str] = {}
    for method in connector.auth:
        if isinstance(method.auth, ir.TokenAuth):
            found[method.auth.request.url] = "token_url"
    for resource in connector.resources:
        auth = resource.auth.auth if resource.auth else None
        if isinstance(auth, ir.TokenAuth):
            name = f"{resource.method}_token_url" if found else "token_url"
            found.setdefault(auth.request.url, name)
    return found


def rotates(connector: ir.Connector) -> bool:
    """The server may replace the refresh token, which the caller then has to keep."""
    return any(
        isinstance(method.auth, ir.TokenAuth)
        and isinstance(method.auth.proof, ir.RefreshToken)
        for method in all_auth(connector)
    )


def all_auth(connector: ir.Connector) -> Iterator[ir.AuthMethod]:
    """The client's auth methods, and those of endpoints."""
    yield from connector.auth
    for resource in connector.resources:
        if resource.auth is not None:
            yield resource.auth


def ambiguous(connector: ir.Connector) -> bool:
    """Some auth methods need the same credentials, so the caller may have to choose."""
    needs = [frozenset(method.needs) for method in connector.auth]
    return len(set(needs)) < len(needs)


def shared_arguments(connector: ir.Connector) -> Iterator[str]:
    """Names of the arguments that the source passes on to the client."""
    for code in common_parameters(connector):
        yield str(code).partition(":")[0]
    if rotates(connector):
        yield "on_rotated"
