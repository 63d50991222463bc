"""The encoders: what they print is the value, is inert, and is what black prints."""

from __future__ import annotations

import ast
import inspect
import math
import re

import black
import pytest
from black.mode import TargetVersion
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from generator.pysource import (
    Code,
    assign,
    call,
    docstring,
    dotted,
    fitted,
    from_import,
    identifier,
    indent,
    join,
    literal,
    markdown,
    markdown_code,
    parameter,
    signature,
    statement,
    string_list,
    subscript,
)

MODE = black.Mode(target_versions={TargetVersion.PY311})

# Formatting takes longer on a busy machine than hypothesis expects of a test.
steady = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

HOSTILE = [
    "",
    '"',
    "'",
    '"""',
    "'''",
    '""""""""',
    "\\",
    "\\\\",
    '\\"',
    "\\'",
    '"\\',
    '"""\nimport os\n"""',
    "'''\nimport os\n'''",
    "\\N{LATIN SMALL LETTER A}",
    "\\x41\\u0041\\U00000041\\101",
    "{7*7}{{7*7}}{% raw %}{# #}",
    "%s %(x)s {0.__class__}",
    "# noqa\n# type: ignore",
    "\r\nimport os\r",
    "\x00\x01\x1b[31m\x7f\x85\x9f",
    "\u2028import os\u2029\x0b\x0c\x1c",
    "\u202e\u2066bidi\u2069\u200b\ufeff",
    "\ud800\udfff",
    "\U0001f468\u200d\U0001f469 \u00e9\u0301 \uff45\uff56\uff41\uff4c",
    "back\\slash \\n \\",
    'he said "hi"',
    'it\'s "both"',
    'ends with backslash and quote \\"',
    "a\\\nb",
    "a" * 200,
    "word " * 100,
    "\t tabs \t\n\n  and   spaces  \n \n",
    "- one\n- two\n\n1. three\n2) four",
    "*/ <!-- --> <script>alert(1)</script> [x](javascript:y) `code` | a | b |",
]

TEXT = st.text(
    st.characters() | st.sampled_from("\"'\\\n{}%# \ud800")
) | st.sampled_from(HOSTILE)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=5)
    | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


def stable(source: str) -> bool:
    return black.format_str(source, mode=MODE) == source


def evaluated(code: Code) -> object:
    return ast.literal_eval(str(code))


# ---- literal


@steady
@given(VALUES)
def test_literal_is_ascii_on_one_line_and_evaluates_to_the_value(value: object) -> None:
    code = literal(value)
    assert type(code) is not str and isinstance(code, Code)
    assert code.isascii() and "\n" not in code
    result = evaluated(code)
    assert result == value
    assert repr(result) == repr(value)


@steady
@given(TEXT)
def test_literal_is_quoted_as_black_quotes(text: str) -> None:
    source = f"{statement(call('f', [literal(text)]))}\n"
    assert black.format_str(source, mode=MODE) == source


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "hi"', "'say \"hi\"'"),
        ("'\"", '"\'\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("\u202e", '"\\u202e"'),
        (1e16, "1e16"),
        (-0.0, "-0.0"),
        (True, "True"),
        (("a",), '("a",)'),
        ((), "()"),
        ({"a": [1, None]}, '{"a": [1, None]}'),
    ],
)
def test_literal_prints(value: object, expected: str) -> None:
    assert str(literal(value)) == expected


class Text(str):
    pass


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [math.nan]])
def test_literal_refuses_numbers_without_a_literal(value: object) -> None:
    with pytest.raises(ValueError, match="no literal"):
        literal(value)


@pytest.mark.parametrize(
    "value", [b"x", {1}, object(), 1j, Text("x"), Markup("x"), Code("x"), [object()]]
)
def test_literal_refuses_other_types(value: object) -> None:
    with pytest.raises(TypeError, match="no literal"):
        literal(value)


# ---- names, and the parts of code


@pytest.mark.parametrize("text", ["a", "A1", "_x", "match", "snake_case"])
def test_identifier_accepts(text: str) -> None:
    assert str(identifier(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "1a", "a-b", "a b", "a.b", "class", "None", "True", "a\n", "a\x00", "\u00e9"]
    + ["\uff45\uff56\uff41\uff4c", "a;b", "a#", 'a"', "a\\", "\u0430"],
)
def test_identifier_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="not an identifier"):
        identifier(text)


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a.class", "a.b()"])
def test_dotted_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="not an identifier"):
        dotted(text)


@pytest.mark.parametrize("value", ["text", Markup("markup"), 1, None])
def test_join_indent_and_layout_accept_only_code(value: Code) -> None:
    with pytest.raises(TypeError, match="not code"):
        join([identifier("a"), value])
    with pytest.raises(TypeError, match="not code"):
        indent(value, 4)
    with pytest.raises(TypeError, match="not code"):
        call("f", [value])
    with pytest.raises(TypeError, match="not code"):
        call("f", [("key", value)])
    with pytest.raises(TypeError, match="not code"):
        subscript("list", [value])
    with pytest.raises(TypeError, match="not code"):
        parameter("a", value)
    with pytest.raises(TypeError, match="not code"):
        fitted(value)


def test_code_refuses_string_operators() -> None:
    code = identifier("a")
    with pytest.raises(TypeError, match="join"):
        _ = code + "raw"
    with pytest.raises(TypeError, match="join"):
        _ = "raw" + code
    with pytest.raises(TypeError, match="join"):
        _ = code % "raw"


def test_indent_leaves_the_first_and_empty_lines() -> None:
    assert str(indent(Code("a\nb\n\nc\n"), 4)) == "a\n    b\n\n    c\n"


def test_join_prints_the_separator_between() -> None:
    codes = [identifier("a"), literal("b")]
    assert str(join(codes)) == 'a, "b"'
    assert str(join(codes, " | ")) == 'a | "b"'
    assert str(join([])) == ""


# ---- layout

# black has more rules for names so long that a call's first line is over the limit.
NAMES = st.integers(1, 30).map(lambda size: "n" * size)
VALUE_CODES = VALUES.map(literal)
CALLS = st.recursive(
    VALUE_CODES | NAMES.map(identifier),
    lambda inner: st.builds(
        call,
        NAMES,
        st.lists(inner, max_size=3).flatmap(
            lambda positional: st.dictionaries(NAMES, inner, max_size=4).map(
                lambda keywords: [*positional, *keywords.items()]
            )
        ),
    ),
    max_leaves=4,
)


@steady
@given(NAMES, CALLS)
def test_assignments_are_stable(name: str, value: Code) -> None:
    assert stable(f"{assign(name, value)}\n")


@steady
@given(st.builds(call, NAMES, st.lists(CALLS, max_size=4)))
def test_statements_are_stable(value: Code) -> None:
    source = (
        "class C:\n    def f():\n"
        f"        {statement(value, 8)}\n"
        f"        yield {fitted(value, 8, before=6)}\n"
        f"        {statement(value, 8, 'yield from ')}\n"
        f"        with {fitted(value, 8, before=5, after=1)}:\n"
        "            pass\n"
        f"        {statement(value, 8, 'return ')}\n"
    )
    assert stable(source)


@steady
@given(NAMES, st.lists(VALUE_CODES, min_size=1, max_size=5))
def test_subscripts_are_stable(name: str, items: list[Code]) -> None:
    assert stable(f"{assign('T', subscript(name, items))}\n")


@steady
@given(
    NAMES,
    st.lists(st.tuples(NAMES, st.sampled_from(["str", "list[int]"]))),
    NAMES,
    st.sampled_from([0, 4]),
)
def test_signatures_are_stable(
    name: str, parameters: list[tuple[str, str]], returns: str, spaces: int
) -> None:
    codes = [
        parameter(key, Code(kind), literal("x") if kind == "str" else None)
        for key, kind in parameters
    ]
    head = "class C:\n" if spaces else ""
    lines = signature(name, [identifier("self"), *codes], identifier(returns), spaces)
    pad = " " * spaces
    assert stable(f"{head}{pad}{lines}\n{pad}    return 1\n")


@steady
@given(st.sampled_from([".models", ".", "a.b", "..x"]), st.lists(NAMES, min_size=1))
def test_imports_are_stable(module: str, names: list[str]) -> None:
    assert stable(f"{from_import(module, names)}\n")


def test_layout_prints_one_line_where_it_fits_and_else_one_item_a_line() -> None:
    short = call("f", [literal(1), ("key", literal(["a", "b"]))])
    assert str(statement(short, 8, "return ")) == 'return f(1, key=["a", "b"])'
    long = call("f", [("key", string_list(["x" * 30] * 3)), ("empty", literal([]))])
    assert str(assign("value", long, 4)) == (
        "value = f(\n"
        "        key=[\n"
        f'            "{"x" * 30}",\n'
        f'            "{"x" * 30}",\n'
        f'            "{"x" * 30}",\n'
        "        ],\n"
        "        empty=[],\n"
        "    )"
    )


@pytest.mark.parametrize("size", range(60, 95))
def test_long_texts_are_stable_at_every_length(size: int) -> None:
    text = literal("x" * size)
    lines = [
        statement(call("f", [text]), 4),
        assign("value", text, 4),
        statement(text, 4, "yield "),
        statement(text, 4, "return "),
    ]
    body = "".join(f"    {line}\n" for line in lines)
    assert stable(f"def f():\n{body}")


@pytest.mark.parametrize("size", range(60, 83))
def test_long_calls_without_arguments_are_stable(size: int) -> None:
    assert stable(f"value = 1\n{assign('v', call('a' * size, []))}\n")


# ---- docstring


def folded(text: str) -> str:
    return " ".join(text.split())


def printed(text: str, spaces: int) -> str:
    if not spaces:
        return f"{docstring(text)}\n"
    lines = ["class C:", "    def f():", "        def g():"][: spaces // 4]
    return "\n".join(lines) + f"\n{' ' * spaces}{docstring(text, spaces)}\n"


@steady
@given(TEXT, st.sampled_from([0, 4, 8, 12]))
def test_docstring_round_trips(text: str, spaces: int) -> None:
    value = evaluated(docstring(text, spaces))
    assert isinstance(value, str)
    clean = inspect.cleandoc(value)
    assert folded(clean) == folded(text)
    assert len(clean) <= len(text) + 1 or "\n" in clean


@steady
@given(TEXT, st.sampled_from([0, 4, 8, 12]))
def test_docstring_is_stable(text: str, spaces: int) -> None:
    source = printed(text, spaces)
    assert black.format_str(source, mode=MODE) == source
    assert len(ast.parse(source).body) == 1


@steady
@given(TEXT)
def test_docstring_of_an_attribute_is_stable(text: str) -> None:
    source = f"class C:\n    x: int\n    {docstring(text, 4)}\n    y: int\n"
    assert black.format_str(source, mode=MODE) == source


@steady
@given(TEXT)
def test_docstring_prints_no_character_of_category_c_but_newline(text: str) -> None:
    assert all(line.isprintable() for line in docstring(text, 4).split("\n"))


@steady
@given(st.lists(st.text("ab .,\"'\\", min_size=1), max_size=4))
def test_docstring_keeps_paragraphs(paragraphs: list[str]) -> None:
    kept = [folded(each) for each in paragraphs if each.split()]
    value = evaluated(docstring("\n\n".join(paragraphs), 4))
    assert isinstance(value, str)
    clean = inspect.cleandoc(value)
    assert [folded(each) for each in re.split(r"\n\n", clean) if each] == kept


@steady
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=20)), st.sampled_from([0, 8]))
def test_docstring_of_words_stays_within_the_line_length(
    words: list[str], spaces: int
) -> None:
    source = f"{' ' * spaces}{docstring(' '.join(words), spaces)}"
    assert all(len(line) <= 88 for line in source.split("\n"))


def test_docstring_prints() -> None:
    assert str(docstring("One line.")) == '"""One line."""'
    assert str(docstring('"quoted"')) == '"""\\"quoted" """'
    assert str(docstring("a\\b")) == '"""a\\\\b"""'
    assert str(docstring("x\x00\u202e \u00e9")) == '"""x\\x00\\u202e \u00e9"""'
    assert str(docstring("a\nb\n\n- c\n- d", 4)) == (
        '"""a b\n\n    - c\n    - d\n    """'
    )
    assert str(docstring(" \n ")) == '""""""'


# ---- Markdown


@steady
@given(TEXT)
def test_markdown_is_one_printable_line(text: str) -> None:
    for code in (markdown(text), markdown_code(text)):
        assert code == "" or code.isprintable()
        assert len(code.splitlines()) <= 1


@steady
@given(TEXT)
def test_markdown_leaves_nothing_active_unescaped(text: str) -> None:
    plain = re.sub(r"\\[!-/:-@\[-`{-~]", "", markdown(text))
    assert not re.search(r"[\\`*\[\]<>|&~#${}]", plain)
    # Only an underscore inside of a word is no mark of emphasis.
    assert not re.search(r"(^|[^A-Za-z0-9])_", plain.replace("\\_", ""))


@steady
@given(TEXT)
def test_markdown_code_cannot_be_left(text: str) -> None:
    code = markdown_code(text)
    if code.startswith("`"):
        assert code.count("`") == 2 and "|" not in code and code.endswith("`")
    else:
        inner = code.removeprefix("<code>").removesuffix("</code>")
        assert not re.search(r"[`|<>\[\]*_\\]", inner)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, with_words (x).", "plain text, with_words (x)."),
        ("a | b", "a \\| b"),
        ("<b>", "\\<b\\>"),
        ("[x](y)", "\\[x\\](y)"),
        ("_em_ `c` **s**", "\\_em\\_ \\`c\\` \\*\\*s\\*\\*"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("one\n\n# two", "one \\# two"),
        ("\x00", "\ufffd"),
    ],
)
def test_markdown_prints(text: str, expected: str) -> None:
    assert str(markdown(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b[0]", "`a_b[0]`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("`", "<code>&#96;</code>"),
        ("", "<code></code>"),
    ],
)
def test_markdown_code_prints(text: str, expected: str) -> None:
    assert str(markdown_code(text)) == expected
