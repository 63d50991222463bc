"""One test for each known way in: advisories of other generators, and places of our own."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from generator.cli import cli
from generator.diagnostics import SpecError
from generator.pipeline import compile_spec

from .effort import LONG
from .judge import Importer, Outcome, outcome, outcome_of_text, texts
from .maximal import SPECS
from .payloads import CANARY

pytestmark = pytest.mark.hostile

ACT = f"__import__('pathlib').Path('{CANARY}').touch()"


def spec(**resource: Any) -> dict[str, Any]:
    """A small spec; `resource` are keys of its only resource."""
    endpoint = {"path": "/tickets", "paginator": "single_page", "data_selector": "data"}
    endpoint |= resource.pop("endpoint", {})
    return {
        "connector": "desk",
        "client": {"base_url": "https://api.example.com", "auth": {"type": "bearer"}},
        "resources": [{"name": "tickets", **resource, "endpoint": endpoint}],
    }


def with_schema(**keywords: Any) -> dict[str, Any]:
    """A spec whose record has one field with the keywords."""
    return spec(schema={"type": "object", "properties": {"field": keywords}})


def harmless(found: Outcome, folder: Path) -> None:
    """Nothing happened, and if there is a package it can be used."""
    assert not found.problems
    if found.package is not None:
        importer = Importer(folder / "packages")
        importer.add(found.package, found.label)
        assert importer.problems() == []


def refused(found: Outcome, code: str) -> None:
    assert not found.problems
    assert found.package is None
    assert code in {each.code for each in found.errors}, [
        each.message for each in found.errors
    ]


# ---- schema keywords that make generators import or run code

IMPORTING: dict[str, Any] = {
    "customTypePath": "os.system",
    "customBasePath": "os.system",
    "customBasePath-newline": "x\nimport os\nos.system('touch PWNED')",
    "x-python-import": {"module": "os", "name": "system"},
    "x-python-type": "Callable[[], os.system('touch PWNED')]",
    "x-custom-base": ["os.system"],
    "x-enum-varnames": [ACT],
    "x-propertyNames": ACT,
    "airbyte_type": ACT,
}


@pytest.mark.parametrize("keyword", IMPORTING)
def test_vendor_keyword_that_imports(keyword: str, tmp_path: Path) -> None:
    value = IMPORTING[keyword]
    plain = keyword.partition("-newline")[0]
    keywords: dict[str, Any] = {"type": "string", plain: value}
    harmless(outcome(with_schema(**keywords), keyword, tmp_path), tmp_path)
    record = {"type": "object", plain: value, "properties": {"a": {"type": "string"}}}
    found = outcome(spec(schema=record), keyword, tmp_path)
    harmless(found, tmp_path / "record")
    assert found.package is not None
    assert "os" not in found.package.files["models.py"].split()


@pytest.mark.parametrize(
    "keyword",
    ["default_factory", "comment", "validators", "$dynamicRef", "$anchor", "if", "not"],
)
def test_keyword_that_is_not_known(keyword: str, tmp_path: Path) -> None:
    keywords: dict[str, Any] = {"type": "string", keyword: {"os": "system"}}
    found = outcome(with_schema(**keywords), keyword, tmp_path)
    assert found.package is None and not found.problems


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.example.net/schema.json",
        "http://127.0.0.1:1/schema.json#/definitions/x",
        "file:///etc/passwd",
        "../../../etc/passwd",
        "/etc/passwd",
        "other.json#/x",
        "#/definitions/../../x",
        "#/definitions/missing",
        "#/client/auth",
        "#",
        "#/",
        "#/definitions/%2e%2e%2fx",
        "#/definitions/\x00",
        "",
    ],
)
def test_reference_that_leads_elsewhere(reference: str, tmp_path: Path) -> None:
    harmless(
        outcome(with_schema(**{"$ref": reference}), "reference", tmp_path), tmp_path
    )


@pytest.mark.parametrize(
    "name",
    [
        "../outside.json",
        "folder/../../outside.json",
        "/etc/passwd",
        "link.json",
        "https://evil.example.net/schema.json",
        "file:///etc/passwd",
        "C:\\schema.json",
        "a\x00b",
        "x" * 5_000,
        "",
        ".",
        "spec.json",
        "/dev/zero",
        "fifo",
    ],
)
def test_schema_file_outside_of_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text('{"title": "Outside"}')
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "folder").mkdir()
    (folder / "link.json").symlink_to(tmp_path / "outside.json")
    os.mkfifo(folder / "fifo")
    found = outcome(spec(schema=name), "file", folder)
    assert found.package is None and not found.problems
    assert "Outside" not in " ".join(each.message for each in found.errors)


def test_cyclic_schemas(tmp_path: Path) -> None:
    loops: list[dict[str, Any]] = [
        {"a": {"$ref": "#/definitions/a"}},
        {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}},
        {"a": {"allOf": [{"$ref": "#/definitions/a"}]}},
        {"a": {"anyOf": [{"$ref": "#/definitions/a"}, {"type": "null"}]}},
        {"a": {"type": "array", "items": {"$ref": "#/definitions/a"}}},
        {"a": {"properties": {"a": {"$ref": "#/definitions/a"}}}},
        {"a": {"additionalProperties": {"$ref": "#/definitions/a"}}},
    ]
    for number, definitions in enumerate(loops):
        made = {**spec(schema="#/definitions/a"), "definitions": definitions}
        harmless(outcome(made, f"loop {number}", tmp_path), tmp_path / str(number))


def test_schemas_that_multiply(tmp_path: Path) -> None:
    definitions: dict[str, Any] = {
        f"a{n}": {"allOf": [{"$ref": f"#/definitions/a{n + 1}"}] * 2} for n in range(60)
    }
    definitions["a60"] = {"properties": {"x": {"type": "string"}}}
    made = {**spec(schema="#/definitions/a0"), "definitions": definitions}
    harmless(outcome(made, "allOf", tmp_path), tmp_path)
    wide = {
        f"a{n}": {
            "anyOf": [
                {"$ref": f"#/definitions/a{n + 1}"},
                {"items": {"$ref": f"#/definitions/a{n + 1}"}},
            ]
        }
        for n in range(40)
    }
    wide["a40"] = {"properties": {"x": {"type": "string"}}}
    made = {**with_schema(**{"$ref": "#/definitions/a0"}), "definitions": wide}
    harmless(outcome(made, "anyOf", tmp_path), tmp_path / "wide")


# ---- field names

FIELDS = [
    *(
        "class",
        "None",
        "self",
        "cls",
        "model_config",
        "model_dump",
        "model_fields",
        "schema",
    ),
    *(
        "copy",
        "json",
        "dict",
        "validate",
        "__init__",
        "__class__",
        "__dict__",
        "__slots__",
    ),
    *(
        "__pydantic_extra__",
        "_private",
        "__mangled",
        "_",
        "__",
        "-",
        ".",
        "",
        " ",
        "1",
        "1st",
    ),
    *(
        "a.b",
        "a-b",
        "$ref",
        "@id",
        "#text",
        "a b",
        "int",
        "str",
        "list",
        "bool",
        "float",
    ),
    *(
        "date",
        "datetime",
        "Any",
        "Field",
        "Literal",
        "Annotated",
        "Record",
        "field",
        "type",
    ),
    *(
        "annotations",
        "property",
        "super",
        "print",
        "open",
        "eval",
        "exec",
        "__import__",
    ),
    *(
        "\uff43\uff4c\uff41\uff53\uff53",
        "\ufb01eld",
        "\u00e9t\u00e9",
        "\u6f22\u5b57",
        "\U0001f600",
    ),
    *("\uff4d\uff4f\uff44\uff45\uff4c_config", "model_post_init", "model_validate"),
    *('a"b', "a'b", "a\\b", "a\nb", "a{b}c", '"""', "a" * 300),
]


@pytest.mark.parametrize("part", range(2))
def test_names_of_fields(part: int, tmp_path: Path) -> None:
    importer = Importer(tmp_path / "packages")
    problems: list[str] = []
    compiled = 0
    day = {"type": "string", "format": "date"}
    for name in FIELDS[part::2]:
        inner = {"properties": {name: {"type": "string", "description": "x"}}}
        made = spec(schema={"properties": {"other": day, name: day, "list": inner}})
        made["resources"].append(
            {
                "name": "others",
                "endpoint": "/x",
                "schema": {"properties": {name: inner}},
            }
        )
        found = outcome(made, ascii(name), tmp_path / "specs")
        problems.extend(f"{name!r}: {each}" for each in found.problems)
        if found.package is not None:
            compiled += 1
            importer.add(found.package, found.label)
    assert not problems + importer.problems()
    assert compiled > len(FIELDS) / 4


def test_field_names_that_python_would_take_for_one(tmp_path: Path) -> None:
    for pair in [
        ("\ufb01eld", "field"),
        ("a-b", "a_b"),
        ("userId", "user_id"),
        ("\u017f", "s"),
    ]:
        fields = {name: {"type": "string"} for name in pair}
        refused(
            outcome(spec(schema={"properties": fields}), str(pair), tmp_path),
            "name-collision",
        )


# ---- names of resources, secrets, placeholders and connectors

LOCALS = [
    *(
        "any",
        "auth",
        "base_url",
        "bound",
        "callable",
        "client",
        "configspec",
        "counts",
        "cursor",
    ),
    *(
        "dataclass",
        "date",
        "datetime",
        "day",
        "dlt",
        "end",
        "environment",
        "extra",
        "field",
    ),
    *(
        "finish",
        "found",
        "http",
        "instant",
        "int",
        "iso_text",
        "iterator",
        "list",
        "literal",
    ),
    *(
        "mapping",
        "now_text",
        "on_rejected",
        "on_rotated",
        "once",
        "page",
        "parent",
        "parents",
    ),
    *(
        "pick",
        "property",
        "records",
        "rejected",
        "rejected_records",
        "request",
        "required",
    ),
    *(
        "resource",
        "resources",
        "root",
        "rows",
        "segment",
        "self",
        "sequence",
        "shared",
        "signer",
    ),
    *(
        "since",
        "since_number",
        "source",
        "start",
        "str",
        "text",
        "token_url",
        "transport",
    ),
    *(
        "until",
        "urls",
        "class",
        "None",
        "import",
        "open",
        "eval",
        "print",
        "super",
        "object",
    ),
    *(
        "requests",
        "fields",
        "environments",
        "credentials",
        "counts_pages",
        "readers",
        "jsons",
    ),
    *(
        "dlt_resources",
        "type_checkings",
        "attribute_errors",
        "exceptions",
        "literals",
        "anys",
    ),
    *(
        "desk_clients",
        "desk_credentials",
        "desk_source",
        "desk_sources",
        "auth_methods",
    ),
    *(
        "offset_paginators",
        "single_page_paginators",
        "retry_policies",
        "transports",
        "bases",
    ),
]
"""Names that generated code uses itself, as resources and as what they read would be called."""


@pytest.mark.parametrize("part", range(2))
def test_names_that_generated_code_uses(part: int, tmp_path: Path) -> None:
    importer = Importer(tmp_path / "packages")
    problems: list[str] = []
    for name in LOCALS[part::2]:
        for label, made in named(name):
            found = outcome(made, f"{label} {name}", tmp_path / "specs")
            problems.extend(f"{found.label}: {each}" for each in found.problems)
            if found.package is not None:
                importer.add(found.package, found.label)
    assert not problems + importer.problems()


def named(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A spec with the name as a resource and its parent, and one with it everywhere else."""
    made = spec(
        endpoint={"path": f"/x/{{resources.{name}.id}}/{{resources.{name}.url}}"}
    )
    paged = {"type": "offset", "limit": 5, "limit_param": "limit"}
    changed = {
        "cursor_path": "updated_at",
        "start_param": "since",
        "end_param": "until",
    }
    times = {"updated_at": {"type": "string", "format": "date-time"}}
    first = {
        "name": name,
        "schema": {"properties": {"id": {"type": "integer"}, **times}},
        "endpoint": {"path": "/y", "paginator": paged, "incremental": changed},
    }
    made["resources"].insert(0, first)
    yield "resource", made
    other = spec(
        endpoint={
            "path": f"/{{{name}}}/x",
            "params": {"a": f'dlt.config["{name}"]', "b": "{{ now_utc() }} x"},
            "headers": {"X-A": f'dlt.secrets["{name}"]'},
            "incremental": {"cursor_path": "at", "start_param": name},
        }
    )
    other["client"]["environments"] = {name: other["client"].pop("base_url")}
    yield "placeholder", other


def test_two_resources_of_one_method(tmp_path: Path) -> None:
    for pair in [
        ("a-b", "a_b"),
        ("userId", "user_id"),
        ("tickets", "tickets"),
        ("a", "a_pages"),
    ]:
        made = spec()
        endpoint = made["resources"][0]["endpoint"]
        made["resources"] = [{"name": each, "endpoint": endpoint} for each in pair]
        assert outcome(made, str(pair), tmp_path).package is None


@pytest.mark.parametrize(
    "name",
    [
        *(
            "dlt",
            "pydantic",
            "json",
            "os",
            "urllib3",
            "requests",
            "typing",
            "class",
            "None",
        ),
        *(
            "../desk",
            "/tmp/desk",
            "a/b",
            "a.b",
            "..",
            ".",
            "",
            "-o",
            "__init__",
            "1desk",
            "Desk",
        ),
        *(
            "desk\n",
            "d\u0435sk",
            "\uff44esk",
            "con",
            "x" * 300,
            "desk.py",
            "~",
            "$HOME",
        ),
    ],
)
def test_connector_that_is_no_new_package(name: str, tmp_path: Path) -> None:
    found = outcome({**spec(), "connector": name}, name, tmp_path)
    if name == "con":
        harmless(found, tmp_path)
    else:
        assert found.package is None and not found.problems


@pytest.mark.parametrize(
    "name",
    [
        *('a"b.yaml', "a'b.yaml", "a\\b.yaml", "a\nb.yaml", "a\r# b.yaml", "a b.yaml"),
        *(
            "__init__.yaml",
            "class.yaml",
            "dlt.yaml",
            "1.yaml",
            "--help.yaml",
            "\u6f22.yaml",
        ),
        *(
            "{{7*7}}.yaml",
            "a{b}.yaml",
            ".yaml",
            "a.b.c",
            "x" * 200 + ".yaml",
            "a\x1b[31m.yaml",
        ),
    ],
)
def test_file_name_of_a_spec(name: str, tmp_path: Path) -> None:
    made = spec()
    del made["connector"]
    found = outcome_of_text(json.dumps(made), name, tmp_path / "specs" / name)
    harmless(found, tmp_path)
    if found.package is not None:
        for path, text in found.package.files.items():
            assert name not in text or name == "a.b.c", path


# ---- the text of the document

DOCUMENTS: dict[str, str] = {
    "python-tag": "connector: !!python/object/apply:os.system ['touch PWNED']\n",
    "python-name": "connector: !!python/name:os.system\n",
    "own-tag": "connector: !include /etc/passwd\n",
    "binary": "connector: !!binary aGVsbG8=\n",
    "timestamp": "connector: 2024-01-01\n",
    "merge": "a: &a {connector: desk}\n<<: *a\n",
    "alias-loop": "connector: &a [*a]\n",
    "alias-unknown": "connector: *nobody\n",
    "bomb": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{c}: &{c} [{', '.join([f'*{chr(ord(c) - 1)}'] * 9)}]\n" for c in "bcdefghij"
    ),
    "deep-flow": "connector: " + "[" * 20_000 + "\n",
    "deep-block": "".join("  " * n + "a:\n" for n in range(500)),
    "deep-closed": "connector: " + "[" * 3_000 + "]" * 3_000,
    "duplicate": "connector: a\nconnector: b\n",
    "number-key": "1: a\n",
    "null-key": "? \n: a\n",
    "list-key": "? [a]\n: b\n",
    "documents": "connector: a\n---\nconnector: b\n",
    "directive": "%YAML 9.9\n---\nconnector: a\n",
    "tabs": "connector:\n\t- a\n",
    "huge-int": "version: " + "9" * 100_000 + "\n",
    "huge-float": "version: 1e999999\n",
    "nan": "version: .nan\n",
    "infinity": "version: -.inf\n",
    "octal": "version: 0o17\n",
    "hexadecimal": "version: 0x1F\n",
    "sexagesimal": "version: 1:30\n",
    "empty": "",
    "spaces": "   \n\n",
    "comment": "# nothing\n",
    "null": "null\n",
    "list": "- a\n",
    "text": "desk\n",
    "number": "7\n",
    "nul": "connector: a\x00b\n",
    "escape": "connector: a\x1b[2Jb\n",
    "bidi": "connector: a\u202eb\n",
    "escaped-surrogate": 'connector: "\\ud800"\n',
    "escaped-nul": 'connector: "\\0"\n',
    "escaped-bell": 'connector: "\\a"\n',
    "json-nan": '{"version": NaN}',
    "json-comment": '{"connector": "a" /* x */}',
    "json-surrogate": '{"connector": "\\ud83d"}',
    "json-deep": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "html": "<!DOCTYPE html><html></html>\n",
    "long-line": "connector: " + "a " * 200_000 + "\n",
    "many-keys": "".join(f"k{n}: {n}\n" for n in range(20_000)),
    "many-errors": json.dumps(
        {
            "client": {"base_url": "https://a.example"},
            "resources": [{"nam": n} for n in range(4_000)],
        }
    ),
    "many-unknown-parents": json.dumps(
        {
            "connector": "desk",
            "client": {"base_url": "https://a.example"},
            "resources": [
                {"name": f"resource_{n}", "endpoint": f"/{{resources.resorce_{n}.id}}"}
                for n in range(700)
            ],
        }
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document(name: str, tmp_path: Path) -> None:
    found = outcome_of_text(DOCUMENTS[name], name, tmp_path / "spec.yaml")
    assert found.package is None and not found.problems
    assert len(found.errors) < 10_000  # warnings are among them


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"\x80",
        b"connector: \xc3\x28\n",
        b"\x00" * 100,
        os.urandom(4_096),
    ],
    ids=["utf-16", "continuation", "cut", "zeros", "random"],
)
def test_document_that_is_no_text(content: bytes, tmp_path: Path) -> None:
    found = outcome_of_text(content, "bytes", tmp_path / "spec.yaml")
    assert found.package is None and not found.problems


# ---- expressions

EXPRESSIONS = [
    "__import__('os').system('touch PWNED')",
    "{{ __import__('os').system('touch PWNED') }}",
    "response.__class__.__mro__[1].__subclasses__()",
    "''.__class__",
    "response['__class__']",
    "self._TemplateReference__context",
    "cycler.__init__.__globals__.os.system('id')",
    "lipsum.__globals__",
    "get_flashed_messages.__globals__",
    "config.items()",
    "request.application.__globals__",
    "response|attr('__class__')",
    "response|map('system')|list",
    "range(10**9)|list",
    "9**9**9**9",
    "[9**9**9**9]",
    "'a' * 10**12",
    "response.get('a', 9**9**9**9)",
    "response.get('a', 'b' * 10**12)",
    "{'a': 9**9**9}",
    "1e999",
    "-1e999",
    "9" * 5_000,
    "response[" + "9" * 5_000 + "]",
    "(" * 500 + "1" + ")" * 500,
    "not " * 900 + "response",
    "-" * 900 + "1",
    "response" + ".a" * 900,
    "response" + "[0]" * 600,
    " and ".join(["response.a"] * 180),
    "response.a == " * 200 + "1",
    "'" + "a" * 100_000 + "'",
    "response.x|regex_search('(a+)+$') == 'a'",
    "response.x|regex_search('(')",
    "response.x|regex_search('a{99999}{99999}')",
    "response.x|regex_search('" + "(" * 400 + ")" * 400 + "')",
    "response['a\"]; import os; [\"']",
    "response['a\\n\\x00\\ud800']",
    "response['\\N{BULLET}{x}']",
    "headers['X\\r\\nInjected: 1']",
    "response.if",
    "response.import",
    "response.get",
    "response.get()",
    "response.get(response)",
    "response.json().json()",
    "headers",
    "headers.link",
    "headers.link.next.url.x",
    "last_record",
    "last_record[-1]",
    "records",
    "len",
    "len()",
    "len(response, 1)",
    "response()",
    "response(**{})",
    "response is mapping",
    "response is sameas response",
    "response in [response]",
    "1 in 2",
    "'a' 'b'",
    "a if b",
    "a if b else c if d else e",
    "a ~ b ~ 1",
    "a // b",
    "a % b",
    "a / 0",
    "a ** b",
    "-a",
    "+a",
    "a < b < c",
    "[] == []",
    "{} != none",
    "none",
    "true",
    "false",
    "''",
    "",
    " ",
    "{{ }}",
    "{{ a }}{{ b }}",
    "{{ a }} b",
    "{% if a %}b{% endif %}",
    "{# a #}",
    "{{ a",
    "a }}",
    "a; b",
    "a = b",
    "lambda: 1",
    "yield",
    "await a",
    "*a",
    "a, b",
    "...",
    "a[1:2]",
    "a['b'][1]['c d']",
    "a.b|default('x')|length > 3 and not (b or c)",
    "\u0430 == 1",
    "a\u2028b",
]


@pytest.mark.parametrize(
    "place", ["stop_condition", "cursor_value", "cursor_path", "path", "param"]
)
def test_expression(place: str, tmp_path: Path) -> None:
    importer = Importer(tmp_path / "packages")
    problems: list[str] = []
    compiled = 0
    # The same parser reads them all; the first place gets every one of them.
    some = EXPRESSIONS if LONG or place == "stop_condition" else EXPRESSIONS[::3]
    for text in some:
        made = expressed(place, text)
        found = outcome(made, f"{place} {text[:60]!a}", tmp_path / "specs")
        problems.extend(f"{found.label}: {each}" for each in found.problems)
        if found.package is not None:
            compiled += 1
            importer.add(found.package, found.label)
    assert not problems + importer.problems()
    assert compiled


def expressed(place: str, text: str) -> dict[str, Any]:
    paginator: dict[str, Any] = {
        "type": "cursor",
        "cursor_path": "next",
        "cursor_param": "c",
    }
    if place == "stop_condition":
        return spec(endpoint={"paginator": {**paginator, "stop_condition": text}})
    if place == "cursor_value":
        del paginator["cursor_path"]
        return spec(endpoint={"paginator": {**paginator, "cursor_value": text}})
    if place == "cursor_path":
        return spec(endpoint={"paginator": {**paginator, "cursor_path": text}})
    if place == "path":
        return spec(endpoint={"path": f"/{text}"})
    return spec(
        endpoint={"params": {"a": text, "b": f"x {text} y", "c": f"{{{{ {text} }}}}"}}
    )


# ---- URLs and hosts

URLS = [
    *(
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.com",
        "//evil.example.net",
    ),
    *(
        "https://user:secret@evil.example.net",
        "https://",
        "https://:80",
        "https://[::1",
        "http:/x",
    ),
    *(
        "https://a b",
        "https://a\nb",
        "https://a\\b",
        "https://a?x=1",
        "https://a#x",
        "https://a:99999",
    ),
    *(
        "https://a@b",
        "https://\uff45vil.example",
        "https://a/../..",
        "HTTPS://A",
        "data:text/plain,x",
    ),
    *(
        "https://{host}",
        "{{ config.url }}",
        "dlt.secrets['url']",
        "https://a{b}c",
        "https://a/{../x}",
    ),
    *("", "x", "/", "https://a/%00", "https://a/" + "x" * 50_000),
]


SCHEMES = ("file:", "javascript:", "ftp:", "data:", "//")


@pytest.mark.parametrize(
    "key", ["base_url", "token_url", "path", "allowed_hosts", "docs"]
)
def test_url(key: str, tmp_path: Path) -> None:
    importer = Importer(tmp_path / "packages")
    problems: list[str] = []
    for url in URLS:
        made = spec()
        if key == "path":
            made["resources"][0]["endpoint"]["path"] = url
        elif key == "token_url":
            made["client"]["auth"] = {"type": "oauth2", "token_url": url}
        elif key == "docs":
            made["docs"] = url
        else:
            made["client"][key] = [url] if key == "allowed_hosts" else url
        found = outcome(made, f"{key} {url[:60]!a}", tmp_path / "specs")
        problems.extend(f"{found.label}: {each}" for each in found.problems)
        if found.package is not None:
            importer.add(found.package, found.label)
            if key in {"base_url", "token_url", "path"}:
                bad = [
                    each for each in texts(found.package) if each.startswith(SCHEMES)
                ]
                assert key == "path" or not bad, bad
    assert not problems + importer.problems()


def test_host_that_is_not_the_apis(tmp_path: Path) -> None:
    for path in ["https://evil.example.net/x", "https://api.example.com.evil.net"]:
        refused(outcome(spec(endpoint={"path": path}), path, tmp_path), "host")
    for path in [
        "//evil.example.net/x",
        "https://api.example.com@evil.example.net/x",
        "https:///x",
    ]:
        assert outcome(spec(endpoint={"path": path}), path, tmp_path).package is None


def test_header_that_is_two(tmp_path: Path) -> None:
    for value in ["a\nInjected: 1", "a\r\nInjected: 1", "a\rb"]:
        found = outcome(spec(endpoint={"headers": {"X": value}}), "value", tmp_path)
        refused(found, "header")
    for name in ["X\nInjected: 1", "X:", "", " ", "X Y", "\u00e9"]:
        found = outcome(spec(endpoint={"headers": {name: "a"}}), "name", tmp_path)
        refused(found, "header")


# ---- the command line


def test_the_command_prints_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    for name, text in DOCUMENTS.items():
        if len(text) > 50_000:
            continue
        (tmp_path / "spec.yaml").write_text(
            text, encoding="utf-8", errors="surrogatepass"
        )
        for arguments in (["spec.yaml"], ["lint", "spec.yaml", "--format", "json"]):
            done = runner.invoke(cli, arguments, standalone_mode=False)
            assert done.exception is None, (name, done.exception)
            assert done.return_value == 1, name
            assert "Traceback" not in done.output, name
    assert sorted(os.listdir(tmp_path)) == ["spec.yaml"]


def test_nothing_is_kept_between_specs(tmp_path: Path) -> None:
    """A refused spec leaves nothing behind that changes the next one."""
    path = tmp_path / "desk.json"
    path.write_text(json.dumps(spec()))
    before = dict(compile_spec(path).files)
    for made in copy.deepcopy(list(SPECS.values())):
        made["client"]["base_url"] = 7
        (tmp_path / "bad.json").write_text(json.dumps(made))
        with pytest.raises(SpecError):
            compile_spec(tmp_path / "bad.json")
    assert dict(compile_spec(path).files) == before
