"""The gate on generated files: what passes, and that each thing it is there for fails."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from generator.contract import FORBIDDEN_NAMES, check
from generator.templates import FOLDER

MODELS = '''# @generated
"""Records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Dict, Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from ._runtime.records import Record

Rating = TypeAliasType("Rating", Literal["gr\u00fcn", "b"])


class Ticket(Record):
    """Ein Gr\u00fc\u00dfe-Ticket."""

    model_config = ConfigDict(extra="allow")
    __annotations__ = {"__pydantic_extra__": Dict[str, int]}
    open: float | None = None
    compile: Annotated[str, Field(pattern="^a")] = "x"
    """The name `open`, eval("x") and __import__ in text are no problem."""


Ticket.model_rebuild()
'''

CLIENT = '''"""Client."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ._runtime.http import Http
from .models import Ticket

if TYPE_CHECKING:
    from .paginators import OffsetPaginator

__all__ = ["Client"]
LIMIT: int = 3


class Client:
    __slots__ = ("_http",)

    def __init__(self, http: Http) -> None:
        super().__init__()
        self._http = http
        self.pairs = itertools.count()

    def tickets(self) -> Iterator[Ticket]:
        yield from getattr(self._http, "tickets")
'''

SOURCE = "import dlt\nfrom dlt.sources import DltResource\nfrom .client import Client\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("models.py", MODELS),
        ("client.py", CLIENT),
        ("source.py", SOURCE),
        ("__init__.py", 'from .models import Ticket\n\n__all__ = ["Ticket"]\n'),
        ("paginators.py", "from ._runtime import http\n"),
        ("client.py", "from . import hooks\nfrom .shaping import shape_things\n"),
        ("shaping.py", "from . import hooks\nfrom ._runtime.values import JSON\n"),
        ("hooks.py", "from ._runtime.values import JSON\n"),
        ("client.py", ""),
    ],
)
def test_generated_files_pass(path: str, text: str) -> None:
    assert check(path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "import os.path",
        "import re",
        "import logging",
        "import types",
        "import sys as itertools",
        "import itertools, subprocess",
        "from os import system",
        "from subprocess import run",
        "from importlib import import_module",
        "from typing import *",
        "from .models import *",
        "from . import other",
        "from .other import x",
        "from .. import models",
        "from ..other import models",
        "from . import client",
        "import dlt",
        "import pydantic",
        "import typing.io",
        "def f():\n    import os",
        "class C:\n    from os import system",
        "print(1)",
        "f()",
        "1",
        "for x in y:\n    pass",
        "while True:\n    pass",
        "with x:\n    pass",
        "if True:\n    import itertools",
        "if TYPE_CHECKING:\n    f()",
        "if TYPE_CHECKING:\n    import itertools\nelse:\n    import os",
        "try:\n    import itertools\nexcept E:\n    pass",
        "del x",
        "assert x",
        "x += 1",
        "x.y = 1",
        "x[0] = 1",
        "(x := 1)",
        "Ticket.model_rebuild(_types_namespace={})",
        "Ticket.model_construct()",
        "async def f(): ...",
        "global x",
        "x = eval('1')",
        "x = [e for e in (exec,)]",
        "x: eval = 1",
        "def f(a=open): ...",
        "@compile\ndef f(): ...",
        "class C(globals()): ...",
        "x = __import__('os')",
        "x = __builtins__",
        "x = __loader__",
        "x = ().__class__.__bases__",
        "x = f.__globals__",
        "x = (i for i in y).gi_frame.f_back",
        "class C:\n    def __reduce__(self): ...",
        "x = getattr(y, '__class__')",
        "x = getattr(y, '_private')",
        "x = getattr(y, name)",
        "x = getattr(*y)",
        "x = setattr(y, 'a', 1)",
        "x = '\x00'",
        "x = '\u202e'",
        "x = '\x1b'",
        "x = 1  # \u00e9",
        "x\u00e9 = 1",
        "x = \uff45\uff56\uff41\uff4c",
        "x = '\ud800'",
        "x = (",
        "x = 1\r\ny = 2",
    ],
)
def test_files_that_break_the_contract_are_refused(text: str) -> None:
    problems = check("client.py", text)
    assert problems
    assert all(each.startswith("client.py:") for each in problems)


@pytest.mark.parametrize("name", sorted(FORBIDDEN_NAMES))
def test_forbidden_names_are_refused(name: str) -> None:
    assert check("client.py", f"x = {name}")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("models.py", "import logging\n"),
        ("models.py", "from pydantic import ImportString\n"),
        ("models.py", "from pydantic.v1 import BaseModel\n"),
        ("models.py", "from .client import Client\n"),
        ("paginators.py", "from .client import Client\n"),
        ("source.py", "import pydantic\n"),
        ("source.py", "import dltx\n"),
        ("source.py", "from dlt.common.runtime.exec_info import run_context\n"),
        ("columns.py", "import dlt\n"),
        ("__init__.py", "import logging\n"),
        ("other.py", ""),
        ("sub/models.py", ""),
        ("../models.py", ""),
        ("hooks.py", "from .client import Client\n"),
        ("shaping.py", "from .client import Client\n"),
        ("source.py", "from . import hooks\n"),
    ],
)
def test_each_kind_of_file_has_its_imports(path: str, text: str) -> None:
    assert check(path, text)


def test_a_problem_says_where_it_is() -> None:
    assert check("client.py", "import itertools\n\nimport os\n") == [
        "client.py:3: the import of os"
    ]
    assert check("models.py", MODELS + "\nos = eval\n") == [
        f"models.py:{MODELS.count(chr(10)) + 2}: the name eval"
    ]


def test_runtime_files_are_the_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "package" / "_runtime" / "http.py"
    file.parent.mkdir(parents=True)
    file.write_text("import os\n")
    monkeypatch.setattr("generator.contract.FOLDER", str(tmp_path))
    assert check("_runtime/http.py", "import os\n") == []
    assert check("_runtime/http.py", "import os \n") == [
        "_runtime/http.py: differs from its template"
    ]
    assert check("_runtime/other.py", "") == [
        "_runtime/other.py: a file that no template makes"
    ]


RUNTIME = sorted(Path(FOLDER, "package", "_runtime").glob("*.py"))


@pytest.mark.parametrize("path", RUNTIME, ids=lambda path: path.name)
def test_the_runtime_passes(path: Path) -> None:
    assert check(f"_runtime/{path.name}", path.read_text(encoding="utf-8")) == []


def test_non_ascii_text_is_found_where_it_is_in_a_large_file() -> None:
    strings = "".join(f'x{i} = "\u00e9", "\u00fc"\n' for i in range(2000))
    start = time.process_time()
    assert check("client.py", strings) == []
    assert check("client.py", strings + "\u00e9 = 1\n") == [
        "client.py:2001: the character '\\xe9'"
    ]
    assert time.process_time() - start < 2
