"""The connector's files: each template printed with its view, and the shared files it uses."""

from __future__ import annotations

import os
import re
from functools import cache

from jinja2 import Environment

from generator import ir
from generator.formatting import stable
from generator.rendering_env import environment
from generator.templates import FOLDER
from generator.views.client import client_view
from generator.views.package import columns_view, init_view, readme_view
from generator.views.paginators import paginators_view
from generator.views.replaying import replayed, replaying_view
from generator.views.shaping import hooks_view, shaped, shaping_view
from generator.views.source import source_view

RUNTIME = "_runtime"


def render(connector: ir.Connector, models: str) -> dict[str, str]:
    """Path in the package to text, for everything but the manifest.

    `models` is models.py, which the model library made.
    """
    files = {
        "__init__.py": _print("__init__.py", init_view(connector, models)),
        "client.py": _print("client.py", client_view(connector)),
        "columns.py": _print("columns.py", columns_view(connector)),
        "models.py": models,
        "paginators.py": _print("paginators.py", paginators_view(connector)),
        "py.typed": "",
        "README.md": _print("README.md", readme_view(connector)),
        "source.py": _print("source.py", source_view(connector)),
    }
    if not any(each.table.columns for each in connector.resources):
        del files["columns.py"]
    if replayed(connector):
        files["replaying.py"] = _print("replaying.py", replaying_view(connector))
    if shaped(connector):
        files["shaping.py"] = _print("shaping.py", shaping_view(connector))
    files.update(_runtime_files(files))
    return files


def hooks_module(connector: ir.Connector) -> str:
    """The text of hooks.py as it is written once; empty for a connector without hooks."""
    return _print("hooks.py", hooks_view(connector)) if connector.hooks else ""


def _print(name: str, view: object) -> str:
    text = _environment().get_template(f"package/{name}.j2").render(view=view)
    return stable(text) if name.endswith(".py") else text


@cache
def _environment() -> Environment:
    return environment()


def _runtime_files(files: dict[str, str]) -> dict[str, str]:
    """The shared plain-Python files that the package imports, and those they import."""
    wanted = {"__init__"}
    waiting = [
        name
        for path, text in files.items()
        if path.endswith(".py")
        for name in re.findall(r"^from \._runtime\.(\w+) import", text, re.MULTILINE)
    ]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(
                re.findall(r"^\s*from \.(\w+) import", runtime_text(name), re.MULTILINE)
            )
    return {f"{RUNTIME}/{name}.py": runtime_text(name) for name in sorted(wanted)}


@cache
def runtime_text(name: str) -> str:
    """The text of a shared file, as it stands in the template tree."""
    path = os.path.join(FOLDER, "package", RUNTIME, f"{name}.py")
    with open(path, encoding="utf-8") as file:
        return file.read()
