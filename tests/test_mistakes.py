"""Mistakes that people make in specs: where each is told, in which words, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import pipeline
from generator.diagnostics import Diagnostic, SpecError

CLIENT = "client: { base_url: https://api.example.com, auth: none }\n"
RESOURCE = f"{CLIENT}resources:\n  - name: things\n    "
"""What follows is line 4 from column 5 on."""
Told = tuple[str, str, str, str]
"""Line and column, code, a part of the message, a part of the hint."""

MISTAKES: dict[str, tuple[str, list[Told]]] = {
    "a key of the top": (
        f"conector: x\n{CLIENT}resources: [a]\n",
        [("1:1", "unknown-key", "'conector'", "did you mean 'connector'?")],
    ),
    "a key of the client": (
        "client: { base_ur: https://api.example.com }\nresources: [a]\n",
        [("1:11", "unknown-key", "'base_ur'", "did you mean 'base_url'?")],
    ),
    "a key of a resource": (
        f"{RESOURCE}endpont: x\n",
        [("4:5", "unknown-key", "'endpont'", "did you mean 'endpoint'?")],
    ),
    "a key of an endpoint": (
        f"{RESOURCE}endpoint: {{ dataselector: data }}\n",
        [("4:17", "unknown-key", "'dataselector'", "did you mean 'data_selector'?")],
    ),
    "a key of a paginator": (
        f"{RESOURCE}endpoint: {{ paginator: {{ type: offset, limt: 10 }} }}\n",
        [("4:44", "unknown-key", "'limt'", "did you mean 'limit'?")],
    ),
    "a key of the endpoint in the resource": (
        f"{RESOURCE}data_selector: data\n",
        [("4:5", "unknown-key", "'data_selector'", "the resource's `endpoint`")],
    ),
    "a key of the resource in the endpoint": (
        f"{RESOURCE}endpoint: {{ primary_key: id }}\n",
        [("4:17", "unknown-key", "'primary_key'", "beside `endpoint`")],
    ),
    "a key of a resource at the top": (
        f"{CLIENT}write_disposition: merge\nresources: [a]\n",
        [("2:1", "unknown-key", "'write_disposition'", "`resource_defaults`")],
    ),
    "a kind of paginator": (
        f"{RESOURCE}endpoint: {{ paginator: {{ type: Offset }} }}\n",
        [("4:36", "wrong-value", "'Offset' is not one of", "did you mean 'offset'?")],
    ),
    "a paginator without a kind": (
        f"{RESOURCE}endpoint: {{ paginator: {{ limit: 10 }} }}\n",
        [("4:28", "wrong-type", "a mapping with a `type`", "write `type:`")],
    ),
    "no resources": (
        CLIENT,
        [("1:1", "missing-key", "`resources` is missing", "an item `- name: …`")],
    ),
    "no name": (
        f"{CLIENT}resources:\n  - endpoint: a\n",
        [("3:5", "missing-key", "`name` is missing", "write `name: …`")],
    ),
    "resources by name": (
        f"{CLIENT}resources:\n  things: {{}}\n",
        [("3:3", "wrong-type", "`resources` must be a list", "`- name: …`")],
    ),
    "wrong types": (
        f"{RESOURCE}primary_key: 3\n    endpoint: {{ path: [a], params: x }}\n",
        [
            ("4:18", "wrong-type", "must be text or a list, not 3", ""),
            ("5:23", "wrong-type", "`path` must be text, not ['a']", ""),
            ("5:36", "wrong-type", "`params` must be a mapping, not 'x'", ""),
        ],
    ),
    "one status": (
        f"{RESOURCE}endpoint: {{ error_handler: {{ retry_on_status_codes: 429 }} }}\n",
        [("4:57", "wrong-type", "must be a list, not 429", "write [429]")],
    ),
    "a method": (
        f"{RESOURCE}endpoint: {{ method: PUT }}\n",
        [("4:25", "wrong-value", "'PUT' is not one of GET, POST", "")],
    ),
    "a merge strategy": (
        f"{RESOURCE}write_disposition: upsert\n",
        [("4:24", "wrong-value", "'upsert' is not one", "strategy: upsert }")],
    ),
    "indentation": (
        "client:\n  base_url: https://api.example.com\n resources:\n  - a\n",
        [("3:2", "yaml-syntax", "not valid YAML", "start in the same column")],
    ),
    "a tab": (
        "client:\n\tbase_url: https://api.example.com\n",
        [("2:1", "yaml-syntax", "not valid YAML", "spaces, not tabs")],
    ),
    "a key that comes twice": (
        f"{RESOURCE}primary_key: id\n    primary_key: key\n",
        [("5:5", "duplicate-key", "is given twice", "first given in line 4")],
    ),
    "a placeholder without quotes": (
        f"{RESOURCE}endpoint: {{id}}/items\n",
        [("4:19", "yaml-syntax", "not valid YAML", "starts with a placeholder")],
    ),
    "an expression without quotes": (
        f"{RESOURCE}filter: {{{{ record.x }}}}\n",
        [("4:14", "non-text-key", "a key must be text", "an expression is quoted")],
    ),
    "a colon in a text": (
        f"{RESOURCE}description: a: b\n",
        [("4:19", "yaml-syntax", "not valid YAML", "a colon and a space")],
    ),
    "a secret in a text": (
        "client:\n  base_url: https://api.example.com\n"
        '  auth: { type: bearer, token: "{dlt.secrets[t]}" }\nresources: [a]\n',
        [("3:32", "expression", "with text around it `{{ secrets.name }}`", "")],
    ),
    "a secret without quotes": (
        'client: { base_url: x, auth: { type: bearer, token: dlt.secrets["t"] } }\n',
        [("1:64", "yaml-syntax", "not valid YAML", "a reference is quoted")],
    ),
    "a parent's name": (
        f'{RESOURCE}endpoint: "x/{{resources.thing.id}}"\n  - {{ name: posts }}\n',
        [("4:15", "unknown-parent", "no resource 'thing'", "did you mean 'things'?")],
    ),
    "a circle of parents": (
        f'{RESOURCE}endpoint: "x/{{resources.b.id}}"\n'
        '  - { name: b, endpoint: "y/{resources.things.id}" }\n',
        [("3:11", "parent-cycle", "'things' of 'b' of 'things'", "placeholder")],
    ),
    "two parents": (
        f"{CLIENT}resources:\n  - a\n  - b\n"
        '  - { name: c, endpoint: "x/{resources.a.id}/{resources.b.id}" }\n',
        [("5:26", "two-parents", "'a' and 'b' are no chain", "in the request of 'b'")],
    ),
    "a parameter that dlt resolves": (
        f"{RESOURCE}endpoint: {{ params: {{ id: {{ type: resolve, resouce: p, field: i }} }} }}\n",
        [
            ("4:27", "missing-key", "`type: resolve` needs `resource`", "`resource`"),
            ("4:48", "unknown-key", "'resouce'", "did you mean 'resource'?"),
        ],
    ),
    "a regular expression": (
        f"{RESOURCE}filter: record.x | regex_search('(a')\n",
        [("4:13", "expression", "not a regular expression: missing )", "")],
    ),
    "a regular expression without end": (
        f"{RESOURCE}filter: record.x | regex_search('(a+)+$')\n",
        [("4:13", "expression", "can take forever", "")],
    ),
    "an expression": (
        f"{RESOURCE}filter: record.x is\n",
        [("4:13", "expression", "expected token 'name', got its end", "")],
    ),
    "a method of an expression": (
        f"{RESOURCE}filter: record.items() == 0\n",
        [("4:13", "expression", "the method `items` is not supported", "")],
    ),
    "JSONPath": (
        f"{RESOURCE}endpoint: {{ data_selector: '$.data[?(@.x)]' }}\n",
        [("4:32", "path", "`data_selector`: write keys with dots", "")],
    ),
    "a name of a definition": (
        f"{RESOURCE}schema: '#/definitions/Thng'\ndefinitions: {{ Thing: {{}} }}\n",
        [("4:13", "schema-ref", "no definition", "did you mean '#/definitions/Thing'")],
    ),
    "mistakes of two stages at once": (
        f"{CLIENT}resources:\n"
        "  - { name: a, endpont: x }\n"
        "  - { name: b, write_disposition: merge }\n"
        '  - { name: c, endpoint: "x/{resources.a.id}/{resources.d.id}" }\n'
        '  - { name: e, filter: "record.x =" }\n',
        [
            ("3:16", "unknown-key", "'endpont'", "did you mean 'endpoint'?"),
            (
                "4:13",
                "merge-without-key",
                "which records are the same",
                "`primary_key`",
            ),
            ("5:26", "unknown-parent", "no resource 'd'", ""),
            ("6:24", "expression", "expected its end, got '='", ""),
        ],
    ),
}


def errors(text: str, folder: Path) -> list[Diagnostic]:
    path = folder / "spec.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        pipeline.compile_spec(path)
    return [each for each in caught.value.diagnostics if each.severity == "error"]


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said(name: str, tmp_path: Path) -> None:
    text, told = MISTAKES[name]
    found = errors(text, tmp_path)
    places = [f"{each.location.line}:{each.location.column}" for each in found]
    assert [*zip(places, (each.code for each in found), strict=True)] == [
        (place, code) for place, code, _, _ in told
    ], [each.message for each in found]
    for each, (_, _, message, hint) in zip(found, told, strict=True):
        assert message in each.message
        assert hint in each.hint


def test_booleans_of_older_yaml_are_text(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(f"{RESOURCE}endpoint: {{ params: {{ on: yes, no: off }} }}\n")
    client = pipeline.compile_spec(path).files["client.py"]
    assert 'params={"on": "yes", "no": "off"}' in client
