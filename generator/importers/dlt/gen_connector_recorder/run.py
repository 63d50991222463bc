"""Executes the module as the program, then the sources that it only defines."""

from __future__ import annotations

import importlib
import os
import sys
import types
from typing import Any, List

from . import guard, recorders, stubs
from .sink import Sink


def main(module: str, answer: str) -> None:
    """Runs `module`; everything that is recorded goes to the file `answer`."""
    sink = Sink(answer)
    dlt: Any
    try:
        dlt = importlib.import_module("dlt")
        importlib.import_module("dlt.sources.rest_api")
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        sink.write("no-dlt", text=text[:500])
        return
    sink.write("dlt", version=str(getattr(dlt, "__version__", "")))
    folder = os.path.dirname(module)
    sys.path.insert(0, folder)
    os.chdir(folder)
    sys.argv = [module]
    given = stubs.Stubs(sink)
    recorder = recorders.Recorder(sink, given)
    recorders.install(recorder, dlt)
    stubs.install(given, dlt)
    guard.install()
    if _execute(module, recorder):
        for source in list(recorder.sources):
            if not source.called:
                _call(source, recorder)
        if recorder.count == 0:
            for source in _undecorated(module, recorder):
                _call(source, recorder)
    sink.write("done")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads of the module are not waited for


def _execute(module: str, recorder: recorders.Recorder) -> bool:
    """Runs the file as `python file` does; false where it fails."""
    program = types.ModuleType("__main__")
    program.__dict__["__file__"] = module
    sys.modules["__main__"] = program
    try:
        with open(module, "rb") as file:
            code = compile(file.read(), module, "exec")
        exec(code, program.__dict__)
    except SystemExit as ended:
        if ended.code not in (None, 0):
            recorder.problem(ended)
    except BaseException as error:
        recorder.problem(error)
        return recorder.count == 0 and bool(recorder.sources)
    return True


_MAKERS = frozenset({"rest_api_source", "rest_api_resources", "rest_api"})


def _undecorated(
    module: str, recorder: recorders.Recorder
) -> List[recorders.SourceFunction]:
    """Functions of the module that make a source, where nothing else does."""
    found: List[recorders.SourceFunction] = []
    for value in list(vars(sys.modules["__main__"]).values()):
        code: Any = getattr(value, "__code__", None)
        own = isinstance(value, types.FunctionType) and code.co_filename == module
        if own and _MAKERS & {*code.co_names, *code.co_varnames}:
            found.append(recorders.SourceFunction(recorder, value, {}))
    return found


def _call(source: recorders.SourceFunction, recorder: recorders.Recorder) -> None:
    try:
        source()
    except BaseException as error:
        recorder.problem(error, source.name)
