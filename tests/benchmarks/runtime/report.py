"""The measured figures as Markdown: every aim with its verdict, then every process."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from statistics import median

from generator import __version__
from tests.benchmarks.runtime.measure import Bench, Cost
from tests.benchmarks.runtime.plan import WAYS, Aim, Comparison, Group, Run

PACKAGES = ("dlt", "pydantic", "pyarrow", "duckdb", "urllib3")


def versions(airbyte: str) -> str:
    here = [f"{name} {version(name)}" for name in PACKAGES]
    others = [f"airbyte-cdk {airbyte}"] if airbyte else []
    return ", ".join([f"gen-connector {__version__}", *here, *others])


def machine() -> str:
    return (
        f"{platform.system()} with {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )


def aims(groups: Mapping[Group, Bench], missing: Mapping[Run, str]) -> Iterator[str]:
    yield "| what | against | aim | measured | | whole processes |"
    yield "|---|---|---|---:|---|---:|"
    for group, bench in groups.items():
        for comparison in group.comparisons:
            for aim in comparison.aims:
                yield _line(comparison, aim, bench, missing)


def _line(
    comparison: Comparison, aim: Aim, bench: Bench, missing: Mapping[Run, str]
) -> str:
    ours, other = comparison.ours, comparison.other
    sign = "≥" if aim.bound == "at least" else "≤"
    aimed = f"{sign} {aim.times:g}x {aim.means or aim.figure}"
    left = f"| {comparison.what} | {comparison.against} | {aimed} |"
    for run in (ours, other):
        if run in missing:
            return f"{left} | {missing[run]} | |"
    for run in (ours, other):
        if run in bench.ended:
            taken = f"{WAYS[run.way].name} ended at {bench.ended[run].gigabytes:.0f} GB"
            return f"{left} {taken} | {'missed' if run is ours else 'reached'} | |"
    mine, theirs = middle(bench.costs[ours]), middle(bench.costs[other])
    match aim.figure:
        case "CPU":
            pair, whole = (mine.cpu, theirs.cpu), (mine.process, theirs.process)
        case "memory":
            pair = whole = (mine.peak, theirs.peak)
        case "wall time":
            pair = whole = (mine.wall, theirs.wall)
    ratio, processes = _ratio(aim, *pair), _ratio(aim, *whole)
    reached = ratio >= aim.times if aim.bound == "at least" else ratio <= aim.times
    verdict = "reached" if reached else "missed"
    beside = f"{processes:.2f}x" if pair != whole else ""
    return f"{left} {ratio:.2f}x | {verdict} | {beside} |"


def _ratio(aim: Aim, ours: float, other: float) -> float:
    return other / ours if aim.bound == "at least" else ours / other


def processes(benches: Iterable[Bench]) -> Iterator[str]:
    yield "| process | records | a page | CPU s | of the whole process | wall s | peak MB | before the load | records per CPU s | runs |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for bench in benches:
        for run, costs in bench.costs.items():
            cost, name = middle(costs), WAYS[run.way].name
            if run.latency:
                name += f", {run.latency} ms a page, {run.in_flight} in flight"
            counted = f"{run.records:,} | {run.page}" if run.records else " |"
            speed = f"{run.records / cost.cpu:,.0f}" if run.records else ""
            read = f"{cost.read:,.0f}" if cost.read else ""
            yield (
                f"| {name} | {counted} "
                f"| {cost.cpu:.2f} | {cost.process:.2f} | {cost.wall:.2f} "
                f"| {cost.peak:,.0f} | {read} | {speed} | {len(costs)} |"
            )


def middle(costs: list[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*map(median, zip(*costs, strict=True)))


def document(
    groups: Mapping[Group, Bench],
    missing: Mapping[Run, str],
    airbyte: str,
    rounds: int,
) -> str:
    repeated = f"medians of {rounds} runs" if rounds > 1 else "those of a single run"
    # The quick benchmark measures all groups as one.
    unique = {id(bench): bench for bench in groups.values()}.values()
    lines = [
        "# What loading costs",
        "",
        "Generated connectors at run time against other ways to read the same API, which is a",
        "server on loopback that sends prepared bytes. A record has 16 fields: five may be null,",
        "three are times, one is an object, one is a list of strings; three of ten records have",
        "two more fields that the schema does not name. Pages have 1000 records unless said",
        "otherwise.",
        "",
        "Every run is a process of its own; those of one block take turns, and figures are",
        f"{repeated}. After each run the rows in DuckDB, those of",
        "the child table and the values of undeclared fields are compared with what the server",
        "has; a difference ends the benchmark.",
        "",
        "CPU is user and system time as the kernel counts it, from the moment when dlt (or what",
        "takes its place) is imported: the import of the connector itself, of pyarrow and of",
        "DuckDB is part of it. The last column has the same ratio with Python's start and all",
        "imports. Memory is the peak of the whole process.",
        "",
        f"Measured on {machine()}, {versions(airbyte)}.",
        "On another machine the seconds differ; the ratios should not by much.",
        "",
        "## Aims",
        "",
        *aims(groups, missing),
        "",
        "## Processes",
        "",
        *processes(unique),
        "",
        "The configurations are in `tests/benchmarks/runtime/`. `columns=Model` leaves out the",
        "fields that are not in the model, and so does the floor; both make no child table, and",
        "the clients and `airbyte-cdk` load nothing. The peak of a process is not below that of",
        "the one that started it. What a process needs before dlt loads does not grow with the",
        "number of records where they are Arrow tables; DuckDB takes more while it loads a",
        "larger file, up to its `memory_limit`.",
        "",
        "## How to repeat",
        "",
        "`make bench-runtime` measures again and rewrites this file. In an environment,",
        "`python -m tests.benchmarks.bench_runtime` takes `--rounds N`, `--only NAME` for one",
        "block (printed, not written) and `--quick` for a look at whether everything works.",
    ]
    return "\n".join(lines) + "\n"
