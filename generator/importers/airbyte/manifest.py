"""A manifest as components: references, parameters and missing types resolved as Airbyte does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.document import Document, Pointer
from generator.plain import is_list, is_mapping

MAX_PARTS = 100_000
"""Components of one resolved manifest; references to references could make it endless."""

_MAX_VALUES = 1_000_000
_MAX_DEPTH = 80
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
"""Characters that are no text, and that descriptions hold now and then."""

_DEFAULTS = {
    "authenticator": "NoAuth",
    "backoff_strategies": "ExponentialBackoffStrategy",
    "decoder": "JsonDecoder",
    "end_datetime": "MinMaxDatetime",
    "end_time_option": "RequestOption",
    "error_handler": "DefaultErrorHandler",
    "error_handlers": "DefaultErrorHandler",
    "extractor": "DpathExtractor",
    "fields": "AddedFieldDefinition",
    "page_size_option": "RequestOption",
    "page_token_option": "RequestOption",
    "paginator": "NoPagination",
    "parent_stream_configs": "ParentStreamConfig",
    "record_filter": "RecordFilter",
    "record_selector": "RecordSelector",
    "requester": "HttpRequester",
    "response_filters": "HttpResponseFilter",
    "retriever": "SimpleRetriever",
    "schema_loader": "JsonFileSchemaLoader",
    "start_datetime": "MinMaxDatetime",
    "start_time_option": "RequestOption",
    "stream": "DeclarativeStream",
    "streams": "DeclarativeStream",
}
"""What a component is that does not say, by the field that holds it."""

_CUSTOM = {
    "authenticator": "CustomAuthenticator",
    "backoff_strategies": "CustomBackoffStrategy",
    "decoder": "CustomDecoder",
    "error_handler": "CustomErrorHandler",
    "error_handlers": "CustomErrorHandler",
    "extractor": "CustomRecordExtractor",
    "incremental_sync": "CustomIncrementalSync",
    "pagination_strategy": "CustomPaginationStrategy",
    "partition_router": "CustomPartitionRouter",
    "record_filter": "CustomRecordFilter",
    "requester": "CustomRequester",
    "retriever": "CustomRetriever",
    "schema_loader": "CustomSchemaLoader",
    "schema_normalization": "CustomSchemaNormalization",
    "state_migrations": "CustomStateMigration",
    "transformations": "CustomTransformation",
}
"""What a component is that names a Python class and says no more."""

_PLAIN = frozenset({"connection_specification", "schema", "schemas"})
"""Fields that hold data rather than components."""

_SCHEMA_TYPES = frozenset(
    {"object", "array", "string", "number", "integer", "boolean", "null"}
)


class ManifestError(Exception):
    """The manifest cannot be read; `pointer` is where."""

    def __init__(self, pointer: Pointer, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping of the manifest after resolution, that knows where each key stands."""

    data: dict[str, object]
    """Values: scalars, lists, and `Part` for mappings."""
    pointer: Pointer
    pointers: dict[str, Pointer]
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    """The `$parameters` that hold here."""

    @property
    def kind(self) -> str:
        """The component's type; empty for plain data."""
        kind = self.data.get("type")
        return kind if isinstance(kind, str) else ""

    def get(self, key: str) -> object:
        return self.data.get(key)

    def text(self, key: str) -> str:
        """A text, or empty."""
        value = self.data.get(key)
        return value if isinstance(value, str) else ""

    def part(self, key: str) -> Part | None:
        value = self.data.get(key)
        return value if isinstance(value, Part) else None

    def parts(self, key: str) -> list[Part]:
        """The components of a list, or the lone one."""
        value = self.data.get(key)
        found = value if is_list(value) else [value]
        return [each for each in found if isinstance(each, Part)]

    def at(self, key: str) -> Pointer:
        """Where the key's value stands."""
        return self.pointers.get(key, self.pointer)


def plain(value: object) -> object:
    """The value as plain data, parts as mappings."""
    if isinstance(value, Part):
        return {key: plain(each) for key, each in value.data.items()}
    if is_list(value):
        return [plain(each) for each in value]
    return value


def resolved(document: Document) -> Part:
    """The whole manifest as components.

    Raises ManifestError for references that lead nowhere or in a circle.
    """
    root = _References(document.data).whole()
    for name in ("definitions", "schemas"):
        root.data.pop(name, None)
    return _Parameters().component(root, "", {}, 0)


@dataclass(slots=True)
class _References:
    """Replaces `$ref` by what it names; keys beside it win."""

    data: object
    done: dict[str, tuple[object, Pointer]] = field(
        default_factory=dict[str, tuple[object, Pointer]]
    )
    open: list[str] = field(default_factory=list[str])
    count: int = 0

    def whole(self) -> Part:
        assert is_mapping(self.data)
        wanted = {
            k: v for k, v in self.data.items() if k not in {"definitions", "schemas"}
        }
        value = self.value(wanted, ())
        assert isinstance(value, Part)
        return value

    def value(self, value: object, pointer: Pointer) -> object:
        self.count += 1
        if self.count > _MAX_VALUES or len(pointer) > _MAX_DEPTH:
            raise ManifestError(pointer, "the manifest is too large once resolved")
        if isinstance(value, str):
            if value.startswith("#/"):
                return self.target(value, pointer)[0]
            return CONTROLS.sub(" ", value)
        if is_list(value):
            return [self.value(each, (*pointer, i)) for i, each in enumerate(value)]
        if not is_mapping(value):
            return value
        data: dict[str, object] = {}
        pointers: dict[str, Pointer] = {}
        reference = value.get("$ref")
        if isinstance(reference, str):
            target, place = self.target(reference, (*pointer, "$ref"))
            if not isinstance(target, Part):
                rest = value.keys() - {"$ref"}
                if rest:
                    told = (
                        f"`$ref` names no mapping, and {sorted(rest)[0]!r} is beside it"
                    )
                    raise ManifestError(pointer, told)
                return target
            data.update(target.data)
            pointers.update(target.pointers)
            own = {k: v for k, v in value.items() if k != "$ref"}
            parameters = data.get("$parameters")
            for key, each in own.items():
                made = self.value(each, (*pointer, key))
                if key == "$parameters" and isinstance(parameters, Part):
                    assert isinstance(made, Part)
                    made = Part(
                        {**parameters.data, **made.data},
                        made.pointer,
                        {**parameters.pointers, **made.pointers},
                    )
                data[key] = made
                pointers[key] = (*pointer, key)
            return Part(data, pointer if own else place, pointers)
        for key, each in value.items():
            data[key] = self.value(each, (*pointer, key))
            pointers[key] = (*pointer, key)
        return Part(data, pointer, pointers)

    def target(self, reference: str, pointer: Pointer) -> tuple[object, Pointer]:
        if reference in self.done:
            return self.done[reference]
        if not reference.startswith("#/"):
            told = f"the reference {reference[:60]!r} leads out of the manifest"
            raise ManifestError(pointer, told)
        if reference in self.open:
            told = f"the reference {reference[:60]!r} leads back to itself"
            raise ManifestError(pointer, told)
        self.open.append(reference)
        found, place = self.walk(reference, pointer)
        self.open.pop()
        self.done[reference] = found, place
        return found, place

    def walk(self, reference: str, pointer: Pointer) -> tuple[object, Pointer]:
        steps: list[str | int] = []
        current = self.data
        rest = reference[2:].split("/")
        while rest:
            if is_mapping(current) and isinstance(current.get("$ref"), str):
                current = self._through(current, tuple(steps))
            # A key may hold slashes: the longest that exists is meant.
            if is_mapping(current):
                for length in range(len(rest), 0, -1):
                    key = "/".join(rest[:length])
                    if key in current:
                        break
                else:
                    told = f"the reference {reference[:60]!r} leads nowhere"
                    raise ManifestError(pointer, told)
                current = current[key]
                steps.append(key)
                rest = rest[length:]
            elif is_list(current) and rest[0].isdigit() and int(rest[0]) < len(current):
                index = int(rest.pop(0))
                current = current[index]
                steps.append(index)
            elif isinstance(current, str) and current.startswith("#/"):
                made, place = self.target(current, tuple(steps))
                current = plain(made)
                steps = [*place]
            else:
                told = f"the reference {reference[:60]!r} leads nowhere"
                raise ManifestError(pointer, told)
        return self.value(current, tuple(steps)), tuple(steps)

    def _through(self, value: Mapping[str, object], pointer: Pointer) -> object:
        """A mapping with a reference as plain data, so that a path can lead into it."""
        return plain(self.value(dict(value), pointer))


@dataclass(slots=True)
class _Parameters:
    """Gives every component its type and the parameters that hold in it."""

    count: int = 0

    def component(
        self, part: Part, holder: str, above: Mapping[str, object], depth: int
    ) -> Part:
        self.check(part.pointer, depth)
        data = dict(part.data)
        if not isinstance(data.get("type"), str):
            custom = _CUSTOM.get(holder) if "class_name" in data else None
            kind = custom or _DEFAULTS.get(holder)
            if kind is not None:
                data["type"] = kind
        own = data.pop("$parameters", None)
        parameters = {**above, **(own.data if isinstance(own, Part) else {})}
        if isinstance(data.get("type"), str) and data["type"] not in _SCHEMA_TYPES:
            for name, value in parameters.items():
                data[name] = data.get(name) or value
        made = {
            key: (
                value
                if key in _PLAIN
                else self.inside(value, key, _without(parameters, key), depth)
            )
            for key, value in data.items()
        }
        return Part(made, part.pointer, part.pointers, parameters)

    def inside(
        self, value: object, holder: str, parameters: Mapping[str, object], depth: int
    ) -> object:
        if isinstance(value, Part):
            return self.component(value, holder, parameters, depth + 1)
        if is_list(value):
            self.check((), depth)
            return [self.inside(each, holder, parameters, depth + 1) for each in value]
        return value

    def check(self, pointer: Pointer, depth: int) -> None:
        """References to references could make a manifest endless."""
        self.count += 1
        if depth > _MAX_DEPTH or self.count > MAX_PARTS:
            raise ManifestError(pointer, "the manifest is too large once resolved")


def _without(parameters: Mapping[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in parameters.items() if name != key}


def walked(value: object) -> Iterator[Part]:
    """Every part in a value, the outer ones first."""
    if isinstance(value, Part):
        yield value
        for each in value.data.values():
            yield from walked(each)
    elif is_list(value):
        for each in value:
            yield from walked(each)
