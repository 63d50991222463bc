"""One resource of a spec to the request, records and table that the templates print."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.auth import url_problem
from generator.lowering.context import Context, Source
from generator.lowering.incremental import lower_incremental, with_bound
from generator.lowering.paging import Paging, lower_paginator
from generator.lowering.parents import NOTHING, Parents, Routes, routed
from generator.lowering.settings import Settings
from generator.lowering.shaping import (
    Shaping,
    accepted,
    lower_decoder,
    lower_hook,
)
from generator.lowering.table import lower_table
from generator.lowering.text import (
    SCALAR,
    TEXT,
    Value,
    bound_name,
    computed,
    expression,
)
from generator.paths import Steps, parse_path
from generator.plain import is_list, is_mapping
from generator.pysource import Code, bracketed, call, literal, mapping
from generator.spec import Decoder, ErrorHandler
from generator.values import (
    Bound,
    Computed,
    Config,
    Now,
    ParentField,
    Part,
    Placeholder,
    Secret,
    references,
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(slots=True)
class ResourceLowering:
    """Lowers one resource; the references it meets end up in its request."""

    context: Context
    settings: Settings
    paging: Paging
    sources: dict[str, Source]
    methods: dict[str, str]
    source: Source
    used: list[str] = field(default_factory=list[str])
    parents: Parents = field(init=False)
    bound_used: bool = False
    cursor_type: str = "str"

    def __post_init__(self) -> None:
        self.parents = Parents(self.context, self.sources, self.methods, self.source)

    def lower(self) -> tuple[ir.Resource, ir.Pages]:
        """The resource without its paginator's name, and its way of paging."""
        source, context = self.source, self.context
        model = context.schemas.models[source.index]
        routes = routed(source)
        incremental = lower_incremental(context, self.settings, source, model)
        if incremental is not None:
            self.cursor_type = incremental.type
        path = self.path(source.path, routes)
        params = tuple(self.params(routes))
        headers = tuple(self.headers(routes))
        body = self.body(routes)
        if incremental is not None:
            incremental = with_bound(context, source, incremental, self.bound_used)
        elif self.bound_used:
            context.error(
                source.endpoint_pointer,
                "missing-key",
                "`{incremental.start_value}` is used, but the endpoint has no `incremental`",
                "add `incremental` with the `cursor_path` of the records",
            )
        pages, limit, max_pages = self.pages()
        table = lower_table(context, source, model)
        shape = Shaping(
            context, source, lambda part, place: self.reference(part, place, routes)
        ).lower()
        description = source.resource.description or ""
        resource = ir.Resource(
            name=source.resource.name,
            method=self.methods[source.resource.name],
            model=model,
            description=description,
            http_method="POST" if source.part("method") == "POST" else "GET",
            path=path,
            path_text=source.path,
            params=params,
            headers=headers,
            body=body,
            paginator="",
            limit=limit,
            max_pages=max_pages,
            selector=self.selector(),
            missing_empty=source.part("missing_data") == "empty",
            retry=self.retry(),
            timeout=self.timeout(),
            on_invalid=(
                "fail" if source.option("on_invalid") == "fail" else "quarantine"
            ),
            parent=self.parents.lower(routes, self.used),
            incremental=incremental,
            settings=tuple(dict.fromkeys(self.used)),
            table=table,
            shape=shape,
            decoder=lower_decoder(context, source),
            response_hook=lower_hook(context, source, "response"),
            request_hook=lower_hook(context, source, "request"),
        )
        return resource, pages

    # ---- the request

    def path(self, text: str, routes: Routes) -> Code:
        pointer = (*self.source.endpoint_pointer, "path")
        if self.source.part("path") is None:
            pointer = (*self.source.pointer, "name")
        parts = self.context.parts(text, pointer)
        self.check_path(text, parts, pointer)
        return expression(parts, lambda part: self.segment(part, pointer, routes))

    def segment(self, part: Part, pointer: Pointer, routes: Routes) -> Value:
        """A reference in a path: percent-encoded, refused where it is empty."""
        code = self.reference(part, pointer, routes).code
        match part:
            case Now():
                name = literal("now")
            case Computed():
                name = literal("expression")
            case _:
                name = literal(str(code).rpartition(".")[2].lstrip("_"))
        return Value(call("segment", [code, name]))

    def check_path(self, text: str, parts: Iterable[Part], pointer: Pointer) -> None:
        literal_text = "".join(part for part in parts if isinstance(part, str))
        if any(ord(char) < 33 or char in "\\\x7f" for char in literal_text):
            self.context.error(
                pointer,
                "path",
                "a path has no spaces, backslashes or control characters",
            )
        if re.search(r"[{}]", literal_text):
            self.context.error(
                pointer,
                "path",
                f"a placeholder in {shown(text)} is not written as {{name}}",
                "write {name}, {resources.parent.field} or {incremental.start_value}",
            )
        if "://" in text or text.startswith("//"):
            self.check_host(text, pointer)
        if any(step in {".", ".."} for step in literal_text.split("?")[0].split("/")):
            self.context.error(pointer, "path", "a path has no `.` or `..` steps")

    def check_host(self, text: str, pointer: Pointer) -> None:
        problem = url_problem(text.split("?")[0].split("{")[0], whole=False)
        host = text.partition("://")[2].split("/")[0].split(":")[0].lower()
        client = self.context.spec.client
        named = [client.base_url or "", *(client.environments or {}).values()]
        hosts = {
            url.partition("://")[2].split("/")[0].split(":")[0].lower() for url in named
        }
        if problem:
            self.context.error(pointer, "url", problem)
        elif host not in hosts and host not in (client.allowed_hosts or ()):
            self.context.error(
                pointer,
                "host",
                f"the host {shown(host)} is not the API's: credentials would go there",
                "add it to the client's `allowed_hosts`, if it is part of the API",
            )

    def params(self, routes: Routes) -> Iterable[ir.Argument]:
        for name, value in self.source.params.items():
            pointer = (*self.source.endpoint_pointer, "params", name)
            if is_mapping(value):
                if value.get("type") not in ("incremental", "resolve"):
                    self.context.error(
                        pointer,
                        "wrong-type",
                        f"the parameter {shown(name)} is a mapping",
                        "write text, a number, a list, or `type: incremental`",
                    )
                continue
            for item in value if is_list(value) else ():
                if is_mapping(item) or is_list(item):
                    self.context.error(
                        pointer,
                        "wrong-type",
                        f"the parameter {shown(name)} is a list of lists or mappings",
                        "write text, a number, or a list of them",
                    )
            yield ir.Argument(name, self.value(value, pointer, routes, SCALAR))

    def headers(self, routes: Routes) -> Iterable[ir.Argument]:
        for name, value in self.source.headers.items():
            pointer = (*self.source.endpoint_pointer, "headers", name)
            check_header(self.context, name, value, pointer)
            if any(
                isinstance(part, Bound)
                for part in references(self.context.parts(value, pointer))
            ):
                self.context.error(
                    pointer,
                    "not-supported-yet",
                    "a bound in a header is not supported yet",
                    "send it as a parameter, if the API has one",
                )
            yield ir.Argument(name, self.value(value, pointer, routes, TEXT))
        if accept := accepted(self.source):
            yield ir.Argument("Accept", literal(accept))

    def body(self, routes: Routes) -> Code | None:
        value = self.source.part("json_body")
        pointer = (*self.source.endpoint_pointer, "json")
        return None if value is None else self.value(value, pointer, routes)

    def value(
        self,
        value: object,
        pointer: Pointer,
        routes: Routes,
        alone: frozenset[str] | None = None,
    ) -> Code:
        """A value of the request: texts may hold references, lists and mappings are walked.

        `alone`: the types of lone references that can be sent as they are; None: all.
        """
        if isinstance(value, str):
            parts = self.context.parts(value, pointer)
            alone_bound = len(parts) == 1 and isinstance(parts[0], Bound)
            bounded = not alone_bound and any(
                isinstance(part, Bound) for part in references(parts)
            )

            def reference(part: Part) -> Value:
                value = self.reference(part, pointer, routes)
                # Within a text the bound is there: without it the whole text is left out.
                is_bound = bounded and isinstance(part, Bound)
                return Value(value.code, "int") if is_bound else value

            code = expression(parts, reference, alone)
            if bounded:
                start = bound_name(self.cursor_type, "start")
                return Code(f"None if {start} is None else {code}")
            return code
        if is_list(value):
            items = [
                self.value(item, (*pointer, index), routes, alone)
                for index, item in enumerate(value)
            ]
            return bracketed("[", items, "]")
        if is_mapping(value):
            return mapping(
                (str(key), self.value(item, (*pointer, key), routes))
                for key, item in value.items()
            )
        return literal(value)

    def reference(self, part: Part, pointer: Pointer, routes: Routes) -> Value:
        """The expression of a reference within the client's method."""
        match part:
            case Placeholder() if part.name in routes:
                return self.parents.routed(part.name, routes[part.name])
            case Placeholder() | Config():
                setting = self.settings.find(part.name, self.source.index)
                if not setting.checked:
                    return Value(Code(f"self._{setting.name}"), setting.type)
                self.used.append(setting.name)
                return Value(Code(setting.name), setting.type)
            case ParentField():
                return self.parents.value(part, pointer)
            case Secret():
                field = self.context.secret(part.name, pointer)
                return Value(Code(f"self._credentials.{field}"))
            case Bound() if part.name in {"start_value", "initial_value", "last_value"}:
                self.bound_used = True
                name = bound_name(self.cursor_type, "start")
                return Value(Code(name), "str | int | None")
            case Bound():
                self.context.error(
                    pointer,
                    "not-supported-yet",
                    f"`{{incremental.{part.name}}}` is not supported yet",
                    "write the upper bound as `end_param`",
                )
                return NOTHING
            case Now():
                return Value(call("now_text", [literal(part.format)]))
            case Computed():
                return computed(
                    self.context,
                    part,
                    pointer,
                    lambda inner: self.reference(inner, pointer, routes),
                )
            case str():
                return Value(literal(part))

    # ---- the answer

    def pages(self) -> tuple[ir.Pages, int | None, int | None]:
        source, client = self.source, self.context.spec.client
        paginator = source.paginator
        pointer = (*source.endpoint_pointer, "paginator")
        if paginator is None and client.paginator is not None:
            paginator, pointer = client.paginator, ("client", "paginator")
        if paginator is None:
            self.context.warn(
                (*source.pointer, "name"),
                "no-paginator",
                f"no paginator: {source.resource.name} is read with one request",
                "name one, or write `paginator: single_page`",
            )
        pages, limit, maximum = lower_paginator(self.context, paginator, pointer)
        self.paging.add(pages, source.resource.name)
        return pages, limit, maximum

    def selector(self) -> Steps:
        value = self.source.part("data_selector")
        pointer = (*self.source.endpoint_pointer, "data_selector")
        decoder, hooks = self.source.part("decoder"), self.source.resource.hooks
        if value is None and (decoder or (hooks and hooks.response)):
            return ()
        if value is None:
            self.context.warn(
                (*self.source.pointer, "name"),
                "no-data-selector",
                "no `data_selector`: the whole answer is the list, or the one record",
                'write the path of the records, or `data_selector: ""` for the whole answer',
            )
            return ()
        if is_list(value):
            return tuple(step for step in value if isinstance(step, str | int))
        if isinstance(decoder, Decoder) and decoder.type == "csv" and value:
            message = "`data_selector`: the rows of a CSV have no fields below them"
            self.context.error(pointer, "conflict", message)
        lines = isinstance(decoder, Decoder) and decoder.type == "jsonl"
        try:
            steps = parse_path(str(value))
            return ("*", *steps) if lines and steps else steps
        except ValueError as error:
            self.context.error(pointer, "path", f"`data_selector`: {error}")
            return ()

    def timeout(self) -> float | None:
        value = self.source.part("timeout")
        return value if isinstance(value, int | float) else None

    def retry(self) -> ir.Retry:
        handler = self.source.error_handler or self.context.spec.client.error_handler
        if handler is None:
            handler = ErrorHandler()
        statuses = handler.retry_on_status_codes
        pointer = (*self.source.endpoint_pointer, "error_handler")
        for index, status in enumerate(statuses or ()):
            if not 400 <= status <= 599:
                self.context.error(
                    (*pointer, "retry_on_status_codes", index),
                    "wrong-value",
                    f"{status} is no status of an error",
                    "statuses from 400 to 599 can be tried again",
                )
        return ir.Retry(
            statuses=ir.Retry().statuses if statuses is None else tuple(statuses),
            max_retries=handler.max_retries,
            backoff=float(handler.backoff_factor),
            message=handler.error_message or "",
        )


def check_header(context: Context, name: str, value: str, pointer: Pointer) -> None:
    """Header names are tokens, values one line (RFC 9110)."""
    if not _TOKEN.fullmatch(name):
        message = f"{shown(name)} is no name of a header"
        context.error(pointer, "header", message, key=True)
    if "\n" in value or "\r" in value:
        context.error(pointer, "header", "the value of a header is one line")
