"""Authenticators: fixed keys, tokens, logins, and the choice between several."""

from __future__ import annotations

import re

from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.patterns import length
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.templates import Texts, is_template
from generator.naming import snake
from generator.plain import is_list, is_mapping

Auth = dict[str, object]
_PLACES = {
    "request_parameter": "query",
    "header": "header",
    "body_json": "json",
    "body_data": "form",
}


def authenticate(stream: Stream, requester: Part) -> Auth | None:
    """The auth of a requester; None for an API without."""
    part = requester.part("authenticator")
    if part is None or part.kind == "NoAuth":
        return None
    try:
        return _auth(stream, part)
    except Untranslatable as error:
        stream.notes.failed(error, part.pointer)
        return None


def _auth(stream: Stream, part: Part) -> Auth | None:
    texts = stream.texts("auth", part)
    match part.kind:
        case "NoAuth":
            return None
        case "BearerAuthenticator":
            return {"type": "bearer", "token": _secret(texts, part, "api_token")}
        case "BasicHttpAuthenticator":
            return {
                "type": "basic",
                "username": _value(texts, part, "username"),
                "password": _secret(texts, part, "password"),
            }
        case "ApiKeyAuthenticator":
            return _key(stream, part)
        case "OAuthAuthenticator":
            return _oauth(stream, part)
        case "SessionTokenAuthenticator":
            return _session(stream, part)
        case "SelectiveAuthenticator":
            return _selective(stream, part)
        case "JwtAuthenticator":
            raise Untranslatable("auth-jwt", "a token that the connector signs itself")
        case kind if kind.startswith("Custom") or part.text("class_name"):
            name = f"sign_{snake(part.text('class_name').rpartition('.')[2])}"
            stream.hooks["client"] = name
            stream.notes.hook(
                "hook-auth",
                f"write `{name}` in hooks.py: it adds the credentials, as the Python class "
                f"{part.text('class_name').rpartition('.')[2]} did",
                part.pointer,
            )
            return None
        case kind:
            raise Untranslatable(f"auth-{kind}", f"`{kind}`")


def _secret(texts: Texts, part: Part, key: str) -> str:
    """A text of auth; a lone setting in it is a secret, whatever the specification says."""
    value = part.get(key)
    text = value if isinstance(value, str) else ""
    found = re.fullmatch(
        r"""\s*\{\{\s*config(?:\[['"](\w+)['"]\]|\.(\w+)|\.get\(['"](\w+)['"]\))\s*\}\}\s*""",
        text,
    )
    if found and found[found.lastindex or 0] != "get":
        path = (found[found.lastindex or 0],)
        known = texts.names.settings.properties.get(path)
        if known is None or known.kind in {"", "string"}:
            return texts.names.settings.setting(path, secret=True).lone
    return _value(texts, part, key)


def _value(texts: Texts, part: Part, key: str) -> str:
    value = part.get(key)
    if value is None:
        return ""
    return texts.text(str(value))


def _key(stream: Stream, part: Part) -> Auth:
    texts = stream.texts("auth", part)
    option = part.part("inject_into")
    name, where = texts.text(part.text("header")), "header"
    if option is not None:
        path = plain(option.get("field_path"))
        name = texts.text(option.text("field_name"))
        if is_list(path):
            if len(path) != 1:
                raise Untranslatable(
                    "auth-body-path", "a key within an object of the body"
                )
            name = str(path[0])
        where = _PLACES.get(option.text("inject_into"), "header")
    made: Auth = {"type": "api_key", "name": name, "location": where}
    token = _secret(texts, part, "api_token")
    lone = re.fullmatch(r"([^{}]*)\{\{ secrets\.(\w+) \}\}", token)
    if lone and "{" not in lone[1]:
        if name == "Authorization" and where == "header" and lone[1] == "Bearer ":
            return {"type": "bearer", "token": f'dlt.secrets["{lone[2]}"]'}
        made["prefix"] = lone[1]
        token = f'dlt.secrets["{lone[2]}"]'
    made["api_key"] = token
    return made


def _oauth(stream: Stream, part: Part) -> Auth:
    texts = stream.texts("auth", part)
    made: Auth = {
        "type": "oauth2",
        "token_url": _value(texts, part, "token_refresh_endpoint"),
    }
    grant = _value(texts, part, "grant_type") or "refresh_token"
    if part.get("use_profile_assertion"):
        raise Untranslatable("auth-assertion", "a token by a signed assertion")
    extra = texts.value(part.get("refresh_request_body") or {})
    assert is_mapping(extra)
    extra = dict(extra)
    if grant not in {"refresh_token", "client_credentials", "password"}:
        extra["grant_type"] = grant
        grant = "client_credentials"
    made["grant_type"] = grant
    made["client_id"] = _secret(texts, part, "client_id")
    made["client_secret"] = _secret(texts, part, "client_secret")
    if grant == "refresh_token":
        made["refresh_token"] = _secret(texts, part, "refresh_token")
    if grant == "password":
        for name in ("username", "password"):
            value = extra.pop(name, None)
            if isinstance(value, str):
                made[name] = value
    scopes = plain(part.get("scopes"))
    if is_list(scopes) and scopes:
        made["scopes"] = [texts.text(str(each)) for each in scopes]
    for key in (
        "grant_type_name",
        "client_id_name",
        "client_secret_name",
        "refresh_token_name",
    ):
        if part.text(key):
            made[key] = part.text(key)
    if part.text("access_token_name"):
        made["access_token_path"] = part.text("access_token_name")
    if part.text("expires_in_name"):
        made["expires_in_path"] = part.text("expires_in_name")
    _token_request(stream, part, made, extra, texts)
    if part.get("refresh_token_updater") is not None:
        stream.notes.changed(
            "rotation",
            "the rotated refresh token is given to `on_rotated`, or kept in a file",
            part.at("refresh_token_updater"),
        )
    return {key: value for key, value in made.items() if value is not None}


def _token_request(
    stream: Stream, part: Part, made: Auth, extra: dict[str, object], texts: Texts
) -> None:
    headers = texts.value(part.get("refresh_request_headers") or {})
    assert is_mapping(headers)
    headers = {key: str(value) for key, value in headers.items()}
    kind = headers.get("Content-Type", headers.get("content-type", "")).lower()
    headers = {k: v for k, v in headers.items() if k.lower() != "content-type"}
    basic = next(
        (
            k
            for k, v in headers.items()
            if k.lower() == "authorization" and "base64" in v
        ),
        "",
    )
    if basic and "client_id" in headers[basic] and "client_secret" in headers[basic]:
        del headers[basic]
        made["client_auth"] = "basic"
    if part.get("send_refresh_request_as_query_params"):
        made["token_request"] = "query"
    elif "json" in kind:
        made["token_request"] = "json"
    if headers:
        made["token_headers"] = headers
    if extra:
        if any(is_mapping(each) or is_list(each) for each in extra.values()):
            raise Untranslatable("auth-body", "an object in the request of a token")
        made["access_token_request_data"] = extra


def _session(stream: Stream, part: Part) -> Auth:
    requester = part.part("login_requester")
    if requester is None:
        raise Untranslatable("auth-session", "a login without a request")
    texts = stream.texts("auth", requester)
    base = texts.text(requester.text("url_base") or requester.text("url"))
    path = texts.text(requester.text("path"))
    url = f"{base.rstrip('/')}/{path.lstrip('/')}" if path else base
    login: Auth = {"url": url}
    if (requester.text("http_method") or "GET").upper() == "GET":
        login["method"] = "GET"
    for key, word in (
        ("request_parameters", "params"),
        ("request_headers", "headers"),
        ("request_body_json", "json"),
        ("request_body_data", "form"),
    ):
        value = requester.get(key)
        if value not in (None, "", {}):
            login[word] = texts.mapping(value)
    body = requester.part("request_body")
    if body is not None:
        word = "form" if body.kind == "RequestBodyUrlEncodedForm" else "json"
        login[word] = texts.mapping(body.get("value"))
    inner = requester.part("authenticator")
    if inner is not None and inner.kind != "NoAuth":
        proof = _auth(stream, inner)
        if proof is None or proof.get("type") not in {"bearer", "api_key", "basic"}:
            raise Untranslatable(
                "auth-session", "a login with a token of another login"
            )
        login["auth"] = proof
    headers = login.get("headers")
    if is_mapping(headers):
        login["headers"] = {
            k: str(v) for k, v in headers.items() if k.lower() != "content-type"
        }
    token = plain(part.get("session_token_path"))
    steps = token if is_list(token) else [token]
    made: Auth = {
        "type": "session_token",
        "login": login,
        "token_path": ".".join(str(each) for each in steps) or "token",
    }
    seconds = length(part.text("expiration_duration"))
    if seconds:
        made["expires_in"] = seconds
    send = _sent(stream, part)
    if send:
        made["send"] = send
    return made


def _sent(stream: Stream, part: Part) -> Auth:
    """Where the token of a session is sent."""
    use = part.part("request_authentication")
    if use is None or use.kind == "Bearer":
        return {}
    option = use.part("inject_into")
    if option is None:
        raise Untranslatable("auth-session", "a token that is sent nowhere")
    name = stream.texts("auth", option).text(option.text("field_name"))
    made: Auth = {
        "name": name,
        "location": _PLACES.get(option.text("inject_into"), "header"),
    }
    token = use.text("api_token")
    if token and is_template(token):
        prefix = token.partition("{{")[0]
        if not re.fullmatch(r"[^{}]*\{\{\s*session_token\s*\}\}", token.strip()):
            raise Untranslatable("auth-session", "a token with text around it")
        if prefix:
            made["prefix"] = prefix
    return made


def _selective(stream: Stream, part: Part) -> Auth | None:
    """Several methods: here the credentials that are given choose."""
    authenticators = part.part("authenticators")
    made: dict[str, Auth] = {}
    for key in authenticators.data if authenticators is not None else ():
        assert authenticators is not None
        inner = authenticators.part(key)
        auth = _auth(stream, inner) if inner is not None else None
        if auth is not None and auth not in made.values():
            made[snake(key) or "method"] = auth
    if len(made) < 2:
        return next(iter(made.values()), None)
    stream.notes.changed(
        "auth-choice",
        "the method is the first whose credentials are all given",
        part.at("authenticator_selection_path"),
    )
    return {"methods": made}
