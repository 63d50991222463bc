"""Whatever is recorded: a spec that compiles or a clear message, and no secret in either."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.diagnostics import SpecError, render
from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.samples import read
from generator.importers.yamlout import to_yaml
from tests.importers.recorded import entry, har

SECRET = "sk-9f8e7d6c5b4a39281706f5e4"
ODD = ['"""', "{{ 1 }}", "{x}", "dlt.secrets[\"x\"]", "\ud800", "a\nb", "# no", "é", "__proto__", "", "$ref", "class", "../..", "%7B", "null", "yes", "1e5"]  # fmt: skip
WORDS = st.sampled_from(["id", "name", "data", "items", "next", "cursor", "page", "limit", "offset", "status", "total", "has_more", "links", "updated_at", *ODD])  # fmt: skip
NAMES = WORDS.filter(lambda word: not word.startswith("dlt."))
"""A field called like a reference to a secret has no path in a spec, which is said."""
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.sampled_from(["https://api.acme.com/v2/t?page=2", "/t?page=2", "2026-01-01"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
LISTS = st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=4)
ANSWERS = (
    VALUES
    | LISTS
    | st.builds(
        lambda name, rows, more: {**more, name: rows},
        NAMES,
        LISTS,
        st.dictionaries(NAMES, VALUES, max_size=3),
    )
)
SEGMENTS = st.sampled_from(["tickets", "users", "17", "v2", "a b", "x.json", "search", "{id}", "é", "'", "%22", ":id", "t" * 200])  # fmt: skip


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    path = "/" + "/".join(draw(st.lists(SEGMENTS, max_size=3)))
    query = draw(st.lists(st.tuples(WORDS, WORDS), max_size=3))
    query.append((draw(st.sampled_from(["api_key", "token", "x"])), SECRET))
    path += "?" + "&".join(f"{name}={value}" for name, value in query)
    headers = {"Link": draw(WORDS), "Next": draw(WORDS)}
    sent = {"Authorization": draw(st.sampled_from(["Bearer ", "Basic ", "", "X y="])) + SECRET, draw(WORDS): SECRET}  # fmt: skip
    posted = draw(st.none() | VALUES)
    method = draw(st.sampled_from(["GET", "GET", "POST"]))
    return entry(path, draw(ANSWERS), method=method, headers=headers, sent=sent, posted=posted)  # fmt: skip


@pytest.mark.hostile
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(entries(), min_size=1, max_size=4))
def test_any_recording(recorded: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = har(Path(folder), recorded)
        try:
            draft = read(source, ImportOptions())
        except SpecError as error:
            told = render(error.diagnostics, error.sources)
            assert told and SECRET not in told
            return
        made = checked(draft)
        text = to_yaml(made.spec)
        told = render(made.diagnostics, made.sources)
    assert SECRET not in text + told + json.dumps([str(each) for each in made.found])
    left = [each for each in made.diagnostics if each.code == "not-imported"]
    assert not left, told
