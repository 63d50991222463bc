"""Specs that do not compile, and why."""

from __future__ import annotations

import tempfile
from pathlib import Path

from generator.diagnostics import Diagnostic, SpecError
from generator.pipeline import compile_spec


def refused(text: str) -> list[Diagnostic]:
    """The errors of a spec that does not compile, in the order of their places."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(text)
        try:
            compile_spec(path)
        except SpecError as error:
            return [each for each in error.diagnostics if each.severity == "error"]
    raise AssertionError("the spec compiles")


def warned(text: str) -> list[Diagnostic]:
    """The warnings of a spec that compiles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(text)
        return list(compile_spec(path).warnings)
