"""The `endpoint` of a resource: its request, its pages and where its records are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.importers.dlt import auth as signing
from generator.importers.dlt.auth import Auths
from generator.importers.dlt.cursors import incremental
from generator.importers.dlt.hooks import Hooks
from generator.importers.dlt.paging import paginator
from generator.importers.dlt.recording import Function, IncrementalObject
from generator.importers.dlt.values import NotPlain, Values
from generator.importers.draft import Section
from generator.plain import is_list, is_mapping

_KNOWN = frozenset("""
    path method params json data headers paginator data_selector response_actions incremental
    auth
    """.split())


@dataclass(slots=True)
class Requests:
    """Writes the endpoints of one configuration."""

    values: Values
    hooks: Hooks
    auths: Auths
    paginators: Mapping[str, Function]
    """Paginators with names of the user's."""


@dataclass(slots=True)
class Endpoint:
    """An endpoint of the spec, and what of it belongs to the resource."""

    section: Section = field(default_factory=Section)
    hooks: dict[str, str] = field(default_factory=dict[str, str])
    """Hooks of the resource, by their kind."""
    todos: list[str] = field(default_factory=list[str])
    """What is to be done to the resource."""


def endpoint(
    given: Mapping[str, object],
    name: str,
    requests: Requests,
    defaults: Mapping[str, object],
) -> Endpoint:
    """What the configuration itself says; nothing is added here."""
    made = Endpoint()
    section, values = made.section, requests.values
    for key in ("path", "method"):
        if given.get(key) is not None:
            values.put(section, key, given[key], expanded=key == "path")
    if isinstance(method := section.get("method"), str) and method.upper() == "GET":
        del section["method"]
    _params(given.get("params"), section, requests, name)
    for key in ("json", "data"):
        if given.get(key) is not None:
            values.put(section, key, given[key], expanded=True)
    if is_mapping(headers := given.get("headers")):
        signing.put_headers(headers, section, values, expanded=True)
    if given.get("auth") is not None:
        signed = requests.auths.read(given["auth"], name)
        if signed.hook:
            made.hooks["request"] = signed.hook
            made.todos += signed.todos
            section["auth"] = "none"
        else:
            signing.put(signed, section)
    if given.get("paginator") is not None:
        paginator(given["paginator"], requests.hooks, requests.paginators).put(section)
    _selector(given.get("data_selector"), section, values)
    if is_mapping(found := given.get("incremental")):
        cursor = incremental(found, values, requests.hooks, name)
        section["incremental"] = cursor.written
        for todo in cursor.todos:
            section.todo("incremental", todo)
    _actions(given.get("response_actions"), name, made, requests)
    for key, value in given.items():
        if value is None and defaults.get(key) is not None:
            section.setdefault(key, None)  # not what the defaults say
        if key not in _KNOWN:
            section.todo(key, f"dlt does not know `{key}` of an endpoint")
    return made


def _params(given: object, section: Section, requests: Requests, name: str) -> None:
    if not is_mapping(given):
        return
    values = requests.values
    written = Section()
    for key, value in given.items():
        todos: list[str] = []
        if value is None:
            continue  # not sent
        if isinstance(value, IncrementalObject):
            value = {"type": "incremental", **value.arguments}
        if is_mapping(value) and value.get("type") == "incremental":
            cursor = incremental(value, values, requests.hooks, name)
            written[key] = {"type": "incremental", **cursor.written}
            todos += cursor.todos
        elif signing.looks_secret(key, value, values):
            written[key] = f'dlt.secrets["{key}"]'
            todos.append(signing.not_copied(key))
        else:
            try:
                written[key] = values.plain(value, todos, key=key, expanded=True)
            except NotPlain as problem:
                todos.append(f"the parameter `{key}` is {problem}")
        for todo in todos:
            written.todo(key, todo)
    if written.notes:
        section["params"] = written
    elif written:
        section["params"] = dict(written)


def _selector(given: object, section: Section, values: Values) -> None:
    if isinstance(given, str):
        section["data_selector"] = given
    elif is_list(given) and all(isinstance(each, str) for each in given):
        section["data_selector"] = [str(each) for each in given]
    elif given is not None:
        values.put(section, "data_selector", given)


def _actions(given: object, name: str, made: Endpoint, requests: Requests) -> None:
    if not is_list(given):
        return
    written: list[object] = []
    for each in given:
        if isinstance(each, Function):
            _called(each, "every answer", name, made, requests)
            continue
        if not is_mapping(each):
            made.todos.append(f"a response action is {requests.values.told(each)}")
            continue
        action, status = each.get("action"), each.get("status_code")
        if isinstance(status, str):
            made.section.note(
                "response_actions",
                f"left out: for dlt no status is the text {status!r}",
            )
            continue
        functions = action if is_list(action) else [action]
        called = [one for one in functions if isinstance(one, Function)]
        told = f"answers with status {status}" if status else "some answers"
        if each.get("content") is not None:
            told += f" that contain {each['content']!r}"
        for one in called:
            if isinstance(status, int) and status >= 400:
                what = requests.values.function(one)
                made.todos.append(
                    f"{what} is called for {told}: write a rule of `error_handler`"
                )
            else:
                _called(one, told, name, made, requests)
        if called:
            continue
        if action == "ignore":
            kept = ("status_code", "content", "action")
            rule = {key: each[key] for key in kept if each.get(key) is not None}
            written.append(rule)
        else:
            made.section.note(
                "response_actions",
                f"left out: dlt does nothing for the action {action!r}",
            )
    if written:
        made.section["response_actions"] = written


def _called(
    function: Function, told: str, name: str, made: Endpoint, requests: Requests
) -> None:
    """A function that changes answers gives the records instead."""
    what = requests.values.function(function)
    if "response" in made.hooks:
        made.todos.append(f"`{made.hooks['response']}` has to do what {what} did, too")
        return
    hook = requests.hooks.name(function, "response", f"records_of_{name}")
    made.hooks["response"] = hook
    selector = made.section.pop("data_selector", None)
    where = f", at {selector!r}" if selector else ""
    made.todos.append(
        f"write `{hook}` in hooks.py: what {what} did for {told}; it gives the records{where}"
    )
