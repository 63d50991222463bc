"""Python values as JSON that says what each of them is; a mapping of JSON is always such a mark."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import importlib
import inspect
import math
import reprlib
import textwrap
from typing import Any, Dict, List, Optional, Set

from .kinds import class_of, is_mapping, is_sequence, is_set
from .stubs import StubNumber

ARGUMENTS = "_gen_connector_arguments"
"""Attribute of instances with the arguments that they were made with."""
_DEEPEST = 40
_MOST = 200_000
_LONGEST = 1_000


class TooLarge(ValueError):
    """A configuration that goes on and on."""


class Encoder:
    """Encodes one configuration."""

    def __init__(self, paginators: Dict[str, Any], auths: Dict[str, Any]) -> None:
        self._paginators = {cls: name for name, cls in paginators.items() if cls}
        self._auths = {cls: name for name, cls in auths.items() if cls}
        module: Any = importlib.import_module("dlt.sources.helpers.rest_client.auth")
        self._auths[module.OAuthJWTAuth] = "jwt_bearer"  # it has no name in dlt
        self._left = _MOST
        self._open: Set[int] = set()

    def encode(self, value: Any) -> Any:
        """The JSON of a value, whatever it is."""
        self._left -= 1
        if self._left < 0:
            raise TooLarge("the configuration is too large")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, StubNumber):
            return {"stub": value.number}
        if isinstance(value, enum.Enum):
            return self.encode(value.value)
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            number = int(value)
            return number if abs(number) < 2**63 else _other(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else _other(value)
        if isinstance(value, decimal.Decimal):
            return _text(value)
        if isinstance(value, (datetime.datetime, datetime.date)):
            return _moment(value)
        if is_mapping(value) or is_sequence(value) or is_set(value):
            return self._container(value)
        try:
            return self._object(value)
        except TooLarge:
            raise
        except Exception:
            return _other(value)

    def _container(self, value: Any) -> Any:
        if id(value) in self._open or len(self._open) > _DEEPEST:
            return {"other": [type(value).__name__, "nested without end"]}
        self._open.add(id(value))
        try:
            if is_mapping(value):
                pairs: Any = dict[Any, Any].items(value)
                return {"map": [[self.encode(k), self.encode(v)] for k, v in pairs]}
            listed: List[Any] = list(value)
            if is_set(value):
                listed = sorted(listed, key=reprlib.repr)
            return [self.encode(each) for each in listed]
        finally:
            self._open.discard(id(value))

    def _object(self, value: Any) -> Any:
        recorded: Any = importlib.import_module("dlt.extract.resource")
        typing: Any = importlib.import_module("dlt.common.typing")
        if value is typing.SecretValue or value is typing.ConfigValue:
            return {"sentinel": "secrets" if value is typing.SecretValue else "config"}
        if isinstance(value, recorded.DltResource):
            return {"resource": _text(value.name)}
        if isinstance(value, type):
            return self._class(value)
        for bases, kind in ((self._paginators, "paginator"), (self._auths, "auth")):
            base = next((each for each in type(value).__mro__ if each in bases), None)
            if base is not None:
                return self._instance(value, base, kind, bases[base])
        name = type(value).__name__
        if name == "Incremental":
            return self._incremental(value)
        if name == "JSONPath" or type(value).__module__.startswith("jsonpath"):
            return _text(value)
        if callable(value) and not _is_instance_of(value, "AuthBase"):
            return {"callable": describe(value)}
        for base_name, kind in (("BasePaginator", "paginator"), ("AuthBase", "auth")):
            if _is_instance_of(value, base_name):
                return self._instance(value, None, kind, "")
        return _other(value)

    def _instance(self, value: Any, base: Any, kind: str, name: str) -> Any:
        arguments: Dict[str, Any] = getattr(value, ARGUMENTS, None) or {}
        if dataclasses.is_dataclass(base):
            fields = [field.name for field in dataclasses.fields(base)]
            arguments = {each: getattr(value, each, None) for each in fields}
            arguments = {k: v for k, v in arguments.items() if k[:1] != "_"}
        elif base is None:
            arguments = _kept_arguments(value)
        cls = class_of(value)
        own: List[str] = []
        for each in _classes(cls, base):
            module = str(each.__module__)
            members: Dict[str, Any] = dict(each.__dict__)
            if not module.startswith(("dlt.", "requests.")):
                own += [key for key, got in members.items() if inspect.isroutine(got)]
        encoded = {key: self.encode(each) for key, each in arguments.items()}
        return {
            "instance": {
                "of": kind,
                "type": name,
                "arguments": encoded,
                "class": describe(cls),
                "own": sorted({each for each in own if each != "__init__"}),
            }
        }

    def _class(self, value: Any) -> Any:
        schema = getattr(value, "model_json_schema", None)
        if schema is None:
            return {"callable": describe(value)}
        made = self.encode(schema(by_alias=True))
        return {"model": {"name": _text(value.__name__), "schema": made}}

    def _incremental(self, value: Any) -> Any:
        names = """cursor_path initial_value end_value primary_key row_order lag
            on_cursor_value_missing range_start range_end allow_external_schedulers
            last_value_func""".split()
        defaults = type(value)(value.cursor_path)
        given: List[Any] = []
        for name in names:
            got = getattr(value, name, None)
            if name == "cursor_path" or got != getattr(defaults, name, None):
                given.append([name, self.encode(got)])
        return {"incremental": given}


def _kept_arguments(value: Any) -> Dict[str, Any]:
    """What an object of a foreign class was made with, where it keeps that by the same name."""
    try:
        names: List[str] = list(inspect.signature(class_of(value)).parameters)
    except (TypeError, ValueError):
        return {}
    found: Dict[str, Any] = {}
    for name in names:
        each: Any = getattr(value, name, getattr(value, f"_{name}", None))
        if each is not None and not callable(each):
            found[name] = each
    return found


def _classes(cls: Any, base: Any) -> List[Any]:
    """The classes below a known one."""
    classes: List[Any] = list(cls.__mro__)
    return classes[: classes.index(base if base is not None else object)]


def describe(value: Any) -> Dict[str, Any]:
    """A function or class: its name, its place, and its text where that is short."""
    inner = inspect.unwrap(value) if inspect.isroutine(value) else value
    inner = getattr(inner, "func", inner)
    code = getattr(inner, "__code__", None)
    name = _text(getattr(inner, "__name__", type(value).__name__))
    file, line, source = "", 0, ""
    if code is not None:
        file, line = code.co_filename, code.co_firstlineno
    elif isinstance(inner, type):
        file, line = _class_place(inner)
    if name == "<lambda>":
        source = _lambda_text(inner)
    module = _text(getattr(inner, "__module__", ""))
    return {
        "name": name,
        "module": module,
        "place": [file, line],
        "source": source[:_LONGEST],
    }


def _class_place(cls: Any) -> "tuple[str, int]":
    try:
        return inspect.getsourcefile(cls) or "", inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return "", 0


def _lambda_text(function: Any) -> str:
    """The lines that a lambda stands in."""
    try:
        return " ".join(textwrap.dedent(inspect.getsource(function)).split())
    except (OSError, TypeError, SyntaxError):
        return ""


def _is_instance_of(value: Any, name: str) -> bool:
    return any(each.__name__ == name for each in type(value).__mro__)


def _moment(value: Any) -> Dict[str, Any]:
    kind = "datetime" if isinstance(value, datetime.datetime) else "date"
    return {"moment": [kind, _text(value.isoformat())]}


def _other(value: Any) -> Dict[str, Any]:
    return {"other": [_text(type(value).__name__), _text(repr_of(value))]}


def repr_of(value: Any) -> str:
    """What a value shows of itself, if it can, in short: it may be as deep as it likes."""
    try:
        return reprlib.repr(value)
    except Exception:
        return ""


def _text(value: Any, default: Optional[str] = None) -> str:
    try:
        return str(value)[:_LONGEST]
    except Exception:
        return default or ""
