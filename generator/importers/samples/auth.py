"""Credentials of recorded requests to the auth of a spec: kinds and names of secrets, never values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from generator.importers.draft import Section
from generator.importers.openapi_auth import Auth
from generator.importers.openapi_slots import leaf_name
from generator.importers.openapi_words import TOKENS
from generator.importers.samples.exchange import Exchange
from generator.naming import snake

_SECRET = re.compile(
    r"(^|[_.-]|x)(api_?key|apikey|app_?key|access_?key|access_?token|auth_?token|auth|token|secret"
    r"|password|passwd|pwd|sig|signature|jwt|session|sessionid|session_?id|sid|subscription_?key"
    r"|client_?secret|credential|credentials|key)$",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(
    r"(page|next|sync|continuation|cursor|sort|order|partition|idempotency|search|public)"
    r"[_.-]?(token|key)$|^csrf|xsrf|csrf|^sec-",
    re.IGNORECASE,
)
_OWN = frozenset("""
    accept accept-encoding accept-language cache-control connection content-length content-type
    cookie host origin pragma referer te user-agent upgrade-insecure-requests dnt priority
    if-none-match if-modified-since authorization x-requested-with range via forwarded
    traceparent tracestate baggage
    """.split())
"""Headers that a client sends by itself, or that are looked at elsewhere."""
_NOISE = re.compile(r"^(:|sec-|proxy-|x-forwarded|x-b3-|x-amzn-trace|x-datadog|cf-)")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}")
_VERSION = re.compile(r"version|revision", re.IGNORECASE)
_PLAIN = re.compile(r"v?\d+(\.\d+)*|\d{4}-\d\d(-\d\d)?", re.ASCII)
_LONG = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{24,}", re.ASCII)
"""A value that looks as if a machine had made it up."""


def secret(name: str) -> str:
    """A reference to a named secret."""
    return f'dlt.secrets["{snake(name) or "api_key"}"]'


def is_secret(name: str, value: str = "") -> bool:
    """Whether a parameter is a credential: by its name, or because its value looks made up."""
    if _NOT_SECRET.search(name) or leaf_name(name) in TOKENS:
        return False
    plain = snake(name) or name
    return bool(_SECRET.search(plain)) or bool(_LONG.fullmatch(value))


def sample_auth(exchanges: Sequence[Exchange], are_given: bool = False) -> Auth:
    """The auth of recorded requests; `are_given` where nothing was left out of these."""
    keys = [*_header_keys(exchanges), *_query_keys(exchanges)]
    main = _authorization(exchanges)
    count = len(exchanges)
    if main is None and not keys:
        why = "the API answered without credentials"
        return Auth("none", {}, why) if are_given else _none(exchanges)
    if main is None:
        return _keys(keys, count)
    value, todo = main
    headers = {str(each["name"]): str(each["api_key"]) for each in keys}
    if any(each["location"] != "header" for each in keys):
        left = [str(each["name"]) for each in keys if each["location"] != "header"]
        more = f"the requests have {', '.join(left)} as well: `params`"
        todo = f"{todo}; {more}" if todo else more
        headers = {n: v for n, v in headers.items() if n not in left}
    sent = sum("authorization" in each.sent for each in exchanges)
    why = f"the header Authorization, in {sent} of {count} requests"
    return Auth(Section(value), headers, why, todo, str(value["type"]), (value,))


def _none(exchanges: Sequence[Exchange]) -> Auth:
    if any("cookie" in each.sent for each in exchanges):
        todo = "the requests carry cookies only, which a browser's login gave: say"
        todo += " which credentials the API takes"
    elif not any(each.sent for each in exchanges):
        todo = "the sample has no requests: say which credentials the API takes"
    else:
        todo = "no credentials were recorded, which browsers leave out: say which the"
        todo += " API takes, or remove this line"
    return Auth("none", {}, todo=todo, words="none recorded")


def _keys(keys: Sequence[dict[str, object]], count: int) -> Auth:
    names = ", ".join(str(each["name"]) for each in keys)
    why = f"{names} of the {count} requests" if count > 1 else f"{names} of the request"
    if len(keys) == 1:
        value = {"type": "api_key", **keys[0]}
        return Auth(Section(value), {}, why, words=f"key {names}", methods=(value,))
    every: dict[str, object] = {"type": "api_keys", "keys": list(keys)}
    return Auth(Section(every), {}, why, words=f"keys {names}", methods=(every,))


def _authorization(
    exchanges: Sequence[Exchange],
) -> tuple[dict[str, object], str] | None:
    """What the header Authorization says, and what a person has to settle about it."""
    value = next(
        (e.sent["authorization"] for e in exchanges if "authorization" in e.sent), ""
    ).strip()
    if not value:
        return None
    scheme, _, rest = value.partition(" ")
    known = scheme.lower()
    if known == "bearer":
        bearer: dict[str, object] = {"type": "bearer", "token": secret("token")}
        expires = rest.strip().startswith("eyJ")
        note = "the token looks like one that expires: `oauth2` gets new ones"
        return bearer, note if expires else ""
    if known == "basic":
        names = {key: secret(key) for key in ("username", "password")}
        return {"type": "basic", **names}, ""
    if known in ("digest", "oauth", "hawk", "negotiate", "ntlm") or "hmac" in known:
        todo = f"`{scheme}` signs each request, which a key cannot do"
        return {"type": "none"}, todo
    key: dict[str, object] = {
        "type": "api_key",
        "api_key": secret("api_key"),
        "name": "Authorization",
        "location": "header",
    }
    prefix = re.match(r"([A-Za-z][\w-]{0,30} (?:[a-z_]{2,12}=)?)\S", value)
    if prefix:
        key["prefix"] = prefix[1]
    return key, ""


def _header_keys(exchanges: Sequence[Exchange]) -> Iterator[dict[str, object]]:
    for name in _names(each.sent for each in exchanges):
        if name in _OWN or _NOISE.match(name) or not _HEADER.fullmatch(name):
            continue
        if is_secret(name):
            title = "-".join(part.capitalize() for part in name.split("-"))
            yield {"api_key": secret(name), "name": title, "location": "header"}


def query_keys(exchanges: Sequence[Exchange]) -> set[str]:
    """The query parameters that are credentials of every request."""
    return {str(each["name"]) for each in _query_keys(exchanges)}


def _query_keys(exchanges: Sequence[Exchange]) -> Iterator[dict[str, object]]:
    for name in _names(dict(each.query) for each in exchanges):
        # Credentials are in every request, tokens of pages are not.
        everywhere = all(name in dict(each.query) for each in exchanges)
        if everywhere and is_secret(name):
            yield {"api_key": secret(name), "name": name, "location": "query"}


def _names(parts: Iterator[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for part in parts for name in part))


def fixed_headers(exchanges: Sequence[Exchange]) -> tuple[dict[str, str], list[str]]:
    """Headers that every request needs, such as a version; and the names of those not taken."""
    kept: dict[str, str] = {}
    left: list[str] = []
    for name in _names(each.sent for each in exchanges):
        values = {each.sent.get(name) for each in exchanges}
        value = next(iter(values)) or ""
        title = "-".join(part.capitalize() for part in name.split("-"))
        if name == "accept" and len(values) == 1 and "+json" in value:
            if re.fullmatch(r"[\w/+.;= -]{1,100}", value, re.ASCII):
                kept["Accept"] = value
        elif name in _OWN or _NOISE.match(name) or is_secret(name):
            continue
        elif not _HEADER.fullmatch(name):
            continue
        elif _VERSION.search(name) and len(values) == 1 and _PLAIN.fullmatch(value):
            kept[title] = value
        else:
            left.append(title)
    return kept, left
