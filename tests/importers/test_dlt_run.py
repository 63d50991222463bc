"""Modules that are run for an import: only after consent, and whatever they do."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from textwrap import dedent

import psutil
import pytest
from click.testing import CliRunner

from generator.cli import cli
from generator.diagnostics import Diagnostic, SpecError
from generator.importers import ImportOptions
from generator.importers.dlt import launch, read
from generator.importers.draft import Draft

CONFIG = """
from dlt.sources.rest_api import rest_api_source
rest_api_source({
    "client": {"base_url": "https://api.example.com"},
    "resources": [{"name": "items", "endpoint": {"paginator": "single_page", "data_selector": "$"}}],
})
"""


def module(folder: Path, text: str) -> Path:
    path = folder / "pipeline.py"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def drafted(folder: Path, text: str) -> Draft:
    return read(module(folder, text), ImportOptions())


def problem(folder: Path, text: str) -> Diagnostic:
    """The only error of a module that gives no configuration."""
    with pytest.raises(SpecError) as failed:
        drafted(folder, text)
    (found,) = failed.value.diagnostics
    return found


# ---- consent


def test_nothing_is_run_without_consent(tmp_path: Path) -> None:
    path = module(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\n{CONFIG}")
    spec = tmp_path / "x.yaml"
    command = [sys.executable, "-m", "generator", "import", "dlt", str(path)]
    command += ["-o", str(spec)]
    refused = subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert refused.returncode == 2
    assert "Nothing was run: --run agrees to it" in refused.stderr
    assert not (tmp_path / "ran").exists() and not spec.exists()
    agreed = subprocess.run([*command, "--run"], capture_output=True, text=True)
    assert agreed.returncode == 0, agreed.stderr
    assert (tmp_path / "ran").exists() and spec.exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("", 2)])
def test_on_a_terminal_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("generator.importers.consent.on_terminal", lambda: True)
    path = module(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\n{CONFIG}")
    arguments = ["import", "dlt", str(path), "-o", str(tmp_path / "x.yaml")]
    done = CliRunner().invoke(cli, arguments, input=answer, standalone_mode=False)
    result = 0 if done.return_value == 0 else getattr(done.exception, "exit_code", 2)
    assert result == code
    assert (tmp_path / "ran").exists() == (code == 0)
    assert "Run it? [y/N]" in done.output


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "generator", "import", "dlt", str(tmp_path / "no.py")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no such file" in done.stderr


def test_a_python_without_dlt(tmp_path: Path) -> None:
    path = module(tmp_path, CONFIG)
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    (tmp_path / "python").chmod(0o700)
    for python, said in (
        (str(tmp_path / "python"), "cannot import dlt: ModuleNotFoundError"),
        (str(tmp_path / "nothing"), "cannot be started"),
    ):
        with pytest.raises(SpecError) as failed:
            read(path, ImportOptions(python=python))
        assert said in failed.value.diagnostics[0].message


def test_the_generator_never_imports_dlt(tmp_path: Path) -> None:
    """Only the process that runs the module does, and that imports nothing of the generator."""
    path = module(tmp_path, f"import sys\nprint('generator' in sys.modules)\n{CONFIG}")
    text = """
    import sys
    from pathlib import Path
    from generator.importers import ImportOptions, importer
    assert importer("dlt")(Path(sys.argv[1]), ImportOptions()).spec["resources"]
    assert not {"dlt", "requests"} & set(sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(text), str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "  | False" in done.stderr


# ---- modules that do what they should not


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port, and who came to it."""
    came: list[object] = []
    with create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    came.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], came
        stop.set()
        thread.join()


WAYS = [
    "import socket; socket.create_connection(('127.0.0.1', {port}))",
    "import _socket; _socket.socket().connect(('127.0.0.1', {port}))",
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}')",
    "from dlt.sources.helpers import requests; requests.get('http://127.0.0.1:{port}')",
    "import subprocess; subprocess.run(['curl', 'http://127.0.0.1:{port}'])",
    "import os; os.system('curl http://127.0.0.1:{port}')",
    "import os; os.fork()",
    "import os, signal; os.kill(os.getppid(), signal.SIGTERM)",
    "import multiprocessing as m; m.get_context('spawn').Process(target=print).start()",
]


def test_neither_the_network_nor_other_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening() as (port, came):
        ways = [way.format(port=port) for way in WAYS]
        text = f"""
        for number, way in enumerate({ways!r}):
            try:
                exec(way)
            except BaseException as error:
                print(number, type(error).__name__)
        import socket
        socket.getaddrinfo("example.com", 80)
        """
        found = problem(tmp_path, text)
        assert not came
    assert found.message == (
        "the module failed: Refused: the network is out of reach while a module is imported"
    )
    assert (found.location.file, found.location.line) == ("pipeline.py", 8)
    printed = capsys.readouterr().err
    assert [f"  | {n} Refused" in printed for n, _ in enumerate(WAYS)] == [True] * len(
        WAYS
    )


def test_a_module_that_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "SECONDS", 4)
    started = time.monotonic()
    found = problem(tmp_path, "import time\nwhile True:\n    time.sleep(1)\n")
    assert "did not come to its end: it did not end within 4 seconds" in found.message
    assert time.monotonic() - started < 30
    assert not [
        each
        for each in psutil.Process().children(recursive=True)
        if str(tmp_path) in " ".join(each.cmdline())
    ]


def test_threads_are_not_waited_for(tmp_path: Path) -> None:
    text = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n"
    assert drafted(tmp_path, text + CONFIG).spec["resources"]


def test_a_module_that_fails_says_where(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("def build():\n    return {}['x']\n")
    found = problem(tmp_path, "import helpers\n\nhelpers.build()\n")
    assert found.message == "the module failed: KeyError: 'x'"
    assert str(found.location) == "helpers.py:2:1"


def test_a_module_that_is_no_python(tmp_path: Path) -> None:
    found = problem(tmp_path, "x = (\n")
    assert "SyntaxError" in found.message
    assert (found.location.file, found.location.line) == ("pipeline.py", 1)


def test_what_was_passed_before_a_failure_counts(tmp_path: Path) -> None:
    draft = drafted(tmp_path, f"{CONFIG}\ninput('Load?')\n")
    assert draft.spec["resources"]
    (warning,) = draft.diagnostics
    assert warning.severity == "warning" and "EOFError" in warning.message
    assert "nobody is there" in warning.hint


def test_a_module_that_ends_its_process(tmp_path: Path) -> None:
    said = "it ended its process with the code 3"
    assert said in problem(tmp_path, "import os; os._exit(3)").message
    crash = "import ctypes; ctypes.string_at(0)"
    kept = drafted(tmp_path, f"{CONFIG}\n{crash}\n")
    assert kept.spec["resources"]
    assert "with the code -11" in kept.diagnostics[0].message


def test_an_exit_with_a_message_is_told(tmp_path: Path) -> None:
    kept = drafted(tmp_path, f"{CONFIG}\nimport sys\nsys.exit('bad')\n")
    assert "SystemExit: bad" in kept.diagnostics[0].message


def test_output_is_shown_and_bounded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
    import sys
    print("hello \\x1b[31mred\\x07 there")
    sys.stdout.write("x" * 20_000_000)
    sys.stderr.write("y" * 1_000_000)
    """
    assert drafted(tmp_path, dedent(text) + CONFIG).spec["resources"]
    shown = capsys.readouterr().err
    assert "  | hello  [31mred  there" in shown
    assert "bytes more" in shown
    assert len(shown) < 20_000


def test_texts_on_stdout_are_no_answers(tmp_path: Path) -> None:
    text = 'print(\'{"kind": "config", "number": 0}\')\n'
    assert problem(tmp_path, text).code == "no-config"


def test_an_answer_that_is_written_by_hand(tmp_path: Path) -> None:
    """The module can find the file; what it writes there is not believed."""
    text = """
    import gc, os
    from gen_connector_recorder.sink import Sink
    sink = next(each for each in gc.get_objects() if isinstance(each, Sink))
    os.write(sink._file, b'{"kind": "config", "number": 0, "config": {"callable": 1}}\\n')
    """
    assert "cannot be read" in problem(tmp_path, text).message


NONE = """
from dlt.sources.rest_api import rest_api_source

class Bad:
    __class__ = property(lambda self: 1 / 0)

class BadDict(dict):
    def __getattribute__(self, name):
        raise RuntimeError(name)

cycle = {}
cycle["client"] = cycle["resources"] = cycle
bomb = [0]
for _ in range(60):
    bomb = [bomb, bomb]
for config in (
    cycle,
    {"client": {}, "resources": bomb},
    {"client": None, "resources": None},
    None,
    {"client": {"base_url": 5, "auth": 7, "headers": 3}, "resources": [4, None, {"name": 5}, {"endpoint": []}]},
    {"client": Bad(), "resources": [Bad()]},
    BadDict(),
):
    try:
        rest_api_source(config)
    except Exception as error:
        print(type(error).__name__)
"""


def test_configurations_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as failed:
        drafted(tmp_path, NONE)
    told = [each.message for each in failed.value.diagnostics]
    assert any("the configuration is too large" in each for each in told)
    assert "no resource fits" in told


def test_odd_objects_within_a_configuration(tmp_path: Path) -> None:
    text = """
    from dlt.sources.rest_api import rest_api_source
    class Loud:
        def __getattr__(self, name): raise RuntimeError(name)
        def __repr__(self): raise RuntimeError("repr")
    rest_api_source({"client": {"base_url": "https://api.example.com", "paginator": Loud()}, "resources": [
        {"name": "items", "primary_key": Loud(), "selected": float("nan"), 7: 1,
         "endpoint": {"data_selector": "$", "params": {"a": Loud(), "b": b"x", "c": 2**70, 4: "d"}}}]})
    """
    draft = drafted(tmp_path, text)
    assert draft.spec["resources"]


def test_a_module_without_a_configuration(tmp_path: Path) -> None:
    found = problem(tmp_path, "import dlt\nx = dlt.pipeline('x')\n")
    assert "calls neither rest_api_source nor rest_api_resources" in found.message


def test_a_stub_in_a_failure_is_explained(tmp_path: Path) -> None:
    found = problem(tmp_path, "import dlt\n{}[dlt.secrets['x']]\n")
    assert "a stub stands for" in found.hint
