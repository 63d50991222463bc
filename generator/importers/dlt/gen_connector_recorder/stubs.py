"""What stands for secrets and settings while the module runs: texts that are found again."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import os
import re
from typing import Any, Callable, Dict, Optional, Tuple

from . import frames
from .sink import Sink

_SAFE = re.compile(
    r"(PATH|HOME|LANG|LC_\w+|TZ|PWD|SHELL|TERM|TMPDIR|TEMP|TMP|SYSTEMROOT|PYTHON\w*|VIRTUAL_ENV)",
    re.IGNORECASE,
)
"""Variables of the environment whose values are no business of a connector."""
_SECRET = re.compile(
    r"token|key|secret|passw|pwd|auth|cred|login|user|client_?id|bearer|cookie|session",
    re.IGNORECASE,
)
_NUMBERS = 900_000_000
"""Where the numbers start that stand for settings."""


class StubText(str):
    """A secret or a setting; a part of it is one as well."""

    _stubs: "Stubs"
    _kind: str
    _key: str

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._stubs.text(self._kind, f"{self._key}.{key}")
        return str.__getitem__(self, key)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._stubs.text(self._kind, f"{self._key}.{name}")

    def get(self, key: str, default: object = None) -> Any:
        """As of a table of `secrets.toml`."""
        del default
        return self[key]

    def __int__(self) -> int:
        return self._stubs.number(self._kind, self._key)

    def __float__(self) -> float:
        return float(int(self))


class StubNumber(int):
    """A setting that is a number."""

    number: int


class Stubs:
    """All that were given out, by number."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._numbers: Dict[Tuple[str, str, str], int] = {}

    def _number(self, kind: str, key: str, type_: str) -> int:
        number = self._numbers.setdefault((kind, key, type_), len(self._numbers))
        if number == len(self._numbers) - 1:
            self._sink.write(
                "stub",
                number=number,
                of=kind,
                key=key,
                type=type_,
                place=frames.place(),
            )
        return number

    def text(self, kind: str, key: str) -> StubText:
        stub = StubText(f"gcStub{self._number(kind, key, 'str'):06d}End")
        stub.__dict__.update(_stubs=self, _kind=kind, _key=key)
        return stub

    def number(self, kind: str, key: str) -> StubNumber:
        number = self._number(kind, key, "int")
        stub = StubNumber(_NUMBERS + number)
        stub.number = number
        return stub

    def typed(self, kind: str, key: str, hint: object) -> Any:
        """What stands for a value of a type, as a parameter declares it."""
        text = hint if isinstance(hint, str) else getattr(hint, "__name__", str(hint))
        if re.fullmatch(r"(Optional\[)?int\b.*", text):
            return self.number(kind, key)
        if re.fullmatch(r"(Optional\[)?bool\b.*", text):
            self._number(kind, key, "bool")
            return True
        if re.match(r"(Optional\[)?(list|List|Sequence|Iterable)\b", text):
            return [self.text(kind, key)]
        return self.text(kind, key)


def install(stubs: Stubs, dlt: Any) -> None:
    """`dlt.secrets`, `dlt.config` and the environment answer with stubs."""
    for name, kind in (("secrets", "secrets"), ("config", "config")):
        _accessor(stubs, type(getattr(dlt, name)), kind)
    _environment(stubs)


def _accessor(stubs: Stubs, accessor: Any, kind: str) -> None:
    def item(self: object, field: str) -> Any:
        del self
        return stubs.text(kind, field)

    def get(self: object, field: str, expected_type: object = None) -> Any:
        del self
        return stubs.typed(kind, field, expected_type)

    def put(self: object, field: str, value: object) -> None:
        del self, field, value

    def contains(self: object, field: object) -> bool:
        del self, field
        return True

    accessor.__getitem__ = item
    accessor.get = get
    accessor.__setitem__ = put
    accessor.__contains__ = contains


def _environment(stubs: Stubs) -> None:
    environ: Any = type(os.environ)
    item: Callable[[Any, str], str] = environ.__getitem__
    mapping: Any = collections.abc.Mapping
    contains: Callable[[Any, object], bool] = mapping.__contains__

    def asks_user(key: object) -> bool:
        if not isinstance(key, str) or _SAFE.fullmatch(key):
            return False
        frame = inspect.currentframe()
        # os.getenv and the mixin methods of mappings ask for somebody else.
        while frame is not None and _passes_on(frame.f_code.co_filename):
            frame = frame.f_back
        return frame is not None and frames.is_users(frame.f_code.co_filename)

    def stub(key: str) -> StubText:
        kind = "secrets" if _SECRET.search(key) else "config"
        return stubs.text(kind, key.lower().replace("__", "."))

    def getitem(self: Any, key: str) -> str:
        return stub(key) if asks_user(key) else item(self, key)

    def get(self: Any, key: str, default: Optional[str] = None) -> Optional[str]:
        if asks_user(key):
            return default if default else stub(key)
        try:
            return item(self, key)
        except KeyError:
            return default

    def has(self: Any, key: object) -> bool:
        if asks_user(key):
            return bool(_SECRET.search(str(key)))
        return contains(self, key)

    environ.__getitem__ = getitem
    environ.get = get
    environ.__contains__ = has


def _passes_on(file: str) -> bool:
    name = os.path.basename(file).strip("<>").replace("frozen ", "")
    return file == __file__ or name in {
        "os.py",
        "_collections_abc.py",
        "os",
        "_collections_abc",
    }


def arguments(
    stubs: Stubs, function: Callable[..., Any], args: Any, kwargs: Dict[str, Any]
) -> "Tuple[Tuple[Any, ...], Dict[str, Any]]":
    """The arguments of a call, with stubs for those that dlt would look up."""
    signature = inspect.signature(function)
    bound = signature.bind_partial(*args, **kwargs)
    typing: Any = importlib.import_module("dlt.common.typing")
    secret, config = typing.SecretValue, typing.ConfigValue
    for name, parameter in signature.parameters.items():
        given: object = bound.arguments.get(name, parameter.default)
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        hint: object = parameter.annotation
        if given is secret:
            bound.arguments[name] = stubs.typed("secrets", name, hint)
        elif given is config or given is parameter.empty:
            kind = "secrets" if "Secret" in str(hint) else "config"
            bound.arguments[name] = stubs.typed(kind, name, hint)
    return bound.args, bound.kwargs
