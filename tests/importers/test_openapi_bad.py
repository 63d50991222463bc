"""Broken, huge, cyclic and hostile documents: a message with a place, never a traceback."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator import pipeline
from generator.cli import cli
from generator.importers import IMPORTERS
from tests.importers.test_openapi_traps import TEXT, THING, answer, document, envelope

OPEN = 'openapi: "3.0.0"\n'


def run(folder: Path, text: str | bytes, name: str = "api.yaml") -> tuple[int, str]:
    """Exit code and output of the command on a document with that text."""
    source = folder / name
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    target = folder / "spec.yaml"
    words = ["import", "openapi", str(source), "-o", str(target)]
    result = CliRunner().invoke(cli, words, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value, result.output


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("api.json", '{"openapi": "3.0.0",\n  "paths": }', "api.json:2:12: error[json-syntax]"),
        ("api.json", '{"openapi": NaN}', "error[json-syntax]"),
        ("api.json", "[" * 100_000, "error"),
        ("api.yaml", OPEN + "paths:\n  /a: [", "api.yaml:4:1: error[yaml-syntax]"),
        ("api.yaml", OPEN + "paths: !!python/object:os.system {}\n", "error[yaml-tag]"),
        ("api.yaml", OPEN + "a: &a [*a]\n", "error[yaml-alias]"),
        ("api.yaml", b"openapi: \xff\n", "api.yaml:1:10: error[not-utf8]"),
        ("api.yaml", "", "error[empty]"),
        ("api.yaml", "- a\n", "error[wrong-top-level]"),
        ("api.yaml", "swagger: '1.2'\npaths: {}\n", "Swagger 1.2 is not supported"),
        ("api.yaml", "name: x\n", "this is no OpenAPI document"),
        ("api.yaml", OPEN + "info: {}\n", "has no `paths`"),
        ("api.yaml", OPEN + "paths: {}\n", "nothing was written"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(
    tmp_path: Path, name: str, text: str | bytes, expected: str
) -> None:
    code, output = run(tmp_path, text, name)
    assert code == 1, output
    assert expected in output
    assert not (tmp_path / "spec.yaml").exists()


def listing(ref: str) -> str:
    item = {"$ref": ref}
    paths = {"/things": {"get": {"responses": answer(envelope(item=item))}}}
    return json.dumps(document(paths), indent=1)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("https://example.com/a.yaml#/Thing", "error[remote-ref]"),
        ("//example.com/a.yaml", "error[remote-ref]"),
        ("../secret.yaml#/Thing", "error[outside-ref]"),
        ("/etc/passwd", "error[outside-ref]"),
        ("absent.yaml#/Thing", "error[missing-file]"),
        ("#/components/schemas/Absent", "warning[dead-ref]"),
    ],
)
def test_references_that_lead_away(tmp_path: Path, ref: str, expected: str) -> None:
    code, output = run(tmp_path, listing(ref), "api.json")
    assert expected in output
    assert f"api.json:{listing(ref)[: listing(ref).index(ref)].count(chr(10)) + 1}:" in output  # fmt: skip
    if "remote" in expected:
        assert "bundle" in output
    if expected.startswith("error"):
        assert "PARTIAL" in output or "nothing was written" in output


def test_references_to_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    thing = {"Thing": {"type": "object", "properties": {"id": TEXT, "up": {"$ref": "#/Thing"}, "other": {"$ref": "../api.json#/components/schemas/Other"}}}}  # fmt: skip
    (tmp_path / "parts/thing.json").write_text(json.dumps(thing))
    data = json.loads(listing("parts/thing.json#/Thing"))
    data["components"] = {"schemas": {"Other": THING}}
    code, output = run(tmp_path, json.dumps(data), "api.json")
    assert code == 0, output
    text = (tmp_path / "spec.yaml").read_text()
    assert 'up: { $ref: "#/definitions/Thing" }' in text.replace('"$ref"', "$ref")
    assert 'other: { $ref: "#/definitions/Other" }' in text.replace('"$ref"', "$ref")


HOSTILE = [
    '"""\nimport os; os.system("touch /tmp/x")\n"""',
    "{{ config.__class__ }}",
    "\u202e\u0000\x1b[31m",
    "# TODO: not one",
    "a: b\n- c",
    "'; drop table x; --",
    "x" * 5_000,
    'dlt.secrets["x"]',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(tmp_path: Path, text: str) -> None:
    thing = {"type": "object", "description": text, "properties": {"id": TEXT, text: {"type": "string", "enum": [text]}}}  # fmt: skip
    operation = {
        "operationId": text,
        "summary": text,
        "tags": [text],
        "parameters": [
            {"name": text, "in": "query", "required": True, "schema": TEXT},
            {"name": text, "in": "header", "required": True, "schema": TEXT},
        ],
        "responses": answer(envelope(text, item=thing)),
    }
    scheme = {"type": "apiKey", "in": "header", "name": text, "description": text}
    data = document(
        {f"/{text}": {"get": operation}, "/ok": {"get": {"responses": answer(envelope())}}},
        components={"securitySchemes": {text: scheme}},
        security=[{text: []}],
    )  # fmt: skip
    data["info"] = {"title": text, "description": text}
    data["servers"] = [{"url": text, "description": text}]
    code, output = run(tmp_path, json.dumps(data), "api.json")
    assert code in (0, 1)
    assert not any(character in output for character in "\x00\x1b\u202e")
    if code == 0:
        pipeline.compile_spec(tmp_path / "spec.yaml")


def test_cycles_of_references(tmp_path: Path) -> None:
    data = json.loads(listing("#/components/schemas/A"))
    ring = {
        name: {"$ref": f"#/components/schemas/{after}"} for name, after in ("AB", "BA")
    }
    parts: dict[str, Any] = {"C": {"allOf": [{"$ref": "#/components/schemas/C"}]}}
    for name in ("A", "C"):
        data["components"] = {"schemas": {**ring, **parts}}
        item = {"$ref": f"#/components/schemas/{name}"}
        data["paths"]["/things"]["get"]["responses"] = answer(envelope(item=item))
        code, output = run(tmp_path, json.dumps(data), "api.json")


def test_alternatives_that_lead_to_themselves(tmp_path: Path) -> None:
    """Each is asked once: walking all their ways would take for ever."""
    here = {"$ref": "#/components/schemas/A"}
    options = [here, here, here, {"anyOf": [here, here]}]
    for key in ("oneOf", "anyOf", "allOf"):
        data = json.loads(listing("#/components/schemas/Thing"))
        thing = {"type": "object", "properties": {"id": TEXT, "a": here}}
        data["components"] = {"schemas": {"A": {key: options}, "Thing": thing}}
        start = time.process_time()
        code, output = run(tmp_path, json.dumps(data), "api.json")
        assert code == 0, output
        assert time.process_time() - start < 5
        (tmp_path / "spec.yaml").unlink()


def test_values_of_other_types_than_expected(tmp_path: Path) -> None:
    odd = {**TEXT, "format": {"a": 1}, "enum": "x", "description": 5}
    data = json.loads(listing("a" * 3_000 + ".json"))
    thing = {"type": "object", "properties": {"id": TEXT, "odd": odd}}
    other = {"get": {"responses": answer(envelope(item=thing))}}
    data["paths"]["/others"] = other
    code, output = run(tmp_path, json.dumps(data), "api.json")
    assert code == 0 and "error[missing-file]" in output
    text = (tmp_path / "spec.yaml").read_text(encoding="utf-8")
    assert "odd: { type: string" in text


@pytest.mark.slow
@pytest.mark.skipif("GEN_CONNECTOR_WHOLE" not in os.environ, reason="`make coverage`")
def test_time_grows_no_faster_than_the_document(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        paths = {
            f"/group{n}/{{id}}/things{n}": {"get": {"responses": answer(envelope())}}
            for n in range(count)
        }
        source = tmp_path / f"{count}.json"
        source.write_text(json.dumps(document(paths)))
        start = time.process_time()
        result = CliRunner().invoke(cli, ["import", "openapi", str(source), "--list"])
        assert f"{count} resources" in result.output
        return time.process_time() - start

    seconds(10)
    assert seconds(5_000) < 10 * seconds(1_000)


@pytest.mark.parametrize("kind", sorted(IMPORTERS))
def test_a_url_is_not_fetched(kind: str) -> None:
    url = "http://127.0.0.1:1/api.json"
    result = CliRunner().invoke(cli, ["import", kind, url])
    assert result.exit_code == 2
    wanted = "gen-connector probe URL" if kind == "sample" else "nothing is fetched"
    assert wanted in " ".join(result.output.split())
