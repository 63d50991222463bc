"""What the parts of lowering share: the spec, its positions, its schemas and the names taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.contract import FORBIDDEN_NAMES
from generator.diagnostics import Collector, Location
from generator.document import Document, Pointer
from generator.expressions.text import ExpressionError
from generator.naming import Scope, python_name, quoted
from generator.plain import is_list, is_mapping
from generator.schema import Schemas
from generator.spec import (
    Endpoint,
    EndpointAuth,
    ErrorHandler,
    Paginator,
    Resource,
    ResourceDefaults,
    Spec,
)
from generator.values import Config, Part, parts

CLIENT_ARGUMENTS = FORBIDDEN_NAMES | frozenset("""
    above abs added any as_number as_sent as_text auth base64_text base_url bind books bound
    callable check_stop chosen client clock configspec configured_list contains credentials
    cursor cursors dataclass date datetime day day_of divisor dlt dropped end ended
    environment epoch extra field field_of_each finished first fitting flattened float
    followed found from_config from_epoch get hash_of hooks http including instant
    instant_of instants int interleaved iso_text iterator itertools joined last latest
    length link_of linked literal load load_windows loader made mapping min moment moment_of
    names now_text now_utc number number_of on_rejected on_rotated page parent parentcursors
    parents partial pause pick pipeline present present_text quote_plus read reads record
    record_of records regex_search rejected rejected_records renamed renamed_below request
    required resource resources root round rounded rounded_up rows segment select_all
    selected selected_below self sequence shared signer since since_number skipped source
    span split start str text text_bound text_of timedelta today_utc token_url transport
    until urls whole window windowed written
    """.split())
"""Names that a setting must not take: arguments, variables and imports of generated code."""

CREDENTIAL_ATTRIBUTES = frozenset("""
    as_dict_nondefault call_method_in_mro clear copy from_init_value get get_resolvable_fields
    is_field_resolved is_partial is_resolved items keys of parse_native_representation pop
    popitem resolve setdefault to_native_credentials to_native_representation update values
    """.split())
"""What a field of the dlt credentials class would hide."""

_SHORT_FORMS = frozenset({"name", "path", "type"})
"""Keys whose value alone can stand for the whole mapping."""

_SPELLINGS = {
    "base_page": ("start_from_page", "start_page", "initial_page"),
    "headers": ("request_headers",),
    "params": ("request_parameters",),
    "token": ("api_key",),
    "client_secret": ("secret_key",),
    "cursor_path": ("cursor_field",),
    "end_value": ("end_datetime",),
    "first_page_sent": ("inject_on_first_request",),
    "cursor_formats": ("cursor_datetime_formats",),
    "format": ("datetime_format",),
    "incremental": ("incremental_sync",),
    "initial_value": ("start_datetime",),
    "json": ("body", "json_body", "request_body_json"),
    "limit": ("page_size",),
    "lookback": ("lookback_window",),
    "limit_param": ("size_param", "page_size_param"),
    "token_url": ("access_token_url",),
    "window": ("step",),
    "access_token_path": ("access_token_name",),
    "expires_in_path": ("expires_in_name",),
    "scopes": ("scope",),
    "token_headers": ("headers",),
    "token_url": ("access_token_url", "auth_endpoint"),
    "url": ("path",),
}
"""Other words that a spec may use for a key, to find where it stands."""


@dataclass(slots=True)
class Context:
    """One spec on its way to the intermediate representation."""

    document: Document
    spec: Spec
    schemas: Schemas
    collector: Collector
    broken: frozenset[int] = frozenset()
    """Resources whose mistakes are told already: nothing else is said of them."""
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    """Secret's name in the spec to the field of the credentials class."""
    always_needed: set[str] = field(default_factory=set[str])
    """Fields of the credentials class that every caller has to give."""
    secret_names: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.secret_names = Scope("credential", self.collector, "rename the secret")
        reason = "dlt's credentials have an attribute of that name"
        self.secret_names.reserve(CREDENTIAL_ATTRIBUTES, reason)

    def at(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where a value stands; its key where `key` says so or a mapping or list is meant."""
        if not pointer:
            return Location(self.document.file)
        found = self.written(pointer)
        value = self.document.data
        for step in found:
            if is_mapping(value):
                value = value.get(str(step))
            elif is_list(value) and isinstance(step, int) and step < len(value):
                value = value[step]
        key = key or is_mapping(value) or is_list(value)
        return self.document.locate(found, key=key)

    def written(self, pointer: Pointer) -> Pointer:
        """The pointer as the spec spells its keys; else where the defaults have them."""
        places = [pointer]
        if pointer[:1] == ("resources",):
            places.append(("resource_defaults", *pointer[2:]))
        if pointer[3:4] == ("error_handler",):
            places.append(("client", *pointer[3:]))
        found = (self._written(place) for place in places)
        return next((each for each in found if each is not None), pointer)

    def _written(self, pointer: Pointer) -> Pointer | None:
        """None if the spec does not have it."""
        steps: list[str | int] = []
        value = self.document.data
        for step in pointer:
            if is_mapping(value) and isinstance(step, str):
                words = (step, *_SPELLINGS.get(step, ()))
                word = next((each for each in words if each in value), None)
                if word is None:
                    return None
                steps.append(word)
                value = value[word]
            elif is_list(value) and isinstance(step, int) and step < len(value):
                steps.append(step)
                value = value[step]
            elif isinstance(value, str) and step in _SHORT_FORMS:
                break
            else:
                return None
        return tuple(steps)

    def error(
        self,
        pointer: Pointer,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
    ) -> None:
        """`key`: the mapping's key is meant, not its value."""
        if pointer[:1] == ("resources",) and pointer[1:2] and pointer[1] in self.broken:
            return
        self.collector.error(self.at(pointer, key=key), code, message, hint)

    def warn(self, pointer: Pointer, code: str, message: str, hint: str = "") -> None:
        """A lint warning, unless the spec or the resource silences its code."""
        silenced = set(self.spec.silence or ())
        if pointer[:1] == ("resources",) and isinstance(pointer[1], int):
            silenced.update(self.spec.resources[pointer[1]].silence or ())
        if code not in silenced:
            self.collector.warning(self.at(pointer), code, message, hint)

    def secret(self, name: str, pointer: Pointer, *, always: bool = True) -> str:
        """The credentials field of a secret; the same secret is the same field everywhere.

        `always`: it is needed whichever auth method is used.
        """
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
        if always:
            self.always_needed.add(self.secrets[name])
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
        given = self.part("path")
        path = given if isinstance(given, str) else self.resource.name
        for name, value in self._joined_params.items():
            path = path.replace(f"{{{name}}}", _bound(value) or f"{{{name}}}")
        return path

    def part(self, name: str) -> object:
        """A part of the endpoint, else the default endpoint's."""
        shared = self.defaults.endpoint
        if name in self.endpoint.model_fields_set or shared is None:
            return getattr(self.endpoint, name)
        return getattr(shared, name)

    @property
    def paginator(self) -> Paginator | None:
        """An explicit null sets the default endpoint's aside, as in dlt."""
        shared = self.defaults.endpoint
        if "paginator" in self.endpoint.model_fields_set or shared is None:
            return self.endpoint.paginator
        return shared.paginator

    @property
    def json_body(self) -> object:
        """The JSON body; bodies that are mappings are joined key by key."""
        own, shared = self.endpoint.json_body, self.defaults.endpoint
        if is_mapping(own) and shared is not None and is_mapping(shared.json_body):
            return {**shared.json_body, **own}
        return self.part("json_body")

    @property
    def auth(self) -> EndpointAuth | None:
        shared = self.defaults.endpoint
        return self.endpoint.auth or (shared.auth if shared else None)

    @property
    def error_handler(self) -> ErrorHandler | None:
        shared = self.defaults.endpoint
        return self.endpoint.error_handler or (shared.error_handler if shared else None)

    def option(self, name: str) -> object:
        """A resource option, else the default's; a null sets the default aside."""
        own = name in self.resource.model_fields_set
        return getattr(self.resource if own else self.defaults, name)

    @property
    def params(self) -> dict[str, object]:
        """The query parameters; what the path takes is not sent again, as in dlt."""
        given = self.part("path")
        path = given if isinstance(given, str) else self.resource.name
        return {
            name: value
            for name, value in self._joined_params.items()
            if not (f"{{{name}}}" in path and _bound(value))
        }

    @property
    def _joined_params(self) -> dict[str, object]:
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


def _bound(value: object) -> str | None:
    """What a parameter's value is within a path; None if the path does not take it."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int | float) else None
    try:
        found = parts(value)
    except ExpressionError:
        return None
    match found:
        case (str() as text,):
            return text
        case (Config(name, None),):
            return f"{{config.{name}}}"
        case _:
            return None


def sources(spec: Spec) -> tuple[Source, ...]:
    """Every resource of the spec with its defaults."""
    # Made without their validators, which a spec that has neither does not need.
    defaults = spec.resource_defaults or ResourceDefaults.model_construct()
    empty = Endpoint.model_construct()
    return tuple(
        Source(index, resource, resource.endpoint or empty, defaults)
        for index, resource in enumerate(spec.resources)
    )
