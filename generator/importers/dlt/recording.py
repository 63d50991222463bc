"""What a module passed to dlt, as the recorder wrote it down: checked, and typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.plain import is_list, is_mapping


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's code; line 0 where none is known."""

    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """A function or class of the user's, or of a library."""

    name: str
    module: str
    place: Place
    source: str
    """The lines of a lambda."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An auth or paginator object."""

    of: str
    """`auth` or `paginator`."""
    type: str
    """The name that dlt's configuration has for its class, or for the nearest base of it."""
    arguments: Mapping[str, object]
    cls: Function
    own: tuple[str, ...]
    """Methods that a class of the user's defines."""


@dataclass(frozen=True, slots=True)
class IncrementalObject:
    """`dlt.sources.incremental(...)`."""

    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stub:
    """A setting that is a number."""

    number: int


@dataclass(frozen=True, slots=True)
class Sentinel:
    """`dlt.secrets.value` or `dlt.config.value`: dlt looks the value up by the key."""

    of: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a time."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnResource:
    """A dlt resource that is a function of the user's."""

    name: str


@dataclass(frozen=True, slots=True)
class Model:
    """A pydantic model."""

    name: str
    schema: object


@dataclass(frozen=True, slots=True)
class Other:
    """Any other Python object."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Something that the module does with a source, or with a resource of it."""

    resource: str
    method: str
    arguments: tuple[object, ...]
    named: Mapping[str, object]
    place: Place


@dataclass(slots=True)
class Config:
    """One configuration."""

    place: Place
    """Where it was passed to dlt."""
    function: str
    """The source function that was running."""
    config: Mapping[str, object]
    options: Mapping[str, object]
    """Arguments of `rest_api_source` and `@dlt.source`."""
    registered: Mapping[str, Mapping[str, Function]]
    """`auth` and `paginator` classes with names of the user's."""
    calls: list[Call] = field(default_factory=list[Call])


@dataclass(frozen=True, slots=True)
class Stubbed:
    """What a stub stands for."""

    of: str
    """`secrets` or `config`."""
    key: str
    place: Place


@dataclass(frozen=True, slots=True)
class Problem:
    """An exception of the module."""

    type: str
    text: str
    place: Place
    source: str
    """The source function that was called for its configuration; "" for the module itself."""


@dataclass(slots=True)
class Recording:
    """Everything."""

    configs: list[Config] = field(default_factory=list[Config])
    stubs: dict[int, Stubbed] = field(default_factory=dict[int, Stubbed])
    problems: list[Problem] = field(default_factory=list[Problem])
    no_dlt: str = ""
    """Why dlt cannot be imported."""
    done: bool = False
    """The module came to its end."""
    ended: str = ""
    """How it ended, where it did not come to its end."""
    output: str = ""


class Unreadable(ValueError):
    """The lines are not those of the recorder."""


def read_recording(path: Path) -> Recording:
    """The lines of a file; raises Unreadable, for the module may have written to it."""
    recording = Recording()
    text = path.read_text("ascii") if path.exists() else ""
    try:
        for line in text.splitlines():
            entry = json.loads(line)
            if not is_mapping(entry):
                raise Unreadable(line[:80])
            _read(recording, entry)
    except (ValueError, KeyError, TypeError, RecursionError, IndexError) as error:
        raise Unreadable(str(error)) from None
    return recording


def _read(recording: Recording, entry: dict[str, object]) -> None:
    match entry["kind"]:
        case "config":
            config, options = decoded(entry["config"]), decoded(entry["options"])
            registered = _mapping(entry["registered"])
            recording.configs.append(
                Config(
                    place=_place(entry["place"]),
                    function=_text(entry["name"]),
                    config=config if is_mapping(config) else {},
                    options=_mapping(options),
                    registered={
                        kind: {k: _function(v) for k, v in _mapping(classes).items()}
                        for kind, classes in registered.items()
                    },
                )
            )
        case "call":
            number = entry["number"]
            if isinstance(number, int) and number < len(recording.configs):
                recording.configs[number].calls.append(
                    Call(
                        resource=_text(entry["resource"]),
                        method=_text(entry["method"]),
                        arguments=tuple(map(decoded, _list(entry["arguments"]))),
                        named={
                            key: decoded(value)
                            for key, value in _mapping(entry["named"]).items()
                        },
                        place=_place(entry["place"]),
                    )
                )
        case "stub":
            number = entry["number"]
            if not isinstance(number, int):
                raise Unreadable("stub")
            place = _place(entry["place"])
            stub = Stubbed(_text(entry["of"]), _text(entry["key"]), place)
            recording.stubs[number] = stub
        case "problem":
            problem = Problem(
                _text(entry["type"]),
                _text(entry["text"]),
                _place(entry["place"]),
                _text(entry.get("source", "")),
            )
            recording.problems.append(problem)
        case "no-dlt":
            recording.no_dlt = _text(entry["text"])
        case "done":
            recording.done = True
        case _:
            pass


def decoded(value: object) -> object:
    """What a piece of JSON stands for."""
    if is_list(value):
        return [decoded(each) for each in value]
    if not is_mapping(value):
        return value
    kind, inner = next(iter(value.items()))
    match kind:
        case "map":
            pairs = [_list(each) for each in _list(inner)]
            return {_key(decoded(key)): decoded(each) for key, each in pairs}
        case "stub" if isinstance(inner, int):
            return Stub(inner)
        case "sentinel":
            return Sentinel(_text(inner))
        case "moment":
            of, text = _list(inner)
            return Moment(_text(of), _text(text))
        case "callable":
            return _function(inner)
        case "instance":
            found = _mapping(inner)
            return Instance(
                of=_text(found["of"]),
                type=_text(found["type"]),
                arguments={
                    key: decoded(each)
                    for key, each in _mapping(found["arguments"]).items()
                },
                cls=_function(found["class"]),
                own=tuple(map(_text, _list(found["own"]))),
            )
        case "incremental":
            pairs = [_list(each) for each in _list(inner)]
            return IncrementalObject({_text(k): decoded(each) for k, each in pairs})
        case "resource":
            return OwnResource(_text(inner))
        case "model":
            found = _mapping(inner)
            return Model(_text(found["name"]), decoded(found["schema"]))
        case "other":
            of, text = _list(inner)
            return Other(_text(of), _text(text))
        case _:
            raise Unreadable(kind)


def _key(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _function(value: object) -> Function:
    found = _mapping(value)
    return Function(
        name=_text(found["name"]),
        module=_text(found["module"]),
        place=_place(found["place"]),
        source=_text(found["source"]),
    )


def _place(value: object) -> Place:
    file, line = _list(value)
    return Place(_text(file), line if isinstance(line, int) else 0)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unreadable("text")
    return value


def _list(value: object) -> list[object]:
    if not is_list(value):
        raise Unreadable("list")
    return value


def _mapping(value: object) -> dict[str, object]:
    if not is_mapping(value):
        raise Unreadable("mapping")
    return value
