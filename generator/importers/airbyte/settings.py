"""The connection specification as settings and secrets: what `config` means in a template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from generator.importers.airbyte.notes import Untranslatable
from generator.naming import snake
from generator.plain import is_list, is_mapping
from generator.pysource import literal

Path = tuple[str, ...]

_SECRET = re.compile(
    r"(?i)(^|_|\b)(api_?key|api_?token|access_?token|refresh_?token|token|secret|client_?secret"
    r"|password|private_?key|secret_?key)$"
)
_DEFAULT = re.compile(
    r"""config\.get\(\s*(?P<q>['"])(?P<key>\w+)(?P=q)\s*,\s*
    (?:(?P<r>['"])(?P<text>[^'"\\]*)(?P=r)|(?P<number>-?\d{1,15}))\s*\)""",
    re.VERBOSE,
)


class Property(NamedTuple):
    """A leaf of the connection specification."""

    path: Path
    name: str
    """As a setting or a secret of the spec."""
    secret: bool
    kind: str
    """JSON type; empty where the specification says none, `array` only for texts."""
    default: str | int | bool | None
    required: bool
    text: str
    """Title and description."""
    declared: bool = True


class Setting(NamedTuple):
    """What a look at `config` becomes."""

    property: Property
    code: str
    """In an expression of the spec."""
    lone: str
    """As a whole text of the spec."""
    absent: str
    """The constant that stands for a missing value; empty where it cannot be missing."""


@dataclass(slots=True)
class Settings:
    """Every property by its path, and which of them the spec uses."""

    properties: dict[Path, Property] = field(default_factory=dict[Path, Property])
    used: dict[Path, Property] = field(default_factory=dict[Path, Property])
    fallbacks: dict[str, str | int] = field(default_factory=dict[str, str | int])
    """Defaults that templates give to keys."""

    def find(self, path: Path, *, secret: bool = False) -> Property:
        """The property at a path; one that is not declared is text that may be missing."""
        found = self.properties.get(path) or self._moved(path)
        if found is None:
            if any(known[: len(path)] == path for known in self.properties):
                told = f"config.{'.'.join(path)} is an object, not one value"
                raise Untranslatable("config-object", told)
            is_secret = secret or bool(_SECRET.search(path[-1]))
            fallback = self.fallbacks.get(path[-1])
            found = Property(
                path, self.new_name(path), is_secret, "", fallback, False, "", False
            )
            self.properties[path] = found
        if secret and not found.secret:
            found = found._replace(secret=True)
            self.properties[found.path] = found
        self.used[found.path] = found
        return found

    def _moved(self, path: Path) -> Property | None:
        """The one declared property of the same name elsewhere, for a path that is not declared."""
        same = [
            each for known, each in self.properties.items() if known[-1] == path[-1]
        ]
        return same[0] if len(same) == 1 else None

    def is_object(self, path: Path) -> bool:
        """Whether a declared property lies below the path."""
        return path not in self.properties and any(
            len(path) < len(known) and known[: len(path)] == path
            for known, each in self.properties.items()
            if each.declared
        )

    def is_list(self, path: Path) -> bool:
        found = self.properties.get(path)
        return found is not None and found.kind == "array"

    def setting(self, path: Path, *, secret: bool = False) -> Setting:
        """What the value at a path is in the spec."""
        found = self.find(path, secret=secret)
        if found.secret:
            return Setting(
                found, f"secrets.{found.name}", f'dlt.secrets["{found.name}"]', ""
            )
        if found.kind == "array":
            code = f'config.get("{found.name}", [])'
            return Setting(found, code, "{{ " + code + " }}", "[]")
        if found.kind == "object":
            told = f"config.{'.'.join(path)} is an object, or a list of other than text"
            raise Untranslatable("config-list", told)
        default = self.default(found)
        if default is None:
            code = f"config.{found.name}"
            return Setting(found, code, f'dlt.config["{found.name}"]', "")
        written = _constant(default)
        code = f'config.get("{found.name}", {written})'
        absent = written if found.default is None and default == "" else ""
        return Setting(found, code, "{{ " + code + " }}", absent)

    def default(self, found: Property) -> str | int | bool | None:
        """The value where none is given; None where one has to be."""
        if found.default is not None:
            return found.default
        if found.path[-1] in self.fallbacks and not found.required:
            return self.fallbacks[found.path[-1]]
        if found.kind == "boolean":
            return False  # a switch that nobody has touched
        return None if found.required else ""

    def new_name(self, path: Path) -> str:
        name = snake(path[-1]) or "value"
        taken = {each.name: each.path for each in self.properties.values()}
        if taken.get(name, path) != path:
            name = snake("_".join(path)) or "value"
        first, number = name, 2
        while taken.get(name, path) != path:
            name, number = f"{first}_{number}", number + 1
        return name


def settings(specification: object, texts: Iterator[str]) -> Settings:
    """The settings of a connection specification; `texts` are all texts of the manifest."""
    made = Settings()
    for path, schema, required in _leaves(specification, (), True):
        if path in made.properties:
            known = made.properties[path]
            secret = known.secret or bool(schema.get("airbyte_secret"))
            made.properties[path] = known._replace(secret=secret)
            continue
        kind = schema.get("type")
        if is_list(kind):
            kind = next((each for each in kind if each != "null"), "")
        if kind == "array" and not _is_texts(schema):
            kind = "object"
        default = schema.get("default")
        if "const" in schema:
            default = schema["const"]
        texts_ = [schema.get("title"), schema.get("description")]
        said = ": ".join(each for each in texts_ if isinstance(each, str))
        made.properties[path] = Property(
            path=path,
            name=made.new_name(path),
            secret=bool(schema.get("airbyte_secret")),
            kind=kind if isinstance(kind, str) else "",
            default=_default(default),
            required=required,
            text=said,
        )
    for text in texts:
        for match in _DEFAULT.finditer(text):
            number = match["number"]
            value = match["text"] if number is None else int(number)
            if value != "":
                made.fallbacks.setdefault(match["key"], value)
    return made


def _is_texts(schema: Mapping[str, object]) -> bool:
    """Whether a list holds texts, as it does where nothing else is said, and is empty by default."""
    items = schema.get("items")
    kind = items.get("type", "string") if is_mapping(items) else "string"
    return kind == "string" and not schema.get("default")


def _default(value: object) -> str | int | bool | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    return value if isinstance(value, str | int | bool) else None


def _leaves(
    schema: object, path: Path, required: bool
) -> Iterator[tuple[Path, Mapping[str, object], bool]]:
    if not is_mapping(schema):
        return
    properties = schema.get("properties")
    if is_mapping(properties):
        wanted = schema.get("required")
        needed = wanted if is_list(wanted) else []
        for name, inner in properties.items():
            yield from _leaves(inner, (*path, name), required and name in needed)
    choices = [schema.get(word) for word in ("oneOf", "anyOf", "allOf")]
    for choice in choices:
        for each in choice if is_list(choice) else ():
            if is_mapping(each) and is_mapping(each.get("properties")):
                yield from _leaves(each, path, False)
    if path and not is_mapping(properties) and not any(map(is_list, choices)):
        yield path, schema, required


def _constant(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else str(literal(value))
