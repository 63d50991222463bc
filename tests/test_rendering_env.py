"""The rendering seam: what templates can print, and what the templates themselves say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes
from markupsafe import Markup

from generator.pysource import Code, identifier, literal
from generator.rendering_env import ENCODERS, environment
from generator.templates import FOLDER

TEMPLATES = sorted(Path(FOLDER).rglob("*.j2"))
RAW = '")\nimport os\n("'


@pytest.fixture(scope="module")
def env() -> Environment:
    return environment()


def render(env: Environment, source: str, **values: object) -> str:
    return env.from_string(source).render(**values)


# ---- what can be printed


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = {{ text | literal }}\n", 'x = ")\\nimport os\\n("'),
        ("{{ name | identifier }}()", "ticket()"),
        ("{{ call('f', [text | literal]) }}", 'f("'),
        ("{% macro m() %}a\nb{% endmacro %}{{ m() | indent(4) }}", "a\n    b"),
        ("{% set x %}c{% endset %}{{ x | code }}", "c"),
        ("{{ [name | identifier, 1 | literal] | join(' | ') }}", "ticket | 1"),
        ("{% for n in [1, 2] %}{{ n | literal }};{% endfor %}", "1;2;"),
    ],
)
def test_encoded_values_are_printed(
    env: Environment, source: str, expected: str
) -> None:
    rendered = render(env, source, text=RAW, name="ticket")
    if "text" in source:
        assert "\nimport os" not in rendered.rstrip("\n")
    else:
        assert rendered == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        "'{{ text }}'",
        "{{ text ~ text }}{{ text }}",
        "{{ [name | identifier] }}",
        "{{ missing }}",
        "{{ missing | literal }}",
        "{{ text | code }}",
        "{{ text | indent(4) }}",
        "{{ [text] | join }}",
        "{{ [name | identifier, text] | join }}",
        "{{ call('f', [text]) }}",
        "{{ (name | identifier) + text }}",
        "{{ text + (name | identifier) }}",
        "{{ (name | identifier) % text }}",
        "{{ name | identifier | literal }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(text) }}",
        "{% set x %}{{ text }}{% endset %}{{ x | code }}",
        "{% autoescape false %}{{ text }}{% endautoescape %}",
    ],
)
def test_unencoded_values_raise(env: Environment, source: str) -> None:
    with pytest.raises((TypeError, ValueError, TemplateError)):
        render(env, source, text=RAW, name="ticket")


@pytest.mark.parametrize(
    "name", ["safe", "e", "escape", "replace", "format", "string", "forceescape", "map"]
)
def test_filters_of_jinja_do_not_exist(env: Environment, name: str) -> None:
    with pytest.raises(TemplateError, match="No filter"):
        env.from_string("{{ x | " + name + " }}")


@pytest.mark.parametrize("name", ["range", "dict", "lipsum", "namespace", "cycler"])
def test_functions_of_jinja_do_not_exist(env: Environment, name: str) -> None:
    assert name not in env.globals


def test_every_encoder_returns_code() -> None:
    assert type(ENCODERS["code"](Markup("x"))) is Code
    assert isinstance(ENCODERS["join"]([identifier("a"), literal(1)]), Code)


def test_lines_are_kept_as_the_template_has_them(env: Environment) -> None:
    source = "a\n{% if true %}\n    b\n{% endif %}\nc\n"
    assert render(env, source) == "a\n    b\nc\n"


def test_templates_are_found(env: Environment) -> None:
    found = sorted(str(path.relative_to(FOLDER)) for path in TEMPLATES)
    assert [name for name in env.list_templates() if name.endswith(".j2")] == found


# ---- what the templates say: the rules that Jinja itself cannot enforce

# Values that raise, or that are put together without an encoder.
FORBIDDEN = (
    nodes.Concat,
    nodes.Add,
    nodes.Mod,
    nodes.Mul,
    nodes.ScopedEvalContextModifier,
)


def lint(source: str, python: bool = True) -> list[str]:
    """What a template does that could print text no encoder made."""
    tree = environment().parse(source)
    functions = {
        *ENCODERS,
        "caller",
        *(node.name for node in tree.find_all(nodes.Macro)),
    }
    for imported in tree.find_all(nodes.FromImport):
        functions |= {n if isinstance(n, str) else n[1] for n in imported.names}
    modules = {imported.target for imported in tree.find_all(nodes.Import)}
    problems = [
        f"{node.lineno}: {type(node).__name__}"
        for kind in FORBIDDEN
        for node in tree.find_all(kind)
    ]
    for call in tree.find_all(nodes.Call):
        match call.node:
            case nodes.Name(name=name) if name in functions:
                pass
            case nodes.Getattr(node=nodes.Name(name=name)) if name in modules:
                pass
            case _:
                problems.append(f"{call.lineno}: call of no encoder and no macro")
    for output in tree.find_all(nodes.Output):
        line = ""
        for part in output.nodes:
            if isinstance(part, nodes.TemplateData):
                line = (line + part.data).rpartition("\n")[2]
                continue
            if python and (line.endswith(('"', "'")) or "#" in line):
                problems.append(f"{part.lineno}: output inside of quotes or a comment")
            problems += unencoded(part)
    return problems


def unencoded(node: nodes.Node) -> Iterator[str]:
    """Complaints about an expression that is printed as neither code nor a call.

    A name or an attribute has to be code when it is printed: the environment sees to it.
    """
    match node:
        case nodes.Filter() | nodes.Call() | nodes.Name() | nodes.Getattr():
            pass
        case nodes.CondExpr(expr1=first, expr2=second):
            yield from unencoded(first)
            if second is not None:
                yield from unencoded(second)
        case _:
            yield f"{node.lineno}: {type(node).__name__} is printed"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_print_through_encoders_only(path: Path) -> None:
    assert lint(path.read_text(encoding="utf-8"), ".md" not in path.name) == []


def test_lint_allows_headings_and_quotes_in_markdown() -> None:
    assert lint('# {{ x | markdown }} "{{ x | markdown }}"', python=False) == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ x['y'] }}",
        "{{ 'text' }}",
        "{{ (x | literal) ~ y }}",
        "{{ x | literal ~ y }}",
        "{{ (x | literal) + y }}",
        "{{ (x ~ y) | literal }}",
        "{{ ('%s' % x) | code }}",
        "{{ (x | literal).join([y]) }}",
        "{{ x.replace('a', y) | code }}",
        "{{ x.format(y) }}",
        "{{ '\"'.join(x) | code }}",
        '"{{ x | docstring }}"',
        "'{{ x | literal }}'",
        "# {{ x | markdown }}",
        "a = 1  # {{ x | identifier }} and {{ y | identifier }}",
        "{{ 1 }}",
        "{{ none }}",
        "{{ x | literal if y else 'z' }}",
        "{{ x.render() }}",
        "{% set y = x.format(z) %}",
        "{% if x.pop() %}{% endif %}",
        "{{ unknown(x) }}",
        "{% autoescape false %}{{ x | literal }}{% endautoescape %}",
        "{% set y = x ~ 'a' %}",
        "{{ super() }}",
    ],
)
def test_lint_refuses(source: str) -> None:
    assert lint(source)


@pytest.mark.parametrize(
    "source",
    [
        "plain 'text' # only\n",
        "x = {{ x | literal }}\n",
        "{{ call('f', [x | literal]) }}",
        "{% macro m(x) %}{{ x | literal }}{% endmacro %}{{ m(1) }}",
        "{% from 'a.j2' import m, n as o %}{{ m(1) }}{{ o(2) }}",
        "{{ x | literal if y else z | identifier }}",
        "{{ x }}{{ x.y }}",
        "{% import 'a.j2' as m %}{{ m.n(1) }}",
        "{% if x == 'a' and not y.z %}b{% endif %}",
        "{% for x in y %}{{ x.name | identifier }}{% endfor %}",
    ],
)
def test_lint_accepts(source: str) -> None:
    assert lint(source) == []


def test_a_mistake_in_a_template_is_an_error(env: Environment) -> None:
    with pytest.raises(TemplateSyntaxError):
        env.from_string("{% if %}")
