"""Generated connectors at run time, against dlt's own source, other clients and a floor."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Hashable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.runtime import report
from tests.benchmarks.runtime.measure import ROOT, Bench, serving
from tests.benchmarks.runtime.plan import GROUPS, Group, Run, runs, shortened

REPORT = ROOT / "docs" / "performance.md"
ROUNDS = 5
AIRBYTE = "7.39.1"
LEFT_OUT = ("airbyte", "rest_api_parquet", "import_dlt")
"""By --quick, which is a part of the test suite."""

T = TypeVar("T", bound=Hashable)


def main() -> None:
    given = arguments()
    chosen = [GROUPS[given.only]] if given.only else list(GROUPS.values())
    groups = [shortened(each) for each in chosen] if given.quick else chosen
    wanted = unique(run for group in groups for run in runs(group))
    missing = {run: "left out" for run in wanted if given.quick and run.way in LEFT_OUT}
    airbyte: Path | None = None
    for run in wanted:
        if run.way == "airbyte" and run not in missing:
            airbyte, why = airbyte_python()
            missing.update({} if airbyte else {run: why})
    records = max((run.records for run in wanted if run not in missing), default=0)
    with tempfile.TemporaryDirectory() as folder, serving(records) as server:
        bench = Bench(server=server, folder=Path(folder), airbyte=airbyte)
        compile_connectors(bench, wanted)
        if given.quick:
            bench = replace(bench, at_once=2)
            bench.measure(run for run in wanted if run not in missing)
            results = {group: bench for group in groups}
        else:
            results = {
                group: measured(bench, group, given.rounds, missing) for group in groups
            }
    text = report.document(results, missing, AIRBYTE if airbyte else "", given.rounds)
    if given.quick:
        print("Everything works. With so few records the figures mean nothing.\n")
    elif not given.only:
        REPORT.write_text(text, encoding="utf-8")
    print(text)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=GROUPS, help="one block, printed only")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each")
    parser.add_argument(
        "--quick", action="store_true", help="few records, printed only"
    )
    return parser.parse_args()


def measured(bench: Bench, group: Group, rounds: int, missing: Iterable[Run]) -> Bench:
    """The costs of one block, whose processes take turns."""
    bench = replace(bench, costs={}, ended={})
    for number in range(rounds):
        for run in runs(group):
            if run not in missing and not (number and run in group.once):
                bench.measure([run])
                took = bench.ended.get(run) or bench.costs[run][-1]
                print(
                    f"{number + 1}/{rounds} {run} {took}", file=sys.stderr, flush=True
                )
    return bench


def compile_connectors(bench: Bench, wanted: Iterable[Run]) -> None:
    names = unique(bench.connector(run).name for run in wanted if run.records)
    folder = bench.folder / "connectors"
    folder.mkdir()
    bench.tool("connectors", str(folder), *names)


def airbyte_python() -> tuple[Path | None, str]:
    """Python of an environment that has airbyte-cdk, or why there is none."""
    import pytest

    from tests.peers.applications import python_with

    try:
        return python_with(f"airbyte-cdk=={AIRBYTE}"), ""
    except pytest.skip.Exception as skipped:
        return None, str(skipped).splitlines()[0][:100]


def unique(found: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    main()
