"""Python source as a type: `Code`, and the encoders, the only way from text to code."""

from __future__ import annotations

import keyword
import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NoReturn, cast

from markupsafe import Markup

LINE_LENGTH = 88
"""Columns of a line, as black formats."""

Keyword = Literal["", "return ", "yield ", "yield from ", "raise "]
"""What may stand before an expression that is a statement."""


class Code(Markup):
    """Python source made by an encoder: the only thing a template may print."""

    __slots__ = ()

    # Markup escapes HTML in what is put into it, which protects nothing in Python.
    def __add__(self, other: object, /) -> NoReturn:
        raise TypeError("code is put together by join(), not by operators")

    def __radd__(self, other: object, /) -> NoReturn:
        raise TypeError("code is put together by join(), not by operators")

    def __mod__(self, other: object, /) -> NoReturn:
        raise TypeError("code is put together by join(), not by operators")


class Bracketed(Code):
    """Code that can be printed on one line, its text, or with one item on each line."""

    __slots__ = ("closing", "items", "opening", "trailing")

    opening: str
    items: tuple[Code, ...]
    closing: str
    trailing: str
    """The comma after the last item when each has a line, or nothing."""


Argument = Code | tuple[str, Code]
"""A positional argument, or the name and value of a keyword argument."""


def _text(code: Code) -> str:
    """The plain text of code; TypeError for anything else, before it can be printed."""
    if not isinstance(code, Code):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"not code: {type(code).__name__}")
    return str.__str__(code)


def _bracketed(
    opening: str, items: Iterable[Code], closing: str, trailing: str = ","
) -> Bracketed:
    parts = tuple(items)
    inner = ", ".join(map(_text, parts))
    lone = opening == "(" and len(parts) == 1
    code = Bracketed(f"{opening}{inner}{',' if lone else ''}{closing}")
    code.opening, code.items, code.closing = opening, parts, closing
    code.trailing = trailing
    return code


def _prefixed(prefix: str, code: Code) -> Code:
    if not isinstance(code, Bracketed):
        return Code(prefix + _text(code))
    new = Bracketed(prefix + _text(code))
    new.opening, new.items = prefix + code.opening, code.items
    new.closing, new.trailing = code.closing, code.trailing
    return new


# ---- values and names


def literal(value: object) -> Code:
    """A Python literal that evaluates to the value: ASCII, quoted as black quotes.

    Of str, int, float, bool, None, list, tuple and dict. Raises TypeError for other
    types (their subclasses too) and ValueError for nan and infinities.
    """
    kind = type(value)
    if kind is str:
        return Code(_quoted(cast(str, value)))
    if kind is int or kind is bool or value is None:
        return Code(repr(value))
    if kind is float:
        if not math.isfinite(cast(float, value)):
            raise ValueError(f"no literal for {value!r}")
        return Code(repr(value).replace("e+", "e"))
    if kind is list:
        return _bracketed("[", map(literal, cast("list[object]", value)), "]")
    if kind is tuple:
        return _bracketed("(", map(literal, cast("tuple[object, ...]", value)), ")")
    if kind is dict:
        entries = cast("dict[object, object]", value).items()
        return _bracketed(
            "{", (_prefixed(f"{literal(k)}: ", literal(v)) for k, v in entries), "}"
        )
    raise TypeError(f"no literal for {kind.__name__}")


def _quoted(text: str) -> str:
    # repr() escapes no quote in a piece that has no double quote.
    pieces = [ascii(piece)[1:-1] for piece in text.split('"')]
    if text.count('"') > text.count("'"):
        return "'" + '"'.join(piece.replace("'", "\\'") for piece in pieces) + "'"
    return '"' + '\\"'.join(pieces) + '"'


def string_list(texts: Iterable[str]) -> Code:
    """A list of string literals, in the order given."""
    return literal(list(texts))


def identifier(text: str) -> Code:
    """The text as a name; ValueError unless it is an ASCII identifier and no keyword."""
    if not (text.isascii() and text.isidentifier()) or keyword.iskeyword(text):
        raise ValueError(f"not an identifier: {ascii(text)}")
    return Code(text)


def dotted(text: str) -> Code:
    """A name with attributes, `self._reader.pages`; ValueError as for `identifier`."""
    return join([identifier(part) for part in text.split(".")], ".")


def join(codes: Iterable[Code], separator: str = ", ") -> Code:
    """The codes with a separator of the template's between them; accepts only code."""
    return Code(separator.join(map(_text, codes)))


def indent(code: Code, spaces: int) -> Code:
    """The code with every line after the first indented; empty lines stay empty."""
    return Code(re.sub(r"\n(?=[^\n])", "\n" + " " * spaces, _text(code)))


# ---- layout: on one line where it fits, else one item a line with a trailing comma


def fitted(code: Code, indent: int = 0, before: int = 0, after: int = 0) -> Code:
    """The code as black leaves it, in a statement that is indented by `indent` columns.

    `before` and `after` are the columns that the template prints on the code's first
    and last line. Lines after the first carry their indentation.
    """
    return Code(_fitted(code, indent, before, after))


def _fitted(code: Code, indent: int, before: int, after: int) -> str:
    text = _text(code)
    if indent + before + len(text) + after <= LINE_LENGTH:
        return text
    if not isinstance(code, Bracketed) or not code.items:
        return text
    inner = indent + 4
    flat = ", ".join(map(_text, code.items))
    if _is_call(code.opening) and inner + len(flat) <= LINE_LENGTH:
        # black adds a comma to the one parameter of a function.
        comma = "," if code.opening.startswith("def ") and len(code.items) == 1 else ""
        return (
            f"{code.opening}\n{' ' * inner}{flat}{comma}\n{' ' * indent}{code.closing}"
        )
    last = len(code.items) - 1
    lines = [code.opening]
    for index, item in enumerate(code.items):
        comma = "," if index < last else code.trailing
        lines.append(" " * inner + _fitted(item, inner, 0, len(comma)) + comma)
    lines.append(" " * indent + code.closing)
    return "\n".join(lines)


def _is_call(opening: str) -> bool:
    """Whether the bracket follows a name; black gives each item of a display a line."""
    return opening[-2:-1].isidentifier() or opening[-2:-1].isdigit()


def bracketed(opening: str, items: Iterable[Code], closing: str) -> Code:
    """`opening`, the items with commas between them, `closing`: a display or a call."""
    return _bracketed(opening, items, closing)


def mapping(entries: Iterable[tuple[str, Code]]) -> Code:
    """A dict with text keys whose values are code."""
    items = [_prefixed(f"{literal(key)}: ", value) for key, value in entries]
    return _bracketed("{", items, "}")


def call(name: str, arguments: Iterable[Argument]) -> Code:
    """A call of a dotted name, to be laid out by `statement`, `assign` or `fitted`."""
    return _bracketed(f"{dotted(name)}(", map(_argument, arguments), ")")


def arguments(
    arguments: Iterable[Argument], indent: int = 0, before: int = 0, after: int = 0
) -> Code:
    """Arguments with their parentheses, laid out as by `fitted`."""
    return fitted(
        _bracketed("(", map(_argument, arguments), ")"), indent, before, after
    )


def _argument(argument: Argument) -> Code:
    if isinstance(argument, tuple):
        name, value = argument
        return _prefixed(f"{identifier(name)}=", value)
    return argument


def subscript(name: str, items: Iterable[Code]) -> Code:
    """A generic type with its arguments: `dict[str, int]`, `Literal["a", "b"]`."""
    parts = tuple(items)
    # `X[a,]` means another type than `X[a]`.
    return _bracketed(f"{dotted(name)}[", parts, "]", "," if len(parts) > 1 else "")


def parameter(name: str, annotation: Code, default: Code | None = None) -> Code:
    """A parameter of a function: `name: annotation = default`."""
    text = f"{identifier(name)}: {_text(annotation)}"
    return Code(text if default is None else f"{text} = {_text(default)}")


def signature(
    name: str, parameters: Iterable[Code], returns: Code, indent: int = 0
) -> Code:
    """The line or lines from `def` to the colon."""
    closing = f") -> {_text(returns)}:"
    return fitted(_bracketed(f"def {identifier(name)}(", parameters, closing), indent)


def statement(value: Code, indent: int = 0, keyword: Keyword = "") -> Code:
    """An expression as a statement, or what follows `return`, `yield` or `raise`."""
    return _parenthesized(keyword, value, indent)


def assign(target: str, value: Code, indent: int = 0) -> Code:
    """`target = value`; the target is a dotted name."""
    return _parenthesized(f"{dotted(target)} = ", value, indent)


def _parenthesized(prefix: str, value: Code, indent: int) -> Code:
    width = indent + len(prefix) + len(_text(value))
    splits = isinstance(value, Bracketed) and value.items
    if splits or width <= LINE_LENGTH or prefix in ("", "yield ", "yield from "):
        return fitted(_prefixed(prefix, value), indent)
    if indent + 4 + len(value) > LINE_LENGTH:
        return _prefixed(prefix, value)
    # black gives what cannot be split a line of its own, where it fits there.
    lead = " " * indent
    return Code(f"{prefix}(\n{lead}    {_text(value)}\n{lead})")


def from_import(module: str, names: Sequence[str], indent: int = 0) -> Code:
    """`from module import names`, the names in the order given."""
    dots = module[: len(module) - len(module.lstrip("."))]
    rest = module[len(dots) :]
    source = f"from {dots}{dotted(rest) if rest or not dots else ''} import "
    items = [identifier(name) for name in names]
    line = source + _text(join(items))
    if indent + len(line) <= LINE_LENGTH:
        return Code(line)
    lead = " " * indent
    body = "".join(f"{lead}    {name},\n" for name in items)
    return Code(f"{source}(\n{body}{lead})")


# ---- text for people


def docstring(text: str, indent: int = 0) -> Code:
    """A docstring with its quotes, for a line that is indented by `indent` columns.

    On one line where it fits, else wrapped. Paragraphs and list items start on lines
    of their own; other white space is folded, and category C characters are escaped.
    """
    blocks = list(_blocks(text))
    escaped = _escaped(blocks[0]) if blocks else ""
    if escaped.endswith('"'):
        escaped += " "
    width = LINE_LENGTH - indent
    if len(blocks) < 2 and len(escaped) + 6 <= width:
        return Code(f'"""{escaped}"""')
    lines = _wrapped(blocks, max(width, 40))
    if len(lines) == 1:
        return Code(f'"""{escaped}"""')
    lead = " " * indent
    rest = [f"{lead}{_escaped(line)}" if line else "" for line in lines[1:]]
    return Code("\n".join([f'"""{_escaped(lines[0])}', *rest, f'{lead}"""']))


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs and list items, white space folded; "" between paragraphs."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part.split()]
    for index, paragraph in enumerate(paragraphs):
        if index:
            yield ""
        for item in re.split(r"\n(?=[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t])", paragraph):
            if item.split():
                yield " ".join(item.split())


def _wrapped(blocks: Sequence[str], width: int) -> list[str]:
    # A single block got here because it and the closing quotes exceed one line.
    wrapper = textwrap.TextWrapper(
        width=width if len(blocks) > 1 else width - 4,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # The opening quotes stand before the first word.
    first, *rest = wrapper.wrap('"""' + blocks[0])
    lines = [first[3:], *rest]
    for block in blocks[1:]:
        lines.extend(wrapper.wrap(block) or [""])
    return lines


def _escaped(text: str) -> str:
    """One line of a docstring."""
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.startswith('"'):
        text = "\\" + text
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    """The character, or the escape of one in category C."""
    if unicodedata.category(character)[0] != "C":
        return character
    return ascii(character)[1:-1]


_MARKDOWN = re.compile(
    r"[\\`*\[\]<>|&~#${}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|^[=+-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d\d\d)[.)]"
)


def markdown(text: str) -> Code:
    """Text as one line of Markdown that shows it literally, in table cells too."""
    return Code(_MARKDOWN.sub(r"\\\g<0>", _one_line(text)))


def markdown_code(text: str) -> Code:
    """Text as a code span of Markdown, in table cells too."""
    line = _one_line(text)
    if line and not re.search(r"[`|\\]", line):
        return Code(f"`{line}`")
    # A backtick or a table's pipe cannot be escaped inside of backticks.
    inner = re.sub(r"[!-/:-@\[-`{-~]", lambda match: f"&#{ord(match[0])};", line)
    return Code(f"<code>{inner}</code>")


def _one_line(text: str) -> str:
    folded = " ".join(text.split())
    return "".join("\ufffd" if _visible(c) != c else c for c in folded)
