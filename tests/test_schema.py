"""Schemas: what is refused and where, what classes and fields are called, the normal form."""

from __future__ import annotations

import time

import pytest
from models_support import codes, object_of, one_record, schemas_of

from generator.diagnostics import Diagnostic


def normal(schema: object, definitions: object = None) -> object:
    """The normal form of one field, `a`."""
    schemas, collector = schemas_of(one_record(object_of(a=schema), definitions))
    assert not collector.failed, collector.diagnostics
    properties = schemas.document["$defs"]["Thing"]["properties"]
    assert isinstance(properties, dict)
    return properties["a"]


def problem(schema: object, definitions: object = None) -> Diagnostic:
    """The only diagnostic of a record with one field, `a`."""
    _, collector = schemas_of(one_record(object_of(a=schema), definitions))
    assert len(collector.diagnostics) == 1, collector.diagnostics
    return collector.diagnostics[0]


REFUSED: dict[str, tuple[object, str, str]] = {
    "misspelt keyword": ({"typ": "string"}, "schema-keyword", "'type'"),
    "unknown keyword": ({"default_factory": "os.system"}, "schema-keyword", ""),
    "anyOf beside oneOf": ({"anyOf": [{}], "oneOf": [{}]}, "schema-value", ""),
    "missing properties": ({"type": "object", "id": {}, "b": {}}, "schema-keyword", ""),
    "misspelt type": ({"type": "objekt"}, "schema-type", "'object'"),
    "Python type": ({"type": "int"}, "schema-type", "'integer'"),
    "null as type": ({"type": None}, "schema-type", '"null"'),
    "number as type": ({"type": 3}, "schema-type", ""),
    "empty type list": ({"type": []}, "schema-type", ""),
    "type in list": ({"type": ["strin", "null"]}, "schema-type", "'string'"),
    "if": ({"if": {}}, "schema-unsupported", ""),
    "not": ({"not": {"type": "string"}}, "schema-unsupported", ""),
    "dependentRequired": ({"dependentRequired": {}}, "schema-unsupported", ""),
    "patternProperties": ({"patternProperties": {}}, "schema-unsupported", ""),
    "$dynamicRef": ({"$dynamicRef": "#x"}, "schema-unsupported", ""),
    "$anchor": ({"$anchor": "x"}, "schema-unsupported", ""),
    "inner definitions": ({"$defs": {}}, "schema-unsupported", ""),
    "text as schema": ("string", "schema-value", ""),
    "false as schema": (False, "schema-value", ""),
    "null as schema": (None, "schema-value", ""),
    "properties as list": ({"properties": ["a"]}, "schema-value", ""),
    "items as text": ({"items": "string"}, "schema-value", ""),
    "required as flag": ({"required": True}, "schema-value", "required:"),
    "required as text": ({"required": "a"}, "schema-value", ""),
    "description as number": ({"description": 3}, "schema-value", ""),
    "nullable as text": ({"nullable": "yes"}, "schema-value", ""),
    "negative length": ({"maxLength": -1}, "schema-value", ""),
    "fraction of a length": ({"maxLength": 1.5}, "schema-value", ""),
    "length as text": ({"maxLength": "3"}, "schema-value", ""),
    "endless length": ({"minLength": 10**30}, "schema-value", ""),
    "minimum as text": ({"minimum": "3"}, "schema-value", ""),
    "minimum beyond floats": ({"minimum": 10**400}, "schema-value", ""),
    "multiple of nothing": ({"multipleOf": 0}, "schema-value", ""),
    "empty enum": ({"enum": []}, "schema-value", ""),
    "enum as text": ({"enum": "a"}, "schema-value", ""),
    "object in enum": ({"enum": [{"a": 1}]}, "schema-enum", ""),
    "list as const": ({"const": [1]}, "schema-enum", ""),
    "enum of another type": ({"type": "string", "enum": [1]}, "schema-enum", '"1"'),
    "empty anyOf": ({"anyOf": []}, "schema-value", ""),
    "anyOf as mapping": ({"anyOf": {}}, "schema-value", ""),
    "wrong default": ({"type": "integer", "default": "abc"}, "schema-default", ""),
    "default beside enum": ({"enum": ["a"], "default": "b"}, "schema-default", ""),
    "boolean for integer": ({"type": "integer", "default": True}, "schema-default", ""),
    "wrong pattern": ({"type": "string", "pattern": "["}, "schema-pattern", ""),
    "endless pattern": ({"pattern": "(" * 3000}, "schema-pattern", ""),
    "dead reference": ({"$ref": "#/definitions/Agnt"}, "schema-ref", "Agent"),
    "reference to a URL": ({"$ref": "https://x.y/z.json"}, "schema-ref", ""),
    "reference to a file": ({"$ref": "../x.json#/definitions/A"}, "schema-ref", ""),
    "OpenAPI reference": (
        {"$ref": "#/components/schemas/Agent"},
        "schema-ref",
        "'#/definitions/Agent'",
    ),
    "deep reference": (
        {"$ref": "#/definitions/Agent/properties/a"},
        "schema-ref",
        "",
    ),
    "conflicting types": (
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        "schema-conflict",
        "",
    ),
    "conflicting enums": (
        {"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
        "schema-conflict",
        "",
    ),
    "conflicting formats": (
        {"allOf": [{"format": "date"}, {"format": "date-time"}]},
        "schema-conflict",
        "",
    ),
    "collision": (object_of(userId={}, user_id={}), "name-collision", "aliases:"),
    "collision after folding": (
        object_of(file={}, **{"\ufb01le": {}}),
        "name-collision",
        "aliases:",
    ),
    "no name": (object_of(**{"\u7528\u6237": {}}), "bad-name", "aliases:"),
    "empty name": (object_of(**{"": {}}), "bad-name", "aliases:"),
}
AGENT: dict[str, object] = {"Agent": object_of(a={"type": "string"})}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    schema, code, hint = REFUSED[name]
    found = problem(schema, AGENT)
    assert (found.severity, found.code) == ("error", code)
    assert hint in found.hint
    assert found.location.line == 1 and found.location.column > 1


DROPPED: dict[str, object] = {
    "vendor": {"x-thing": {"type": "objekt"}},
    "airbyte": {"airbyte_type": "x"},
    "import by a vendor keyword": {"customTypePath": "os.system"},
    "python type": {"x-python-type": "os.system"},
    "uniqueItems": {"type": "array", "uniqueItems": True},
    "default of a list": {"type": "array", "default": [1]},
    "default of a date": {"type": "string", "format": "date", "default": "2020-01-01"},
    "enum of fractions": {"enum": [1.5, 2.5]},
}


@pytest.mark.parametrize("name", DROPPED)
def test_what_is_dropped_with_a_warning(name: str) -> None:
    found = problem(DROPPED[name])
    assert (found.severity, found.code) == ("warning", "schema-dropped")


def test_a_vendor_keyword_is_reported_once() -> None:
    schema = object_of(**{f"f{i}": {"x-a": i} for i in range(20)})
    _, collector = schemas_of(one_record(schema))
    (found,) = collector.diagnostics
    assert "20 times" in found.message


def test_annotations_are_dropped_without_a_word() -> None:
    annotations: dict[str, object] = {
        "$schema": "x",
        "$id": "y",
        "$comment": "z",
        "readOnly": True,
        "deprecated": True,
        "example": {},
        "examples": [1],
        "title": "T",
        "additionalProperties": False,
        "uniqueItems": False,
        "default": None,
        "format": "no-such-format",
    }
    assert normal({"type": "string", **annotations}) == {"type": "string"}


def test_a_pattern_of_other_engines_is_dropped() -> None:
    found = problem({"type": "string", "pattern": "(?=x)y"})
    assert (found.severity, found.code) == ("warning", "pattern-dropped")
    found = problem({"type": "string", "pattern": r"(a)\1"})
    assert found.code == "pattern-dropped"
    pattern = {"type": "string", "pattern": r"^\p{L}+$"}
    assert normal(pattern) == pattern


def test_required_that_names_nothing_is_a_warning() -> None:
    _, collector = schemas_of(
        one_record({**object_of(userId={}), "required": ["userID", "userId"]})
    )
    (found,) = collector.diagnostics
    assert (found.code, found.severity) == ("required-unknown", "warning")
    assert "'userId'" in found.hint


NORMAL: dict[str, tuple[object, object]] = {
    "text": ({"type": "string"}, {"type": "string"}),
    "type list": ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
    "null unquoted in a list": (
        {"type": ["string", None]},
        {"type": ["string", "null"]},
    ),
    "nullable": ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    "nullable false": ({"type": "string", "nullable": False}, {"type": "string"}),
    "null": ({"type": "null"}, {"enum": [None]}),
    "several": ({"type": ["string", "integer"]}, {"type": ["string", "integer"]}),
    "any": ({}, {}),
    "true": (True, {}),
    "free object": ({"type": "object"}, {"type": "object"}),
    "date": (
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date"},
    ),
    "date-time": (
        {"type": "string", "format": "date-time", "maxLength": 3},
        {"type": "string", "format": "date-time"},
    ),
    "uuid": ({"type": "string", "format": "uuid"}, {"type": "string"}),
    "uri": ({"type": "string", "format": "uri"}, {"type": "string"}),
    "byte": ({"type": "string", "format": "byte"}, {"type": "string"}),
    "int64": ({"type": "integer", "format": "int64"}, {"type": "integer"}),
    "limits of another type": (
        {"type": "integer", "maxLength": 3},
        {"type": "integer"},
    ),
    "limits": (
        {"type": "string", "minLength": 1, "maxLength": 2.0},
        {"type": "string", "minLength": 1, "maxLength": 2},
    ),
    "draft 4 bounds": (
        {"type": "number", "minimum": 1, "exclusiveMinimum": True, "maximum": 5},
        {"type": "number", "exclusiveMinimum": 1, "maximum": 5},
    ),
    "fractional bound of an integer": (
        {"type": "integer", "minimum": 0.5, "exclusiveMaximum": 9.5},
        {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
    ),
    "enum": ({"enum": ["a", "b", "a"]}, {"enum": ["a", "b"]}),
    "enum with null": (
        {"type": "string", "enum": ["a", None]},
        {"enum": ["a", None]},
    ),
    "nullable enum": (
        {"type": ["string", "null"], "enum": ["a"]},
        {"enum": ["a", None]},
    ),
    "mixed enum": ({"enum": ["a", 1, True]}, {"enum": ["a", 1, True]}),
    "both booleans": ({"enum": [True, False]}, {"type": "boolean"}),
    "const": ({"const": "x"}, {"enum": ["x"]}),
    "const null": ({"const": None}, {"enum": [None]}),
    "default": (
        {"type": "string", "default": "x"},
        {"type": "string", "default": "x"},
    ),
    "whole default": (
        {"type": "integer", "default": 3.0},
        {"type": "integer", "default": 3},
    ),
    "anyOf with null": (
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": ["string", "null"]},
    ),
    "anyOf": (
        {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "string"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    ),
    "anyOf with any": ({"anyOf": [{"type": "string"}, {}]}, {}),
    "type beside anyOf": (
        {"type": "string", "anyOf": [{"enum": ["a"]}, {"maxLength": 3}]},
        {"anyOf": [{"enum": ["a"]}, {"$ref": "#/$defs/ThingAOption2"}]},
    ),
    "allOf": (
        {"allOf": [{"type": "string", "minLength": 1}, {"maxLength": 5}]},
        {"type": "string", "minLength": 1, "maxLength": 5},
    ),
    "number narrowed to integer": (
        {"allOf": [{"type": "number"}, {"type": "integer"}]},
        {"type": "integer"},
    ),
    "reference": ({"$ref": "#/definitions/Agent"}, {"$ref": "#/$defs/Agent"}),
    "reference with words": (
        {"$ref": "#/definitions/Agent", "description": "x"},
        {"$ref": "#/$defs/Agent"},
    ),
    "reference in allOf": (
        {"allOf": [{"$ref": "#/definitions/Agent"}], "nullable": True},
        {"anyOf": [{"$ref": "#/$defs/Agent"}, {"type": "null"}]},
    ),
    "$defs for definitions": ({"$ref": "#/$defs/Agent"}, {"$ref": "#/$defs/Agent"}),
    "list": (
        {"type": "array", "items": {"type": ["string", "null"]}},
        {"type": "array", "items": {"type": ["string", "null"]}},
    ),
    "list without type": (
        {"items": {"type": "string"}},
        {"type": "array", "items": {"type": "string"}},
    ),
    "tuple": (
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        {
            "type": "array",
            "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        },
    ),
    "mapping": (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ),
}


@pytest.mark.parametrize("name", NORMAL)
def test_normal_form(name: str) -> None:
    schema, expected = NORMAL[name]
    assert normal(schema, AGENT) == expected


def test_inline_objects_are_named_after_their_place() -> None:
    schemas, collector = schemas_of(
        one_record(
            object_of(
                homeAddress=object_of(street={"type": "string"}),
                lines={"type": "array", "items": object_of(x={})},
                byName={"type": "object", "additionalProperties": object_of(y={})},
                either={
                    "oneOf": [
                        {**object_of(z={}), "title": "Big one"},
                        {"type": "string"},
                    ]
                },
            )
        )
    )
    assert not collector.failed
    assert sorted(schemas.classes) == [
        "Thing",
        "ThingByName",
        "ThingEitherBigOne",
        "ThingHomeAddress",
        "ThingLine",
    ]


def test_records_are_named_by_model_title_or_singular() -> None:
    schemas, collector = schemas_of(
        {
            "definitions": {
                "ticket": {**object_of(id={}), "title": "Support ticket"},
                "agent_record": object_of(id={}),
            },
            "resources": [
                {"name": "tickets", "schema": {"$ref": "#/definitions/ticket"}},
                {"name": "archived", "schema": "#/definitions/ticket"},
                {"name": "agents", "schema": {"$ref": "#/definitions/agent_record"}},
                {"name": "categories", "schema": object_of(id={})},
                {"name": "users", "schema": object_of(id={}), "model": "Person"},
                {
                    "name": "other",
                    "schema": {**object_of(id={}), "title": "some thing"},
                },
                {"name": "copies", "schema": "#/definitions/ticket", "model": "Copied"},
                "businesses",
                7,
                {"name": 3},
            ],
        }
    )
    assert not collector.failed, collector.diagnostics
    assert dict(schemas.models) == {
        0: "SupportTicket",
        1: "SupportTicket",
        2: "AgentRecord",
        3: "Category",
        4: "Person",
        5: "SomeThing",
        6: "Copied",
        7: "Business",
    }
    assert schemas.is_open("Business") and not schemas.is_open("Copied")
    assert codes(collector) == ["no-schema"]


def test_a_name_that_nobody_chose_gives_way() -> None:
    names = ["ticket", "tickets", "records", "fields", "literal"]
    schemas, collector = schemas_of({"resources": [{"name": name} for name in names]})
    assert not collector.failed
    expected = ["Ticket", "Tickets", "Records", "Fields", "LiteralRecord"]
    assert list(schemas.models.values()) == expected


@pytest.mark.parametrize(
    ("resources", "code"),
    [
        ([{"name": "a", "model": "Record"}], "name-collision"),
        ([{"name": "a", "model": "Any"}], "name-collision"),
        ([{"name": "a", "model": "B"}, {"name": "b", "model": "B"}], "name-collision"),
        (
            [
                {"name": "a", "schema": {"title": "X"}},
                {"name": "b", "schema": {"title": "X"}},
            ],
            "name-collision",
        ),
        ([{"name": "\u7528\u6237"}], "bad-name"),
        ([{"name": "a", "model": "not a name"}], "bad-name"),
        ([{"name": "a", "model": "\uff21bc"}], "bad-name"),
    ],
)
def test_names_of_records_that_cannot_be(resources: list[object], code: str) -> None:
    _, collector = schemas_of({"resources": resources})
    errors = [each for each in collector.diagnostics if each.severity == "error"]
    assert [each.code for each in errors] == [code]
    assert "model:" in errors[0].hint or "did you mean" in errors[0].hint


def test_a_nested_class_that_takes_another_name_is_a_collision() -> None:
    spec = one_record(
        object_of(
            address=object_of(a={}), other={"$ref": "#/definitions/ThingAddress"}
        ),
        {"ThingAddress": object_of(b={})},
    )
    _, collector = schemas_of(spec)
    assert codes(collector) == ["name-collision"]


def test_aliases_name_attributes() -> None:
    schema = object_of(userId={}, user_id={}, place=object_of(**{"a-b": {}, "a_b": {}}))
    aliases = {"userId": "uid", "place.a-b": "dashed"}
    schemas, collector = schemas_of(one_record(schema, aliases=aliases))
    assert not collector.failed, collector.diagnostics
    assert [p.attribute for p in schemas.properties("Thing")] == [
        "uid",
        "user_id",
        "place",
    ]
    assert [p.attribute for p in schemas.properties("ThingPlace")] == ["dashed", "a_b"]


@pytest.mark.parametrize(
    ("aliases", "code"),
    [
        ({"a": "class"}, "bad-name"),
        ({"a": "model_dump"}, "bad-name"),
        ({"a": "x y"}, "bad-name"),
        ({"a": "\uff58"}, "bad-name"),
        ({"a": "import os"}, "bad-name"),
        ({"a": "b"}, "name-collision"),
        ({"zzz": "c"}, "unknown-field"),
    ],
)
def test_aliases_that_cannot_be(aliases: dict[str, str], code: str) -> None:
    _, collector = schemas_of(one_record(object_of(a={}, b={}), aliases=aliases))
    assert codes(collector) == [code]


def test_two_resources_of_one_record_agree_on_its_aliases() -> None:
    resource = {"name": "a", "schema": "#/definitions/X"}
    _, collector = schemas_of(
        {
            "definitions": {"X": object_of(a={})},
            "resources": [
                {**resource, "aliases": {"a": "one"}},
                {**resource, "name": "b", "aliases": {"a": "two"}},
            ],
        }
    )
    assert codes(collector) == ["name-collision"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "object"}},
        {"type": "string"},
        {"enum": ["a"]},
        {"anyOf": [object_of(a={}), object_of(b={})]},
        {"type": ["object", "array"]},
    ],
)
def test_a_record_is_an_object(schema: object) -> None:
    _, collector = schemas_of(one_record(schema))
    assert codes(collector) == ["schema-record"]


@pytest.mark.parametrize(
    "schema", [{}, {"type": "object"}, {"type": ["object", "null"]}]
)
def test_a_record_without_fields_is_open(schema: object) -> None:
    schemas, collector = schemas_of(one_record(schema))
    assert not collector.diagnostics and schemas.is_open("Thing")


def test_all_of_is_put_together() -> None:
    definitions = {
        "Base": {
            **object_of(id={"type": "integer"}, kind={"type": "string"}),
            "required": ["id"],
        },
    }
    schema = {
        "allOf": [
            {"$ref": "#/definitions/Base"},
            {**object_of(kind={"const": "x"}, more={}), "required": ["kind"]},
        ],
        "description": "Derived.",
    }
    schemas, collector = schemas_of(one_record(schema, definitions))
    assert not collector.diagnostics
    fields = [(p.name, p.required, p.types) for p in schemas.properties("Thing")]
    assert fields == [
        ("id", True, ("integer",)),
        ("kind", True, ("string",)),
        ("more", False, ()),
    ]
    assert list(schemas.classes) == ["Thing"]
    assert schemas.descriptions == {"Thing": "Derived."}


def test_properties_beside_any_of_are_part_of_each_alternative() -> None:
    schema = {
        **object_of(id={"type": "integer"}),
        "anyOf": [object_of(a={}), object_of(b={})],
    }
    schemas, collector = schemas_of(one_record(object_of(x=schema)))
    assert not collector.diagnostics
    assert [p.name for p in schemas.properties("ThingXOption1")] == ["id", "a"]
    assert [p.name for p in schemas.properties("ThingXOption2")] == ["id", "b"]


def test_alternatives_that_only_list_required_fields_are_dropped() -> None:
    schema = {
        **object_of(a={}, b={}),
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    schemas, collector = schemas_of(one_record(object_of(x=schema)))
    assert codes(collector) == ["schema-dropped"]
    assert [p.name for p in schemas.properties("ThingX")] == ["a", "b"]


def ref(name: str) -> dict[str, object]:
    return {"$ref": f"#/definitions/{name}"}


CYCLES: dict[str, dict[str, object]] = {
    "references": {"A": ref("B"), "B": ref("A")},
    "itself": {"A": ref("A")},
    "allOf": {
        "A": {"allOf": [ref("B")], "type": "object"},
        "B": {"allOf": [ref("A"), {"type": "object"}]},
    },
    "anyOf": {"A": {"anyOf": [{"type": "string"}, ref("A")]}},
    "anyOf of two": {
        "A": {"anyOf": [{"type": "string"}, ref("B")]},
        "B": {"anyOf": [{"type": "integer"}, ref("A")]},
    },
    "list": {
        "A": {"type": "array", "items": {"anyOf": [{"type": "string"}, ref("A")]}}
    },
    "anyOf within allOf": {
        "A": {"allOf": [object_of(x={}), ref("B")]},
        "B": {"anyOf": [object_of(y={}), ref("B"), object_of(z={})]},
    },
    "alternatives that multiply": {
        **{
            f"D{i}": {
                **object_of(**{f"p{i}": {}}),
                "anyOf": [
                    ref(f"D{i + 1}"),
                    {"allOf": [ref(f"D{i + 1}")], **object_of(q={})},
                ],
            }
            for i in range(30)
        },
        "D30": object_of(z={}),
        "A": ref("D0"),
    },
    "a long chain": {
        **{
            f"C{i}": {"allOf": [ref(f"C{i + 1}"), object_of(**{f"p{i}": {}})]}
            for i in range(500)
        },
        "C500": object_of(z={}),
        "A": ref("C0"),
    },
}


@pytest.mark.parametrize("name", CYCLES)
def test_cycles_without_end_are_refused(name: str) -> None:
    started = time.monotonic()
    _, collector = schemas_of(one_record(object_of(a=ref("A")), CYCLES[name]))
    assert collector.failed
    assert {d.code for d in collector.diagnostics} & {
        "schema-cycle",
        "schema-unsupported",
    }
    assert time.monotonic() - started < 10


def test_cycles_through_fields_are_fine() -> None:
    definitions = {
        "A": object_of(b={"$ref": "#/definitions/B"}),
        "B": object_of(a={"type": "array", "items": {"$ref": "#/definitions/A"}}),
        "Alias": {"$ref": "#/definitions/A"},
    }
    schema = object_of(self={"$ref": "#"}, a={"$ref": "#/definitions/Alias"})
    schemas, collector = schemas_of(one_record(schema, definitions))
    assert not collector.diagnostics
    found = schemas.lookup("Thing", ["self", "self", "a", "b", "a", 0, "b"])
    assert found is not None and found.types == ("object",)


def test_a_long_chain_of_references_is_followed() -> None:
    definitions: dict[str, object] = {
        f"D{i}": {"$ref": f"#/definitions/D{i + 1}"} for i in range(3000)
    }
    definitions["D3000"] = {"type": "string"}
    assert normal({"$ref": "#/definitions/D0"}, definitions) == {"type": "string"}


def test_an_inline_schema_may_have_definitions_of_its_own() -> None:
    schema = {
        **object_of(a={"$ref": "#/$defs/Own"}, b={"$ref": "#/definitions/Agent"}),
        "$defs": {"Own": object_of(x={})},
    }
    schemas, collector = schemas_of(one_record(schema, AGENT))
    assert not collector.diagnostics
    assert sorted(schemas.classes) == ["Agent", "Own", "Thing"]


def test_schema_files() -> None:
    text = (
        "title: Shop order\ntype: object\nproperties:\n  line: {$ref: '#/$defs/Line'}\n"
        "  parent: {$ref: '#'}\n  bad: {$ref: '#/definitions/Agent'}\n"
        "$defs:\n  Line: {type: object, properties: {n: {type: integer}}}\n"
    )
    spec = {
        "definitions": AGENT,
        "resources": [
            {"name": "orders", "schema": "order.yaml"},
            {"name": "old_orders", "schema": "order.yaml"},
        ],
    }
    schemas, collector = schemas_of(spec, {"order.yaml": text})
    (found,) = collector.diagnostics
    assert found.code == "schema-ref" and str(found.location) == "order.yaml:6:15"
    assert dict(schemas.models) == {0: "ShopOrder", 1: "ShopOrder"}
    line = schemas.lookup("ShopOrder", ["parent", "line", "n"])
    assert line is not None and line.types == ("integer",)


def test_properties_say_what_a_field_is() -> None:
    schema = {
        **object_of(
            id={"type": "integer", "description": "  The id.  \n\n"},
            createdAt={"type": ["string", "null"], "format": "date-time"},
            when={"$ref": "#/definitions/When"},
            rating={"$ref": "#/definitions/Rating"},
            any={},
        ),
        "required": ["id", "rating"],
    }
    definitions = {
        "When": {"type": "string", "format": "date", "description": "A day."},
        "Rating": {"enum": ["good", 3, None]},
    }
    schemas, _ = schemas_of(one_record(schema, definitions))
    found = {
        p.name: (p.attribute, p.types, p.format, p.nullable, p.required, p.description)
        for p in schemas.properties("Thing")
    }
    assert found == {
        "id": ("id", ("integer",), "", False, True, "The id."),
        "createdAt": ("created_at", ("string",), "date-time", True, False, ""),
        "when": ("when", ("string",), "date", False, False, "A day."),
        "rating": ("rating", ("string", "integer"), "", True, True, ""),
        "any": ("any", (), "", False, False, ""),
    }


def test_lookup() -> None:
    schema = object_of(
        address=object_of(city={"type": "string"}),
        lines={"type": "array", "items": object_of(n={"type": "number"})},
        labels={"type": "object", "additionalProperties": {"type": "boolean"}},
        free={"type": "object"},
        any={},
        either={"anyOf": [object_of(x={"type": "string"}), {"type": "string"}]},
        name={"type": "string"},
    )
    schemas, _ = schemas_of(one_record(schema))

    def types(*path: str | int) -> tuple[str, ...] | None:
        found = schemas.lookup("Thing", path)
        return None if found is None else found.types

    assert types("address", "city") == ("string",)
    assert types("address", "town") is None
    assert types("lines", 0, "n") == ("number",)
    assert types("lines", "*", "n") == ("number",)
    assert types("lines", "n") is None
    assert types("labels", "x") == ("boolean",)
    assert types("free", "x", "y", 3) == ()
    assert types("any", "x") == ()
    assert types("either", "x") == ("string",)
    assert types("name", "x") is None
    assert types("nope") is None
    assert types() is None


SHAPES: list[dict[str, object]] = [
    {"resources": {"a": 1}},
    {"resources": None},
    {"definitions": [], "resources": []},
    {"definitions": {"A": 3}},
    {"resources": [None, [], 3, {"name": None}, {"name": "a", "schema": 3}]},
    {"resources": [{"name": "a", "schema": [], "aliases": 3, "model": {}}]},
    {"resources": [{"name": "a", "aliases": {"x": 3}, "description": 3}]},
    {},
]


@pytest.mark.parametrize("data", SHAPES)
def test_a_spec_of_the_wrong_shape_is_left_to_others(data: dict[str, object]) -> None:
    schemas, _ = schemas_of({"x": 1, **data})
    assert set(schemas.models.values()) <= {"A"}


def test_positions_are_those_of_the_schema() -> None:
    spec = (
        "definitions:\n  A:\n    properties:\n      x:\n        typ: string\n"
        "resources:\n- name: a\n  schema:\n    type: object\n    properties:\n"
        "      y: {$ref: '#/definitions/B'}\n"
    )
    _, collector = schemas_of(spec)
    places = [
        (each.code, each.location.line, each.location.column)
        for each in collector.sorted()
    ]
    assert places == [("schema-keyword", 5, 9), ("schema-ref", 11, 17)]
