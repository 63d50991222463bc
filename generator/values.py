"""Text of a request (paths, parameters, headers, URLs) to parts: plain text and references."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes

from generator.expressions import compile_value
from generator.expressions.calls import EPOCHS
from generator.expressions.scopes import NAMES, PARTITIONS, config_default
from generator.expressions.text import (
    ExpressionError,
    constant,
    parse,
    parser,
    syntax_problem,
)
from generator.patterns import strftime_problem
from generator.value_parts import (
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

__all__ = [
    "Bound",
    "Computed",
    "Config",
    "Now",
    "ParentField",
    "Part",
    "Placeholder",
    "Secret",
    "computed",
    "parts",
    "references",
]

_ARGUMENT = (
    r"\(\s*(?P<q2>['\"])(?P<called>[^'\"]+)(?P=q2)\s*(?:,\s*(?P<default>.+?)\s*)?\)"
)
_KEY = r"\[\s*(?P<q1>['\"])(?P<key>[^'\"]+)(?P=q1)\s*\]"
_DLT = re.compile(
    rf"\s*dlt\.(?P<kind>secrets|config)(?:{_KEY}|\.get{_ARGUMENT}|\.(?P<name>\w+))\s*"
)
_PLACEHOLDER = re.compile(r"\{\s*(?P<name>[A-Za-z_][\w.\-]*)\s*\}")
_CONSTANT = re.compile(
    r"(?P<q>['\"])(?P<text>[^'\"\\]*)(?P=q)|(?P<number>-?[0-9]{1,18})"
)
_FORMATTED = re.compile(r"\s*f(?P<q>['\"])(?P<inner>.*)(?P=q)\s*", re.DOTALL)
_FIELD = re.compile(r"\{([^{}]+)\}")


def parts(text: str, *, records: bool = False) -> tuple[Part, ...]:
    """The text cut into literal text and references; raises ExpressionError with what to write.

    `records`: expressions may read `record`.
    """
    whole = _DLT.fullmatch(text)
    if whole:
        return (_dlt(whole),)
    formatted = _FORMATTED.fullmatch(text)
    if formatted:
        text = _FIELD.sub(r"{{ \1 }}", formatted["inner"])
        return tuple(_template(text, records))
    if "{{" in text or "{%" in text:
        return tuple(_template(text, records))
    if re.search(r"\bdlt\.\w", text):
        raise ExpressionError(
            'write `dlt.secrets["name"]` or `dlt.config["name"]` alone; '
            "with text around it `{{ secrets.name }}` or `{{ config.name }}`"
        )
    return tuple(_placeholders(text))


def computed(text: str, *, records: bool) -> Computed:
    """One expression, with or without braces, such as the condition of a filter."""
    return _computed(parse(text), records)


def _dlt(match: re.Match[str]) -> Secret | Config:
    name = match["key"] or match["called"] or match["name"]
    if match["kind"] == "secrets":
        return Secret(name)
    return Config(name, _default(match["default"]))


def _default(text: str | None) -> str | int | None:
    if text is None or text == "None":
        return None
    constant = _CONSTANT.fullmatch(text)
    if constant is None:
        raise ExpressionError(
            "the default of `dlt.config.get` is a quoted text or a number"
        )
    return int(constant["number"]) if constant["number"] else constant["text"]


def _placeholders(text: str) -> Iterator[Part]:
    start = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > start:
            yield text[start : match.start()]
        yield _named(match["name"])
        start = match.end()
    if start < len(text):
        yield text[start:]


def _named(name: str) -> Part:
    root, _, rest = name.partition(".")
    if root == "resources" and "." in rest:
        resource, _, field = rest.partition(".")
        return ParentField(resource, field)
    if root == "incremental" and rest:
        return Bound(rest)
    if root == "config" and rest:
        return Config(rest)
    if root in PARTITIONS and rest:
        return Placeholder(rest)
    return Placeholder(name)


def _template(text: str, records: bool) -> Iterator[Part]:
    """Text with `{{ expressions }}` between."""
    try:
        body = parser().parse(text).body
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise ExpressionError(syntax_problem(error)) from None
    for output in body:
        if not isinstance(output, nodes.Output):
            raise ExpressionError(
                "statements are not supported, only `{{ expressions }}`"
            )
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                yield from _placeholders(node.data)
            else:
                yield _reference(node, records)


def _reference(node: nodes.Expr, records: bool) -> Part:
    """One `{{ expression }}` of a request's text."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str | int):
        return str(node.value)
    moment = _moment(node)
    if moment is not None:
        return moment
    called = _config_call(node)
    if called is not None:
        return called
    names = _chain(node)
    match names:
        case ["config", name]:
            return Config(name)
        case ["dlt", "config", name]:
            return Config(name)
        case ["secrets", name] | ["dlt", "secrets", name]:
            return Secret(name)
        case ["resources", resource, *fields] if fields:
            return ParentField(resource, ".".join(fields))
        case ["incremental", name]:
            return Bound(name)
        case [root, *rest] if root in PARTITIONS and rest:
            return Placeholder("_".join(rest))
        case [name] if name not in NAMES and not records:
            return Placeholder(name)
        case _:
            return _computed(node, records)


def _computed(node: nodes.Expr, records: bool) -> Computed:
    """What is no plain reference; compiled once here to find what it reads, and problems."""
    found: list[Part] = []

    def reference(part: Part) -> tuple[str, str]:
        found.append(part)
        return "value", "JSON"

    compile_value(node, reference, records=records)
    return Computed(node, tuple(dict.fromkeys(found)))


def _config_call(node: nodes.Expr) -> Config | None:
    """`config.get("name", "default")`, with or without `dlt.`."""
    if not isinstance(node, nodes.Call) or not 1 <= len(node.args) <= 2:
        return None
    if _chain(node.node)[-2:] != ["config", "get"]:
        return None
    told = "`config.get` takes a quoted name and a constant default"
    try:
        name, *rest = [constant(each) for each in node.args]
    except ExpressionError:
        raise ExpressionError(told) from None
    if not isinstance(name, str):
        raise ExpressionError(told)
    return Config(name, config_default(rest[0] if rest else None))


def _chain(node: nodes.Expr) -> list[str]:
    """`a.b["c"]` as its names; empty for anything else."""
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Getattr):
        inner = _chain(node.node)
        return [*inner, node.attr] if inner else []
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        inner = _chain(node.node)
        return (
            [*inner, node.arg.value]
            if inner and isinstance(node.arg.value, str)
            else []
        )
    return []


def _moment(node: nodes.Expr) -> Now | None:
    """`now_utc()`, `today_utc()`, with or without `.strftime("…")`."""
    pattern = ""
    if (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Getattr)
        and node.node.attr in {"strftime", "isoformat"}
    ):
        argument = node.args[0] if node.args else None
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            pattern = argument.value
        node = node.node.node
    if not isinstance(node, nodes.Call) or node.args:
        return None
    name = ".".join(_chain(node.node))
    if problem := strftime_problem(pattern):
        raise ExpressionError(problem)
    defaults = {"now_utc": "%Y-%m-%dT%H:%M:%SZ", "today_utc": "%Y-%m-%d"}
    name = name.rpartition(".")[2]
    if name not in defaults:
        return None
    return Now(EPOCHS.get(pattern, pattern) or defaults[name])
