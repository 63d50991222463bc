"""The Jinja environment: a template can print nothing that no encoder made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from generator import pysource
from generator.pysource import Code
from generator.templates import FOLDER

_HERE = os.path.dirname(os.path.abspath(__file__))


def environment() -> Environment:
    """A new environment over the template tree, with our encoders and nothing else.

    Each encoder is both a filter and a function. Jinja's own filters and functions are
    left out: some of them put unescaped text into markup.
    """
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        bytecode_cache=_Compiled(),
        autoescape=True,
        finalize=_only_code,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters = dict(ENCODERS)
    made.globals = dict(ENCODERS)
    return made


class _Compiled(BytecodeCache):
    """Compiled templates beside our own compiled modules, where that folder can be written.

    Jinja checks that they were made from the template as it is now.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            with open(self._path(bucket), "rb") as file:
                bucket.load_bytecode(file)
        except OSError:
            return

    def dump_bytecode(self, bucket: Bucket) -> None:
        path = self._path(bucket)
        draft = f"{path}.{os.getpid()}"
        try:
            with open(draft, "wb") as file:
                bucket.write_bytecode(file)
            os.replace(draft, path)
        except OSError:
            return

    def _path(self, bucket: Bucket) -> str:
        return os.path.join(_HERE, "__pycache__", f"{bucket.key}.jinja")


def _only_code(value: object) -> object:
    if isinstance(value, Markup):
        return value
    raise TypeError(f"a template printed {value!r} without an encoder")


def _code(value: object) -> Code:
    """What is code already: an encoder's result, or a macro's, which is markup."""
    if isinstance(value, Markup):
        return Code(value)
    raise TypeError(f"not code: {type(value).__name__}")


def _join(codes: Iterable[object], separator: str = ", ") -> Code:
    return pysource.join(map(_code, codes), separator)


def _indent(block: object, spaces: int) -> Code:
    return pysource.indent(_code(block), spaces)


ENCODERS: dict[str, Any] = {
    "arguments": pysource.arguments,
    "assign": pysource.assign,
    "call": pysource.call,
    "code": _code,
    "docstring": pysource.docstring,
    "dotted": pysource.dotted,
    "fitted": pysource.fitted,
    "from_import": pysource.from_import,
    "identifier": pysource.identifier,
    "indent": _indent,
    "join": _join,
    "literal": pysource.literal,
    "markdown": pysource.markdown,
    "markdown_code": pysource.markdown_code,
    "parameter": pysource.parameter,
    "signature": pysource.signature,
    "statement": pysource.statement,
    "string_list": pysource.string_list,
    "subscript": pysource.subscript,
}
"""What templates print with, by name."""
