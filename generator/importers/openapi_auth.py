"""Security schemes to the auth of a spec: what has to go together, alternatives, prefixes in prose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator.importers.draft import Section
from generator.importers.openapi_files import Documents
from generator.importers.openapi_operations import Operation, text
from generator.naming import snake
from generator.plain import is_list, is_mapping

_QUOTED = re.compile(r"[`\"']([^`\"'\n]{3,80})")
_PREFIX = re.compile(
    r"(?:authorization\s*[:=]\s*)?([A-Za-z][\w-]{1,30}(?:\s+[a-z_]{2,12}=|\s+))[<{\[\"']*\s*[\w$]",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    r"\b(Bearer|Token token=|Token|SSWS|Bot|Klaviyo-API-Key|ApiKey)\b", re.IGNORECASE
)
_NO_PREFIX = frozenset(
    ("the", "your", "api", "key", "an", "a", "in", "http", "authorization")
)

UNDECLARED = "none declared"
"""What the table says of a document without credentials."""


@dataclass(frozen=True, slots=True)
class Auth:
    """What the spec says: `auth`, further headers, and what is left to a person."""

    value: object
    headers: Mapping[str, str]
    why: str = ""
    todo: str = ""
    words: str = ""
    """In a few words, for the table."""
    methods: tuple[dict[str, object], ...] = ()
    """The alternatives, the best first."""


@dataclass(frozen=True, slots=True)
class _Method:
    value: dict[str, object]
    todo: str = ""


def schemes(documents: Documents) -> dict[str, dict[str, object]]:
    """The security schemes that the document declares."""
    data = documents.data
    found = data.get("securityDefinitions")
    if not is_mapping(found):
        found = documents.resolved(data.get("components")).get("securitySchemes")
    if not is_mapping(found):
        return {}
    return {name: documents.resolved(each) for name, each in found.items()}


def requirements(
    operation: Operation, documents: Documents
) -> tuple[tuple[str, ...], ...]:
    """The alternatives of an operation, each the names of schemes that go together."""
    raw = operation.security
    if raw is None:
        whole = documents.data.get("security")
        raw = whole if is_list(whole) else None
    if raw is None:
        # Declared and used nowhere: each of them may be meant.
        return tuple((name,) for name in schemes(documents))
    found = [tuple(sorted(each)) for each in raw if is_mapping(each)]
    return tuple(dict.fromkeys(each for each in found if each))


def auth_of(needed: tuple[tuple[str, ...], ...], documents: Documents) -> Auth:
    """The auth for one set of alternatives."""
    declared = schemes(documents)
    if not needed:
        if declared:
            return Auth("none", {}, "the document asks for no credentials here")
        todo = "the document declares no credentials: say which, or remove this line"
        return Auth("none", {}, todo=todo, words=UNDECLARED)
    methods: dict[str, _Method] = {}
    headers: dict[str, str] = {}
    skipped: list[str] = []
    for names in needed:
        known = [name for name in names if name in declared]
        method = _together(known, declared, headers if len(needed) == 1 else {})
        if method is None:
            skipped.append(" + ".join(names))
            continue
        if all(method.value != other.value for other in methods.values()):
            methods[snake("_".join(known)) or "method"] = method
    sure = {n: m for n, m in methods.items() if not m.todo}
    if sure and len(sure) < len(methods):
        skipped.extend(name for name in methods if name not in sure)
        methods = sure
    return _chosen(methods, headers, skipped)


def _chosen(
    methods: dict[str, _Method], headers: dict[str, str], skipped: list[str]
) -> Auth:
    why = "security schemes of the document"
    if skipped:
        why += f"; not taken: {', '.join(skipped)}"
    if not methods:
        todo = f"none of the security schemes can be used: {', '.join(skipped)}"
        return Auth("none", {}, todo=todo, words="unusable")
    # A token that was given once needs no person; a refresh token comes from a login.
    ordered = sorted(methods.items(), key=lambda each: _is_oauth(each[1].value))
    todo = "; ".join(method.todo for _, method in ordered if method.todo)
    words = " | ".join(_words(method.value) for _, method in ordered)
    values = tuple(method.value for _, method in ordered)
    if len(values) == 1:
        return Auth(Section(values[0]), headers, why, todo, words, values)
    named = Section({name: method.value for name, method in ordered})
    value = Section({"methods": named})
    return Auth(value, headers, why, todo, words, values)


def _is_oauth(value: dict[str, object]) -> bool:
    return value["type"] == "oauth2"


def _words(value: dict[str, object]) -> str:
    kind = str(value["type"])
    if kind == "api_key":
        before = f' "{value["prefix"]}"' if "prefix" in value else ""
        place = "" if value.get("location") == "header" else f"{value['location']} "
        return f"key {place}{value['name']}{before}"
    if kind == "api_keys" and is_list(value["keys"]):
        return "keys " + " ".join(
            str(k["name"]) for k in value["keys"] if is_mapping(k)
        )
    return kind


def _together(
    names: list[str],
    declared: dict[str, dict[str, object]],
    headers: dict[str, str],
) -> _Method | None:
    """Schemes that are all needed in one request."""
    methods = [(name, _method(name, declared[name])) for name in names]
    found = [(name, method) for name, method in methods if method is not None]
    if not found or len(found) < len(names):
        return None
    if len(found) == 1:
        return found[0][1]
    todo = "; ".join(method.todo for _, method in found if method.todo)
    keys = [(n, m) for n, m in found if m.value["type"] == "api_key"]
    others = [m for _, m in found if m.value["type"] != "api_key"]
    if not others:
        listed: list[object] = []
        for name, method in keys:
            key = {k: v for k, v in method.value.items() if k != "type"}
            listed.append({**key, "api_key": _secret(name)})
        return _Method({"type": "api_keys", "keys": listed}, todo)
    if len(others) == 1 and all(m.value["location"] == "header" for _, m in keys):
        for name, method in keys:
            headers[str(method.value["name"])] = _secret(name)
        return _Method(others[0].value, todo)
    return None


def _secret(name: str) -> str:
    return f'dlt.secrets["{snake(name) or "api_key"}"]'


def _method(name: str, scheme: dict[str, object]) -> _Method | None:
    kind = text(scheme.get("type"))
    if kind == "http":
        kind = text(scheme.get("scheme")).lower()
    if kind == "basic":
        secrets = {key: _secret(key) for key in ("username", "password")}
        return _Method({"type": "basic", **secrets})
    if kind == "bearer":
        return _Method({"type": "bearer", "token": _secret("token")})
    if kind == "apiKey":
        return _key(scheme)
    if kind == "oauth2":
        return _oauth(scheme)
    if kind == "openIdConnect":
        return _Method(
            {"type": "bearer", "token": _secret("token")},
            f"{name}: OpenID Connect; give a token",
        )
    return None


def _key(scheme: dict[str, object]) -> _Method | None:
    name, where = text(scheme.get("name")), text(scheme.get("in"))
    if not name or where not in ("header", "query", "cookie"):
        return None
    value: dict[str, object] = {
        "type": "api_key",
        "api_key": _secret("api_key"),
        "name": name,
        "location": where,
    }
    if where != "header" or name.lower() != "authorization":
        return _Method(value)
    prefix = key_prefix(text(scheme.get("description")))
    if prefix:
        return _Method({**value, "prefix": prefix})
    todo = "what stands before the key in `Authorization` is not documented: `prefix`"
    return _Method(value, todo)


def key_prefix(words: str) -> str:
    """What a description says to write before a key: `Token token=<key>`; "" if nothing."""
    for quoted in _QUOTED.findall(words):
        match = _PREFIX.match(quoted.strip())
        if match and match[1].strip().lower() not in _NO_PREFIX:
            found = " ".join(str(match[1]).split())
            return found if found.endswith("=") else f"{found} "
    known = _KNOWN.search(words)
    if known is None:
        return ""
    word = str(known[1])
    return word if word.endswith("=") else f"{word} "


def _oauth(scheme: dict[str, object]) -> _Method | None:
    """A grant that a loader can run: client credentials, else the refresh token."""
    flows = scheme.get("flows")
    if not is_mapping(flows):
        old = {"accessCode": "authorizationCode", "application": "clientCredentials"}
        named = text(scheme.get("flow"))
        flows = {old.get(named, named): scheme}
    for kind in ("clientCredentials", "authorizationCode", "password"):
        flow = flows.get(kind)
        if not is_mapping(flow):
            continue
        url = text(flow.get("tokenUrl"))
        if kind == "authorizationCode":
            url = text(flow.get("refreshUrl")) or url
        url = re.sub(r"\{\{\s*(\w+)\s*\}\}", r"{\1}", url)
        if not url:
            bearer: dict[str, object] = {"type": "bearer", "token": _secret("token")}
            return _Method(bearer, "the token endpoint is not documented")
        value: dict[str, object] = {
            "type": "oauth2",
            "token_url": url,
            "client_id": _secret("client_id"),
            "client_secret": _secret("client_secret"),
        }
        if kind == "authorizationCode":
            value["refresh_token"] = _secret("refresh_token")
        elif kind == "password":
            value["grant_type"] = "password"
        return _Method(value)
    return None
