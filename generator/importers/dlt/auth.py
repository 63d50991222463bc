"""dlt's auth, as configuration or as objects: secrets stay secrets, whatever the module holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.importers.dlt.hooks import Hooks
from generator.importers.dlt.recording import Function, Instance, Sentinel
from generator.importers.dlt.texts import Reference, unpacked, whole
from generator.importers.dlt.values import NotPlain, Values
from generator.importers.draft import Section
from generator.plain import is_mapping
from generator.value_parts import Secret

_FIELDS: dict[str, tuple[str, ...]] = {
    "bearer": ("token",),
    "api_key": ("api_key", "name", "location"),
    "http_basic": ("username", "password"),
    "oauth2_client_credentials": (
        "access_token_url",
        "client_id",
        "client_secret",
        "access_token",
        "access_token_request_data",
        "default_token_expiration",
    ),
    "jwt_bearer": (
        "auth_endpoint",
        "client_id",
        "private_key",
        "private_key_passphrase",
        "scopes",
        "headers",
        "default_token_expiration",
    ),
}
_NAMES = {
    "http_basic": "basic",
    "oauth2_client_credentials": "oauth2",
    "access_token_url": "token_url",
    "auth_endpoint": "token_url",
}
"""What the language calls the same."""
_SECRET = frozenset("""
    token api_key password client_secret access_token private_key private_key_passphrase
    refresh_token
    """.split())
_DEFAULTS = {
    "name": "Authorization",
    "location": "header",
    "default_token_expiration": 3600,
}
_SECRET_NAME = re.compile(
    r"(token|key|secret|passw(or)?d|authorization|credentials?|cookie)$", re.IGNORECASE
)
_GRANTS = {
    "refresh_token": ("refresh_token",),
    "password": ("username", "password"),
}


@dataclass(slots=True)
class Signed:
    """What an auth of the configuration is in the spec."""

    value: object = None
    hook: str = ""
    """The function that signs requests instead."""
    notes: list[str] = field(default_factory=list[str])
    todos: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Auths:
    """Reads the auth of a client and of its endpoints."""

    values: Values
    hooks: Hooks
    registered: Mapping[str, Function]

    def read(self, value: object, name: str) -> Signed:
        """`name` says whose hook it would be."""
        if isinstance(value, Instance):
            if value.type in _FIELDS and "__call__" not in value.own:
                signed = self._known(value.type, value.arguments)
                if value.own:
                    own = ", ".join(value.own)
                    what = f"{self.values.function(value.cls)} has its own {own}"
                    signed.todos.insert(0, f"{what}: check that this does the same")
                return signed
            return self._custom(value.cls, name)
        kind, given = "bearer", {}
        if isinstance(value, str):
            kind = value
        elif is_mapping(value):
            kind = str(value.get("type", "bearer"))
            given = {key: inner for key, inner in value.items() if key != "type"}
        elif isinstance(value, Function):
            return self._custom(value, name)
        else:
            told = f"`auth` is {self.values.told(value)}: write what it does"
            return Signed(todos=[told])
        if kind in self.registered:
            return self._custom(self.registered[kind], name)
        if kind not in _FIELDS:
            return Signed(todos=[f"dlt does not know the auth {kind!r}"])
        return self._known(kind, given)

    def _custom(self, cls: Function, name: str) -> Signed:
        hook = self.hooks.name(cls, "request", f"sign_{name}")
        told = f"write `{hook}` in hooks.py: what {self.values.function(cls)} did"
        return Signed(hook=hook, todos=[told])

    def _known(self, kind: str, given: Mapping[str, object]) -> Signed:
        signed = Signed()
        written: dict[str, object] = {"type": _NAMES.get(kind, kind)}
        for key in (*_FIELDS[kind], *(k for k in given if k not in _FIELDS[kind])):
            value = given.get(key)
            if (
                value is None
                or value == _DEFAULTS.get(key)
                or isinstance(value, Sentinel)
            ):
                continue
            if key == "format":  # of the JWT class: it has one value
                continue
            if key == "session":
                signed.todos.append(
                    "the module gives its own `session`: see `transport=`"
                )
            elif key not in _FIELDS[kind]:
                signed.todos.append(f"dlt does not know `{key}` of {kind}")
            else:
                self._field(_NAMES.get(key, key), value, written, signed)
        if kind == "oauth2_client_credentials":
            _grant(written)
        signed.value = written["type"] if len(written) == 1 else written
        return signed

    def _field(
        self, key: str, value: object, written: dict[str, object], signed: Signed
    ) -> None:
        if is_mapping(value) and not value:
            return
        if key in _SECRET and isinstance(value, str):
            pieces = self.values.texts.pieces(value)
            if _is_literal(pieces) and len(value) > 1:
                signed.todos.append(not_copied(key))
                return
            match pieces:
                case [str() as prefix, reference] if (
                    key in ("api_key", "token")
                    and not isinstance(reference, str)
                    and "{" not in prefix
                ):
                    written["prefix"] = prefix
                    written[key] = whole(reference)
                    return
                case _:
                    pass
        if key == "access_token_request_data" and is_mapping(value):
            value = {k: v for k, v in value.items() if v is not None}
            for name, each in list(value.items()):
                literal = isinstance(each, str) and _is_literal(
                    self.values.texts.pieces(each)
                )
                if name in _SECRET and literal:
                    value[name] = f'dlt.secrets["{name}"]'
                    signed.todos.append(not_copied(name))
        try:
            written[key] = self.values.plain(value, signed.todos, key=key)
        except NotPlain as problem:
            signed.todos.append(f"`{key}` is {problem}")

    def from_header(self, headers: Mapping[str, object]) -> tuple[str, Signed] | None:
        """The header that carries a secret in a client without `auth`, as an auth."""
        found: list[tuple[str, str]] = []
        for name, value in headers.items():
            if isinstance(value, str) and self.is_secret(value):
                found.append((name, value))
        if len(found) != 1:
            return None
        name, text = found[0]
        if name.lower() != "authorization":
            return self._key_header(name, text)
        if text.lower().startswith("basic "):
            user, colon, password = unpacked(text[6:]).partition(":")
            if not colon:
                return None
            given = {"username": user, "password": password}
            return name, self._known("http_basic", given)
        if text.startswith("Bearer "):
            return name, self._known("bearer", {"token": text[7:]})
        return self._key_header(name, text)

    def _key_header(self, name: str, text: str) -> tuple[str, Signed] | None:
        pieces = self.values.texts.pieces(text)
        *before, last = pieces
        if isinstance(last, str) or len(before) > 1:
            return None
        return name, self._known("api_key", {"name": name, "api_key": text})

    def is_secret(self, text: object) -> bool:
        """Whether a text has a secret in it."""
        if not isinstance(text, str):
            return False
        pieces = self.values.texts.pieces(text)
        if any(isinstance(each, Secret) for each in pieces):
            return True
        return text.lower().startswith("basic ") and "gcStub" in unpacked(text[6:])


def _is_literal(pieces: list[str | Reference]) -> bool:
    return all(isinstance(each, str) for each in pieces)


def not_copied(key: str) -> str:
    """What is said of a secret that the module holds as text."""
    return f"the module holds `{key}` as text, which is not copied: give it as a secret"


def looks_secret(name: str, value: object, values: Values) -> bool:
    """Whether a header or parameter with a literal text is likely to be a credential."""
    return (
        isinstance(value, str)
        and len(value) >= 8
        and _SECRET_NAME.search(name) is not None
        and any(c.isdigit() for c in value)
        and _is_literal(values.texts.pieces(value))
    )


def _grant(written: dict[str, object]) -> None:
    """dlt overrides the grant by fields of the request; the language has keys for it."""
    data = written.get("access_token_request_data")
    if not is_mapping(data):
        return
    rest = dict(data)
    kind = rest.get("grant_type")
    names = _GRANTS.get(str(kind), ())
    if names and all(isinstance(rest.get(name), str) for name in names):
        written["grant_type"] = rest.pop("grant_type")
        for name in names:
            written[name] = rest.pop(name)
    elif kind == "client_credentials":
        rest.pop("grant_type")
    if isinstance(scope := rest.get("scope"), str) and "dlt." not in scope:
        written["scopes"] = rest.pop("scope")
    if rest:
        written["access_token_request_data"] = rest
    else:
        del written["access_token_request_data"]


def put(signed: Signed, section: Section) -> None:
    """Writes an auth with its comments."""
    if signed.value is not None:
        section["auth"] = signed.value
    for note in signed.notes:
        section.note("auth", note)
    for todo in signed.todos:
        section.todo("auth", todo)


def put_headers(
    given: Mapping[str, object], section: Section, values: Values, *, expanded: bool
) -> None:
    """Writes headers; one without a value is not sent, and a key is not copied."""
    written: dict[str, object] = {}
    for name, value in given.items():
        if looks_secret(name, value, values):
            written[name] = f'dlt.secrets["{name.lower().replace("-", "_")}"]'
            section.todo("headers", not_copied(name))
        elif value is not None:
            written[name] = value
    if written:
        values.put(section, "headers", written, expanded=expanded)
