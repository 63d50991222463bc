"""Auth by tokens: OAuth2 grants, signed assertions and logins to the requests that get one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from generator import ir
from generator.lowering.auth_values import AuthValues
from generator.lowering.headers import check_header
from generator.lowering.urls import check_url
from generator.paths import Steps, parse_path
from generator.pysource import Code, call, literal, mapping
from generator.spec import JwtBearerAuth, OAuth2Auth, Send, SessionTokenAuth
from generator.spec.auth import Location, OAuth2

_EMPTY = literal("")
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class _Named(Protocol):
    """What is sent under a name."""

    @property
    def name(self) -> str: ...

    @property
    def location(self) -> Location: ...

    @property
    def prefix(self) -> str: ...


def location(word: Location) -> ir.Location:
    """`param` is dlt's other word for `query`."""
    return "query" if word == "param" else word


def check_name(values: AuthValues, sent: _Named, *below: str | int) -> None:
    """The name and prefix of a key or token can be sent where the spec says."""
    pointer = (*values.pointer, *below, "name")
    if sent.location == "header":
        check_header(values.context, sent.name, sent.prefix, pointer)
    if sent.location == "cookie" and set(sent.name) & set("=;, \t\r\n"):
        message = "the name of a cookie has no spaces, `=`, `;` or `,`"
        values.context.error(pointer, "cookie", message)


def lower_oauth2(auth: OAuth2Auth, values: AuthValues) -> ir.TokenAuth:
    extra = auth.access_token_request_data or {}
    grant = auth.grant_type or (
        "refresh_token" if auth.refresh_token else "client_credentials"
    )
    if auth.refresh_token is not None and grant != "refresh_token":
        values.context.error(
            (*values.pointer, "refresh_token"),
            "conflict",
            f"a refresh token is given, but `grant_type` is {grant}",
            "leave one of the two out",
        )
    url = _token_url(auth, values)
    client_id = values.text(auth.client_id, "client_id")
    client_secret = values.text(auth.client_secret, "client_secret")
    fields = {auth.grant_type_name: literal(grant)}
    login: ir.BasicAuth | None = None
    if auth.client_auth == "basic":
        quoted = [call("quote_plus", [each]) for each in (client_id, client_secret)]
        login = ir.BasicAuth(*quoted)  # RFC 6749, 2.3.1
    else:
        fields[auth.client_id_name] = client_id
        fields[auth.client_secret_name] = client_secret
    if grant == "password":
        fields["username"] = values.text(auth.username, "username")
        fields["password"] = values.text(auth.password, "password")
    fields = {name: code for name, code in fields.items() if code != _EMPTY}
    if scopes := _scopes(auth):
        fields["scope"] = literal(scopes)
    fields.update(_extra(auth, values))
    proof: ir.RefreshToken | None = None
    if extra.get("grant_type", grant) == "refresh_token":
        # dlt's users have no other place for it than the extra fields.
        first = fields.pop(auth.refresh_token_name, None)
        if first is None or auth.refresh_token is not None:
            first = values.text(auth.refresh_token, "refresh_token")
        proof = ir.RefreshToken(first, auth.refresh_token_name)
    access_token = auth.access_token
    return _token_auth(
        auth,
        values,
        _request(auth, values, url, auth.token_request, fields, login),
        proof,
        None if access_token is None else values.text(access_token, "access_token"),
    )


def lower_jwt(auth: JwtBearerAuth, values: AuthValues) -> ir.TokenAuth:
    url = _token_url(auth, values)
    client_id = values.text(auth.client_id, "client_id")
    private_key = values.text(auth.private_key, "private_key")
    passphrase = auth.private_key_passphrase
    audience = Code(f"root + {url}") if is_below_root(url) else url
    claims = {"iss": client_id, "sub": client_id, "aud": audience}
    if scopes := _scopes(auth):
        claims["scope"] = literal(scopes)
    for name, claim in (auth.claims or {}).items():
        claims[name] = values.tree(claim, "claims", name)
    claims = {name: code for name, code in claims.items() if code != literal(None)}
    proof = ir.Assertion(
        private_key,
        (
            None
            if passphrase is None
            else values.text(passphrase, "private_key_passphrase")
        ),
        tuple(claims.items()),
    )
    fields = {"grant_type": literal(_JWT_GRANT), **_extra(auth, values)}
    return _token_auth(
        auth, values, _request(auth, values, url, "form", fields, None), proof, None
    )


def lower_session(
    auth: SessionTokenAuth,
    values: AuthValues,
    credentials: ir.BearerAuth | ir.ApiKeyAuth | ir.BasicAuth | None,
) -> ir.TokenAuth:
    login = auth.login
    text = login.url
    if not text.startswith(("/", "{", "dlt.")) and "://" not in text:
        text = f"/{text}"
    check_url(values.context, text, (*values.pointer, "login", "url"), "url")
    url = values.text(text, "login", "url")
    if login.json_body is not None and login.form is not None:
        values.context.error(
            (*values.pointer, "login", "form"),
            "conflict",
            "the login has a JSON body and a form",
            "keep one of them",
        )
    parts: list[tuple[ir.RequestPart, Mapping[str, object] | None]] = [
        ("params", login.params),
        ("headers", login.headers),
        ("json", login.json_body),
        ("form", login.form),
    ]
    request = ir.TokenRequest(
        login.method,
        url,
        tuple(
            (name, values.tree(value, "login", name))
            for name, value in parts
            if value is not None
        ),
        credentials,
    )
    for name, value in (login.headers or {}).items():
        check_header(
            values.context, name, value, (*values.pointer, "login", "headers", name)
        )
    return ir.TokenAuth(
        request=request,
        proof=None,
        secrets=values.secrets(),
        token_path=_path(values, auth.token_path, "token_path"),
        expires_in_path=(),
        expiration=auth.expires_in,
        access_token=None,
        send=_send(auth.send, values),
    )


def is_below_root(url: Code) -> bool:
    """The expression is that of a path below the base URL."""
    return str(url).lstrip("f").startswith(('"/', "'/"))


def _token_auth(
    auth: OAuth2,
    values: AuthValues,
    request: ir.TokenRequest,
    proof: ir.RefreshToken | ir.Assertion | None,
    access_token: Code | None,
) -> ir.TokenAuth:
    return ir.TokenAuth(
        request=request,
        proof=proof,
        secrets=values.secrets(),
        token_path=_path(values, auth.access_token_path, "access_token_path"),
        expires_in_path=_path(values, auth.expires_in_path, "expires_in_path"),
        expiration=auth.default_token_expiration,
        access_token=access_token,
        send=_send(auth.send, values),
    )


def _request(
    auth: OAuth2,
    values: AuthValues,
    url: Code,
    kind: Literal["form", "json", "query"],
    fields: Mapping[str, Code],
    login: ir.BasicAuth | None,
) -> ir.TokenRequest:
    """The token request with its fields where `kind` says."""
    where: ir.RequestPart = "params" if kind == "query" else kind
    parts: list[tuple[ir.RequestPart, Code]] = [(where, mapping(fields.items()))]
    headers = auth.token_headers or {}
    for name, value in headers.items():
        pointer = (*values.pointer, "token_headers", name)
        check_header(values.context, name, value, pointer)
    if headers:
        codes = [
            (name, values.text(value, "token_headers", name))
            for name, value in headers.items()
        ]
        parts.append(("headers", mapping(codes)))
    return ir.TokenRequest("POST", url, tuple(parts), login)


def _token_url(auth: OAuth2, values: AuthValues) -> Code:
    if auth.token_url is None:
        values.context.error(
            values.pointer,
            "missing-key",
            "`token_url` is missing",
            "write the URL where tokens are requested, or a path below the base URL",
        )
    else:
        pointer = (*values.pointer, "token_url")
        check_url(values.context, auth.token_url, pointer, "token_url")
    needs = list(values.needs)
    code = values.text(auth.token_url or "", "token_url")
    if str(code).startswith("credentials."):
        values.shown.update(set(values.needs) - set(needs))
    return code


def _scopes(auth: OAuth2) -> str:
    scopes = auth.scopes or ""
    return scopes if isinstance(scopes, str) else " ".join(scopes)


def _extra(auth: OAuth2, values: AuthValues) -> dict[str, Code]:
    return {
        name: values.tree(given, "access_token_request_data", name)
        for name, given in (auth.access_token_request_data or {}).items()
    }


def _send(send: Send | None, values: AuthValues) -> ir.Sent | None:
    if send is None:
        return None
    check_name(values, send, "send")
    return ir.Sent(send.name, location(send.location), send.prefix)


def _path(values: AuthValues, text: str, key: str) -> Steps:
    pointer = (*values.pointer, key)
    try:
        steps = parse_path(text)
    except ValueError as error:
        values.context.error(pointer, "path", f"`{key}`: {error}")
        return ()
    if "*" in steps or not steps:
        values.context.error(pointer, "path", f"`{key}` names one value")
    return steps
