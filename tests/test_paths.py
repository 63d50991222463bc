"""Paths into JSON as specs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.paths import Steps, parse_path

PATHS: list[tuple[str, Steps]] = [
    ("", ()),
    ("$", ()),
    (".", ()),
    ("$.", ()),
    ("[]", ()),
    ("data", ("data",)),
    ("$.data.items", ("data", "items")),
    (" data.items ", ("data", "items")),
    ("data[0].id", ("data", 0, "id")),
    ("data[-1]", ("data", -1)),
    ("data[*].record", ("data", "*", "record")),
    ("data[].record", ("data", "*", "record")),
    ("data.*.record", ("data", "*", "record")),
    ("*", ("*",)),
    ("a['b.c']", ("a", "b.c")),
    ("[\"a b\"]['c]']", ("a b", "c]")),
    ("@odata.nextLink", ("@odata.nextLink",)),
    ("d.@odata.nextLink.x", ("d", "@odata.nextLink", "x")),
    ("key-with space", ("key-with space",)),
    ("0", ("0",)),
]

REFUSED = [
    ("a..b", "dots between"),
    ("a[", "dots between"),
    ("a['b", "dots between"),
    ("a[b]", "dots between"),
    ("[0]x", "a dot is missing before 'x'"),
    ("items[?(@.ok)]", "dots between"),
    ("length()", "filters and functions"),
    ("a.", "dots between"),
]


@pytest.mark.parametrize(("text", "steps"), PATHS)
def test_steps(text: str, steps: Steps) -> None:
    assert parse_path(text) == steps


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".*") as caught:
        parse_path(text)
    assert message in str(caught.value)


@given(
    st.lists(
        st.integers(-9, 99)
        | st.text(st.characters(exclude_characters="'\"]\n"), min_size=1),
        min_size=1,
    )
)
def test_quoted_keys_come_back(steps: list[str | int]) -> None:
    text = "".join(
        f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in steps
    )
    assert parse_path(text) == tuple(steps)


@given(
    st.text()
    | st.lists(st.sampled_from("a . [ ] ' \" * $ @ 0 -1 ( ?".split())).map("".join)
)
def test_arbitrary_text_gives_steps_or_a_message(text: str) -> None:
    try:
        steps = parse_path(text)
    except ValueError as error:
        assert str(error)
    else:
        assert all(isinstance(step, str | int) for step in steps)
