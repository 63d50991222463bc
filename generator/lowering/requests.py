"""The request of one resource: path, parameters, headers and body, with the references in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.lowering.context import Context, Source
from generator.lowering.each import Partitions
from generator.lowering.headers import check_header
from generator.lowering.page_places import (
    paged_param,
    paged_placeholder,
    paginator_of,
    placeholder,
)
from generator.lowering.parents import NOTHING, Parents, Routes, routed
from generator.lowering.settings import Settings
from generator.lowering.shaping import accepted
from generator.lowering.text import (
    SCALAR,
    TEXT,
    Value,
    bound_name,
    computed,
    expression,
)
from generator.lowering.time_options import placed
from generator.lowering.urls import url_problem
from generator.plain import is_list, is_mapping
from generator.pysource import Code, bracketed, call, literal, mapping
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


@dataclass(slots=True)
class RequestLowering:
    """Lowers one request, and keeps what the references in it need."""

    context: Context
    settings: Settings
    source: Source
    parents: Parents
    partitions: Partitions
    incremental: ir.Incremental | None
    routes: Routes = field(init=False)
    used: list[str] = field(default_factory=list[str])
    """Settings of which the method checks that they were given."""
    bound_used: bool = False
    """A bound of the cursor is part of the request."""

    def __post_init__(self) -> None:
        self.routes = routed(self.source)

    def path(self) -> Code:
        text = self.source.path
        pointer = (*self.source.endpoint_pointer, "path")
        if self.source.part("path") is None:
            pointer = (*self.source.pointer, "name")
        parts = self.context.parts(text, pointer)
        self.check_path(text, parts, pointer)
        paged = paged_placeholder(self.context, self.source)
        parts = tuple(
            f"{{{paged}}}" if part == Placeholder(paged) else part for part in parts
        )
        match parts:
            case (ParentField() as lone,):
                # The record names the whole path or URL, so it is not one segment of it.
                code = self.reference(lone, pointer).code
                return call("followed", [code, literal(str(code))])
            case _:
                pass
        return expression(parts, lambda part: self.segment(part, pointer))

    def segment(self, part: Part, pointer: Pointer) -> Value:
        """A reference in a path: percent-encoded, refused where it is empty."""
        code = self.reference(part, pointer).code
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

    def params(self) -> Iterable[ir.Argument]:
        paged, within = paged_param(self.context, self.source)
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
            if name == paged and isinstance(value, str):
                # The paginator takes the placeholder for text, and fills it.
                value = placeholder(within).sub(f"{{{{ '{{{within}}}' }}}}", value)
            yield ir.Argument(name, self.value(value, pointer, SCALAR))
        for name, value in placed(self.context, self.source, "query").items():
            pointer = (*self.source.endpoint_pointer, "paginator")
            yield ir.Argument(name, self.value(value, pointer, SCALAR))

    def headers(self) -> Iterable[ir.Argument]:
        for name, value in self.headers_given().items():
            pointer = (*self.source.endpoint_pointer, "headers", name)
            check_header(self.context, name, value, pointer)
            alone = SCALAR if self.is_bound((name, value)) else TEXT
            yield ir.Argument(name, self.value(value, pointer, alone))
        if accept := accepted(self.source):
            yield ir.Argument("Accept", literal(accept))

    def has_end(self) -> bool:
        """The upper bound that is sent is at least the time of the run."""
        return self.incremental is not None and self.incremental.end_now

    @property
    def bound_headers(self) -> bool:
        """Some headers carry a bound."""
        return any(map(self.is_bound, self.headers_given().items()))

    def headers_given(self) -> dict[str, str]:
        return {**self.source.headers, **placed(self.context, self.source, "header")}

    def is_bound(self, item: tuple[object, object]) -> bool:
        """The value of a name is text with a bound, so the name may have to be left out."""
        value = item[1]
        return isinstance(value, str) and bool(re.search(r"\{\s*incremental\b", value))

    def body(self) -> Code | None:
        value = self.source.json_body
        pointer = (*self.source.endpoint_pointer, "json")
        bounds = placed(self.context, self.source, "body_json")
        if bounds and is_list(value):
            self.context.error(pointer, "conflict", "a bound cannot be put into a list")
        elif bounds:
            value = {**(value if is_mapping(value) else {}), **bounds}
        return None if value is None else self.value(value, pointer)

    def form(self) -> tuple[ir.Argument, ...] | None:
        """The fields of a form body."""
        value = self.source.part("data")
        pointer = (*self.source.endpoint_pointer, "data")
        bounds = placed(self.context, self.source, "body_data")
        if bounds and not isinstance(value, str):
            value = {**(value if is_mapping(value) else {}), **bounds}
        if not is_mapping(value):
            return None
        if self.source.part("json_body") is not None:
            self.context.error(
                pointer,
                "conflict",
                "`json` and `data` both say what the body is",
                "keep one of them",
                key=True,
            )
        return tuple(
            ir.Argument(name, self.value(item, (*pointer, name), SCALAR))
            for name, item in value.items()
            if self.is_field(name, item, (*pointer, name))
        )

    def content(self) -> Code | None:
        """The body, if it is plain text: paging can put nothing into it."""
        value = self.source.part("data")
        pointer = (*self.source.endpoint_pointer, "data")
        if not isinstance(value, str):
            return None
        paginator = paginator_of(self.context, self.source)
        others = [
            name
            for name in ("cursor", "offset", "page", "limit")
            if getattr(paginator, f"{name}_body_path", None) is not None
        ]
        if self.source.part("json_body") is not None:
            others.append("json")
        bounds = any(
            placed(self.context, self.source, kind)
            for kind in ("body_json", "body_data")
        )
        if others or bounds:
            self.context.error(
                pointer,
                "conflict",
                "the body is text, and something else is put into it",
                "write the body as `json`, or as a mapping of form fields",
                key=True,
            )
        return self.value(value, pointer, TEXT, left_out='""')

    def is_field(self, name: str, value: object, pointer: Pointer) -> bool:
        """Whether a form can carry the value; an error where it cannot."""
        items = value if is_list(value) else [value]
        if any(is_mapping(item) or is_list(item) for item in items):
            self.context.error(
                pointer,
                "wrong-type",
                f"the form field {shown(name)} is not text, a number or a list of them",
                "write it as `json`, or as text",
            )
            return False
        return value is not None

    def value(
        self,
        value: object,
        pointer: Pointer,
        alone: frozenset[str] | None = None,
        left_out: str = "None",
    ) -> Code:
        """A value of the request: texts may hold references, lists and mappings are walked.

        `alone`: the types of lone references that can be sent as they are; None: all.
        `left_out`: what stands for a text without the bound that it needs.
        """
        if isinstance(value, str):
            parts = self.context.parts(value, pointer)
            bounds = [part for part in references(parts) if isinstance(part, Bound)]
            alone_bound = len(parts) == 1 and isinstance(parts[0], Bound)
            bounded = bool(bounds) and (not alone_bound or alone is TEXT)

            def reference(part: Part) -> Value:
                value = self.reference(part, pointer, within=bounded)
                # Within a text the bound is there: without it the whole text is left out.
                is_bound = bounded and isinstance(part, Bound)
                return Value(value.code, "int") if is_bound else value

            code = expression(parts, reference, alone)
            if bounded:
                names = dict.fromkeys(
                    str(self.reference(each, pointer).code)
                    for each in bounds
                    if each.name != "end_value" or not self.has_end()
                )
                tests = [f"{name} is None" for name in names]
                if tests:
                    code = Code(f"{left_out} if {' or '.join(tests)} else {code}")
            return code
        if is_list(value):
            items = [
                self.value(item, (*pointer, index), alone)
                for index, item in enumerate(value)
            ]
            return bracketed("[", items, "]")
        if is_mapping(value):
            code = mapping(
                (str(key), self.value(item, (*pointer, key)))
                for key, item in value.items()
            )
            bound = any(map(self.is_bound, value.items()))
            return call("present", [code]) if bound else code
        return literal(value)

    def reference(self, part: Part, pointer: Pointer, *, within: bool = False) -> Value:
        """The expression of a reference within the client's method.

        `within`: it is a part of a text, so it has to be there.
        """
        match part:
            case Placeholder() if part.name in self.routes:
                return self.parents.routed(part.name, self.routes[part.name])
            case Placeholder() if part.name in self.partitions.lists:
                return self.partitions.value(part.name)
            case Placeholder() | Config():
                setting = self.settings.find(part.name, self.source.index)
                name = f"self._{setting.name}"
                if setting.checked:
                    self.used.append(setting.name)
                    name = setting.name
                if setting.type == "Sequence[str]":
                    return Value(call("list", [Code(name)]), "texts", setting.name)
                return Value(Code(name), setting.type)
            case ParentField():
                return self.parents.value(part, pointer)
            case Secret():
                field = self.context.secret(part.name, pointer)
                return Value(Code(f"self._credentials.{field}"))
            case Bound() if part.name in {"start_value", "initial_value", "last_value"}:
                self.bound_used = True
                name = bound_name(self.incremental, "start")
                return Value(Code(name), "str | int | None")
            case Bound() if part.name == "end_value":
                incremental = self.incremental
                if incremental is None:
                    self.bound_used = True
                    return NOTHING
                if not incremental.takes_end and not incremental.convert:
                    return Value(call("now_text", [literal(incremental.format)]))
                name = bound_name(incremental, "end")
                if within and incremental.end_now and not incremental.is_written:
                    # A plain run has no upper bound: what it reads ends now.
                    now = call("now_text", [literal(incremental.format)])
                    name = f"{now} if {name} is None else {name}"
                return Value(Code(name), "str | int | None")
            case Bound():
                self.context.error(
                    pointer,
                    "expression",
                    f"there is no `{{incremental.{part.name}}}`",
                    "there are incremental.start_value and incremental.end_value",
                )
                return NOTHING
            case Now():
                return Value(call("now_text", [literal(part.format)]))
            case Computed():
                return computed(
                    self.context,
                    part,
                    pointer,
                    lambda inner: self.reference(inner, pointer, within=True),
                )
            case str():
                return Value(literal(part))
