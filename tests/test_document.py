"""Documents: data without magic, positions, and one diagnostic for everything that is wrong."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models_support import document, problems

from generator.diagnostics import Collector, Diagnostic, render
from generator.document import MAX_BYTES, Bundle, load, parse


def only(diagnostics: list[Diagnostic]) -> Diagnostic:
    assert len(diagnostics) == 1, diagnostics
    return diagnostics[0]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("0123", "0123"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        (".5", ".5"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ('"1"', "1"),
        ("'true'", "true"),
        ("|-\n  1", "1"),
        ("=", "="),
    ],
)
def test_scalars_are_those_of_json(scalar: str, value: object) -> None:
    data = document(f"a: {scalar}\n").data
    assert data == {"a": value}
    assert isinstance(data, dict) and type(data["a"]) is type(value)


CASES = {
    "unclosed quote": ("a: 'x\n", "yaml-syntax"),
    "two colons": ("a: b: c\n", "yaml-syntax"),
    "tab": ("a:\n\t- b\n", "yaml-syntax"),
    "unknown directive": ("%YAML 9.0\n---\na: 1\n", "yaml-syntax"),
    "duplicate key": ("a: 1\na: 2\n", "duplicate-key"),
    "duplicate key in a list": ("a:\n- {b: 1, b: 2}\n", "duplicate-key"),
    "tag": ("a: !!str 1\n", "yaml-tag"),
    "python tag": ("a: !!python/object/apply:os.system [x]\n", "yaml-tag"),
    "own tag": ("a: !thing {}\n", "yaml-tag"),
    "tag on a key": ("!!str a: 1\n", "yaml-tag"),
    "number as key": ("200: x\n", "non-text-key"),
    "null as key": ("~: x\n", "non-text-key"),
    "boolean as key": ("true: x\n", "non-text-key"),
    "list as key": ("? [a]\n: x\n", "non-text-key"),
    "merge key": ("a: {<<: {b: 1}}\n", "yaml-merge"),
    "recursive alias": ("a: &x [*x]\n", "yaml-alias"),
    "unknown alias": ("a: *x\n", "yaml-alias"),
    "anchor twice": ("a: &x 1\nb: &x 2\n", "yaml-alias"),
    "NUL": ("a: x\x00y\n", "control-character"),
    "escape character": ("a: x\x1by\n", "control-character"),
    "form feed": ("a: x\x0cy\n", "control-character"),
    "NEL": ("a: x\x85y\n", "control-character"),
    "escaped NUL": ('a: "\\0"\n', "control-character"),
    "escaped NUL in a key": ('"a\\0": 1\n', "control-character"),
    "surrogate": ("a: \ud800\n", "surrogate"),
    "bidi": ("a: \u202e\n", "bidi-character"),
    "escaped bidi": ('a: "\\u2066"\n', "bidi-character"),
    "too deep": ("a: " + "[" * 100 + "]" * 100, "too-deep"),
    "far too deep": ("a: " + "[" * 200_000, "too-deep"),
    "deep dashes": ("- " * 200_000 + "x", "too-deep"),
    "deep questions": ("? " * 200_000 + "x", "too-deep"),
    "deep mappings": ("{a: " * 200_000, "too-deep"),
    "deep by indentation": ("".join(f"{' ' * i}a:\n" for i in range(2000)), "too-deep"),
    "empty": ("", "empty"),
    "comment only": ("# nothing\n", "empty"),
    "null": ("---\n", "empty"),
    "list": ("- a\n", "wrong-top-level"),
    "text": ("hello\n", "wrong-top-level"),
    "two documents": ("a: 1\n---\nb: 2\n", "yaml-documents"),
    "infinite number": ("a: 1e999\n", "number"),
    "endless number": (f"a: {'9' * 5000}\n", "number"),
    "too many values": ("a:\n" + "- 1\n" * 800_000, "too-large"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_one_diagnostic(name: str) -> None:
    text, code = CASES[name]
    started = time.monotonic()
    found = problems(text)
    assert only(found).code == code
    assert time.monotonic() - started < 10
    assert render(found, {"spec.yaml": text[:1000]})


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for i in range(1, 12):
        lines.append(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]")
    assert only(problems("\n".join(lines))).code == "yaml-alias"


def test_a_few_aliases_are_expanded() -> None:
    text = "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n"
    expected = {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}
    assert document(text).data == expected
    assert [p.code for p in problems("a: &x 1\nb: [" + "*x, " * 101 + "]\n")] == [
        "yaml-alias"
    ]


def test_every_problem_of_the_data_is_reported_at_once() -> None:
    found = problems("a: 1\na: 2\n3: x\nb: !t y\nc: {<<: {}}\n")
    places = [(each.code, each.location.line, each.location.column) for each in found]
    assert places == [
        ("duplicate-key", 2, 1),
        ("non-text-key", 3, 1),
        ("yaml-tag", 4, 4),
        ("yaml-merge", 5, 5),
    ]
    assert found[0].hint == "first given in line 1"
    assert found[1].hint == 'quote it: "3"'


def test_problems_without_end_are_cut() -> None:
    found = problems("a: 1\n" * 20_000)
    assert len(found) < 100
    assert found[-1].code == "too-many-problems"


def test_a_syntax_error_has_the_position_of_the_parser() -> None:
    found = only(problems("a: 1\nb:\n\t- c\n"))
    assert (found.location.line, found.location.column) == (3, 1)
    assert found.hint == "indent with spaces, not tabs"


def test_a_reference_within_braces_has_to_be_quoted() -> None:
    found = only(problems('auth: { type: bearer, token: dlt.secrets["key"] }\n'))
    assert found.hint == "within { } a reference is quoted: 'dlt.secrets[\"name\"]'"


def test_control_characters_have_their_position() -> None:
    found = problems("a: 1\nb: x\x00y\u202ez\n")
    assert [(p.location.line, p.location.column) for p in found] == [(2, 5), (2, 7)]


def test_positions() -> None:
    spec = document("a:\n  - name: x\n    list: [1, 22]\nb: {c: d}\n")
    assert str(spec.locate(())) == "spec.yaml:1:1"
    assert str(spec.locate(("a", 0, "name"))) == "spec.yaml:2:11"
    assert str(spec.locate(("a", 0, "name"), key=True)) == "spec.yaml:2:5"
    second = spec.locate(("a", 0, "list", 1))
    assert (second.line, second.column, second.width) == (3, 15, 2)
    assert str(spec.locate(("b", "c"))) == "spec.yaml:4:8"


@pytest.mark.parametrize(
    "pointer", [("b", "zzz"), ("b", "c", "deeper"), ("b", 7), ("b", "zzz", 0, "x")]
)
def test_a_missing_pointer_gives_its_nearest_ancestor(
    pointer: tuple[str | int, ...],
) -> None:
    assert document("a: 1\nb: {c: d}\n").locate(pointer).line == 2


def test_a_bom_is_no_content() -> None:
    spec = document("\ufeffa: 1\n")
    assert spec.data == {"a": 1}
    assert spec.locate(("a",)).column == 4


JSON = '{\n\t"a": "\\ud83d\\ude00 \\\\ud83d \\/ \\u00e9",\n\t"b":[1,2.5e3,null]\n}\n'


@pytest.mark.parametrize("file", ["spec.json", "spec.yaml"])
def test_json_is_read_with_tabs_and_escapes(file: str) -> None:
    found = document(JSON, file)
    assert found.data == json.loads(JSON)
    assert found.locate(("b", 1)).line == 3


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('{"a": 1,\n "b": 2', "yaml-syntax", 2),
        ('{"a": 1\n "b": 2}', "yaml-syntax", 2),
        ('{"a": 1, "a": 2}', "duplicate-key", 1),
        ('{\t"a": 1, "a": 2}', "duplicate-key", 1),
        ('{"a": "\\ud800"}', "yaml-syntax", 1),
        ("[" * 100_000, "too-deep", 1),
        ('[\t"a"]', "wrong-top-level", 1),
    ],
)
def test_wrong_json(text: str, code: str, line: int) -> None:
    found = only(problems(text, "spec.json"))
    assert (found.code, found.location.line) == (code, line)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.text(st.characters(exclude_categories=["C"]), max_size=20),
        inner,
        max_size=4,
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text("abc<&*!", max_size=5), plain), st.booleans())
def test_json_means_the_same_as_json(data: dict[str, object], escaped: bool) -> None:
    text = json.dumps(data, ensure_ascii=escaped, indent="\t")
    assert document(text, "spec.json").data == data


@given(
    st.text(max_size=200) | st.text("ab:-[]{}&*!|>'\"#%@`\\\n\t 10<,?~", max_size=80)
)
def test_no_text_makes_a_traceback(text: str) -> None:
    collector = Collector()
    found = parse(text, "spec.yaml", collector)
    assert (found is None) == collector.failed
    render(collector.sorted(), {"spec.yaml": text})


def loaded(path: Path) -> tuple[Bundle | None, list[Diagnostic]]:
    collector = Collector()
    return load(path, collector), collector.diagnostics


def test_load_reads_schema_files_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.yaml").write_text("type: object\n")
    (tmp_path / "b.json").write_text('{"type": "object"}')
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "resources:\n- {name: a, schema: schemas/a.yaml}\n- {name: b, schema: b.json}\n"
        "- {name: c, schema: schemas/a.yaml}\n- {name: d, schema: '#/definitions/X'}\n"
        "- plain\n- {name: e, schema: {type: object}}\n"
    )
    bundle, found = loaded(spec)
    assert bundle is not None and found == []
    assert sorted(bundle.files) == ["b.json", "schemas/a.yaml"]
    names = {str(spec), str(tmp_path / "b.json"), str(tmp_path / "schemas/a.yaml")}
    assert set(bundle.sources) == names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "not a relative path"),
        ("../outside.yaml", "leads out"),
        ("sub/../../outside.yaml", "leads out"),
        ("link.yaml", "leads out"),
        ("linked/outside.yaml", "leads out"),
        ("https://example.com/a.json", "is a URL"),
        ("file:///etc/passwd", "is a URL"),
        ("sub\\\\a.yaml", "not a relative path"),
        ("", "not a relative path"),
        ("missing.yaml", "does not exist"),
        (".", "is a directory"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_schema_files_that_are_refused(tmp_path: Path, name: str, words: str) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret: 1\n")
    folder = tmp_path / "specs"
    (folder / "sub").mkdir(parents=True)
    (folder / "link.yaml").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path)
    spec = folder / "spec.yaml"
    spec.write_text(f'resources:\n- {{name: a, schema: "{name}"}}\n')
    bundle, found = loaded(spec)
    problem = only(found)
    assert bundle is not None and not bundle.files
    assert problem.code == "schema-file" and words in problem.message
    assert problem.location.line == 2


def test_a_schema_file_reports_its_own_problems(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("type: object\ntype: string\n")
    spec = tmp_path / "spec.yaml"
    spec.write_text("resources:\n- {name: a, schema: a.yaml}\n")
    problem = only(loaded(spec)[1])
    assert problem.code == "duplicate-key"
    assert problem.location.file == str(tmp_path / "a.yaml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert only(loaded(tmp_path / "missing.yaml")[1]).code == "missing"
    assert only(loaded(tmp_path)[1]).code == "directory"
    assert only(loaded(tmp_path / "a\0b.yaml")[1]).code == "unreadable"
    fifo = tmp_path / "fifo.yaml"
    os.mkfifo(fifo)
    assert only(loaded(fifo)[1]).code == "unreadable"
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    assert only(loaded(loop)[1]).code == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission(tmp_path: Path) -> None:
    secret = tmp_path / "spec.yaml"
    secret.write_text("a: 1\n")
    secret.chmod(0)
    assert only(loaded(secret)[1]).code == "unreadable"


def test_a_file_that_is_not_utf8_has_the_position(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_bytes(b"a: 1\nb: \xc3\xa9 \xff\n")
    problem = only(loaded(spec)[1])
    assert problem.code == "not-utf8"
    assert (problem.location.line, problem.location.column) == (2, 6)


def test_a_huge_file_is_answered_at_once(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    with spec.open("wb") as file:
        file.truncate(100 * MAX_BYTES)
    started = time.monotonic()
    assert only(loaded(spec)[1]).code == "too-large"
    assert time.monotonic() - started < 0.5
