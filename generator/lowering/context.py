"""What the parts of lowering share: the spec, its positions, its schemas and the names taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.contract import FORBIDDEN_NAMES
from generator.diagnostics import Collector, Location
from generator.document import Document, Pointer
from generator.expressions import ExpressionError
from generator.naming import Scope, python_name, quoted
from generator.schema import Schemas
from generator.spec import (
    Endpoint,
    ErrorHandler,
    Paginator,
    Resource,
    ResourceDefaults,
    Spec,
)
from generator.values import Part, parts

CLIENT_ARGUMENTS = FORBIDDEN_NAMES | frozenset(
    "self auth base_url clock credentials cursor end environment found http on_rejected on_rotated page "
    "parent parents records rejected request resource resources root shared signer since since_number source "
    "start token_url transport until urls".split()
)
"""Names that a setting must not take: arguments and variables of generated code."""


@dataclass(slots=True)
class Context:
    """One spec on its way to the intermediate representation."""

    document: Document
    spec: Spec
    schemas: Schemas
    collector: Collector
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    """Secret's name in the spec to the field of the credentials class."""
    secret_names: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.secret_names = Scope(
            "credential", self.collector, "rename one of the secrets"
        )

    def at(self, *pointer: str | int) -> Location:
        return self.document.locate(pointer)

    def error(self, pointer: Pointer, code: str, message: str, hint: str = "") -> None:
        self.collector.error(self.document.locate(pointer), code, message, hint)

    def warn(self, pointer: Pointer, code: str, message: str, hint: str = "") -> None:
        """A lint warning, unless the spec or the resource silences its code."""
        silenced = set(self.spec.silence or ())
        if (
            pointer[:1] == ("resources",)
            and len(pointer) > 1
            and isinstance(pointer[1], int)
        ):
            silenced.update(self.spec.resources[pointer[1]].silence or ())
        if code not in silenced:
            self.collector.warning(self.document.locate(pointer), code, message, hint)

    def secret(self, name: str, pointer: Pointer) -> str:
        """The credentials field of a secret; the same secret is the same field everywhere."""
        if name not in self.secrets:
            field_name = python_name(name)
            if field_name is None:
                self.error(
                    pointer, "name", "the secret's name has no letters or digits"
                )
                field_name = "secret"
            what = quoted("the secret", name)
            self.secret_names.claim(field_name, self.document.locate(pointer), what)
            self.secrets[name] = field_name
        return self.secrets[name]

    def parts(self, text: str, pointer: Pointer) -> tuple[Part, ...]:
        """The text's parts, or none after an error."""
        try:
            return parts(text)
        except ExpressionError as error:
            self.error(pointer, "expression", str(error))
            return ()


@dataclass(frozen=True, slots=True)
class Source:
    """A resource of the spec with the defaults joined in, and where each part stands."""

    index: int
    resource: Resource
    endpoint: Endpoint
    defaults: ResourceDefaults

    @property
    def pointer(self) -> Pointer:
        return ("resources", self.index)

    @property
    def endpoint_pointer(self) -> Pointer:
        return ("resources", self.index, "endpoint")

    @property
    def path(self) -> str:
        path = self.part("path")
        return path if isinstance(path, str) else self.resource.name

    def part(self, name: str) -> object:
        """A part of the endpoint, else the default endpoint's."""
        shared = self.defaults.endpoint
        if name in self.endpoint.model_fields_set or shared is None:
            return getattr(self.endpoint, name)
        return getattr(shared, name)

    @property
    def paginator(self) -> Paginator | None:
        shared = self.defaults.endpoint
        return self.endpoint.paginator or (shared.paginator if shared else None)

    @property
    def error_handler(self) -> ErrorHandler | None:
        shared = self.defaults.endpoint
        return self.endpoint.error_handler or (shared.error_handler if shared else None)

    def option(self, name: str) -> object:
        """A resource option, else the default's."""
        own: object = getattr(self.resource, name)
        return getattr(self.defaults, name) if own is None else own

    @property
    def params(self) -> dict[str, object]:
        shared = self.defaults.endpoint
        joined = {
            **((shared.params if shared else None) or {}),
            **(self.endpoint.params or {}),
        }
        return {key: value for key, value in joined.items() if value is not None}

    @property
    def headers(self) -> dict[str, str]:
        shared = self.defaults.endpoint
        return {
            **((shared.headers if shared else None) or {}),
            **(self.endpoint.headers or {}),
        }


def sources(spec: Spec) -> tuple[Source, ...]:
    """Every resource of the spec with its defaults."""
    defaults = spec.resource_defaults or ResourceDefaults()
    empty = Endpoint()
    return tuple(
        Source(index, resource, resource.endpoint or empty, defaults)
        for index, resource in enumerate(spec.resources)
    )
