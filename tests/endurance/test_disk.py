"""A full disk: the run fails and says why; with space again it ends, and nothing is half there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from tests.endurance.kills import DATABASE, command, environment
from tests.endurance.tables import fitting, problems, rows
from tests.endurance.test_kills import WHOLE, packages, shop

__all__ = ["packages"]

SCRIPT = """
place=$1; size=$2; shift 2
mount -t tmpfs -o size=$size none "$place" || exit 77
"$@" 2> first
echo $? > code
cp -r database before
mount -o remount,size=100m "$place"
"$@" 2> second
code=$?
cp -r database after
exit $code
"""
"""Runs a command twice beside a small disk, which is larger the second time."""


@pytest.mark.skipif(not WHOLE, reason="run by make faults")
@pytest.mark.skipif(not shutil.which("unshare"), reason="no name spaces here")
@pytest.mark.parametrize(
    ("place", "size"), [("pipelines", "60k"), ("database", "1200k")]
)
def test_a_full_disk(packages: Path, tmp_path: Path, place: str, size: str) -> None:
    folder = tmp_path / "full"
    names = ("tickets", "audit")
    (folder / place).mkdir(parents=True)
    with shop(packages, folder, "run", names) as order:
        done = subprocess.run(
            # a name space of its own: the disk is gone with its last process
            ["unshare", "--map-root-user", "--mount", "bash", "-c", SCRIPT, "bash"]
            + [place, size, *command(order)],
            cwd=folder,
            env=environment(order),
            capture_output=True,
            text=True,
            timeout=600,
        )
    if not (folder / "code").exists():
        pytest.skip(f"no disk can be mounted here: {done.stderr}")
    assert (folder / "code").read_text() == "1\n"
    assert "No space left on device" in (folder / "first").read_text()
    assert not half_there(folder / "before" / "shop.duckdb", names)
    assert done.returncode == 0, (folder / "second").read_text()[-3000:]
    assert problems(folder / "after" / "shop.duckdb", names) == []


def half_there(database: Path, names: Sequence[str]) -> list[str]:
    """Tables with a part of their rows, and loads that are called complete."""
    found: list[str] = []
    with duckdb.connect(str(database)) as connection:
        query = "select table_name from information_schema.tables where table_schema = 'data'"
        there = {name for (name,) in rows(connection, query)}
        for name in (*names, "_dlt_loads"):
            complete = len(fitting(name)) if name in names else 0
            if name in there:
                ((amount,),) = rows(connection, f"select count(*) from data.{name}")
                if amount not in (0, complete):
                    found.append(f"{name}: {amount} of {complete}")
    return found
