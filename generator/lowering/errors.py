"""Error handlers to the retry policy of one resource with its rules, and budgets of requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator import ir
from generator.diagnostics import shown
from generator.document import Pointer
from generator.expressions import compile_condition
from generator.expressions.text import ExpressionError
from generator.lowering.context import Context, Source
from generator.patterns import regex_problem
from generator.plain import is_list
from generator.spec import ErrorHandler, ErrorRule, RateLimit, ResponseAction

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BACKOFF = ("backoff", "backoff_factor")


def lower_retry(context: Context, source: Source, pages: ir.Pages) -> ir.Retry:
    """The policy of a resource; `pages` is its way of paging."""
    return _Errors(context, source, pages).lower()


def lower_rate_limit(
    context: Context, limit: object, pointer: Pointer
) -> ir.RateLimit | None:
    """The budget, if there is one."""
    if not isinstance(limit, RateLimit):
        return None
    if limit.requests is None and limit.concurrent is None:
        context.error(
            pointer,
            "missing-key",
            "`rate_limit` limits nothing",
            "write `requests`, for each `per` seconds, or `concurrent`",
        )
    return ir.RateLimit(limit.requests, float(limit.per), limit.concurrent)


class _Handler(NamedTuple):
    """An error handler and where it stands."""

    pointer: Pointer
    handler: ErrorHandler


@dataclass(slots=True)
class _Errors:
    context: Context
    source: Source
    pages: ir.Pages
    handlers: list[_Handler] = field(init=False)
    """The nearest first."""

    def __post_init__(self) -> None:
        shared = self.source.defaults.endpoint
        places = (
            (self.source.endpoint_pointer, self.source.endpoint.error_handler),
            (
                ("resource_defaults", "endpoint"),
                shared.error_handler if shared else None,
            ),
            (("client",), self.context.spec.client.error_handler),
        )
        self.handlers = [
            _Handler((*pointer, "error_handler"), handler)
            for pointer, handler in places
            if handler is not None
        ]

    def lower(self) -> ir.Retry:
        rules = tuple(self.rules())
        if not self.handlers:
            return ir.Retry(rules=rules)
        for pointer, handler in self.handlers:
            self.check(pointer, handler)
        merged = self.merged()
        statuses, backoff = merged.retry_on_status_codes, merged.backoff
        retry = ir.Retry(
            statuses=None if statuses is None else tuple(statuses),
            max_retries=merged.max_retries,
            backoff=float(merged.backoff_factor),
            message=merged.error_message or "",
            rules=rules,
            wait_header=self.wait_header(merged),
        )
        if backoff is None:
            return retry
        return retry._replace(
            backoff=float(backoff.seconds),
            constant=backoff.type == "constant",
            max_wait=float(max(backoff.max, backoff.seconds)),
        )

    def merged(self) -> ErrorHandler:
        """Each key from the nearest handler that has it."""
        values: dict[str, Any] = {}
        for _, handler in reversed(self.handlers):
            given = handler.model_fields_set
            if given.intersection(_BACKOFF):
                values = {k: v for k, v in values.items() if k not in _BACKOFF}
            values.update({name: getattr(handler, name) for name in given})
        return self.handlers[0].handler.model_copy(update=values)

    def check(self, pointer: Pointer, handler: ErrorHandler) -> None:
        statuses = handler.retry_on_status_codes or ()
        place = (*pointer, "retry_on_status_codes")
        hint = "statuses from 400 to 599 can be tried again"
        self.check_statuses(statuses, place, 400, hint)
        self.warn_retried(statuses, place)
        if handler.model_fields_set.issuperset(_BACKOFF):
            self.context.error(
                (*pointer, "backoff_factor"),
                "conflict",
                "`backoff` and `backoff_factor` both say how long to wait",
                "keep one of them",
            )

    def warn_retried(self, statuses: Iterable[int], pointer: Pointer) -> None:
        if 401 in statuses:
            self.context.warn(
                pointer,
                "auth-error-retried",
                "401 is tried again with the same credentials, which does not help",
                "leave it out: a token is renewed and the request sent again anyway",
            )

    def check_statuses(
        self, statuses: Iterable[int], pointer: Pointer, lowest: int, hint: str
    ) -> None:
        for index, status in enumerate(statuses):
            if not lowest <= status <= 599:
                what = "of an error" if lowest == 400 else "that a rule can name"
                self.context.error(
                    (*pointer, index),
                    "wrong-value",
                    f"{status} is no status {what}",
                    hint,
                )

    def wait_header(self, handler: ErrorHandler) -> ir.WaitHeader | None:
        header = handler.wait_header
        if header is None:
            return None
        place = next(
            pointer for pointer, each in self.handlers if each.wait_header is header
        )
        if not _TOKEN.fullmatch(header.name):
            self.context.error(
                (*place, "wait_header", "name"),
                "header",
                f"{shown(header.name)} is no name of a header",
            )
        problem = regex_problem(header.regex or "")
        if problem:
            place = (*place, "wait_header", "regex")
            self.context.error(place, "wrong-value", f"`regex`: {problem}")
        return ir.WaitHeader(
            header.name, header.format, header.regex or "", float(header.max)
        )

    # ---- rules

    def rules(self) -> Iterator[ir.Rule]:
        """The endpoint's rules, those that dlt's words give, the client's."""
        for pointer, handler in self.handlers:
            if pointer[0] != "client":
                yield from self.own_rules(pointer, handler)
        actions = self.source.part("response_actions")
        for index, action in enumerate(actions if is_list(actions) else ()):
            place = (*self.source.endpoint_pointer, "response_actions", index)
            if isinstance(action, ResponseAction):
                yield self.dlt_rule(action, place)
        for pointer, handler in self.handlers:
            if pointer[0] == "client":
                yield from self.own_rules(pointer, handler)

    def own_rules(self, pointer: Pointer, handler: ErrorHandler) -> Iterator[ir.Rule]:
        for index, rule in enumerate(handler.rules or ()):
            yield self.rule(rule, (*pointer, "rules", index))
        if handler.ignore_status_codes:
            place = (*pointer, "ignore_status_codes")
            ignored = tuple(handler.ignore_status_codes)
            yield self.checked(ir.Rule("ignore", ignored, "", None, ""), place, place)

    def rule(self, rule: ErrorRule, pointer: Pointer) -> ir.Rule:
        if rule.error_message is not None and rule.action in {"ignore", "end"}:
            self.context.error(
                (*pointer, "error_message"),
                "conflict",
                f"`{rule.action}` makes no error, so there is no `error_message`",
            )
        when = None
        if rule.when is not None:
            when = self.condition(rule.when, (*pointer, "when"))
        found = ir.Rule(
            action=rule.action,
            statuses=tuple(rule.statuses or ()),
            contains=rule.message or "",
            when=when,
            message=rule.error_message or "",
        )
        if rule.statuses is None and rule.message is None and rule.when is None:
            self.context.error(
                pointer,
                "missing-key",
                "the rule would hold for every answer",
                "write `statuses`, `message` or `when`",
            )
        return self.checked(found, pointer, (*pointer, "statuses"))

    def dlt_rule(self, action: ResponseAction, pointer: Pointer) -> ir.Rule:
        if action.action != "ignore":
            self.context.error(
                (*pointer, "action"),
                "wrong-value",
                f"{shown(action.action)} is no action: dlt knows only `ignore`",
                "write a rule of `error_handler`: it can retry, fail, refresh_auth or end",
            )
        if action.status_code is None and action.content is None:
            self.context.error(
                pointer,
                "missing-key",
                "the action would hold for no answer",
                "write `status_code` or `content`",
            )
        code = action.status_code
        statuses = () if code is None else (code,)
        found = ir.Rule(action.action, statuses, action.content or "", None, "")
        return self.checked(found, pointer, (*pointer, "status_code"))

    def checked(self, rule: ir.Rule, pointer: Pointer, statuses: Pointer) -> ir.Rule:
        """The rule; `statuses` is where its statuses stand."""
        hint = "statuses go from 200 to 599"
        self.check_statuses(rule.statuses, statuses, 200, hint)
        silent = rule.action in {"ignore", "end"} and not (rule.contains or rule.when)
        denied = sorted({401, 403}.intersection(rule.statuses))
        if silent and denied:
            self.context.warn(
                statuses,
                "auth-error-ignored",
                f"{denied[0]} is taken for no data: a missing permission looks the same",
                "add `message` or `when` to say which of these answers is meant",
            )
        if rule.action == "retry" and not rule.when and not rule.contains:
            self.warn_retried(rule.statuses, statuses)
        pages = self.pages
        if rule.action == "end" and isinstance(pages, ir.OffsetPages):
            if pages.total and pages.total_check != "ignore":
                self.context.error(
                    pointer,
                    "conflict",
                    f"`end` would hide that {self.source.resource.name} is short of its"
                    " declared total, which ends the data by itself",
                    "leave out the rule, or the paginator's `total_path`",
                )
        return rule

    def condition(self, text: str, pointer: Pointer) -> ir.Condition | None:
        try:
            found = compile_condition(text)
        except ExpressionError as error:
            self.context.error(pointer, "expression", str(error))
            return None
        if "records" in found.places or not found.places:
            self.context.error(
                pointer,
                "expression",
                "the condition has to read the answer, and nothing else",
                "read `response` (the body) or `headers`",
            )
        return found
