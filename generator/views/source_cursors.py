"""The cursors of incremental resources in source.py: dlt's parameter, or one for each parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator import ir
from generator.pysource import Argument, Code, call, fitted, literal, parameter
from generator.views.bounds import cursor_reader, window_bound
from generator.views.common import Imports, coded, import_helpers

_NONE = Code("None")


@dataclass(frozen=True, slots=True)
class Cursors:
    """Writes the cursors of one source."""

    connector: ir.Connector
    imports: Imports

    def types(self) -> set[str]:
        return {
            each.incremental.type
            for each in self.connector.resources
            if each.incremental
        }

    def since(self) -> Iterator[Code]:
        """The arguments that start incremental resources, by the types of their cursors."""
        types = self.types()
        times = [name for name in ("datetime", "date") if name in types][:1]
        if times:
            self.imports.add("datetime", *times)
        if types - {"int"}:
            yield parameter("since", Code(" | ".join([*times, "str", "None"])), _NONE)
        if "int" in types:
            name = "since_number" if len(types) > 1 else "since"
            yield parameter(name, Code("int | None"), _NONE)

    def configured(self, setting: ir.Setting) -> Code:
        """The argument's value, else what dlt's configuration says."""
        key = literal(f"sources.{self.connector.name}.{setting.key}")
        if setting.type == "Sequence[str]":
            # dlt fills no argument of this type.
            self.imports.add("._runtime.configured", "configured_list")
            code = Code(f"{setting.name} or {call('configured_list', [key])}")
            return code if setting.default is None else Code(f"{code} or ()")
        if not setting.from_config or setting.default is not None:
            return Code(setting.name)
        return Code(f"{setting.name} or {call('dlt.config.get', [key, Code('str')])}")

    def incremental(self, incremental: ir.Incremental) -> Code:
        """The parameter that dlt fills with the cursor's last value."""
        arguments: list[Argument] = [literal(incremental.cursor)]
        arguments.append(("initial_value", self.initial(incremental)))
        end = self.end(incremental)
        if end is not None:
            arguments.append(("end_value", end))
        arguments.extend(self.options(incremental))
        if incremental.primary_key:
            arguments.append(("primary_key", literal(incremental.primary_key)))
        if incremental.on_missing != "raise":
            arguments.append(
                ("on_cursor_value_missing", literal(incremental.on_missing))
            )
        if incremental.type in {"datetime", "date"}:
            self.imports.add("datetime", incremental.type)
        kind = Code(f"dlt.sources.incremental[{incremental.type}]")
        prefix = f"cursor: {kind} = "
        made = call("dlt.sources.incremental", arguments)
        return Code(f"{prefix}{fitted(made, 12, len(prefix), 1)}")

    def end(self, incremental: ir.Incremental) -> Code | None:
        """The upper bound: what the spec says, or the end of the window."""
        if incremental.window:
            return window_bound(incremental, Code("last"), self.imports)
        if incremental.end is None:
            return None
        return self.converted(incremental.type, incremental.end)

    def options(self, incremental: ir.Incremental) -> Iterator[Argument]:
        """What dlt is told of the cursor besides its bounds."""
        option = incremental.option
        falling = option.pop("last_value_func", "max") == "min"
        if incremental.type == "str" and incremental.lag is None:
            self.imports.add("._runtime.latest", "latest")
            given: list[Argument] = [cursor_reader(incremental, self.imports)]
            if falling:
                given.append(("falling", literal(True)))
            yield "last_value_func", call("latest", given)
        elif falling:
            yield "last_value_func", Code("min")
        for name, value in option.items():
            yield name, coded(value)

    def initial(self, incremental: ir.Incremental) -> Code:
        """The first lower bound: the window's, else as given by the caller or the spec."""
        if not incremental.window:
            return self.given(incremental)
        if incremental.type == "int":
            given = self.given(incremental)
            return window_bound(incremental, Code("first"), self.imports, given)
        first = Code(f"first or {self.text(incremental)}")
        return window_bound(incremental, first, self.imports)

    def text(self, incremental: ir.Incremental) -> Code:
        """The first lower bound, not converted to the cursor's type."""
        default = incremental.initial
        for setting in self.connector.settings:
            if default is not None and str(default) == setting.name:
                default = self.configured(setting)
        if default is None:
            return Code("since")
        import_helpers(self.imports, [default])
        return Code(f"since or {default}")

    def given(self, incremental: ir.Incremental) -> Code:
        """The first lower bound: what the caller gives, else what the spec says."""
        kind, default = incremental.type, incremental.initial
        types = self.types()
        since = Code("since_number" if kind == "int" and len(types) > 1 else "since")
        if kind == "int":
            if default is None:
                return since
            import_helpers(self.imports, [default])
            return Code(f"{default} if {since} is None else {since}")
        given = self.text(incremental)
        if kind == "str" and types & {"datetime", "date"}:
            self.imports.add("._runtime.moments_text", "iso_text")
            return call("iso_text", [given])
        return self.converted(kind, given)

    def converted(self, kind: str, value: Code) -> Code:
        """A bound as the cursor's type."""
        modules = {"datetime": ("moments", "instant"), "date": ("days", "day")}
        if kind not in modules:
            return value
        module, function = modules[kind]
        self.imports.add(f"._runtime.{module}", function)
        return call(function, [value])

    def parent_cursors(
        self, resource: ir.Resource, incremental: ir.Incremental
    ) -> Code:
        """The last values of a child resource, one for each parent."""
        self.imports.add("._runtime.parent_cursors", "ParentCursors")
        state = call("dlt.current.resource_state", [literal(resource.name)])
        arguments: list[Argument] = [
            state,
            literal(incremental.steps),
            cursor_reader(incremental, self.imports),
            ("initial", self.initial(incremental)),
        ]
        end = self.end(incremental)
        if end is not None:
            arguments.append(("end", end))
        if incremental.on_missing != "raise":
            arguments.append(("missing", literal(incremental.on_missing)))
        option = incremental.option
        for name in ("lag", "range_start", "range_end"):
            if name in option:
                arguments.append((name, coded(option[name])))
        if option.get("last_value_func") == "min":
            arguments.append(("falling", literal(True)))
        unique = incremental.primary_key or resource.table.primary_key
        if unique:
            arguments.append(("unique", literal(unique)))
        kind = incremental.type
        if kind in {"datetime", "date"}:
            self.imports.add("datetime", kind)
        return call("ParentCursors", arguments)
