"""Nothing is run before somebody says so."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.diagnostics import shown


def ask(source: Path, agreed: bool) -> None:
    """Returns if the module may be run; raises UsageError where nobody can be asked."""
    if agreed or not source.is_file():
        return
    told = (
        f"importing runs {shown(str(source))}: in a process of its own, without network, with "
        "stubs for its secrets"
    )
    if not on_terminal():
        raise click.UsageError(f"{told}. Nothing was run: --run agrees to it")
    try:
        agreed = click.confirm(f"{told[0].upper()}{told[1:]}. Run it?", err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise click.UsageError("nothing was run")


def on_terminal() -> bool:
    """Whether somebody can read the question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()
