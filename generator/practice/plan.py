"""The routes of the practice API: what each resource's endpoint demands and how it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from generator.plain import is_list
from generator.practice.options import Options
from generator.practice.shapes import Path, as_text, is_object, parse
from generator.practice.texts import (
    PLACEHOLDER,
    Secrets,
    placeholder_name,
    whole_placeholder,
)
from generator.spec import (
    CursorPaginator,
    Endpoint,
    IncrementalSync,
    OffsetPaginator,
    PageNumberPaginator,
    Paginator,
    PartitionRouter,
    Resource,
    SinglePagePaginator,
    Spec,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request carries a value; in the body `name` is a path."""

    kind: Literal["path", "query", "header", "body", "form"]
    name: str
    around: str | None = None
    """Regular expression of the text around a number."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value of the request that picks a parent's record, or one value of a list."""

    place: Place
    field: str
    """Path in the parent's record."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a request carries the bounds of an incremental read, and how they are written."""

    cursor: Path
    start: Place | None
    end: Place | None
    format: str | None
    """`iso`, `date`, `epoch`, `epoch_ms`, a strftime pattern; None is `iso`."""
    initial: Any
    """Lower bound of the first run as the spec writes it, None where it does not."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One resource's endpoint with every default settled."""

    name: str
    method: str
    path: str
    """Path below the base URL's path; a placeholder is `{0}`, `{1}`, ..."""
    params: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Any
    """The constants that a request must carry; `OPEN` ones are free."""
    form: Mapping[str, Any] | None
    """The same of a form body."""
    content: Any
    """A body of plain text."""
    parent: str | None
    slots: tuple[Slot, ...]
    values: tuple[str, ...]
    """What the slot of a list partition may hold; there is no parent then."""
    paginator: Paginator | None
    selector: Path
    around: str | None
    """Regular expression of the parameter whose text holds the offset or the page number."""
    leaves_out: bool
    """An answer without records leaves their place out."""
    bounds: Bounds | None
    key: tuple[str, ...]
    key_with_parent: bool
    """The key tells records of one parent apart; another parent's may have the same."""
    schema: Any
    """JSON Schema of a record, the name of a file, or None."""
    single: bool
    numbered: tuple[str, ...]
    """Fields that tell the records apart, or that children and cursors are found by."""
    needed: frozenset[str]
    """Fields that children take over from their parent's record."""


def routes(spec: Spec, secrets: Secrets, options: Options) -> dict[str, Route]:
    """The route of each resource by name.

    Raises ValueError where `options.single` names a resource that the spec does not have,
    and where a resource is its own ancestor.
    """
    resources = [
        Resource(name=each) if isinstance(each, str) else each
        for each in spec.resources
    ]
    names = {each.name for each in resources}
    if options.single - names:
        unknown = ", ".join(sorted(options.single - names))
        raise ValueError(f"no such resource: {unknown}")
    drafts = [_Draft(spec, each, names, secrets, options) for each in resources]
    _refuse_circles({draft.resource.name: draft.parent for draft in drafts})
    return {draft.resource.name: draft.route(drafts) for draft in drafts}


def _refuse_circles(parents: Mapping[str, str | None]) -> None:
    for name in parents:
        line = [name]
        while parent := parents[line[-1]]:
            if parent in line:
                raise ValueError(f"{parent} is its own ancestor: {', '.join(line)}")
            line.append(parent)


def split_path(template: str) -> tuple[str, list[str]]:
    """A path with placeholders numbered `{0}`, `{1}`, ..., decoded, and their names."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        names.append(placeholder_name(match))
        return f"{{{len(names) - 1}}}"

    return unquote(PLACEHOLDER.sub(number, template)), names


class _Draft:
    """One resource while its defaults and placeholders are settled."""

    def __init__(
        self,
        spec: Spec,
        resource: Resource,
        names: set[str],
        secrets: Secrets,
        options: Options,
    ) -> None:
        defaults = spec.resource_defaults
        self.spec = spec
        self.resource = resource
        self.secrets = secrets
        self.options = options
        self.endpoint = _endpoint(
            resource.endpoint, defaults.endpoint if defaults else None
        )
        template = resource.name if self.endpoint.path is None else self.endpoint.path
        path, query = _without_host(template)
        self.path, self.placeholders = split_path(path)
        self.params = {**query, **(self.endpoint.params or {})}
        self.parent: str | None = None
        self.slots: list[Slot] = []
        self.values: tuple[str, ...] = ()
        self._bind(names)

    def _bind(self, names: set[str]) -> None:
        """Finds the placeholders that a parent or a list of values resolves."""
        places = [
            (Place("path", str(index)), name)
            for index, name in enumerate(self.placeholders)
        ]
        places += [
            (Place("query", param), whole_placeholder(value))
            for param, value in self.params.items()
        ]
        if is_object(self.endpoint.json_body):
            places += [
                (Place("body", key), whole_placeholder(value))
                for key, value in self.endpoint.json_body.items()
            ]
        lists = {each.cursor_field: each.values for each in self._routers("list")}
        # The innermost parent comes last in a path, and its own parents are known from it.
        for place, name in reversed(places):
            source, field = self._source(name)
            if source in names and self.parent in (None, source):
                self.parent = source
                self.slots.append(Slot(place, field))
            elif is_list(values := lists.get(name)):
                self.values = tuple(as_text(each) for each in values)
                self.slots = [Slot(place, name)]

    def _source(self, name: str) -> tuple[str, str]:
        """Resource and field that resolve a placeholder, two empty texts where none does."""
        reference = re.fullmatch(r"resources\.([^.]+)\.(.+)", name)
        if reference:
            return reference[1], reference[2]
        declared = self.params.get(name)
        if is_object(declared) and declared.get("type") == "resolve":
            return str(declared.get("resource")), str(declared.get("field"))
        for router in self._routers("substream"):
            if name == router.partition_field:
                return router.parent_stream or "", router.parent_key or ""
        return "", ""

    def _routers(self, kind: str) -> list[PartitionRouter]:
        given = self.endpoint.partition_router
        listed = given if isinstance(given, list) else [given] if given else []
        return [each for each in listed if each.type == kind]

    def route(self, drafts: list[_Draft]) -> Route:
        children = [each for each in drafts if each.parent == self.resource.name]
        paginator = self.endpoint.paginator or self.spec.client.paginator
        bounds = self._bounds()
        sent = {
            name: value
            for name, value in self.params.items()
            if value is not None and not is_object(value)
        }
        selector = parse(self.endpoint.data_selector)
        key, key_with_parent = self._key()
        numbered = {*key, *(slot.field for each in children for slot in each.slots)}
        if isinstance(paginator, CursorPaginator):
            source = parse(paginator.cursor_path)
            if source[:1] == ("last_record",):
                numbered.add(".".join(str(step) for step in source[1:]))
        data = self.endpoint.data
        return Route(
            name=self.resource.name,
            method=self.endpoint.method,
            path=self.path,
            params=self.secrets.settled(sent),
            headers=self.secrets.settled(
                {**(self.spec.client.headers or {}), **(self.endpoint.headers or {})}
            ),
            body=self.secrets.settled(self.endpoint.json_body),
            form=None if isinstance(data, str) else self.secrets.settled(data),
            content=self.secrets.settled(data) if isinstance(data, str) else None,
            parent=self.parent,
            slots=tuple(self.slots),
            values=self.values,
            paginator=paginator,
            selector=selector,
            around=_around(self.params, paginator),
            leaves_out=self.endpoint.missing_data == "empty",
            bounds=bounds,
            key=key,
            key_with_parent=key_with_parent,
            schema=self.resource.record_schema,
            single=self._single(paginator),
            numbered=tuple(sorted(numbered)),
            needed=frozenset(
                name
                for each in children
                for name in each.resource.include_from_parent or ()
            ),
        )

    def _key(self) -> tuple[tuple[str, ...], bool]:
        """The key fields that the API sends, and whether the parent's make up the rest."""
        key = self.resource.primary_key
        if key is None and self.spec.resource_defaults:
            key = self.spec.resource_defaults.primary_key
        names = (key,) if isinstance(key, str) else tuple(key or ())
        included = self.resource.include_from_parent or ()
        added = {f"_{self.parent}_{name}" for name in included}
        return tuple(each for each in names if each not in added), bool(
            added.intersection(names)
        )

    def _single(self, paginator: Paginator | None) -> bool:
        """A path that ends in a placeholder and is not paged names one record."""
        if self.resource.name in self.options.single:
            return True
        paged = paginator and not isinstance(paginator, SinglePagePaginator)
        return not paged and bool(re.search(r"(^|/)\{\d+\}$", self.path))

    def _bounds(self) -> Bounds | None:
        sync = self.endpoint.incremental_sync or self.resource.incremental_sync
        declared = self.endpoint.incremental
        start, end = self._templated_bounds()
        for name, value in self.params.items():
            if is_object(value) and value.get("type") == "incremental":
                return Bounds(
                    parse(str(value.get("cursor_path"))),
                    Place("query", name),
                    end,
                    value.get("format"),
                    value.get("initial_value"),
                )
        if declared:
            if declared.start_param:
                start = Place("query", declared.start_param)
            if declared.end_param:
                end = Place("query", declared.end_param)
            return Bounds(
                parse(declared.cursor_path),
                start,
                end,
                declared.format,
                declared.initial_value,
            )
        return _sync_bounds(sync, start, end) if sync else None

    def _templated_bounds(self) -> tuple[Place | None, Place | None]:
        """Query parameters that are written as `{incremental.start_value}` and the like."""
        start: Place | None = None
        end: Place | None = None
        for name, value in self.params.items():
            text = whole_placeholder(value)
            if text == "incremental.end_value":
                end = Place("query", name)
            elif text.startswith("incremental."):
                start = Place("query", name)
        return start, end


def _around(params: Mapping[str, Any], paginator: Paginator | None) -> str | None:
    match paginator:
        case OffsetPaginator(offset_param=str(param)):
            name = "offset"
        case PageNumberPaginator(page_param=str(param)):
            name = "page"
        case _:
            return None
    before, found, after = str(params.get(param, "")).partition(f"{{{name}}}")
    fixed = re.escape(re.split(r"[{}]", before)[-1]), re.escape(
        re.split(r"[{}]", after)[0]
    )
    return rf".*{fixed[0]}(\d+){fixed[1]}.*" if found else None


def _endpoint(own: Endpoint | str | None, defaults: Endpoint | None) -> Endpoint:
    """An endpoint over the defaults; `params` and `headers` are joined key by key."""
    endpoint = Endpoint(path=own) if isinstance(own, str) else own or Endpoint()
    if not defaults:
        return endpoint
    given = {name: getattr(endpoint, name) for name in endpoint.model_fields_set}
    joined: dict[str, dict[str, Any]] = {
        name: {**(getattr(defaults, name) or {}), **(getattr(endpoint, name) or {})}
        for name in ("params", "headers")
    }
    return defaults.model_copy(update={**given, **joined})


def _without_host(template: str) -> tuple[str, dict[str, str]]:
    """Path and query constants of an endpoint's path, which may be an absolute URL."""
    masked = PLACEHOLDER.sub(lambda match: match[0].translate(_MASK), template)
    if not masked.startswith(("http://", "https://")):
        # Else `//a`, a path with an empty segment, would be a host.
        masked = f"/{masked.lstrip('/')}" if masked else ""
    parts = urlsplit(masked)
    path = parts.path.translate(_UNMASK)
    return path, {
        name: value.translate(_UNMASK)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    }


# Characters that split a URL, but not inside of a placeholder's expression.
_MASK = {ord(each): 0xE000 + ord(each) for each in "?#&=:/;+%[]"}
_UNMASK = {code: plain for plain, code in _MASK.items()}


def _sync_bounds(
    sync: IncrementalSync, start: Place | None, end: Place | None
) -> Bounds:
    kinds: dict[str, Literal["query", "header", "body"]] = {
        "header": "header",
        "body_json": "body",
    }
    for option, is_start in (
        (sync.start_time_option, True),
        (sync.end_time_option, False),
    ):
        if option:
            place = Place(kinds.get(option.inject_into, "query"), option.field_name)
            start, end = (place, end) if is_start else (start, place)
    return Bounds(
        parse(sync.cursor_field), start, end, sync.datetime_format, sync.start_datetime
    )
