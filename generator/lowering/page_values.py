"""What a paginator of the spec names: values of the answer, and places in the request."""

from __future__ import annotations

from dataclasses import dataclass

from generator import ir
from generator.document import Pointer
from generator.expressions import compile_condition, path_condition
from generator.expressions.text import ExpressionError
from generator.lowering.context import Context
from generator.lowering.headers import check_header
from generator.lowering.page_places import Use, sent_at
from generator.paths import Steps, parse_path
from generator.pysource import literal
from generator.spec import (
    CursorPaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    JsonLinkPaginator,
    OffsetPaginator,
    PageNumberPaginator,
)

Paged = (
    OffsetPaginator
    | PageNumberPaginator
    | CursorPaginator
    | JsonLinkPaginator
    | HeaderLinkPaginator
    | HeaderCursorPaginator
)


@dataclass(slots=True)
class PagingValues:
    """Reads one paginator of the spec: where it stands, and the endpoint that it pages."""

    context: Context
    pointer: Pointer
    paginator: Paged
    use: Use

    def found(self, key: str, text: str | None) -> ir.Condition | None:
        """The value at a path of the answer's body, or in a header."""
        if text is not None and root(text) == "headers":
            value = self.expression(key, self.bracketed(text))
            return None if value is None else value._replace(text=text)
        path = self.path(key, text)
        return path_condition(path, ".".join(map(str, path))) if path else None

    def bracketed(self, text: str) -> str:
        """`headers.next-page` as `headers["next-page"]`, which is an expression."""
        if "(" in text:
            return text
        root, *steps = self.path("cursor_path", text) or (text,)
        return f"{root}{''.join(f'[{literal(step)}]' for step in steps)}"

    def stop(self, text: str | None) -> ir.Condition | None:
        if text is None:
            return None
        compiled = self.compiled("stop_condition", text)
        if compiled is not None and not compiled.places:
            self.context.warn(
                (*self.pointer, "stop_condition"),
                "constant-condition",
                "the condition never looks at the answer: it is left out",
                "write what the last page looks like, or leave `stop_condition` out",
            )
            return None
        return compiled

    def expression(self, key: str, text: str) -> ir.Condition | None:
        """A compiled expression whose value can be a cursor or a URL."""
        value = self.compiled(key, text)
        if value is not None and (value.is_flag or not value.places):
            self.context.error(
                (*self.pointer, key),
                "expression",
                "the expression gives no cursor: it "
                + (
                    "is true or false" if value.is_flag else "never looks at the answer"
                ),
                "write where the answer holds it, such as response.meta.next_cursor",
            )
        return value

    def compiled(self, key: str, text: str) -> ir.Condition | None:
        try:
            return compile_condition(text)
        except ExpressionError as error:
            self.context.error((*self.pointer, key), "expression", str(error))
            return None

    def limit(self, default: str = "") -> ir.Place | None:
        paginator = self.paginator
        if paginator.limit is None:
            return None
        place = self.place(
            "limit_param",
            paginator.limit_param,
            paginator.limit_body_path,
            default,
            paginator.limit_header,
        )
        most = paginator.max_limit
        if most is not None and paginator.limit > most:
            self.context.warn(
                (*self.pointer, "limit"),
                "limit-above-maximum",
                f"the API gives at most {most} records a page, and {paginator.limit} are asked for",
                f"write `limit: {most}`",
            )
        if sent_at(place):
            return place
        self.context.warn(
            (*self.pointer, "limit"),
            "limit-not-sent",
            f"the page size {paginator.limit} is never sent: the API does not know of it",
            "write the parameter's name as `limit_param`",
        )
        return None

    def place(
        self,
        key: str,
        param: str | None,
        body_path: str | None,
        default: str,
        header: str | None = None,
        *,
        skipped: bool = False,
    ) -> ir.Place:
        """Where a value is sent; `skipped`: the first request goes without it."""
        if param is not None and (body_path is not None or header is not None):
            other = "its body path" if body_path is not None else "its header"
            self.context.error(
                (*self.pointer, key),
                "conflict",
                f"`{key}` and {other} both say where the value is sent",
                "keep one of them",
            )
        name = self.use.placeholder
        if name and key == f"{name}_param":
            if skipped and not self.use.whole_step:
                self.context.error(
                    self.pointer,
                    "path",
                    f"`{{{name}}}` is only a part of a step of the path: the first request, "
                    "which has no value for it, cannot leave it out",
                    "write it between slashes",
                )
            return ir.Place(in_path=name)
        if header is not None:
            pointer = (*self.pointer, key.replace("_param", "_header"))
            check_header(self.context, header, "", pointer)
            return ir.Place(header=header)
        if body_path is not None and self.use.form:
            return ir.Place(form=body_path)
        body = self.path(key.replace("_param", "_body_path"), body_path)
        if body:
            return ir.Place(body_path=tuple(str(step) for step in body))
        if param is not None and param == self.use.within and key != "limit_param":
            if skipped:
                self.context.error(
                    (*self.pointer, key),
                    "conflict",
                    "the first page is asked for without a value, and the parameter's text "
                    "has a place for one",
                    "leave `first_page_sent` out",
                )
            return ir.Place(param, within=key.removesuffix("_param"))
        return ir.Place(default if param is None else param)

    def path(self, key: str, text: str | None) -> Steps:
        if text is None:
            return ()
        try:
            path = parse_path(text)
        except ValueError as error:
            self.context.error((*self.pointer, key), "path", str(error))
            return ()
        if "*" in path:
            self.context.error(
                (*self.pointer, key), "path", "`*` stands for many values: name one"
            )
        return path


def root(text: str) -> str:
    """The first word of a path: `headers` and `last_record` are not in the body."""
    return text.partition(".")[0].partition("[")[0]
