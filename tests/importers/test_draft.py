"""Drafts as YAML: the same data comes back, comments say what they should, the bytes are stable."""

from __future__ import annotations

import textwrap

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.cli import cli
from generator.diagnostics import Collector
from generator.document import parse
from generator.importers.check import checked
from generator.importers.draft import Draft, Section, todos
from generator.importers.yamlout import to_yaml

REFUSED = "\ufeff\ufffe\uffff\x7f\u061c\u200e\u200f\u2028\u2029"
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=REFUSED)
    | st.sampled_from("\n\t :#-'\"{}[],&*!|>%@`~?")
).filter(
    lambda text: not set(map(ord, text))
    & {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
)
WORDS = st.sampled_from(
    ["yes", "off", "null", "~", "1e5", "0x1f", "2026-01-01", "12:30", "<<", "=", "- a"]
    + [".5", ".inf", "a: b", "a #b", "a ", " a", "", 'dlt.secrets["x"]', "long " * 40]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | WORDS
)


def section(entries: dict[str, object]) -> Section:
    made = Section(entries)
    for key in list(entries)[:2]:
        made.note(key, "why: #1\nnot 'data'")
        made.todo(key, "decide")
    made.note("", "before")
    made.note("absent", "left out")
    return made


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(TEXTS | WORDS, inner, max_size=4)
    | st.dictionaries(TEXTS | WORDS, inner, max_size=4).map(section),
    max_leaves=25,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(TEXTS | WORDS, VALUES, min_size=1, max_size=5).map(section))
def test_what_is_written_reads_back_as_the_same_data(spec: Section) -> None:
    text = to_yaml(spec)
    collector = Collector()
    document = parse(text, "spec.yaml", collector)
    assert document is not None, (text, collector.diagnostics)
    assert document.data == spec
    assert yaml.safe_load(text) == spec


def test_half_of_a_surrogate_pair_is_the_character_for_what_is_none() -> None:
    """YAML can hold no other."""
    text = to_yaml(Section({"name": "a\ud800b \U0001f6b2"}))
    assert yaml.safe_load(text) == {"name": "a\ufffdb \U0001f6b2"}


def test_comments_say_where_decisions_come_from() -> None:
    spec = Section({"version": 1, "connector": "pets"})
    client = Section()
    client.put("base_url", "https://api.example.com", why="servers[0]")
    client.todo("auth", "the document declares no credentials")
    spec.put("client", client)
    pets = Section({"name": "pets"})
    pets.note("", "GET /pets")
    pets.put("endpoint", Section({"path": "/pets", "params": {"kind": "dog"}}))
    spec.put("resources", [pets, Section({"name": "toys"})])
    assert to_yaml(spec) == textwrap.dedent("""\
        version: 1
        connector: pets

        client:
          # servers[0]
          base_url: "https://api.example.com"
          # TODO: the document declares no credentials

        resources:
          # GET /pets
          - name: pets
            endpoint:
              path: /pets
              params: { kind: dog }

          - name: toys
        """)
    assert list(todos(spec)) == ["the document declares no credentials"]


@pytest.mark.parametrize("kind", ["swagger", "OpenAPI"])
def test_a_kind_that_is_none_is_a_usage_error(kind: str) -> None:
    result = CliRunner().invoke(cli, ["import", kind, "x.yaml"], standalone_mode=True)
    assert result.exit_code == 2
    assert "openapi" in result.output


def test_the_command_is_listed_and_not_taken_for_a_spec() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert "import" in result.output


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("shop", "shop"),
        ("json", "json_api"),
        ("class", "class_api"),
        ("requests", "requests_api"),
        ("x" * 90, "x" * 64),
        ("", "api"),
    ],
)
def test_a_connector_gets_a_name_that_a_package_can_have(
    name: str, package: str
) -> None:
    resources = [{"name": "a", "endpoint": {"path": "/a"}}]
    client = {"base_url": "https://api.example.com"}
    spec = Section(
        {"version": 1, "connector": name, "client": client, "resources": resources}
    )
    draft = checked(Draft(spec))
    assert not draft.is_partial
    assert draft.spec["connector"] == package
