"""What end-to-end tests share: compile a spec, import the package, load it into DuckDB."""

from __future__ import annotations

import importlib
import itertools
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import dlt

from generator import output, pipeline
from generator.package import Package

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"

_NUMBERS = itertools.count()


def compiled(spec: Path, folder: Path) -> Package:
    """The package of a spec, written below `folder`."""
    package = pipeline.compile_spec(spec)
    output.write(folder, package)
    return package


def imported(spec: Path, folder: Path) -> ModuleType:
    """The generated package, imported under a name of its own each time."""
    package = compiled(spec, folder)
    name = f"{package.name}_{os.getpid()}_{next(_NUMBERS)}"
    shutil.copytree(folder / package.name, folder / name)
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def part(module: ModuleType, suffix: str) -> Any:
    """A public name of the package by its ending, such as `Client` or `_source`."""
    names: list[str] = module.__all__
    return getattr(module, next(name for name in names if name.endswith(suffix)))


def source_of(module: ModuleType, base_url: str, **arguments: Any) -> Any:
    """The dlt source of a package, for a server at `base_url`."""
    credentials = arguments.pop("credentials", None)
    if credentials:
        arguments["credentials"] = part(module, "Credentials")(**credentials)
    return part(module, "_source")(base_url=base_url, **arguments)


def run(source: Any, folder: Path, name: str = "test") -> dlt.Pipeline:
    """Runs the source into a DuckDB file below `folder`; the same name continues."""
    pipeline_ = dlt.pipeline(
        f"{name}_{abs(hash(str(folder)))}",
        destination=dlt.destinations.duckdb(str(folder / f"{name}.duckdb")),
        dataset_name="data",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline_.run(source)
    return pipeline_


def table(pipeline_: dlt.Pipeline, name: str, order: str = "") -> list[dict[str, Any]]:
    """The rows of a table, without dlt's own columns; [] if there is no such table."""
    with pipeline_.sql_client() as client:
        tables = client.execute_sql(
            "select table_name from information_schema.tables where table_schema = 'data'"
        )
        if (name,) not in (tables or []):
            return []
        with client.execute_query(
            f'select * from data."{name}"' + (f" order by {order}" if order else "")
        ) as cursor:
            columns = [column[0] for column in cursor.description]
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
    keep = [
        index for index, column in enumerate(columns) if not column.startswith("_dlt")
    ]
    return [{columns[index]: row[index] for index in keep} for row in rows]


def load(
    spec: Path,
    base_url: str,
    credentials: Mapping[str, str],
    settings: Mapping[str, Any],
) -> dict[str, list[dict[str, Any]]]:
    """Compiles the spec, loads every resource into DuckDB, returns the tables' rows."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        module = imported(spec, Path(folder))
        source = source_of(module, base_url, credentials=dict(credentials), **settings)
        names = list(source.resources)
        pipeline_ = run(source, Path(folder))
        return {name: table(pipeline_, name) for name in names}
