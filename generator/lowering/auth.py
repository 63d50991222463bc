"""The `auth` part of a spec to auth methods whose values are expressions over `credentials`."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.context import Context
from generator.lowering.settings import Settings
from generator.lowering.text import TEXT, Value, computed, expression
from generator.pysource import Code, literal
from generator.spec import (
    ApiKeyAuth,
    AuthMethods,
    BasicAuth,
    BearerAuth,
    OAuth2Auth,
    SingleAuth,
)
from generator.spec.base import Scalar
from generator.values import Computed, Config, Part, Placeholder, Secret


class _Value(Protocol):
    def __call__(self, text: str | None, key: str, below: str = "") -> Code:
        """The expression of the text at a key; `below`: the mapping that holds the key."""
        ...


_SECRETS = frozenset({"token", "api_key", "password", "client_secret", "refresh_token"})
"""Keys whose values are secret, in the token request too."""


def lower_auth(context: Context, settings: Settings) -> tuple[ir.AuthMethod, ...]:
    """The connector's auth methods, none for an API without."""
    auth = context.spec.client.auth
    if auth is None:
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


def _method(
    context: Context, settings: Settings, name: str, auth: SingleAuth, pointer: Pointer
) -> ir.AuthMethod:
    needs: list[str] = []

    def value(text: str | None, key: str, below: str = "") -> Code:
        """The expression of an auth value; left out, it is the secret of the key's name."""
        place = (*pointer, below, key) if below else (*pointer, key)
        found = context.parts(f'dlt.secrets["{key}"]' if text is None else text, place)
        if len(found) == 1 and isinstance(found[0], str) and key in _SECRETS:
            _warn_written(context, key, place)

        def reference(part: Part) -> Value:
            match part:
                case Secret():
                    field = context.secret(part.name, place, always=False)
                    if field not in needs:
                        needs.append(field)
                    return Value(Code(f"credentials.{field}"))
                case Config() | Placeholder():
                    setting = settings.find(part.name, None)
                    return Value(Code(setting.name), setting.type)
                case Computed():
                    return computed(context, part, place, reference)
                case _:
                    context.error(
                        place, "expression", "only secrets and config values go here"
                    )
                    return Value(literal(""))

        return expression(found, reference, TEXT)

    match auth:
        case BearerAuth():
            lowered: ir.Auth = ir.BearerAuth(value(auth.token, "token"))
        case ApiKeyAuth():
            location = "query" if auth.location == "param" else auth.location
            lowered = ir.ApiKeyAuth(
                value(auth.api_key, "api_key"), auth.name, location, auth.prefix
            )
        case BasicAuth():
            lowered = ir.BasicAuth(
                value(auth.username, "username"), value(auth.password, "password")
            )
        case OAuth2Auth():
            lowered = _oauth2(context, auth, pointer, value)
    return ir.AuthMethod(name, lowered, tuple(needs))


def _warn_written(context: Context, key: str, place: Pointer) -> None:
    context.warn(
        place,
        "secret-in-spec",
        f"`{key}` is written into the spec, and so into the generated code",
        f'name a secret instead: dlt.secrets["{key}"]',
    )


def _oauth2(
    context: Context, auth: OAuth2Auth, pointer: Pointer, value: _Value
) -> ir.OAuth2Auth:
    grant = auth.grant_type or (
        "refresh_token" if auth.refresh_token else "client_credentials"
    )
    if auth.refresh_token is not None and grant != "refresh_token":
        context.error(
            (*pointer, "refresh_token"),
            "conflict",
            f"a refresh token is given, but `grant_type` is {grant}",
            "leave one of the two out",
        )
    if auth.token_url is None:
        context.error(
            pointer,
            "missing-key",
            "`token_url` is missing",
            "write the URL where tokens are requested, or a path below the base URL",
        )
    else:
        check_url(context, auth.token_url, (*pointer, "token_url"), "token_url")
    scopes = auth.scopes or ""

    def extra(name: str, given: Scalar) -> Code:
        if isinstance(given, str):
            return value(given, name, "access_token_request_data")
        return literal(given)

    return ir.OAuth2Auth(
        token_url=value(auth.token_url or "", "token_url"),
        client_id=value(auth.client_id, "client_id"),
        client_secret=value(auth.client_secret, "client_secret"),
        refresh_token=(
            value(auth.refresh_token, "refresh_token")
            if grant == "refresh_token"
            else None
        ),
        scopes=scopes if isinstance(scopes, str) else " ".join(scopes),
        extra=tuple(
            (name, extra(name, given))
            for name, given in (auth.access_token_request_data or {}).items()
        ),
        client_auth=auth.client_auth,
        default_expiration=auth.default_token_expiration,
    )


def check_url(context: Context, text: str, place: Pointer, what: str) -> None:
    """Literal URLs are absolute http(s) without user info, or a path below the base URL."""
    found = context.parts(text, place)
    if not found or not isinstance(found[0], str):
        return
    start = found[0]
    if what == "token_url" and start.startswith("/") and not start.startswith("//"):
        return
    problem = url_problem(start, whole=len(found) == 1)
    if problem:
        hint = "write it as https://host/path"
        hint += ", or as /path below the base URL" if what == "token_url" else ""
        context.error(place, "url", f"`{what}`: {problem}", hint)


def url_problem(text: str, *, whole: bool) -> str:
    """What is wrong with an absolute URL; with `whole=False` only its start is known."""
    if any(char == "\\" or not "!" <= char <= "~" for char in text):
        return "a URL is ASCII without spaces and backslashes"
    try:
        url = urlsplit(text)
        port = url.port if whole else None
    except ValueError as error:
        return str(error).lower()
    if url.scheme not in {"http", "https"}:
        return "the URL must start with https:// or http://"
    if "@" in url.netloc:
        return "a URL must not hold a user name or password"
    if whole and (not url.hostname or port == 0):
        return "the URL names no host"
    return (
        "a base URL has no query and no fragment" if url.query or url.fragment else ""
    )
