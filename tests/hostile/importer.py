"""Imports generated packages and builds their clients and sources; nothing else may happen.

Run as a script, it reads folders of cases and prints what went wrong, by case, as JSON.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

ACTING = (
    *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"),
    *(
        "os.remove",
        "os.rename",
        "os.mkdir",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.chmod",
    ),
    *("subprocess.Popen", "pty.spawn", "shutil.", "socket.connect", "socket.bind"),
    *("socket.getaddrinfo", "urllib.Request", "ctypes.dlopen", "webbrowser.open"),
)
"""Starts of the names of audit events that an import has no business to raise."""

_watching = False
_seen: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event.startswith(ACTING):
        _seen.append(f"{event}{arguments!r}"[:200])
    if (
        event == "open"
        and isinstance(arguments[1], str)
        and set(arguments[1]) & set("wax+")
    ):
        _seen.append(f"open{arguments!r}"[:200])


def imported(folder: Path) -> dict[str, str]:
    global _watching
    problems: dict[str, str] = {}
    for case in sorted(folder.glob("case_*")):
        name = next(case.iterdir()).name
        sys.path.insert(0, str(case))
        importlib.invalidate_caches()
        before = set(sys.modules)
        runtime = sys.modules.get(f"{name}._runtime")
        if runtime is not None:
            runtime.__path__ = [str(case / name / "_runtime")]
        _seen.clear()
        _watching = True
        try:
            use(name, case)
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            problems[case.name] = (
                f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
            )
        finally:
            _watching = False
            sys.path.remove(str(case))
            for each in set(sys.modules) - before:
                # The runtime is the same in every package, see contract.py.
                if each.partition(".")[0] == name and "._runtime" not in each:
                    del sys.modules[each]
        if _seen:
            problems[case.name] = f"did something: {_seen[:3]}"
    return problems


def use(name: str, case: Path) -> None:
    package = importlib.import_module(name)
    assert str(case) in str(package.__file__), f"{name} is another module"
    for path in sorted((case / name).glob("*.py")):
        importlib.import_module(f"{name}.{path.stem}")
    names: list[str] = package.__all__
    for each in names:
        getattr(package, each)
    client_module = sys.modules[f"{name}.client"]
    client_class = only(client_module, "Client")
    source = only(package, "_source")
    credentials = credentials_of(client_module)
    arguments = filled(client_class)
    if credentials is not None:
        arguments["credentials"] = credentials
    errors = importlib.import_module(f"{name}._runtime.errors").ConnectorError
    try:
        client = client_class(**arguments)
    except errors:
        client = None  # such as a URL that only the caller makes whole
    if client is not None:
        assert dict(client.counts) == {}
    given = filled(source)
    made = source(**given)
    sources = sys.modules[f"{name}.source"]
    assert set(sources.RESOURCES) | {"rejected_records", "record_counts"} == set(
        made.resources
    ), "resources"
    if credentials is not None:
        source(**given, credentials=credentials)


def only(module: ModuleType, ending: str) -> Any:
    return getattr(
        module, next(each for each in module.__all__ if each.endswith(ending))
    )


def credentials_of(module: ModuleType) -> Any:
    for each in module.__all__:
        found = getattr(module, each)
        if each.endswith("Credentials") and dataclasses.is_dataclass(found):
            return found(**{one.name: "x" for one in dataclasses.fields(found)})
    return None


def filled(function: Any) -> dict[str, Any]:
    """A value for each argument that has to be given."""
    arguments: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        config = type(parameter.default).__name__ == "ConfigValueSentinel" or str(
            parameter.default
        ).startswith("dlt.config")
        if (parameter.default is parameter.empty or config) and name != "credentials":
            arguments[name] = 1 if "int" in str(parameter.annotation) else "x"
    return arguments


def main() -> None:
    # What dlt imports when it is first used must not be blamed on a package.
    import dlt.common.configuration.specs
    import dlt.sources.rest_api

    sys.dont_write_bytecode = True
    sys.addaudithook(_watch)
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        os.chdir(line.rstrip("\n"))
        print(json.dumps(imported(Path.cwd())), file=answers, flush=True)


if __name__ == "__main__":
    main()
