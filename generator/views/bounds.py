"""How the client's methods write an incremental resource's bounds, and filter by them."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir
from generator.pysource import Argument, Code, assign, call, identifier, literal
from generator.views.common import Imports, import_helpers

_PARTS = (
    ("%f", 0),
    ("%c", 1000),
    ("%S", 1000),
    ("%s", 1000),
    ("%T", 1000),
    ("%X", 1000),
    ("%M", 60_000),
    ("%R", 60_000),
    ("%H", 3_600_000),
    ("%I", 3_600_000),
)
"""Directives of a format, the finest first, and the milliseconds that they tell apart."""
_KINDS = {"iso": 0, "epoch_ms": 1, "epoch": 1000}


def takes_start(incremental: ir.Incremental) -> bool:
    """The client's method takes `since`."""
    return incremental.sends_start or incremental.filters


def bound_statements(incremental: ir.Incremental, imports: Imports) -> Iterator[Code]:
    """The bounds as the request carries them."""
    form = literal(incremental.format)
    if incremental.convert:
        yield from _converted(incremental, imports)
        return
    if not incremental.is_written:
        return
    if incremental.sends_start:
        start = call(
            _writer(incremental, imports), [Code("since"), form, *_read(incremental)]
        )
        yield assign("start", start, 8)
    if not incremental.takes_end or not incremental.sends_end:
        return
    until = _rounded(incremental, imports)
    end = call(_writer(incremental, imports), [until, form, *_read(incremental)])
    if incremental.end_now:
        imports.add("._runtime.moments_now", "now_text")
        yield assign("end", Code(f"{end} or {call('now_text', [form])}"), 8)
    else:
        yield assign("end", end, 8)


def _converted(incremental: ir.Incremental, imports: Imports) -> Iterator[Code]:
    """The bounds as a hook writes them."""
    imports.add(".", "hooks")
    hook = f"hooks.{identifier(incremental.convert)}"
    kind = incremental.type

    def value(name: str) -> Code:
        modules = {"datetime": ("moments", "instant"), "date": ("days", "day")}
        if kind not in modules:
            return Code(name)
        module, function = modules[kind]
        imports.add(f"._runtime.{module}", function)
        return call(function, [Code(name)])

    if incremental.sends_start:
        made = call(hook, [value("since")])
        yield assign("start", Code(f"None if since is None else {made}"), 8)
    if not incremental.sends_end:
        return
    if not incremental.end_now:
        made = call(hook, [value("until")])
        yield assign("end", Code(f"None if until is None else {made}"), 8)
        return
    now = Code('now_text("iso")') if kind == "str" else Code("now_utc()")
    now = Code(f"{now}.date()") if kind == "date" else now
    import_helpers(imports, [now])
    if incremental.takes_end:
        now = Code(f"{now} if until is None else {value('until')}")
    yield assign("end", call(hook, [now]), 8)


def _writer(incremental: ir.Incremental, imports: Imports) -> str:
    module, name = (
        ("._runtime.texts", "text_bound")
        if incremental.formats
        else ("._runtime.moments", "bound")
    )
    imports.add(module, name)
    return name


def _read(incremental: ir.Incremental) -> list[Code]:
    return [literal(each) for each in incremental.formats]


def _rounded(incremental: ir.Incremental, imports: Imports) -> Code:
    """The upper bound, rounded up where its format would cut a part of the range off."""
    form = incremental.format
    size = next((each for part, each in _PARTS if part in form), 86_400_000)
    milliseconds = _KINDS.get(form, size)
    if incremental.type != "datetime" or not milliseconds:
        return Code("until")
    imports.add("._runtime.ends", "rounded_up")
    return call("rounded_up", [Code("until"), literal(milliseconds)])


def cursor_filter(incremental: ir.Incremental, imports: Imports) -> Code:
    """The object that leaves records out and ends the reading early."""
    imports.add("._runtime.cursors", "Cursor")
    option = incremental.option
    arguments: list[Argument] = [
        literal(incremental.steps),
        cursor_reader(incremental, imports),
        Code("since"),
        Code("until") if incremental.takes_end else Code("None"),
    ]
    if incremental.order:
        arguments.append(("order", literal(incremental.order)))
    if option.get("range_start") == "open":
        arguments.append(("after_start", literal(True)))
    if option.get("range_end") == "closed":
        arguments.append(("with_end", literal(True)))
    if option.get("last_value_func") == "min":
        arguments.append(("falling", literal(True)))
    return call("Cursor", arguments)


def cursor_reader(incremental: ir.Incremental, imports: Imports) -> Code:
    """The function that makes the cursor's values comparable."""
    names = {"datetime": "instant_of", "date": "day_of", "int": "number_of"}
    name = names.get(incremental.type, "text_of")
    if incremental.formats:
        name = "instants"
    imports.add(f"._runtime.{_CURSOR_MODULES[name]}", name)
    if incremental.formats:
        return call(name, [literal(each) for each in incremental.formats])
    return Code(name)


_CURSOR_MODULES = {
    "instant_of": "cursor_keys",
    "day_of": "cursor_days",
    "number_of": "cursor_numbers",
    "text_of": "cursor_texts",
    "instants": "cursor_formats",
}


def has_parent_cursors(resource: ir.Resource) -> bool:
    """The resource keeps a last value for each parent or listed value, not dlt's one."""
    return resource.in_parts and resource.incremental is not None


def window_bound(
    incremental: ir.Incremental,
    value: Code,
    imports: Imports,
    default: Code | None = None,
) -> Code:
    """A bound of a window as the cursor's type."""
    match incremental.type:
        case "datetime" | "date" as kind:
            name = "instant" if kind == "datetime" else "day"
            module = "moments" if kind == "datetime" else "days"
            imports.add(f"._runtime.{module}", name)
            return call(name, [value])
        case "str":
            imports.add("._runtime.moments_text", "iso_text")
            return call("iso_text", [value])
        case "int":
            imports.add("._runtime.windows", "epoch")
            arguments: list[Argument] = [value, epoch_factor(incremental)]
            if default is not None:
                arguments.append(("default", default))
            return call("epoch", arguments)


def epoch_factor(incremental: ir.Incremental) -> Code:
    return literal(1000 if incremental.format == "epoch_ms" else 1)
