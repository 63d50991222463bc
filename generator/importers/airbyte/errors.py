"""Error handlers: rules by status, predicate and message, retries and waits."""

from __future__ import annotations

import re

from jinja2 import nodes

from generator.diagnostics import shown
from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part, plain
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.templates import answered, is_template, parsed
from generator.importers.draft import Section
from generator.plain import is_list

_ACTIONS = {
    "IGNORE": "ignore",
    "FAIL": "fail",
    "RETRY": "retry",
    "RATE_LIMITED": "retry",
    "REFRESH_TOKEN_THEN_RETRY": "refresh_auth",
}
_FAILED = frozenset({400, 401, 403, 404, 405})
"""Statuses that Airbyte and a connector take for an error that lasts, without a rule."""


def handle(stream: Stream, requester: Part) -> None:
    """Fills in the error handler of the endpoint."""
    handler = requester.part("error_handler")
    if handler is None:
        return
    made = Section()
    rules: list[object] = []
    _handler(stream, handler, made, rules, first=True)
    if rules:
        made["rules"] = rules
    if made:
        stream.endpoint["error_handler"] = made


def _handler(
    stream: Stream, handler: Part, made: Section, rules: list[object], first: bool
) -> None:
    if handler.kind == "CompositeErrorHandler":
        for index, inner in enumerate(handler.parts("error_handlers")):
            _handler(stream, inner, made, rules, first and index == 0)
        return
    if handler.kind.startswith("Custom"):
        told = f"errors are told by the Python class {handler.text('class_name')}"
        stream.notes.loss("custom-errors", told, handler.pointer)
        return
    retries = handler.get("max_retries")
    if first and retries is not None:
        try:
            made["max_retries"] = min(int(str(retries)), 100)
        except ValueError:
            told = "`max_retries` that is calculated"
            stream.notes.loss("number-from-config", told, handler.at("max_retries"))
    for each in handler.parts("response_filters"):
        try:
            rule = _rule(stream, each)
        except Untranslatable as error:
            stream.notes.failed(error, each.pointer)
            continue
        if rule is not None and rule not in rules:
            rules.append(rule)
    for each in handler.parts("backoff_strategies"):
        _backoff(stream, each, made)


def _rule(stream: Stream, part: Part) -> Section | None:
    action = (part.text("action") or "").upper()
    rule = Section()
    codes = plain(part.get("http_codes"))
    statuses: list[int] = []
    for each in codes if is_list(codes) else []:
        if re.fullmatch("[0-9]{1,4}", text := str(each)):
            statuses += [int(text)] if 200 <= int(text) <= 599 else []
        else:
            told = f"{shown(text, 40)} among the statuses, which is none"
            stream.notes.loss("status", told, part.at("http_codes"))
    criteria = 0
    if statuses:
        rule["statuses"] = statuses
        criteria += 1
    if part.text("error_message_contains"):
        rule["message"] = part.text("error_message_contains")
        criteria += 1
    predicate = part.text("predicate")
    if predicate.strip():
        piece = answered(stream.texts("answer", part).expression(predicate))
        if piece.is_constant:
            if piece.constant:
                raise Untranslatable("rule-constant", "an error rule for every answer")
        else:
            rule["when"] = piece.text
            criteria += 1
    if not criteria:
        return None
    if criteria > 1:
        stream.notes.changed(
            "rule-or",
            "an answer has to meet all criteria of the rule; in Airbyte any one did",
            part.pointer,
        )
    if not action:
        action = "FAIL"
    if action == "SUCCESS":
        raise Untranslatable("rule-success", "an error that counts as success")
    if action not in _ACTIONS:
        raise Untranslatable(f"rule-{action.lower()}", f"the action {action}")
    rule["action"] = _ACTIONS[action]
    if rule["action"] == "retry" and statuses and criteria == 1:
        statuses_ = [each for each in statuses if each >= 400]
        if not statuses_:
            raise Untranslatable("rule-retry-success", "a success that is tried again")
    message = part.text("error_message")
    if message.strip() and rule["action"] not in {"ignore", "end"}:
        if is_template(message):
            message = _plain(message)
        if message:
            rule["error_message"] = " ".join(message.split())
    return rule


def _plain(message: str) -> str:
    """The text around the templates of a message: the answer is told of anyway."""
    try:
        statements = parsed(message)
    except Untranslatable:
        return ""
    parts: list[str] = []
    for statement in statements:
        if isinstance(statement, nodes.Output):
            parts.extend(
                each.data
                for each in statement.nodes
                if isinstance(each, nodes.TemplateData)
            )
    return " ".join("".join(parts).split()).strip(" :")


def _backoff(stream: Stream, part: Part, made: Section) -> None:
    """One of the waits; the first of each kind counts."""
    match part.kind:
        case "ConstantBackoffStrategy" if "backoff" not in made:
            seconds = _seconds(stream, part, "backoff_time_in_seconds", 5)
            made["backoff"] = {"type": "constant", "seconds": seconds}
        case "ExponentialBackoffStrategy" if "backoff" not in made:
            # The first wait of Airbyte is twice the factor.
            factor = _seconds(stream, part, "factor", 5)
            made["backoff"] = {"type": "exponential", "seconds": factor * 2, "max": 600}
        case "WaitTimeFromHeader" | "WaitUntilTimeFromHeader":
            header = part.text("header")
            if is_template(header):
                piece = stream.texts("request", part).expression(header)
                header = str(piece.constant) if piece.is_constant else ""
            is_moment = part.kind == "WaitUntilTimeFromHeader"
            regex = part.text("regex")
            if header.lower() == "retry-after" and not regex and not is_moment:
                return
            if "wait_header" in made or not header:
                return
            found: dict[str, object] = {"name": header}
            if is_moment:
                found["format"] = "epoch"
            if regex:
                found["regex"] = regex
            made["wait_header"] = found
        case kind if kind.startswith("Custom"):
            told = f"the wait comes of the Python class {part.text('class_name')}"
            stream.notes.loss("custom-backoff", told, part.pointer)
        case "ConstantBackoffStrategy" | "ExponentialBackoffStrategy":
            stream.notes.changed(
                "second-backoff", "there is one wait for all errors", part.pointer
            )
        case kind:
            stream.notes.loss(f"backoff-{kind}", f"`{kind}`", part.pointer)


def _seconds(stream: Stream, part: Part, key: str, default: float) -> float:
    value = part.get(key)
    if value is None:
        return default
    try:
        if isinstance(value, str) and is_template(value):
            piece = stream.texts("request", part).expression(value)
            if piece.setting is not None:
                told = f"`{key}` was the setting {piece.setting.property.name}"
                stream.notes.loss("number-from-config", told, part.at(key))
                value = piece.setting.property.default
            else:
                value = piece.constant
        number = float(str(value))
        return int(number) if number.is_integer() else number
    except (ValueError, Untranslatable):
        stream.notes.loss(
            "number-from-config", f"`{key}` that is calculated", part.at(key)
        )
        return default
