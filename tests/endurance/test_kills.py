"""A load that is killed at any moment, and started again, ends with the tables of one that was not."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb
import pytest

from tests.endurance.kills import DATABASE, Kill, Run, started
from tests.endurance.shop import (
    CREDENTIALS,
    END,
    RECORDS,
    AHEAD,
    SPEC,
    entries,
    open_shop,
    orders,
)
from tests.equality.loading import ALWAYS, NEVER
from tests.endurance.tables import in_doubt, problems, rows, stuck
from tests.scripted import serving
from tests.support import compiled

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
"""`make kills`, `make faults`."""
KILLS = 30
WAYS: tuple[tuple[str, Sequence[str]], ...] = (
    ("run", tuple(RECORDS)),
    ("load", ("agents", "tickets", "orders")),
    ("load", ("audit", "changes", "visits")),
)
"""What is run, and the resources."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop's connector."""
    return made(SPEC, tmp_path_factory.mktemp("shop"))


def made(spec: str, folder: Path) -> Path:
    (folder / "shop.yaml").write_text(spec)
    compiled(folder / "shop.yaml", folder)
    return folder


@contextmanager
def shop(
    packages: Path,
    folder: Path,
    way: str,
    resources: Sequence[str] = tuple(RECORDS),
    *,
    strict: bool = False,
    smallest: int = NEVER,
) -> Iterator[dict[str, Any]]:
    """What a child is told, while the shop is open; `smallest` batches are Arrow tables."""
    with serving() as api:
        open_shop(api, strict=strict)
        yield {
            "folder": str(folder),
            "packages": str(packages),
            "package": "shop",
            "url": api.url,
            "way": way,
            "resources": resources,
            "end": END,
            "credentials": CREDENTIALS,
            "smallest": smallest,
        }


def ended(order: dict[str, Any]) -> Run:
    """A run that nothing disturbs."""
    run = started(order)
    assert run.code == 0, run.error[-3000:]
    return run


@pytest.mark.slow
def test_four_kills_in_a_row(packages: Path, tmp_path: Path) -> None:
    """In each step once; what is started again finds what the one before left."""
    folder = tmp_path / "load"
    kills = [
        Kill(pattern="load: .* to .*/completed_jobs/tickets__tags"),
        Kill(pattern="extract: .*/orders\\."),  # once the tickets are loaded
        Kill(pattern="normalize: .*/orders__lines\\."),
        Kill(part=5, operation=3),  # once that window is loaded
    ]
    steps: list[str] = []
    names = ["tickets", "orders"]
    with shop(packages, folder, "load", names) as order:
        # One file after the other: a kill between two finds none half noted.
        order["settings"] = {"LOAD__WORKERS": "1"}
        for kill in kills:
            run = started(order, kill)
            assert run.killed, run.error[-3000:]
            steps.append(run.parts[-1])
            assert not in_doubt(folder)
        ended(order)
    assert problems(folder / DATABASE, names) == []
    assert steps == ["load", "extract", "normalize", "between"]


@pytest.mark.slow
def test_a_window_whose_state_is_in_its_package_only(
    packages: Path, tmp_path: Path
) -> None:
    """Killed before dlt kept the state in its folder: the destination has it in the end."""
    folder = tmp_path / "load"
    with shop(packages, folder, "load", ["visits"]) as order:
        run = started(order, Kill(pattern="5 between: .* to .*/state.json"))
        assert run.killed, run.error[-3000:]
        ended(order)
    assert problems(folder / DATABASE, ["visits"]) == []


def test_windows_with_a_refresh_token_that_is_good_once(
    packages: Path, tmp_path: Path
) -> None:
    """Each window has a client of its own, which begins with the token of the one before."""
    with shop(packages, tmp_path / "load", "load", ["visits"], strict=True) as order:
        ended(order)
    assert problems(tmp_path / "load" / DATABASE, ["visits"]) == []


@pytest.mark.skipif(not WHOLE, reason="run by make kills")
@pytest.mark.parametrize(
    ("seed", "spec", "smallest"),
    [(1, SPEC, NEVER), (2, AHEAD, ALWAYS)],
    ids=["as dicts, in turn", "as Arrow tables, read ahead"],
)
def test_kills_at_random_moments(
    tmp_path: Path, seed: int, spec: str, smallest: int
) -> None:
    """Uniform over the time of a run, or over a step's changes of files; up to three in a row."""
    chance = random.Random(seed)
    packages = made(spec, tmp_path)
    undisturbed: list[tuple[str, Sequence[str], Run]] = []
    for number, (way, names) in enumerate(WAYS):
        folder = tmp_path / f"undisturbed {number}"
        with shop(packages, folder, way, names, smallest=smallest) as order:
            run = ended(order)
        undisturbed.append((way, names, run))
        assert problems(folder / DATABASE, names) == []
        assert (".parquet" in str(run.operations)) is (smallest == ALWAYS)
    steps: Counter[str] = Counter()
    doubts = scenario = 0
    found: list[str] = []
    while steps.total() < KILLS:
        scenario += 1
        way, names, whole = chance.choice(undisturbed)
        folder = tmp_path / f"{scenario}"
        doubtful: set[str] = set()
        fell: list[str] = []
        with shop(packages, folder, way, names, smallest=smallest) as order:
            for _ in range(chance.choice([1, 1, 2, 3])):
                run = started(order, moment(chance, whole))
                if not run.killed:
                    assert run.code == 0, run.error[-3000:]
                    break
                steps[run.parts[-1]] += 1
                fell.append(run.fell)
                print(f"{steps.total()}: {way}, {run.fell}", flush=True)
                doubtful |= in_doubt(folder)
                if way != "load":
                    doubts += tidied(folder)
            ended(order)
        doubts += bool(doubtful)
        wrong = [
            each
            for each in problems(folder / DATABASE, names)
            if each.split(":")[0].split("__")[0] not in doubtful
        ]
        found += [f"{scenario} {way}, killed in {fell}: {each}" for each in wrong]
    print(f"\n{steps.total()} killed runs of {scenario} loads: {dict(steps)};")
    print(f"{doubts} of them where dlt had not noted what is done, see docs/crashes.md")
    assert not found, "\n".join(found)
    assert set(steps) == {"extract", "normalize", "load", "between"}


def moment(chance: random.Random, run: Run) -> Kill:
    if chance.random() < 0.6:
        return Kill(seconds=chance.uniform(0, run.seconds))
    step = chance.choice(["extract", "normalize", "load", "between"])
    places = [
        (part, number)
        for part, done in enumerate(run.operations, 1)
        for number in range(1, len(done) + 1)
        if run.parts[part - 1] == step
    ]
    part, number = chance.choice(places)
    return Kill(part=part, operation=number)


@pytest.mark.skipif(not WHOLE, reason="run by make kills")
@pytest.mark.parametrize("way", ["dlt", "run"])
@pytest.mark.parametrize(
    ("table", "doubled"),
    [("audit", True), ("agents", True), ("orders", True), ("orders__tags", False)],
)
def test_a_file_that_dlt_did_not_note_is_loaded_twice(
    packages: Path, tmp_path: Path, way: str, table: str, doubled: bool
) -> None:
    """With and without a connector: the destination has it, and dlt dies before it notes that."""
    folder = tmp_path / way
    sent = entries(20) if table in ("audit", "agents") else orders(20)
    fitting = [each for each in sent if isinstance(each["weight"], int)]
    with shop(packages, folder, way) as order:
        order["rows"] = fitting
        kill = Kill(pattern=rf"to .*\.pending_transitions/{table}\.")
        run = started(order, kill)
        assert run.killed and run.parts[-1] == "load", run.error[-3000:]
        assert table in in_doubt(folder)
        ended(order)
        amount, distinct = counted(folder, table)
        assert (amount == 2 * distinct) is doubled
        if way == "dlt" and table in ("agents", "orders"):
            ended(order)  # all the rows again
        else:
            with duckdb.connect(str(folder / DATABASE)) as connection:
                connection.execute(
                    f"delete from data.{table} where rowid not in"
                    f" (select min(rowid) from data.{table} group by _dlt_id)"
                )
    assert counted(folder, table) == (distinct, distinct)


def counted(folder: Path, table: str) -> Any:
    """Rows of a table, and names of rows."""
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        query = f"select count(*), count(distinct _dlt_id) from data.{table}"
        return rows(connection, query)[0]


LEFT = {
    "LoadPackageAlreadyCompleted": "load: .*rename .*/normalized/.* to .*/loaded/",
    "Directory not empty": "normalize: .*rmtree .*/normalize/extracted/",
}
"""What dlt says after a kill just before a step of its own that does not come alone."""


@pytest.mark.parametrize("message", LEFT)
def test_load_tidies_up_what_dlt_stops_at(
    packages: Path, tmp_path: Path, message: str
) -> None:
    folder = tmp_path / "load"
    with shop(packages, folder, "load", ["tickets"]) as order:
        ended(order)  # dlt wipes the folder of a pipeline whose first run did not end
        run = started(order, Kill(pattern=LEFT[message]))
        assert run.killed and stuck(folder), run.error[-3000:]
        ended(order)
        assert not stuck(folder)
    assert problems(folder / DATABASE, ["tickets"]) == []
    amount, distinct = loads(folder)
    assert amount == distinct


@pytest.mark.skipif(not WHOLE, reason="run by make kills")
@pytest.mark.parametrize("message", LEFT)
@pytest.mark.parametrize("way", ["dlt", "run"])
def test_what_dlt_stops_at(
    packages: Path, tmp_path: Path, way: str, message: str
) -> None:
    """With and without a connector, where nothing tidies up."""
    folder = tmp_path / way
    with shop(packages, folder, way, ["tickets"]) as order:
        order["rows"] = [{"id": 1}]
        ended(order)
        run = started(order, Kill(pattern=LEFT[message]))
        assert run.killed, run.error[-3000:]
        run = started(order)
        assert run.code == 1 and message in run.error
        assert tidied(folder)
        ended(order)
    amount, distinct = loads(folder)
    # Once more for each attempt at a load that the destination named already.
    assert amount == distinct + 2 * (message == "LoadPackageAlreadyCompleted")


def tidied(folder: Path) -> int:
    """Deletes what dlt stops at, as a user has to who runs a pipeline without `load()`."""
    found = stuck(folder)
    for path in found:
        rmtree(path) if path.is_dir() else path.unlink()
    return len(found)


def loads(folder: Path) -> Any:
    """How many loads the destination names, and how many different ones."""
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        query = "select count(*), count(distinct load_id) from data._dlt_loads"
        return rows(connection, query)[0]


@pytest.mark.skipif(not WHOLE, reason="run by make kills")
@pytest.mark.parametrize(("way", "times"), [("run", 2), ("load", 2)])
def test_what_is_appended_without_a_cursor_is_there_once_a_run(
    packages: Path, tmp_path: Path, way: str, times: int
) -> None:
    """A run that came to its end and is started again appends again."""
    folder = tmp_path / way
    with shop(packages, folder, way) as order:
        ended(order)
        ended(order)
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        amounts = {
            name: rows(
                connection, f"select count(*) / count(distinct id) from data.{name}"
            )
            for name in ("audit", "changes")
        }
    assert amounts == {"audit": [(times,)], "changes": [(1,)]}
