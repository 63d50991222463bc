"""Only what black would change is given to black, and the result is what black gives."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence

import black
import pytest
from black.mode import Mode, TargetVersion

from generator.formatting import stable

MODE = Mode(target_versions={TargetVersion.PY311})
LONG = ", ".join(f'"{word * 6}"' for word in ("alpha", "bravo", "charlie", "delta"))

TEXTS = {
    "short": 'x = "a"\n',
    "long assignment": f"X = [{LONG}]\n",
    "long field": f'class A(B):\n    """It\'s \'quoted\'."""\n\n    x: Literal[{LONG}] | None = None\n    y: int\n',
    "long alias": f'A = TypeAliasType("A", Literal[{LONG}])\n\n\nclass B(C):\n    pass\n',
    "single quotes": "x = 'a'\n\n\nclass A(B):\n    x: Literal['a', 'b']\n",
    "long method": f"class A(B):\n    def f(self) -> None:\n        return g({LONG})\n",
    "long header": f"class {'A' * 60}(Recordrecordrecordrecordrecordrecord):\n    x: int\n",
    "decorated": f"@dataclass(frozen=True)\ndef f() -> None:\n    g({LONG})\n",
    "comment": f"# it's {LONG}\n\nx = 1\n",
    "attribute docstring": f'class A(B):\n    x: int\n    """{"word " * 15}\n    and \'more\'\n    """\n    y: str\n',
    "long string": f'class A(B):\n    x: Annotated[str, Field(alias="{"a" * 100}")]\n',
    "long default": f'class A(B):\n    x: str | None = "{"a" * 100}"\n',
    "empty": "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_result_is_what_black_gives(name: str) -> None:
    text = TEXTS[name]
    result = stable(text)
    assert result == black.format_str(text, mode=MODE)
    assert stable(result) == result


def test_black_is_not_even_imported_for_a_stable_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imports = builtins.__import__

    def without_black(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        assert not name.startswith("black")
        return imports(name, globals_, locals_, fromlist or (), level)

    monkeypatch.setattr(builtins, "__import__", without_black)
    text = 'class A(B):\n    x: str = "it\'s"\n'
    assert stable(text) == text


def test_what_is_stable_is_kept_byte_for_byte() -> None:
    odd = "class  A( B ):\n    x  :  int\n"
    result = stable(f"{odd}\n\nX = [{LONG}]\n")
    assert result.startswith(odd)
    assert "X = [\n" in result


def test_what_is_not_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        stable("x = 'a\n")
