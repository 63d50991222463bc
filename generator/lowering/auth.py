"""The `auth` part of a spec to auth methods whose values are expressions over `credentials`."""

from __future__ import annotations

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.auth_values import AuthValues
from generator.lowering.context import Context, Source
from generator.lowering.settings import Settings
from generator.lowering.tokens import (
    check_name,
    location,
    lower_jwt,
    lower_oauth2,
    lower_session,
)
from generator.spec import (
    ApiKeyAuth,
    ApiKeysAuth,
    AuthMethods,
    BasicAuth,
    BearerAuth,
    JwtBearerAuth,
    NoAuth,
    OAuth2Auth,
    OneKey,
    SessionTokenAuth,
    SingleAuth,
)


def lower_auth(context: Context, settings: Settings) -> tuple[ir.AuthMethod, ...]:
    """The connector's auth methods, none for an API without."""
    auth = context.spec.client.auth
    if auth is None or isinstance(auth, NoAuth):
        return ()
    if not isinstance(auth, AuthMethods):
        return (_method(context, settings, "", auth, ("client", "auth")),)
    methods: list[ir.AuthMethod] = []
    for name, single in auth.methods.items():
        pointer: Pointer = ("client", "auth", "methods", name)
        if not name.isidentifier() or not name.isascii():
            message = "a method's name is letters, digits and `_`"
            context.error(pointer, "name", message, key=True)
        methods.append(_method(context, settings, name, single, pointer))
    return tuple(methods)


def lower_endpoint_auth(
    context: Context, settings: Settings, source: Source
) -> ir.AuthMethod | None:
    """An endpoint's own auth; None where the client's is used."""
    auth, client = source.auth, context.spec.client.auth
    if auth is None or auth == client:
        return None
    if isinstance(auth, NoAuth):
        return None if client is None else ir.AuthMethod("", ir.NoAuth(), ())
    pointer = (*source.endpoint_pointer, "auth")
    method = _method(context, settings, "", auth, pointer)
    context.always_needed.update(method.needs)
    return method


def check_choice(context: Context, methods: tuple[ir.AuthMethod, ...]) -> None:
    """Every method but the last needs a credential that not all callers give."""
    needs = [set(method.needs) for method in methods]
    optional = set[str]().union(*needs) - set[str]().intersection(*needs)
    for method, needed in zip(methods[:-1], needs, strict=False):
        if not needed & (optional - context.always_needed) and needs.count(needed) < 2:
            context.error(
                ("client", "auth", "methods", method.name),
                "auth-method",
                f"the method {shown(method.name)} has no secret of its own: nothing tells when "
                "to use it, and those after it are never used",
                "put it last, or give it a secret of its own",
                key=True,
            )
    for index, method in enumerate(methods):
        earlier = [each for each in methods[:index] if set(each.needs) < needs[index]]
        if earlier and earlier[0].needs:
            context.error(
                ("client", "auth", "methods", method.name),
                "auth-method",
                f"the method {shown(method.name)} is never used: whoever gives its credentials "
                f"gives those of {shown(earlier[0].name)}",
                f"put it before {shown(earlier[0].name)}",
                key=True,
            )


def _method(
    context: Context, settings: Settings, name: str, auth: SingleAuth, pointer: Pointer
) -> ir.AuthMethod:
    values = AuthValues(context, settings, pointer)
    match auth:
        case BearerAuth():
            lowered: ir.Auth = _bearer(auth, values)
        case ApiKeyAuth():
            lowered = _key(auth, values)
        case ApiKeysAuth():
            lowered = ir.SeveralAuth(
                tuple(
                    _key(each, values, "keys", index)
                    for index, each in enumerate(auth.keys)
                )
            )
        case BasicAuth():
            lowered = _basic(auth, values)
        case OAuth2Auth():
            lowered = lower_oauth2(auth, values)
        case JwtBearerAuth():
            lowered = lower_jwt(auth, values)
        case SessionTokenAuth():
            lowered = lower_session(auth, values, _fixed(auth.login.auth, values))
    return ir.AuthMethod(name, lowered, tuple(values.needs))


def _fixed(
    auth: BearerAuth | ApiKeyAuth | BasicAuth | None, values: AuthValues
) -> ir.BearerAuth | ir.ApiKeyAuth | ir.BasicAuth | None:
    """The credentials of a login."""
    match auth:
        case BearerAuth():
            return _bearer(auth, values, "login", "auth")
        case ApiKeyAuth():
            return _key(auth, values, "login", "auth")
        case BasicAuth():
            return _basic(auth, values, "login", "auth")
        case None:
            return None


def _bearer(auth: BearerAuth, values: AuthValues, *below: str) -> ir.BearerAuth:
    return ir.BearerAuth(values.text(auth.token, *below, "token"), auth.prefix)


def _key(
    auth: ApiKeyAuth | OneKey, values: AuthValues, *below: str | int
) -> ir.ApiKeyAuth:
    check_name(values, auth, *below)
    key = values.text(auth.api_key, *below, "api_key")
    return ir.ApiKeyAuth(key, auth.name, location(auth.location), auth.prefix)


def _basic(auth: BasicAuth, values: AuthValues, *below: str) -> ir.BasicAuth:
    return ir.BasicAuth(
        values.text(auth.username, *below, "username"),
        values.text(auth.password, *below, "password"),
    )
