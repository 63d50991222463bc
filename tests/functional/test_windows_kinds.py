"""Windows over every type of cursor, and a process that is killed within one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest

from tests.functional.conftest import Make
from tests.functional.windows_api import BEGIN, Filtered, asked, events, iso
from tests.scripted import Api, Call
from tests.support import ROOT, table

DAY = timedelta(days=1)

SCRIPT = """
import sys
from datetime import datetime
import dlt
sys.path.insert(0, sys.argv[2])
from events import load
pipeline = dlt.pipeline(
    "killed", destination=dlt.destinations.duckdb(sys.argv[1] + "/killed.duckdb"),
    dataset_name="data", pipelines_dir=sys.argv[1] + "/killed",
)
print(len(load(pipeline, base_url=sys.argv[3], end="2024-02-20")))
"""


def spec(at: str, options: str, disposition: str = "append") -> str:
    return f"""
connector: events
silence: [no-auth, cursor-not-in-schema]
client: {{ base_url: https://api.example.com }}
resources:
  - name: events
    primary_key: id
    write_disposition: {disposition}
    schema: {{ type: object, required: [id], properties: {{ id: {{ type: integer }}{at} }} }}
    endpoint:
      data_selector: data
      paginator: {{ type: json_link, next_url_path: next }}
      incremental: {{ cursor_path: at, start_param: from, end_param: to, {options} }}
"""


def pipeline_in(folder: Path, name: str) -> dlt.Pipeline:
    return dlt.pipeline(
        name,
        destination=dlt.destinations.duckdb(str(folder / f"{name}.duckdb")),
        dataset_name="data",
        pipelines_dir=str(folder / name),
    )


def epoch(days: int, factor: int) -> int:
    return int((BEGIN + days * DAY).timestamp()) * factor


KINDS: dict[str, tuple[str, str, Any, list[tuple[str, str]]]] = {
    "date": (
        ", at: { type: string, format: date }",
        'window: P2D, initial_value: "2024-01-01"',
        lambda n: iso(BEGIN + n * DAY)[:10],
        [("2024-01-01", "2024-01-03"), ("2024-01-03", "2024-01-04")],
    ),
    "text": (
        "",
        'window: P2D, initial_value: "2024-01-01"',
        lambda n: iso(BEGIN + n * DAY),
        [
            ("2024-01-01T00:00:00Z", "2024-01-03T00:00:00Z"),
            ("2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z"),
        ],
    ),
    "epoch": (
        ", at: { type: integer }",
        "window: 2 days, initial_value: 1704067200, format: epoch",
        lambda n: epoch(n, 1),
        [("1704067200", "1704240000"), ("1704240000", "1704326400")],
    ),
    "epoch_ms": (
        ", at: { type: integer }",
        "window: 48 hours, initial_value: 1704067200000, format: epoch_ms",
        lambda n: epoch(n, 1000),
        [("1704067200000", "1704240000000"), ("1704240000000", "1704326400000")],
    ),
}


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_windows_meet_without_a_gap_or_a_double(
    package: Make, api: Api, folder: Path, kind: str, inclusive: bool
) -> None:
    at, options, value, bounds = KINDS[kind]
    records = [{"id": n, "at": value(n)} for n in range(10)]

    def route(call: Call) -> Any:
        low, high = call.query["from"], call.query["to"]
        return {
            "data": [
                each
                for each in records
                if low <= str(each["at"]) < high
                or (inclusive and str(each["at"]) == high)
            ]
        }

    api.routes["/events"] = route
    pipeline = pipeline_in(folder, "kinds")
    package(spec(at, options)).load(pipeline, base_url=api.url, end="2024-01-04")
    assert [
        (low.replace("+00:00", "Z"), high.replace("+00:00", "Z"))
        for low, high in asked(api, "/events")
    ] == bounds
    assert [row["id"] for row in table(pipeline, "events", "id")] == [0, 1, 2]


def test_months_are_those_of_the_calendar(
    package: Make, api: Api, folder: Path
) -> None:
    api.routes["/events"] = Filtered([])
    text = spec(
        ", at: { type: string, format: date }",
        'window: P1M, initial_value: "2024-01-31"',
    )
    pipeline = pipeline_in(folder, "months")
    package(text).load(pipeline, base_url=api.url, end="2024-04-15")
    assert asked(api, "/events") == [
        ("2024-01-31", "2024-02-29"),
        ("2024-02-29", "2024-03-29"),
        ("2024-03-29", "2024-04-15"),
    ]


@pytest.mark.parametrize("disposition", ["merge", "append"])
def test_a_process_killed_within_a_window_leaves_no_trace(
    package: Make, api: Api, folder: Path, disposition: str
) -> None:
    """The third of five windows has three pages; the process dies at its second one."""
    module = package(
        spec(
            ", at: { type: string, format: date-time }",
            'window: P10D, initial_value: "2024-01-01"',
            disposition,
        )
    )
    records = events(50, DAY)
    victim: list[subprocess.Popen[str]] = []

    def route(call: Call) -> Any:
        low, high = call.query["from"], call.query["to"]
        page = int(call.query.get("page", "0"))
        if victim and low == "2024-01-21T00:00:00Z" and page == 1:
            os.kill(victim.pop().pid, signal.SIGKILL)
        found = [each for each in records if low <= str(each["at"]) < high]
        more = f"/events?from={low}&to={high}&page={page + 1}"
        return {
            "data": found[4 * page : 4 * page + 4],
            "next": more if page < 2 else None,
        }

    api.routes["/events"] = route
    packages = folder / "packages"
    packages.mkdir()
    origin = Path(str(module.__file__)).parent
    (packages / "events").symlink_to(origin)

    def process() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), str(packages), api.url],
            env={**os.environ, "DLT_DATA_DIR": str(folder)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    first = process()
    victim.append(first)
    first.communicate(timeout=120)
    assert first.returncode == -signal.SIGKILL
    api.calls.clear()
    second = process()
    output, errors = second.communicate(timeout=120)
    assert (second.returncode, output) == (0, "3\n"), errors
    lows = sorted({low for low, _ in asked(api, "/events")})
    assert lows[0] == "2024-01-21T00:00:00Z"

    whole = pipeline_in(folder, "whole")
    module.load(whole, base_url=api.url, end=datetime(2024, 2, 20))
    killed = pipeline_in(folder, "killed")
    assert table(killed, "events", "id") == table(whole, "events", "id")
    assert len(table(whole, "events")) == 50
