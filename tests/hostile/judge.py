"""What becomes of a hostile spec: diagnostics with a place, or a package that holds only data."""

from __future__ import annotations

import ast
import atexit
import copy
import json
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from generator import contract, output, pipeline
from generator.diagnostics import Diagnostic, SpecError, render
from generator.package import Package

SECONDS = 10.0
"""More of the processor's time than this for one spec is a hang."""

Pointer = tuple[str | int, ...]


@dataclass(slots=True)
class Outcome:
    """One spec that was compiled: `package` or `errors`."""

    label: str
    package: Package | None = None
    errors: tuple[Diagnostic, ...] = ()
    problems: list[str] = field(default_factory=list[str])
    """What must not be, whatever the spec says."""


def replaced(spec: Any, pointer: Pointer, value: Any) -> Any:
    """A copy of the spec with another value at a place."""
    result = copy.deepcopy(spec)
    inner = result
    for step in pointer[:-1]:
        inner = inner[step]
    inner[pointer[-1]] = value
    return result


def renamed(spec: Any, pointer: Pointer, key: str) -> Any:
    """A copy of the spec with another key at a place; the order stays."""
    result = copy.deepcopy(spec)
    inner = result
    for step in pointer[:-1]:
        inner = inner[step]
    items = [
        (key if name == pointer[-1] else name, each) for name, each in inner.items()
    ]
    inner.clear()
    inner.update(items)
    return result


def places(value: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Every value below the top of a spec."""
    entries: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    for step, inner in entries:
        yield (*pointer, step), inner
        yield from places(inner, (*pointer, step))


def outcome(spec: Any, label: str, folder: Path) -> Outcome:
    """Compiles a spec that is written to the disk as JSON, and looks at what comes out."""
    return outcome_of_text(json.dumps(spec), label, folder / "spec.json")


def outcome_of_text(text: str | bytes, label: str, path: Path) -> Outcome:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    )
    found = Outcome(label)
    start = time.process_time()
    try:
        found.package = pipeline.compile_spec(path)
    except SpecError as error:
        found.errors = error.diagnostics
        found.problems.extend(refusal_problems(error))
    except BaseException as error:  # whatever it is, it is a defect
        if isinstance(error, KeyboardInterrupt):
            raise
        found.problems.append(f"{type(error).__name__}: {str(error)[:300]}")
    if time.process_time() - start > SECONDS:
        found.problems.append("took too long")
    if found.package is not None:
        found.problems.extend(package_problems(found.package))
    return found


NO_PLACE = {"empty", "too-large", "too-many-problems"}
"""Codes of errors about a file as a whole."""


def refusal_problems(error: SpecError) -> Iterator[str]:
    errors = [each for each in error.diagnostics if each.severity == "error"]
    if not errors:
        yield "refused without an error"
    for each in errors:
        if each.code in {"models", "contract"}:
            yield f"the last gate had to refuse it: {each.message}"
        if not each.location.line and each.code not in NO_PLACE:
            yield f"an error without a place: {each.message}"
    text = render(error.diagnostics, error.sources)
    if len(text) > 2_000 * len(error.diagnostics):
        yield "messages without bound"
    if not text.isprintable() and re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text
    ):
        yield "control characters on the terminal"


# ---- a package


FILES = {
    *(
        "__init__.py",
        "client.py",
        "columns.py",
        "models.py",
        "paginators.py",
        "source.py",
    ),
    *("README.md", "py.typed", "replaying.py", "shaping.py"),
}


def package_problems(package: Package) -> Iterator[str]:
    for path, text in package.files.items():
        if path not in FILES and not re.fullmatch(r"_runtime/[a-z0-9_]+\.py", path):
            yield f"a file called {path!r}"
        text.encode("utf-8")
        if path.endswith(".py") and not path.startswith("_runtime/"):
            yield from contract.check(path, text)
            try:
                compile(text, path, "exec", dont_inherit=True)
            except Exception as error:
                yield f"{path} does not compile: {error}"
    yield from readme_problems(package.files["README.md"], package.name)
    for each in package.warnings:
        if not each.location.line and each.code != "no-connector":
            yield f"a warning without a place: {each.message}"


def readme_problems(text: str, name: str) -> Iterator[str]:
    """Raw HTML, links and images, and snippets that are not what they should be."""
    fences = dict(re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    if set(fences) - {"toml"} != {"python", "mermaid"} or len(
        re.findall("```", text)
    ) != 2 * len(fences):
        yield f"README: other snippets than ours: {sorted(fences)}"
        return
    ast.parse(fences["python"])
    if "toml" in fences:
        section = tomllib.loads(fences["toml"])["sources"]
        if set(section) != {name} or set(section[name]) != {"credentials"}:
            yield "README: the TOML snippet has other sections"
    for line in fences["mermaid"].splitlines()[2:]:
        if not re.fullmatch(r"    (r\d+\[\"?\w+\"?\]|(api|r\d+) --> r\d+)", line):
            yield f"README: the diagram says {line!r}"
    outside = re.sub(r"^```(\w+)\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for line in outside.splitlines():
        plain = without_code(line)
        tags = re.findall(r"(?<!\\)<(?!/?code>)[^ ]", plain)
        links = re.findall(r"(?<!\\)\]\(|(?<!\\)!\[", plain)
        if tags or links:
            yield f"README: markup in {line[:200]!r}"
    tables = [line for line in outside.splitlines() if line.startswith("|")]
    if len({len(re.findall(r"(?<!\\)\|", line)) for line in tables}) != 1:
        yield "README: the table has rows of several lengths"
    headings = [line for line in outside.splitlines() if line.startswith("#")]
    if [*headings[1:]] != ["## Resources", "## Configuration"]:
        yield f"README: other headings: {headings[1:]}"


def without_code(line: str) -> str:
    """A line of Markdown without its code spans (CommonMark 6.1)."""
    result = ""
    rest = line
    while match := re.search(r"(?<!`)(`+)(?!`)", rest):
        before, run, rest = rest[: match.start()], match[1], rest[match.end() :]
        escaped = len(before) - len(before.rstrip("\\"))
        if escaped % 2:
            result += before + run
            continue
        end = re.search(rf"(?<!`){run}(?!`)", rest)
        result += before
        if end is None:
            result += run
        else:
            rest = rest[end.end() :]
    return result + rest


# ---- what is data stays data


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


def shape(package: Package) -> dict[str, str]:
    """The code of each file without the texts in it."""
    return {
        path: ast.dump(_Blank().visit(ast.parse(text)))
        for path, text in package.files.items()
        if path.endswith(".py") and not path.startswith("_runtime/")
    }


def texts(package: Package) -> Iterator[str]:
    """Every text in the code, docstrings among them."""
    for path, text in package.files.items():
        if path.endswith(".py") and not path.startswith("_runtime/"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def words(text: str) -> list[str]:
    """A text's words without what a docstring escapes or folds."""
    return re.findall(r"[A-Za-z0-9]+", text)


# ---- importing


@dataclass(slots=True)
class Importer:
    """Writes packages below `folder` and imports them all in another interpreter."""

    folder: Path
    labels: list[str] = field(default_factory=list[str])

    def add(self, package: Package, label: str) -> None:
        place = self.folder / f"case_{len(self.labels):05}"
        self.labels.append(label)
        output.write(place, package)
        assert [each.name for each in place.iterdir()] == [package.name], label

    def problems(self) -> list[str]:
        """What went wrong, by the label of the case."""
        if not self.labels:
            return []
        found = _imported(self.folder)
        strangers = [
            each.name
            for each in self.folder.iterdir()
            if not each.name.startswith("case_")
        ]
        assert not strangers, strangers
        return [
            f"{self.labels[int(name.removeprefix('case_'))]}: {problem}"
            for name, problem in found.items()
        ]


def _imported(folder: Path) -> dict[str, str]:
    worker = _worker()
    assert worker.stdin is not None and worker.stdout is not None
    worker.stdin.write(f"{folder}\n")
    worker.stdin.flush()
    answer = worker.stdout.readline()
    if not answer:
        _worker.cache_clear()
        raise AssertionError("a package ended the interpreter that imported it")
    found: dict[str, str] = json.loads(answer)
    return found


@cache
def _worker() -> subprocess.Popen[str]:
    """An interpreter that imports what it is told to; importing dlt takes its time."""
    script = Path(__file__).with_name("importer.py")
    started = subprocess.Popen(
        [sys.executable, "-W", "error", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(started.kill)
    return started
