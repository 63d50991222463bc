"""Record models as Python text, made by datamodel-code-generator; its only importer.

The library gets the normal form and decides types only: names, documentation, imports and the
layout of the module are ours, and every class and field it writes is checked against the schemas.
"""

from __future__ import annotations

import ast
import gc
import json
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from generator.batches import batches
from generator.diagnostics import Collector, Location, shown
from generator.formatting import LINE_LENGTH, stable
from generator.pysource import assign, docstring, from_import, literal
from generator.schema import Schemas
from generator.schema.forms import Normal

_PLACEHOLDER = "connector_runtime.records"
"""Where the library imports the base class from: it accepts absolute imports only."""

_RUNTIME = "._runtime.records"
_WORD = re.compile(r"[A-Za-z_]\w*")
_EXPONENT = re.compile(r"\de\+")


class _Unexpected(Exception):
    """The library wrote something else than the schemas say."""


def models_module(
    schemas: Schemas,
    collector: Collector,
    *,
    header: str = "",
    remembering: frozenset[str] = frozenset(),
) -> str:
    """The text of models.py, stable under black; `header` is put before the first import.

    `remembering` names the classes whose records keep the JSON that they are made of.

    What the library refuses, warns of, or writes otherwise than the schemas say is an error
    with the code `models`; the text is then empty.
    """
    place = Location("models.py")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            written = _written(schemas) if schemas.classes else ""
            text = _Module(schemas, written, remembering).text(header)
        except Exception as error:  # the library's own errors derive from many classes
            message = f"the record models cannot be made: {shown(str(error), 200)}"
            collector.error(place, "models", message, "please report this spec")
            return ""
    for warning in caught:
        message = f"the model library warns: {shown(str(warning.message), 200)}"
        collector.error(place, "models", message, "please report this spec")
    return text if not caught else ""


def _written(schemas: Schemas) -> str:
    """The library's text of all classes, some of them twice."""
    parts = batches(schemas.document["$defs"])
    texts: list[str] = []
    for part in parts:
        texts.append(_generate(schemas, part))
        if len(parts) > 1:
            gc.collect()  # The library's objects refer to each other.
    return "\n".join(texts)


def _generate(schemas: Schemas, part: Mapping[str, Normal]) -> str:
    """The library's text: no documentation, unsorted imports, one line for each field."""
    from datamodel_code_generator import (
        GenerateConfig,
        InputFileType,
        LiteralType,
        NamingStrategy,
        PythonVersion,
        TargetPydanticVersion,
        generate,
    )
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.format import DatetimeClassType

    config = GenerateConfig(
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        target_pydantic_version=TargetPydanticVersion.V2_11,
        base_class=f"{_PLACEHOLDER}.Record",
        class_name=_root_name(schemas),
        skip_root_model=True,
        aliases=_aliases(schemas, part),
        use_annotated=True,
        field_constraints=True,
        strict_nullable=True,
        enum_field_as_literal=LiteralType.All,
        use_type_alias=True,
        use_typed_nullable_map_values=True,
        naming_strategy=NamingStrategy.FullPath,
        use_union_operator=True,
        use_standard_collections=True,
        output_datetime_class=DatetimeClassType.Datetime,
        disable_timestamp=True,
        custom_file_header="# models",
        # Unsorted imports and single quotes are mended here, faster than by a formatter.
        formatters=[],
        allow_remote_refs=False,
        strict_refs=True,
        treat_dot_as_module=False,
    )
    text = generate(json.dumps({"$defs": part}), config=config)
    if not isinstance(text, str):
        raise _Unexpected("the library made no single module")
    return text


def _root_name(schemas: Schemas) -> str:
    """A name for the whole document, which is skipped; with a record's it would rename fields."""
    name = "Root"
    while name in schemas.classes:
        name += "X"
    return name


def _aliases(schemas: Schemas, part: Iterable[str]) -> dict[str, str | list[str]]:
    """The names of fields that differ from those in the JSON, as the library takes them."""
    return {
        f"{name}.{each.name}": each.attribute
        for name in part
        for each in schemas.properties(name)
        if each.attribute != each.name
    }


@dataclass(slots=True)
class _Module:
    """The library's module, taken apart and put together again."""

    schemas: Schemas
    source: str
    remembering: frozenset[str]
    _lines: list[bytes] = field(default_factory=list[bytes])
    _used: set[str] = field(default_factory=set[str])
    _imports: dict[str, tuple[str, str]] = field(
        default_factory=dict[str, tuple[str, str]]
    )

    def text(self, header: str) -> str:
        module = ast.parse(self.source)
        self._lines = self.source.encode().splitlines(keepends=True)
        parts: list[str] = []
        rebuilds: dict[str, None] = {}
        names: set[str] = set()
        for node in module.body:
            match node:
                case ast.ImportFrom():
                    self._import(node)
                case ast.ClassDef(name=name):
                    if name not in names:
                        parts.append(self._class(node))
                    names.add(name)
                case ast.Assign(targets=[ast.Name(id=name)]):
                    if name not in names:
                        parts.append(self._code(node))
                    names.add(name)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="model_rebuild"))):
                    rebuilds[self._code(node)] = None
                case _:
                    raise _Unexpected(f"an unexpected {type(node).__name__}")
        odd = names.symmetric_difference(self.schemas.document["$defs"])
        if odd:
            raise _Unexpected(f"other classes than asked for: {sorted(odd)}")
        if rebuilds:
            parts.append("\n".join(rebuilds))
        top = [header.rstrip()] if header else []
        top.append("from __future__ import annotations")
        top.extend(self._import_groups())
        top.append(str(assign("__all__", literal(sorted(names)))))
        text = "\n\n\n".join(["\n\n".join(top), *parts]) + "\n"
        return stable(text)

    def _import(self, node: ast.ImportFrom) -> None:
        module = _RUNTIME if node.module == _PLACEHOLDER else node.module or ""
        if module != "__future__":
            for each in node.names:
                self._imports[each.asname or each.name] = (module, each.name)

    def _import_groups(self) -> Iterator[str]:
        """The imports that are used: standard library, packages, own modules."""
        groups: tuple[list[str], list[str], list[str]] = ([], [], [])
        modules: dict[str, list[tuple[str, str]]] = {}
        for name in sorted(self._imports):
            module, original = self._imports[name]
            if name in self._used:
                modules.setdefault(module, []).append((original, name))
        for module in sorted(modules):
            number = 2 if module.startswith(".") else module not in _STANDARD
            plain = [name for original, name in modules[module] if original == name]
            if plain:
                groups[number].append(str(from_import(module, plain)))
            groups[number].extend(
                f"from {module} import {original} as {name}"
                for original, name in modules[module]
                if original != name
            )
        yield from ("\n".join(group) for group in groups if group)

    def _class(self, node: ast.ClassDef) -> str:
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        if bases != ["Record"]:
            raise _Unexpected(f"the class {node.name} is no Record")
        base = "Remembering" if node.name in self.remembering else "Record"
        self._imports["Remembering"] = ("._runtime.remembering", "Remembering")
        self._used.add(base)
        lines = [f"class {node.name}({base}):"]
        words = self.schemas.descriptions.get(node.name, "")
        if words:
            lines.append(f"    {docstring(words, 4)}")
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
        if words and fields:
            lines.append("")
        if not words and not fields:
            lines.append("    pass")
        expected = self.schemas.properties(node.name)
        found = [_names(each) for each in fields]
        asked = [(each.attribute, each.name) for each in expected]
        if found != asked:
            odd = sorted(set(found).symmetric_difference(asked))
            raise _Unexpected(f"other fields than asked for in {node.name}: {odd}")
        for each, one in zip(fields, expected, strict=True):
            lines.append(_wrapped(f"    {self._code(each)}"))
            if one.description:
                lines.append(f"    {docstring(one.description, 4)}")
        return "\n".join(lines)

    def _code(self, node: ast.stmt) -> str:
        """The text of a statement, its literals as our own encoder writes them."""
        start, end = node.lineno - 1, node.end_lineno or node.lineno
        lines = self._lines[start:end]
        text = b"".join(lines)[node.col_offset :].rstrip()
        plain = text.decode()
        if "'" not in plain and '"' not in plain and not _EXPONENT.search(plain):
            self._used.update(_WORD.findall(plain))
            return plain
        offsets = [0]
        for line in lines:
            offsets.append(offsets[-1] + len(line))
        edits: list[tuple[int, int, bytes]] = []
        for each in ast.walk(node):
            if isinstance(each, ast.Name):
                self._used.add(each.id)
            elif isinstance(each, ast.Constant) and type(each.value) in (str, float):
                first = offsets[each.lineno - 1 - start] + each.col_offset
                row = (each.end_lineno or each.lineno) - 1 - start
                last = offsets[row] + (each.end_col_offset or 0)
                edits.append((first, last, str(literal(each.value)).encode()))
        for first, last, new in sorted(edits, reverse=True):
            text = (
                text[: first - node.col_offset] + new + text[last - node.col_offset :]
            )
        return text.decode()


_STANDARD = frozenset(sys.stdlib_module_names)
_ANNOTATED = re.compile(
    r"(?P<lead>    \w+: Annotated\[)"
    r"(?P<type>[^\[\]\"]+), (?P<field>Field\([^()\[\]]*\))\](?P<tail>( = None)?)"
)


def _wrapped(line: str) -> str:
    """The most common field that is too long for a line as black wraps it; others as they are."""
    match = _ANNOTATED.fullmatch(line) if len(line) > LINE_LENGTH else None
    if match is None:
        return line
    opening = line.removesuffix("None") + "("
    if match["tail"] and len(opening) <= LINE_LENGTH:
        return f"{opening}\n        None\n    )"
    lead, end = match["lead"], f"    ]{match['tail']}"
    inner = f"        {match['type']}, {match['field']}"
    if len(inner) > LINE_LENGTH:
        inner = f"        {match['type']},\n        {match['field']},"
    return f"{lead}\n{inner}\n{end}"


def _names(node: ast.AnnAssign) -> tuple[str, str]:
    """The attribute of a field and its key in the JSON."""
    attribute = node.target.id if isinstance(node.target, ast.Name) else ""
    for each in ast.walk(node.annotation):
        if isinstance(each, ast.keyword) and each.arg == "alias":
            alias = each.value.value if isinstance(each.value, ast.Constant) else None
            return attribute, str(alias)
    return attribute, attribute
