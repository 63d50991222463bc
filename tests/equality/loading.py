"""Loads shapes into DuckDB twice, as dicts and as Arrow tables, and compares the two."""

from __future__ import annotations

import importlib
import re
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import dlt
import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from tests.equality.picture import Picture, picture, unlike
from tests.equality.shape import COLUMNAR, Answers, Shape, spec_of
from tests.scripted import serving
from tests.support import imported, part

NEVER = 10**12
"""More rows than any batch has: all stay dicts."""
ALWAYS = 0


@contextmanager
def smallest(module: ModuleType, rows: int) -> Generator[None, None, None]:
    """Batches with fewer rows stay dicts while the block lasts."""
    columnar = importlib.import_module(f"{module.__name__}._runtime.columnar")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columnar, "SMALLEST", rows)
        yield


def pictures(
    module: ModuleType, source: Callable[[int], Any], sizes: Sequence[int], folder: Path
) -> list[Picture]:
    """What is there after each run of `source`; a run has its own smallest batch."""
    connection = duckdb.connect(":memory:")
    pipeline = dlt.pipeline(
        f"equality_{folder.name}",
        destination=dlt.destinations.duckdb(connection),
        dataset_name="data",
        pipelines_dir=str(folder),
    )
    found: list[Picture] = []
    for number, size in enumerate(sizes):
        with smallest(module, size):
            pipeline.run(source(number))
        found.append(picture(pipeline, connection))
    connection.close()
    return found


def differences(
    shapes: Sequence[Shape],
    disposition: str,
    ways: Mapping[str, Sequence[int]],
    *,
    kinds: bool = True,
) -> dict[str, list[str]]:
    """What each shape's tables differ in, by the name of the shape.

    `ways` name the smallest batches of the runs; each way is compared with dicts alone.
    What fails as one group is loaded shape by shape, so that the error has a name.
    `kinds`: a shape has Arrow tables unless it says that it does not.
    """
    together = [each for each in shapes if not each.fails]
    alone = [each for each in shapes if each.fails]
    found: dict[str, list[str]] = {}
    try:
        found.update(_differences(together, disposition, ways, kinds))
    except PipelineStepFailed:
        alone = list(shapes)
    for shape in alone:
        found.update(_alone(shape, disposition, ways, kinds))
    return found


def _alone(
    shape: Shape, disposition: str, ways: Mapping[str, Sequence[int]], kinds: bool
) -> dict[str, list[str]]:
    lines: list[str] = []
    errors: dict[str, str] = {}
    for way, sizes in {"dicts": [NEVER], **ways}.items():
        try:
            found = _differences([shape], disposition, {way: sizes}, kinds)
            lines += found.get(shape.name, [])
        except PipelineStepFailed as problem:
            errors[way] = _last(problem)
    if len(errors) <= len(ways):
        lines += [f"{way}: {error}" for way, error in errors.items()]
    if shape.fails:
        shown = list(errors.values()) or ["no error"]
        lines += [each for each in shown if not re.search(shape.fails, each)]
    return {shape.name: lines} if lines else {}


def _last(error: BaseException) -> str:
    """The message of what caused it in the end."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return f"{type(error).__name__}: {str(error)[:500]}"


def _differences(
    shapes: Sequence[Shape],
    disposition: str,
    ways: Mapping[str, Sequence[int]],
    kinds: bool,
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    runs = max((len(shape.runs) for shape in shapes), default=0)
    with tempfile.TemporaryDirectory() as name, serving() as api:
        folder = Path(name)
        path = folder / "shapes.yaml"
        path.write_text(spec_of(shapes, disposition))
        module = imported(path, folder)
        answers = Answers(api, shapes)

        def source(run: int) -> Any:
            answers.run = run
            made = part(module, "_source")(base_url=api.url)
            for shape in shapes:
                for each in shape.whole():
                    if each.change is not None:
                        each.change(made.resources[each.name])
            return made

        def load(way: str, sizes: Sequence[int]) -> list[Picture]:
            repeated = [sizes[number % len(sizes)] for number in range(runs)]
            return pictures(module, source, repeated, folder / way)

        plain = load("dicts", [NEVER])
        for way, sizes in ways.items():
            arrow = load(way, sizes)
            for number, mine in enumerate(arrow):
                for table, line in unlike(plain[number], mine):
                    text = f"{way}, run {number + 1}, {table}: {line}"
                    found.setdefault(_owner(table, shapes), []).append(text)
            if kinds and set(sizes) == {ALWAYS}:
                for owner, text in _wrong_kind(arrow, shapes, disposition):
                    found.setdefault(owner, []).append(text)
    return found


def _wrong_kind(
    arrow: Iterable[Picture], shapes: Sequence[Shape], disposition: str
) -> Iterator[tuple[str, str]]:
    """Shapes that should have been Arrow tables and were not, and the other way round."""
    tables = {table for each in arrow for table in each.columnar}
    columnar = {_owner(table, shapes) for table in tables}
    for shape in shapes:
        wanted = disposition in COLUMNAR and not shape.dicts
        if (shape.name in columnar) != wanted:
            yield shape.name, f"expected {'Arrow tables' if wanted else 'dicts'}"


def _owner(table: str, shapes: Iterable[Shape]) -> str:
    names = [each.name for each in shapes if table.startswith(each.name)]
    return max(names, key=len, default=table)


def told(found: Mapping[str, Any]) -> str:
    """The differences as a message."""
    return "\n".join(
        f"{shape}:\n  " + "\n  ".join(lines) for shape, lines in sorted(found.items())
    )
