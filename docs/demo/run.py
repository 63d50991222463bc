"""From a spec to tables: compiles the help desk's spec and loads it from a practice API."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "build" / "demo"
# The demo keeps to its folder and sends no telemetry.
os.environ.setdefault("DLT_DATA_DIR", str(FOLDER / "dlt"))
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")

import dlt  # noqa: E402
import duckdb  # noqa: E402
import yaml  # noqa: E402

from generator.practice import Options, PracticeServer  # noqa: E402
from generator.spec import Spec  # noqa: E402

SPEC = "specs/tickets.yaml"
RESOURCES = ["organizations", "agents", "tickets"]
COLUMNS = {
    "organizations": "id, company_name, edition, country",
    "agents": "id, first_name, last_name, status, time_zone",
    "tickets": "ticket_number, subject, status_type, priority, created_time::date as created",
}
WIDTH = 100


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    # A terminal of another encoding shows question marks instead of failing.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    os.chdir(ROOT)

    step(1, "Compile the spec to a Python package")
    command = ["gen-connector", SPEC, "--output", shown(FOLDER)]
    print("$", *command, flush=True)
    program = Path(sys.executable).with_name(command[0])
    code = subprocess.run([program, *command[1:]]).returncode
    if code:
        sys.exit(code)

    step(2, "Start an API that behaves as the spec says")
    raw = yaml.safe_load((ROOT / SPEC).read_text(encoding="utf-8"))
    with PracticeServer(Spec.model_validate(raw), raw, Options(records=180)) as server:
        print(f"listening at {server.url}, tokens from {server.token_url}")

        step(3, "Load three resources through the package and dlt into DuckDB")
        started = perf_counter()
        load(server)
        seconds = perf_counter() - started
        print(f"{len(server.requests)} requests, {seconds:.1f} seconds")
        held = {name: len(server.records[name]) for name in RESOURCES}

    step(4, "Look at the tables")
    loaded = show()
    if loaded != held:
        sys.exit(f"the API holds {held}, but the tables have {loaded}")
    print("Every record that the API holds is there.")
    print(f"The spec is {SPEC}, the package {shown(FOLDER)}/tickets:")
    print("read its README.md first, then client.py and models.py.")


def load(server: PracticeServer) -> None:
    """What a user of the package writes."""
    sys.path.insert(0, str(FOLDER))
    from tickets import TicketsCredentials, tickets_source

    pipeline = dlt.pipeline(
        "tickets",
        destination=dlt.destinations.duckdb(str(FOLDER / "demo.duckdb")),
        dataset_name="help_desk",
    )
    source = tickets_source(
        resources=RESOURCES,
        base_url=server.url,
        token_url=server.token_url,
        credentials=TicketsCredentials(**server.credentials),
    )
    pipeline.run(source)


def show() -> dict[str, int]:
    """Prints the tables; returns their numbers of rows."""
    with duckdb.connect(str(FOLDER / "demo.duckdb"), read_only=True) as connection:
        counts: dict[str, int] = {}
        for name in RESOURCES:
            table = f"help_desk.{name}"
            counted = connection.sql(f"select count(*) from {table}").fetchall()
            counts[name] = counted[0][0]
            print(f"{name}: {counts[name]} rows, for example")
            query = f"select {COLUMNS[name]} from {table} order by 1 limit 4"
            connection.sql(query).show(max_width=WIDTH)
    return counts


def step(number: int, title: str) -> None:
    print(f"\n{number}. {title}\n", flush=True)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    main()
