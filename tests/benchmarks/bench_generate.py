"""Whole processes: gen-connector with everything against datamodel-codegen's models only.

The two run in turns; a figure is the median of the runs. CPU is the user and system time
of the process, memory its peak resident set, both as the kernel counts them.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

HERE = Path(__file__).parent
REPORT = HERE.parent.parent / "docs" / "performance-generate.md"
ROUNDS = 7
SIZES = (3, 400)
# ru_maxrss is in KiB on Linux and in bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
PACKAGES = ("gen-connector", "datamodel-code-generator", "pydantic", "black", "PyYAML")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    cpu: float
    """Seconds."""
    wall: float
    """Seconds."""
    peak: float
    """MB."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A command, and what is done before each of its runs."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], None]
    aim: float | None = None
    """Its CPU and memory against the first contender's have to stay below this."""


def main() -> None:
    lines = [*introduction(), ""]
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            lines += [*table(size, measure(contenders(size, Path(folder)))), ""]
    lines += conclusion()
    text = "\n".join(lines) + "\n"
    REPORT.write_text(text, encoding="utf-8")
    print(text)


def contenders(size: int, folder: Path) -> list[Contender]:
    spec, schemas = folder / "bench.yaml", folder / "schemas.json"
    # In a process of its own: a child's peak is at least its parent's size at the start.
    maker = HERE / "spec_maker.py"
    run([sys.executable, str(maker), str(size), str(spec), str(schemas)])
    models, fresh, kept = folder / "models.py", folder / "fresh", folder / "kept"
    tools = Path(sys.executable).parent
    generate = [str(tools / "gen-connector"), str(spec), "--output"]
    run([*generate, str(kept)])
    return [
        Contender(
            "`datamodel-codegen`, models only",
            [
                str(tools / "datamodel-codegen"),
                *("--input", str(schemas), "--input-file-type", "jsonschema"),
                *("--output", str(models)),
            ],
            lambda: models.unlink(missing_ok=True),
        ),
        Contender(
            "`gen-connector`, everything",
            [*generate, str(fresh)],
            lambda: shutil.rmtree(fresh, ignore_errors=True),
            aim=1.0,
        ),
        Contender(
            "`gen-connector`, nothing changed",
            [*generate, str(kept)],
            lambda: None,
            aim=0.35,
        ),
    ]


def measure(entered: list[Contender]) -> list[tuple[Contender, list[Cost]]]:
    """The cost of every run after one that is not counted: it fills the caches."""
    costs: list[tuple[Contender, list[Cost]]] = [(each, []) for each in entered]
    for number in range(ROUNDS + 1):
        for contender, taken in costs:
            contender.prepare()
            cost = run(contender.command)
            if number:
                taken.append(cost)
    return costs


def run(command: Sequence[str]) -> Cost:
    started = perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=perf_counter() - started,
        peak=usage.ru_maxrss * RSS_UNIT / 1e6,
    )


def environment() -> dict[str, str]:
    """Python keeps what it compiles, as it does for users, whatever this shell says."""
    return {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }


def table(size: int, costs: list[tuple[Contender, list[Cost]]]) -> list[str]:
    lines = [
        f"## {size} resources",
        "",
        "| process | CPU s | wall s | peak MB | CPU | memory | aim |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    base: Cost | None = None
    for contender, taken in costs:
        cost = Cost(
            median(each.cpu for each in taken),
            median(each.wall for each in taken),
            median(each.peak for each in taken),
        )
        base = base or cost
        cpu, peak = cost.cpu / base.cpu, cost.peak / base.peak
        lines.append(
            f"| {contender.name} | {cost.cpu:.2f} | {cost.wall:.2f} | {cost.peak:.0f} "
            f"| {cpu:.2f}x | {peak:.2f}x | {verdict(contender.aim, cpu, peak)} |"
        )
    return lines


def verdict(aim: float | None, cpu: float, peak: float) -> str:
    if aim is None:
        return ""
    met = cpu < aim and peak < 1
    return f"CPU below {aim:g}x, memory below 1x: {'met' if met else 'missed'}"


def introduction() -> list[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        "# What generating costs",
        "",
        "Whole processes: `gen-connector` compiling a spec to a package, against",
        "`datamodel-codegen` with its default options generating only the models of the same",
        "JSON Schemas. Each record has 12 fields, one of them an object of two. The processes",
        f"run in turns; each figure is the median of {ROUNDS} runs, after one that is not counted.",
        "",
        f"Measured on {platform.system()} with {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {versions}.",
        "On another machine the seconds differ; the ratios should not by much.",
    ]


def conclusion() -> list[str]:
    return [
        "## How to repeat",
        "",
        "`make bench` measures again and rewrites this file. The specs are made by",
        "`tests/benchmarks/spec_maker.py`.",
    ]


if __name__ == "__main__":
    main()
