"""The size of packages: what is specific to an API, and the files that connectors share."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from generator.pipeline import compile_spec

ROOT = Path(__file__).parent.parent.parent
REPORT = ROOT / "docs" / "package-size.md"
ONE_RESOURCE = Path(__file__).parent / "one_resource.yaml"
SPECS = (*sorted((ROOT / "specs").glob("*.yaml")), ONE_RESOURCE)
SPECIFIC = ("client.py", "paginators.py", "source.py")


class Lines(NamedTuple):
    """Lines of a file, or of several."""

    physical: int = 0
    code: int = 0
    """Without blank lines, comments and docstrings."""

    def __add__(self, other: object) -> Lines:
        """The sum, instead of the longer tuple."""
        assert isinstance(other, Lines)
        return Lines(self.physical + other.physical, self.code + other.code)


class Size(NamedTuple):
    """Of one package."""

    name: str
    resources: int
    specific: dict[str, Lines]
    shared: dict[str, Lines]


def measured(spec: Path) -> Size:
    package = compile_spec(spec)
    files = {path: text for path, text in package.files.items() if path.endswith(".py")}
    shared = {
        path: text for path, text in files.items() if path.startswith("_runtime/")
    }
    resources = len(re.findall(r"def \w+_pages\(", files["client.py"]))
    return Size(
        package.name,
        resources,
        {name: lines(files[name]) for name in SPECIFIC},
        {path.partition("/")[2]: lines(text) for path, text in shared.items()},
    )


def lines(text: str) -> Lines:
    without = set(_docstrings(ast.parse(text)))
    code = [
        line
        for number, line in enumerate(text.splitlines(), 1)
        if number not in without and line.strip() and not line.lstrip().startswith("#")
    ]
    return Lines(len(text.splitlines()), len(code))


def _docstrings(tree: ast.Module) -> Iterator[int]:
    """The lines of texts that stand alone: docstrings of modules, classes, fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def total(sizes: Iterable[Lines]) -> Lines:
    return sum(sizes, Lines())


def main() -> None:
    text = "\n".join(report([measured(spec) for spec in SPECS])) + "\n"
    REPORT.write_text(text, encoding="utf-8")
    print(text)


def report(sizes: list[Size]) -> Iterator[str]:
    yield "# Size of a package"
    yield ""
    yield "Written by `make sizes`. Specific to an API are `client.py`, `paginators.py` and"
    yield "`source.py`; models and columns are aside. The files of `_runtime/` are the same"
    yield "in every package, and a package has only those that it uses. `shop` has one"
    yield "resource: an offset with a checked total, a bearer token, incremental loading."
    yield "Code is without blank lines, comments and docstrings."
    yield ""
    yield "| package | resources | client | paginators | source | specific | shared | shared, code |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for size in sizes:
        parts = [size.specific[name].physical for name in SPECIFIC]
        shared = total(size.shared.values())
        cells = [size.resources, *parts, sum(parts), *shared]
        yield f"| {size.name} | {' | '.join(f'{cell:,}' for cell in cells)} |"
    yield ""
    yield "## Shared files"
    yield ""
    yield "| file | lines | code | in |"
    yield "|---|---:|---:|---|"
    files = {name: counted for size in sizes for name, counted in size.shared.items()}
    for name, counted in sorted(files.items()):
        holders = [size.name for size in sizes if name in size.shared]
        where = "all" if len(holders) == len(sizes) else ", ".join(holders)
        yield f"| `{name}` | {counted.physical} | {counted.code} | {where} |"


if __name__ == "__main__":
    main()
