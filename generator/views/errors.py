"""Retry policies with their rules, and budgets of requests, as the client constructs them."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.pysource import Argument, Code, call, literal, mapping
from generator.views.common import Imports
from generator.views.page_parts import helpers
from generator.views.parallel import is_parallel


def is_long(retry: ir.Retry) -> bool:
    """The policy gets a name of its own, outside of the methods."""
    return bool(retry.rules) or retry.wait_header is not None


def retry_code(retry: ir.Retry, imports: Imports) -> Code:
    """The policy's arguments that differ from its defaults."""
    arguments: list[Argument] = []
    default = ir.Retry()
    for name in (
        "statuses",
        "max_retries",
        "backoff",
        "constant",
        "max_wait",
        "message",
    ):
        value: object = getattr(retry, name)
        if value != getattr(default, name):
            arguments.append((name, literal(value)))
    if retry.rules:
        imports.add("._runtime.rules", "Rule", "rules")
        arguments.append(
            ("rules", call("rules", [_rule(each, imports) for each in retry.rules]))
        )
    if retry.wait_header is not None:
        arguments.append(("asked", _wait_header(retry.wait_header, imports)))
    imports.add("._runtime.http", "RetryPolicy")
    return call("RetryPolicy", arguments)


def _rule(rule: ir.Rule, imports: Imports) -> Code:
    arguments: list[Argument] = [literal(rule.action)]
    if rule.statuses:
        arguments.append(("statuses", literal(rule.statuses)))
    if rule.contains:
        arguments.append(("contains", literal(rule.contains)))
    if rule.when is not None:
        helpers(rule.when, imports)
        arguments.append(("when", Code(f"lambda response, body: {rule.when.code}")))
    if rule.message:
        arguments.append(("message", literal(rule.message)))
    return call("Rule", arguments)


def _wait_header(header: ir.WaitHeader, imports: Imports) -> Code:
    imports.add("._runtime.waits", "WaitHeader")
    arguments: list[Argument] = [literal(header.name)]
    if header.format != "seconds":
        arguments.append(("format", literal(header.format)))
    if header.regex:
        arguments.append(("regex", literal(header.regex)))
    if header.longest != 300:
        arguments.append(("longest", literal(header.longest)))
    return call("WaitHeader", arguments)


def limit_arguments(connector: ir.Connector, imports: Imports) -> Iterator[Argument]:
    """The arguments of `Http` that keep the budgets, also while threads are ended."""
    arguments: list[Argument] = []
    if connector.rate_limit is not None:
        arguments.append(("client", _limit(connector.rate_limit)))
    own = [
        (each.name, _limit(each.rate_limit))
        for each in connector.resources
        if each.rate_limit is not None
    ]
    if own:
        arguments.append(("resources", mapping(own)))
    if is_parallel(connector):
        imports.add("._runtime.stopping", "check_stop", "pause")
        arguments.append(("check", Code("check_stop")))
        yield "sleep", Code("pause")
    if arguments:
        imports.add("._runtime.limits", "Limit", "Limits")
        yield "turn", call("Limits", arguments)


def _limit(limit: ir.RateLimit) -> Code:
    arguments: list[Argument] = []
    if limit.requests is not None:
        arguments.append(("requests", literal(limit.requests)))
        arguments.append(("per", literal(limit.per)))
    if limit.concurrent is not None:
        arguments.append(("concurrent", literal(limit.concurrent)))
    return call("Limit", arguments)
