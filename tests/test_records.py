"""models.py: what it looks like, that it imports, and that no text of a spec becomes code."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import black
import pydantic
import pytest
from black.mode import Mode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from models_support import (
    HEADER,
    imported,
    models_text,
    object_of,
    one_record,
    schemas_of,
)

from generator.batches import batches
from generator.diagnostics import Collector
from generator.document import Bundle, parse
from generator.records import models_module
from generator.schema import Schemas, build

ALLOWED = {
    "__future__",
    "datetime",
    "typing",
    "pydantic",
    "typing_extensions",
    "_runtime.records",
}


def fields_of(text: str) -> str:
    """The body of the class Thing."""
    return text.split("class Thing(Record):\n")[1].split("\n\n\n")[0].rstrip()


def check(text: str, schemas: Schemas) -> None:
    """Everything that holds for each module of records."""
    tree = ast.parse(text)
    assert text.isascii() or '"""' in text
    assert black.format_str(text, mode=Mode()) == text
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            assert node.module in ALLOWED
            names.update(each.asname or each.name for each in node.names)
        else:
            assert isinstance(node, ast.ClassDef | ast.Assign | ast.Expr)
    used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    assert names - {"annotations"} <= used
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with imported(text) as module:
            assert set(module.__all__) == set(schemas.document["$defs"])
            for name in schemas.classes:
                model = getattr(module, name)
                model.model_rebuild(force=True)
                same_fields(model, schemas, name)


def same_fields(model: type[pydantic.BaseModel], schemas: Schemas, name: str) -> None:
    words = schemas.descriptions.get(name, "")
    assert " ".join((model.__doc__ or "").split()) == " ".join(words.split())
    assert len(model.model_fields) == len(schemas.properties(name))
    for each in schemas.properties(name):
        found = model.model_fields[each.attribute]
        assert (found.alias or each.attribute) == each.name
        assert found.is_required() == each.required
        description = " ".join((found.description or "").split())
        assert description == " ".join(each.description.split())


def test_the_whole_module() -> None:
    text = models_text(
        {
            "definitions": {
                "Rating": {"type": "string", "enum": ["good", "it's"]},
                "Ticket": {
                    "type": "object",
                    "description": "A request for help.",
                    "required": ["id", "createdAt"],
                    "properties": {
                        "id": {"type": "integer", "description": "Unique number."},
                        "createdAt": {"type": "string", "format": "date-time"},
                        "due": {"type": ["string", "null"], "format": "date"},
                        "rating": {"$ref": "#/definitions/Rating"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                        "parent": {"$ref": "#/definitions/Ticket"},
                        "place": object_of(city={"type": "string", "maxLength": 80}),
                        "class": {"type": "number", "default": 1.5},
                        "labels": {"type": "object"},
                    },
                },
            },
            "resources": [
                {"name": "tickets", "schema": {"$ref": "#/definitions/Ticket"}},
                {"name": "agents", "description": "People who help."},
            ],
        }
    )
    expected = '''\
        # Made by gen-connector; do not edit. @generated

        from __future__ import annotations

        from datetime import date, datetime
        from typing import Annotated, Any, Literal

        from pydantic import Field
        from typing_extensions import TypeAliasType

        from ._runtime.records import Record

        __all__ = ["Agent", "Rating", "Ticket", "TicketPlace"]


        class TicketPlace(Record):
            city: Annotated[str | None, Field(max_length=80)] = None


        class Agent(Record):
            """People who help."""


        Rating = TypeAliasType("Rating", Literal["good", "it's"])


        class Ticket(Record):
            """A request for help."""

            id: int
            """Unique number."""
            created_at: Annotated[datetime, Field(alias="createdAt")]
            due: date | None = None
            rating: Rating | None = None
            tags: list[str] | None = None
            parent: Ticket | None = None
            place: TicketPlace | None = None
            class_: Annotated[float, Field(alias="class")] = 1.5
            labels: dict[str, Any] | None = None


        Ticket.model_rebuild()
        '''
    assert text == textwrap.dedent(expected)


TYPES: dict[str, tuple[object, bool, str]] = {
    "required": ({"type": "string"}, True, "a: str"),
    "optional": ({"type": "string"}, False, "a: str | None = None"),
    "required and nullable": ({"type": ["string", "null"]}, True, "a: str | None"),
    "nullable by a flag": (
        {"type": "string", "nullable": True},
        True,
        "a: str | None",
    ),
    "not nullable by a flag": (
        {"type": "string", "nullable": False, "default": None},
        False,
        "a: str | None = None",
    ),
    "default": ({"type": "string", "default": 'a"\\'}, False, "a: str = 'a\"\\\\'"),
    "required default": ({"type": "string", "default": "x"}, True, "a: str"),
    "nullable default": (
        {"type": ["integer", "null"], "default": 0},
        False,
        "a: int | None = 0",
    ),
    "null only": ({"type": "null"}, False, "a: None = None"),
    "any": ({}, False, "a: Any | None = None"),
    "required any": ({}, True, "a: Any"),
    "enum": (
        {"enum": ["x", 1, True, None]},
        True,
        'a: Literal["x", 1, True] | None',
    ),
    "const": ({"const": "x"}, True, 'a: Literal["x"]'),
    "uri": ({"type": "string", "format": "uri"}, True, "a: str"),
    "byte": ({"type": "string", "format": "byte"}, True, "a: str"),
    "password": ({"type": "string", "format": "password"}, True, "a: str"),
    "email": ({"type": "string", "format": "email"}, True, "a: str"),
    "time": ({"type": "string", "format": "time"}, True, "a: str"),
    "mapping of nullables": (
        {"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
        True,
        "a: dict[str, int | None]",
    ),
    "list of lists": (
        {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        True,
        "a: list[list[float]]",
    ),
    "union": (
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        True,
        "a: str | int | None",
    ),
    "union with limits": (
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]},
        True,
        "a: ThingAOption1 | int",
    ),
    "bounds": (
        {"type": "number", "minimum": 1, "exclusiveMaximum": 1e20},
        True,
        "a: Annotated[float, Field(ge=1.0, lt=1e20)]",
    ),
    "pattern": (
        {"type": "string", "pattern": "^\\d+\"'\u00e9$"},
        True,
        'a: Annotated[str, Field(pattern="^\\\\d+\\"\'\\xe9$")]',
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_types(name: str) -> None:
    schema, required, expected = TYPES[name]
    record = object_of(a=schema)
    record["required"] = ["a"] if required else []
    spec = one_record(record)
    text = models_text(spec)
    assert fields_of(text) == f"    {expected}"
    check(text, schemas_of(spec)[0])


def test_names_that_pydantic_or_python_needs() -> None:
    names = (
        "id class None def import copy json dict schema model_dump model_config validate"
        " construct mro register self list str int float bool object date datetime any"
        " literal field annotated record type match _private 1x a-b fields root items"
    ).split()
    spec = one_record(object_of(**{name: {"type": "string"} for name in names}))
    text = models_text(spec)
    check(text, schemas_of(spec)[0])
    with imported(text) as module:
        thing = module.Thing.model_validate({name: name for name in names})
        assert not thing.model_extra
        assert thing.model_dump(by_alias=True) == {name: name for name in names}


@pytest.mark.parametrize("name", ["Model", "Root", "RootX"])
def test_records_called_as_the_whole_document(name: str) -> None:
    """The library renames `object` in the class that it takes for the document's own."""
    used = object_of(object={"type": "string"})
    every = {each: used for each in ("Root", "RootX", name)}
    spec = one_record({"$ref": f"#/definitions/{name}"}, every)
    check(models_text(spec), schemas_of(spec)[0])


def test_fields_called_as_their_types() -> None:
    schema = object_of(
        date={"type": "string", "format": "date"},
        datetime={"type": "string", "format": "date-time"},
        list={"type": "array", "items": {"type": "string"}},
        other={"type": "string", "format": "date"},
    )
    text = models_text(one_record(schema))
    check(text, schemas_of(one_record(schema))[0])
    with imported(text) as module:
        thing = module.Thing.model_validate(
            {"date": "2020-01-02", "datetime": "2020-01-02T03:04:05", "list": ["a"]}
        )
        assert thing.datetime == datetime(2020, 1, 2, 3, 4, 5)
        assert thing.list_ == ["a"]


def test_unknown_fields_are_kept() -> None:
    with imported(models_text(one_record(object_of(a={"type": "string"})))) as module:
        assert module.Thing.model_validate({"a": "x", "b": 1}).model_extra == {"b": 1}


LONG: dict[str, dict[str, object]] = {
    "alias": object_of(customerReferenceNumberOfThePreviousYear={"type": "string"}),
    "alias and limits": object_of(
        **{"a" * 60 + "B": {"type": "string", "maxLength": 3, "pattern": "^a{3}$"}}
    ),
    "required": {
        **object_of(
            customerReferenceNumberOfThePreviousYear={"type": "integer", "minimum": 0}
        ),
        "required": ["customerReferenceNumberOfThePreviousYear"],
    },
    "default": object_of(
        customerReferenceNumberOfThePrevious={"type": "string", "default": "x" * 30}
    ),
    "literal": object_of(a={"enum": [f"value_number_{i}" for i in range(20)]}),
    "literal with alias": object_of(
        someThing={"enum": [f"value_number_{i}" for i in range(20)]}
    ),
    "nullable literal": object_of(
        a={"enum": [*(f"value_number_{i}" for i in range(20)), None]}
    ),
    "unbreakable": object_of(a={"const": "x" * 200}),
    "union": object_of(a={"anyOf": [object_of(**{f"f{i}": {}}) for i in range(12)]}),
    "long names": object_of(**{"x" * 120: object_of(**{"y" * 120: {}})}),
    "pattern": object_of(
        a={"type": "string", "pattern": "^[a-z]{1,30}(" + "abc|" * 30 + "x)$"}
    ),
    "list of literals": object_of(
        someThing={
            "type": "array",
            "items": {"enum": [f"value_number_{i}" for i in range(9)]},
        }
    ),
    "words": object_of(a={"description": "word " * 200}),
}


@pytest.mark.parametrize("name", LONG)
def test_long_lines_are_laid_out_as_black_does(name: str) -> None:
    spec = one_record(LONG[name])
    check(models_text(spec), schemas_of(spec)[0])


@pytest.mark.parametrize("width", range(60, 100))
@pytest.mark.parametrize("required", [True, False])
def test_every_width_of_the_most_common_field(width: int, required: bool) -> None:
    names = {
        "a" * (width // 3) + "B": {"type": "string"},
        "b" * (width // 3) + "C": {"type": "string", "minLength": 1, "maxLength": 5},
        "c" * (width // 2) + "D": {"type": ["integer", "null"]},
    }
    record = object_of(**names)
    record["required"] = list(names) if required else []
    text = models_text(one_record(record))
    assert black.format_str(text, mode=Mode()) == text


HOSTILE = [
    'a"b',
    "a'b",
    '"""',
    "'''",
    '"""\nimport os\n"""',
    'x""""',
    '"',
    '""',
    "ends with \\",
    "\\",
    "\\\\",
    '\\"',
    "\\N{BULLET} \\x00 \\u0041 \\",
    "{x!r} {{}} %s %(x)s ${y}",
    "# comment\nimport os",
    "line\nline\n\n\nline",
    "  indented\n      deeper\n",
    "tab\there ",
    "para\u2028graph\u2029x",
    "\u200b\u200dzero width",
    "\u00e9\u4e2d\U0001f600",
    "x" * 300,
    "word " * 60,
    "]; import os; x = [",
    "Any",
    "os.system('x')",
    "__import__('os').system('x')",
    "\ufb01",
    "../../etc/passwd",
    "#/definitions/A",
    "NaN",
    "None",
    "*",
    "- item\n- item\n1. one",
]


def in_description(text: str) -> dict[str, object]:
    record = object_of(a={"type": "string", "description": text})
    return one_record({**record, "description": text}, description=text)


def in_title(text: str) -> dict[str, object]:
    return one_record({**object_of(a={"title": text}), "title": text})


def in_enum(text: str) -> dict[str, object]:
    return one_record(object_of(a={"enum": [text, "other"]}, b={"const": text}))


def in_default(text: str) -> dict[str, object]:
    return one_record(
        object_of(a={"type": "string", "default": text}, b={"default": text})
    )


def in_pattern(text: str) -> dict[str, object]:
    return one_record(object_of(a={"type": "string", "pattern": text}))


def in_property(text: str) -> dict[str, object]:
    return one_record({**object_of(**{text: object_of(x={})}), "required": [text]})


def in_definition(text: str) -> dict[str, object]:
    pointer = text.replace("~", "~0").replace("/", "~1").replace("%", "%25")
    return one_record(
        object_of(a={"$ref": f"#/definitions/{pointer}"}), {text: object_of(x={})}
    )


def in_reference(text: str) -> dict[str, object]:
    return one_record(object_of(a={"$ref": text}), {"A": object_of(x={})})


def in_format(text: str) -> dict[str, object]:
    return one_record(object_of(a={"type": "string", "format": text}))


def in_type(text: str) -> dict[str, object]:
    return one_record(object_of(a={"type": text}))


def in_keyword(text: str) -> dict[str, object]:
    return one_record(object_of(a={text: text, f"x-{text}": text}))


def in_resource(text: str) -> dict[str, object]:
    return {"resources": [{"name": text, "schema": object_of(a=object_of(b={}))}]}


def in_model(text: str) -> dict[str, object]:
    return one_record(object_of(a={}), model=text)


def in_alias(text: str) -> dict[str, object]:
    return one_record(object_of(a={}, b={}), aliases={"a": text, text: "c"})


def in_vendor(text: str) -> dict[str, object]:
    keys = ("customTypePath", "customBasePath", "x-python-import", "x-python-type")
    return one_record(
        {**object_of(a=dict.fromkeys(keys, text)), "x-python-import": text}
    )


POSITIONS: list[Callable[[str], dict[str, object]]] = [
    in_description,
    in_title,
    in_enum,
    in_default,
    in_pattern,
    in_property,
    in_definition,
    in_reference,
    in_format,
    in_type,
    in_keyword,
    in_resource,
    in_model,
    in_alias,
    in_vendor,
]


def harmless(spec: Mapping[str, object]) -> str:
    """Diagnostics, or a module that is what the schemas say; its text, or ""."""
    collector = Collector()
    found = parse(json.dumps(spec), "spec.json", collector)
    if found is None:
        assert collector.failed
        return ""
    schemas = build(Bundle(found, {}), collector)
    if collector.failed:
        assert all(each.location.line for each in collector.diagnostics)
        return ""
    text = models_module(schemas, collector, header=HEADER)
    assert not collector.failed, collector.diagnostics
    check(text, schemas)
    return text


@pytest.mark.parametrize("position", POSITIONS)
def test_hostile_text_is_refused_or_data(
    position: Callable[[str], dict[str, object]],
) -> None:
    for text in HOSTILE:
        harmless(position(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_values_keep_their_text(text: str) -> None:
    enum, default = harmless(in_enum(text)), harmless(in_default(text))
    assert enum and default
    with imported(enum) as module:
        assert module.Thing(a=text, b=text).model_dump() == {"a": text, "b": text}
        with pytest.raises(pydantic.ValidationError):
            module.Thing(a=f"{text}!")
    with imported(default) as module:
        assert module.Thing().model_dump() == {"a": text, "b": text}


hostile = st.text(max_size=30) | st.lists(
    st.sampled_from(
        ["'", '"', '"""', "\\", "\n", "{", "}", "%", "#", " ", "a", "\u2028"]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(POSITIONS), hostile)
def test_any_text_is_refused_or_data(
    position: Callable[[str], dict[str, object]], text: str
) -> None:
    harmless(position(text))


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | hostile
)
limits = st.fixed_dictionaries(
    {},
    optional={
        "minLength": st.integers(0, 5),
        "maxLength": st.integers(5, 500),
        "pattern": st.sampled_from(["^a", "(?=x)", "\\d+\"'", "\u00e9"]),
        "minimum": st.integers(-(10**30), 5) | st.floats(-1e200, 5),
        "exclusiveMaximum": st.integers(6, 10**30) | st.floats(6, 1e200),
        "multipleOf": st.sampled_from([1, 2, 0.5, 3, 10**30]),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(2, 5),
        "format": st.sampled_from(["date", "date-time", "uuid", "email", "byte"]),
    },
)
types = st.sampled_from(
    ["string", "integer", "number", "boolean", "array", "object", "null"]
)
names = st.sampled_from(
    "id userId class date datetime type model_dump x @t list str items mro address".split()
)
references = st.sampled_from("ABC").map(lambda name: {"$ref": f"#/definitions/{name}"})
leaves = st.one_of(
    st.builds(lambda kind, more: {"type": kind, **more}, types, limits),
    st.builds(
        lambda values: {"enum": values}, st.lists(scalars, min_size=1, max_size=5)
    ),
    st.builds(lambda kind, value: {"type": kind, "default": value}, types, scalars),
    st.sampled_from([{}, True, {"type": "object"}]),
    references,
    references.map(lambda ref: {**ref, "nullable": True, "description": "x"}),
)


def containers(
    inner: st.SearchStrategy[object],
) -> st.SearchStrategy[dict[str, object]]:
    fields = st.dictionaries(names, inner, max_size=4)
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(
            lambda f, flag, words: {
                "type": ["object", "null"] if flag else "object",
                "properties": f,
                "required": list(f) if flag else [],
                "description": words,
            },
            fields,
            st.booleans(),
            hostile,
        ),
        st.builds(lambda i, more: {"type": "array", "items": i, **more}, inner, limits),
        st.builds(lambda i: {"type": "object", "additionalProperties": i}, inner),
        st.builds(
            lambda i, key: {key: i},
            several,
            st.sampled_from(["anyOf", "oneOf", "allOf"]),
        ),
        st.builds(
            lambda kinds, more, i: {"type": kinds, "items": i, **more},
            st.lists(types, min_size=1, max_size=4, unique=True),
            limits,
            inner,
        ),
    )


schemas = st.recursive(leaves, containers, max_leaves=12)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.dictionaries(names, schemas, max_size=5), schemas, schemas, schemas)
def test_any_schema_is_refused_or_a_module(
    fields: dict[str, object], a: object, b: object, c: object
) -> None:
    harmless(one_record(object_of(**fields), {"A": a, "B": b, "C": c}))


BIG: dict[str, object] = {
    "definitions": {
        f"Thing{i}": {
            **object_of(
                id={"type": "integer", "description": "Identifier."},
                createdAt={"type": "string", "format": "date-time"},
                status={"enum": ["open", "closed", "pending", "solved"]},
                place=object_of(city={"type": "string"}),
                other={"$ref": f"#/definitions/Thing{i * 7 % 40}"},
            ),
            "required": ["id"],
        }
        for i in range(40)
    },
    "resources": [
        {"name": f"thing{i}s", "schema": f"#/definitions/Thing{i}"} for i in range(40)
    ],
}


def in_process(folder: Path, **environment: str) -> str:
    """The module as a fresh process makes it in `folder`."""
    program = (
        "import json, sys\n"
        "from generator.diagnostics import Collector\n"
        "from generator.document import Bundle, parse\n"
        "from generator.records import models_module\n"
        "from generator.schema import build\n"
        "collector = Collector()\n"
        "spec = parse(sys.stdin.read(), 'spec.json', collector)\n"
        "text = models_module(build(Bundle(spec, {}), collector), collector)\n"
        "assert not collector.failed, collector.diagnostics\n"
        "sys.stdout.buffer.write(text.encode())\n"
    )
    root = str(Path(__file__).parents[1])
    result = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(BIG).encode(),
        capture_output=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root, **environment},
        timeout=120,
    )
    return result.stdout.decode()


def test_neither_folder_nor_environment_nor_hash_seed_matters(tmp_path: Path) -> None:
    hostile_folder = tmp_path / "hostile"
    hostile_folder.mkdir()
    (hostile_folder / "pyproject.toml").write_text(
        "[tool.black]\nline-length = 40\n[tool.datamodel-codegen]\n"
        'base-class = "evil.Base"\nclass-name-prefix = "Evil"\n'
    )
    plain_folder = tmp_path / "plain"
    plain_folder.mkdir()
    first = in_process(plain_folder, PYTHONHASHSEED="0", LC_ALL="C.UTF-8")
    second = in_process(hostile_folder, PYTHONHASHSEED="4", LC_ALL="C")
    assert first == second
    (hostile_folder / "pyproject.toml").write_text("[[[ not toml")
    assert in_process(hostile_folder, PYTHONHASHSEED="7") == first


def test_a_spec_without_resources_has_an_empty_module() -> None:
    text = models_text({"resources": []})
    assert "__all__" in text
    assert black.format_str(text, mode=Mode()) == text


def library_that(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str]
) -> Collector:
    """What is reported where the library writes something else."""
    import datamodel_code_generator

    real = datamodel_code_generator.generate

    def changed(*args: object, **options: object) -> object:
        return change(str(real(*args, **options)))  # type: ignore[arg-type]

    monkeypatch.setattr(datamodel_code_generator, "generate", changed)
    found, collector = schemas_of(one_record(object_of(userId={"type": "string"})))
    assert models_module(found, collector) == ""
    return collector


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("class Thing", "class Other"),
        lambda text: text.replace("user_id", "user"),
        lambda text: text.replace("'userId'", "'user'"),
        lambda text: text.replace("(Record)", "(object)"),
        lambda text: text + "\nimport os\n",
        lambda text: text + "\nprint(1)\n",
        lambda text: text + "\n(",
        lambda text: text + "\nclass More(Record):\n    pass\n",
    ],
)
def test_what_the_library_writes_otherwise_is_an_error(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str]
) -> None:
    collector = library_that(monkeypatch, change)
    assert [each.code for each in collector.diagnostics] == ["models"]


def test_what_the_library_warns_of_or_raises_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def warns(text: str) -> str:
        warnings.warn("careful", UserWarning, stacklevel=1)
        return text

    def raises(text: str) -> str:
        raise RuntimeError("no\x00way")

    for change, word in ((warns, "careful"), (raises, "no\\x00way")):
        with monkeypatch.context() as patch:
            (found,) = library_that(patch, change).diagnostics
            assert found.code == "models" and word in found.message


def test_many_models_are_made_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shared ones, cycles and aliases are the same as if all were made at once."""
    definitions: dict[str, object] = {
        "Country": object_of(code={"type": "string"}, kind={"enum": ["a", "b"]}),
        "Address": object_of(country={"$ref": "#/definitions/Country"}),
        "Size": {"anyOf": [{"type": "integer"}, object_of(unit={"enum": ["m", "ft"]})]},
        "Node": object_of(next={"$ref": "#/definitions/Node"}, object={"type": "null"}),
    }
    for n in range(24):
        definitions[f"Thing{n}"] = object_of(
            address={"$ref": "#/definitions/Address"},
            size={"$ref": "#/definitions/Size"},
            peers={"type": "array", "items": {"$ref": "#/definitions/Node"}},
            **{f"userId{n}": {"type": "string", "format": "date-time"}},
        )
    things = [
        {"name": f"things{n}", "schema": f"#/definitions/Thing{n}"} for n in range(24)
    ]
    spec = {"definitions": definitions, "resources": things}
    whole = models_text(spec)
    schemas, _ = schemas_of(spec)
    for most, count in ((1, 1), (15, 3), (20, 2)):
        monkeypatch.setattr("generator.batches.MOST", most)
        parts = batches(schemas.document["$defs"])
        assert len(parts) == count, [len(each) for each in parts]
        text = models_text(spec)
        check(text, schemas)
        assert sorted(text.split("\n\n\n")) == sorted(whole.split("\n\n\n"))
        with imported(text) as module:
            row = {"peers": [{"next": {"next": None}}], "address": {"country": {}}}
            assert module.Thing23.model_validate(row).peers[0].next.next is None
