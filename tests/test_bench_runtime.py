"""The benchmark of connectors at run time works, and finds out where a load is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.runtime.check import Loaded, faults
from tests.benchmarks.runtime.plan import GROUPS, WAYS
from tests.benchmarks.runtime.records import expected, record
from tests.support import ROOT

REPORT = ROOT / "docs" / "performance.md"


def test_every_way_reads_every_record() -> None:
    """Each process checks what it read, so the end of the run says that all of it is right."""
    before = REPORT.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_runtime", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    _, _, aims = done.stdout.partition("## Aims")
    aims, _, processes = aims.partition("## Processes")
    for group in GROUPS.values():
        for comparison in group.comparisons:
            assert f"| {comparison.what} | {comparison.against} |" in aims
    for key in ("connector", "rest_api", "rest_api_model", "floor", "client"):
        assert f"| {WAYS[key].name} | 1,000 |" in processes
    assert REPORT.read_bytes() == before


def database(folder: Path, *statements: str) -> str:
    path = folder / "loaded.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return str(path)


LOADED = (
    "create schema data",
    "create table data.tickets as select range as id, if(range % 10 in (1, 4, 7),"
    " 'emea', null) as region, region as sla_minutes from range(20)",
    "create table data.tickets__tags as select range from range(30)",
)


def test_a_complete_load_has_no_faults(tmp_path: Path) -> None:
    loaded = database(tmp_path, *LOADED)
    assert list(faults(Loaded(loaded, 20, tags=True, undeclared=True))) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("delete from data.tickets where id = 5", "count(*)"),
        ("update data.tickets set id = 6 where id = 5", "count(distinct id)"),
        ("delete from data.tickets__tags where range = 5", "tickets__tags"),
        ("update data.tickets set region = null where id = 4", "count(region)"),
    ],
)
def test_a_wrong_load_is_told(tmp_path: Path, statement: str, fault: str) -> None:
    loaded = database(tmp_path, *LOADED, statement)
    told = list(faults(Loaded(loaded, 20, tags=True, undeclared=True)))
    assert told
    assert fault in told[0]


def test_no_database_is_a_fault(tmp_path: Path) -> None:
    path = str(tmp_path / "none.duckdb")
    assert list(faults(Loaded(path, 20, tags=False, undeclared=False)))


def test_what_is_expected_is_what_the_records_hold() -> None:
    records = [record(number) for number in range(77)]
    assert expected(77) == (
        77,
        sum(len(each["tags"]) for each in records),
        sum("region" in each for each in records),
    )
